"""Tasks of a parser that was taken over; loaded into workers by the tests of the sandbox, by nothing else."""

import ctypes
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from workstation.examine import wire
from workstation.examine.reader import Folder, Source

Send = Callable[[msgspec.Struct], None]


def run(job: wire.Job, source: Source, folder: Folder | None, send: Send) -> None:
    """Do the harm that the job is called after."""
    HARMS[job.task](source, send)


def _tell(send: Send, **facts: object) -> None:
    send(wire.Answer(json=msgspec.json.encode(facts)))


def _tried(step: Callable[[], object]) -> str:
    try:
        step()
    except BaseException as error:  # noqa: BLE001 - the test wants to see whatever stopped it
        return type(error).__name__
    return "done"


def open_socket(_source: Source, send: Send) -> None:
    """Every family a program could leave by."""
    libc = ctypes.CDLL(None, use_errno=True)
    families = {
        "inet": (2, 1),
        "inet6": (10, 1),
        "unix": (1, 1),
        "netlink": (16, 3),
        "packet": (17, 3),
        "vsock": (40, 1),
    }
    answers = {name: _tried(lambda pair=pair: socket.socket(*pair)) for name, pair in families.items()}
    answers["pair"] = _tried(socket.socketpair)
    answers["io_uring"] = "done" if libc.syscall(425, 8, ctypes.create_string_buffer(256)) >= 0 else "refused"
    _tell(send, **answers)


def read_places(source: Source, send: Send) -> None:
    """Files of the person, the system and the vault, whose paths come as the source's text."""
    paths = source.read_at(0, source.size_bytes).decode().split("\n")
    _tell(send, **{path: _tried(lambda path=path: Path(path).read_bytes()) for path in paths})


def write_places(source: Source, send: Send) -> None:
    """Anything that would leave a trace on a disk."""
    paths = source.read_at(0, source.size_bytes).decode().split("\n")
    answers = {path: _tried(lambda path=path: Path(path).write_bytes(b"x")) for path in paths}
    answers["folder"] = _tried(lambda: Path("made").mkdir())
    answers["link"] = _tried(lambda: Path("link").symlink_to("/etc/passwd"))
    answers["memory file"] = _tried(lambda: os.memfd_create("x"))
    answers["remove"] = _tried(lambda: Path(paths[0]).unlink())
    _tell(send, **answers)


def start_processes(_source: Source, send: Send) -> None:
    """Fork, thread, execute."""
    import _thread

    answers = {
        "fork": _tried(os.fork),
        "thread": _tried(lambda: _thread.start_new_thread(time.sleep, (9,))),
        "execute": _tried(lambda: os.execv("/usr/bin/true", ["true"])),  # noqa: S606 - must fail
        "spawn": _tried(lambda: os.posix_spawn("/usr/bin/true", ["true"], {})),
    }
    _tell(send, **answers)


def touch_others(_source: Source, send: Send) -> None:
    """Trace, signal, and change the limits of others and of itself, and what others will use."""
    import fcntl
    import resource

    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getppid()
    answers = {
        "trace": "done" if libc.ptrace(16, parent, 0, 0) == 0 else "refused",
        "signal": _tried(lambda: os.kill(parent, 9)),
        "limits": _tried(lambda: resource.setrlimit(resource.RLIMIT_AS, (-1, -1))),
        "namespace": "done" if libc.unshare(0x10000000) == 0 else "refused",
        "mount": "done" if libc.mount(b"none", b"/", b"tmpfs", 0, None) == 0 else "refused",
        "root": _tried(lambda: os.chroot("/")),
        "owner of a pipe": _tried(lambda: fcntl.fcntl(_pipe_of(send), fcntl.F_SETOWN, parent)),
        "signal of a pipe": _tried(lambda: fcntl.fcntl(_pipe_of(send), fcntl.F_SETSIG, 9)),
        "others' pipe": _tried(lambda: os.set_blocking(_pipe_of(send), False)),
        "size of a pipe": _tried(lambda: fcntl.fcntl(_pipe_of(send), fcntl.F_SETPIPE_SZ, 4096)),
    }
    _tell(send, **answers)


def take_memory(_source: Source, send: Send) -> None:
    """Four gibibytes."""
    kept = []
    try:
        for _ in range(256):
            kept.append(bytearray(b"x" * (16 << 20)))  # noqa: PERF401 - one by one, to count them
    except MemoryError:
        size = len(kept) * 16
        kept.clear()
        _tell(send, mebibytes=size)
        return
    _tell(send, mebibytes=len(kept) * 16)


def exhaust_memory(_source: Source, _send: Send) -> None:
    """Out of memory with nobody to catch it."""
    kept = []
    while True:
        kept.append(bytearray(b"x" * (16 << 20)))


def fail_hard(_source: Source, _send: Send) -> None:
    """A segmentation fault."""
    ctypes.string_at(1)


def spin(_source: Source, _send: Send) -> None:
    """Never come back, using the processor."""
    while True:
        pass


def sleep(_source: Source, _send: Send) -> None:
    """Never come back, using nothing."""
    while True:
        time.sleep(60)


def talk_nonsense(_source: Source, send: Send) -> None:
    """Bytes that are no message."""
    results = _pipe_of(send)
    wire.write_all(results, wire.frame_bytes(b"\xc1 nonsense"))
    time.sleep(60)


def announce_much(_source: Source, send: Send) -> None:
    """A message of four gibibytes."""
    wire.write_all(_pipe_of(send), b"\xff\xff\xff\xff" + b"x" * 1000)
    time.sleep(60)


def stop_halfway(_source: Source, send: Send) -> None:
    """A message cut off by the worker's death."""
    wire.write_all(_pipe_of(send), (1000).to_bytes(4, "little") + b"x" * 10)
    os._exit(0)


def claim_seen(_source: Source, send: Send) -> None:
    """A coverage that only a person may give."""
    send(wire.File(path="", size_bytes=1, kind="pdf", coverage="seen", findings=[], facts=b"{}"))


def claim_field(_source: Source, send: Send) -> None:
    """A message with a field too many."""
    body = msgspec.msgpack.encode(["Answer", b"{}", "more"])
    wire.write_all(_pipe_of(send), wire.frame_bytes(body))
    time.sleep(60)


def read_beyond(_source: Source, send: Send) -> None:
    """A source that was never served."""
    send(wire.Read(source=7, offset=0, size_bytes=10))
    time.sleep(60)


def flood(_source: Source, send: Send) -> None:
    """Files without end."""
    while True:
        send(wire.File(path="x", size_bytes=1, kind="pdf", coverage="dangerous", findings=[], facts=b"{}"))


def claim_walls(_source: Source, send: Send) -> None:
    """Walls that nobody put up, named after the work has begun."""
    send(wire.Ready(walls=["bubblewrap", "landlock", "seccomp", "rlimits", "no-network"]))


def leave_quietly(_source: Source, _send: Send) -> None:
    """Say nothing and go."""
    os._exit(0)


def _pipe_of(send: Send) -> int:
    return int(send.__self__._results)  # type: ignore[attr-defined]  # a taken-over parser knows its own pipe


HARMS: dict[str, Callable[[Source, Send], None]] = {
    name.replace("_", "-"): step
    for name, step in list(globals().items())
    if callable(step)
    and getattr(step, "__module__", "") == __name__
    and not name.startswith("_")
    and name != "run"
}
