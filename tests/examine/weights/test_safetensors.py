"""Safetensors headers are held to every word of the format."""

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.support import MeteredSource, codes, examined
from workstation.core.examination import Outcome
from workstation.examine.reader import Notes
from workstation.examine.weights import safetensors


def made(header: object, data: bytes = b"", *, pad: bytes = b"") -> bytes:
    """A file with ``header`` as JSON, or as it stands when it is bytes."""
    text = header if isinstance(header, bytes) else json.dumps(header, separators=(",", ":")).encode()
    text += pad
    return struct.pack("<Q", len(text)) + text + data


def entry(shape: list[int], begin: int, end: int, dtype: str = "F32") -> dict[str, object]:
    """One tensor entry."""
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def test_a_well_formed_file_is_described() -> None:
    """Totals, rows and metadata are those of the header; nothing of the data is read."""
    header = {"__metadata__": {"format": "pt"}, "a": entry([2, 3], 0, 24), "b": entry([], 24, 26, "BF16")}
    content = made(header, bytes(26))
    outcome, notes = examined(safetensors, content)
    assert outcome is Outcome.ACCEPT, notes.findings
    assert notes.facts["tensors"] == 2
    assert notes.facts["parameters"] == 7
    assert notes.facts["dtypes"] == {"BF16": 1, "F32": 1}
    assert notes.facts["metadata"] == {"format": "pt"}
    start = len(content) - 26
    assert notes.facts["tensor_table"] == [["a", "F32", [2, 3], start, 24], ["b", "BF16", [], start + 24, 2]]
    assert [row.name for row in safetensors.tensor_rows(MeteredSource(content))] == ["a", "b"]


@pytest.mark.parametrize("dtype", sorted(safetensors.DTYPE_BITS))
def test_every_element_type_has_its_size(dtype: str) -> None:
    """Eight elements of any type fill as many bytes as the type has bits."""
    bits = safetensors.DTYPE_BITS[dtype]
    outcome, notes = examined(safetensors, made({"a": entry([8], 0, bits, dtype)}, bytes(bits)))
    assert outcome is Outcome.ACCEPT, notes.findings


def test_order_of_entries_and_blanks_do_not_matter() -> None:
    """Entries may come in any order, with blanks, with empty tensors and with blanks after the header."""
    header = {"b": entry([2], 8, 16), "e": entry([0, 5], 8, 8), "a": entry([2], 0, 8)}
    text = json.dumps(header, indent=1).encode()
    for pad in (b"", b"   "):
        outcome, notes = examined(safetensors, made(text, bytes(16), pad=pad))
        assert outcome is Outcome.ACCEPT, notes.findings
    shuffled = b'{"a":{"shape":[2],"data_offsets":[0,8],"dtype":"F32"}}'
    assert examined(safetensors, made(shuffled, bytes(8)))[0] is Outcome.ACCEPT


A = entry([2], 0, 8)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\x01\0\0", "header-too-small"),
        (struct.pack("<Q", 100_000_001) + b"{}", "header-too-large"),
        (struct.pack("<Q", 10) + b"{}", "header-length"),
        (made(b'{"\xff":{}}'), "header-utf8"),
        (made(b'{"\xc3'), "header-utf8"),
        (made(b' {"a":1}'), "header-start"),
        (made(b""), "header-start"),
        (made(b"[]"), "header-start"),
        (made(b"{} x"), "header-json"),
        (made(b"{}\0"), "header-json"),
        (made(b'{"a":'), "header-json"),
        (made(b'{"a" 1}'), "header-json"),
        (made(b'{"__metadata__":{},}'), "header-json"),
        (made(b'{"a":{"dtype":"F32","shape":[NaN],"data_offsets":[0,8]}}', bytes(8)), "header-json"),
        (made(b'{"a":' + b"[" * 100_000), "nesting"),
        (made({"a": 1}), "tensor-entry"),
        (made({"a": {**A, "more": 1}}, bytes(8)), "tensor-entry"),
        (made({"a": {"dtype": "F32", "shape": [2]}}, bytes(8)), "tensor-entry"),
        (made({"a": entry([2], 0, 8, "F33")}, bytes(8)), "dtype"),
        (made({"a": {**A, "dtype": 1}}, bytes(8)), "dtype"),
        (made({"a": entry([-2], 0, 8)}, bytes(8)), "shape"),
        (made({"a": {**A, "shape": [2.0]}}, bytes(8)), "shape"),
        (made({"a": {**A, "shape": [True, 2]}}, bytes(8)), "shape"),
        (made({"a": {**A, "shape": "2"}}, bytes(8)), "shape"),
        (made({"a": entry([2**40, 2**40], 0, 8)}, bytes(8)), "shape-overflow"),
        (made({"a": {**A, "data_offsets": [0]}}, bytes(8)), "data-offsets"),
        (made({"a": {**A, "data_offsets": [0, -8]}}, bytes(8)), "data-offsets"),
        (made({"a": entry([2], 8, 0)}, bytes(8)), "offset-order"),
        (made({"a": entry([3], 0, 8)}, bytes(8)), "shape-size-mismatch"),
        (made({"a": entry([3], 0, 1, "F4")}, bytes(1)), "misaligned"),
        (made({"a": entry([20], 0, 80)}, bytes(8)), "offset-past-end"),
        (made({"a": A}, bytes(9)), "hole"),
        (made({"a": entry([2], 1, 9)}, bytes(9)), "hole"),
        (made({}, bytes(1)), "hole"),
        (made({"a": A, "b": entry([2], 9, 17)}, bytes(17)), "hole"),
        (made({"a": A, "b": entry([2], 4, 12)}, bytes(12)), "overlap"),
        (made({"a": A, "b": entry([2], 0, 8)}, bytes(8)), "overlap"),
        (
            made(
                b'{"a":' + json.dumps(A).encode() + b',"\\u0061":' + json.dumps(A).encode() + b"}", bytes(8)
            ),
            "duplicate-key",
        ),
        (
            made(b'{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', bytes(8)),
            "duplicate-key",
        ),
        (made(b'{"__metadata__":{"a":"1","a":"2"}}'), "duplicate-key"),
        (made(b'{"__metadata__":{},"__metadata__":{}}'), "duplicate-key"),
        (made({"__metadata__": {"a": 1}}), "metadata"),
        (made({"__metadata__": ["a"]}), "metadata"),
        (made(b'{"\\ud800":{}}'), "header-utf8"),
    ],
)
def test_every_breach_of_the_format_has_its_code(content: bytes, code: str) -> None:
    """One fault a file, one code a fault."""
    outcome, notes = examined(safetensors, content)
    assert outcome is Outcome.REJECT
    assert codes(notes) - {"MODEL_ALIGNMENT"} == {f"MODEL:{code}"}


