"""The walls a worker puts round itself: resource limits, Landlock, no network namespace, system-call filter.

Called by the worker only, before it sees a byte from outside. Each function says truthfully whether its wall
stands; a platform without one is reported, never assumed.
"""

import ctypes
import errno
import os
import platform
import resource
import sys
from collections.abc import Iterable
from functools import cache

MEMORY_BYTES = 1 << 30
OPEN_FILES = 48

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# System calls a confined Python needs for reading, memory and time (x86-64 numbers).
_ALLOWED = (
    0,  # read
    1,  # write: to the pipes that are open already
    3,  # close
    4,  # stat
    5,  # fstat
    6,  # lstat
    7,  # poll
    8,  # lseek
    9,  # mmap
    10,  # mprotect
    11,  # munmap
    12,  # brk
    13,  # rt_sigaction
    14,  # rt_sigprocmask
    15,  # rt_sigreturn
    17,  # pread64
    19,  # readv
    20,  # writev
    21,  # access
    24,  # sched_yield
    25,  # mremap
    28,  # madvise
    32,  # dup
    35,  # nanosleep
    39,  # getpid
    60,  # exit
    63,  # uname
    79,  # getcwd
    89,  # readlink
    96,  # gettimeofday
    97,  # getrlimit
    98,  # getrusage
    99,  # sysinfo
    100,  # times
    102,  # getuid
    104,  # getgid
    107,  # geteuid
    108,  # getegid
    110,  # getppid
    131,  # sigaltstack
    137,  # statfs
    186,  # gettid
    201,  # time
    202,  # futex
    204,  # sched_getaffinity
    217,  # getdents64
    221,  # fadvise64
    228,  # clock_gettime
    229,  # clock_getres
    230,  # clock_nanosleep
    231,  # exit_group
    262,  # newfstatat
    267,  # readlinkat
    269,  # faccessat
    271,  # ppoll
    273,  # set_robust_list
    318,  # getrandom
    324,  # membarrier
    332,  # statx
    334,  # rseq
    439,  # faccessat2
)
_OPEN, _OPENAT, _IOCTL, _FCNTL, _PRLIMIT = 2, 257, 16, 72, 302
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HARMLESS_IOCTLS = (0x5401, 0x5451, 0x5450)  # TCGETS (isatty), FIOCLEX, FIONCLEX
# F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC. Not F_SETOWN and its kin, by which the kernel would
# send signals to other processes for us; not F_SETFL, which would change the pipes of the jobs to come.
_HARMLESS_FCNTLS = (0, 1, 2, 3, 1030)
_AUDIT_X86_64 = 0xC000003E
_X32_BIT = 0x40000000
_RET_ALLOW, _RET_KILL, _RET_EPERM = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_SYS_SECCOMP = 317
_SYS_LANDLOCK_CREATE, _SYS_LANDLOCK_ADD, _SYS_LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_READ = 0b1101  # execute (map libraries), read file, read directory
_LANDLOCK_FS_BITS = {1: 13, 2: 14, 3: 15, 4: 15}  # how many rights each version knows; later ones know 16

_Instruction = tuple[int, int, int, int]


