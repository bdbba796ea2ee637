"""Digests made on another core."""

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from workstation.app.hashing import HashesBeside

_SIZES = st.sampled_from([0, 1, 4_096, (256 << 10) - 1, 256 << 10, 300_001])


@given(st.lists(_SIZES, max_size=8), st.sets(st.sampled_from(["md5", "sha256", "sha384", "sha512"])))
@settings(max_examples=30, deadline=None)
def test_pieces_of_any_size_are_hashed_in_their_order(sizes: list[int], algorithms: set[str]) -> None:
    """Short pieces and long ones in any order give the digests of all of them in one."""
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]
    with HashesBeside(algorithms) as hashes:
        for piece in pieces:
            hashes.update(piece)
        found = hashes.hexdigests()
    whole = b"".join(pieces)
    assert found == {name: hashlib.new(name, whole).hexdigest() for name in algorithms}
