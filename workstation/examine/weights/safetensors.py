"""Safetensors headers, read strictly: what the format leaves to readers ("duplicate keys are disallowed,
not all parsers may respect this") is refused here. Tensor data is never read.

The header is walked in place. A header may hold a million and a half tensors in its 100 MB, so each costs
two integers and one hash here, not a tree of objects.
"""

import codecs
import json
import re
from array import array
from collections.abc import Iterator

from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import metadata
from workstation.examine.weights.tensors import DistinctNames, TensorRow, TensorTable, broken, shown

MAX_HEADER_BYTES = 100_000_000  # the reference implementation's own bound
MAX_ENTRY_BYTES = 1 << 20
MAX_DEPTH = 8
MAX_LOOSE_ENTRIES = 200_000  # with keys in another order than every known writer has
MAX_METADATA_KEYS = 1_000
_LENGTH_BYTES = 8
_MAX_COUNT = 2**64 - 1

DTYPE_BITS = {
    **dict.fromkeys(("F4",), 4),
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8"), 8),
    **dict.fromkeys(("F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("C64", "F64", "I64", "U64"), 64),
}

_SPACE = re.compile(rb"[ \t\r\n]*")
_KEY = re.compile(rb'"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"[ \t\r\n]*:[ \t\r\n]*', re.DOTALL)
_STRING = re.compile(rb'"([^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+)"', re.DOTALL)
_W = rb"[ \t\r\n]*+"
_INT = rb"(?:0|[1-9]\d{0,18})"
_PLAIN_ENTRY = re.compile(
    rb'\{W"dtype"W:W"(\w{1,16})"W,W"shape"W:W\[W((?:NW(?:,WNW)*)?)\]W,'
    rb'W"data_offsets"W:W\[W(N)W,W(N)W\]W\}'.replace(b"W", _W).replace(b"N", _INT)
)
_PIECE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\]]|[^"{}\[\]]++', re.DOTALL)


class _Header:
    """A cursor over the header text."""

    def __init__(self, text: bytes) -> None:
        self.text, self.at, self.loose = text, 0, 0

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, byte: bytes) -> bool:
        if self.text[self.at : self.at + 1] != byte:
            return False
        self.at += 1
        return True

    def keys(self) -> Iterator[bytes]:
        """The raw keys of the object that begins here; the caller reads each value before the next."""
        if not self.take(b"{"):
            raise broken("header-json", f"object expected at {self.at}")
        self.space()
        if self.take(b"}"):
            return
        while True:
            self.space()
            key = _KEY.match(self.text, self.at)
            if key is None:
                raise broken("header-json", f"key expected at {self.at}")
            self.at = key.end()
            yield key[1]
            self.space()
            if self.take(b"}"):
                return
            if not self.take(b","):
                raise broken("header-json", f"comma expected at {self.at}")

    def value(self) -> bytes:
        """The raw JSON value that begins here, found by counting brackets."""
        start, depth = self.at, 0
        while True:
            piece = _PIECE.match(self.text, self.at, min(len(self.text), start + MAX_ENTRY_BYTES))
            if piece is None:
                raise broken("header-json", f"value at {start}")
            first = piece[0][:1]
            if depth == 0 and first not in b'{["':
                end = re.compile(rb"[,}\]]").search(self.text, self.at, start + MAX_ENTRY_BYTES)
                self.at = end.start() if end else len(self.text)
                return self.text[start : self.at]
            self.at = piece.end()
            depth += (first in b"{[") - (first in b"}]")
            if depth > MAX_DEPTH:
                raise broken("nesting", f"deeper than {MAX_DEPTH} at {self.at}")
            if depth == 0:
                return self.text[start : self.at]


def examine(source: Source, notes: Notes) -> None:
    """Check the header against the format and report its tensors and metadata."""
    text = header_text(source)
    start = _LENGTH_BYTES + len(text)
    notes.facts["header_bytes"] = len(text)
    if start % 8:
        notes.note("MODEL_ALIGNMENT", f"tensor data starts at {start}")
    table, spans = TensorTable(), _Spans(start)
    for row in _rows(text, start, notes):
        spans.add(row, source.size_bytes)
        table.add(row)
    table.into(notes)
    spans.require_gapless(source.size_bytes - start)


def tensor_rows(source: Source) -> Iterator[TensorRow]:
    """The rows of the table in header order, for a view that pages through them."""
    text = header_text(source)
    return _rows(text, _LENGTH_BYTES + len(text), Notes())


def header_text(source: Source) -> bytes:
    """The JSON header: right length, ``{`` first, UTF-8 throughout."""
    if source.size_bytes < _LENGTH_BYTES:
        raise broken("header-too-small", f"{source.size_bytes} bytes")
    length = int.from_bytes(source.read_at(0, _LENGTH_BYTES), "little")
    if length > MAX_HEADER_BYTES:
        raise broken("header-too-large", f"{length} bytes")
    if length > source.size_bytes - _LENGTH_BYTES:
        raise broken("header-length", f"{length} of {source.size_bytes - _LENGTH_BYTES}")
    parts, at = [], _LENGTH_BYTES
    decoder = codecs.getincrementaldecoder("utf-8")()
    while at < _LENGTH_BYTES + length:
        part = source.read_at(at, min(4 << 20, _LENGTH_BYTES + length - at))
        if not part:
            raise broken("header-length", f"ends at {at}")
        try:
            decoder.decode(part)
        except UnicodeDecodeError as error:
            raise broken("header-utf8", f"byte {at + error.start}") from None
        parts.append(part)
        at += len(part)
    text = b"".join(parts)
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise broken("header-utf8", "last character") from None
    if not text.startswith(b"{"):
        raise broken("header-start", shown(text[:16]))
    return text


