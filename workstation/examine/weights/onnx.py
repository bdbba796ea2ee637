"""ONNX models: graph, initializers, nested graphs, functions, metadata, and where external data points.

Read straight from the wire format, so that a 2 GB model costs its structure only and nothing is loaded,
inferred or executed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from workstation.examine.reader import Notes, Source
from workstation.examine.weights import external_data, metadata
from workstation.examine.weights.onnx_tensors import read_tensor
from workstation.examine.weights.protobuf import MAX_DEPTH, Field, Wire
from workstation.examine.weights.tensors import (
    MAX_ROWS,
    MAX_ROWS_TO_SHOW,
    Cursor,
    TensorRow,
    TensorTable,
    broken,
    listed,
    shown,
)

STANDARD_DOMAINS = frozenset(
    {"", "ai.onnx", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview", "ai.onnx.preview.training"}
)
_IR_WITH_OPSETS = 3
_RUNTIME_DOMAINS = frozenset(
    {"com.microsoft", "com.microsoft.nchwc", "com.ms.internal.nhwc", "com.microsoft.experimental"}
)
_PYTHON_OPS = frozenset({"PyOp", "PythonOp", "PyCustomOp"})
_MODEL_TEXTS = {2: "producer", 3: "producer_version", 4: "domain"}
_MODEL_FIELDS = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25, 26})
_MAX_NAMES = 20_000


@dataclass(kw_only=True)
class _Model:
    """What the walk through a model gathers."""

    wire: Wire
    notes: Notes
    table: TensorTable
    operators: Counter[str] = field(default_factory=Counter)
    domains: dict[str, set[str]] = field(default_factory=dict)
    opsets: dict[str, int] = field(default_factory=dict)
    functions: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    nodes: int = 0
    graphs: int = 0
    external: external_data.ExternalData = field(default_factory=external_data.ExternalData)


def examine(source: Source, notes: Notes) -> None:
    """Check structure, tensor sizes and external data; report what the model is made of."""
    model = _walk(source, notes)
    if not model.graphs:
        raise broken("no-graph", "the model has no graph")
    model.external.report(notes)
    _require_versions(model, notes)
    _operators(model, notes)
    model.table.into(notes)
    facts = notes.facts
    facts["opsets"] = {shown(domain, 80): version for domain, version in sorted(model.opsets.items())[:100]}
    facts["nodes"] = model.nodes
    facts["graphs"] = model.graphs
    facts["operators"] = {shown(name, 80): count for name, count in model.operators.most_common(200)}
    facts["inputs"], facts["outputs"] = model.inputs[:100], model.outputs[:100]
    facts["functions"] = listed(model.functions)


def _require_versions(model: _Model, notes: Notes) -> None:
    """Without them nobody can tell what the operators mean (IR.md, "Versioning"; onnx.checker refuses it)."""
    version = notes.facts.get("ir_version")
    if not isinstance(version, int) or version < 1:
        notes.caution("MODEL:version", "no IR version")
    elif version >= _IR_WITH_OPSETS and not model.opsets:
        notes.caution("MODEL:version", "no operator set is named")


def tensor_rows(source: Source) -> Iterator[TensorRow | None]:
    """The rows of the table in the file's order, for a view that pages through them."""
    return _walk(source, Notes(), MAX_ROWS_TO_SHOW).table.to_show()


def _walk(source: Source, notes: Notes, most_rows: int = MAX_ROWS) -> _Model:
    model = _Model(wire=Wire(Cursor(source)), notes=notes, table=TensorTable(most_rows=most_rows))
    wire, keys = model.wire, []
    for item in wire.whole():
        if item.number == 1:
            notes.facts["ir_version"] = item.value
        elif item.number in _MODEL_TEXTS:
            notes.facts[_MODEL_TEXTS[item.number]] = shown(wire.text(item))
        elif item.number == 6:  # noqa: PLR2004 - field numbers are those of onnx.proto
            metadata.look_at("doc_string", wire.text(item, metadata.MAX_VALUE_BYTES), notes)
        elif item.number == 7:  # noqa: PLR2004
            _graph(model, item, 0)
        elif item.number == 8:  # noqa: PLR2004
            _opset(model, item)
        elif item.number == 14:  # noqa: PLR2004
            keys.append(_property(model, item))
        elif item.number in {20, 25}:
            _part(model, item)
        elif item.number not in _MODEL_FIELDS:
            notes.caution("MODEL:unknown-field", f"field {item.number}, {item.size_bytes} bytes")
    metadata.keys_into(keys[:1_000], notes)
    return model


def _part(model: _Model, item: Field) -> None:
    """Training information (graphs) or a function (nodes)."""
    if item.number == 25:  # noqa: PLR2004
        _function(model, item)
        return
    for part in model.wire.inside(item):
        if part.number in {1, 2}:
            _graph(model, part, 1)


