"""Random access to decompressed bytes in flat memory, and the guard against bombs."""

from collections import OrderedDict
from collections.abc import Callable

from workstation.core.examination import Severity
from workstation.examine.archives.codecs import Decoder
from workstation.examine.reader import BytesSource, Source, Unreadable

INLINE_BYTES = 16 << 20  # members up to this size are expanded once, into memory
_BLOCK_BYTES = 256 << 10
_CACHED_BLOCKS = 64  # 16 MiB
_UNKNOWN_BYTES = 1 << 62
_RESTART_FLOOR_BYTES = 1 << 30

RATIO = 200  # expanded to compressed; real logs and models stay far below
SUSPECT_BYTES = 4 << 20  # below this size no ratio matters
DANGER_BYTES = 64 << 20  # from here on a suspect ratio is a bomb


class BombGuard:
    """Compares what came out with what went in, over everything one archive expands to."""

    def __init__(self, outer: "BombGuard | None" = None) -> None:
        self._outer = outer
        self.expanded_bytes = 0
        self.compressed_bytes = 0

    def check(self, expanded_bytes: int, compressed_bytes: int) -> None:
        """Judge one stream while it is being expanded.

        Raises:
            Unreadable: ARCH_BOMB, as soon as it is one.
        """
        if expanded_bytes >= DANGER_BYTES and expanded_bytes > RATIO * max(1, compressed_bytes):
            detail = f"{expanded_bytes} bytes from {compressed_bytes}"
            raise Unreadable("ARCH_BOMB", detail, Severity.DANGER)

    def add(self, expanded_bytes: int, compressed_bytes: int) -> None:
        """Count one finished stream towards the archive's total and judge that too."""
        self.expanded_bytes += expanded_bytes
        self.compressed_bytes += compressed_bytes
        self.check(self.expanded_bytes, self.compressed_bytes)


def is_suspect(expanded_bytes: int, compressed_bytes: int) -> bool:
    """Whether one finished stream was unusually small for what came out, without being a bomb."""
    return expanded_bytes >= SUSPECT_BYTES and expanded_bytes > RATIO * max(1, compressed_bytes)


class Expanded:
    """Decompressed bytes as a ``Source``: forward is cheap, back is a new start from the beginning.

    ``size_bytes`` may be unknown; then it reads as larger than anything and reads past the end are short.
    """

    def __init__(self, start: Callable[[], Decoder], size_bytes: int | None, name: str = "") -> None:
        self._start, self._name = start, name
        self._size = _UNKNOWN_BYTES if size_bytes is None else size_bytes
        self._decoder: Decoder | None = None
        self._next_block = 0
        self._blocks: OrderedDict[int, bytes] = OrderedDict()
        self._guard = BombGuard()
        self._restarted_bytes = 0

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Length as declared."""
        return self._size

    @property
    def decoder(self) -> Decoder | None:
        """The decoder at work, for its counters."""
        return self._decoder

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Expand as far as needed and answer from there."""
        size_bytes = min(size_bytes, self._size - offset)
        parts = []
        while size_bytes > 0:
            block = self._block(offset // _BLOCK_BYTES)
            part = block[offset % _BLOCK_BYTES :][:size_bytes]
            if not part:
                break
            parts.append(part)
            offset += len(part)
            size_bytes -= len(part)
        return b"".join(parts)

    def _block(self, wanted: int) -> bytes:
        if wanted in self._blocks:
            self._blocks.move_to_end(wanted)
            return self._blocks[wanted]
        if self._decoder is None or wanted < self._next_block:
            self._restart()
        while True:
            block = self._expand_block()
            index = self._next_block
            self._next_block += 1
            self._blocks[index] = block
            if len(self._blocks) > _CACHED_BLOCKS:
                self._blocks.popitem(last=False)
            if index == wanted or not block:
                return block

    def _restart(self) -> None:
        # Each return to the start costs everything before it; a hostile layout must not buy endless work.
        self._restarted_bytes += self._next_block * _BLOCK_BYTES
        if (
            self._restarted_bytes > _RESTART_FLOOR_BYTES
            and self._restarted_bytes > 8 * self._next_block * _BLOCK_BYTES
        ):
            raise Unreadable("EXAMINE_LIMIT", "too many returns to the start of a compressed stream")
        self._decoder, self._next_block = self._start(), 0

    def _expand_block(self) -> bytes:
        decoder = self._decoder
        if decoder is None:
            return b""
        parts, missing = [], _BLOCK_BYTES
        while missing:
            part = decoder.read(missing)
            if not part:
                break
            parts.append(part)
            missing -= len(part)
        expanded = self._next_block * _BLOCK_BYTES + _BLOCK_BYTES - missing
        self._guard.check(expanded, decoder.consumed_bytes)
        return b"".join(parts)


def source_of(start: Callable[[], Decoder], size_bytes: int, name: str) -> Source:
    """Small members in memory, large ones by ``Expanded``; the length is checked either way."""
    if size_bytes > INLINE_BYTES:
        return Expanded(start, size_bytes, name)
    decoder, parts, total = start(), [], 0
    while total <= size_bytes and (part := decoder.read(min(_BLOCK_BYTES, size_bytes + 1 - total))):
        parts.append(part)
        total += len(part)
    if total != size_bytes:
        raise Unreadable("ARCH_CORRUPT", f"{total} bytes, not {size_bytes}", Severity.DANGER)
    return BytesSource(b"".join(parts), name)
