"""Reads past the page cache: a check shall meet what lies on the disk, and the kernel's copy costs a core."""

import mmap
import os
from typing import Final

from storage.vault.files import pread_into, read_ahead, set_direct
from storage.vault.pieces import SEALED_PIECE_BYTES

_BLOCK_BYTES: Final = 4_096  # of every disk that is sold, or a multiple of its blocks
_WORTH_IT_BYTES: Final = 4 << 20  # what is shorter has neighbours that the kernel reads ahead


class PieceReads:
    """Places of one open file, a sealed piece at most; through the page cache where there is no other way."""

    def __init__(self, fd: int, object_bytes: int) -> None:
        self._fd = fd
        self._direct = object_bytes >= _WORTH_IT_BYTES and set_direct(fd, direct=True)
        if not self._direct:
            read_ahead(fd)
        size = min(SEALED_PIECE_BYTES, object_bytes + _BLOCK_BYTES) + 2 * _BLOCK_BYTES
        self._buffer = memoryview(mmap.mmap(-1, size)) if self._direct else memoryview(bytearray(size))

    def read(self, offset: int, size_bytes: int) -> memoryview:
        """What is there, fewer bytes only at the end of the file; good until the next read."""
        if self._direct:
            start = offset // _BLOCK_BYTES * _BLOCK_BYTES
            end = -(-(offset + size_bytes) // _BLOCK_BYTES) * _BLOCK_BYTES
            if self._blocks(start, end - start) >= offset - start + size_bytes:
                return self._buffer[offset - start : offset - start + size_bytes]
            self._direct = set_direct(self._fd, direct=False)
        return self._buffer[: pread_into(self._fd, self._buffer[:size_bytes], offset)]

    def _blocks(self, start: int, size_bytes: int) -> int:
        try:
            return os.preadv(self._fd, [self._buffer[:size_bytes]], start)
        except OSError:  # read once more through the page cache, which says what is wrong
            return 0
