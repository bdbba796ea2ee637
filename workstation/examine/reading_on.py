"""Reading on behind bad sectors: what the medium does not give stands as zeros, and each such place is named.

As rescuers of disks do it: the rest of a file is worth having, offsets stay what they were, and nobody takes
the zeros for content because the file is called unreadable and each hole is told.
"""

from collections.abc import Callable, Iterator

from workstation.core.packages import Hole, Loss, SourceUnreadable
from workstation.examine.reader import PIECE_BYTES, Source

BLOCK_BYTES = 4_096
# A worn disk takes seconds over each failing read: a long stretch is crossed in growing steps, and then left.
_MOST_STEP_BYTES = 1 << 20
_MOST_FAILED_READS = 64

Read = Callable[[int, int], bytes]


def pieces_reading_on(
    read: Read, size_bytes: int, holes: list[Hole] | None, *, beyond: int = 0
) -> Iterator[bytes]:
    """A file in order; ``holes`` grows with what is missing. Without ``holes`` nothing may be missing.

    A file of ``size_bytes`` that has grown is read up to ``beyond`` bytes further.

    Raises:
        SourceUnreadable: nothing could be read at all, too many reads failed, or the medium is gone.
    """
    end = size_bytes + beyond
    at = missing = failed = 0
    step = BLOCK_BYTES
    fault: SourceUnreadable | None = None
    while at < end:
        try:
            piece = read(at, min(PIECE_BYTES, end - at))
        except SourceUnreadable as reason:
            fault, failed = reason, failed + 1
            if holes is None or fault.loss is not Loss.BYTES or failed > _MOST_FAILED_READS:
                raise
            if at >= size_bytes:  # a file that lists as empty and cannot be read is not known to be empty
                if not at:
                    raise
                break
            skipped = min(step - at % BLOCK_BYTES, size_bytes - at)
            at, missing, step = at + skipped, missing + skipped, min(2 * step, _MOST_STEP_BYTES)
            continue
        if not piece:
            break
        if fault is not None and holes is not None and missing:
            yield from _zeros(at, missing, fault, holes)
        at, missing, step = at + len(piece), 0, BLOCK_BYTES
        yield piece
    if fault is not None and holes is not None and missing:
        if missing == at:
            raise fault
        yield from _zeros(at, missing, fault, holes)


def _zeros(at: int, missing: int, fault: SourceUnreadable, holes: list[Hole]) -> Iterator[bytes]:
    holes.append(Hole(first=at - missing, size_bytes=missing, reason=fault.reason))
    for done in range(0, missing, PIECE_BYTES):
        yield bytes(min(PIECE_BYTES, missing - done))


class Filled:
    """A source whose unreadable blocks are zeros, for looking at what a damaged container still tells."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._failed = 0

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._source.name

    @property
    def size_bytes(self) -> int:
        """Whole length."""
        return self._source.size_bytes

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """As the source, and zeros up to the end of a block that it does not give.

        Raises:
            SourceUnreadable: too many reads failed, or the medium is gone.
        """
        try:
            return self._source.read_at(offset, size_bytes)
        except SourceUnreadable as fault:
            self._failed += 1
            if fault.loss is not Loss.BYTES or self._failed > _MOST_FAILED_READS:
                raise
            return bytes(min(size_bytes, BLOCK_BYTES - offset % BLOCK_BYTES, self.size_bytes - offset))
