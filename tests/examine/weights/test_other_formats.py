"""NumPy, HDF5 and Keras, TensorFlow, TensorFlow Lite, Core ML, SentencePiece: structure, code, bounds."""

import json
import pickle
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.protobufs import msg, num
from tests.examine.weights.support import codes, examined
from workstation.core.examination import Outcome
from workstation.examine.weights import coreml, hdf5, numpy_files, sentencepiece, tensorflow_graphs, tflite


def npy(descr: str, shape: str, data: bytes = b"", version: int = 1) -> bytes:
    """A .npy file."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return (
        b"\x93NUMPY"
        + bytes([version, 0])
        + struct.pack("<H" if version == 1 else "<I", len(text))
        + text
        + data
    )


@pytest.mark.parametrize(
    ("content", "outcome", "code"),
    [
        (npy("'<f8'", "(2, 3)", bytes(48)), Outcome.ACCEPT, None),
        (npy("'<U3'", "(2,)", bytes(24), 2), Outcome.ACCEPT, None),
        (npy("[('a', '<f4', (2,)), ('b', '|u1')]", "(2,)", bytes(18), 3), Outcome.ACCEPT, None),
        (npy("'|O'", "(1,)", pickle.dumps([1])), Outcome.ACCEPT, "MODEL_OBJECT_ARRAY"),
        (npy("'|O'", "(1,)", b"cos\nsystem\n."), Outcome.REJECT, "MODEL_CODE"),
        (npy("[('a', [('b', '|O')])]", "(1,)", b"cos\nsystem\n."), Outcome.REJECT, "MODEL_CODE"),
        (npy("'<f8'", "(2, 3)", bytes(47)), Outcome.REJECT, "MODEL:truncated"),
        (npy("'<f8'", "(2, 3)", bytes(49)), Outcome.WARN, "MODEL:trailing"),
        (npy("'<f8'", "(-1,)"), Outcome.REJECT, "MODEL:shape"),
        (npy("'<f8'", "5"), Outcome.REJECT, "MODEL:shape"),
        (npy("'zz'", "(1,)"), Outcome.WARN, "MODEL_UNPARSED"),
        (npy("5", "(1,)"), Outcome.REJECT, "MODEL:dtype"),
        (npy("__import__('os')", "(1,)"), Outcome.REJECT, "MODEL:header-dict"),
        (npy("'<f8'", "(" * 500 + ")" * 500), Outcome.REJECT, "MODEL:nesting"),
        (b"\x93NUMPY\x09\x00\x00\x00\x00\x00", Outcome.REJECT, "MODEL:version"),
        (b"\x93NUMPY\x01\x00\xff\xff", Outcome.REJECT, "MODEL:truncated"),
    ],
)
def test_numpy_arrays(content: bytes, outcome: Outcome, code: str | None) -> None:
    """Headers are read as data and compared with the bytes; object arrays are pickles."""
    got, notes = examined(numpy_files, content)
    assert got is outcome, notes.findings
    assert codes(notes) == ({code} if code else set()) or code in codes(notes)


def h5(*texts: object, tail: bytes = b"", end: int | None = None) -> bytes:
    """Bytes with a version 0 superblock and configurations as attributes keep them."""
    body = b"\0\0".join(json.dumps(value).encode() for value in texts)
    size = 96 + len(body) if end is None else end
    block = (
        hdf5.MAGIC
        + bytes([0, 0, 0, 0, 0, 8, 8, 0])
        + bytes(8)
        + struct.pack("<QQQQ", 0, 2**64 - 1, size, 2**64 - 1)
        + struct.pack("<QQQ", 0, 80, 0)  # the root group lies in the last bytes of its own entry
        + struct.pack("<BxHII4x", 1, 0, 1, 0)
    )
    return block + body + tail


def layer(name: str, config: object = None, **more: object) -> dict[str, object]:
    """A Keras configuration with one layer."""
    inner = {"class_name": name, "config": config if config is not None else {}, **more}
    return {"class_name": "Sequential", "config": {"name": "m", "layers": [inner]}}


@pytest.mark.parametrize(
    ("content", "outcome", "code"),
    [
        (h5(), Outcome.ACCEPT, None),
        (h5(layer("Dense")), Outcome.ACCEPT, None),
        (h5(layer("TFOpLambda", {"function": "math.multiply"})), Outcome.ACCEPT, None),
        (h5(layer("Lambda", {"function": ["4wEA", None, None]})), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("Dense"), layer("Lambda")), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("Dense", {"activation": "lambda x: eval('1')"})), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("Popen", module="subprocess")), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("function", "system", module="os")), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("function", "get_file", module="keras.utils")), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("TorchModuleWrapper", module="keras.layers")), Outcome.REJECT, "MODEL_CODE"),
        (h5(layer("Mine", module="my_package.layers")), Outcome.WARN, "MODEL_CODE"),
        (h5(layer("Mine", registered_name="mine>Mine")), Outcome.WARN, "MODEL_CUSTOM_OPS"),
        (h5(layer("StringLookup", {"vocabulary": "/etc/passwd"})), Outcome.WARN, "MODEL_EXTERNAL_FILE"),
        (h5() + b'{"class_name": "Lambda", "config"', Outcome.REJECT, "MODEL_CODE"),
        (h5(end=5_000), Outcome.REJECT, "MODEL:truncated"),
        (h5(tail=b"x", end=96), Outcome.WARN, "MODEL:trailing"),
        (bytes(512) + h5(end=608), Outcome.ACCEPT, None),
        (b"nothing", Outcome.REJECT, "MODEL:magic"),
    ],
)
def test_hdf5_and_keras(content: bytes, outcome: Outcome, code: str | None) -> None:
    """Configurations are found wherever they lie; layers that carry or name code are refused."""
    got, notes = examined(hdf5, content)
    assert got is outcome, notes.findings
    assert code is None or code in codes(notes)


def test_a_configuration_across_two_pieces_is_found() -> None:
    """The search does not miss what begins at the edge of a piece of the file."""
    text = json.dumps(layer("Lambda")).encode()
    for before in range(5):
        content = h5(end=96)[:96] + bytes((1 << 20) - 96 - len(text) // 2 - before) + text
        assert "MODEL_CODE" in codes(examined(hdf5, content)[1])


def saved(*nodes: bytes, functions: tuple[bytes, ...] = (), extra: bytes = b"") -> bytes:
    """A SavedModel."""
    graph = b"".join(msg(1, node) for node in nodes) + msg(2, *(msg(1, msg(3, node)) for node in functions))
    return num(1, 1) + msg(2, msg(1, msg(4, b"serve"), msg(5, b"2.16")), msg(2, graph), extra)


def op(name: bytes) -> bytes:
    """A NodeDef."""
    return msg(1, b"n") + msg(2, name)


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (saved(op(b"Const"), op(b"SaveV2")), Outcome.ACCEPT),
        (saved(op(b"ReadFile")), Outcome.REJECT),
        (saved(op(b"Const"), functions=(op(b"WriteFile"),)), Outcome.REJECT),
        (saved(op(b"PyFunc")), Outcome.REJECT),
        (saved(op(b"TFRecordDataset")), Outcome.WARN),
        (
            saved(op(b"PrintV2") + msg(5, msg(1, b"output_stream"), msg(2, msg(2, b"file:///tmp/x")))),
            Outcome.REJECT,
        ),
        (saved(extra=msg(6, msg(2, b"../vocab.txt"))), Outcome.REJECT),
        (saved(op(b"Const"))[:-3], Outcome.REJECT),
    ],
)
def test_tensorflow_graphs(content: bytes, outcome: Outcome) -> None:
    """Operators that reach files or Python decide, in the graph and in its functions."""
    got, notes = examined(tensorflow_graphs, content, "saved_model.pb")
    assert got is outcome, notes.findings


def test_a_frozen_graph_is_read_too() -> None:
    """A bare GraphDef is walked as one."""
    content = msg(1, op(b"ReadFile")) + msg(1, op(b"Const"))
    outcome, notes = examined(tensorflow_graphs, content, "frozen.pb")
    assert outcome is Outcome.REJECT
    assert notes.kind == "tensorflow-graph"


def flat(custom: bytes = b"", *, wrong: int = 0) -> bytes:
    """A TFLite model of one operator code, laid out by hand."""
    out = bytearray(b"\0\0\0\0TFL3")

    def put(content: bytes) -> int:
        out.extend(bytes(-len(out) % 4))
        at = len(out)
        out.extend(content)
        return at

    # Flatbuffer offsets point forward, so the table comes before what it names.
    vtable = put(struct.pack("<HHHHH", 10, 16, 4, 8, 12) + b"\0\0")
    root = put(struct.pack("<iIII", 0, 3, 0, 0))
    struct.pack_into("<i", out, root, root - vtable)
    codes_at = put(struct.pack("<II", 1, 0))
    struct.pack_into("<I", out, root + 8, codes_at - (root + 8) + wrong)
    graphs_at = put(struct.pack("<I", 0))
    struct.pack_into("<I", out, root + 12, graphs_at - (root + 12))
    code_vtable = put(struct.pack("<HHHH", 8, 12, 8, 4))
    code = put(struct.pack("<iIB3x", 0, 0, 32 if custom else 1))
    struct.pack_into("<i", out, code, code - code_vtable)
    struct.pack_into("<I", out, codes_at + 4, code - (codes_at + 4))
    text = put(struct.pack("<I", len(custom)) + custom + b"\0")
    struct.pack_into("<I", out, code + 4, text - (code + 4))
    struct.pack_into("<I", out, 0, root)
    return bytes(out)


def test_tensorflow_lite() -> None:
    """Offsets are followed inside the file only; custom operators are named."""
    outcome, notes = examined(tflite, flat())
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.facts["version"], notes.facts["operators"]) == (3, 1)
    outcome, notes = examined(tflite, flat(b"MyOp"))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL_CUSTOM_OPS"})
    assert notes.facts["custom_operators"] == ["MyOp"]
    assert examined(tflite, flat(b"FlexReadFile"))[0] is Outcome.REJECT
    assert codes(examined(tflite, flat(wrong=5_000))[1]) == {"MODEL:offset-past-end"}
    assert examined(tflite, flat()[:-12])[0] is Outcome.REJECT


def test_core_ml() -> None:
    """Layers whose code is outside the file need a person."""
    custom = msg(500, msg(10, b"MyLayer"))
    assert examined(coreml, num(1, 4) + msg(500, msg(1, msg(1, b"l"))))[0] is Outcome.ACCEPT
    outcome, notes = examined(coreml, num(1, 4) + msg(500, msg(1, msg(1, b"l"), custom)))
    assert (outcome, codes(notes)) == (Outcome.WARN, {"MODEL_CUSTOM_OPS"})
    assert examined(coreml, num(1, 4) + msg(555, b""))[0] is Outcome.WARN
    assert examined(coreml, num(1, 4))[0] is Outcome.REJECT


def test_sentencepiece() -> None:
    """A tokenizer model has pieces."""
    piece = msg(1, msg(1, b"a"), num(3, 1))
    outcome, notes = examined(sentencepiece, piece * 3 + msg(2, b""))
    assert outcome is Outcome.ACCEPT, notes.findings
    assert notes.facts["pieces"] == 3
    assert examined(sentencepiece, msg(2, b""))[0] is Outcome.REJECT


@given(st.binary(max_size=200))
def test_no_bytes_break_the_readers(content: bytes) -> None:
    """Whatever the bytes, every reader ends with findings."""
    for module in (numpy_files, hdf5, tensorflow_graphs, tflite, coreml, sentencepiece):
        examined(module, content)
    examined(numpy_files, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(content)) + content)
    examined(hdf5, hdf5.MAGIC + content)
    examined(hdf5, h5() + b'{"class_name": ' + content)
    examined(tensorflow_graphs, num(1, 1) + msg(2, msg(2, msg(1, content))))


@given(st.data())
def test_no_flipped_byte_breaks_tensorflow_lite(data: st.DataObject) -> None:
    """A good flatbuffer with any bytes changed ends in an answer."""
    content = bytearray(flat(b"MyOp"))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.sampled_from([0, 1, 4, 127, 128, 255])
        )
    examined(tflite, bytes(content))
