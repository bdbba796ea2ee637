"""Short reads of the store off the window's thread: the newest question counts, older answers are dropped."""

import logging
import threading
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from workstation.core.errors import WorkstationError

_log = logging.getLogger(__name__)
T = TypeVar("T")
_Question = tuple[int, str, Callable[[], Any], Callable[[Any], None], Callable[[BaseException], None]]


class Reads(Protocol):
    """What a presenter needs; tests of presenters pass one that answers at once."""

    def read(
        self,
        subject: str,
        work: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Answer in the window's thread, unless a newer question on the same subject was asked meanwhile."""


class ReadAtOnce:
    """``Reads`` without a thread: answered when ``read`` returns."""

    def read(
        self,
        subject: str,
        work: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Read now, in this thread."""
        del subject
        try:
            found = work()
        except WorkstationError as error:
            failed(error)
        else:
            done(found)


class BackgroundReads(QObject):
    """One thread that lives while there are questions. Nothing is ever answered after ``forget``."""

    _answered = Signal(object, object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[str, _Question] = {}
        self._newest: dict[str, int] = {}
        self._asked = 0
        self._thread: threading.Thread | None = None
        self._answered.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._newest)

    def read(
        self,
        subject: str,
        work: Callable[[], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """See ``Reads``. Called from the window's thread only."""
        self._asked += 1
        self._newest[subject] = self._asked
        with self._lock:
            self._waiting[subject] = (self._asked, subject, work, done, failed)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="reads", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                question = self._waiting.pop(next(iter(self._waiting)))
            _number, _subject, work, done, failed = question
            try:
                answer: Any = work()
            except BaseException as error:  # noqa: BLE001 - every ending goes back to the window's thread
                self._emit(question, failed, error)
            else:
                self._emit(question, done, answer)

    def _emit(self, question: _Question, callback: Callable[[Any], None], value: object) -> None:
        try:
            self._answered.emit(question, callback, value)
        except RuntimeError:
            _log.info("a read ended after its window")

    def _tell(self, question: _Question, callback: Callable[[Any], None], value: object) -> None:
        number, subject = question[:2]
        if self._newest.get(subject) == number:
            del self._newest[subject]
            callback(value)

    def forget(self, timeout_s: float) -> None:
        """Drop every question, and wait for the one being answered before the keys go."""
        self._newest.clear()
        with self._lock:
            self._waiting.clear()
            thread = self._thread
        if thread is not None:
            thread.join(timeout_s)
