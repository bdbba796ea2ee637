"""Where the samples of a long evaluation log begin: found once behind the walls, kept by the application.

They are found a stretch at a time, so that the first page of a log of gigabytes is there at once. What the
list shows of a stretch comes with it, so that a search goes over the log once.

Each look at a document is a process of its own and forgets. The application keeps the index for as long as
the document is open and lends it to every later look, as a file beside the log. It is a row of offsets into
that same log: a wrong one shows a wrong part of it, or none.
"""

import sys
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import msgspec

from workstation.core import viewing
from workstation.examine import shown, wire
from workstation.examine.reader import BytesSource, Folder, Notes, Source, Unreadable
from workstation.examine.walk import Send, sendable

LEAST_BYTES = 8 << 20  # shorter logs are read anew at each look
_PATH = "samples.index"
_WIDTH = 8
_MAX_BYTES = 1_000_000 * _WIDTH
_FIRST_STRETCH_BYTES, _STRETCH_BYTES = 32 << 20, 64 << 20
_PAGE_BYTES = shown.MAX_ANSWER_BYTES // 2
_KEPT_BYTES = 32 << 20  # rows of further stretches are read anew where they lie
_TELL_EVERY_BYTES = 16 << 20
_TELL_EVERY = 4_096


@dataclass(kw_only=True)
class Known:
    """The samples of one log that were found so far; ``way`` leads to it from ``source``."""

    source: Source
    way: tuple[str, ...]
    index: bytes = b""
    is_whole: bool = False
    broken: viewing.Break | None = None
    _numbers: list[int] = field(default_factory=list)  # of the first row of each page that is kept
    _pages: list[bytes] = field(default_factory=list)
    _kept_bytes: int = 0

    def is_of(self, source: Source, way: tuple[str, ...]) -> bool:
        """Whether it is this log's."""
        return (self.source, self.way) == (source, way)

    def add(self, starts: bytes, page: bytes) -> None:
        """Samples that follow, and what the list shows of them.

        Raises:
            Nonsense: the rows are not of so many samples.
        """
        if len(shown.decoded(page, shown.Samples).rows) != len(starts) // _WIDTH:
            raise wire.Nonsense("rows of other samples")
        if self._kept_bytes + len(page) <= _KEPT_BYTES:
            self._numbers.append(self.count)
            self._pages.append(page)
            self._kept_bytes += len(page)
        self.index += starts

    def rows_from(self, number: int) -> tuple[viewing.SampleRow, ...]:
        """Rows from this one on, as many as one page holds; none where they were not kept."""
        at = bisect_right(self._numbers, number) - 1
        if at < 0:
            return ()
        first = self._numbers[at]
        return rows_of(shown.decoded(self._pages[at], shown.Samples), first)[number - first :]

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


def rows_of(found: shown.Samples, first: int | None = None) -> tuple[viewing.SampleRow, ...]:
    """In the application: a page of the list; with ``first`` its keys are numbers counted from there."""
    return tuple(
        viewing.SampleRow(
            key=row.key if first is None else str(number),
            untrusted_id=row.id,
            epoch=row.epoch,
            scores=tuple(row.scores),
            has_error=row.has_error,
            untrusted_preview=row.preview,
        )
        for number, row in enumerate(found.rows, start=first or 0)
    )


def that_fit(rows: Iterable[shown.Sample]) -> list[shown.Sample]:
    """In the worker: as many of them as one answer holds, one at least."""
    page: list[shown.Sample] = []
    size_bytes = 0
    for row in rows:
        size_bytes += len(msgspec.json.encode(row))
        if page and size_bytes > _PAGE_BYTES:
            break
        page.append(row)
    return page


def send_starts(
    found: Iterator[tuple[int, shown.Sample]], view: wire.View, send: Send, rows: list[shown.Sample]
) -> shown.Indexed:
    """In the worker: tell where one stretch of them begins; how many, and whether that is all.

    Their rows are added to ``rows``. Where the log breaks, those before the break are all there are.

    Raises:
        Unreadable: it breaks before its first sample.
    """
    held, told_at, count, is_whole = array("Q"), 0, 0, True
    size_bytes, stretch_bytes = 0, _STRETCH_BYTES if view.start else _FIRST_STRETCH_BYTES
    broken: Unreadable | None = None
    while True:
        try:
            start, row = next(found)
        except StopIteration:
            break
        except Unreadable as reason:
            if not count and not view.start:
                raise  # no sample at all: there is nothing to show but the reason
            broken = reason
            break
        held.append(start)
        rows.append(row)
        count += 1
        size_bytes += len(msgspec.json.encode(row))
        is_full = count >= view.limit or size_bytes >= _PAGE_BYTES
        if is_full or start - view.start >= stretch_bytes:
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
) -> tuple[bytes, bytes, bytes]:
    """In the application: what follows ``last``, the worker's answer, and the page of rows behind it.

    ``tell`` gets the bytes gone through.

    Raises:
        Nonsense: offsets out of order or outside the log, or something else altogether.
    """
    index, page = bytearray(), bytearray()
    answer: bytes | None = None
    for message in messages:
        if isinstance(message, wire.Answer) and answer is None:
            answer = message.json
        elif not isinstance(message, wire.Chunk) or max(len(index), len(page)) > _MAX_BYTES:
            raise wire.Nonsense("no part of an index")
        elif answer is not None:
            page += message.data
        else:
            last = _last_of(message.data, last, size_bytes)
            index += message.data
            tell(last)
    if answer is None:
        raise wire.Nonsense("an index without an end")
    return bytes(index), answer, bytes(page)


def _last_of(starts: bytes, last: int, size_bytes: int) -> int:
    if len(starts) % _WIDTH:
        raise wire.Nonsense("no part of an index")
    for at in range(0, len(starts), _WIDTH):
        start = int.from_bytes(starts[at : at + _WIDTH], "little")
        if not last < start < size_bytes:
            raise wire.Nonsense("offset out of order")
        last = start
    return last


def _packed(held: "array[int]") -> bytes:
    if sys.byteorder == "big":
        held = array("Q", held)
        held.byteswap()
    return held.tobytes()
