"""Locks when the card that opened the vault is taken out; asked every second, off the window's thread."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

_EVERY_MS = 1_000


class CardWatch(QObject):
    """One question at a time: a reader that answers slowly is not asked again before it did."""

    removed = Signal()
    _answered = Signal(object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_gone: Callable[[], bool] | None = None
        self._asking = False
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.ask)
        self._answered.connect(self._hear)

    def start(self, is_gone: Callable[[], bool]) -> None:
        """Watch the card of somebody who came in."""
        self._is_gone = is_gone
        self._timer.start()

    def stop(self) -> None:
        """The vault is locked."""
        self._timer.stop()
        self._is_gone = None

    def ask(self) -> None:
        """Ask once; called every second."""
        is_gone = self._is_gone
        if is_gone is None or self._asking:
            return
        self._asking = True

        def run() -> None:
            try:
                gone = is_gone()
            except Exception:  # noqa: BLE001 - who cannot tell that the card is there must not stay in
                gone = True
            self._answered.emit(is_gone, gone)

        threading.Thread(target=run, name="card-watch", daemon=True).start()

    def _hear(self, is_gone: object, gone: bool) -> None:
        self._asking = False
        if gone and is_gone is self._is_gone:
            self.stop()
            self.removed.emit()
