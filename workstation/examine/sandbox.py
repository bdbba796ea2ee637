"""The application's side of the sandbox: starts workers, serves what they read, distrusts what they say.

One ``Sandbox`` is one worker server, inside bubblewrap where that works. Each job runs in a process of its
own, forked inside. A job that dies, hangs or talks nonsense ends as ``Broken``; the application goes on.
"""

import os
import select
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from workstation.core.errors import EnvironmentFault
from workstation.core.jobs import JobControl, Progress
from workstation.examine import bubblewrap, wire
from workstation.examine.reader import MAX_MEMBERS, Folder, Source
from workstation.examine.serving import HandedOut, Served

_POLL_MS = 200
_SHORT_S, _MOST_CROWDED = 0.01, 8.0
_START_S = 20.0
_KILL_S = 5.0
_BASE_S = 30.0
# With files beside it nobody knows beforehand how much a worker will read; the waiting time still ends it.
_SIBLINGS_CPU_S = 24 * 3600
_BYTES_PER_S = 20_000_000  # a worker that reads more slowly than this is taken for hanging
_MAX_MESSAGES = 4_000_000
# A sign of progress, as each file inside an archive is, lengthens the waiting by this, up to a bound. As many
# files as there can be raise the processor limit, which is set before anybody knows how many there are.
_MEMBER_S = 0.02
_LEAST_MEMBER_BYTES = 64
_MAX_SAID_BYTES = (
    512 << 20
)  # of one job, the bytes of members apart: a million files with two manifests say less
_PIPE_BYTES = 1 << 20
_F_SETPIPE_SZ = 1031
_CPU_EXIT = (-24, -9)  # SIGXCPU, SIGKILL
_MEMORY_EXIT = 5  # the worker's own "out of memory"


@dataclass(kw_only=True, eq=False)
class SandboxUnavailable(EnvironmentFault):
    """No worker could be started, so nothing can be examined."""

    code: ClassVar[str] = "EXA-001"
    reason: str


class Broken(Exception):
    """A job did not come to its end. ``code`` is a reason code; ``path`` the file it was at."""

    def __init__(self, code: str, path: str) -> None:
        super().__init__(code)
        self.code, self.path = code, path


