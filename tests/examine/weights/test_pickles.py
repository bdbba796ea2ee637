"""Pickles are followed, never loaded; what they would call decides."""

import base64
import collections
import io
import operator
import os
import pickle
import struct
import subprocess
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.support import codes, examined, severities
from workstation.core.examination import Outcome
from workstation.examine.reader import BytesSource, Notes
from workstation.examine.weights import hidden, pickle_machine, pickles, salvage
from workstation.examine.weights.pickle_names import Reach, reach


class Calls:
    """Pickles into a call of ``function`` with ``arguments``; only ever dumped here."""

    def __init__(self, function: object, *arguments: object) -> None:
        self.call = (function, arguments)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return self.call  # type: ignore[return-value]  # any callable will do for the test


@pytest.mark.parametrize("protocol", range(6))
def test_a_call_of_a_system_function_is_dangerous_in_every_protocol(protocol: int) -> None:
    """A pickle that calls os.system is refused, with the name as the pickle spells it."""
    outcome, notes = examined(pickles, pickle.dumps(Calls(os.system, "true"), protocol))
    assert outcome is Outcome.REJECT
    assert notes.facts["dangerous"] == ["posix system"]
    assert notes.facts["protocol"] == (protocol if protocol > 1 else 0)


@pytest.mark.parametrize("protocol", range(6))
def test_plain_data_has_nothing_to_find(protocol: int) -> None:
    """Numbers, text, lists, dictionaries and the harmless containers raise no finding."""
    value = {"a": [1, 2.5, None, True, b"bytes", "text", 2**70, -1], "b": collections.OrderedDict(x={1, 2})}
    outcome, notes = examined(pickles, pickle.dumps(value, protocol))
    assert outcome is Outcome.ACCEPT, notes.findings
    assert notes.facts["dangerous"] == []


def test_an_unknown_class_needs_a_person() -> None:
    """A name on no list is neither accepted nor refused."""
    outcome, notes = examined(pickles, b"c__main__\nNetwork\n)R.")
    assert outcome is Outcome.WARN
    assert codes(notes) == {"MODEL_CODE"}
    assert notes.facts["unlisted"] == ["__main__ Network"]


@pytest.mark.parametrize(
    "content",
    [
        b"(S'true'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'true'\no.",  # OBJ
        b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93.",  # looked up, not called
        b"\x80\x04\x8c\x02os\x940\x8c\x06system\x940h\x00h\x01\x93.",  # names through the memo
        b"Vos\np2\n0Vsystem\np3\n0g2\ng3\n\x93.",  # text opcodes and PUT
        b"\x80\x04U\x02osU\x06system\x93.",  # byte strings serve as names too
        b"T\x02\0\0\0osT\x06\0\0\0system\x93.",
        b"S'\\x6fs'\nS'syst\\x65m'\n\x93.",  # escapes inside the constant
        b"\x80\x04ctorch\nserialization.os.system\n.",  # attributes walked from a harmless module
        b"cos\nsystem\n(S'true'\ntR",  # breaks off after the call
        b"cos\nsystem\n(S'true'\ntR\xff",  # garbage after the call
        pickle.dumps([1, 2]) + b"cos\nsystem\n.",  # second pickle of the file
        pickle.dumps([1, 2]) + b"\n\n" + pickle.dumps("x"),
    ],
)
def test_no_spelling_hides_a_lookup(content: bytes) -> None:
    """However a name reaches the lookup, it is found; what follows breakage is at least inconclusive."""
    outcome, notes = examined(pickles, content)
    if b"os" in content or b"\\x6fs" in content:
        assert outcome is Outcome.REJECT
        assert notes.facts["dangerous"]
    else:
        assert outcome is Outcome.WARN


def test_a_name_computed_while_loading_is_dangerous() -> None:
    """A lookup by a value that only exists while loading is treated as the worst."""
    looked_up = b"\x80\x04ctorch\n_utils\ncos\npath\n\x93."
    outcome, notes = examined(pickles, looked_up)
    assert outcome is Outcome.REJECT
    assert notes.facts["dangerous"] == ["_utils unknown", "os path"]


def test_setting_the_state_of_a_class_is_dangerous() -> None:
    """BUILD on something looked up changes the program that loads."""
    outcome, notes = examined(pickles, b"ccollections\nOrderedDict\n}S'x'\nI1\nsb.")
    assert outcome is Outcome.REJECT
    assert codes(notes) == {"MODEL_CODE"}


