"""Every call of this process that changes files below some folders: counted, noted, struck at one of them.

Met are the calls of the interpreter, of SQLCipher and of the one function that goes round both. The index of
a write-ahead log (``-shm``) is left out: it is memory shared between processes, made anew after a crash.
"""

import ctypes
import errno
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from storage.media_files import MediumFiles
from tests.helpers.libc_calls import Handler, hook, places, real

LIBRARIES: Final = ("libpython", "python3", "_sqlite3")
AT_FDCWD: Final = -100
_DELAY_S = 0.03
# A late call changes nothing but the order of threads, so one run can have several, far from each other.
DELAYED_TOGETHER: Final = 16
SECTOR: Final = 512
_NEEDS_ROOM = {"create", "write", "mkdir"}


@dataclass(frozen=True, kw_only=True)
class Call:
    """One change. ``node`` is the file's inode; ``path`` and ``other`` are absolute."""

    kind: str  # create, write, truncate, sync, rename, unlink, mkdir, rmdir; said: an acknowledgement
    path: str
    node: int = 0
    other: str = ""
    offset: int = 0
    content: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Strike:
    """What happens at a call: an error number, fewer bytes than asked, a pause, or the end."""

    error: int = 0
    lasting: bool = False  # everything that needs room or writing fails from then on
    short: bool = False
    delay: bool = False
    kill: bool = False
    torn: bool = False  # killed with a part of the write done
    every: int = 0  # struck at each so-manieth call from the first on, not at one alone

    def concerns(self, call: Call) -> bool:
        """Whether it is another thing for this call than to be left alone."""
        return not (self.short or self.torn) or (call.kind == "write" and len(call.content) > 1)

    def falls_on(self, count: int, at: int) -> bool:
        """Whether the call of this number is struck."""
        return count % self.every == at % self.every if at and self.every else count == at

    def at(self, call: Call) -> int | None:
        """How many bytes of the call to do and return; None: all of it. Negative: an error."""
        if self.delay:
            time.sleep(_DELAY_S)
        if self.kill:
            os.kill(os.getpid(), signal.SIGKILL)
        if self.error:
            return -self.error
        if self.short or self.torn:
            half = len(call.content) // 2
            return half // SECTOR * SECTOR or half
        return None


NOTHING = Strike()
STRIKES: Final = {
    "EIO": Strike(error=errno.EIO),
    "ENOSPC": Strike(error=errno.ENOSPC, lasting=True),
    "EROFS": Strike(error=errno.EROFS, lasting=True),
    "short": Strike(short=True),
    "delay": Strike(delay=True, every=DELAYED_TOGETHER),
    "kill": Strike(kill=True),
    "torn": Strike(torn=True),
}


_MET: Final = frozenset(
    {"write", "pwrite64", "fsync", "fdatasync", "ftruncate64", "truncate64", "posix_fallocate64"}
    | {"open64", "openat64", "unlink", "unlinkat", "rmdir", "mkdir", "mkdirat", "rename", "renameat"}
)


def find_places() -> None:
    """Look once, in a process whose children are to be struck, for where the calls are made."""
    places(_MET, LIBRARIES)


