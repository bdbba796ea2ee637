"""Find anything: one field and what holds its words; worked with the keyboard alone."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ui.page import Page
from ui.search.presenter import Found
from ui.widgets import basics
from ui.widgets.tables import Table

_MOVES = frozenset({Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp})


class SearchPage(Page):
    """The keyboard stays in the field; Down and Up move in the table below it."""

    typed = Signal(str)
    left = Signal()
    rest_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = basics.line("Words of a case, file, answer, finding or command")
        self._words.setAccessibleName("Find anything")
        self._words.textChanged.connect(self.typed)
        self._words.returnPressed.connect(self._open)
        self._words.installEventFilter(self)
        self._about = basics.label("", "muted")
        self._table: Table[Found] = Table(
            "Found",
            (
                ("What it is", lambda found: found.kind),
                ("Words", lambda found: found.words),
                ("Where, or its key", lambda found: found.about),
            ),
            opened=lambda found: found.open(),
            stretch=1,
        )
        self._unread = basics.label("")
        self._read = basics.button("Read them for the search", self.rest_wanted.emit)
        for part in (self._unread, self._read):
            part.hide()
        back = basics.button("Back to work  (Esc)", self.left.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Find anything", "title"))
        layout.addWidget(basics.row(self._words, back, stretch_last=True))
        layout.addWidget(self._about)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._unread)
        layout.addWidget(basics.row(self._read))

    def show_found(self, about: str, found: tuple[Found, ...]) -> None:
        """The rows for the words typed so far; the first is chosen."""
        basics.set_text(self._about, about)
        self._table.show_rows(found)
        self._tell()

    def show_unread(self, about: str, *, can_be_read: bool) -> None:
        """What no search looks through; empty where there is no such thing."""
        basics.set_text(self._unread, about)
        self._unread.setVisible(bool(about))
        self._read.setVisible(can_be_read)

    def set_busy(self, *, busy: bool) -> None:
        """While documents are read for the search."""
        self._read.setEnabled(not busy)
        if busy:
            self._words.setFocus()

    def clear(self) -> None:
        """Begin anew."""
        self._words.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that move in a list go to the table without leaving the field."""
        pressed = watched is self._words and event.type() == QEvent.Type.KeyPress
        if pressed and isinstance(event, QKeyEvent) and Qt.Key(event.key()) in _MOVES:
            QApplication.sendEvent(self._table, event)
            self._tell()
            return True
        return super().eventFilter(watched, event)

    def _tell(self) -> None:
        """A screen reader hears the chosen row although the keyboard is in the field."""
        found = self._table.current()
        if found is not None and self._words.hasFocus():
            words = f"{found.kind}: {found.words}. {found.about}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._words, words))

    def _open(self) -> None:
        found = self._table.current()
        if found is not None:
            found.open()

    def focus_first(self) -> None:
        """The field, with what was typed before ready to be replaced."""
        self._words.setFocus()
        self._words.selectAll()

    def panes(self) -> Sequence[QWidget]:
        """The field, and what was found."""
        return (self._words, self._table)
