"""TensorFlow SavedModel and frozen graphs: operators that reach files or run Python, assets, functions."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import hdf5
from workstation.examine.weights.external_data import fault_of
from workstation.examine.weights.protobuf import Field, Wire
from workstation.examine.weights.tensors import Cursor, shown
from workstation.examine.weights.words import words

_DANGEROUS = words(
    """
    ReadFile WriteFile PyFunc PyFuncStateless EagerPyFunc MatchingFiles ImmutableConst DebugIdentity
    DebugIdentityV2 DebugIdentityV3 DebugNanCount DebugNumericSummary RemoteCall RpcCall RpcClient
    RpcServer GeneratorDataset BigQueryReader LMDBDataset SqlDataset WriteAudioSummary
    FileSystemSetConfiguration PyRunner ShellExecute
    """
)
_UNUSUAL = words(
    """
    TFRecordDataset TFRecordDatasetV2 TextLineDataset FixedLengthRecordDataset
    FixedLengthRecordDatasetV2 WholeFileReader WholeFileReaderV2 TextLineReader TextLineReaderV2
    TFRecordReader TFRecordReaderV2 SaveDataset SaveDatasetV2 LoadDataset SnapshotDataset
    SnapshotDatasetV2 CacheDataset CacheDatasetV2 DataServiceDataset IteratorFromStringHandle
    IteratorFromStringHandleV2 DistributedSave CreateSummaryFileWriter CreateSummaryDbWriter
    """
)
_MAX_NAMES = 20_000
_TEXT_BYTES = 1_000


@dataclass(kw_only=True)
class _Graphs:
    """What the walk gathers."""

    wire: Wire
    operators: Counter[str] = field(default_factory=Counter)
    nodes: int = 0
    functions: int = 0
    assets: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    writes_file: bool = False


def examine(source: Source, notes: Notes) -> None:
    """Walk a SavedModel; a file that is none is tried as a frozen graph."""
    graphs = _Graphs(wire=Wire(Cursor(source)))
    name = source.name.lower()
    if name.endswith("keras_metadata.pb"):
        _keras_metadata(source, notes)
        return
    fields = _first_fields(graphs.wire)
    if fields == [(1, 0), (2, 2)] or name == "saved_model.pb":
        _saved_model(graphs, notes)
    else:
        notes.kind = "tensorflow-graph"
        _graph(graphs, graphs.wire.whole())
    if not graphs.nodes and not graphs.functions:
        notes.note("MODEL_EMPTY", "the graph has no nodes")
    _report(graphs, notes)


def _first_fields(wire: Wire) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    try:
        for item in wire.whole():
            found.append((item.number, item.wire))
            if len(found) == 2:  # noqa: PLR2004 - version and first graph
                break
    except Unreadable:
        return found
    return found


def _saved_model(graphs: _Graphs, notes: Notes) -> None:
    for item in graphs.wire.whole():
        if item.number == 1:
            notes.facts["schema_version"] = item.value
        elif item.number == 2:  # noqa: PLR2004 - field numbers are those of saved_model.proto
            _meta_graph(graphs, item, notes)


def _meta_graph(graphs: _Graphs, item: Field, notes: Notes) -> None:
    wire = graphs.wire
    for part in wire.inside(item):
        if part.number == 1:
            for info in wire.inside(part):
                if info.number == 5:  # noqa: PLR2004
                    notes.facts["tensorflow_version"] = shown(wire.text(info, 100))
                elif info.number == 4 and len(graphs.tags) < 50:  # noqa: PLR2004
                    graphs.tags.append(shown(wire.text(info, 100)))
        elif part.number == 2:  # noqa: PLR2004
            _graph(graphs, wire.inside(part))
        elif part.number == 6:  # noqa: PLR2004
            _asset(graphs, part, notes)


def _asset(graphs: _Graphs, item: Field, notes: Notes) -> None:
    for part in graphs.wire.inside(item):
        if part.number == 2:  # noqa: PLR2004
            name = graphs.wire.text(part, _TEXT_BYTES)
            if len(graphs.assets) < 1_000:  # noqa: PLR2004 - a list for people
                graphs.assets.append(shown(name))
            if fault := fault_of(name):
                notes.danger(f"MODEL:external-data-{fault}", f"asset {shown(name)}")


def _graph(graphs: _Graphs, fields: Iterator[Field]) -> None:
    for part in fields:
        if part.number == 1 and part.is_bytes:
            _node(graphs, part)
        elif part.number == 2 and part.is_bytes:  # noqa: PLR2004
            for function in graphs.wire.inside(part):
                if function.number == 1:
                    graphs.functions += 1
                    for inner in graphs.wire.inside(function):
                        if inner.number == 3:  # noqa: PLR2004
                            _node(graphs, inner)


def _node(graphs: _Graphs, item: Field) -> None:
    graphs.nodes += 1
    operator = ""
    for part in graphs.wire.inside(item):
        if part.number == 2:  # noqa: PLR2004
            operator = graphs.wire.text(part, 200)
        elif part.number == 5 and operator in {"PrintV2", "Print"}:  # noqa: PLR2004
            graphs.writes_file |= b"file://" in graphs.wire.raw(part, 4_096)
    if operator in graphs.operators or len(graphs.operators) < _MAX_NAMES:
        graphs.operators[operator] += 1


def _report(graphs: _Graphs, notes: Notes) -> None:
    names = set(graphs.operators)
    flex = {name.removeprefix("Flex") for name in names}
    for name in sorted((names | flex) & _DANGEROUS):
        notes.danger("MODEL_CODE", f"operator {name} reaches files, other programs or Python")
    unusual = sorted((names | flex) & _UNUSUAL)
    if unusual:
        notes.caution("MODEL_CODE", f"operators that read or write files: {', '.join(unusual)}")
    if graphs.writes_file:
        notes.danger("MODEL_CODE", "a print operator writes to a file")
    notes.facts["nodes"], notes.facts["functions"] = graphs.nodes, graphs.functions
    notes.facts["operators"] = {shown(name, 80): count for name, count in graphs.operators.most_common(200)}
    notes.facts["assets"], notes.facts["tags"] = graphs.assets[:100], graphs.tags


def _keras_metadata(source: Source, notes: Notes) -> None:
    notes.kind = "keras-metadata"
    hdf5.search(source, notes)
