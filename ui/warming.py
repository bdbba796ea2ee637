"""Makes pages while nobody does anything, piece by piece, so that they are there when asked for."""

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

_log = logging.getLogger(__name__)
_PAUSE_MS = 20  # between two pieces: room for whatever the person does next


class Warmer(QObject):
    """``make_next`` makes a piece and tells whether there was one; ``is_quiet``, whether nobody is busy."""

    def __init__(self, make_next: Callable[[], bool], is_quiet: Callable[[], bool], parent: QObject) -> None:
        super().__init__(parent)
        self._make_next, self._is_quiet = make_next, is_quiet
        self._timer = QTimer(self, interval=_PAUSE_MS)
        self._timer.timeout.connect(self._piece)

    def begin(self) -> None:
        """There may be something to make."""
        self._timer.start()

    def stop(self) -> None:
        """Make nothing more."""
        self._timer.stop()

    @property
    def is_done(self) -> bool:
        """Whether everything is there."""
        return not self._timer.isActive()

    def _piece(self) -> None:
        if not self._is_quiet():
            return
        try:
            more = self._make_next()
        except Exception:  # noqa: BLE001 - whoever goes to that page is told; nobody asked for it yet
            _log.exception("a page could not be made beforehand")
            more = False
        if not more:
            self._timer.stop()
