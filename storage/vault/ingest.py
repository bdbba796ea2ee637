"""Reads each source once: hashes, seals and writes it in the same pass (vault-v1.md, section 6)."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self, cast

from storage.vault.files import free_bytes
from storage.vault.keys import KEY_BYTES, Keys, wipe
from storage.vault.lane import Digests, HashingLane, digests_of
from storage.vault.pieces import HEADER_BYTES, OVERHEAD_BYTES, PieceCipher, sealed_size
from storage.vault.resuming import Checkpoints, Journals, Kept, Unfinished
from storage.vault.writing import Buffers, ContainerWriter, new_buffers, sync_folders
from workstation.core.errors import Tampered
from workstation.core.vault import (
    DEFAULT_DIGESTS,
    PIECE_BYTES,
    ContainerKind,
    IngestSource,
    ObjectRef,
    Stored,
)
from workstation.core.vault_errors import CaseKeyDestroyed, ObjectMissing, SourceSizeChanged, VaultDiskFull

PACK_BYTES: Final = 64 << 20
_KEEP_FREE_BYTES = 8 << 20  # the database must still be able to say what happened
_PENDING_SYNCS = 8


class Filler:
    """Cuts a readable file or an iterable of byte strings into full pieces."""

    def __init__(self, source: IngestSource) -> None:
        # isinstance with a protocol would take longer than sealing a small file.
        self._readinto: Callable[[memoryview], int | None] | None = getattr(source, "readinto", None)
        self._chunks: Iterator[bytes | memoryview | bytearray] = iter(())
        if self._readinto is None:
            self._chunks = iter(cast("Iterable[bytes]", source))
        self._left = memoryview(b"")

    def fill(self, buffer: memoryview) -> int:
        """Bytes put into ``buffer``: all it holds, fewer only at the end, then 0."""
        done = 0
        while done < len(buffer):
            got = self._next_into(buffer[done:])
            if got == 0:
                break
            done += got
        return done

    def _next_into(self, buffer: memoryview) -> int:
        if self._readinto is not None:
            return self._readinto(buffer) or 0
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk).cast("B")
        size = min(len(buffer), len(self._left))
        buffer[:size] = self._left[:size]
        self._left = self._left[size:]
        return size


class Piece(NamedTuple):
    """What one turn of the pipeline handles."""

    buffer: memoryview
    size_bytes: int
    last: bool


class Label(NamedTuple):
    """What the caller said about a source."""

    expected_bytes: int | None
    untrusted_name: str

    def require(self, read_bytes: int, *, at_end: bool = True) -> None:
        """Stop as soon as the source is longer than announced, or at its end shorter.

        Raises:
            SourceSizeChanged: it is.
        """
        expected = self.expected_bytes
        if expected is not None and (read_bytes > expected or (at_end and read_bytes != expected)):
            raise SourceSizeChanged(
                untrusted_name=self.untrusted_name, expected_bytes=expected, read_bytes=read_bytes
            )


class Course:
    """Where one source goes, under which key, and what of it is there already."""

    def __init__(self, writer: ContainerWriter, key: bytearray, kept: ObjectRef | None = None) -> None:
        self.writer, self.key = writer, key
        self.offset = kept.offset if kept else writer.end
        self.cipher = PieceCipher(key, writer.container_id, self.offset)
        self.checkpoints: Checkpoints | None = None
        self._kept = Kept(writer, self.cipher, kept) if kept else None

    @property
    def begun(self) -> Unfinished | None:
        """What can be continued if this ends now."""
        return self.checkpoints.newest if self.checkpoints else None

    def holds(self, index: int, content: memoryview, *, last: bool) -> bool:
        """Whether this piece is there already."""
        return self._kept is not None and self._kept.holds(index, content, last=last)

    def passed(self, size_bytes: int, *, last: bool) -> None:
        """So much is sealed."""
        if self.checkpoints is not None and not last:
            self.checkpoints.passed(size_bytes)

    def wait(self) -> None:
        """Return when no checkpoint is under way."""
        if self.checkpoints is not None:
            self.checkpoints.wait()


class Batch:
    """``IngestBatch`` on disk. A context manager: what was not flushed is gone when it is left."""

    def __init__(
        self,
        root: Path,
        keys: Keys,
        require_open: Callable[[], None],
        tick: Callable[[int, str], None],
        case_key: int = 0,
        resumable: dict[tuple[str, str], Unfinished] | None = None,
    ) -> None:
        self._resumable = {} if resumable is None else resumable
        self._journals = Journals(root, keys)
        self._root, self._keys, self._require_open, self._tick = root, keys, require_open, tick
        self._case_key = case_key
        self._lane = HashingLane()
        self._head = memoryview(bytearray(PIECE_BYTES))
        self._buffers: dict[ContainerKind, Buffers] = {}
        self._pack: ContainerWriter | None = None
        self._unflushed: list[ContainerWriter] = []
        self._syncing: list[Future[None]] = []
        # Threads begin with the first task. Writing has one of its own: an fsync may take seconds.
        self._writing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault-write")
        self._fsyncing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault-sync")
        self.containers: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writing.shutdown(wait=True)
        self._fsyncing.shutdown(wait=True)
        for writer in self._unflushed:
            writer.discard()
        if self._pack is not None:
            self._pack.discard()
        self._lane.close()
        self._head[:] = bytes(len(self._head))  # the write buffers never hold plaintext

    def add(
        self,
        source: IngestSource,
        *,
        expected_size: int | None = None,
        digests: Sequence[str] = DEFAULT_DIGESTS,
        untrusted_name: str = "",
        group: str = "",
    ) -> Stored:
        """Seal one source; see ``IngestBatch.add``."""
        self._require_open()
        filler, label = Filler(source), Label(expected_size, untrusted_name)
        size_bytes = filler.fill(self._head)
        if size_bytes < PIECE_BYTES:
            return self._add_small(self._head[:size_bytes], digests, label)
        resumed = self._resumable.pop((group, untrusted_name), None)
        self._require_room((expected_size or 0) - (resumed.ref.size_bytes if resumed else 0))
        digester = Digests(digests, self._lane)
        with closing(self._pieces(filler)) as pieces:
            first = next(pieces)
            try:
                course = self._course(group, label, None if first.last else resumed, last=first.last)
            except BaseException:
                self._lane.give_back(first.buffer)
                raise
            writer = course.writer
            with self._all_or_nothing(writer, course):
                ref = self._seal(course, chain([first], pieces), digester, label)
                writer.write_out()
        if not first.last or writer.end >= PACK_BYTES:
            self._retire(writer)
        return Stored(ref=ref, size_bytes=ref.size_bytes, digests=digester.result())

    def _add_small(self, content: memoryview, digests: Sequence[str], label: Label) -> Stored:
        """The short way for what fits in one piece: 100,000 small files pay for each call in between."""
        label.require(len(content))
        result = digests_of(content, digests)
        writer = self._current_pack()
        with self._all_or_nothing(writer):
            key = bytearray(os.urandom(KEY_BYTES))
            offset = writer.end
            cipher = PieceCipher(key, writer.container_id, offset)
            cipher.seal_into(content, writer.room(len(content) + OVERHEAD_BYTES), 0, last=True)
            self._tick(len(content), label.untrusted_name)
            ref = self._reference(writer, offset, len(content), key)
            wipe(key)
        if writer.end >= PACK_BYTES:
            self._retire(writer)
        return Stored(ref=ref, size_bytes=len(content), digests=result)

    def flush(self) -> None:
        """Make everything added so far durable; see ``IngestBatch.flush``."""
        self._require_open()
        if self._pack is not None:
            self._pack.write_out()
            self._pack.sync()
        for future in self._syncing:
            future.result()
        sync_folders(self._root)
        self._syncing.clear()
        if self._pack is not None:
            self._pack.keep()
        self._unflushed.clear()

    def _course(self, group: str, label: Label, resumed: Unfinished | None, *, last: bool) -> Course:
        """Where the next source goes: into the pack, a new container, or one that was begun before."""
        if resumed is not None:
            with suppress(Tampered, ObjectMissing, CaseKeyDestroyed):
                return self._continued(resumed)
        writer = self._current_pack() if last else self._new_writer(ContainerKind.OBJECT)
        course = Course(writer, bytearray(os.urandom(KEY_BYTES)))
        if group and not last:
            ref = self._reference(writer, writer.end, 0, course.key)
            begun = Unfinished(group=group, untrusted_name=label.untrusted_name, ref=ref)
            course.checkpoints = Checkpoints(self._journals, self._fsyncing, writer, begun)
        return course

    def _continued(self, resumed: Unfinished) -> Course:
        key = self._keys.unwrap_object_key(resumed.ref)
        end = resumed.ref.offset + sealed_size(resumed.ref.size_bytes)
        writer = self._new_writer(ContainerKind.OBJECT, (resumed.ref.container_id, end))
        course = Course(writer, key, resumed.ref)
        course.checkpoints = Checkpoints(self._journals, self._fsyncing, writer, resumed)
        return course

    def _seal(self, course: Course, pieces: Iterable[Piece], digester: Digests, label: Label) -> ObjectRef:
        writer, size_bytes = course.writer, 0
        for index, piece in enumerate(pieces):
            # The hasher owns the buffer from here, but cannot lend it again before the next piece is taken.
            digester.update(piece.buffer, piece.size_bytes)
            self._require_open()
            size_bytes += piece.size_bytes
            label.require(size_bytes, at_end=piece.last)
            content = piece.buffer[: piece.size_bytes]
            if not course.holds(index, content, last=piece.last):
                out = writer.room(piece.size_bytes + OVERHEAD_BYTES)
                course.cipher.seal_into(content, out, index, last=piece.last)
                course.passed(size_bytes, last=piece.last)
            self._tick(piece.size_bytes, label.untrusted_name)
        course.wait()
        ref = self._reference(writer, course.offset, size_bytes, course.key)
        wipe(course.key)
        return ref

    def _reference(self, writer: ContainerWriter, offset: int, size_bytes: int, key: bytearray) -> ObjectRef:
        epoch, wrapped = self._keys.wrap_object_key(key, self._case_key)
        return ObjectRef(
            kind=writer.kind,
            container_id=writer.container_id,
            offset=offset,
            size_bytes=size_bytes,
            epoch=epoch,
            wrapped_key=wrapped,
            case_key=self._case_key,
        )

    @contextmanager
    def _all_or_nothing(self, writer: ContainerWriter, course: Course | None = None) -> Iterator[None]:
        start = writer.end
        try:
            yield
        except BaseException as error:
            self._lane.wait()
            if course is not None:
                course.wait()
            if writer is self._pack:
                writer.cut(start)
            else:
                self._leave(writer, None if course is None else course.begun, error)
            raise

    def _leave(self, writer: ContainerWriter, begun: Unfinished | None, error: BaseException) -> None:
        """Let an object go that did not come to its end: kept as far as it is whole, but on a full disk."""
        if isinstance(error, (VaultDiskFull, SourceSizeChanged)):
            writer.journaled, begun = False, None
            self._journals.remove(writer.container_id)
        writer.discard()
        self.containers.discard(writer.name)
        if begun is not None:
            self._resumable[begun.group, begun.untrusted_name] = begun

    def _pieces(self, filler: Filler) -> Generator[Piece]:
        """The full ``_head`` and what follows, read one piece ahead: the last one must be known as such."""
        held = [self._lane.take()]
        try:
            held[0][:] = self._head
            size = PIECE_BYTES
            while size == PIECE_BYTES:
                held.append(self._lane.take())
                following = filler.fill(held[1])
                if following == 0:
                    break
                yield Piece(held.pop(0), size, last=False)
                size = following
            yield Piece(held.pop(0), size, last=True)
        finally:
            for buffer in held:
                self._lane.give_back(buffer)

    def _require_room(self, size_bytes: int) -> None:
        needed = sealed_size(size_bytes) + HEADER_BYTES + _KEEP_FREE_BYTES
        free = free_bytes(self._root)
        if needed > free:
            raise VaultDiskFull(needed_bytes=needed, free_bytes=free)

    def _current_pack(self) -> ContainerWriter:
        if self._pack is None:
            self._pack = self._new_writer(ContainerKind.PACK)
        return self._pack

    def _new_writer(self, kind: ContainerKind, continued: tuple[bytes, int] | None = None) -> ContainerWriter:
        if kind not in self._buffers:
            self._buffers[kind] = new_buffers(kind)
        writer = ContainerWriter(self._root, kind, self._buffers[kind], self._writing, continued)
        self.containers.add(writer.name)
        return writer

    def _retire(self, writer: ContainerWriter) -> None:
        """Fsync a finished container while the next source is read."""
        writer.write_out()
        if writer is self._pack:
            self._pack = None
        self._unflushed.append(writer)
        self._syncing.append(self._fsyncing.submit(_sync_and_close, writer))
        if len(self._syncing) > _PENDING_SYNCS:
            self._syncing[-_PENDING_SYNCS].result()


def _sync_and_close(writer: ContainerWriter) -> None:
    try:
        writer.sync()
    finally:
        writer.close()
