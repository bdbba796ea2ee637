"""The window without a mouse."""

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QPlainTextEdit, QTabBar

import resources
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui import keys, panes
from ui.cases.workspace import NAMES, CaseWorkspace
from ui.help.view import CHAPTERS, HelpPage, text_of
from ui.routes import PAGES

CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def mnemonics(bench: Bench) -> list[str]:
    texts = [button.text() for button in bench.all(QAbstractButton)]
    for bar in bench.all(QTabBar):
        texts += [bar.tabText(i) for i in range(bar.count())]
    return [text[text.index("&") + 1].upper() for text in texts if "&" in text.replace("&&", "")]


@pytest.mark.parametrize(("stage", "who"), [("both-submitted", "ibarra"), ("requested", "tanaka")])
def test_no_page_gives_one_letter_to_two_things(open_at: Open, stage: str, who: str) -> None:
    """Alt and a letter means one thing on each page."""
    bench = open_at(stage, who)
    for name in NAMES:
        bench.window.show_case(CASE, name)
        assert [letter for letter, count in Counter(mnemonics(bench)).items() if count > 1] == []


def test_every_key_of_the_table_is_bound_exactly_once(open_at: Open) -> None:
    """The sheet and the shortcuts are the same table."""
    bench = open_at("people", "ibarra")
    bound = Counter(
        s.key().toString() for s in bench.window.findChildren(QShortcut) if s.parent() is bench.window
    )
    acting = [QKeySequence(key.keys).toString() for key in keys.KEYS if key.act]
    assert bound == Counter(acting)
    assert all(key.keys in keys.sheet() and key.words in keys.sheet() for key in keys.KEYS)


def test_the_sheet_of_keys_opens_and_leads_back(open_at: Open) -> None:
    """Ctrl+/ shows the table; Esc returns to the case with the keyboard in it."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.key(Qt.Key.Key_Slash, CONTROL)
    assert isinstance(bench.page, HelpPage)
    assert "Lock the vault" in bench.named(QPlainTextEdit, "Text of the chapter").toPlainText()
    bench.key(Qt.Key.Key_Escape)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.table("Criteria").hasFocus()


def test_help_opens_at_the_page_it_was_asked_on(open_at: Open) -> None:
    """F1 on a tab shows that tab's chapter; before unlocking it works as well."""
    bench = open_at("evaluation")
    bench.key(Qt.Key.Key_F1)
    assert bench.named(QComboBox, "Chapter").currentText() == "Starting, unlocking, locking"
    bench.key(Qt.Key.Key_Escape)
    bench.arrive("osei")
    bench.window.show_case(CASE, "timeline")
    bench.key(Qt.Key.Key_F1)
    assert bench.named(QComboBox, "Chapter").currentText() == "A case: timeline"


def test_every_page_and_tab_has_its_chapter() -> None:
    """The guide has a text for each page and tab, and no chapter is left over."""
    names = {name for name, _title in CHAPTERS}
    assert names == {"start", "keys", "search", *PAGES, *NAMES}
    assert all(len(text_of(name)) > 100 for name in names)
    shipped = {name.rsplit("/", 1)[-1].removesuffix(".md") for name in resources.names("guide")}
    assert shipped == names - {"keys"}


def test_f6_goes_round_all_panes_and_back(open_at: Open) -> None:
    """F6 visits the sidebar and every part of the page, Shift+F6 goes the other way."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    stops = [pane for pane in bench.window.panes() if pane.isVisible() and panes.first_field(pane)]
    assert len(stops) >= 4
    visited = []
    for _stop in stops:
        bench.key(Qt.Key.Key_F6)
        now = QApplication.focusWidget()
        visited.append(next(i for i, pane in enumerate(stops) if pane is now or pane.isAncestorOf(now)))
    assert sorted(visited) == list(range(len(stops)))
    before = QApplication.focusWidget()
    bench.key(Qt.Key.Key_F6)
    bench.key(Qt.Key.Key_F6, SHIFT)
    assert QApplication.focusWidget() is before


def test_tabs_of_a_case_turn_by_key(open_at: Open) -> None:
    """Ctrl+PgDown goes through all tabs and round again."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    seen = []
    for _name in NAMES:
        assert isinstance(bench.page, CaseWorkspace)
        seen.append(bench.page.tab_name)
        bench.key(Qt.Key.Key_PageDown, CONTROL)
    assert tuple(seen) == NAMES
    assert bench.page.tab_name == NAMES[0]


def test_a_letter_leads_to_a_place(open_at: Open) -> None:
    """Alt+A opens the audit trail, Alt+C the cases, and the sidebar marks the place."""
    bench = open_at("evaluation", "osei")
    for letter, place in ((Qt.Key.Key_A, "Audit trail"), (Qt.Key.Key_C, "Cases")):
        bench.key(letter, ALT)
        # Qt shows the button pressed for a moment before it counts.
        bench.wait_until(lambda name=place: bench.is_at(name))
        assert bench.table(place).hasFocus()
        assert bench.button(place).isChecked()


def test_enter_opens_the_chosen_case(open_at: Open) -> None:
    """The list is left by Enter into the case, and Tab leaves the list."""
    bench = open_at("evaluation", "osei")
    table = bench.table("Cases")
    bench.key(Qt.Key.Key_Tab)
    assert not table.hasFocus()
    table.setFocus()
    bench.key(Qt.Key.Key_Return)
    assert isinstance(bench.page, CaseWorkspace)


def test_tab_leaves_a_field_of_several_lines(open_at: Open) -> None:
    """Nobody is caught in a multi-line field."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    box = bench.named(QPlainTextEdit, "Detail")
    box.setFocus()
    bench.key(Qt.Key.Key_Tab)
    assert not box.hasFocus()
    assert box.toPlainText() == ""


def test_escape_closes_a_notice(open_at: Open) -> None:
    """Esc takes the notice away and leaves the page as it is."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.press("Submit my checklist")
    assert bench.notice()
    bench.key(Qt.Key.Key_Escape)
    assert not bench.notice()
