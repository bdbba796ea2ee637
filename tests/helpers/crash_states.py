"""What may lie on a disk after the power failed, built from the calls that were made.

The model is the usual one of crash testing. What is synced is there. Of the content written since, any part
may be there or not, whatever the order in which it was written; a write may be cut at a sector. Names in
folders (create, rename, unlink, mkdir) come to the disk in order, as in any journal, but independently of
content, until their folder is synced.
"""

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.disk_calls import SECTOR, Call

_NAMES = ("create", "rename", "unlink", "mkdir", "rmdir")
_PAGE = 4_096
# Of many unsynced writes the oldest and the newest so many are left out one by one; each was newest once.
_EDGE = 4


@dataclass
class Disk:
    """Files by inode, names by path; None stands for a folder."""

    names: dict[str, int | None] = field(default_factory=dict)
    files: dict[int, bytes | bytearray] = field(default_factory=dict)
    _own: set[int] = field(default_factory=set)  # files whose content no copy of this disk shares

    @classmethod
    def read(cls, roots: Sequence[Path]) -> "Disk":
        """What lies below these folders now."""
        disk = cls()
        for root in roots:
            for folder, _folders, files in os.walk(os.path.realpath(root)):
                disk.names[folder] = None
                for name in files:
                    path = Path(folder) / name
                    node = path.stat().st_ino
                    disk.names[str(path)], disk.files[node] = node, path.read_bytes()
        return disk

    def copy(self) -> "Disk":
        """Independent of this one."""
        self._own = set()
        return Disk(dict(self.names), dict(self.files))

    def apply(self, call: Call) -> None:
        """Make one change; what has no place to be made is not made."""
        if call.kind == "create":
            self.names[call.path] = call.node
            self.files.setdefault(call.node, b"")
        elif call.kind == "mkdir":
            self.names[call.path] = None
        elif call.kind in {"unlink", "rmdir"}:
            self.names.pop(call.path, None)
        elif call.kind == "rename":
            self._rename(call.path, call.other)
        elif call.kind == "write":
            self._lengthened(call)[call.offset : call.offset + len(call.content)] = call.content
        elif call.kind == "truncate":
            del self._lengthened(call)[call.offset :]

    def _lengthened(self, call: Call) -> bytearray:
        """The file, this disk's own now, at least as long as where the call begins."""
        content = self.files.get(call.node, b"")
        if call.node not in self._own or not isinstance(content, bytearray):
            content = self.files[call.node] = bytearray(content)
            self._own.add(call.node)
        content.extend(bytes(max(0, call.offset - len(content))))
        return content

    def _rename(self, old: str, new: str) -> None:
        if old not in self.names:
            return
        moved = [path for path in self.names if path == old or path.startswith(old + "/")]
        for path in moved:
            self.names[new + path[len(old) :]] = self.names.pop(path)

    def write(self, here: dict[str, Path]) -> None:
        """Lay the files out, each root somewhere else."""
        for target in here.values():
            shutil.rmtree(target, ignore_errors=True)
        for path in sorted(self.names, key=len):
            root = next(root for root in here if path == root or path.startswith(root + "/"))
            target, node = here[root].joinpath(path[len(root) :].lstrip("/")), self.names[path]
            if node is None:
                target.mkdir(parents=True, exist_ok=True, mode=0o700)
            elif target.parent.is_dir():  # a file whose folder never came to the disk is not there either
                target.write_bytes(self.files.get(node, b""))
                target.chmod(0o600)


@dataclass(frozen=True)
class CrashState:
    """One possible disk, after so many calls, with what had been acknowledged by then."""

    after: int
    how: str
    said: tuple[str, ...]
    durable: Disk
    unsynced: tuple[Call, ...]

    def disk(self) -> Disk:
        """What lies on it."""
        disk = self.durable.copy()
        for each in self.unsynced:
            disk.apply(each)
        return disk


class CrashStates:
    """Every state of the model for a log of calls, each different one once."""

    def __init__(self, before: Disk, calls: Sequence[Call]) -> None:
        self._before, self._calls = before, list(_each_file_its_own(calls))

    def __iter__(self) -> Iterator[CrashState]:
        durable, pending = self._before.copy(), list[Call]()
        bit = {id(call): 1 << number for number, call in enumerate(self._calls)}
        done, said, seen = 0, tuple[str, ...](), set[object]()
        for number, call in enumerate(self._calls, start=1):
            if call.kind == "said":
                said = (*said, call.path)  # the same disk has more to answer for now
            elif call.kind == "sync":
                durable = durable.copy()
                left = _settled(durable, pending, call)
                done |= sum(bit[id(each)] for each in pending) - sum(bit[id(each)] for each in left)
                pending = left
            else:
                pending = [*pending, call]
            for how, chosen in _choices(pending):
                whole = done | sum(bit.get(id(each), 0) for each in chosen)
                torn = [(each.offset, len(each.content)) for each in chosen if id(each) not in bit]
                key = (whole, tuple(torn), len(said))
                if key not in seen:
                    seen.add(key)
                    what = f"{call.kind} {Path(call.path).name}: {how}"
                    yield CrashState(number, what, said, durable, tuple(chosen))


def _each_file_its_own(calls: Sequence[Call]) -> Iterator[Call]:
    """A file system gives the number of a removed file to the next one; here no two files share a number."""
    numbers: dict[int, int] = {}
    for count, call in enumerate(calls):
        if call.kind == "create":
            numbers[call.node] = -1 - count
        yield Call(**{**vars(call), "node": numbers.get(call.node, call.node)})


def _settled(durable: Disk, pending: list[Call], sync: Call) -> list[Call]:
    """Apply what a sync makes last; what remains open."""
    # Names come to the disk in order: those before the last one of this folder do, too.
    last = max((n for n, each in enumerate(pending) if _in_folder(each, sync.path)), default=-1)
    left = []
    for number, call in enumerate(pending):
        if number <= last if call.kind in _NAMES else call.node == sync.node:
            durable.apply(call)
        else:
            left.append(call)
    return left


def _in_folder(call: Call, folder: str) -> bool:
    return call.kind in _NAMES and folder in {path.rpartition("/")[0] for path in (call.path, call.other)}


def _choices(pending: list[Call]) -> Iterator[tuple[str, list[Call]]]:
    names = [call for call in pending if call.kind in _NAMES]
    content = [call for call in pending if call.kind not in _NAMES]
    yield "everything there", pending
    yield "nothing unsynced there", []
    yield "names without content", names
    yield "content without names", content
    for count in range(1, len(names)):
        yield f"{count} names and all content", [*names[:count], *content]
    few = content if len(content) <= 2 * _EDGE else [*content[:_EDGE], *content[-_EDGE:]]
    for dropped in few:
        yield "one write missing", [call for call in pending if call is not dropped]
        yield "one write alone", [call for call in pending if call in names or call is dropped]
    if content and content[-1].kind == "write":
        for what, torn in _torn(content[-1]):
            yield what, [torn if call is content[-1] else call for call in pending]


def _torn(call: Call) -> Iterator[tuple[str, Call]]:
    for unit in (SECTOR, _PAGE):
        middle = len(call.content) // 2 // unit * unit
        if middle:
            head, tail = call.content[:middle], call.content[middle:]
            yield f"torn at {unit}", Call(**{**vars(call), "content": head})
            late = {"content": tail, "offset": call.offset + middle}
            yield f"second half from {unit}", Call(**{**vars(call), **late})
