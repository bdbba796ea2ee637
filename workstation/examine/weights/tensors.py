"""What the readers of weights have in common: a bounded cursor, a bounded table of tensors, their facts."""

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from workstation.core.examination import Severity
from workstation.examine.reader import Notes, Source, Unreadable

MAX_ROWS = 10_000
MAX_ROWS_TO_SHOW = 200_000  # for a person who pages through them
MAX_ROW_FACT_CHARS = 96 << 10  # the frame cuts all facts of a file at 256 KiB
MAX_NAME_CHARS = 300
_MAX_NUMBER = 2**63 - 1  # what every reader of the facts can hold
_PIECE_BYTES = 256 << 10

Endian = Literal["little", "big"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TensorRow:
    """One tensor as the header describes it; nothing of its data is read."""

    name: str  # untrusted
    dtype: str
    shape: tuple[int, ...]
    offset: int | None  # from the start of the file; None when the data lies elsewhere
    size_bytes: int

    @property
    def parameters(self) -> int:
        """How many numbers the shape promises."""
        count = 1
        for length in self.shape:
            count *= length
        return count


@dataclass(kw_only=True)
class TensorTable:
    """Totals over all tensors and the first rows of them; its memory does not grow with the file."""

    most_rows: int = MAX_ROWS
    rows: list[TensorRow] = field(default_factory=list)
    count: int = 0
    parameters: int = 0
    size_bytes: int = 0
    dtypes: Counter[str] = field(default_factory=Counter)

    def add(self, row: TensorRow) -> None:
        """Count one tensor and keep it while there is room."""
        self.count += 1
        self.parameters += row.parameters
        self.size_bytes += row.size_bytes
        self.dtypes[row.dtype] += 1
        if len(self.rows) < self.most_rows:
            self.rows.append(row)

    def to_show(self) -> Iterator[TensorRow | None]:
        """The rows that were kept; a last ``None`` says that there are more."""
        yield from self.rows
        if self.count > len(self.rows):
            yield None

    def into(self, notes: Notes) -> None:
        """Put the totals and as many rows as fit into the facts."""
        notes.facts["tensors"] = self.count
        notes.facts["parameters"] = min(self.parameters, _MAX_NUMBER)
        notes.facts["tensor_bytes"] = min(self.size_bytes, _MAX_NUMBER)
        notes.facts["dtypes"] = dict(sorted(self.dtypes.items())[:100])
        room: int = getattr(notes, "ROW_FACT_CHARS", MAX_ROW_FACT_CHARS)
        lines: list[object] = []
        for row in self.rows:
            name = row.name[:MAX_NAME_CHARS]
            room -= len(name.encode("utf-8", "replace")) + len(row.shape) * 20 + 60
            if room < 0:
                break
            lines.append([shown(name), row.dtype, list(row.shape), row.offset, row.size_bytes])
        notes.facts["tensor_table"] = lines
        notes.facts["tensor_table_columns"] = ["name", "dtype", "shape", "offset", "size_bytes"]


class Cursor:
    """Reads forward through a source in small buffered pieces; never past the end."""

    def __init__(self, source: Source, at: int = 0, end: int | None = None) -> None:
        self.source = source
        self.end = source.size_bytes if end is None else min(end, source.size_bytes)
        self._base = at
        self._buffer = b""
        self._index = 0

    @property
    def at(self) -> int:
        """Position in the source."""
        return self._base + self._index

    @property
    def left(self) -> int:
        """Bytes up to the end."""
        return max(0, self.end - self.at)

    def seek(self, at: int) -> None:
        """Go to a position, which may be the end but not beyond it."""
        if not 0 <= at <= self.end:
            raise broken("truncated", f"{at} of {self.end}")
        inside = at - self._base
        if 0 <= inside <= len(self._buffer):
            self._index = inside
        else:
            self._base, self._buffer, self._index = at, b"", 0

    def skip(self, size_bytes: int) -> None:
        """Go on without reading."""
        self.seek(self.at + size_bytes)

    def byte(self) -> int:
        """The next byte; -1 at the end. The one read that is worth a short way of its own."""
        index = self._index
        if index < len(self._buffer):
            self._index = index + 1
            return self._buffer[index]
        return self.read(1)[0] if self.left else -1

    def read(self, size_bytes: int) -> bytes:
        """Exactly ``size_bytes``; callers bound the number before, the source's end bounds it here."""
        start = self._index
        stop = start + size_bytes
        if stop > len(self._buffer):
            self._fill(size_bytes)
            start, stop = 0, size_bytes
        self._index = stop
        return self._buffer[start:stop]

    def _fill(self, size_bytes: int) -> None:
        at = self.at
        if size_bytes < 0 or size_bytes > self.end - at:
            raise broken("truncated", f"{at}+{size_bytes} of {self.end}")
        want = min(max(size_bytes, _PIECE_BYTES), self.end - at)
        parts: list[bytes] = []
        have = 0
        while have < want:
            part = self.source.read_at(at + have, min(want - have, 32 << 20))
            if not part:
                break
            parts.append(part)
            have += len(part)
        self._base, self._buffer, self._index = at, b"".join(parts), 0
        if len(self._buffer) < size_bytes:
            raise broken("truncated", f"{at}+{size_bytes}")

    def line(self, limit: int) -> bytes | None:
        """Up to and without the next newline; None when there is none within ``limit`` bytes."""
        while True:
            found = self._buffer.find(b"\n", self._index, self._index + limit)
            if found >= 0:
                text = self._buffer[self._index : found]
                self._index = found + 1
                return text
            have = len(self._buffer) - self._index
            if have >= limit or have >= self.left:
                return None
            self._fill(min(limit, self.left, max(_PIECE_BYTES, have * 2)))

    def integer(self, size_bytes: int, endian: Endian = "little", *, signed: bool = False) -> int:
        """A fixed-size integer."""
        return int.from_bytes(self.read(size_bytes), endian, signed=signed)


def shown(raw: bytes | str, limit: int = MAX_NAME_CHARS) -> str:
    """Untrusted text for a detail or a fact: bounded, undecodable bytes made visible."""
    text = raw[: limit * 4].decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")  # a lone surrogate is no JSON text
    return text if len(text) <= limit else text[:limit] + "…"


def listed(values: Iterable[str], limit: int = 200, limit_bytes: int = 16 << 10) -> list[str]:
    """Sorted, distinct, bounded in number and size: a list for the facts."""
    found: list[str] = []
    for value in sorted(set(values))[:limit]:
        text = shown(value)
        limit_bytes -= len(text.encode()) + 3
        if limit_bytes < 0:
            break
        found.append(text)
    return found


def broken(kind: str, detail: str = "") -> Unreadable:
    """The refusal of a file that breaks its format: code ``MODEL:<kind>``."""
    return Unreadable(f"MODEL:{kind}", detail, Severity.DANGER)


class DistinctNames:
    """Notices a name given twice, in sixteen bytes a name.

    Half a cryptographic hash is kept: two names that collide by labour only get their own file refused.
    """

    def __init__(self) -> None:
        self._hashes = array("Q")

    def add(self, name: str) -> None:
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self._hashes.append(int.from_bytes(digest, "little"))

    def require_distinct(self, kind: str) -> None:
        """Refuse the file with ``MODEL:<kind>`` if any name came twice."""
        last = None
        for value in sorted(self._hashes):
            if value == last:
                raise broken(kind, "a name is given twice")
            last = value
