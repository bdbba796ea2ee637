"""Where the samples of a long evaluation log begin: found once behind the walls, kept by the application.

They are found a stretch at a time, so that the first page of a log of gigabytes is there at once.

Each look at a document is a process of its own and forgets. The application keeps the index for as long as
the document is open and lends it to every later look, as a file beside the log. It is a row of offsets into
that same log: a wrong one shows a wrong part of it, or none.
"""

import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workstation.core.viewing import Break
from workstation.examine import shown, wire
from workstation.examine.reader import BytesSource, Folder, Notes, Source, Unreadable
from workstation.examine.walk import Send, sendable

LEAST_BYTES = 8 << 20  # shorter logs are read anew at each look
_PATH = "samples.index"
_WIDTH = 8
_MAX_BYTES = 1_000_000 * _WIDTH
_STRETCH_BYTES = 64 << 20
_TELL_EVERY_BYTES = 16 << 20
_TELL_EVERY = 4_096


@dataclass(kw_only=True)
class Known:
    """The samples of one log that were found so far; ``way`` leads to it from ``source``."""

    source: Source
    way: tuple[str, ...]
    index: bytes = b""
    is_whole: bool = False
    broken: Break | None = None

    @property
    def count(self) -> int:
        """How many."""
        return len(self.index) // _WIDTH

    @property
    def last(self) -> int:
        """Where the last of them begins; -1 when there is none."""
        return int.from_bytes(self.index[-_WIDTH:], "little") if self.index else -1

    @property
    def is_full(self) -> bool:
        """Whether no more can be held."""
        return len(self.index) >= _MAX_BYTES


class IndexBeside:
    """The index as the one file that lies beside a log; a ``Folder``."""

    def __init__(self, index: bytes) -> None:
        self._index = index

    def paths(self) -> Iterator[str]:
        """Its path."""
        return iter((_PATH,))

    def size_of(self, path: str) -> int | None:
        """Its size, or None for another path."""
        return len(self._index) if path == _PATH else None

    def open(self, path: str) -> BytesSource | None:
        """Its bytes, or None for another path."""
        return BytesSource(self._index, _PATH) if path == _PATH else None


def send_starts(starts: Iterator[int], view: wire.View, send: Send) -> shown.Indexed:
    """In the worker: tell one stretch of them as they are found; how many, and whether that is all.

    Where the log breaks, those before the break are all there are.

    Raises:
        Unreadable: it breaks before its first sample.
    """
    held, told_at, count, is_whole = array("Q"), 0, 0, True
    broken: Unreadable | None = None
    while True:
        try:
            start = next(starts)
        except StopIteration:
            break
        except Unreadable as reason:
            if not count and not view.start:
                raise  # no sample at all: there is nothing to show but the reason
            broken = reason
            break
        held.append(start)
        count += 1
        if count >= view.limit or start - view.start >= _STRETCH_BYTES:
            is_whole = False
            break
        if len(held) >= _TELL_EVERY or start - told_at >= _TELL_EVERY_BYTES:
            send(wire.Chunk(data=_packed(held)))
            del held[:]
            told_at = start
    if held:
        send(wire.Chunk(data=_packed(held)))
    return shown.Indexed(
        samples=count,
        is_whole=is_whole,
        break_code=broken.code if broken else None,
        break_detail=sendable(broken.detail)[: Notes.MAX_DETAIL_CHARS] if broken else "",
    )


def lent(folder: Folder | None) -> "array[int] | None":
    """In the worker: the index that the application lends, or None."""
    source = folder.open(_PATH) if folder is not None else None
    if source is None:
        return None
    index = array("Q", source.read_at(0, source.size_bytes // _WIDTH * _WIDTH))
    if sys.byteorder == "big":
        index.byteswap()
    return index


def received(
    messages: Iterator[wire.FromWorker], size_bytes: int, tell: Callable[[int], None], last: int = -1
) -> tuple[bytes, bytes]:
    """In the application: what follows ``last``, and the worker's answer; ``tell`` gets bytes gone through.

    Raises:
        Nonsense: offsets out of order or outside the log, or something else altogether.
    """
    index = bytearray()
    for message in messages:
        if isinstance(message, wire.Answer):
            return bytes(index), message.json
        if not isinstance(message, wire.Chunk) or len(index) > _MAX_BYTES or len(message.data) % _WIDTH:
            raise wire.Nonsense("no part of an index")
        for at in range(0, len(message.data), _WIDTH):
            start = int.from_bytes(message.data[at : at + _WIDTH], "little")
            if not last < start < size_bytes:
                raise wire.Nonsense("offset out of order")
            last = start
        index += message.data
        tell(last)
    raise wire.Nonsense("an index without an end")


def _packed(held: "array[int]") -> bytes:
    if sys.byteorder == "big":
        held = array("Q", held)
        held.byteswap()
    return held.tobytes()
