"""GGUF headers are held to every word of the format."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.support import MeteredSource, codes, examined
from workstation.core.examination import Outcome
from workstation.examine.weights import gguf

U32, STRING, ARRAY, BOOL, F32 = 4, 8, 9, 7, 6


def text(value: bytes, order: str = "<", word: str = "Q") -> bytes:
    """A length and its bytes."""
    return struct.pack(order + word, len(value)) + value


def pair(key: bytes, kind: int, value: bytes, order: str = "<", word: str = "Q") -> bytes:
    """One metadata pair."""
    return text(key, order, word) + struct.pack(order + "I", kind) + value


def tensor(name: bytes, shape: list[int], kind: int, offset: int, order: str = "<", word: str = "Q") -> bytes:
    """One tensor line."""
    lengths = struct.pack(f"{order}{len(shape)}{word}", *shape)
    return (
        text(name, order, word)
        + struct.pack(order + "I", len(shape))
        + lengths
        + struct.pack(order + "IQ", kind, offset)
    )


ARCHITECTURE = pair(b"general.architecture", STRING, text(b"llama"))


def made(
    pairs: list[bytes], tensors: list[bytes], data: bytes = b"", *, version: int = 3, alignment: int = 32
) -> bytes:
    """A whole little-endian file."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(pairs)) + b"".join(pairs + tensors)
    return head + bytes(-len(head) % alignment if tensors else 0) + data


def test_a_well_formed_file_is_described() -> None:
    """Version, architecture, tensors and template are those of the header."""
    template = pair(b"tokenizer.chat_template", STRING, text(b"{{ messages[0].content }}"))
    tokens = pair(b"tokenizer.ggml.tokens", ARRAY, struct.pack("<IQ", STRING, 2) + text(b"a") + text(b"b"))
    nested = pair(b"x.y", ARRAY, struct.pack("<IQ", ARRAY, 1) + struct.pack("<IQ", U32, 2) + bytes(8))
    content = made(
        [ARCHITECTURE, template, tokens, nested],
        [tensor(b"t", [32, 2], 2, 0), tensor(b"u", [3], 0, 64)],
        bytes(64) + bytes(12),
    )
    outcome, notes = examined(gguf, content)
    assert outcome is Outcome.ACCEPT, notes.findings
    facts = notes.facts
    assert (facts["version"], facts["architecture"], facts["tensors"], facts["parameters"]) == (
        3,
        "llama",
        2,
        67,
    )
    assert facts["dtypes"] == {"F32": 1, "Q4_0": 1}
    assert facts["chat_templates"] == {"tokenizer.chat_template": "{{ messages[0].content }}"}
    assert [row.size_bytes for row in gguf.tensor_rows(MeteredSource(content))] == [36, 12]


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        (b"general.name", b"caf\xe9", "MODEL:string-utf8"),
        (b"general.na me", b"x", "MODEL:key"),
        (b"a\nb", b"x", "MODEL:key"),
        ("caf\u00e9".encode(), b"x", "MODEL:key"),
    ],
)
def test_texts_that_the_format_does_not_know_need_a_person(key: bytes, value: bytes, code: str) -> None:
    """Keys are plain ASCII and values UTF-8; what is neither may fool whoever reads it."""
    outcome, notes = examined(gguf, made([ARCHITECTURE, pair(key, STRING, text(value))], []))
    assert (outcome, codes(notes)) == (Outcome.WARN, {code})


def test_old_and_big_endian_files_are_read() -> None:
    """Version 1 has 32-bit lengths; version 3 also comes in the other byte order."""
    old = b"GGUF" + struct.pack("<III", 1, 0, 1) + pair(b"k", U32, bytes(4), word="I")
    assert examined(gguf, old)[1].facts["version"] == 1
    big = b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + pair(b"general.architecture", STRING, text(b"x", ">"), ">")
    big += tensor(b"t", [8], 0, 0, ">")
    big += bytes(-len(big) % 32) + bytes(32)
    outcome, notes = examined(gguf, big)
    assert outcome is Outcome.ACCEPT, notes.findings
    assert notes.facts["byte_order"] == "big"


