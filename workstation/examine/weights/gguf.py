"""GGUF headers, versions 1 to 3, both byte orders, read strictly: every count and length is compared with the
bytes that are left before anything is read by it. Tensor data is never read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import ggml, metadata, templates
from workstation.examine.weights.tensors import (
    MAX_ROWS_TO_SHOW,
    Cursor,
    DistinctNames,
    Endian,
    TensorRow,
    TensorTable,
    broken,
    shown,
)

MAX_KEY_BYTES = 65_535  # by the specification
MAX_TENSOR_NAME_BYTES = 64  # by the specification
MAX_DIMENSIONS = 4
MAX_NESTING = 3
MAX_ITEMS = 8_000_000  # array elements that have to be walked one by one
MAX_TENSORS = 200_000
MAX_KEPT_BYTES = 4 << 20
_DEFAULT_ALIGNMENT = 32
_MAX_ELEMENTS = 2**63 - 1
_STRING, _ARRAY, _BOOL, _U32 = 8, 9, 7, 4
_SCALAR_BYTES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
_SIGNED = frozenset({1, 3, 5, 11})
_FLOATS = frozenset({6, 12})
_MAGIC_BYTES = 4
_KEY = re.compile(r"[\x21-\x7e]+")


@dataclass(kw_only=True)
class _Reader:
    """The cursor with what the file says about its own encoding."""

    cursor: Cursor
    endian: Endian
    version: int
    items: int = 0

    @property
    def word(self) -> int:
        """Bytes of a count or length: version 1 had 32 bits."""
        return 4 if self.version == 1 else 8

    def count(self) -> int:
        return self.cursor.integer(self.word, self.endian)

    def u32(self) -> int:
        return self.cursor.integer(4, self.endian)

    def string(self, limit: int) -> bytes:
        """A string, or its first ``limit`` bytes; a length beyond the file's end is refused."""
        length = self.count()
        if length > self.cursor.left:
            raise broken("string-length", f"{length} of {self.cursor.left} left")
        kept = self.cursor.read(min(length, limit))
        self.cursor.skip(length - len(kept))
        return kept

    def walk(self, items: int) -> None:
        """Account for elements that cost a step each."""
        self.items += items
        if self.items > MAX_ITEMS:
            raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_ITEMS} elements to walk")


def examine(source: Source, notes: Notes) -> None:
    """Check the header against the format; report metadata, chat templates and tensors."""
    reader = _open(source)
    tensors, pairs = reader.count(), reader.count()
    notes.facts["version"] = reader.version
    notes.facts["byte_order"] = reader.endian
    _require_count("tensors", tensors, reader)
    _require_count("metadata pairs", pairs, reader)
    alignment = _pairs(reader, pairs, notes)
    notes.facts["alignment"] = alignment
    table = TensorTable()
    _tensors(reader, tensors, alignment, table, notes)
    table.into(notes)


def tensor_rows(source: Source) -> Iterator[TensorRow | None]:
    """The rows of the table in header order, for a view that pages through them."""
    reader = _open(source)
    tensors, pairs = reader.count(), reader.count()
    _require_count("tensors", tensors, reader)
    _require_count("metadata pairs", pairs, reader)
    alignment = _pairs(reader, pairs, Notes())
    table = TensorTable(most_rows=MAX_ROWS_TO_SHOW)
    _tensors(reader, tensors, alignment, table, Notes())
    return table.to_show()


def _open(source: Source) -> _Reader:
    cursor = Cursor(source)
    if cursor.read(_MAGIC_BYTES) != b"GGUF":
        raise broken("magic", "does not start with GGUF")
    raw = cursor.read(4)
    version = int.from_bytes(raw, "little")
    endian: Endian = "little"
    # A big-endian file has its version in the other half of the word.
    if version & 0xFFFF == 0 and version:
        version, endian = int.from_bytes(raw, "big"), "big"
    if version not in {1, 2, 3}:
        raise broken("version", str(version))
    return _Reader(cursor=cursor, endian=endian, version=version)


