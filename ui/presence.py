"""Somebody is there: a key, a mouse button or the wheel, anywhere in the program.

A filter written in Python sees every event of the program, thousands while a page is made. To know that
somebody is there once a second is enough, so it rests for a second after each sign of life.
"""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

_REST_MS = 1000
_SIGNS = frozenset(
    kind.value for kind in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel)
)


class Presence(QObject):
    """Tells of signs of life, at most once a second."""

    seen = Signal()

    def __init__(self, qt: QApplication, parent: QObject) -> None:
        super().__init__(parent)
        self._qt = qt
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(self._watch)
        self._watch()

    def _watch(self) -> None:
        self._qt.installEventFilter(self)

    @property
    def is_recent(self) -> bool:
        """Whether somebody did something within the last second."""
        return self._rest.isActive()

    def stop(self) -> None:
        """The window is closed."""
        self._rest.stop()
        self._qt.removeEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Never keeps an event from where it goes."""
        if event.type().value in _SIGNS:
            self._qt.removeEventFilter(self)
            self._rest.start()
            self.seen.emit()
        return False
