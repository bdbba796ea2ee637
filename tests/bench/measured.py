"""Run a program and say how long it took and how much memory it and its children had at most."""

import os
import resource
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL_S = 0.05
_KIB = 1024


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run."""

    status: int  # negative: ended by a signal
    seconds: float
    parent_bytes: int  # peak resident memory of the program itself
    worker_bytes: int  # the most any process below it had; nought when it had none
    output: bytes
    timed_out: bool = False
    cpu_seconds: float = 0.0  # of the program and everything below it, as last seen


def _peak_bytes(pid: int) -> int:
    try:
        with Path(f"/proc/{pid}/status").open(encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) * _KIB for line in status if line.startswith("VmHWM")), 0)
    except (OSError, ValueError):
        return 0


def _cpu_seconds(pid: int) -> float:
    """Of a process and of all its children that have ended."""
    try:
        fields = (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        )
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0.0


def _below(pid: int) -> list[int]:
    """Every descendant that there is now."""
    found, waiting = [], [pid]
    while waiting:
        try:
            tasks = list(Path(f"/proc/{waiting.pop()}/task").iterdir())
            children = [int(word) for task in tasks for word in (task / "children").read_text().split()]
        except (OSError, ValueError):
            continue
        found += children
        waiting += children
    return found


class _Watch:
    """Peaks seen while the program runs; the kernel's own account at the end completes them."""

    def __init__(self, pid: int) -> None:
        self.pid, self.parent, self.workers, self.cpu_seconds = pid, 0, 0, 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def _look(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.parent = max(self.parent, _peak_bytes(self.pid))
            below = _below(self.pid)
            self.workers = max([self.workers, *map(_peak_bytes, below)])
            self.cpu_seconds = max(self.cpu_seconds, sum(map(_cpu_seconds, [self.pid, *below])))

    def end(self) -> None:
        self._stop.set()
        self._thread.join()


def run(command: Sequence[object], *, cwd: Path, timeout_s: float, memory_bytes: int = 0) -> Measured:
    """Run to the end, or kill after ``timeout_s``; output is kept to its first mebibyte.

    ``memory_bytes`` limits the address space, so that a program which reads a file whole fails alone.
    """
    start_s = time.perf_counter()
    output = cwd / "output"
    with output.open("wb") as out, (cwd / "errors").open("wb") as errors:
        limit = ["prlimit", f"--as={memory_bytes}"] if memory_bytes else []
        words = [*limit, *(str(word) for word in command)]
        process = subprocess.Popen(words, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=errors)
        watch = _Watch(process.pid)
        late = threading.Event()
        killer = threading.Timer(timeout_s, lambda: (late.set(), process.kill()))
        killer.start()
        _pid, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        killer.cancel()
        killer.join()
        watch.end()
    # The kernel's account is the largest of the program and all it waited for, so whoever that was is exact,
    # and a worker that came and went between two looks is not missed. Before its exec a child counts as us.
    largest = usage.ru_maxrss * _KIB
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
    below = largest > max(watch.parent, own) * 1.02
    with output.open("rb") as kept:
        return Measured(
            status=process.returncode,
            seconds=time.perf_counter() - start_s,
            parent_bytes=watch.parent,
            worker_bytes=max(watch.workers, largest) if below else watch.workers,
            output=kept.read(64 << 20),
            timed_out=late.is_set(),
            cpu_seconds=max(watch.cpu_seconds, usage.ru_utime + usage.ru_stime),
        )