class DiskCalls:
    """Put in place once in a process, for ever."""

    def __init__(
        self,
        roots: tuple[Path, ...],
        *,
        note: Callable[[Call], None] = lambda _call: None,
        strike: Strike = NOTHING,
        at: int = 0,
    ) -> None:
        self.count = 0
        self._roots = tuple(os.path.realpath(root) for root in roots)
        self._note, self._strike, self._at = note, strike, at
        self._lock = threading.Lock()

    def install(self) -> None:
        """Begin to count."""
        names: dict[str, tuple[int, Callable[..., int]]] = {
            "write": (3, self._write),
            "pwrite64": (4, self._write),
            "fsync": (1, self._sync),
            "fdatasync": (1, self._sync),
            "ftruncate64": (2, self._truncate),
            "truncate64": (2, self._truncate_path),
            "posix_fallocate64": (3, self._allocate),
            "open64": (3, lambda real, *words: self._open(real, AT_FDCWD, *words)),
            "openat64": (4, self._open),
            "unlink": (1, lambda real, path: self._remove(real, "unlink", AT_FDCWD, path)),
            "unlinkat": (3, self._unlink_at),
            "rmdir": (1, lambda real, path: self._remove(real, "rmdir", AT_FDCWD, path)),
            "mkdir": (2, lambda real, path, _mode: self._remove(real, "mkdir", AT_FDCWD, path)),
            "mkdirat": (3, lambda real, at, path, _mode: self._remove(real, "mkdir", at, path)),
            "rename": (2, lambda real, old, new: self._rename(real, AT_FDCWD, old, AT_FDCWD, new)),
            "renameat": (4, self._rename),
        }
        assert names.keys() == _MET
        found = hook({name: (n, self._bound(name, n, met)) for name, (n, met) in names.items()}, LIBRARIES)
        assert found >= len(names) - 3, found
        self._round_the_libraries()

    def say(self, text: str) -> None:
        """Note an acknowledgement between the calls: what was done before it must last."""
        self._note(Call(kind="said", path=text))

    def _bound(self, name: str, arguments: int, met: Callable[..., int]) -> Handler:
        function = real(name, arguments)
        return lambda *words: met(lambda: function(*words), *words)

    def _round_the_libraries(self) -> None:
        """The medium's rename that refuses a taken name is a call which no library makes."""
        rename_new = MediumFiles.rename_new

        def met(medium: MediumFiles, at: int, old: str, new: str) -> None:
            folder = _folder(at)
            call = Call(kind="rename", path=f"{folder}/{old}", other=f"{folder}/{new}")
            if self._meet(call) is not None:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), new)
            rename_new(medium, at, old, new)
            self._note_if_ours(call)

        MediumFiles.rename_new = met  # type: ignore[method-assign]  # for good, in a child process

    # --- one handler for each family of calls: ``real`` does what was asked ------------------------

    def _write(self, real: Handler, fd: int, buffer: int, size: int, offset: int = -1) -> int:
        path = _folder(fd)
        if not self._is_ours(path):
            return real()
        place = offset if offset >= 0 else os.lseek(fd, 0, os.SEEK_CUR)
        call = Call(
            kind="write",
            path=path,
            node=os.fstat(fd).st_ino,
            offset=place,
            content=ctypes.string_at(buffer, size),
        )
        part = self._meet(call)
        if part is not None and part < 0:
            return -1
        done = real() if part is None else os.pwrite(fd, call.content[:part], place)
        if part is not None:
            os.lseek(fd, 0 if offset >= 0 else done, os.SEEK_CUR)
            if self._strike.torn:
                os.kill(os.getpid(), signal.SIGKILL)
        if done > 0:
            self._note(Call(**{**vars(call), "content": call.content[:done]}))
        return done

    def _sync(self, real: Handler, fd: int) -> int:
        path = _folder(fd)
        call = Call(kind="sync", path=path, node=os.fstat(fd).st_ino if self._is_ours(path) else 0)
        return self._do(real, call)

    def _truncate(self, real: Handler, fd: int, size: int) -> int:
        path = _folder(fd)
        node = os.fstat(fd).st_ino if self._is_ours(path) else 0
        return self._do(real, Call(kind="truncate", path=path, node=node, offset=size))

    def _truncate_path(self, real: Handler, path: int, size: int) -> int:
        text = absolute(AT_FDCWD, path)
        node = Path(text).stat().st_ino if self._is_ours(text) and Path(text).exists() else 0
        return self._do(real, Call(kind="truncate", path=text, node=node, offset=size))

    def _allocate(self, real: Handler, fd: int, offset: int, size: int) -> int:
        path = _folder(fd)
        if not self._is_ours(path):
            return real()
        facts = os.fstat(fd)
        end = max(facts.st_size, offset + size)
        call = Call(kind="truncate", path=path, node=facts.st_ino, offset=end)
        if self._meet(call) is not None:
            return ctypes.get_errno()  # this one call returns its error
        done = real()
        self._note(call)
        return done

    def _open(self, real: Handler, at: int, path: int, flags: int, _mode: int) -> int:
        if not flags & (os.O_CREAT | os.O_TRUNC):
            return real()
        text = absolute(at, path)
        there = self._is_ours(text) and Path(text).exists()
        if not self._is_ours(text) or (there and not flags & os.O_TRUNC):
            return real()
        kind = "truncate" if there else "create"
        if self._meet(Call(kind=kind, path=text)) is not None:
            return -1
        fd = real()
        if fd >= 0:
            self._note(Call(kind=kind, path=text, node=os.fstat(fd).st_ino))
        return fd

    def _unlink_at(self, real: Handler, at: int, path: int, flags: int) -> int:
        return self._remove(real, "rmdir" if flags else "unlink", at, path)

    def _remove(self, real: Handler, kind: str, at: int, path: int) -> int:
        return self._do(real, Call(kind=kind, path=absolute(at, path)))

    def _rename(self, real: Handler, old_at: int, old: int, new_at: int, new: int) -> int:
        return self._do(real, Call(kind="rename", path=absolute(old_at, old), other=absolute(new_at, new)))

    def _do(self, real: Handler, call: Call) -> int:
        if self._is_ours(call.path) and self._meet(call) is not None:
            return -1
        done = real()
        if done == 0:
            self._note_if_ours(call)
        return done

    def _still(self, call: Call) -> bool:
        """Whether a strike of before still holds for this call: a full disk frees what is removed."""
        lasts = self._strike.lasting and 0 < self._at < self.count
        return lasts and (self._strike.error == errno.EROFS or call.kind in _NEEDS_ROOM)

    def _note_if_ours(self, call: Call) -> None:
        if self._is_ours(call.path):
            self._note(call)

    def _is_ours(self, path: str) -> bool:
        below = path in self._roots or path.startswith(tuple(root + "/" for root in self._roots))
        return below and not path.endswith("-shm")

    def _meet(self, call: Call) -> int | None:
        """One more call; what to do of it, None for all. Errors are set as the C library sets them."""
        if not self._is_ours(call.path):
            return None
        with self._lock:
            self.count += self._strike.concerns(call)
            if not (self._strike.concerns(call) and self._strike.falls_on(self.count, self._at)) and (
                not self._still(call)
            ):
                return None
        part = self._strike.at(call)
        if part is not None and part < 0:
            ctypes.set_errno(-part)
        return part


def _folder(fd: int) -> str:
    """The path of an open file or folder; empty for what has none."""
    try:
        return str(Path(f"/proc/self/fd/{fd}").readlink()).removesuffix(" (deleted)")
    except OSError:
        return ""


def absolute(at: int, path: int) -> str:
    """What the C library is asked for: a path, relative to an open folder or to that of the process."""
    text = os.fsdecode(ctypes.string_at(path))
    return os.path.normpath((Path.cwd() if at == AT_FDCWD else Path(_folder(at))) / text)
