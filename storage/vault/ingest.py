"""Reads each source once: hashes, seals and writes it in the same pass (vault-v1.md, section 6)."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from storage.vault.files import free_bytes
from storage.vault.keys import KEY_BYTES, Keys, wipe
from storage.vault.lane import Digests, HashingLane
from storage.vault.pieces import HEADER_BYTES, OVERHEAD_BYTES, PieceCipher, sealed_size
from storage.vault.writing import ContainerWriter, new_buffer, sync_folders
from workstation.core.vault import (
    DEFAULT_DIGESTS,
    PIECE_BYTES,
    ContainerKind,
    IngestSource,
    ObjectRef,
    Readable,
    Stored,
)
from workstation.core.vault_errors import SourceSizeChanged, VaultDiskFull

PACK_BYTES: Final = 64 << 20
OWN_CONTAINER_BYTES: Final = PIECE_BYTES  # above: a file of its own; measured in tests/bench
_KEEP_FREE_BYTES = 8 << 20  # the database must still be able to say what happened
_PENDING_SYNCS = 8


class Filler:
    """Cuts a readable file or an iterable of byte strings into full pieces."""

    def __init__(self, source: IngestSource) -> None:
        self._readable = source if isinstance(source, Readable) else None
        self._chunks: Iterator[bytes | memoryview | bytearray] = (
            iter(()) if isinstance(source, Readable) else iter(source)
        )
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
        if self._readable is not None:
            return self._readable.readinto(buffer) or 0
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


class Batch:
    """``IngestBatch`` on disk. A context manager: what was not flushed is gone when it is left."""

    def __init__(
        self, root: Path, keys: Keys, require_open: Callable[[], None], tick: Callable[[int, str], None]
    ) -> None:
        self._root, self._keys, self._require_open, self._tick = root, keys, require_open, tick
        self._lane = HashingLane()
        self._buffers: dict[ContainerKind, memoryview] = {}
        self._pack: ContainerWriter | None = None
        self._unflushed: list[ContainerWriter] = []
        self._syncing: list[Future[None]] = []
        self._syncer: ThreadPoolExecutor | None = None
        self.containers: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._syncer is not None:
            self._syncer.shutdown(wait=True)
        for writer in self._unflushed:
            writer.discard()
        if self._pack is not None:
            self._pack.discard()
        self._lane.close()
        for buffer in self._buffers.values():
            buffer[:] = bytes(len(buffer))

    def add(
        self,
        source: IngestSource,
        *,
        expected_size: int | None = None,
        digests: Sequence[str] = DEFAULT_DIGESTS,
        untrusted_name: str = "",
    ) -> Stored:
        """Seal one source; see ``IngestBatch.add``."""
        self._require_open()
        self._require_room(expected_size or 0)
        digester = Digests(digests, self._lane)
        with closing(self._pieces(Filler(source))) as pieces:
            first = next(pieces)
            own = not first.last and (expected_size is None or expected_size > OWN_CONTAINER_BYTES)
            writer = self._new_writer(ContainerKind.OBJECT) if own else self._current_pack()
            start = writer.end
            try:
                ref = self._seal(writer, chain([first], pieces), digester, untrusted_name)
                _require_size(ref.size_bytes, expected_size, untrusted_name)
                if own:
                    writer.write_out()
            except BaseException:
                self._lane.wait()
                self._forget(writer, start)
                raise
        if own or writer.end >= PACK_BYTES:
            self._retire(writer)
        return Stored(ref=ref, size_bytes=ref.size_bytes, digests=digester.result())

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

    def _seal(
        self, writer: ContainerWriter, pieces: Iterable[Piece], digester: Digests, untrusted_name: str
    ) -> ObjectRef:
        key = bytearray(os.urandom(KEY_BYTES))
        offset, size_bytes = writer.end, 0
        cipher = PieceCipher(key, writer.container_id, offset)
        for index, piece in enumerate(pieces):
            # The hasher owns the buffer from here, but cannot lend it again before the next piece is taken.
            digester.update(piece.buffer, piece.size_bytes)
            self._require_open()
            with writer.room(piece.size_bytes + OVERHEAD_BYTES) as out:
                cipher.seal_into(piece.buffer[: piece.size_bytes], out, index, last=piece.last)
            size_bytes += piece.size_bytes
            self._tick(piece.size_bytes, untrusted_name)
        wrapped = self._keys.wrap_object_key(key)
        wipe(key)
        return ObjectRef(
            kind=writer.kind,
            container_id=writer.container_id,
            offset=offset,
            size_bytes=size_bytes,
            epoch=self._keys.epoch,
            wrapped_key=wrapped,
        )

    def _pieces(self, filler: Filler) -> Generator[Piece]:
        """Full pieces one ahead of the reader, because the last one must be known as such."""
        held = [self._lane.take()]
        try:
            size = filler.fill(held[0])
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
        if size_bytes <= PIECE_BYTES:
            return  # asking costs more than it saves; a failed write says the same
        needed = sealed_size(size_bytes) + HEADER_BYTES + _KEEP_FREE_BYTES
        free = free_bytes(self._root)
        if needed > free:
            raise VaultDiskFull(needed_bytes=needed, free_bytes=free)

    def _current_pack(self) -> ContainerWriter:
        if self._pack is None:
            self._pack = self._new_writer(ContainerKind.PACK)
        return self._pack

    def _new_writer(self, kind: ContainerKind) -> ContainerWriter:
        if kind not in self._buffers:
            self._buffers[kind] = new_buffer()
        writer = ContainerWriter(self._root, kind, self._buffers[kind])
        self.containers.add(writer.name)
        return writer

    def _forget(self, writer: ContainerWriter, start: int) -> None:
        if writer is self._pack:
            writer.cut(start)
        else:
            writer.discard()
            self.containers.discard(writer.name)

    def _retire(self, writer: ContainerWriter) -> None:
        """Fsync a finished container while the next source is read."""
        writer.write_out()
        if writer is self._pack:
            self._pack = None
        self._unflushed.append(writer)
        if self._syncer is None:
            self._syncer = ThreadPoolExecutor(max_workers=1, thread_name_prefix="vault-sync")
        self._syncing.append(self._syncer.submit(_sync_and_close, writer))
        if len(self._syncing) > _PENDING_SYNCS:
            self._syncing[-_PENDING_SYNCS].result()


def _require_size(read_bytes: int, expected_bytes: int | None, untrusted_name: str) -> None:
    if expected_bytes is not None and read_bytes != expected_bytes:
        raise SourceSizeChanged(
            untrusted_name=untrusted_name, expected_bytes=expected_bytes, read_bytes=read_bytes
        )


def _sync_and_close(writer: ContainerWriter) -> None:
    try:
        writer.sync()
    finally:
        writer.close()
