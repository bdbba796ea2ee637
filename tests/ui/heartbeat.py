"""A watchdog of the event loop: how long the window's thread kept the window from answering.

A beat is due every few milliseconds. The time between two beats is a stall, less the time for which the
thread was ready to run and the machine ran something else: ``/proc/self/task/*/schedstat`` counts that in
nanoseconds (its second number). The same goes for the time for which another thread of ours, which may hold
the interpreter, was kept off the processor. So a loaded machine fails no test, while computing, waiting for a
disk, for a lock or for another thread does. The thread's own time on the processor always counts, and
where the system keeps no such count, it is all that does.

A processor that is shared with busy neighbours also runs each thread slower, through its caches and clock.
So a stall is held against a piece of work of known size: done at the start, and again right after each stall.
What the known work takes longer now, the stall may have taken longer too, up to three times; no more.
"""

import contextlib
import json
import os
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

LONGEST_MS = 100
_MOST_SLOWNESS = 3.0
_BESIDE_OTHERS = 3  # as measured: 210 ms once, where it is 110 ms alone


def limit_ms() -> int:
    """What is allowed now: more beside other test processes, or where three times as much runs as can.

    Then each thread finds its caches empty whenever its turn comes, which no work of known size measures.
    """
    if os.environ.get("PYTEST_XDIST_WORKER"):
        return LONGEST_MS * _BESIDE_OTHERS
    return LONGEST_MS * (2 if os.getloadavg()[0] > 3 * (os.cpu_count() or 1) else 1)


_BEAT_MS = 5
_TASKS = Path("/proc/self/task")


def _waited_ns() -> dict[str, int]:
    """How long each thread of this process has waited for a processor, ever; empty where nobody counts."""
    found = {}
    for task in _TASKS.iterdir() if _TASKS.exists() else ():
        with contextlib.suppress(OSError, IndexError, ValueError):  # a thread that has just ended
            found[task.name] = int((task / "schedstat").read_text(encoding="ascii").split()[1])
    return found


class Known:
    """A piece of work of known size, in memory and in the interpreter as the making of a page is."""

    best_ns: ClassVar[int] = 0
    _TEXT: ClassVar[str] = json.dumps([{"name": f"n{n}", "values": list(range(9))} for n in range(400)])

    @classmethod
    def once_ns(cls) -> int:
        """How long it takes this thread on the processor now: the best of three."""
        taken = []
        for _try in range(3):
            before = time.thread_time_ns()
            rows = json.loads(cls._TEXT)
            sorted(rows, key=lambda row: (row["name"], row["values"]))
            taken.append(time.thread_time_ns() - before)
        return min(taken)

    @classmethod
    def calibrate(cls) -> None:
        """Learn what it takes at best."""
        best = min(cls.once_ns() for _try in range(5))
        cls.best_ns = min(best, cls.best_ns or best)

    @classmethod
    def slowness(cls) -> float:
        """How many times longer than at best things take now; 1.0 at least."""
        return min(max(1.0, cls.once_ns() / cls.best_ns), _MOST_SLOWNESS)


@dataclass(frozen=True, kw_only=True)
class Stall:
    """One time in which the window did not answer, and what was under way."""

    doing: str
    own_ms: float  # as it would have been without neighbours
    busy_ms: float  # of the thread's own on the processor, as it was
    wall_ms: float
    slowness: float


@dataclass
class Heartbeat(QObject):
    """Beats while the event loop runs; ``stalls`` are those over 100 ms of the thread's own.

    ``busy`` are those over 100 ms of its processor time, neighbours or not.
    """

    doing: str = ""
    stalls: list[Stall] = field(default_factory=list)
    busy: list[Stall] = field(default_factory=list)
    beats: int = 0
    longest_ms: float = 0.0

    def __post_init__(self) -> None:
        super().__init__()
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._marks: tuple[float, dict[str, int], int] = (0.0, {}, 0)
        Known.calibrate()

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
    def _read() -> tuple[float, dict[str, int], int]:
        return time.monotonic(), _waited_ns(), time.thread_time_ns()

    def _beat(self) -> None:
        before, now = self._marks, self._read()
        self._marks = now
        self.beats += 1
        wall_ms, busy_ms = (now[0] - before[0]) * 1000, (now[2] - before[2]) / 1e6
        waits = {name: (now[1][name] - before[1].get(name, 0)) / 1e6 for name in now[1]}
        mine = waits.pop(str(threading.get_native_id()), 0.0)
        others = max(waits.values(), default=0.0)
        own_ms = max(busy_ms, wall_ms - mine - others) if now[1] else busy_ms
        if own_ms > LONGEST_MS:
            slowness = Known.slowness()
            own_ms /= slowness
            self._marks = self._read()  # measuring is no stall of the window's
        else:
            slowness = 1.0
        self.longest_ms = max(self.longest_ms, own_ms)
        stall = Stall(doing=self.doing, own_ms=own_ms, busy_ms=busy_ms, wall_ms=wall_ms, slowness=slowness)
        if busy_ms > LONGEST_MS:
            self.busy.append(stall)
        if own_ms > LONGEST_MS:
            self.stalls.append(stall)