ONE = tensor(b"t", [8], 0, 0)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"GGML" + bytes(20), "magic"),
        (made([], [], version=0), "version"),
        (made([], [], version=4), "version"),
        (b"GGUF\x03\0\0\0", "truncated"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 62), "count"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 62, 0), "count"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1) + struct.pack("<Q", 1 << 60) + b"x", "string-length"),
        (made([pair(b"", U32, bytes(4))], []), "string-length"),
        (made([pair(b"\xff", U32, bytes(4))], []), "string-utf8"),
        (made([pair(b"x", 99, bytes(4))], []), "kv-type"),
        (made([pair(b"x", ARRAY, struct.pack("<IQ", 99, 1))], []), "kv-type"),
        (made([pair(b"x", BOOL, b"\x02")], []), "bool"),
        (made([pair(b"x", ARRAY, struct.pack("<IQ", U32, 1 << 61))], []), "array-length"),
        (made([pair(b"x", ARRAY, struct.pack("<IQ", ARRAY, 1) * 8)], []), "nesting"),
        (made([ARCHITECTURE, ARCHITECTURE], []), "duplicate-key"),
        (made([pair(b"general.alignment", U32, struct.pack("<I", 7))], [ONE], bytes(32)), "alignment"),
        (made([pair(b"general.alignment", U32, struct.pack("<I", 0))], [ONE], bytes(32)), "alignment"),
        (made([pair(b"general.alignment", STRING, text(b"32"))], [ONE], bytes(32)), "alignment"),
        (made([ARCHITECTURE], [tensor(b"t", [1] * 5, 0, 0)], bytes(32)), "n-dims"),
        (made([ARCHITECTURE], [tensor(b"t", [1 << 32, 1 << 32], 0, 0)], bytes(32)), "shape-overflow"),
        (made([ARCHITECTURE], [tensor(b"t", [8], 250, 0)], bytes(32)), "tensor-type"),
        (made([ARCHITECTURE], [tensor(b"t", [8], 4, 0)], bytes(32)), "tensor-type"),
        (made([ARCHITECTURE], [tensor(b"t", [31], 2, 0)], bytes(32)), "shape-block"),
        (made([ARCHITECTURE], [tensor(b"t", [64], 0, 0)], bytes(32)), "truncated"),
        (made([ARCHITECTURE], [ONE, tensor(b"t", [8], 0, 32)], bytes(64)), "duplicate-tensor"),
        (made([ARCHITECTURE], [ONE, tensor(b"u", [8], 0, 0)], bytes(64)), "overlap"),
        (made([ARCHITECTURE], [ONE, tensor(b"u", [8], 0, 64)], bytes(96)), "hole"),
        (made([ARCHITECTURE], [tensor(b"t", [8], 0, 4)], bytes(64)), "alignment"),
    ],
)
def test_every_breach_of_the_format_has_its_code(content: bytes, code: str) -> None:
    """One fault a file, one code a fault."""
    outcome, notes = examined(gguf, content)
    assert outcome is Outcome.REJECT
    assert codes(notes) - {"MODEL_ARCHITECTURE"} == {f"MODEL:{code}"}


def test_bytes_behind_the_tensors_need_a_person() -> None:
    """What no tensor covers is reported."""
    outcome, notes = examined(gguf, made([ARCHITECTURE], [ONE], bytes(32) + b"payload"))
    assert outcome is Outcome.WARN
    assert codes(notes) == {"MODEL:trailing"}


def test_a_template_that_reaches_out_needs_a_person() -> None:
    """Templates in the header are looked at like template files."""
    evil = pair(
        b"tokenizer.chat_template.tools", STRING, text(b"{{ cycler.__init__.__globals__.os.popen('id') }}")
    )
    outcome, notes = examined(gguf, made([ARCHITECTURE, evil], []))
    assert outcome is Outcome.WARN
    assert codes(notes) == {"MODEL:template-code", "TEMPLATE_CODE"}


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever the bytes, the reader ends with findings."""
    examined(gguf, content)
    examined(gguf, b"GGUF\x03\0\0\0" + content)
    examined(gguf, b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + content)


@given(st.data())
def test_no_flipped_byte_breaks_the_reader(data: st.DataObject) -> None:
    """A good file with any bytes changed ends in an answer."""
    content = bytearray(made([ARCHITECTURE], [ONE, tensor(b"u", [8], 0, 32)], bytes(64)))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    examined(gguf, bytes(content))


def test_a_person_pages_through_more_tensors_than_the_facts_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """All 10,050 tensors are listed; beyond the ceiling a last word says that there are more."""
    content = made([ARCHITECTURE], [tensor(b"t%d" % n, [0], 0, 0) for n in range(10_050)])
    assert [row.name for row in gguf.tensor_rows(MeteredSource(content)) if row][-1] == "t10049"
    monkeypatch.setattr(gguf, "MAX_ROWS_TO_SHOW", 20)
    listed = list(gguf.tensor_rows(MeteredSource(content)))
    assert (len(listed), listed[-1]) == (21, None)
