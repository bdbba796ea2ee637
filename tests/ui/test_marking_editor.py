"""Putting a marking together in the window: words are ticked, rules are told, only a marking comes back."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from ui.widgets.frame import MarkingBanner
from ui.widgets.marking_field import MarkingEditor, MarkingField


def open_editor(bench: Bench) -> tuple[MarkingField, MarkingEditor]:
    """From the form of a new case."""
    bench.press("New case")
    (field,) = bench.all(MarkingField)
    editor = field.compose()
    QTest.qWait(50)
    return field, editor


def tick(editor: MarkingEditor, find: str) -> None:
    """Find a word by typing and tick it with the keyboard."""
    editor._find.setFocus()
    editor._find.clear()
    QTest.keyClicks(editor._find, find)
    view = editor._list
    view.setFocus()
    view.setCurrentIndex(view.model().index(0, 0))
    QTest.keyClick(view, Qt.Key.Key_Space)


def use(editor: MarkingEditor) -> QPushButton:
    """The button that takes what is composed."""
    return next(b for b in editor.findChildren(QPushButton) if b.text() == "Use this marking")


def test_a_marking_is_ticked_together_and_used(open_at: Open) -> None:
    """Level, control and countries by keyboard; what contradicts is told, not used, and mended."""
    bench = open_at("opened", "ibarra")
    field, editor = open_editor(bench)
    assert len(editor.findChildren(MarkingBanner)) == 2
    editor._level.setCurrentIndex(editor._level.findText("SECRET", Qt.MatchFlag.MatchExactly))
    tick(editor, "NOFORN")
    assert editor._banner.text() == "SECRET//NOFORN"
    assert "(S//NF)" in editor._told.words
    tick(editor, "Releasable to GBR")
    assert not use(editor).isEnabled()
    assert "Not a marking yet." in editor._told.words
    editor._take_suggestion()
    assert editor._banner.text() == "SECRET//NOFORN"
    use(editor).click()
    assert field.text() == "SECRET//NOFORN"
    assert bench.window.focusWidget() is field.line


def test_what_is_typed_is_ticked_and_what_is_no_marking_is_not_used(open_at: Open) -> None:
    """Typing in the banner moves the ticks; nonsense is told with its rule and changes no field."""
    bench = open_at("opened", "ibarra")
    field, editor = open_editor(bench)
    before = field.text()
    editor._banner.selectAll()
    QTest.keyClicks(editor._banner, "TOP SECRET//SI/TK//NOFORN")
    assert {name for _part, name in editor._words.ticked()} == {"SI", "TK", "NOFORN"}
    editor._banner.selectAll()
    QTest.keyClicks(editor._banner, "VERY SECRET")
    assert not use(editor).isEnabled()
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert field.text() == before


def test_the_lock_closes_the_editor(open_at: Open) -> None:
    """Locking wins over the dialog."""
    bench = open_at("opened", "ibarra")
    _field, editor = open_editor(bench)
    gone = []
    editor.destroyed.connect(lambda: gone.append(True))
    bench.window.lock("asked")
    bench.wait_until(lambda: bool(gone))


def test_the_editor_is_named_and_reached_by_keyboard(open_at: Open) -> None:
    """Whatever takes the keyboard has a name, Tab comes to all of it, and it fits a screen."""
    bench = open_at("opened", "ibarra")
    _field, editor = open_editor(bench)
    takes = [
        one
        for one in editor.findChildren(QWidget)
        if one.isVisible() and one.isEnabled() and one.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    takes = [one for one in takes if one.focusProxy() is None and not isinstance(one.parent(), QComboBox)]
    for one in takes:
        spoken = QAccessible.queryAccessibleInterface(one)
        assert spoken is not None
        assert spoken.text(QAccessible.Text.Name), one
    takes[0].setFocus()
    reached: list[QWidget] = []
    while (now := editor.focusWidget()) not in reached:
        reached.append(now)
        QTest.keyClick(now, Qt.Key.Key_Tab)
    assert [one for one in takes if one not in reached] == []
    least = editor.minimumSizeHint()
    assert (least.width() <= 1366, least.height() <= 768) == (True, True), least
