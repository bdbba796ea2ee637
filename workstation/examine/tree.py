"""A folder from outside, nothing followed: every component is opened by ``openat`` with ``O_NOFOLLOW``."""

import itertools
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from workstation.core.examination import Severity
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import Hole, Loss, SourceUnreadable
from workstation.examine import losses
from workstation.examine.names import NameRegister, shown
from workstation.examine.reader import Notes
from workstation.examine.reading_on import pieces_reading_on

MAX_FILES = 1_000_000
MAX_FOLDER_DEPTH = 64
_OPEN_FILES = 16
_FILE_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_FOLDER_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY | os.O_CLOEXEC


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One plain file."""

    path: str  # as reported; undecodable bytes visible
    raw: bytes  # as the system calls it, relative to the root
    size_bytes: int


class FileSource:
    """One open file as a source; reads are positioned, so nothing is shared between readers."""

    def __init__(self, descriptor: int, size_bytes: int, name: str) -> None:
        self._descriptor, self._size, self._name = descriptor, size_bytes, name

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Length when it was opened."""
        return self._size

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes``, fewer before a bad sector; raises ``SourceUnreadable`` where it begins."""
        try:
            return os.pread(self._descriptor, size_bytes, offset)
        except OSError as error:
            raise losses.unreadable(self._name, error, self._descriptor) from None


class TreeSource:
    """One file of a tree, opened on first use and closed when others need its place."""

    def __init__(self, tree: "FolderTree", entry: Entry) -> None:
        self._tree, self._entry = tree, entry

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._entry.path.rsplit("/", 1)[-1]

    @property
    def size_bytes(self) -> int:
        """Length when the tree was listed."""
        return self._entry.size_bytes

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes``, fewer before a bad sector; raises ``SourceUnreadable`` where it begins."""
        try:
            # Another thread's reading may close this descriptor, and a new file may get its number.
            with self._tree.lock:
                return os.pread(self._tree.descriptor(self._entry), size_bytes, offset)
        except OSError as error:
            raise self._tree.unreadable(self._entry.path, error) from None


