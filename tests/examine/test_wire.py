"""What a worker says is decoded strictly, or it is nonsense."""

import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.examine import wire


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_nonsense(body: bytes) -> None:
    """No bytes raise anything but ``Nonsense``."""
    with contextlib.suppress(wire.Nonsense):
        wire.from_worker(body)
    with contextlib.suppress(wire.Nonsense):
        wire.from_server(body)
    with contextlib.suppress(wire.Nonsense):
        wire.facts_of(body)


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=7))
def test_frames_come_out_as_they_went_in(body: bytes, step: int) -> None:
    """However the pipe cuts the stream, the messages are the same."""
    frames, stream, found = wire.Frames(), wire.frame_bytes(body) * 3, []
    for at in range(0, len(stream), step):
        frames.feed(stream[at : at + step])
        while (one := frames.next()) is not None:
            found.append(one)
    assert found == [body] * 3


def test_a_length_beyond_the_limit_is_nonsense() -> None:
    """No memory is set aside for a message that is too long."""
    frames = wire.Frames()
    frames.feed((wire.MAX_MESSAGE_BYTES + 1).to_bytes(4, "little"))
    with pytest.raises(wire.Nonsense):
        frames.next()


_FILE = ["File", "x", 1, "pdf", "inconclusive", [], b"{}"]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (1, "x" * 20_000),
        (2, -1),
        (2, 1 << 62),
        (3, "PDF?"),
        (4, "seen"),
        (4, "unseen"),
        (5, [["X", "danger", "", ""]] * 3_000),
        (5, [["lower", "danger", "", ""]]),
        (5, [["CODE", "fatal", "", ""]]),
        (6, b" " * 300_000),
        (0, "Job"),
    ],
)
def test_values_out_of_range_are_nonsense(place: int, value: object) -> None:
    """Lengths, numbers, words and codes are checked one by one."""
    wire.from_worker(msgspec.msgpack.encode(_FILE))
    changed = [*_FILE[:place], value, *_FILE[place + 1 :]]
    with pytest.raises(wire.Nonsense):
        wire.from_worker(msgspec.msgpack.encode(changed))


def test_facts_are_an_object() -> None:
    """Facts that are a list, a number or too deep are nonsense."""
    for raw in (b"[]", b"1", b"{", b'{"a":' + b"[" * 100_000):
        with pytest.raises(wire.Nonsense):
            wire.facts_of(raw)
