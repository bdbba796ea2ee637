"""Random access and whole reads of sealed objects; no byte leaves before its piece is authenticated."""

import os
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from cryptography.exceptions import InvalidTag

from storage.vault.direct import PieceReads
from storage.vault.files import faults_of, pread_into
from storage.vault.keys import Keys, wipe
from storage.vault.lane import Digests, HashingLane
from storage.vault.pieces import (
    OVERHEAD_BYTES,
    SEALED_PIECE_BYTES,
    PieceCipher,
    check_extent,
    path_of,
    piece_count,
)
from workstation.core.vault import PIECE_BYTES, ObjectRef
from workstation.core.vault_errors import ObjectMissing, ObjectTampered

MAX_READ_BYTES: Final = 64 << 20
_CHECK_BUFFERS: Final = 3  # to make and wipe more takes time of each object, and gains none


class SealedReader:
    """``SealedSource`` on disk: one open file, the last piece kept in clear for small neighbouring reads."""

    def __init__(
        self, root: Path, keys: Keys, require_open: Callable[[], None], ref: ObjectRef, untrusted_name: str
    ) -> None:
        self._ref, self._name, self._require_open = ref, untrusted_name, require_open
        key = keys.unwrap_object_key(ref)
        self._cipher = PieceCipher(key, ref.container_id, ref.offset)
        wipe(key)
        path = path_of(root, ref.kind, ref.container_id)
        try:
            with faults_of(path.parent, "open container"):
                self._fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError as error:
            raise ObjectMissing(container=ref.container) from error
        self._close = weakref.finalize(self, os.close, self._fd)
        try:
            check_extent(self._fd, ref.kind, ref.container_id, ref.offset, ref.size_bytes)
        except BaseException:
            self._close()
            raise
        self._pieces = piece_count(ref.size_bytes)
        self._lock = threading.Lock()
        self._cached: tuple[int, bytes] = (-1, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Untrusted hint."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Whole length of the plaintext."""
        return self._ref.size_bytes

    def close(self) -> None:
        """Release the file and the piece kept in clear."""
        with self._lock:
            self._cached = (-1, b"")
            self._close()

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """See ``SealedSource.read_at``."""
        if offset < 0 or not 0 <= size_bytes <= MAX_READ_BYTES:
            raise ValueError("offset or size out of bounds")
        end = min(offset + size_bytes, self.size_bytes)
        if offset >= end:
            with self._lock:
                self._require_usable()
            return b""
        parts = []
        for index in range(offset // PIECE_BYTES, (end - 1) // PIECE_BYTES + 1):
            start = index * PIECE_BYTES
            piece = self._piece(index)
            parts.append(piece[max(0, offset - start) : end - start])
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def stream(self) -> Iterator[bytes]:
        """See ``SealedSource.stream``."""
        for index in range(self._pieces):
            piece = self._piece(index, keep=False)
            if piece:
                yield piece

    def authenticate(self) -> None:
        """Check the first piece: also of an empty object, which has no byte to read."""
        self._piece(0)

    def check(self, tick: Callable[[int], None], sha384: str | None = None) -> None:
        """Open every piece; with ``sha384`` compare the whole as well.

        Raises:
            ObjectTampered: a piece, or the digest, is wrong.
        """
        lane = HashingLane(_CHECK_BUFFERS)
        digests = Digests((), lane)
        try:
            places = PieceReads(self._fd, self.size_bytes)
            for index in range(self._pieces):
                sealed = self._at_its_place(places, index)
                size = len(sealed) - OVERHEAD_BYTES
                buffer = lane.take()
                try:
                    self._cipher.open_into(sealed, buffer[:size], index, last=index == self._pieces - 1)
                except InvalidTag as error:
                    raise ObjectTampered(container=self._ref.container, piece=index) from error
                if sha384 is None:
                    lane.give_back(buffer)
                else:
                    digests.update(buffer, size)
                tick(size)
            if sha384 is not None and digests.result()["sha384"] != sha384:
                raise ObjectTampered(container=self._ref.container)
        finally:
            lane.close()

    def _piece(self, index: int, *, keep: bool = True) -> bytes:
        with self._lock:
            cached_index, cached = self._cached
        if cached_index == index:
            self._require_open()
            return cached
        sealed = memoryview(bytearray(self._sealed_piece_size(index)))
        self._read_sealed(index, sealed)
        piece = self._cipher.open(sealed, index, last=index == self._pieces - 1)
        if piece is None:
            raise ObjectTampered(container=self._ref.container, piece=index)
        if keep:
            with self._lock:
                self._cached = (index, piece)
        return piece

    def _sealed_piece_size(self, index: int) -> int:
        return min(PIECE_BYTES, self.size_bytes - index * PIECE_BYTES) + OVERHEAD_BYTES

    def _read_sealed(self, index: int, into: memoryview) -> int:
        size = self._sealed_piece_size(index)
        with self._lock, faults_of(Path(), "read container"):
            self._require_usable()
            got = pread_into(self._fd, into[:size], self._ref.offset + index * SEALED_PIECE_BYTES)
        if got != size:
            raise ObjectTampered(container=self._ref.container, piece=index)
        return size

    def _at_its_place(self, places: PieceReads, index: int) -> memoryview:
        size = self._sealed_piece_size(index)
        with self._lock, faults_of(Path(), "read container"):
            self._require_usable()
            sealed = places.read(self._ref.offset + index * SEALED_PIECE_BYTES, size)
        if len(sealed) != size:
            raise ObjectTampered(container=self._ref.container, piece=index)
        return sealed

    def _require_usable(self) -> None:
        self._require_open()
        if not self._close.alive:
            raise ValueError("the reader was closed")