def _property(model: _Model, item: Field) -> str:
    texts = {part.number: part for part in model.wire.inside(item) if part.is_bytes}
    key = model.wire.text(texts[1], 1_000) if 1 in texts else ""
    if 2 in texts:  # noqa: PLR2004
        metadata.look_at(key, model.wire.text(texts[2], metadata.MAX_VALUE_BYTES), model.notes)
    return key


def _opset(model: _Model, item: Field) -> None:
    domain, version = "", 0
    for part in model.wire.inside(item):
        if part.number == 1:
            domain = model.wire.text(part, 200)
        elif part.number == 2:  # noqa: PLR2004
            version = part.signed
    if len(model.opsets) < _MAX_NAMES:
        model.opsets[domain] = version


def _graph(model: _Model, item: Field, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise broken("nesting", f"graphs deeper than {MAX_DEPTH}")
    model.graphs += 1
    for part in model.wire.inside(item):
        if part.number == 1:
            _node(model, part, depth)
        elif part.number == 5:  # noqa: PLR2004
            _tensor(model, part)
        elif part.number == 15:  # noqa: PLR2004
            _sparse(model, part)
        elif part.number in {11, 12} and depth == 0:
            names = model.inputs if part.number == 11 else model.outputs  # noqa: PLR2004
            if len(names) < 100:  # noqa: PLR2004 - a list for people
                names.extend(
                    shown(model.wire.text(name, 400)) for name in model.wire.inside(part) if name.number == 1
                )


def _function(model: _Model, item: Field) -> None:
    name = domain = ""
    for part in model.wire.inside(item):
        if part.number == 1:
            name = model.wire.text(part, 400)
        elif part.number == 10:  # noqa: PLR2004
            domain = model.wire.text(part, 400)
        elif part.number == 7:  # noqa: PLR2004
            _node(model, part, 1)
        elif part.number == 9:  # noqa: PLR2004
            _opset(model, part)
    if len(model.functions) < _MAX_NAMES:
        model.functions.add(f"{domain}::{name}")


def _node(model: _Model, item: Field, depth: int) -> None:
    operator = domain = ""
    model.nodes += 1
    for part in model.wire.inside(item):
        if part.number == 4:  # noqa: PLR2004
            operator = model.wire.text(part, 400)
        elif part.number == 7:  # noqa: PLR2004
            domain = model.wire.text(part, 400)
        elif part.number == 5:  # noqa: PLR2004
            _attribute(model, part, depth)
    name = f"{domain}::{operator}" if domain else operator
    if name in model.operators or len(model.operators) < _MAX_NAMES:
        model.operators[name] += 1
    if domain not in STANDARD_DOMAINS and len(model.domains) < _MAX_NAMES:
        model.domains.setdefault(domain, set()).add(operator)


def _attribute(model: _Model, item: Field, depth: int) -> None:
    for part in model.wire.inside(item):
        if part.number in {6, 11}:
            _graph(model, part, depth + 1)
        elif part.number in {5, 10}:
            _tensor(model, part)
        elif part.number in {22, 23}:
            _sparse(model, part)


def _sparse(model: _Model, item: Field) -> None:
    for part in model.wire.inside(item):
        if part.number in {1, 2}:
            _tensor(model, part)


def _tensor(model: _Model, item: Field) -> None:
    tensor = read_tensor(model.wire, item)
    model.table.add(tensor.row)
    if tensor.external is not None:
        model.external.add(tensor.row.name, tensor.external, model.notes)
    elif tensor.stray_location:
        model.notes.caution(
            "MODEL:external-data-stray", f"{shown(tensor.row.name)} names a file but keeps its data inside"
        )


def _operators(model: _Model, notes: Notes) -> None:
    for domain, operators in sorted(model.domains.items())[:50]:
        names = sorted(f"{domain}::{operator}" for operator in operators)
        foreign = [name for name in names if name not in model.functions]
        if python := _PYTHON_OPS.intersection(operators):
            notes.danger("MODEL_CODE", f"{shown(domain, 80)}: runs Python: {', '.join(sorted(python))}")
        elif foreign and domain in _RUNTIME_DOMAINS:
            notes.note("MODEL_CUSTOM_OPS", f"operators of one runtime: {shown(', '.join(foreign[:20]), 400)}")
        elif foreign:
            notes.caution(
                "MODEL_CUSTOM_OPS", f"need code from outside the model: {shown(', '.join(foreign[:20]), 400)}"
            )
    notes.facts["custom_operators"] = listed(
        f"{domain}::{operator}"
        for domain, operators in model.domains.items()
        for operator in list(operators)[:200]
    )
