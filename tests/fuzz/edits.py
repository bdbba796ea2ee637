"""Changes to a seed for Hypothesis to choose and to shrink: the complement of the guided search."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tests.fuzz.harness import MAX_INPUT_BYTES

_NUMBERS = (
    b"\0",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xff" * 4,
    b"\xff" * 8,
    b"\0" * 8,
    b"\x00\x00\x00\x80",
    b"-1",
    b"1e999",
)
_PIECES = (
    b"{",
    b"[",
    b'"',
    b"\\ud800",
    b"\\u0000",
    b"null",
    b"NaN",
    b"../",
    b"\xe2\x80\xae",
    b"\r\n",
    b"<!--",
    b"%%EOF",
)


@st.composite
def changed(draw: st.DrawFn, seeds: Sequence[bytes], words: Sequence[bytes] = ()) -> bytes:
    """A seed after a few cuts, copies, insertions and changed bytes."""
    content = draw(st.sampled_from(list(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, max(0, len(content))))
        length = draw(st.sampled_from((1, 1, 2, 4, 8, 16, 64, 512)))
        match draw(st.sampled_from(("flip", "cut", "put", "write", "copy", "repeat", "end"))):
            case "flip" if at < len(content):
                changed_byte = content[at] ^ (1 << draw(st.integers(0, 7)))
                content = content[:at] + bytes([changed_byte]) + content[at + 1 :]
            case "cut":
                content = content[:at] + content[at + length :]
            case "put":
                piece = draw(st.sampled_from((*_NUMBERS, *_PIECES, *words)) | st.binary(max_size=16))
                content = content[:at] + piece + content[at:]
            case "write":
                piece = draw(st.sampled_from(_NUMBERS))
                content = content[:at] + piece + content[at + len(piece) :]
            case "copy":
                start = draw(st.integers(0, max(0, len(content))))
                content = content[:at] + content[start : start + length] + content[at:]
            case "repeat":
                times = draw(st.sampled_from((2, 16, 300, 2_000)))
                content = content[:at] + content[at : at + min(length, 16)] * times + content[at:]
            case _:
                content = content[:at] if draw(st.booleans()) else content + content[:length]
    return content[:MAX_INPUT_BYTES]
