"""Loads what the entrance did not need, in a thread of its own, once the entrance is drawn."""

import gc
import logging
import threading
from collections.abc import Callable, Iterator

from PySide6.QtCore import QObject, QTimer, Signal

_log = logging.getLogger(__name__)
_AFTER_MS = 250  # the first page is drawn by then, and somebody begins to read it
_PAUSE_S = 0.002  # between two pieces, for the window's thread
_JOIN_S = 2.0


class Loader(QObject):
    """``pieces`` loads one piece after another; ``failed`` tells what it raised, in the window's thread."""

    failed = Signal(object)

    def __init__(self, pieces: Callable[[], Iterator[None]], parent: QObject) -> None:
        super().__init__(parent)
        self._pieces = pieces
        self._stop, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        QTimer.singleShot(_AFTER_MS, self, self._begin)

    @property
    def is_done(self) -> bool:
        """Whether everything is loaded, or nothing more will be."""
        return self._ended.is_set()

    def stop(self) -> None:
        """Load nothing more; returns when the piece under way is loaded."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_JOIN_S)

    def _begin(self) -> None:
        if not self._stop.is_set():
            self._thread = threading.Thread(target=self._run, name="loading", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        try:
            for _piece in self._pieces():
                if self._stop.wait(_PAUSE_S):
                    return
            gc.freeze()  # what is loaded stays; looking through it again would only keep the window waiting
        except Exception as error:  # noqa: BLE001 - told in the window; whoever needs the piece is told again
            self._tell(error)
        finally:
            self._ended.set()

    def _tell(self, error: Exception) -> None:
        try:
            self.failed.emit(error)
        except RuntimeError:
            _log.info("loading ended after its window")
