"""Groups of HDF5 that keep very many links in a fractal heap are walked like any other."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.hdf5_files import NOWHERE, Builder
from tests.examine.weights.support import codes, examined
from workstation.core.examination import Outcome
from workstation.examine.reader import BytesSource, Unreadable
from workstation.examine.weights import hdf5, hdf5_heap, hdf5_tree
from workstation.examine.weights.hdf5_heap import Heap
from workstation.examine.weights.hdf5_messages import Addressing

VECTORS = Path(__file__).parents[2] / "vectors" / "hdf5"
LINKS = ("links-20", "links-1000", "links-1000-in-order")


def vector(name: str) -> bytes:
    """One of the files that another program wrote."""
    return zlib.decompress((VECTORS / f"{name}.h5.zlib").read_bytes())


def patched(content: bytes, magic: bytes, at: int, new: bytes) -> bytes:
    """The first structure with this signature, changed."""
    place = content.index(magic) + at
    return content[:place] + new + content[place + len(new) :]


@pytest.mark.parametrize("name", LINKS)
def test_dense_links_are_followed(name: str) -> None:
    """Datasets behind links in a heap are listed, inner groups counted, links to other files named."""
    outcome, notes = examined(hdf5, vector(name))
    rows = {row[0]: row[1:3] for row in notes.facts["tensor_table"]}  # type: ignore[attr-defined]  # a list of rows
    assert rows["many/inner/third"] == ["float 64", [5]]
    assert {"first", "many/second"} & rows.keys()
    assert (notes.facts["groups"], notes.facts["parameters"]) == (3, 11)
    assert notes.facts["reading"] == "whole tree"
    assert (outcome, "MODEL_EXTERNAL_FILE" in codes(notes)) == (Outcome.WARN, True)


def test_dense_attributes_are_named() -> None:
    """Attributes in a heap have their names told, those too large for it among them."""
    outcome, notes = examined(hdf5, vector("attributes-300"))
    assert (outcome, notes.complete) == (Outcome.ACCEPT, True)
    assert "attribute-0042" in notes.facts["attributes"]  # type: ignore[operator]  # a list of names
    tree = hdf5_tree.start(BytesSource(vector("attributes-300")), 0, 8, 8, notes)
    tree.walk(48)
    assert len(tree.attributes) == 301
    assert "zz-large" in tree.attributes


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda raw: patched(raw, b"FRHP", 7, b"\x10"),  # filters
        lambda raw: patched(raw, b"FHDB", 21 + 8, b"\xff" * 40),
    ],
)
def test_what_is_not_followed_is_inconclusive(spoiled: Callable[[bytes], bytes]) -> None:
    """A heap that is compressed, or whose objects are none, never leaves the file at nothing found."""
    outcome, notes = examined(hdf5, spoiled(vector("links-20")))
    assert not notes.complete
    assert outcome is Outcome.WARN


def test_a_compressed_heap_has_a_reason_of_its_own() -> None:
    """What nobody followed is told by a code that says so."""
    _outcome, notes = examined(hdf5, patched(vector("links-20"), b"FRHP", 7, b"\x10"))
    assert "MODEL_TREE_UNWALKED" in codes(notes)
    assert notes.facts["reading"] == "part of the tree"


@pytest.mark.parametrize(
    ("magic", "at", "new"),
    [
        (b"FRHP", 0, b"XXXX"),
        (b"FRHP", 4, b"\x01"),
        (b"BTHD", 0, b"XXXX"),
        (b"BTHD", 5, b"\x06"),  # another type of record than a group's names
        (b"BTHD", 6, struct.pack("<I", 1 << 30)),
        (b"BTHD", 12, b"\x21"),
        (b"BTHD", 26, b"\x01"),  # fewer records than there are
        (b"BTLF", 0, b"XXXX"),
        (b"BTLF", 5, b"\x08"),
        (b"FHDB", 0, b"XXXX"),
        (b"FHDB", 5, bytes(8)),  # of another heap
        (b"FHDB", 13, b"\x40"),  # elsewhere in the heap
    ],
)
def test_a_spoiled_structure_is_refused(magic: bytes, at: int, new: bytes) -> None:
    """Whatever is not as the specification says ends the walk with a code."""
    outcome, notes = examined(hdf5, patched(vector("links-20"), magic, at, new))
    assert (outcome, notes.complete) == (Outcome.WARN, False)
    assert "MODEL_UNPARSED" in codes(notes)


def nested() -> tuple[Heap, dict[int, bytes]]:
    """A heap of blocks of 64 bytes, two in a row: the third row holds tables of such blocks again."""
    made = Builder()
    heap_at, places = made.put(bytes(8)), {}

    def block(base: int) -> int:
        at = made.put(b"FHDB\0" + struct.pack("<QH", heap_at, base) + bytes([base // 64 + 1]) * 49)
        places[base] = bytes([base // 64 + 1]) * 49
        return at

    def table(base: int, children: list[int]) -> int:
        return made.put(
            b"FHIB\0" + struct.pack("<QH", heap_at, base) + struct.pack(f"<{len(children)}Q", *children)
        )

    direct = [block(base) for base in (0, 64, 128, 192)]
    inner = [table(base, [block(base), block(base + 64)]) for base in (256, 384)]
    root = table(0, direct + inner)
    content = made.file(0)
    where = Addressing(source=BytesSource(content), base=0, offset_bytes=8, length_bytes=8)
    heap = Heap(
        where=where,
        address=heap_at,
        id_bytes=7,
        width=2,
        first_bytes=64,
        most_direct_bytes=64,
        offset_bytes=2,
        length_bytes=1,
        root=root,
        root_rows=3,
        huge_tree=NOWHERE,
        has_checksums=False,
    )
    return heap, places


def _none(_tree: int, _key: int) -> bytes:
    raise AssertionError


def test_tables_of_tables_are_followed() -> None:
    """An object is found in each block, those behind a second table among them, and nowhere else."""
    heap, places = nested()
    for base, content in places.items():
        assert heap.object(bytes([0]) + struct.pack("<HB", base + 15, 49), _none) == content
    for base, size in ((0, 1), (14, 1), (15, 50), (512, 1), (4_096, 1)):
        with pytest.raises(Unreadable):
            heap.object(bytes([0]) + struct.pack("<HB", base, size), _none)


def test_tiny_objects_lie_in_their_identifiers() -> None:
    """An object of a few bytes needs no block, and is never longer than its identifier."""
    heap, _places = nested()
    assert heap.object(b"\x22abcdef", _none) == b"abc"
    with pytest.raises(Unreadable):
        heap.object(b"\x2fabcdef", _none)
    with pytest.raises(hdf5_heap.NotWalked):
        heap.object(b"\x40abcdef", _none)


def test_a_tree_that_holds_itself_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """A node that is its own child is refused, and a step too many ends any walk."""
    content = vector("links-1000")
    root = content.index(b"BTIN")
    _outcome, notes = examined(hdf5, content.replace(struct.pack("<Q", root + 512), struct.pack("<Q", root)))
    monkeypatch.setattr(hdf5_tree, "MAX_MESSAGES", 500)
    _outcome, bounded = examined(hdf5, content)
    assert "EXAMINE_LIMIT" in codes(bounded)
    assert notes.facts["reading"] in {"whole tree", "static scan"}


@given(st.data())
def test_a_changed_byte_of_a_heap_is_answered(data: st.DataObject) -> None:
    """Whatever is written over a file with a heap, the reader ends with an answer."""
    content = bytearray(vector("links-20"))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(48, len(content) - 1))] = data.draw(st.integers(0, 255))
    examined(hdf5, bytes(content))