class _Filter(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filters", ctypes.POINTER(_Filter)))


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathRule(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@cache
def _filter() -> _Program:
    """The compiled filter: made once by the server, used by every process it forks."""
    instructions = filter_program()
    array = (_Filter * len(instructions))(*(_Filter(*parts) for parts in instructions))
    return _Program(len(instructions), array)


def prepare() -> None:
    """Do once, before any fork, what every forked process would have to repeat."""
    _libc()
    _filter()


def limit_resources(cpu_s: int) -> bool:
    """Memory, processor time, open files, no file output, no core dump, no further process."""
    limits = {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: cpu_s,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
    }
    for name, wanted in limits.items():
        _soft, hard = resource.getrlimit(name)
        value = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(name, (value, value))
    _libc().prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return resource.getrlimit(resource.RLIMIT_AS)[0] <= MEMORY_BYTES


def leave_network() -> bool:
    """Move into a network namespace of its own, which has no interface; false where that is not allowed."""
    if sys.platform != "linux":
        return False
    libc = _libc()
    return bool(libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0 or libc.unshare(_CLONE_NEWNET) == 0)


def forbid_privileges() -> bool:
    """No program started later gains rights by set-uid bits."""
    return sys.platform == "linux" and bool(_libc().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def restrict_files(readable: Iterable[str]) -> bool:
    """Landlock: only ``readable`` trees can be read, nothing can be written, made or removed; no TCP."""
    if sys.platform != "linux":
        return False
    libc = _libc()
    version = libc.syscall(_SYS_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))
    if version < 1:
        return False
    rights = (1 << _LANDLOCK_FS_BITS.get(version, 16)) - 1
    ruleset = _Ruleset(fs=rights, net=0b11 if version >= 4 else 0, scoped=0b11 if version >= 6 else 0)  # noqa: PLR2004
    size = 24 if version >= 6 else 16 if version >= 4 else 8  # noqa: PLR2004 - the structure grew with versions
    handle = libc.syscall(
        _SYS_LANDLOCK_CREATE, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0)
    )
    if handle < 0:
        return False
    for path in readable:
        _allow_reading(libc, handle, path)
    done = libc.syscall(_SYS_LANDLOCK_RESTRICT, ctypes.c_int(handle), ctypes.c_uint32(0)) == 0
    os.close(handle)
    return bool(done)


def _allow_reading(libc: ctypes.CDLL, handle: int, path: str) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # a place this machine does not have needs no permission
    rights = _LANDLOCK_READ if os.path.isdir(path) else 0b101  # noqa: PTH112 - no pathlib in the worker's start
    rule = _PathRule(allowed=rights, parent=parent)
    libc.syscall(
        _SYS_LANDLOCK_ADD, ctypes.c_int(handle), ctypes.c_int(1), ctypes.byref(rule), ctypes.c_uint32(0)
    )
    os.close(parent)


def filter_program() -> list[_Instruction]:
    """The system-call filter: what is not named here fails with EPERM.

    No socket, no new process or program, no opening for writing, no tracing, no namespaces, no io_uring.
    """
    program: list[_Instruction] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, _AUDIT_X86_64),
        (_RETURN, 0, 0, _RET_KILL),
        (_LOAD, 0, 0, 0),
        (_AT_LEAST, 0, 1, _X32_BIT),
        (_RETURN, 0, 0, _RET_EPERM),
    ]
    for number in _ALLOWED:
        program += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _RET_ALLOW)]
    for number, argument in ((_OPEN, 1), (_OPENAT, 2)):
        program += [
            (_EQUAL, 0, 4, number),
            (_LOAD, 0, 0, 16 + 8 * argument),
            (_ANY_BIT, 0, 1, _WRITING),
            (_RETURN, 0, 0, _RET_EPERM),
            (_RETURN, 0, 0, _RET_ALLOW),
        ]
    for number, commands in ((_IOCTL, _HARMLESS_IOCTLS), (_FCNTL, _HARMLESS_FCNTLS)):
        program += [(_EQUAL, 0, 2 + 2 * len(commands), number), (_LOAD, 0, 0, 24)]
        for command in commands:
            program += [(_EQUAL, 0, 1, command), (_RETURN, 0, 0, _RET_ALLOW)]
        program += [(_RETURN, 0, 0, _RET_EPERM)]
    # Limits may be read (new limit is a null pointer, both halves), never set.
    program += [
        (_EQUAL, 0, 6, _PRLIMIT),
        (_LOAD, 0, 0, 32),
        (_EQUAL, 0, 3, 0),
        (_LOAD, 0, 0, 36),
        (_EQUAL, 0, 1, 0),
        (_RETURN, 0, 0, _RET_ALLOW),
        (_RETURN, 0, 0, _RET_EPERM),
    ]
    return [*program, (_RETURN, 0, 0, _RET_EPERM)]


def filter_system_calls() -> bool:
    """Put the filter in force for this process, and try it; false where it does not exist."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return False
    libc = _libc()
    arguments = (ctypes.c_long(_SYS_SECCOMP), ctypes.c_ulong(1), ctypes.c_ulong(1), ctypes.byref(_filter()))
    if libc.syscall(*arguments) != 0:
        return False
    tried = libc.socket(1, 1, 0)
    return bool(tried < 0 and ctypes.get_errno() == errno.EPERM)