def _require_count(what: str, count: int, reader: _Reader) -> None:
    if count > reader.cursor.left:
        raise broken("count", f"{count} {what} in {reader.cursor.left} bytes")
    reader.walk(count)


def _pairs(reader: _Reader, pairs: int, notes: Notes) -> int:
    """Walk the metadata; return the alignment of the tensor data."""
    names, alignment = DistinctNames(), _DEFAULT_ALIGNMENT
    keys: list[str] = []
    for _ in range(pairs):
        raw = reader.string(MAX_KEY_BYTES + 1)
        if not 0 < len(raw) <= MAX_KEY_BYTES:
            raise broken("string-length", f"key of {len(raw)} bytes")
        key = _text(raw, "key")
        names.add(key)
        if not _KEY.fullmatch(key):
            notes.caution("MODEL:key", shown(key))
        if len(keys) < 1_000:  # noqa: PLR2004 - a list for people
            keys.append(key)
        kind = reader.u32()
        value = _value(reader, kind, 0)
        if key == "general.alignment":
            alignment = _alignment(kind, value)
        _keep(key, kind, value, notes)
    names.require_distinct("duplicate-key")
    metadata.keys_into(keys, notes)
    notes.facts["metadata_pairs"] = pairs
    if "architecture" not in notes.facts:
        notes.note("MODEL_ARCHITECTURE", "general.architecture is not given")
    return alignment


def _alignment(kind: int, value: object) -> int:
    if kind != _U32 or not isinstance(value, int) or value == 0 or value % 8 or value & (value - 1):
        raise broken("alignment", f"general.alignment is {value!r}, type {kind}")
    return value


def _value(reader: _Reader, kind: int, depth: int) -> object:
    """One metadata value: scalars and strings as themselves, arrays as their length."""
    if kind == _STRING:
        return reader.string(MAX_KEPT_BYTES)
    if kind == _ARRAY:
        return _array(reader, depth)
    size = _SCALAR_BYTES.get(kind)
    if size is None:
        raise broken("kv-type", str(kind))
    raw = reader.cursor.read(size)
    if kind == _BOOL and raw not in {b"\0", b"\1"}:
        raise broken("bool", raw.hex())
    if kind in _FLOATS:
        return None  # nothing is decided by a float
    return int.from_bytes(raw, reader.endian, signed=kind in _SIGNED)


def _array(reader: _Reader, depth: int) -> object:
    if depth >= MAX_NESTING:
        raise broken("nesting", f"arrays deeper than {MAX_NESTING}")
    kind, length = reader.u32(), reader.count()
    size = _SCALAR_BYTES.get(kind)
    if size is None and kind not in {_STRING, _ARRAY}:
        raise broken("kv-type", f"array of {kind}")
    if length * (size or reader.word) > reader.cursor.left:
        raise broken("array-length", f"{length} of type {kind} in {reader.cursor.left} bytes")
    if size is not None:
        reader.cursor.skip(length * size)
        return length
    reader.walk(length)
    for _ in range(length):
        if kind == _STRING:
            reader.string(0)
        else:
            _array(reader, depth + 1)
    return length


