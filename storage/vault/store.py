"""The containers of one vault: ingest, open, verify, delete, sweep."""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

from storage.vault.files import faults_of, fsync_folder, write_all
from storage.vault.ingest import Batch
from storage.vault.keys import Keys
from storage.vault.pieces import PART_SUFFIX, container_of, folder_of, path_of, sealed_size
from storage.vault.reading import SealedReader
from storage.vault.resuming import Journals, Unfinished
from workstation.core.jobs import JobControl, Progress
from workstation.core.vault import ContainerKind, ObjectRef, Swept

_ZEROS = bytes(1 << 20)


class ObjectStore:
    """Sealed objects under ``root``; knows keys, not people."""

    def __init__(self, root: Path, keys: Keys, require_open: Callable[[], None]) -> None:
        self._root, self._keys, self._require_open = root, keys, require_open
        self._lock = threading.Lock()
        self._batches: list[Batch] = []
        self._readers: WeakSet[SealedReader] = WeakSet()
        self._journals = Journals(root, keys)
        self._resumable: dict[tuple[str, str], Unfinished] = {}

    @contextmanager
    def ingest(
        self, job: JobControl | None, stage: str, total_bytes: int | None, case_key: int
    ) -> Iterator[Batch]:
        """See ``Vault.ingest``."""
        self._require_open()
        tick = _ticker(job, stage, total_bytes)
        batch = Batch(self._root, self._keys, self._require_open, tick, case_key, self._resumable)
        with self._lock:
            self._batches.append(batch)
        try:
            with batch:
                yield batch
        finally:
            with self._lock:
                self._batches.remove(batch)

    def open(self, ref: ObjectRef, untrusted_name: str) -> SealedReader:
        """See ``Vault.open``."""
        self._require_open()
        reader = SealedReader(self._root, self._keys, self._require_open, ref, untrusted_name)
        self._readers.add(reader)
        return reader

    def verify(self, ref: ObjectRef, sha384: str | None, job: JobControl | None, stage: str) -> None:
        """See ``Vault.verify``."""
        tick = _ticker(job, stage, ref.size_bytes)
        with self.open(ref, "") as reader:
            reader.check(lambda size_bytes: tick(size_bytes, ""), sha384)

    def delete(self, ref: ObjectRef) -> None:
        """See ``Vault.delete``: an object's own file is removed, its place in a pack overwritten."""
        self._require_open()
        path = path_of(self._root, ref.kind, ref.container_id)
        try:
            with faults_of(path.parent, "delete"):
                if ref.kind is ContainerKind.OBJECT:
                    path.unlink()
                    fsync_folder(path.parent)
                else:
                    self._overwrite(path, ref)
        except FileNotFoundError:
            return

    @staticmethod
    def _overwrite(path: Path, ref: ObjectRef) -> None:
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            left = min(sealed_size(ref.size_bytes), max(0, os.fstat(fd).st_size - ref.offset))
            os.lseek(fd, ref.offset, os.SEEK_SET)
            while left:
                part = min(left, len(_ZEROS))
                write_all(fd, memoryview(_ZEROS)[:part])
                left -= part
            os.fsync(fd)
        finally:
            os.close(fd)

    def containers(self) -> dict[str, int]:
        """See ``Vault.containers``."""
        self._require_open()
        return {name: entry.stat(follow_symlinks=False).st_size for name, entry in self._entries() if name}

    def sweep(self, live: Callable[[], Collection[str]], awaited: Collection[str] = ()) -> Swept:
        """See ``Vault.sweep``."""
        self._require_open()
        found = list(self._entries())
        # In this order a batch that ends meanwhile is in one of the two: it commits before it ends.
        with self._lock:
            active = {name for batch in self._batches for name in frozenset(batch.containers)}
        named = set(live())
        awaiting = self._journals.awaited(awaited, named, active)
        begun = {name or _unfinished_of(entry) for name, entry in found}
        self._resumable.update(
            {(each.group, each.untrusted_name): each for name, each in awaiting.items() if name in begun}
        )
        active |= awaiting.keys()
        spared = named | active
        containers: list[str] = []
        unfinished: list[str] = []
        freed_bytes = 0
        for name, entry in found:
            part_of = "" if name else _unfinished_of(entry)
            if (name and name in spared) or (not name and (not part_of or part_of in active)):
                continue
            with faults_of(self._root, "sweep"):
                freed_bytes += entry.stat(follow_symlinks=False).st_size
                Path(entry.path).unlink(missing_ok=True)
            (containers if name else unfinished).append(name or part_of)
        for kind in ContainerKind:
            with faults_of(self._root, "sweep"):
                fsync_folder(folder_of(self._root, kind))
        return Swept(
            containers=tuple(sorted(containers)),
            unfinished=tuple(sorted(unfinished)),
            freed_bytes=freed_bytes,
        )

    def close(self) -> None:
        """Close every reader still open."""
        for reader in list(self._readers):
            reader.close()

    def _entries(self) -> Iterator[tuple[str, os.DirEntry[str]]]:
        """Every file with its container name, "" when it is not a finished container."""
        for kind in ContainerKind:
            folder = folder_of(self._root, kind)
            with faults_of(folder, "list"), os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        yield container_of(kind, entry.name) or "", entry


def _unfinished_of(entry: os.DirEntry[str]) -> str:
    """The container an unfinished file would have become, "" for a file that is none of the vault's."""
    for kind in ContainerKind:
        name = container_of(kind, entry.name.removesuffix(PART_SUFFIX))
        if entry.name.endswith(PART_SUFFIX) and name is not None:
            return name
    return ""


def _ticker(job: JobControl | None, stage: str, total_bytes: int | None) -> Callable[[int, str], None]:
    done = 0

    def tick(size_bytes: int, untrusted_detail: str) -> None:
        nonlocal done
        done += size_bytes
        if job is not None:
            job.tick(
                Progress(
                    stage=stage,
                    done_bytes=done,
                    total_bytes=total_bytes,
                    untrusted_detail=untrusted_detail,
                )
            )

    return tick