class Sandbox:
    """One worker server. Use as a context manager, from one thread at a time.

    ``test_tasks`` names files of the test suite with tasks that misbehave; no setting, argument or
    environment variable of the program leads here.
    """

    def __init__(self, *, test_tasks: tuple[Path, ...] = ()) -> None:
        self._test_tasks = test_tasks
        self._process: subprocess.Popen[bytes] | None = None
        self._ends: dict[str, int] = {}
        self._status_frames = wire.Frames()
        self._walls: tuple[str, ...] = ()
        self._job_walls: tuple[str, ...] = ()
        self._preloaded: set[tuple[str, bool]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def isolation(self) -> tuple[str, ...]:
        """The walls that held for the last job, by their own account and ours."""
        return (*self._walls, *self._job_walls)

    def preload(self, kind: str, *, viewing: bool = False) -> None:
        """Have the readers of this kind imported once for all later jobs, or what shows it to a person."""
        if (kind, viewing) not in self._preloaded and self._process is not None:
            self._preloaded.add((kind, viewing))
            self._write_control(wire.Preload(kind=kind, viewing=viewing))

    def run(
        self, job: wire.Job, source: Source, folder: Folder | None = None, control: JobControl | None = None
    ) -> Iterator[wire.FromWorker]:
        """Do one job and yield what its worker says, requests apart.

        Raises:
            Broken: the worker died, hung, reached a limit or talked nonsense.
            SandboxUnavailable: no worker can be started at all.
            JobCancelled: the job was cancelled.
        """
        yield from self._converse(job, Served(source, folder), control)

    def run_together(
        self, job: wire.Job, files: HandedOut, control: JobControl | None = None
    ) -> Iterator[wire.FromWorker]:
        """Do the job "together" on several small files; raises what ``run`` raises."""
        yield from self._converse(job, files, control)

    def _converse(
        self, job: wire.Job, served: Served, control: JobControl | None
    ) -> Iterator[wire.FromWorker]:
        self._ensure_started()
        finished = False
        try:
            yield from _Conversation(self, job, served, control or JobControl()).messages()
            finished = True
        finally:
            if not finished:
                self.close()

    def close(self) -> None:
        """End the server and every process in it."""
        for descriptor in self._ends.values():
            os.close(descriptor)
        self._ends = {}
        process, self._process = self._process, None
        if process is not None:
            try:
                process.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=_KILL_S)
        self._preloaded = set()

    def _ensure_started(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        problem = "no bubblewrap"
        for wrapper in (bubblewrap.command(), []):
            if wrapper is None:
                continue
            walls = self._start(wrapper)
            if walls is not None:
                self._walls = (*(("bubblewrap",) if wrapper else ()), *walls)
                return
            problem = "the worker did not answer"
            self.close()
        raise SandboxUnavailable(reason=problem)

    def _start(self, wrapper: list[str]) -> tuple[str, ...] | None:
        control, replies, results, status = os.pipe(), os.pipe(), os.pipe(), os.pipe()
        theirs = (control[0], replies[0], results[1], status[1])
        self._ends = {
            "control": control[1],
            "replies": replies[1],
            "results": results[0],
            "status": status[0],
        }
        for name in ("replies", "results", "status"):
            os.set_blocking(self._ends[name], False)
        _widen(self._ends["replies"])
        _widen(self._ends["results"])
        extra = [str(path) for path in self._test_tasks]
        if wrapper:
            for path in extra:
                wrapper = [*wrapper, "--ro-bind", path, path]
        places = os.pathsep.join([*bubblewrap.places(), *bubblewrap.DEVICES, *extra])
        python = [sys.executable, "-I", "-B", "-m", "workstation.examine.worker"]
        try:
            self._process = subprocess.Popen(
                [*wrapper, *python, *map(str, theirs), places, *extra],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=theirs,
                close_fds=True,
                cwd="/",
                env={"PATH": "/usr/bin", "LC_ALL": "C.UTF-8"},
            )
        except OSError:
            return None
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._status_frames = wire.Frames()
        ready = self._status(time.monotonic() + _START_S)
        return tuple(ready.walls) if isinstance(ready, wire.Ready) else None

    def _status(self, until_s: float) -> wire.FromServer | None:
        """The server's next word, or None when it is gone, silent or talks nonsense."""
        poll = select.poll()
        poll.register(self._ends["status"], select.POLLIN)
        while True:
            try:
                body = self._status_frames.next()
                if body is not None:
                    return wire.from_server(body)
            except wire.Nonsense:
                return None
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not poll.poll(max(1, int(left_s * 1000))):
                return None
            data = os.read(self._ends["status"], 1 << 16)
            if not data:
                return None
            self._status_frames.feed(data)

    def _write_control(self, message: wire.ToWorker) -> None:
        try:
            wire.write_all(self._ends["control"], wire.frame(message))
        except OSError:
            self.close()


def _widen(descriptor: int) -> None:
    """A larger pipe saves wake-ups; where that is not allowed the small one works as well."""
    import fcntl  # noqa: PLC0415 - absent on Windows

    try:
        fcntl.fcntl(descriptor, _F_SETPIPE_SZ, _PIPE_BYTES)
    except OSError:
        return


def _counted(waited_s: float) -> float:
    """How much of a wait a worker answers for: where it has a fifth of a processor, a fifth of it."""
    if waited_s < _SHORT_S:
        return waited_s
    crowd = os.getloadavg()[0] / (os.cpu_count() or 1)
    return waited_s / min(max(1.0, crowd), _MOST_CROWDED)


class _Conversation:
    """One job: answers requests, passes messages on, watches the clock."""

    def __init__(self, sandbox: Sandbox, job: wire.Job, served: Served, control: JobControl) -> None:
        self._sandbox, self._job, self._served, self._control = sandbox, job, served, control
        self._ends = sandbox._ends  # noqa: SLF001 - two halves of one thing
        self._frames = wire.Frames()
        self._outgoing: deque[memoryview] = deque()
        self._at = job.path
        self._done = False
        self._messages = self._said_bytes = self._signs = 0
        self._left_s = _BASE_S + job.size_bytes / _BYTES_PER_S

    def messages(self) -> Iterator[wire.FromWorker]:
        """Everything the worker says until it is done."""
        self._sandbox._job_walls = ()  # noqa: SLF001
        members = min(MAX_MEMBERS, self._job.size_bytes // _LEAST_MEMBER_BYTES)
        self._job.cpu_s = int(2 * self._left_s + members * _MEMBER_S) + 1
        self._job.cpu_s += _SIBLINGS_CPU_S if self._job.has_folder else 0
        self._sandbox._write_control(self._job)  # noqa: SLF001
        ended: wire.Ended | None = None
        while ended is None:
            self._control.tick(Progress(stage="intake.examine", untrusted_detail=self._at))
            ready = self._wait()
            if self._ends["replies"] in ready:
                self._send_pending()
            if self._ends["results"] in ready:
                yield from self._receive(self._read_results())
            if self._ends["status"] in ready:
                ended = self._ended()
        # The job is gone, so whatever it said is in the pipe.
        while data := self._read_results():
            yield from self._receive(data)
        self._judge(ended)

    def _wait(self) -> set[int]:
        poll = select.poll()
        poll.register(self._ends["results"], select.POLLIN)
        poll.register(self._ends["status"], select.POLLIN)
        if self._outgoing:
            poll.register(self._ends["replies"], select.POLLOUT)
        before_s = time.monotonic()
        ready = {descriptor for descriptor, _event in poll.poll(_POLL_MS)}
        # Only waiting counts: time that the application itself takes must not end a worker.
        self._left_s -= _counted(time.monotonic() - before_s)
        if self._left_s < 0:
            raise Broken("EXAMINE_TIMEOUT", self._at)
        return ready

    def _read_results(self) -> bytes:
        try:
            return os.read(self._ends["results"], _PIPE_BYTES)
        except BlockingIOError:
            return b""

    def _send_pending(self) -> None:
        while self._outgoing:
            try:
                sent = os.write(self._ends["replies"], self._outgoing[0])
            except BlockingIOError:
                return
            except OSError:
                self._outgoing.clear()
                return
            self._outgoing[0] = self._outgoing[0][sent:]
            if not self._outgoing[0]:
                self._outgoing.popleft()

    def _receive(self, data: bytes) -> Iterator[wire.FromWorker]:
        self._frames.feed(data)
        try:
            while (body := self._frames.next()) is not None:
                message = wire.from_worker(body)
                if not isinstance(message, wire.Chunk):
                    self._said_bytes += len(body)
                yield from self._take(message)
        except wire.Nonsense:
            raise Broken("EXAMINE_CRASHED", self._at) from None

    def _take(self, message: wire.FromWorker) -> Iterator[wire.FromWorker]:
        self._messages += 1
        too_many = self._messages > _MAX_MESSAGES + (self._job.size_bytes >> 10)
        if too_many or self._said_bytes > _MAX_SAID_BYTES:
            raise Broken("EXAMINE_LIMIT", self._at)
        if self._done:
            raise wire.Nonsense("message after the end")
        if isinstance(message, wire.Request):
            if len(self._outgoing) > 1:
                raise wire.Nonsense("a question before the last answer was read")
            opened_bytes = self._served.opened_bytes
            self._outgoing.append(memoryview(self._served.answer(message)))
            # A signature covers files beside it: each adds the time it takes to read, once.
            self._left_s += (self._served.opened_bytes - opened_bytes) / _BYTES_PER_S
            if isinstance(message, wire.Next):
                self._left_s = _BASE_S  # each of several files has the time of one
            self._send_pending()
        elif isinstance(message, wire.Ready):
            # Its walls are a worker's to tell only before it has seen a byte from outside.
            if self._messages > 1:
                raise wire.Nonsense("walls named late")
            self._sandbox._job_walls = tuple(message.walls)  # noqa: SLF001
        elif isinstance(message, wire.Done):
            self._done = True
        else:
            if isinstance(message, wire.Begin):
                self._at = message.path
            if isinstance(message, wire.Begin | wire.File) and self._signs < 2 * MAX_MEMBERS:
                self._signs += 1
                self._left_s += _MEMBER_S
            yield message

    def _ended(self) -> wire.Ended:
        word = self._sandbox._status(time.monotonic() + _KILL_S)  # noqa: SLF001
        if not isinstance(word, wire.Ended):
            raise Broken("EXAMINE_CRASHED", self._at)
        return word

    def _judge(self, ended: wire.Ended) -> None:
        if ended.status == 0 and self._done:
            return
        if ended.status in _CPU_EXIT:
            raise Broken("EXAMINE_TIMEOUT", self._at)
        raise Broken("EXAMINE_LIMIT" if ended.status == _MEMORY_EXIT else "EXAMINE_CRASHED", self._at)
