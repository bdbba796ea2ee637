"""ONNX models are walked on the wire; where their data points is what decides."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.protobufs import msg, num, varint
from tests.examine.weights.support import MeteredSource, codes, examined
from workstation.core.examination import Outcome, outcome_of
from workstation.examine.container import Container, OpenableItem
from workstation.examine.reader import BytesSource, Notes
from workstation.examine.weights import onnx


def tensor(
    *extra: bytes,
    name: bytes = b"w",
    dims: tuple[int, ...] = (2,),
    kind: int = 1,
    raw: bytes | None = bytes(8),
) -> bytes:
    """A TensorProto."""
    parts = [num(1, length) for length in dims] + [num(2, kind), msg(8, name)]
    return b"".join([*parts, *([msg(9, raw)] if raw is not None else []), *extra])


def external(location: bytes, **entries: bytes) -> bytes:
    """A tensor whose data lies elsewhere."""
    pairs = {"location": location, **entries}
    listed = [msg(13, msg(1, key.encode()), msg(2, value)) for key, value in pairs.items()]
    return tensor(*listed, num(14, 1), raw=None)


def node(operator: bytes, *extra: bytes, domain: bytes = b"") -> bytes:
    """A NodeProto."""
    return b"".join(
        [msg(1, b"x"), msg(2, b"y"), msg(4, operator), *([msg(7, domain)] if domain else []), *extra]
    )


def model(*graph: bytes, extra: tuple[bytes, ...] = ()) -> bytes:
    """A ModelProto around the parts of a graph."""
    return b"".join([num(1, 8), msg(2, b"tests"), msg(7, *graph), msg(8, msg(1, b""), num(2, 17)), *extra])


def test_a_well_formed_model_is_described() -> None:
    """Producer, operator sets, nodes, inputs and tensors are those of the model."""
    content = model(msg(1, node(b"Relu")), msg(5, tensor()), msg(11, msg(1, b"x")), msg(12, msg(1, b"y")))
    outcome, notes = examined(onnx, content)
    assert outcome is Outcome.ACCEPT, notes.findings
    facts = notes.facts
    assert (facts["producer"], facts["opsets"], facts["nodes"]) == ("tests", {"": 17}, 1)
    assert (facts["inputs"], facts["outputs"], facts["operators"]) == (["x"], ["y"], {"Relu": 1})
    assert (facts["parameters"], facts["dtypes"]) == (2, {"FLOAT": 1})
    assert [row.size_bytes for row in onnx.tensor_rows(MeteredSource(content))] == [8]


@pytest.mark.parametrize(
    ("location", "code"),
    [
        (b"/etc/passwd", "absolute"),
        (b"\\\\server\\share", "absolute"),
        (b"C:\\Windows\\win.ini", "drive"),
        (b"c:x", "drive"),
        (b"../w.bin", "traversal"),
        (b"a/../../w.bin", "traversal"),
        (b"a\\..\\..\\w.bin", "traversal"),
        (b"a\0b", "nul"),
        (b"", "empty"),
        (b"https://example.org/w", "url"),
    ],
)
def test_data_outside_the_folder_is_refused(location: bytes, code: str) -> None:
    """A location that leads out of the model's folder refuses the model, wherever the tensor sits."""
    inner = msg(5, external(location))
    for graph in (
        inner,
        msg(1, node(b"If", msg(5, msg(1, b"then"), msg(6, inner)))),
        msg(1, node(b"C", msg(5, msg(5, external(location))))),
    ):
        outcome, notes = examined(onnx, model(graph))
        assert outcome is Outcome.REJECT
        assert codes(notes) == {f"MODEL:external-data-{code}"}


def test_data_files_are_compared_with_what_came_along() -> None:
    """A missing file is inconclusive, a short one refused, a fitting one accepted."""

    def outcome(files: dict[str, bytes]) -> tuple[Outcome, set[str]]:
        items = [
            OpenableItem(path=path, size_bytes=len(data), open=lambda: BytesSource(b""))
            for path, data in files.items()
        ]
        notes = Notes(member="m/model.onnx", folder=Container(items))
        onnx.examine(BytesSource(model(msg(5, external(b"./w.bin", offset=b"4", length=b"8")))), notes)
        return outcome_of(notes.findings), codes(notes)

    assert outcome({"m/w.bin": bytes(12)}) == (Outcome.ACCEPT, set())
    assert outcome({"m/w.bin": bytes(11)}) == (Outcome.REJECT, {"MODEL:external-data-past-end"})
    assert outcome({"w.bin": bytes(12)}) == (Outcome.WARN, {"MODEL:external-data-missing"})


