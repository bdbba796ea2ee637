"""The streaming JSON cursor: the same values in any chunking, bounded, and nothing but ``Unreadable``."""

import json
import math
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.examine.evaluations import jsonflow
from workstation.examine.evaluations.facts import SampleHead
from workstation.examine.evaluations.jsonflow import (
    MAX_DEPTH,
    CutOff,
    JsonFlow,
    fields_of,
    value_of,
)
from workstation.examine.reader import Unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=30,
)


def chunks(raw: bytes, size: int) -> JsonFlow:
    """A cursor that gets ``size`` bytes at a time."""
    return JsonFlow(raw[at : at + size] for at in range(0, len(raw), size))


@given(JSON, st.integers(1, 40), st.sampled_from([None, 2]), st.booleans())
def test_values_come_out_as_they_went_in(
    value: object, size: int, indent: int | None, ascii_only: bool
) -> None:
    """Every value of an object is captured byte for byte, whatever the chunks and the layout."""
    raw = json.dumps({"a": value, "b": [value]}, indent=indent, ensure_ascii=ascii_only).encode(
        "utf-8", "surrogatepass"
    )
    cursor = chunks(raw, size)
    found = {}
    for name in cursor.names():
        piece = cursor.raw(1 << 20)
        assert piece is not None
        found[name] = json.loads(piece)
    cursor.finish()
    assert repr(found) == repr(json.loads(raw))


@given(JSON, st.integers(1, 40))
def test_skipping_ends_where_capturing_ends(value: object, size: int) -> None:
    """A skipped value and one over the limit leave the cursor behind the value."""
    raw = json.dumps([value, value, 7]).encode()
    cursor = chunks(raw, size)
    seen = []
    for number in cursor.items():
        if number == 0:
            cursor.skip()
        elif number == 1:
            assert cursor.raw(0) is None
        else:
            seen.append(cursor.raw(10))
    cursor.finish()
    assert seen == [b"7"]


def _end(raw: bytes, size: int, least: int) -> tuple[int, str]:
    """Where the first value ends, or why there is none, when leaps are so long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsonflow, "_LEAST_LEAP_BYTES", least)
        cursor = chunks(raw, size)
        try:
            cursor.skip()
        except Unreadable as reason:
            return -1, reason.code
        return cursor.position, ""


SIGNS = st.lists(
    st.sampled_from(['"', "\\", "{", "}", "[", "]", ",", ":", "ab", "\x01", '\\"', '"x"', "[{}]"])
)


@given(SIGNS, st.integers(1, 60), st.integers(2, 20))
def test_leaps_end_where_the_exact_walk_ends(signs: list[str], size: int, least: int) -> None:
    """Whatever the bytes, valid or not, going on in leaps leads where walking bracket by bracket does."""
    raw = ("[" + "".join(signs)).encode()
    assert _end(raw, size, least) == _end(raw, size, 1 << 20)


def test_brackets_without_end_are_walked_in_time() -> None:
    """Nesting as deep as is read, over and over, costs no leap for every bracket."""
    deep = b"[" + b",".join([b"[" * 390 + b"]" * 390] * 400) + b"]"
    cursor = chunks(deep, 1 << 20)
    cursor.skip()
    assert cursor.position == len(deep)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_raise_anything_but_unreadable(raw: bytes, size: int) -> None:
    """Arbitrary bytes are walked or refused."""
    try:
        cursor = chunks(raw, size)
        if cursor.peek() == b"{":
            for _name in cursor.names():
                cursor.skip()
        elif cursor.peek() == b"[":
            for _number in cursor.items():
                cursor.raw(100)
        else:
            cursor.raw(100)
        cursor.finish()
    except Unreadable:
        return


@pytest.mark.parametrize("raw", [b'{"a": [1, 2', b'{"a": "x', b'{"a"', b'{"a": 1', b"[1,", b'["\\'])
def test_a_text_that_stops_is_cut_off(raw: bytes) -> None:
    """A text that ends inside a value is called cut off, not wrong."""
    cursor = chunks(raw, 3)
    with pytest.raises(CutOff):
        cursor.skip()


@pytest.mark.parametrize("raw", [b"{1:2}", b'{"a" 1}', b'{"a":1,,}', b"[1 2]", b'{"a":1}x', b"[}"])
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    """Wrong punctuation on the levels that are walked is refused."""
    with pytest.raises(Unreadable, match="EVAL_INVALID"):
        cursor = chunks(raw, 100)
        walk = cursor.names() if raw[:1] == b"{" else cursor.items()
        for _each in walk:
            cursor.skip()
        cursor.finish()


def test_depth_is_bounded() -> None:
    """A text nested deeper than the bound is refused, and one at the bound is not."""
    chunks(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, 100).skip()
    with pytest.raises(Unreadable, match="EVAL_INVALID"):
        chunks(b"[" * 100_000, 1_000).skip()


def test_a_scalar_without_end_is_refused_early() -> None:
    """Digits without end are refused after a few kilobytes, not collected."""
    served = []

    def digits() -> Iterator[bytes]:
        while True:
            served.append(1)
            yield b"7" * 4_096

    with pytest.raises(Unreadable, match="EVAL_INVALID"):
        JsonFlow(digits()).skip()
    assert len(served) < 5


def test_a_long_string_is_skipped_in_flat_memory() -> None:
    """What is over the limit is not kept: the buffer never grows beyond a chunk."""
    cursor = JsonFlow(iter([b'["', *[b"x" * 65_536] * 200, b'"]']))
    for _number in cursor.items():
        assert cursor.raw(1_000) is None
        assert len(cursor._buffer) <= 65_536 + 3


def test_python_numbers_are_read() -> None:
    """NaN and Infinity are values, as Python writes them, and numbers of absurd length become infinite."""
    value = value_of(b"[NaN, -Infinity, 1e400, " + b"9" * 1_000 + b"]")
    assert math.isnan(value[0])
    assert value[1:] == [-math.inf, math.inf, math.inf]


def test_fields_survive_nan_outside_of_strings_only() -> None:
    """NaN is counted where a number belongs and left alone inside a text."""
    head, count = fields_of(b'{"id": "NaN", "epoch": NaN, "x": [-Infinity, "a\\"NaN"]}', SampleHead)
    assert count == 2
    assert bytes(head.id) == b'"NaN"'


def test_a_name_written_twice_is_refused() -> None:
    """An object that says a thing twice is ambiguous."""
    with pytest.raises(Unreadable, match="EVAL_AMBIGUOUS"):
        value_of(b'{"status": "error", "status": "success"}')
