"""TensorFlow Lite models: every offset of the flatbuffer is checked before it is followed."""

from workstation.core.examination import Severity
from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import metadata
from workstation.examine.weights.tensors import TensorRow, TensorTable, broken, listed, shown

_CUSTOM = 32
_MAX_ITEMS = 200_000
_WORD = 4
_TYPES = {
    0: ("FLOAT32", 32),
    1: ("FLOAT16", 16),
    2: ("INT32", 32),
    3: ("UINT8", 8),
    4: ("INT64", 64),
    5: ("STRING", 0),
    6: ("BOOL", 8),
    7: ("INT16", 16),
    8: ("COMPLEX64", 64),
    9: ("INT8", 8),
    10: ("FLOAT64", 64),
    11: ("COMPLEX128", 128),
    12: ("UINT64", 64),
    13: ("RESOURCE", 0),
    14: ("VARIANT", 0),
    15: ("UINT32", 32),
    16: ("UINT16", 16),
    17: ("INT4", 4),
    18: ("BFLOAT16", 16),
    19: ("INT2", 2),
    20: ("UINT4", 4),
}
_DANGEROUS = frozenset({"ReadFile", "WriteFile", "PyFunc", "EagerPyFunc", "PyFuncStateless", "MatchingFiles"})


class _Flat:
    """Bounded reads of flatbuffer structures."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def integer(self, at: int, size_bytes: int, *, signed: bool = False) -> int:
        raw = self.source.read_at(at, size_bytes) if at >= 0 else b""
        if len(raw) < size_bytes:
            raise broken("truncated", f"{at}+{size_bytes} of {self.source.size_bytes}")
        return int.from_bytes(raw, "little", signed=signed)

    def follow(self, at: int) -> int:
        """Where the offset at ``at`` points, inside the file."""
        target = at + self.integer(at, _WORD)
        if target >= self.source.size_bytes or target == at:
            raise broken("offset-past-end", f"{target} of {self.source.size_bytes}")
        return target

    def slot(self, table: int, number: int) -> int:
        """Where field ``number`` of a table lies, or 0 when it is not given."""
        vtable = table - self.integer(table, _WORD, signed=True)
        if not 0 <= vtable < self.source.size_bytes:
            raise broken("offset-past-end", f"table at {table}")
        size = self.integer(vtable, 2)
        if size < _WORD or vtable + size > self.source.size_bytes:
            raise broken("vtable", f"{size} bytes at {vtable}")
        at = _WORD + 2 * number
        offset = self.integer(vtable + at, 2) if at + 2 <= size else 0
        return table + offset if offset else 0

    def scalar(self, table: int, number: int, size_bytes: int, *, signed: bool = False) -> int:
        at = self.slot(table, number)
        return self.integer(at, size_bytes, signed=signed) if at else 0

    def vector(self, table: int, number: int, item_bytes: int) -> tuple[int, int]:
        """Start and length of a vector field; (0, 0) when it is not given."""
        at = self.slot(table, number)
        if not at:
            return 0, 0
        start = self.follow(at)
        count = self.integer(start, _WORD)
        if start + _WORD + count * item_bytes > self.source.size_bytes:
            raise broken("truncated", f"vector of {count} at {start}")
        return start + _WORD, count

    def tables(self, table: int, number: int) -> list[int]:
        """The tables of a vector of tables."""
        start, count = self.vector(table, number, _WORD)
        if count > _MAX_ITEMS:
            raise Unreadable("EXAMINE_LIMIT", f"vector of {count} tables")
        return [self.follow(start + _WORD * index) for index in range(count)]

    def text(self, table: int, number: int) -> str:
        start, count = self.vector(table, number, 1)
        return (
            self.source.read_at(start, min(count, 4_096)).decode("utf-8", "backslashreplace") if count else ""
        )


def examine(source: Source, notes: Notes) -> None:
    """Check offsets and sizes; report operators and tensors."""
    if source.read_at(4, 4) != b"TFL3":
        raise broken("magic", "does not say TFL3")
    flat = _Flat(source)
    root = flat.follow(0)
    notes.facts["version"] = flat.scalar(root, 0, 4)
    notes.facts["description"] = shown(flat.text(root, 3))
    metadata.look_at("description", flat.text(root, 3), notes)
    _operators(flat, root, notes)
    buffers = [_buffer(flat, buffer) for buffer in flat.tables(root, 4)]
    table, graphs = TensorTable(), flat.tables(root, 2)
    for graph in graphs:
        for tensor in flat.tables(graph, 0):
            table.add(_tensor(flat, tensor, buffers))
        if table.count > _MAX_ITEMS:
            raise Unreadable("EXAMINE_LIMIT", f"more than {_MAX_ITEMS} tensors")
    table.into(notes)
    notes.facts["graphs"] = len(graphs)
    notes.facts["metadata_keys"] = listed(flat.text(entry, 0) for entry in flat.tables(root, 6))


def _operators(flat: _Flat, root: int, notes: Notes) -> None:
    custom = []
    codes = flat.tables(root, 1)
    for code in codes:
        builtin = max(flat.scalar(code, 3, 4, signed=True), flat.scalar(code, 0, 1))
        name = flat.text(code, 1)
        if builtin == _CUSTOM or name:
            custom.append(name or "unnamed")
    notes.facts["operators"] = len(codes)
    notes.facts["custom_operators"] = listed(custom)
    for name in sorted({name.removeprefix("Flex") for name in custom} & _DANGEROUS):
        notes.danger("MODEL_CODE", f"operator {name} reaches files or Python")
    if custom:
        severity = (
            Severity.CAUTION
            if any(not name.startswith("TFLite_Detection") for name in custom)
            else Severity.NOTE
        )
        notes.add(
            "MODEL_CUSTOM_OPS", severity, f"need code from outside the model: {', '.join(listed(custom, 20))}"
        )


def _buffer(flat: _Flat, buffer: int) -> tuple[int, int]:
    """Where a buffer's bytes lie: in the flatbuffer, or behind it in files above 2 GB."""
    start, size = flat.vector(buffer, 0, 1)
    far, far_size = flat.scalar(buffer, 1, 8), flat.scalar(buffer, 2, 8)
    if far > 1:
        if far + far_size > flat.source.size_bytes:
            raise broken("offset-past-end", f"buffer {far}+{far_size} of {flat.source.size_bytes}")
        return far, far_size
    return start, size


def _tensor(flat: _Flat, tensor: int, buffers: list[tuple[int, int]]) -> TensorRow:
    start, count = flat.vector(tensor, 0, 4)
    if count > 64:  # noqa: PLR2004 - far above what the runtime takes
        raise broken("n-dims", str(count))
    shape = tuple(flat.integer(start + 4 * index, 4, signed=True) for index in range(count))
    if any(length < -1 for length in shape):
        raise broken("shape", str(shape))
    kind, bits = _TYPES.get(flat.scalar(tensor, 1, 1), ("unknown", 0))
    number = flat.scalar(tensor, 2, 4)
    if number and number >= len(buffers):
        raise broken("buffer", f"{number} of {len(buffers)}")
    offset, size = buffers[number] if buffers else (0, 0)
    row = TensorRow(
        name=shown(flat.text(tensor, 3)),
        dtype=kind,
        shape=tuple(max(0, length) for length in shape),
        offset=offset or None,
        size_bytes=size,
    )
    needed = (row.parameters * bits + 7) // 8
    if size and bits and needed > size and flat.scalar(tensor, 6, 4) == 0 and not flat.slot(tensor, 6):
        raise broken("shape-size-mismatch", f"{row.name}: {size} bytes for {needed}")
    return row
