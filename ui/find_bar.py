"""Ctrl+F: find words in what the page on top shows, in slices short enough that the window never waits."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QScrollArea, QWidget

from ui import theme
from ui.page import Page
from ui.widgets import basics
from ui.widgets.text import Text

if TYPE_CHECKING:
    from ui.widgets.tables import Table

_SLICE_S = 0.015
_MOST = 10_000
Place = Callable[[], object]


class FindBar(QFrame):
    """Looks through tables, texts and selectable words of a page, from top to bottom as they lie in it."""

    def __init__(self, page: Callable[[], Page]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._page = page
        self._words = basics.line("Find on this page")
        self._words.setAccessibleName("Find on this page")
        self._words.textChanged.connect(lambda _text: self._begin())
        self._words.returnPressed.connect(lambda: self.step(1))
        self._count = basics.label("", "muted", wrap=False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.space(2),) * 4)
        layout.addWidget(self._words, 1)
        layout.addWidget(self._count)
        layout.addWidget(basics.button("Previous", lambda: self.step(-1)))
        layout.addWidget(basics.button("Next", lambda: self.step(1)))
        layout.addWidget(basics.button("Close find", self.leave))
        self._places: list[Place] = []
        self._at = -1
        self._scan: Iterator[Place | None] = iter(())
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)
        self.hide()

    def open(self) -> None:
        """Show the bar with the keyboard in it; what was looked for before can be replaced."""
        self.show()
        self._words.setFocus()
        self._words.selectAll()
        self._begin()

    def leave(self) -> bool:
        """Take the bar away; the keyboard goes to what was found. Returns whether it was there."""
        was_here, within = not self.isHidden(), self.isAncestorOf(self.window().focusWidget() or self)
        self.forget()
        if was_here and within:
            self._page().focus_first()
        return was_here

    def forget(self) -> None:
        """Another page is on top, or the vault is locked: nothing of what was found is kept."""
        self._timer.stop()
        self._places, self._at, self._scan = [], -1, iter(())
        basics.set_text(self._count, "")
        self.hide()

    def clear(self) -> None:
        """The person has left."""
        self._words.clear()
        self.forget()

    def _begin(self) -> None:
        text = self._words.text().strip()
        self._places, self._at = [], -1
        self._scan = _scan(self._page(), text) if text else iter(())
        self._timer.start()

    def _go_on(self) -> None:
        """One slice; the first place is shown as soon as it is found."""
        until = time.monotonic() + _SLICE_S
        for place in self._scan:
            if place is not None:
                self._places.append(place)
            if len(self._places) >= _MOST:
                self._scan = iter(())
            if time.monotonic() > until:
                break
        else:
            self._timer.stop()
        if self._at < 0 and self._places:
            self._at = 0
            self._places[0]()
        self._tell()

    def _tell(self) -> None:
        if not self._words.text().strip():
            words = ""
        elif self._timer.isActive():
            words = f"{len(self._places):,} so far"
        elif not self._places:
            words = "Not on this page. Ctrl+K finds everywhere."
        else:
            words = f"{self._at + 1:,} of {len(self._places):,}"
        if words != self._count.words:
            basics.set_text(self._count, words)
            if not self._timer.isActive():
                QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._words, words))

    def step(self, by: int) -> None:
        """The next or previous place, round and round."""
        if self.isHidden():
            self.open()
        elif self._places:
            self._at = (self._at + by) % len(self._places)
            self._places[self._at]()
            self._tell()


def _scan(page: Page, text: str) -> Iterator[Place | None]:
    """Every place in turn, and ``None`` now and then so that the window can go on."""
    from ui.widgets import tables  # noqa: PLC0415 - the window is drawn before it is loaded

    wanted = text.casefold()
    for widget in page.findChildren(QWidget):
        if widget.isVisible():
            if isinstance(widget, tables.Table):
                yield from _in_table(widget, wanted)
            elif isinstance(widget, QPlainTextEdit):
                yield from _in_text(widget, text)
            elif isinstance(widget, Text) and wanted in widget.words.casefold():
                yield partial(_show_label, widget)
        yield None


def _in_table(table: "Table[Any]", wanted: str) -> Iterator[Place | None]:
    model, columns = table.rows, range(table.rows.columnCount())
    for number in range(model.rowCount()):
        if number >= model.rowCount():  # the page was read again meanwhile
            return
        if any(wanted in str(model.data(model.index(number, column))).casefold() for column in columns):
            yield partial(_show_row, table, number)
        else:
            yield None


def _in_text(box: QPlainTextEdit, text: str) -> Iterator[Place | None]:
    cursor = QTextCursor(box.document())
    while not (cursor := box.document().find(text, cursor)).isNull():
        yield partial(box.setTextCursor, cursor)


def _show_row(table: "Table[Any]", row: int) -> None:
    table.go_to(row)
    _bring(table)


def _show_label(label: Text) -> None:
    if label.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByKeyboard:
        label.setSelection(0, len(label.text()))
    _bring(label)


def _bring(widget: QWidget) -> None:
    """Scroll whatever scrolls around it."""
    around = widget.parentWidget()
    while around is not None:
        if isinstance(around, QScrollArea):
            around.ensureWidgetVisible(widget)
        around = around.parentWidget()
