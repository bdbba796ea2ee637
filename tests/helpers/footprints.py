"""Which disks need not be looked at again: those that differ only where nobody looked.

After a power failure very many disks are possible, and most differ in the content of a file that the next
start removes unread, or in what a write-ahead log holds behind its last whole transaction. Looking at one
disk, it is noted which files were opened. Another disk with the same names and sizes, the same content of
these files and the same acknowledgements makes the program do the same, so it is counted and passed over.
"""

import hashlib
import os
import struct
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tests.helpers.crash_states import CrashState
from tests.helpers.disk_calls import AT_FDCWD, LIBRARIES, absolute
from tests.helpers.libc_calls import Handler, hook, places, real

_LOG_HEADER, _FRAME_HEADER = 32, 24
_LOG_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}
_WATCHED: Final = frozenset({"open64", "openat64", "unlink", "unlinkat", "rename", "renameat"})

# What lies on a disk: names with their sizes, and what had been acknowledged.
Listing = tuple[tuple[str, ...], tuple[tuple[str, int | None], ...]]


class Opened:
    """Every file below a folder that this process opens or renames with what it held before.

    What it made itself, or removed before it looked, is its own. Put in place once, for ever.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root) + "/"
        self._lock = threading.Lock()
        self._paths, self._own = set[str](), set[str]()

    def install(self) -> None:
        """Begin to watch."""
        met: dict[str, tuple[int, Callable[..., None]]] = {
            "open64": (3, lambda *words: self._open(AT_FDCWD, *words)),
            "openat64": (4, self._open),
            "unlink": (1, lambda path: self._end(AT_FDCWD, path)),
            "unlinkat": (3, lambda at, path, _flags: self._end(at, path)),
            "rename": (2, lambda old, new: self._move(AT_FDCWD, old, AT_FDCWD, new)),
            "renameat": (4, self._move),
        }
        assert met.keys() == _WATCHED
        hook({name: (count, _first(name, count, note)) for name, (count, note) in met.items()}, LIBRARIES)

    def take(self) -> frozenset[str]:
        """Paths relative to the folder, since the last time."""
        with self._lock:
            paths = frozenset(path.removeprefix(self._root) for path in self._paths)
            self._paths, self._own = set(), set()
        return paths

    def _open(self, at: int, path: int, flags: int, _mode: int = 0) -> None:
        text = absolute(at, path)
        with self._lock:
            if flags & (os.O_TRUNC | os.O_EXCL) or (flags & os.O_CREAT and not os.path.lexists(text)):
                self._made(text)
            else:
                self._looked_at(text)

    def _end(self, at: int, path: int) -> None:
        with self._lock:
            self._made(absolute(at, path))

    def _move(self, old_at: int, old: int, new_at: int, new: int) -> None:
        one, two = absolute(old_at, old), absolute(new_at, new)
        below = [str(path) for path in Path(one).rglob("*")] if Path(one).is_dir() else []
        with self._lock:
            for path in (one, *below):
                self._looked_at(path)
                self._made(two + path[len(one) :])

    def _looked_at(self, path: str) -> None:
        if path.startswith(self._root) and path not in self._own:
            self._paths.add(path)

    def _made(self, path: str) -> None:
        if path.startswith(self._root):
            self._own.add(path)


def _first(name: str, arguments: int, note: Callable[..., None]) -> Handler:
    function = real(name, arguments)

    def handler(*words: int) -> int:
        note(*words)
        return function(*words)

    return handler


def find_watched() -> None:
    """Look once, before the fork, for where these calls are made."""
    places(_WATCHED, LIBRARIES)


class Footprints:
    """The disks that were looked at, and what was looked at of each."""

    def __init__(self, root: Path) -> None:
        """``root`` is the folder whose disks these are, as it was recorded."""
        self._root = os.path.realpath(root) + "/"
        self._known = defaultdict[Listing, list[tuple[frozenset[str], bytes]]](list)

    def contents(self, state: CrashState) -> dict[str, bytes | None]:
        """Relative paths and what lies there for a reader; None for a folder."""
        disk = state.disk()
        found: dict[str, bytes | None] = {}
        for path, node in disk.names.items():
            content = None if node is None else bytes(disk.files.get(node, b""))
            if content is not None and path.endswith("-wal"):
                content = committed(content)
            found[path.removeprefix(self._root)] = content
        return found

    def is_known(self, state: CrashState, contents: Mapping[str, bytes | None]) -> bool:
        """Whether one that was looked at says what this one would say."""
        return any(
            self._digest(contents, seen) == had for seen, had in self._known[_listing(state, contents)]
        )

    def learn(self, state: CrashState, contents: Mapping[str, bytes | None], opened: frozenset[str]) -> None:
        """Note what was opened of a disk that held."""
        seen = frozenset(path for path in opened if contents.get(path) is not None)
        self._known[_listing(state, contents)].append((seen, self._digest(contents, seen)))

    @staticmethod
    def _digest(contents: Mapping[str, bytes | None], paths: frozenset[str]) -> bytes:
        whole = hashlib.sha256()
        for path in sorted(paths):
            content = contents.get(path) or b""
            whole.update(f"{path}\0{len(content)}\0".encode() + content)
        return whole.digest()


def _listing(state: CrashState, contents: Mapping[str, bytes | None]) -> Listing:
    sizes = ((path, None if content is None else len(content)) for path, content in contents.items())
    return state.said, tuple(sorted(sizes, key=lambda each: each[0]))


_CHECKED: dict[tuple[tuple[int, int], bytes], tuple[int, int]] = {}


def committed(log: bytes) -> bytes:
    """A write-ahead log of SQLite up to its last whole transaction; SQLite reads nothing behind that.

    Raises nothing: what is no log at all is empty. See "WAL file format" in SQLite's documentation.
    """
    if len(log) < _LOG_HEADER:
        return b""
    magic, _version, page, _number, *salts, first, second = struct.unpack_from(">8I", log)
    order = _LOG_MAGIC.get(magic)
    if order is None or _summed(log[:_FRAME_HEADER], order, (0, 0)) != (first, second):
        return b""
    sums, place, end = (first, second), _LOG_HEADER, 0
    while place + _FRAME_HEADER + page <= len(log):
        frame = log[place : place + _FRAME_HEADER + page]
        number, size_after, *found_salts, one, two = struct.unpack_from(">6I", frame)
        if not number or found_salts != salts:
            break
        key = (sums, hashlib.sha256(frame).digest())
        if key not in _CHECKED:
            head = _summed(frame[:8], order, sums)
            _CHECKED[key] = _summed(frame[_FRAME_HEADER:], order, head)
        sums = _CHECKED[key]
        if sums != (one, two):
            break
        place += len(frame)
        end = place if size_after else end
    return log[:end]


def _summed(content: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    one, two = sums
    words = struct.unpack(f"{order}{len(content) // 4}I", content)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = one + first + two & 0xFFFFFFFF
        two = two + second + one & 0xFFFFFFFF
    return one, two