def _rows(text: bytes, start: int, notes: Notes) -> Iterator[TensorRow]:
    header, seen, described = _Header(text), DistinctNames(), False
    for key in header.keys():  # noqa: SIM118 - a generator, not a mapping
        name = _string(key)
        if name == "__metadata__":
            if described:
                raise broken("duplicate-key", name)
            described = True
            _metadata(header, notes)
            continue
        seen.add(name)
        yield _entry(header, name, start)
    seen.require_distinct("duplicate-key")
    rest = text[header.at :]
    if rest.strip(b" \t\r\n"):
        raise broken("header-json", f"bytes after the object at {header.at}")
    if rest.strip(b" "):
        notes.note("MODEL_PADDING", "white space other than blanks after the header")


def _entry(header: _Header, name: str, start: int) -> TensorRow:
    plain = _PLAIN_ENTRY.match(header.text, header.at)
    if plain:
        header.at = plain.end()
        dtype = plain[1].decode()
        shape = tuple(map(int, plain[2].split(b","))) if plain[2] else ()
        begin, end = int(plain[3]), int(plain[4])
    else:
        header.loose += 1
        if header.loose > MAX_LOOSE_ENTRIES:
            raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_LOOSE_ENTRIES} unusual tensor entries")
        dtype, shape, begin, end = _loose_entry(header.value(), name)
    bits = DTYPE_BITS.get(dtype)
    if bits is None:
        raise broken("dtype", f"{shown(name, 100)}: {shown(dtype, 60)}")
    count = bits
    for length in shape:
        count *= length
        if count > _MAX_COUNT:
            raise broken("shape-overflow", shown(name))
    if count % 8:
        raise broken("misaligned", f"{shown(name)}: {count} bits")
    if end < begin:
        raise broken("offset-order", f"{shown(name)}: {begin}..{end}")
    if end - begin != count // 8:
        raise broken("shape-size-mismatch", f"{shown(name)}: {end - begin} bytes for {count // 8}")
    return TensorRow(name=name, dtype=dtype, shape=shape, offset=start + begin, size_bytes=end - begin)


def _loose_entry(raw: bytes, name: str) -> tuple[str, tuple[int, ...], int, int]:
    if raw[:1] != b"{":
        raise broken("tensor-entry", f"{shown(name)} is no object")
    entry = strict_json(raw)
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise broken("tensor-entry", f"{shown(name)} has other keys than dtype, shape, data_offsets")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str):
        raise broken("dtype", shown(name))
    if not isinstance(shape, list) or not all(map(_is_count, shape)):
        raise broken("shape", shown(name))
    if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_count, offsets)):  # noqa: PLR2004
        raise broken("data-offsets", shown(name))
    return dtype, tuple(shape), offsets[0], offsets[1]


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= _MAX_COUNT


def _metadata(header: _Header, notes: Notes) -> None:
    if header.text[header.at : header.at + 1] != b"{":
        raise broken("metadata", "__metadata__ is no object of strings")
    keys: list[str] = []
    names = DistinctNames()
    for raw in header.keys():  # noqa: SIM118 - a generator, not a mapping
        key = _string(raw)
        names.add(key)
        value = _STRING.match(header.text, header.at)
        if value is None:
            raise broken("metadata", f"{shown(key)} is no string")
        header.at = value.end()
        if len(keys) < MAX_METADATA_KEYS:
            keys.append(key)
        metadata.look_at(key, _string(value[1]), notes)
    names.require_distinct("duplicate-key")
    metadata.keys_into(keys, notes)


def _string(raw: bytes) -> str:
    if b"\\" not in raw:
        return raw.decode()
    value = strict_json(b'"' + raw + b'"')
    if not isinstance(value, str):
        raise broken("header-json", "string expected")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise broken("header-utf8", "half of a surrogate pair") from None
    return value


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise broken("duplicate-key", shown(", ".join(key for key, _ in pairs)))
    return found


def strict_json(raw: bytes) -> object:
    """A small JSON value without duplicate keys and without NaN."""
    try:
        return json.loads(raw, object_pairs_hook=_distinct, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise broken("header-json", shown(str(error))) from None


class _Spans:
    """Where each tensor lies, to prove that they cover the data without holes and overlaps."""

    def __init__(self, start: int) -> None:
        self._begins, self._ends = array("Q"), array("Q")
        self._start = start

    def add(self, row: TensorRow, file_bytes: int) -> None:
        begin = row.offset or 0
        if begin + row.size_bytes > file_bytes:
            end = begin + row.size_bytes
            raise broken("offset-past-end", f"{shown(row.name)}: byte {end} of {file_bytes}")
        self._begins.append(begin)
        self._ends.append(begin + row.size_bytes)

    def require_gapless(self, data_bytes: int) -> None:
        """Refuse holes, overlaps and bytes after the last tensor."""
        reached = self._start
        for begin, end in self._in_order():
            if begin > reached:
                raise broken("hole", f"bytes {reached}..{begin}")
            if begin < reached:
                raise broken("overlap", f"bytes {begin}..{reached}")
            reached = end
        if reached < self._start + data_bytes:
            raise broken("hole", f"bytes {reached}..{self._start + data_bytes} belong to no tensor")

    def _in_order(self) -> Iterator[tuple[int, int]]:
        pairs = zip(self._begins, self._ends, strict=True)
        if all(map(int.__le__, self._ends, self._begins[1:])):
            return pairs  # the usual case: written in order, nothing to sort
        # One integer a span keeps a million spans within the memory bound; tuples would not.
        packed = sorted(begin << 64 | end for begin, end in pairs)
        return ((span >> 64, span & _MAX_COUNT) for span in packed)
