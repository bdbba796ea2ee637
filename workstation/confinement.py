"""The walls the program puts round itself at start, for itself and every child, and which of them held.

* network: a seccomp filter lets ``socket`` and ``socketpair`` make AF_UNIX sockets only and closes the ways
  round it (io_uring, foreign system-call tables, taking a descriptor out of another process);
* core dumps: off, so that no key and no submission is written to disk by a crash;
* install root: the packages come from where the program is installed, never from the working folder.

What they do not cover is in ``docs/adr/0004-no-network.md``.
"""

import ctypes
import errno
import importlib.util
import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from workstation.core.errors import Tampered

PACKAGES = ("workstation", "ui", "storage", "reports", "resources")

_PR_SET_DUMPABLE, _PR_GET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 3, 38
_SECCOMP_SET_MODE_FILTER, _SECCOMP_FILTER_FLAG_TSYNC = 1, 1
_RET_ALLOW, _RET_ERRNO = 0x7FFF0000, 0x00050000
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # classic BPF operations
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data, low words
_X32_BIT = 0x40000000
_AF_UNIX, _AF_INET, _SOL_SOCKET, _SO_DOMAIN, _SOCK_STREAM = 1, 2, 1, 39, 1
_IO_URING = (425, 426, 427)  # setup, enter, register: io_uring can open sockets that the filter never sees
_PIDFD_GETFD = 438
_LAST_STANDARD_STREAM = 2


@dataclass(frozen=True, kw_only=True)
class _Machine:
    """The numbers one processor architecture gives to system calls."""

    audit: int
    socket: int
    socketpair: int
    seccomp: int
    closed: tuple[int, ...]  # ptrace and process_vm_writev steer a process that has a network


_MACHINES = {
    "x86_64": _Machine(audit=0xC000003E, socket=41, socketpair=53, seccomp=317, closed=(101, 311)),
    "aarch64": _Machine(audit=0xC00000B7, socket=198, socketpair=199, seccomp=277, closed=(117, 271)),
}


@dataclass(frozen=True, kw_only=True)
class Wall:
    """Whether one wall stands. ``reason`` says how, or why not, as a key of the message catalogue."""

    held: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class Confinement:
    """What held when the program started."""

    network: Wall
    core_dumps: Wall
    imports: Wall


@dataclass(kw_only=True, eq=False)
class ForeignPackage(Tampered):
    """A package of the program would be imported from somewhere else than where it is installed."""

    code: ClassVar[str] = "SET-001"
    package: str
    found_at: str
    install_root: str


@dataclass(kw_only=True, eq=False)
class InheritedNetwork(Tampered):
    """Whoever started the program handed it an open network socket."""

    code: ClassVar[str] = "SET-002"
    descriptor: int


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.POINTER(_Instruction)))


def network_filter(machine: _Machine) -> list[tuple[int, int, int, int]]:
    """The seccomp program: (operation, jump if true, jump if false, constant) for each instruction."""

    def refuse_if(number: int) -> list[tuple[int, int, int, int]]:
        return [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _RET_ERRNO | errno.EPERM)]

    program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, machine.audit),
        (_RETURN, 0, 0, _RET_ERRNO | errno.ENOSYS),  # 32-bit calls have other numbers: none is let through
        (_LOAD, 0, 0, _AT_NUMBER),
        (_JUMP_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _RET_ERRNO | errno.ENOSYS),
    ]
    for number in (*_IO_URING, _PIDFD_GETFD, *machine.closed):
        program += refuse_if(number)
    return [
        *program,
        (_JUMP_EQUAL, 2, 0, machine.socket),
        (_JUMP_EQUAL, 1, 0, machine.socketpair),
        (_RETURN, 0, 0, _RET_ALLOW),
        (_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        (_JUMP_EQUAL, 0, 1, _AF_UNIX),
        (_RETURN, 0, 0, _RET_ALLOW),
        (_RETURN, 0, 0, _RET_ERRNO | errno.EACCES),
    ]


def _inherited_network_socket(libc: ctypes.CDLL) -> int | None:
    """The first open descriptor that is a socket of another family than AF_UNIX.

    Standard input and output are the starter's own affair: a remote shell may be behind them.
    """
    for descriptor in sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir()):
        family, length = ctypes.c_int(0), ctypes.c_uint32(4)
        arguments = (_SOL_SOCKET, _SO_DOMAIN, ctypes.byref(family), ctypes.byref(length))
        is_socket = libc.getsockopt(descriptor, *arguments) == 0
        if is_socket and family.value != _AF_UNIX and descriptor > _LAST_STANDARD_STREAM:
            return descriptor
    return None


