"""A watchdog of the event loop: how long the window's thread kept the window from answering.

A beat is due every few milliseconds. The time between two beats is a stall, less the time for which the
thread was ready to run and the machine ran something else: ``/proc/thread-self/schedstat`` counts that in
nanoseconds (its second number). So a loaded machine does not fail a test, while computing, waiting for a
disk, for a lock or for another thread does. Where the system keeps no such count, only the thread's own
time on the processor is held against it.

A processor that is shared also runs each thread slower. While more threads want to run than there are
processors, twice the limit is allowed; that is the whole tolerance.
"""

import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

LONGEST_MS = 100
FIRST_MS = 500  # a page with all its widgets being made for the first time


def tolerance() -> int:
    """How many times the limit is allowed now: 2 beside other test processes, or on a busy machine."""
    shares = "PYTEST_XDIST_WORKER" in os.environ or os.getloadavg()[0] > (os.cpu_count() or 1)
    return 2 if shares else 1


_BEAT_MS = 5
_COUNTS = Path("/proc/thread-self/schedstat")


def _waited_ns() -> int | None:
    """How long this thread has waited for a processor, ever."""
    try:
        return int(_COUNTS.read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None


@dataclass(frozen=True, kw_only=True)
class Stall:
    """One time in which the window did not answer, and what was under way."""

    doing: str
    own_ms: float
    wall_ms: float


@dataclass
class Heartbeat(QObject):
    """Beats while the event loop runs; ``stalls`` are those over 100 ms of the thread's own."""

    doing: str = ""
    stalls: list[Stall] = field(default_factory=list)
    beats: int = 0
    longest_ms: float = 0.0

    def __post_init__(self) -> None:
        super().__init__()
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._marks = (0.0, 0, 0)

    def start(self, doing: str) -> None:
        """From here on, the window is doing this."""
        self.doing = doing
        self._marks = self._read()
        self._timer.start()

    def stop(self) -> None:
        """What comes now is the test's own doing."""
        self._beat()
        self._timer.stop()

    @staticmethod
    def _read() -> tuple[float, int, int]:
        waited = _waited_ns()
        return time.monotonic(), -1 if waited is None else waited, time.thread_time_ns()

    def _beat(self) -> None:
        before, now = self._marks, self._read()
        self._marks = now
        self.beats += 1
        wall_ms = (now[0] - before[0]) * 1000
        own_ms = (now[2] - before[2]) / 1e6 if now[1] < 0 else wall_ms - (now[1] - before[1]) / 1e6
        self.longest_ms = max(self.longest_ms, own_ms)
        if own_ms > LONGEST_MS:
            self.stalls.append(Stall(doing=self.doing, own_ms=own_ms, wall_ms=wall_ms))
