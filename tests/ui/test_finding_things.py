"""Ctrl+K finds anything, Ctrl+F finds on the page; both from the keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.view import CasesPage
from ui.cases.workspace import CaseWorkspace
from ui.find_bar import FindBar
from ui.search.view import SearchPage
from workstation.settings import Theme

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def _search(bench: Bench, text: str) -> list[list[str]]:
    bench.key(Qt.Key.Key_K, CONTROL)
    bench.settle()
    bench.named(QLineEdit, "Find anything").setText(text)  # the test's own typing knows Latin letters only
    bench.settle()
    return bench.cells("Found")


def test_a_file_is_found_and_opened_by_keyboard(open_at: Open) -> None:
    """Ctrl+K, words in any order, Enter: the package with the file open; the banner covers what was found."""
    bench = open_at("evaluation", "osei")
    assert bench.banners()[0] == "UNCLASSIFIED"
    assert _search(bench, "CARD model data") == [["File", "data/model-card.md", f"{CASE}, Aster-3"]]
    assert bench.banners() == ("UNCLASSIFIED", "UNCLASSIFIED")
    bench.key(Qt.Key.Key_Return)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "package"
    assert "data/model-card.md" in bench.words()


def test_a_question_of_the_open_case_is_found(open_at: Open) -> None:
    """With a case open its questions are found, and Enter opens the checklist at that question."""
    bench = open_at("evaluation", "osei")
    assert _search(bench, "k1.3") == []
    bench.key(Qt.Key.Key_Escape)
    assert isinstance(bench.page, CasesPage)
    bench.window.show_case(CASE)
    assert [row[0] for row in _search(bench, "k1.3")] == ["Question"]
    bench.key(Qt.Key.Key_Return)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "checklist"
    assert bench.table("Criteria").currentIndex().row() == 2


def test_commands_are_found_and_done(open_at: Open) -> None:
    """A theme is a command: Enter uses it on the page that was open before, once the key is answered."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "timeline")
    found = _search(bench, "dark theme")
    assert found == [["Do", "Use the dark theme", ""]]
    bench.key(Qt.Key.Key_Return)
    # Inside the answer to the key it would throw away the page that is answering, and the process with it.
    assert bench.window.desk.settings.theme is not Theme.DARK
    bench.wait_until(lambda: bench.window.desk.settings.theme is Theme.DARK)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "timeline"


def test_down_and_up_choose_while_typing(open_at: Open) -> None:
    """The keyboard stays in the field while another row is chosen."""
    bench = open_at("evaluation", "osei")
    _search(bench, "data")
    bench.key(Qt.Key.Key_Down)
    bench.key(Qt.Key.Key_Down)
    assert bench.table("Found").currentIndex().row() == 2
    bench.key(Qt.Key.Key_Up)
    assert bench.table("Found").currentIndex().row() == 1
    assert isinstance(bench.page, SearchPage)
    assert not bench.table("Found").hasFocus()


@pytest.mark.parametrize("text", ["%", "_", "data%card", "'; --", "\\", "\u202eecod"])
def test_what_is_typed_is_never_a_pattern(open_at: Open, text: str) -> None:
    """Characters that mean something to the database are looked for as themselves."""
    bench = open_at("evaluation", "osei")
    assert [row for row in _search(bench, text) if row[0] == "File"] == []


def test_nothing_of_a_search_outlives_the_lock(open_at: Open) -> None:
    """Words and results are gone after the lock, and a search under way tells nobody."""
    bench = open_at("evaluation", "osei")
    _search(bench, "model-card")
    bench.window._search()
    bench.window.lock("asked")
    assert "model-card" not in "\n".join(label.text() for label in bench.window.findChildren(QLabel))
    bench.window.unlocked(bench.office.unlock("osei"))
    bench.key(Qt.Key.Key_K, CONTROL)
    assert bench.typed("Find anything") == ""


def _find(bench: Bench, text: str) -> str:
    bench.key(Qt.Key.Key_F, CONTROL)
    bench.type("Find on this page", text)
    bar = bench.window.findChild(FindBar)
    bench.wait_until(lambda: " of " in bar._count.words or "Not on" in bar._count.words)
    return bar._count.words


def _row_after(bench: Bench, row: int | None, most: int, *modifiers: Qt.KeyboardModifier) -> int:
    """The next row of the criteria that finding comes to; words beside the table are places too."""
    for _ in range(most):
        now = bench.table("Criteria").currentIndex().row()
        if now != row:
            return now
        bench.key(Qt.Key.Key_F3, *modifiers)
    raise AssertionError(row)


def test_ctrl_f_goes_through_a_table(open_at: Open) -> None:
    """The first place is chosen at once, F3 goes on and round, Shift+F3 back, Esc leaves the row chosen."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    words = _find(bench, "stated")
    total = int(words.rsplit(" ", 1)[1])
    assert words.startswith("1 of ")
    assert total > 1
    first = _row_after(bench, None, total)
    second = _row_after(bench, first, total)
    assert _row_after(bench, second, total, SHIFT) == first
    bench.key(Qt.Key.Key_Escape)
    assert not bench.window.find_bar.isVisible()
    assert bench.table("Criteria").hasFocus()


def test_ctrl_f_says_when_there_is_nothing(open_at: Open) -> None:
    """Words that are not on the page are said to be elsewhere, if anywhere."""
    bench = open_at("evaluation", "osei")
    assert _find(bench, "zzzz").startswith("Not on this page")


def test_another_page_takes_the_bar_away(open_at: Open) -> None:
    """What was found on one page is not gone through on the next."""
    bench = open_at("evaluation", "osei")
    _find(bench, "Aster")
    bench.window.show_page("audit")
    assert not bench.window.find_bar.isVisible()


def test_an_opened_file_keeps_its_own_find(open_at: Open) -> None:
    """Inside an opened file Ctrl+F is the file's: it looks through all its pages."""
    bench = open_at("evaluation", "osei")
    _search(bench, "model-card")
    bench.key(Qt.Key.Key_Return)
    bench.wait_done()
    bench.page.focus_first()
    bench.key(Qt.Key.Key_F, CONTROL)
    QTest.qWait(50)
    assert not bench.window.find_bar.isVisible()