def _socket_is_refused(libc: ctypes.CDLL) -> bool:
    descriptor = libc.socket(_AF_INET, _SOCK_STREAM, 0)
    if descriptor >= 0:
        os.close(descriptor)
        return False
    return ctypes.get_errno() == errno.EACCES


def deny_network() -> Wall:
    """Refuse every socket family but AF_UNIX, for all threads and children, for good.

    Needs no privilege and cannot be undone. "Held" is said only after a socket was tried and refused.

    Raises:
        InheritedNetwork: a network socket was open before the wall stood.
    """
    machine = _MACHINES.get(platform.machine()) if sys.platform == "linux" and sys.maxsize > 2**32 else None
    if machine is None:
        return Wall(held=False, reason="confinement.unsupported-platform")
    libc = ctypes.CDLL(None, use_errno=True)
    inherited = _inherited_network_socket(libc)
    if inherited is not None:
        raise InheritedNetwork(descriptor=inherited)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return Wall(held=False, reason="confinement.kernel-refused")
    instructions = network_filter(machine)
    array = (_Instruction * len(instructions))(*(_Instruction(*parts) for parts in instructions))
    program = _Program(len(instructions), array)
    flags = ctypes.c_ulong(_SECCOMP_FILTER_FLAG_TSYNC)
    mode = ctypes.c_ulong(_SECCOMP_SET_MODE_FILTER)
    if libc.syscall(ctypes.c_long(machine.seccomp), mode, flags, ctypes.byref(program)) != 0:
        return Wall(held=False, reason="confinement.kernel-refused")
    if not _socket_is_refused(libc):
        return Wall(held=False, reason="confinement.kernel-refused")
    return Wall(held=True, reason="confinement.seccomp")


def forbid_core_dumps() -> Wall:
    """Keep the memory of this process out of core files and away from other processes of the same user."""
    if sys.platform != "linux":
        return Wall(held=False, reason="confinement.unsupported-platform")
    import resource  # noqa: PLC0415 - absent on Windows

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    libc = ctypes.CDLL(None, use_errno=True)
    # The limit alone does not stop a dump that core_pattern pipes into a program; this does.
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if libc.prctl(_PR_GET_DUMPABLE, 0, 0, 0, 0) != 0:
        return Wall(held=False, reason="confinement.kernel-refused")
    return Wall(held=True, reason="confinement.core-dumps-off")


def install_root() -> Path:
    """The folder that holds the five packages."""
    return Path(__file__).resolve().parents[1]


def require_own_packages() -> Wall:
    """Check, without importing them, that all packages of the program come from the install root.

    Raises:
        ForeignPackage: one of them is missing or would come from another folder.
    """
    root = install_root()
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        places = [] if spec is None else [*(spec.submodule_search_locations or ())]
        if [Path(place).resolve() for place in places] != [root / package]:
            found_at = ", ".join(places) or "nowhere"
            raise ForeignPackage(package=package, found_at=found_at, install_root=str(root))
    if getattr(sys, "frozen", False):
        return Wall(held=True, reason="confinement.frozen")
    if sys.flags.isolated:
        return Wall(held=True, reason="confinement.isolated")
    return Wall(held=True, reason="confinement.search-path-trimmed")


_current: list[Confinement] = []


def confine() -> Confinement:
    """Put up every wall; call once, before anything else is imported.

    Raises:
        ForeignPackage: the program would run code that is not its own.
        InheritedNetwork: a network socket was handed over by the starting process.
    """
    imports = require_own_packages()
    _current[:] = [Confinement(network=deny_network(), core_dumps=forbid_core_dumps(), imports=imports)]
    return _current[0]


def current() -> Confinement:
    """What held at start; every wall as not held when ``confine`` was never called (tests, tools)."""
    absent = Wall(held=False, reason="confinement.not-started")
    return _current[0] if _current else Confinement(network=absent, core_dumps=absent, imports=absent)