class FolderTree:
    """All plain files under one folder; links, devices and doubtful names are noted, not followed."""

    def __init__(self, root: Path, notes: Notes, job: JobControl) -> None:
        self.notes, self._job = notes, job
        self._open: OrderedDict[bytes, int] = OrderedDict()
        self.lock = threading.Lock()  # held while one of the open descriptors is used
        self.entries: list[Entry] = []
        try:
            self._root = os.open(root, _FOLDER_FLAGS)
        except OSError as error:
            raise SourceUnreadable(path=str(root), reason=os.strerror(error.errno or 0)) from None
        self._names = NameRegister(notes)
        self._list()
        self._names.finish()
        self._by_path: dict[str, Entry] = {}
        for entry in self.entries:
            self._by_path.setdefault(entry.path, entry)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every descriptor."""
        for descriptor in (*self._open.values(), self._root):
            os.close(descriptor)
        self._open.clear()

    def paths(self) -> Iterator[str]:
        """Untrusted paths of all plain files."""
        return iter(self._by_path)

    def size_of(self, path: str) -> int | None:
        """Size when the tree was listed, or None."""
        entry = self._by_path.get(path)
        return None if entry is None else entry.size_bytes

    def open(self, path: str) -> TreeSource | None:
        """One file by its reported path."""
        entry = self._by_path.get(path)
        return None if entry is None else TreeSource(self, entry)

    def chunks(self, entry: Entry, holes: list[Hole] | None = None) -> Iterator[bytes]:
        """The whole file in order, with zeros where ``holes`` are gathered; raises ``SourceUnreadable``.

        Of a file that grew since it was listed, one byte more than was listed: enough to notice.
        """
        try:
            descriptor = self._open_beneath(entry.raw, _FILE_FLAGS)
        except OSError as error:
            raise self.unreadable(entry.path, error) from None

        def read(offset: int, size_bytes: int) -> bytes:
            try:
                return os.pread(descriptor, size_bytes, offset)
            except OSError as error:
                raise self.unreadable(entry.path, error) from None

        try:
            yield from pieces_reading_on(read, entry.size_bytes, holes, beyond=1)
        finally:
            os.close(descriptor)

    def unreadable(self, path: str, error: OSError) -> SourceUnreadable:
        """A failed read of one of the files, told by what it took away."""
        return losses.unreadable(path, error, self._root)

    def descriptor(self, entry: Entry) -> int:
        """An open descriptor of the file; it may be closed at the next call."""
        descriptor = self._open.pop(entry.raw, None)
        if descriptor is None:
            descriptor = self._open_beneath(entry.raw, _FILE_FLAGS)
            if len(self._open) >= _OPEN_FILES:
                _raw, oldest = self._open.popitem(last=False)
                os.close(oldest)
        self._open[entry.raw] = descriptor
        return descriptor

    def _open_beneath(self, raw: bytes, flags: int) -> int:
        """Open component by component, so that no link anywhere on the way is followed."""
        *folders, last = raw.split(b"/")
        at = self._root
        try:
            for name in folders:
                deeper = os.open(name, _FOLDER_FLAGS, dir_fd=at)
                if at != self._root:
                    os.close(at)
                at = deeper
            descriptor = os.open(last, flags, dir_fd=at)
        finally:
            if at != self._root:
                os.close(at)
        if flags == _FILE_FLAGS and not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(22, "not a plain file any more")
        return descriptor

    def _list(self) -> None:
        waiting = [b""]
        listed = 0
        while waiting:
            folder = waiting.pop()
            self._job.tick(Progress(stage="intake.open", done_items=len(self.entries)))
            try:
                descriptor = self._open_beneath(folder, _FOLDER_FLAGS) if folder else os.dup(self._root)
            except OSError as error:
                self._unlisted(folder, error)
                continue
            try:
                with os.scandir(descriptor) as found:
                    # One folder cannot fill the memory: what is beyond the limit is refused below anyway.
                    first = itertools.islice(found, MAX_FILES + 1)
                    names = sorted(os.fsencode(entry.name) for entry in first)
                deeper = [
                    inner for name in names if (inner := self._met(folder, name, descriptor)) is not None
                ]
            except OSError as error:
                self._unlisted(folder, error)
                continue
            finally:
                os.close(descriptor)
            waiting.extend(reversed(deeper))
            listed += len(names)
            if listed > MAX_FILES:
                self.notes.danger("ARCH:too-many-members", f"more than {MAX_FILES} files and folders")
                return

    def _unlisted(self, folder: bytes, error: OSError) -> None:
        path = shown(folder)[0]
        fault = self.unreadable(path, error)
        if fault.loss is Loss.MEDIUM:
            raise fault
        self.notes.complete = False
        self.notes.add("FILE_UNREADABLE", Severity.CAUTION, fault.reason, path=path)

    def _met(self, folder: bytes, name: bytes, descriptor: int) -> bytes | None:
        """As ``_take``; of what cannot even be looked at the name is noted, and its neighbours are taken."""
        try:
            return self._take(folder, name, descriptor)
        except OSError as error:
            self._unlisted(folder + b"/" + name if folder else name, error)
            return None

    def _take(self, folder: bytes, name: bytes, descriptor: int) -> bytes | None:
        """Note one entry of a folder; the path of it when it is a folder to go into."""
        raw = folder + b"/" + name if folder else name
        path, decodable = shown(raw)
        details = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        mode = details.st_mode
        if not decodable:
            self.notes.add("ARCH:undecodable-name", Severity.CAUTION, path=path)
        self._names.add(path, folder=stat.S_ISDIR(mode))
        if stat.S_ISREG(mode):
            self.entries.append(Entry(path=path, raw=raw, size_bytes=details.st_size))
        elif stat.S_ISDIR(mode):
            if raw.count(b"/") < MAX_FOLDER_DEPTH:
                return raw
            self.notes.add("ARCH:path-too-deep", Severity.DANGER, path=path)
        elif stat.S_ISLNK(mode):
            self._names.link(path, shown(os.readlink(name, dir_fd=descriptor))[0])
        else:
            kind = "ARCH:fifo" if stat.S_ISFIFO(mode) else "ARCH:device-node"
            self.notes.add(kind, Severity.DANGER, path=path)
        return None
