"""The tensors of any file of weights as a person reads them: names, element types, shapes.

Formats with a table at their head are read in stretches. Of the others the examiner itself is asked, so that
a person is shown no other table than the examination saw. Pickles are followed by the same machine, which
looks nothing up and calls nothing; what a pickle names is what its own dictionaries say.
"""

import importlib
from collections.abc import Iterator
from types import ModuleType

from workstation.examine import dispatch, inside
from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import pickles
from workstation.examine.weights.numpy_types import item_bytes
from workstation.examine.weights.pickle_machine import Machine
from workstation.examine.weights.pickle_opcodes import Operation, operations
from workstation.examine.weights.pickle_values import Box, Made, Name
from workstation.examine.weights.tensors import MAX_ROWS, TensorRow, shown

_STREAMED = {kind: f"workstation.examine.weights.{kind}" for kind in ("safetensors", "gguf", "onnx")}
_TABLED = {
    "npy": "workstation.examine.weights.numpy_files",
    "hdf5": "workstation.examine.weights.hdf5",
    "keras": "workstation.examine.weights.hdf5",
    "tflite": "workstation.examine.weights.tflite",
}
_PICKLES = ("pickle",)
_MEMBERS = (".npy", ".h5", ".pkl", ".safetensors")
_MAX_MEMBERS = 2_000


def kinds() -> frozenset[str]:
    """Every kind whose tensors can be listed; of a zip those of its members."""
    return frozenset((*_STREAMED, *_TABLED, *_PICKLES, "zip"))


def preload(kind: str) -> None:
    """Import once what every look at this kind needs."""
    module = {**_STREAMED, **_TABLED}.get(kind)
    if module:
        importlib.import_module(module)


def tensor_rows(source: Source, kind: str) -> Iterator[TensorRow | None]:
    """One row a tensor in the file's order; a last ``None`` says that there are more than can be listed.

    Raises:
        Unreadable: no kind of weights, or not read as what it claims to be.
    """
    if kind in _STREAMED:
        yield from importlib.import_module(_STREAMED[kind]).tensor_rows(source)
    elif kind in _TABLED:
        yield from _tabled(importlib.import_module(_TABLED[kind]), source)
    elif kind in _PICKLES:
        yield from _pickled(source)
    elif kind == "zip":
        yield from _members(source)
    else:
        raise Unreadable("VIEW_NO_PIXELS", kind)


class _TableNotes(Notes):
    """Notes with room for every row that a table keeps."""

    ROW_FACT_CHARS = 16 << 20


def _tabled(module: ModuleType, source: Source) -> Iterator[TensorRow | None]:
    notes = _TableNotes()
    refused: Unreadable | None = None
    try:
        module.examine(source, notes)
    except Unreadable as reason:
        refused = reason
    table, count = notes.facts.get("tensor_table"), notes.facts.get("tensors")
    rows = table if isinstance(table, list) else []
    if refused is not None and not rows:
        raise refused
    for name, dtype, shape, offset, size_bytes in rows:
        yield TensorRow(
            name=name or "(array)", dtype=dtype, shape=tuple(shape), offset=offset, size_bytes=size_bytes
        )
    if refused is not None or (isinstance(count, int) and count > len(rows)):
        yield None


def _members(source: Source) -> Iterator[TensorRow | None]:
    """Arrays of .npz, the state of a PyTorch zip, the weights of a Keras zip: each by its member's name."""
    looked, whole = 0, True
    for name, item in inside.named(inside.container_of(source)):
        if not name.endswith(_MEMBERS):
            continue
        looked += 1
        if looked > _MAX_MEMBERS:
            whole = False
            break
        try:
            member = item.open()
            line = dispatch.detect(member)
            if line is None or line.kind == "zip" or line.kind not in kinds():
                continue
            for row in tensor_rows(member, line.kind):
                whole &= row is not None
                if row is not None:
                    yield _named(row, name, line.kind)
        except Unreadable:
            whole = False  # what can be read of the others is listed all the same
    if not whole:
        yield None


def _named(row: TensorRow, member: str, kind: str) -> TensorRow:
    """By the array's own name in .npz, by the dictionary's in a pickle, else behind the member's name."""
    name = member.removesuffix(".npy") if kind == "npy" else f"{member}: {row.name}"
    name = row.name if kind in _PICKLES and row.name else name
    # The place is one in the member, and not one in the file that is shown.
    return TensorRow(
        name=shown(name), dtype=row.dtype, shape=row.shape, offset=None, size_bytes=row.size_bytes
    )