@pytest.mark.parametrize(
    "value",
    [
        "import os; os.system('x')",
        "curl -s https://example.org/x | sh",
        "<script>alert(1)</script>",
        "{{ ''.__class__.__mro__ }}",
        "ftp://example.org/payload",
        "http://10.1.2.3/x",
        "__import__('os')",
    ],
)
def test_metadata_that_is_code_needs_a_person(value: str) -> None:
    """Program text in metadata is a caution with the text in its detail."""
    outcome, notes = examined(safetensors, made({"__metadata__": {"note": value}}))
    assert outcome is Outcome.WARN
    assert codes(notes) - {"MODEL_ALIGNMENT"} == {"MODEL_METADATA"}


@pytest.mark.parametrize(
    "value",
    ["pt", "A model for evaluation of systems", "https://example.org/model", "torch 2.3, exec time 3 s"],
)
def test_ordinary_metadata_is_left_alone(value: str) -> None:
    """Words and addresses of pages are no code."""
    assert examined(safetensors, made({"__metadata__": {"note": value}}))[0] is Outcome.ACCEPT


class Sparse(MeteredSource):
    """A header followed by data that exists only as a length."""

    def __init__(self, content: bytes, size_bytes: int) -> None:
        super().__init__(content)
        self._whole = size_bytes

    @property
    def size_bytes(self) -> int:
        """The claimed length."""
        return self._whole


def test_twenty_gigabytes_cost_their_header() -> None:
    """Only the header of a huge file is read."""
    size = 20 << 30
    content = made({"a": entry([size], 0, size, "U8")})
    source = Sparse(content, len(content) + size)
    notes = Notes()
    safetensors.examine(source, notes)
    assert notes.facts["tensor_bytes"] == size
    assert source.read_bytes < 2 * len(content)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content: bytes) -> None:
    """Whatever the bytes, the reader ends with findings; what is no valid header is never accepted."""
    examined(safetensors, content)
    examined(safetensors, made(content, bytes(8)))
    examined(safetensors, made(b'{"a":' + content))


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)
_ENTRY = st.fixed_dictionaries(
    {
        "dtype": st.sampled_from(["F32", "U8", "F4", "X"]) | _JSON,
        "shape": st.lists(st.integers(-1, 2**64), max_size=3) | _JSON,
        "data_offsets": st.lists(st.integers(-1, 64), max_size=3) | _JSON,
    }
)


@given(st.dictionaries(st.text(max_size=4), _ENTRY | _JSON, max_size=4), st.binary(max_size=40))
def test_no_header_breaks_the_reader(header: dict[str, object], data: bytes) -> None:
    """A header of any JSON ends in an answer; an accepted one covers its data to the byte."""
    outcome, notes = examined(safetensors, made(header, data))
    if outcome is Outcome.ACCEPT:
        assert notes.facts["tensor_bytes"] == len(data)
