"""One tensor of an ONNX model: its shape and type against the bytes it has, and its external data."""

from dataclasses import dataclass

from workstation.examine.weights.protobuf import Field, Wire
from workstation.examine.weights.tensors import TensorRow, broken, shown

_MAX_DIMENSIONS = 1_000
_MAX_ELEMENTS = 2**63 - 1
_STRING = 8
# Bits an element, by the numbers of TensorProto.DataType.
_BITS = {
    1: ("FLOAT", 32),
    2: ("UINT8", 8),
    3: ("INT8", 8),
    4: ("UINT16", 16),
    5: ("INT16", 16),
    6: ("INT32", 32),
    7: ("INT64", 64),
    9: ("BOOL", 8),
    10: ("FLOAT16", 16),
    11: ("DOUBLE", 64),
    12: ("UINT32", 32),
    13: ("UINT64", 64),
    14: ("COMPLEX64", 64),
    15: ("COMPLEX128", 128),
    16: ("BFLOAT16", 16),
    17: ("FLOAT8E4M3FN", 8),
    18: ("FLOAT8E4M3FNUZ", 8),
    19: ("FLOAT8E5M2", 8),
    20: ("FLOAT8E5M2FNUZ", 8),
    21: ("UINT4", 4),
    22: ("INT4", 4),
    23: ("FLOAT4E2M1", 4),
    24: ("FLOAT8E8M0", 8),
    25: ("UINT2", 2),
    26: ("INT2", 2),
}


@dataclass(frozen=True, kw_only=True)
class OnnxTensor:
    """A tensor with its external data, if its data lies in another file."""

    row: TensorRow
    external: dict[str, str] | None
    stray_location: bool


def read_tensor(wire: Wire, item: Field) -> OnnxTensor:
    """Read one TensorProto; sizes that contradict each other are refused."""
    dims: list[int] = []
    kind = location = 0
    name, raw = "", None
    entries: dict[str, str] = {}
    for part in wire.inside(item):
        if part.number == 1:
            dims.extend(_dims(wire, part, len(dims)))
        elif part.number == 2:  # noqa: PLR2004 - field numbers are those of onnx.proto
            kind = part.value
        elif part.number == 8:  # noqa: PLR2004
            name = wire.text(part, 1_000)
        elif part.number == 9:  # noqa: PLR2004
            raw = part
        elif part.number == 13:  # noqa: PLR2004
            key, value = _entry(wire, part)
            entries.setdefault(key, value)
        elif part.number == 14:  # noqa: PLR2004
            location = part.value
    size = _size(name, kind, tuple(dims))
    if raw is not None and raw.is_bytes and location == 0 and size is not None and raw.size_bytes != size:
        raise broken("shape-size-mismatch", f"{shown(name)}: {raw.size_bytes} bytes for {size}")
    row = TensorRow(
        name=name,
        dtype=_BITS[kind][0] if kind in _BITS else "STRING" if kind == _STRING else f"type {kind}",
        shape=tuple(dims),
        offset=raw.value if raw is not None and location == 0 else None,
        size_bytes=size or 0,
    )
    return OnnxTensor(
        row=row, external=entries if location else None, stray_location=bool(entries) and not location
    )


def _dims(wire: Wire, part: Field, known: int) -> list[int]:
    found = []
    for value in wire.numbers(part):
        if value >= 1 << 63:
            raise broken("shape", f"length {value - (1 << 64)}")
        found.append(value)
        if known + len(found) > _MAX_DIMENSIONS:
            raise broken("n-dims", f"more than {_MAX_DIMENSIONS}")
    return found


def _size(name: str, kind: int, shape: tuple[int, ...]) -> int | None:
    elements = 1
    for length in shape:
        elements *= length
        if elements > _MAX_ELEMENTS:
            raise broken("shape-overflow", shown(name))
    if kind in _BITS:
        return (elements * _BITS[kind][1] + 7) // 8
    if kind in {0, _STRING}:
        return None
    raise broken("tensor-type", f"{shown(name)}: {kind}")


def _entry(wire: Wire, part: Field) -> tuple[str, str]:
    texts = {inner.number: inner for inner in wire.inside(part) if inner.is_bytes}
    key = wire.text(texts[1], 200) if 1 in texts else ""
    return key, wire.text(texts[2], 4_096) if 2 in texts else ""  # noqa: PLR2004