def _is_text(value: bytes) -> bool:
    """UTF-8, as the format asks for; one that was cut here may end within a character."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError as error:
        return len(value) >= MAX_KEPT_BYTES and error.start >= len(value) - 3
    return True


_GENERAL = {
    "general.architecture": "architecture",
    "general.name": "name",
    "general.file_type": "file_type",
    "general.quantization_version": "quantization_version",
    "general.license": "licence",
    "general.author": "author",
    "general.source.url": "source_url",
    "tokenizer.ggml.model": "tokenizer",
}


def _keep(key: str, kind: int, value: object, notes: Notes) -> None:
    if kind == _STRING and isinstance(value, bytes):
        if not _is_text(value):
            notes.caution("MODEL:string-utf8", f"value of {shown(key)}")
        if "chat_template" in key:
            _template(key, value, notes)
            return
        metadata.look_at(key, value.decode("utf-8", "backslashreplace"), notes)
    fact = _GENERAL.get(key) or ("context_length" if key.endswith(".context_length") else None)
    if fact and value is not None:
        notes.facts[fact] = shown(value) if isinstance(value, bytes) else value


def _template(key: str, value: bytes, notes: Notes) -> None:
    if len(value) >= MAX_KEPT_BYTES:
        notes.incomplete("MODEL_UNPARSED", f"{shown(key)}: longer than {MAX_KEPT_BYTES} bytes")
    found = templates.suspicions(value.decode("utf-8", "backslashreplace"))
    kept = notes.facts.setdefault("chat_templates", {})
    if isinstance(kept, dict) and len(kept) < 20:  # noqa: PLR2004 - enough for every known model
        kept[shown(key)] = shown(value, max(200, 20_000 - sum(map(len, kept.values()))))
    if found:
        notes.caution("MODEL:template-code", f"{shown(key)}: {', '.join(found)}")
        notes.caution("TEMPLATE_CODE", f"{shown(key)}: {', '.join(found)}")


def _text(raw: bytes, what: str) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise broken("string-utf8", f"{what} {shown(raw, 80)}") from None


def _tensors(reader: _Reader, count: int, alignment: int, table: TensorTable, notes: Notes) -> None:
    names, cursor = DistinctNames(), reader.cursor
    if count > MAX_TENSORS:
        raise Unreadable("EXAMINE_LIMIT", f"{count} tensors")
    rows = []
    for _ in range(count):
        row = _tensor(reader, notes)
        names.add(row.name)
        rows.append((row.name, row.dtype, row.shape, row.offset or 0, row.size_bytes))
    names.require_distinct("duplicate-tensor")
    first_data = -(-cursor.at // alignment) * alignment
    expected = 0
    for name, dtype, shape, offset, size in rows:
        end = first_data + offset + size
        if end > cursor.end:
            raise broken("truncated", f"{shown(name)}: byte {end} of {cursor.end}")
        if offset % alignment:
            raise broken("alignment", f"{shown(name)}: offset {offset} is no multiple of {alignment}")
        if offset != expected:
            raise broken(
                "overlap" if offset < expected else "hole", f"{shown(name)}: {offset}, not {expected}"
            )
        expected = -(-(offset + size) // alignment) * alignment
        table.add(TensorRow(name=name, dtype=dtype, shape=shape, offset=first_data + offset, size_bytes=size))
    trailing = cursor.end - first_data - expected
    if trailing > 0:
        notes.caution("MODEL:trailing", f"{trailing} bytes after the last tensor")


def _tensor(reader: _Reader, notes: Notes) -> TensorRow:
    raw = reader.string(MAX_KEY_BYTES + 1)
    if len(raw) > MAX_KEY_BYTES:
        raise broken("string-length", "tensor name")
    name = _text(raw, "tensor name")
    if not 0 < len(raw) <= MAX_TENSOR_NAME_BYTES:
        notes.caution("MODEL:tensor-name", f"{len(raw)} bytes: {shown(name)}")
    dimensions = reader.u32()
    if dimensions > MAX_DIMENSIONS:
        raise broken("n-dims", f"{shown(name)}: {dimensions}")
    shape = tuple(reader.count() for _ in range(dimensions))
    number = reader.u32()
    kind = ggml.TYPES.get(number)
    if kind is None:
        raise broken("tensor-type", f"{shown(name)}: {number}")
    elements = 1
    for length in shape:
        elements *= length
        if elements > _MAX_ELEMENTS:
            raise broken("shape-overflow", f"{shown(name)}: {shape}")
    if elements % kind.block_elements or (shape and shape[0] % kind.block_elements):
        raise broken("shape-block", f"{shown(name)}: {shape} in blocks of {kind.block_elements}")
    size = elements // kind.block_elements * kind.block_bytes
    offset = reader.cursor.integer(8, reader.endian)
    return TensorRow(name=name, dtype=kind.name, shape=shape, offset=offset, size_bytes=size)
