"""Long work off the window's thread; ticks come back as signals, and nothing is ever terminated."""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobCancelled, JobControl, Progress

_log = logging.getLogger(__name__)
T = TypeVar("T")

Failed = Callable[[BaseException], None]


class Jobs(Protocol):
    """What a presenter needs of the job runner; tests pass one that runs at once."""

    def start(self, work: Callable[[JobControl], T], *, done: Callable[[T], None], failed: Failed) -> None:
        """Run ``work`` elsewhere and call back in the window's thread."""


class RunAtOnce:
    """``Jobs`` for tests: the work is done when ``start`` returns."""

    def start(self, work: Callable[[JobControl], T], *, done: Callable[[T], None], failed: Failed) -> None:
        """Run now, in this thread."""
        try:
            result = work(JobControl())
        except (WorkstationError, JobCancelled) as error:
            failed(error)
        else:
            done(result)


class ThreadedJobs(QObject):
    """One job at a time in a thread of its own, with progress, pause and cancel."""

    progressed = Signal(object)
    started = Signal()
    ended = Signal()
    _finished = Signal(object, object)
    _ticked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._control: JobControl | None = None
        self._thread: threading.Thread | None = None
        queued = Qt.ConnectionType.QueuedConnection
        self._finished.connect(self._call_back, queued)
        self._ticked.connect(self.progressed, queued)

    @property
    def is_busy(self) -> bool:
        """Whether a job is running."""
        return self._control is not None

    def start(self, work: Callable[[JobControl], T], *, done: Callable[[T], None], failed: Failed) -> None:
        """Run ``work`` in a thread; a second job while one runs is answered with ``JobCancelled``."""
        if self._control is not None:
            failed(JobCancelled())
            return
        control = JobControl(self._ticked.emit)
        self._control = control

        def run() -> None:
            try:
                result: Any = work(control)
            except BaseException as error:  # noqa: BLE001 - every ending goes back to the window's thread
                self._emit(failed, error)
            else:
                self._emit(done, result)

        self._thread = threading.Thread(target=run, name="job", daemon=True)
        self.started.emit()
        self._thread.start()

    def _emit(self, callback: Callable[[Any], None], value: object) -> None:
        try:
            self._finished.emit(callback, value)
        except RuntimeError:
            _log.info("a job ended after its window")

    def _call_back(self, callback: Callable[[Any], None], value: object) -> None:
        self._control = None
        self.ended.emit()
        callback(value)

    def cancel(self) -> None:
        """Ask the running job to stop at its next piece."""
        if self._control is not None:
            self._control.cancel()

    def pause(self, *, paused: bool) -> None:
        """Hold or resume the running job."""
        if self._control is not None:
            (self._control.pause if paused else self._control.resume)()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread, for instance before the vault locks; it is never killed."""
        if self._thread is not None:
            self._thread.join(timeout_s)


__all__ = ["Failed", "JobControl", "Jobs", "Progress", "RunAtOnce", "ThreadedJobs"]