def test_extension_codes_are_not_harmless() -> None:
    """A name behind a number of the loading program's registry needs a person."""
    outcome, notes = examined(pickles, b"\x80\x02\x82\x07)R.")
    assert outcome is Outcome.WARN
    assert notes.facts["unlisted"] == ["copyreg._extension_registry 7"]


@pytest.mark.parametrize(
    "pack",
    [
        lambda inner: inner,
        base64.b64encode,
        lambda inner: base64.b64encode(base64.b64encode(inner)),
        lambda inner: inner.hex().encode(),
        zlib.compress,
        lambda inner: base64.b64encode(zlib.compress(inner)),
        lambda inner: b"\0" * 40 + inner + b"\0" * 40,
    ],
)
def test_a_pickle_packed_into_a_constant_is_found(pack: object) -> None:
    """A pickle kept as data is reported through every layer of packing, as bytes and as text."""
    inner = pickle.dumps(Calls(print, "hello from inside a pickle"))
    packed = pack(inner)  # type: ignore[operator]  # each parameter is a function
    outcome, notes = examined(pickles, pickle.dumps({"weights": packed}))
    assert outcome is Outcome.WARN
    assert codes(notes) == {"MODEL_HIDDEN"}
    assert notes.facts["hidden_globals"] == ["builtins print"]


def test_look_alikes_of_hidden_pickles_are_left_alone() -> None:
    """Pictures, tokens and encoded text in a pickle raise no finding."""
    value = {
        "png": b"\x89PNG\r\n" + bytes(200),
        "b64": base64.b64encode(b"just some text, long enough").decode(),
    }
    value["hex"] = "deadbeef" * 8
    value["tokens"] = ["<s>", "</s>", "gASV"]
    outcome, notes = examined(pickles, pickle.dumps(value))
    assert outcome is Outcome.ACCEPT, notes.findings


def test_shared_containers_cost_their_opcodes_only() -> None:
    """A pickle whose value has 2**200 items is followed at once and reported."""
    content = b"(lp0\n" + b"".join(b"(g%d\ng%d\nlp%d\n" % (i, i, i + 1) for i in range(200)) + b"."
    outcome, notes = examined(pickles, content)
    assert outcome is Outcome.WARN
    assert codes(notes) == {"MODEL_EXPANSION"}


def test_too_many_operations_end_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pickle beyond the bound is given up and said to be."""
    monkeypatch.setattr(pickle_machine, "MAX_OPERATIONS", 10_000)
    outcome, notes = examined(pickles, b"N0" * 6_000 + b".")
    assert outcome is Outcome.WARN
    assert not notes.complete
    assert "EXAMINE_LIMIT" in codes(notes)


def test_the_old_torch_format_is_read_to_its_last_storage() -> None:
    """Five pickles and the storages they promise raise nothing; other bytes behind them do."""
    head = (
        pickle.dumps(pickles.TORCH_MAGIC, 2)
        + pickle.dumps(1001, 2)
        + pickle.dumps({"little_endian": True}, 2)
    )
    tensor = (
        b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000"
        b"X\x03\0\0\0cpuK\x06NtQK\0K\x02K\x03\x86K\x03K\x01\x86\x89ccollections\nOrderedDict\n)RtR."
    )
    storage = struct.pack("<q", 6) + bytes(24)
    content = head + tensor + pickle.dumps(["0"], 2) + storage
    outcome, notes = examined(pickles, content)
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.facts["tensors"], notes.facts["parameters"]) == (1, 6)
    assert codes(examined(pickles, content + b"more")[1]) == {"MODEL:trailing"}
    assert "MODEL:truncated" in codes(examined(pickles, content[:-1])[1])


def test_joblib_arrays_are_stepped_over_but_not_trusted() -> None:
    """Opcodes in the place of array bytes are found, as a plain loader would run them."""
    evil = b"cos\nsystem\n(S'true'\ntR."
    state = (
        b"}(X\x05\0\0\0shapeK"
        + bytes([len(evil)])
        + b"\x85X\x05\0\0\0dtypecnumpy\ndtype\n(X\x02\0\0\0u1\x89\x88tRu"
    )
    wrapper = b"\x80\x03cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81" + state + b"b"
    outcome, notes = examined(pickles, wrapper + bytes(len(evil)) + b".")
    assert outcome is Outcome.ACCEPT, notes.findings
    outcome, notes = examined(pickles, wrapper + evil + b".")
    assert outcome is Outcome.REJECT
    assert notes.facts["dangerous"] == ["os system"]


def test_a_compressed_joblib_file_is_followed_inside() -> None:
    """Compression hides nothing."""
    outcome, notes = examined(pickles, zlib.compress(pickle.dumps(Calls(subprocess.call, ["true"]))))
    assert outcome is Outcome.REJECT
    assert notes.facts["dangerous"] == ["subprocess call"]


def test_a_bomb_behind_compression_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compressed stream that unpacks to more than the bound is read up to it."""
    monkeypatch.setattr(pickles, "MAX_INFLATED_BYTES", 1 << 20)
    outcome, notes = examined(pickles, zlib.compress(b"N0" * (1 << 20), 9))
    assert outcome is Outcome.WARN
    assert not notes.complete


