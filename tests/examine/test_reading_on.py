"""Bytes behind a bad sector are read; what is missing stands as zeros and is named."""

from collections.abc import Collection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.core.packages import Hole, Loss, SourceUnreadable
from workstation.examine.reader import BytesSource
from workstation.examine.reading_on import BLOCK_BYTES, Filled, pieces_reading_on


class Worn(BytesSource):
    """A source some blocks of which cannot be read; reads end before such a block, as those of a disk do."""

    def __init__(self, content: bytes, bad: Collection[int], loss: Loss = Loss.BYTES) -> None:
        super().__init__(content, "w.bin")
        self.bad, self.loss, self.failed = set(bad), loss, 0

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to the next bad block."""
        block = offset // BLOCK_BYTES
        if block in self.bad and offset < self.size_bytes:
            self.failed += 1
            raise SourceUnreadable(path="w.bin", reason="Input/output error", loss=self.loss)
        while block not in self.bad and block * BLOCK_BYTES < offset + size_bytes:
            block += 1
        return super().read_at(offset, min(size_bytes, block * BLOCK_BYTES - offset))


def read(worn: Worn, *, beyond: int = 0) -> tuple[bytes, list[Hole]]:
    """All of it, and its holes."""
    holes: list[Hole] = []
    pieces = pieces_reading_on(worn.read_at, worn.size_bytes, holes, beyond=beyond)
    return b"".join(pieces), holes


@given(
    st.binary(min_size=1, max_size=60).map(lambda seed: (seed * 9_000)[: len(seed) * 4_000]),
    st.sets(st.integers(0, 60)),
    st.integers(0, 1),
)
def test_every_byte_comes_from_the_medium_or_is_named(content: bytes, bad: set[int], beyond: int) -> None:
    """Length and offsets stay; outside of the holes the bytes are the file's, inside they are zeros."""
    worn = Worn(content, bad)
    blocks = -(-len(content) // BLOCK_BYTES)
    try:
        found, holes = read(worn, beyond=beyond)
    except SourceUnreadable:
        assert set(range(blocks)) & bad
        return
    assert len(found) == len(content)
    whole = bytearray(content)
    for hole in holes:
        whole[hole.first : hole.first + hole.size_bytes] = bytes(hole.size_bytes)
    assert found == whole
    bad_here = {block for block in bad if block < blocks}
    named = {at // BLOCK_BYTES for hole in holes for at in range(hole.first, hole.first + hole.size_bytes)}
    assert bad_here <= named


def test_a_lone_bad_sector_costs_one_block() -> None:
    """What lies right behind one is not passed over."""
    content = bytes(range(256)) * 200
    found, holes = read(Worn(content, {3, 9}))
    assert [(hole.first, hole.size_bytes) for hole in holes] == [(12_288, 4_096), (36_864, 4_096)]
    assert len(found) == len(content)


def test_a_worn_out_stretch_is_crossed_in_growing_steps() -> None:
    """A disk that takes seconds over each failing read is not asked for every block of a long stretch."""
    content = b"x" * (40 << 20)
    worn = Worn(content, range(10, 4_000))
    found, holes = read(worn)
    assert len(found) == len(content)
    assert worn.failed < 40
    assert len(holes) == 1


def test_a_disk_that_fails_again_and_again_is_let_be() -> None:
    """After so many failing reads the rest of the file is not tried."""
    worn = Worn(b"x" * (4 << 20), range(0, 1_024, 2))
    with pytest.raises(SourceUnreadable):
        read(worn)
    assert worn.failed == 65


@pytest.mark.parametrize("loss", [Loss.MEDIUM, Loss.FILE])
def test_a_medium_that_is_gone_is_no_hole(loss: Loss) -> None:
    """Only bad bytes are passed over."""
    with pytest.raises(SourceUnreadable):
        read(Worn(b"x" * 9_000, {1}, loss))


def test_a_file_of_which_nothing_can_be_read_is_not_made_of_zeros() -> None:
    """Zeros stand between bytes that were read, never for a whole file."""
    with pytest.raises(SourceUnreadable):
        read(Worn(b"x" * 9_000, {0, 1, 2}))


def test_a_file_that_only_lists_as_empty_is_not_called_empty() -> None:
    """Where the first read fails there is no end of the file to be seen."""

    def fails(_offset: int, _size_bytes: int) -> bytes:
        raise SourceUnreadable(path="w.bin", reason="Input/output error", loss=Loss.BYTES)

    with pytest.raises(SourceUnreadable):
        list(pieces_reading_on(fails, 0, [], beyond=1))


def test_a_filled_source_keeps_its_offsets() -> None:
    """A reader of a damaged container finds everything where it was."""
    content = bytes(range(1, 251)) * 100
    filled = Filled(Worn(content, {2}))
    assert filled.read_at(0, 4) == content[:4]
    assert filled.read_at(3 * BLOCK_BYTES, 50) == content[3 * BLOCK_BYTES :][:50]
    assert filled.read_at(2 * BLOCK_BYTES + 10, 9_000) == bytes(BLOCK_BYTES - 10)
