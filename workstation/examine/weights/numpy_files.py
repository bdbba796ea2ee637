"""NumPy .npy arrays, versions 1 to 3. An array of objects is a pickle and is followed as one."""

import ast
import re

from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import pickles
from workstation.examine.weights.numpy_types import item_bytes
from workstation.examine.weights.tensors import TensorRow, TensorTable, broken, shown

_MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 64 << 10
MAX_DEPTH = 16
MAX_FIELDS = 1_000


def examine(source: Source, notes: Notes) -> None:
    """Check the header against the length of the data; follow the pickle of an object array."""
    head = source.read_at(0, 12)
    if not head.startswith(_MAGIC) or len(head) < 10:  # noqa: PLR2004 - magic, version, shortest length
        raise broken("magic", "does not start as .npy")
    major = head[6]
    if major not in {1, 2, 3} or head[7]:
        raise broken("version", f"{major}.{head[7]}")
    start = 10 if major == 1 else 12
    length = int.from_bytes(head[8:start], "little")
    if length > source.size_bytes - start:
        raise broken("truncated", f"header of {length} bytes")
    if length > MAX_HEADER_BYTES:
        raise broken("header-too-large", f"{length} bytes")
    descr, fortran, shape = _header(source.read_at(start, length), major)
    notes.facts["version"] = f"{major}.0"
    notes.facts["fortran_order"] = fortran
    _array(source, start + length, descr, shape, notes)


def _array(source: Source, at: int, descr: object, shape: tuple[int, ...], notes: Notes) -> None:
    left = source.size_bytes - at
    if _has_objects(descr, 0):
        notes.facts["dtypes"] = {"object": 1}
        notes.note("MODEL_OBJECT_ARRAY", "the array holds Python objects, kept as a pickle")
        scan = pickles.Scan(source, notes, at)
        scan.run()
        scan.report()
        return
    size = _size(descr, 0)
    if size is None:
        raise Unreadable("MODEL_UNPARSED", f"element type {shown(repr(descr), 80)}")
    for length in shape:
        size *= length
    if size > left:
        raise broken("truncated", f"{size} bytes of data where {left} are left")
    if size < left:
        notes.caution("MODEL:trailing", f"{left - size} bytes after the array")
    table = TensorTable()
    table.add(TensorRow(name="", dtype=shown(str(descr), 60), shape=shape, offset=at, size_bytes=size))
    table.into(notes)


def _header(raw: bytes, major: int) -> tuple[object, bool, tuple[int, ...]]:
    try:
        text = raw.decode("utf-8" if major == 3 else "latin-1")  # noqa: PLR2004 - version 3 is UTF-8
    except UnicodeDecodeError:
        raise broken("header-utf8") from None
    _require_shallow(text)
    # Version 1 files of Python 2 write long integers with an L.
    text = re.sub(r"(?<=\d)L(?=[,)\s])", "", text)
    try:
        header = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise broken("header-dict", shown(text, 100)) from None
    if not isinstance(header, dict) or set(header) != {"descr", "fortran_order", "shape"}:
        raise broken("header-dict", "other keys than descr, fortran_order, shape")
    shape, fortran = header["shape"], header["fortran_order"]
    if not isinstance(fortran, bool):
        raise broken("header-dict", "fortran_order")
    if not isinstance(shape, tuple) or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
        raise broken("shape", shown(repr(shape), 100))
    return header["descr"], fortran, shape


def _require_shallow(text: str) -> None:
    depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise broken("nesting", f"deeper than {MAX_DEPTH}")


def _fields(descr: object, depth: int) -> list[tuple[object, tuple[int, ...]]]:
    """Types of a structured element with their repetitions; a plain type is its only field."""
    if depth > MAX_DEPTH:
        raise broken("nesting", "element type")
    if isinstance(descr, tuple) and len(descr) == 2:  # noqa: PLR2004 - (type, shape)
        return [(descr[0], _repeat(descr[1]))]
    if not isinstance(descr, list) or len(descr) > MAX_FIELDS:
        raise broken("dtype", shown(repr(descr), 100))
    found = []
    for line in descr:
        if not isinstance(line, tuple) or len(line) not in {2, 3}:
            raise broken("dtype", shown(repr(line), 100))
        found.append((line[1], _repeat(line[2]) if len(line) == 3 else ()))  # noqa: PLR2004
    return found


def _repeat(shape: object) -> tuple[int, ...]:
    lengths = (shape,) if isinstance(shape, int) else shape
    if not isinstance(lengths, tuple) or not all(type(n) is int and n >= 0 for n in lengths):
        raise broken("dtype", "shape of a field")
    return lengths


def _has_objects(descr: object, depth: int) -> bool:
    if isinstance(descr, str):
        return "O" in descr
    return any(_has_objects(inner, depth + 1) for inner, _ in _fields(descr, depth))


def _size(descr: object, depth: int) -> int | None:
    if isinstance(descr, str):
        return item_bytes(descr)
    total = 0
    for inner, repeats in _fields(descr, depth):
        size = _size(inner, depth + 1)
        if size is None:
            return None
        for length in repeats:
            size *= length
        total += size
    return total