def test_what_torch_loads_from_a_constant_counts_as_loaded() -> None:
    """Bytes handed to torch's loader are followed like the file itself."""
    inner = pickle.dumps(Calls(os.system, "true"), 2)
    outer = b"\x80\x03ctorch.storage\n_load_from_bytes\nB" + struct.pack("<I", len(inner)) + inner + b"\x85R."
    outcome, notes = examined(pickles, outer)
    assert outcome is Outcome.REJECT
    assert notes.facts["dangerous"] == ["posix system"]


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"cmod\n\xf8\n", b"\x80\x09.", b"hello world"]
)
def test_what_is_no_pickle_is_inconclusive(content: bytes) -> None:
    """A file that promises a pickle and is none is never passed over."""
    outcome, notes = examined(pickles, content)
    assert outcome is Outcome.WARN
    assert "MODEL_UNPARSED" in codes(notes)


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        ("collections", "OrderedDict", Reach.HARMLESS),
        ("copy_reg", "_reconstructor", Reach.HARMLESS),
        ("sklearn.linear_model", "LogisticRegression", Reach.UNLISTED),
        ("torch._utils", "_rebuild_tensor", Reach.UNLISTED),
        ("dill._dill", "_create_function", Reach.CARRIER),
        ("builtins", "__import__", Reach.ENABLING),
        ("importlib", "import_module", Reach.ENABLING),
        ("collections", "OrderedDict.__init__.__globals__", Reach.ENABLING),
        ("__builtin__", "eval", Reach.DANGEROUS),
        ("commands", "getoutput", Reach.DANGEROUS),
        ("asyncio.unix_events", "_UnixSubprocessTransport._start", Reach.DANGEROUS),
        ("torch", "serialization.os.system", Reach.DANGEROUS),
        ("operator", "attrgetter", Reach.DANGEROUS),
        (operator.__name__, "add", Reach.UNLISTED),
    ],
)
def test_names_are_judged_by_what_they_reach(module: str, name: str, expected: Reach) -> None:
    """The lists hold what they promise, old spellings and walked attributes included."""
    assert reach(module, name) is expected


def test_a_zip_that_lies_is_searched_all_the_same() -> None:
    """A wrong checksum, an encryption flag or another name in the directory hides no pickle."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.txt", pickle.dumps(Calls(os.system, "true")))
    broken = bytearray(buffer.getvalue())
    broken[6] |= 1  # "encrypted"
    broken[14:18] = b"\0\0\0\0"  # checksum
    notes = Notes()
    salvage.examine(BytesSource(bytes(broken)), notes)
    assert severities(notes) == {"danger"}
    assert notes.facts["dangerous"] == ["posix system"]
    assert {finding.path for finding in notes.findings} == {"data.txt"}


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever the bytes, the reader ends with findings and facts."""
    examined(pickles, content)
    examined(pickles, b"\x80\x04" + content)
    hidden.layers(content)


_OPCODES = st.sampled_from(
    [bytes([code]) for code in b"(.012NRabdelotsu})]\x81\x85\x86\x87\x93\x94\x8f\x90\x91\x92"]
)
_PIECES = st.one_of(
    _OPCODES,
    st.sampled_from(
        [b"cos\nsystem\n", b"Vos\n", b"I1\n", b"h\0", b"q\1", b"K\5", b"\x8c\x02os", b"C\x02ab", b"\x80\x04"]
    ),
)


@given(st.lists(_PIECES, max_size=60))
def test_no_sequence_of_opcodes_breaks_the_machine(pieces: list[bytes]) -> None:
    """Valid opcodes in any order end in an answer, and a system call is never accepted."""
    content = b"".join(pieces) + b"."
    outcome, _notes = examined(pickles, content)
    if content.startswith(b"cos\nsystem\n"):
        assert outcome is Outcome.REJECT