def test_operators_from_outside_need_a_person() -> None:
    """A foreign domain is a caution unless the model defines the operator; Python operators are refused."""
    foreign = msg(1, node(b"Op", domain=b"my.ops"))
    outcome, notes = examined(onnx, model(foreign))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL_CUSTOM_OPS"})
    assert notes.facts["custom_operators"] == ["my.ops::Op"]
    function = msg(25, msg(1, b"Op"), msg(10, b"my.ops"), msg(7, node(b"Relu")))
    assert examined(onnx, model(foreign, extra=(function,)))[0] is Outcome.ACCEPT
    assert examined(onnx, model(msg(1, node(b"PyOp", domain=b"pyop"))))[0] is Outcome.REJECT
    assert examined(onnx, model(msg(1, node(b"FusedConv", domain=b"com.microsoft"))))[0] is Outcome.ACCEPT


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (model(msg(5, tensor(raw=bytes(7)))), "shape-size-mismatch"),
        (model(msg(5, tensor(dims=(-1,)))), "shape"),
        (model(msg(5, tensor(dims=(1 << 40, 1 << 40)))), "shape-overflow"),
        (model(msg(5, tensor(kind=99))), "tensor-type"),
        (model(msg(5, external(b"w", offset=b"-4"))), "external-data-range"),
        (model()[:-1], "truncated"),
        (num(1, 8) + varint(7 << 3 | 2) + varint(1 << 40), "truncated"),
        (num(1, 8), "no-graph"),
        (b"\x08\x08\x03", "protobuf"),
        (b"\x00\x01", "protobuf"),
        (b"\x08" + b"\xff" * 11, "protobuf"),
    ],
)
def test_every_breach_of_the_format_has_its_code(content: bytes, code: str) -> None:
    """One fault a file, one code a fault."""
    outcome, notes = examined(onnx, content)
    assert outcome is Outcome.REJECT
    assert codes(notes) == {f"MODEL:{code}"}


@pytest.mark.parametrize("missing", [num(1, 8), msg(8, msg(1, b""), num(2, 17))])
def test_a_model_that_names_no_version_needs_a_person(missing: bytes) -> None:
    """Without an IR version, or without operator sets, nobody can tell what the operators mean."""
    whole = model(msg(1, node(b"Relu")))
    assert missing in whole
    outcome, notes = examined(onnx, whole.replace(missing, b"", 1))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL:version"})


def test_graphs_in_graphs_end() -> None:
    """Nesting beyond any real model is refused before the interpreter's own limit."""
    graph = msg(2, b"g")
    for _ in range(200):
        graph = msg(1, node(b"If", msg(5, msg(6, graph))))
    outcome, notes = examined(onnx, model(graph))
    assert outcome is Outcome.REJECT
    assert codes(notes) == {"MODEL:nesting"}


def test_fields_that_no_model_has_need_a_person() -> None:
    """Bytes in an undefined field are reported: nothing else would ever look at them."""
    outcome, notes = examined(onnx, model(extra=(msg(99, b"payload"),)))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL:unknown-field"})


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever the bytes, the reader ends with findings."""
    examined(onnx, content)
    examined(onnx, model(content))
    examined(onnx, model(msg(1, content)))
    examined(onnx, model(msg(5, content)))


def test_a_person_pages_through_more_tensors_than_the_facts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 10,050 tensors are listed; beyond the ceiling a last word says that there are more."""
    content = model(*(msg(5, num(1, 0), num(2, 1), msg(8, b"t%d" % n)) for n in range(10_050)))
    assert [row.name for row in onnx.tensor_rows(BytesSource(content)) if row][-1] == "t10049"
    monkeypatch.setattr(onnx, "MAX_ROWS_TO_SHOW", 20)
    listed = list(onnx.tensor_rows(BytesSource(content)))
    assert (len(listed), listed[-1]) == (21, None)