def _pickled(source: Source) -> Iterator[TensorRow | None]:
    scan = _Listing(pickles.unpacked(source), Notes())
    scan.run()
    for result in scan.results:
        scan.take("", result)
    yield from scan.rows
    if scan.error is not None or scan.more:
        yield None


class _Listing(pickles.Scan):
    """Follows the pickles of a file and keeps each tensor under the name its dictionary gives it."""

    def __init__(self, source: Source, notes: Notes) -> None:
        super().__init__(source, notes)
        self.rows: list[TensorRow] = []
        self.more = False
        self._known: set[int] = set()
        self._kept: list[object] = []  # keeps the identities in ``_known`` from being used again

    def _one(self) -> object:
        machine = _Machine(self)
        for operation in operations(self.cursor):
            machine.step(operation)
            if machine.built is not None:
                self._joblib_array(machine.built)
        return machine.result

    def take(self, name: str, value: object) -> None:
        """One value of a dictionary; nothing when it is no tensor, or is known by another name."""
        row = _row(name, value)
        if row is None or id(value) in self._known:
            return
        if len(self.rows) >= MAX_ROWS:
            self.more = True
            return
        self._known.add(id(value))
        self._kept.append(value)
        self.rows.append(row)


class _Machine(Machine):
    """The machine, with an eye on storages and on what goes into dictionaries."""

    def __init__(self, listing: _Listing) -> None:
        super().__init__(listing.seen, pickles.is_function_maker)
        self._listing = listing

    def step(self, operation: Operation) -> None:
        """A persistent reference to a storage keeps its type, for the tensors made from it."""
        before = self.stack[-1] if self.stack else None
        super().step(operation)
        items = before.items if isinstance(before, Box) else []
        if self.stack and self.stack[-1] is None and items[:1] == ["storage"]:
            kind = items[1] if len(items) > 1 else None
            self.stack[-1] = Made(Name("storage", kind.name if isinstance(kind, Name) else "unknown"))

    def put_in(self, values: list[object]) -> None:
        """Pairs of a dictionary: a name and perhaps a tensor."""
        super().put_in(values)
        for name, value in zip(values[::2], values[1::2], strict=False):
            if isinstance(name, str):
                self._listing.take(name, value)


def _row(name: str, value: object) -> TensorRow | None:
    if not isinstance(value, Made) or not isinstance(value.maker, Name):
        return None
    if value.maker.name == "_rebuild_parameter" and isinstance(value.arguments, Box):
        return _row(name, value.arguments.items[0]) if value.arguments.items else None
    if value.maker.module == "torch._utils" and value.maker.name.startswith("_rebuild_"):
        return _torch(name, value.arguments)
    if value.maker.module.startswith("numpy") and value.maker.name == "_reconstruct":
        return _numpy(name, value.state)
    return None


def _torch(name: str, arguments: object) -> TensorRow | None:
    items = arguments.items if isinstance(arguments, Box) else []
    if len(items) < 3:  # noqa: PLR2004 - storage, offset, size
        return None
    storage, shape = items[0], _shape(items[2])
    kind = storage.maker.name if isinstance(storage, Made) and isinstance(storage.maker, Name) else "unknown"
    dtype = kind.removesuffix("Storage")
    row = TensorRow(name=shown(name), dtype=shown(dtype, 40), shape=shape, offset=None, size_bytes=0)
    return _sized(row, pickles.STORAGE_BYTES.get(dtype, 0))


def _numpy(name: str, state: object) -> TensorRow | None:
    items = state.items if isinstance(state, Box) else []
    if len(items) < 3:  # noqa: PLR2004 - version, shape, type
        return None
    dtype = pickles.dtype_text(items[2])
    text = dtype if isinstance(dtype, str) else "unknown"
    row = TensorRow(
        name=shown(name), dtype=shown(text, 40), shape=_shape(items[1]), offset=None, size_bytes=0
    )
    return _sized(row, (item_bytes(text) or 0) if text != "unknown" else 0)


def _shape(value: object) -> tuple[int, ...]:
    items = value.items if isinstance(value, Box) else []
    return tuple(length for length in items if type(length) is int and length >= 0)


def _sized(row: TensorRow, item_bytes: int) -> TensorRow:
    size_bytes = row.parameters * item_bytes
    return TensorRow(
        name=row.name, dtype=row.dtype, shape=row.shape, offset=row.offset, size_bytes=size_bytes
    )
