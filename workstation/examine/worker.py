"""The child side of the sandbox: a small server that forks one process for each job.

Started by ``sandbox`` as ``python -I -B -m workstation.examine.worker CONTROL REPLIES RESULTS STATUS PLACES``
with four inherited pipes. The server itself reads only what the application sends; every byte from outside is
read in a forked process that has put up all walls first, and that cannot fork, open a socket or write a file.
"""

import contextlib
import gc
import importlib
import importlib.util
import os
import select
import signal
import sys
from collections.abc import Iterator
from types import ModuleType

import msgspec

from workstation.examine import dispatch, tasks, walls, wire

_CACHE_BLOCK_BYTES = 256 << 10
_CACHE_BLOCKS = 32


class Pipes:
    """The two pipes of a job: questions and results out, answers in."""

    def __init__(self, replies: int, results: int) -> None:
        self._replies, self._results = replies, results

    def send(self, message: msgspec.Struct) -> None:
        """Say something to the application."""
        wire.write_all(self._results, wire.frame(message))

    def ask(self, message: msgspec.Struct) -> bytes:
        """Ask the application and wait for the answer's body."""
        self.send(message)
        body = wire.read_frame(self._replies)
        if body is None:
            os._exit(4)  # the application is gone, and so are we
        return body


class ServedSource:
    """Bytes that the application reads for us, in cached blocks."""

    def __init__(self, pipes: Pipes, number: int, size_bytes: int, name: str) -> None:
        self._pipes, self._number, self._size, self._name = pipes, number, size_bytes, name
        self._blocks: dict[int, bytes] = {}

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Whole length."""
        return self._size

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes`` from ``offset``; shorter only at the end."""
        size_bytes = max(0, min(size_bytes, self._size - offset))
        parts = []
        while size_bytes > 0:
            if size_bytes >= wire.MAX_READ_BYTES:
                part = self._ask(offset, wire.MAX_READ_BYTES)
            else:
                block = self._block(offset // _CACHE_BLOCK_BYTES)
                part = block[offset % _CACHE_BLOCK_BYTES :][:size_bytes]
            # A medium gives less than it was asked for before a bad sector: only asking there tells that from
            # an end, and what lies behind the bad sector is there all the same.
            part = part or self._ask(offset, min(size_bytes, wire.MAX_READ_BYTES))
            if not part:
                break  # the file shrank while it was read
            parts.append(part)
            offset += len(part)
            size_bytes -= len(part)
        return b"".join(parts)

    def _block(self, index: int) -> bytes:
        block = self._blocks.pop(index, None)
        if block is None:
            block = self._ask(index * _CACHE_BLOCK_BYTES, _CACHE_BLOCK_BYTES)
            if len(self._blocks) >= _CACHE_BLOCKS:
                del self._blocks[next(iter(self._blocks))]
        self._blocks[index] = block
        return block

    def _ask(self, offset: int, size_bytes: int) -> bytes:
        return self._pipes.ask(wire.Read(source=self._number, offset=offset, size_bytes=size_bytes))


class ServedFolder:
    """The files beside the job's own, as the application lists and reads them."""

    def __init__(self, pipes: Pipes) -> None:
        self._pipes = pipes

    def paths(self) -> Iterator[str]:
        """Untrusted paths, page by page."""
        start = 0
        while page := wire.listed(self._pipes.ask(wire.ListPaths(start=start))).paths:
            yield from page
            start += len(page)

    def size_of(self, path: str) -> int | None:
        """Size in bytes, or None."""
        answer = wire.looked(self._pipes.ask(wire.Look(path=path)))
        return None if answer.source < 0 else answer.size_bytes

    def open(self, path: str) -> ServedSource | None:
        """One of them as a source, or None."""
        answer = wire.looked(self._pipes.ask(wire.Look(path=path)))
        if answer.source < 0:
            return None
        return ServedSource(self._pipes, answer.source, answer.size_bytes, path.rsplit("/", 1)[-1])


def _handed(pipes: Pipes) -> Iterator[wire.Handed]:
    """The small files of a job, one answer to each question."""
    while (file := wire.handed(pipes.ask(wire.Next()))) is not None:
        yield file


def _work(job: wire.Job, pipes: Pipes, extra: dict[str, ModuleType]) -> None:
    """The forked process: walls, task, end."""
    gc.enable()
    os.environ.clear()
    held = [name for name, stands in (("rlimits", walls.limit_resources(job.cpu_s)),) if stands]
    held += ["seccomp"] if walls.filter_system_calls() else []
    pipes.send(wire.Ready(walls=held))
    source = ServedSource(pipes, 0, job.size_bytes, job.name)
    folder = ServedFolder(pipes) if job.has_folder else None
    with contextlib.suppress(MemoryError):
        tasks.run(job, source, folder, _handed(pipes), pipes.send, extra)
        pipes.send(wire.Done())
        os._exit(0)
    os._exit(5)


def _drain(descriptor: int) -> None:
    """Throw away answers that a dead job never read."""
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    while any(event & select.POLLIN for _fd, event in poll.poll(0)):
        if not os.read(descriptor, 1 << 16):
            return


def _wait(pid: int, control: int) -> int:
    """Wait for the job's end; kill it when told to, or when the application is gone."""
    handle = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(control, select.POLLIN)
    while True:
        ready = {descriptor for descriptor, _event in poll.poll()}
        if handle in ready:
            break
        wire.read_frame(control)  # ``Stop``, or the end of the application
        os.kill(pid, signal.SIGKILL)
        poll.unregister(control)
    os.close(handle)
    _pid, status = os.waitpid(pid, 0)
    return max(-128, min(255, os.waitstatus_to_exitcode(status)))


def _serve(control: int, replies: int, results: int, status: int, extra: dict[str, ModuleType]) -> None:
    while (body := wire.read_frame(control)) is not None:
        message = wire.to_worker(body)
        if isinstance(message, wire.Preload):
            with contextlib.suppress(ImportError):
                tasks.preload(message.kind, viewing=message.viewing)
        if not isinstance(message, wire.Job):
            continue
        _drain(replies)
        pid = os.fork()
        if pid == 0:
            os.close(control)
            os.close(status)
            try:
                _work(message, Pipes(replies, results), extra)
            finally:
                os._exit(6)
        wire.write_all(status, wire.frame(wire.Ended(status=_wait(pid, control))))


def _extra_tasks(paths: list[str]) -> dict[str, ModuleType]:
    """Tasks of the test suite: only the code that starts a worker can name them, no setting and no file."""
    modules = {}
    for path in paths:
        spec = importlib.util.spec_from_file_location("workstation_test_tasks", path)
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            modules[module.__name__] = module
    return modules


def main(arguments: list[str]) -> int:
    """Put up the walls that last, say which stand, and serve until the application closes its pipe."""
    control, replies, results, status = (int(word) for word in arguments[:4])
    places = arguments[4].split(os.pathsep)
    extra = _extra_tasks(arguments[5:])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    dispatch.warm_up()  # once, for all jobs to come
    walls.prepare()
    held = []
    if walls.leave_network():
        held.append("no-network")
    walls.forbid_privileges()
    if walls.restrict_files(places):
        held.append("landlock")
    # Forked children then never copy pages just because a collection touched them.
    gc.disable()
    gc.freeze()
    wire.write_all(status, wire.frame(wire.Ready(walls=held)))
    _serve(control, replies, results, status, extra)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
