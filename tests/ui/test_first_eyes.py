"""What somebody who had never seen the window stumbled over, and does no more."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton, QScrollArea

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.package.view import PackagePage
from ui.releases.view import ReleasesPage
from ui.widgets.sidebar import Sidebar
from workstation.core.errors import Refused
from workstation.demo import sample
from workstation.demo.story import PASSPHRASE
from workstation.settings import Settings


@dataclass(kw_only=True, eq=False)
class _Long(Refused):
    """Something with very many words to it."""

    code: ClassVar[str] = "SET-010"
    path: str
    reason: str


def test_enter_in_the_last_field_of_the_first_run_makes_the_vault(open_at: Open) -> None:
    """As on the page that unlocks, no button need be looked for."""
    bench = open_at("nothing")
    bench.press("I accept")
    for name in ("Office", "Custodian's name", "Staff number", "Login name"):
        bench.type(name, "abara")
    for name in ("Passphrase", "Passphrase again"):
        bench.type(name, PASSPHRASE)
    bench.key(Qt.Key.Key_Return)
    bench.wait_done()
    assert "People are enrolled on the page People." in bench.words()


def test_a_long_notice_leaves_the_page_two_thirds_of_the_window(open_at: Open) -> None:
    """However many its words, it is scrolled inside, by keyboard too; a short one takes no stop of Tab."""
    bench = open_at("opened", "ibarra")
    window, panel = bench.window, bench.window.notices
    words = panel.findChild(QScrollArea)
    panel.tell("Done.")
    bench.settle()
    assert words.focusPolicy() is Qt.FocusPolicy.NoFocus
    short = panel.height()
    height = window.height()
    panel.explain(_Long(path="a", reason="many words " * 400))
    bench.wait_until(lambda: words.height() > short)
    assert words.height() <= height / 3
    assert words.focusPolicy() is Qt.FocusPolicy.StrongFocus
    assert window.height() == height
    panel.tell("Done.")
    bench.wait_until(lambda: panel.height() == short)


def test_places_are_told_as_one_of_several(open_at: Open) -> None:
    """A screen reader hears radio buttons, of which exactly one is chosen, not boxes to tick."""
    bench = open_at("opened", "ibarra")
    buttons = [
        button
        for button in bench.window.findChild(Sidebar).findChildren(QPushButton)
        if button.isCheckable() and button.isVisible()
    ]
    roles = {QAccessible.queryAccessibleInterface(button).role() for button in buttons}
    assert roles == {QAccessible.Role.RadioButton}
    for name in ("Cases", "Vault"):
        bench.press(name)
        assert [button.isChecked() for button in buttons].count(True) == 1


def test_the_next_step_leads_to_closing(open_at: Open, tmp_path: Path) -> None:
    """After the release the button of the next step enters the card that closes the case."""
    bench = open_at("requested", "tanaka")
    bench.list_medium(tmp_path)
    bench.window.findChild(ReleasesPage).folder_chosen.emit(tmp_path)
    bench.type("Marking on its label", "UNCLASSIFIED")
    bench.passphrase("Your passphrase")
    bench.press("Sign, write and read back")
    bench.window.lock("asked")
    bench.arrive("ibarra")
    bench.window.show_case(CASE, "overview")
    bench.press("Go to closing")
    assert bench.window.focusWidget().accessibleName() == "Reason for closing"


def test_what_cannot_be_accepted_is_only_offered_for_return(open_at: Open, tmp_path: Path) -> None:
    """A changed file in a bag: words say so, the one button is the return, the keyboard stays on the page."""
    bag = sample.write_sample(tmp_path, sent_on=date(2027, 3, 1), planned_release_on=date(2027, 4, 1))
    (bag / "data" / "model-card.md").write_text("another")
    bench = open_at("opened", "ibarra")
    bench.window.show_case(CASE, "package")
    page = bench.window.findChild(PackagePage)
    assert bench.button("Choose a folder or bag").hasFocus()
    page.received.emit(bag)
    bench.wait_done()
    assert "It cannot be accepted as it is" in bench.words()
    assert not bench.has_button("Accept out of quarantine")
    assert bench.button("Return as deficient").property("primary")
    assert page.isAncestorOf(bench.window.focusWidget())


def test_alt_and_a_letter_take_the_keyboard_along(open_at: Open) -> None:
    """On the part of a case that was turned to, keys go to its first field at once."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    bench.key(Qt.Key.Key_H, Qt.KeyboardModifier.AltModifier)
    assert bench.window.router.place.tab == "checklist"
    assert bench.window.router.page.part.isAncestorOf(bench.window.focusWidget())


def test_what_has_the_keyboard_is_in_sight_with_large_text(open_at: Open) -> None:
    """With text twice as large the files lie below the window; the page scrolls to them with the keyboard."""
    bench = open_at("quarantined", "ibarra")
    bench.window.restyle(Settings(text_percent=200))
    bench.window.show_case(CASE, "package")
    now = bench.window.focusWidget()
    assert now is bench.table("Files of the package")
    bench.wait_until(lambda: not now.visibleRegion().isEmpty())


def test_every_place_is_in_sight_on_a_small_screen(open_at: Open) -> None:
    """At 1366 by 768 and ordinary text nobody scrolls for a place; the name over them gives way first."""
    for login_name in ("abara", "tanaka", "osei"):
        bench = open_at("requested", login_name)
        sidebar = bench.window.findChild(Sidebar)
        bar = sidebar.findChild(QScrollArea).verticalScrollBar()
        bench.wait_until(lambda bar=bar: bar.maximum() == 0)
        places = [one for one in sidebar.findChildren(QPushButton) if one.property("nav") and one.isVisible()]
        assert len(places) >= 10
        assert all(not one.visibleRegion().isEmpty() for one in places)
        bench.window.lock("asked")
