"""The tree of an HDF5 file: datasets are listed, and nothing in it leads outside unseen."""

import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.weights.hdf5_files import NOWHERE, Builder, elsewhere, hard, link, numbers
from tests.examine.weights.support import codes, examined
from workstation.core.examination import Outcome
from workstation.examine.weights import hdf5, hdf5_tree


def plain(version: int = 1) -> bytes:
    """Two groups and three datasets; one group holds itself."""
    made = Builder()
    first = made.put(bytes(24))
    kernel = made.object(*numbers(2, 3, at=first), version=version)
    bias = made.object(*numbers(3), version=version)
    if version == 1:
        layer = made.symbols(bias=bias, kernel=kernel)
        return made.file(made.symbols(layer=layer, scale=made.object(*numbers())))
    layer = made.object(hard("bias", bias), hard("kernel", kernel), version=version)
    return made.file(
        made.object(hard("layer", layer), hard("scale", made.object(*numbers())), version=version)
    )


@pytest.mark.parametrize("version", [1, 2])
def test_the_datasets_are_listed_with_their_paths(version: int) -> None:
    """Name, type, shape, place and size of each dataset are facts, in either form of the format."""
    outcome, notes = examined(hdf5, plain(version))
    assert (outcome, notes.complete) == (Outcome.ACCEPT, True)
    rows = {row[0]: row[1:] for row in notes.facts["tensor_table"]}  # type: ignore[attr-defined]  # a list of rows
    assert rows["layer/kernel"] == ["float 32", [2, 3], 96, 24]
    assert rows["layer/bias"] == ["float 32", [3], None, 12]
    assert rows["scale"] == ["float 32", [], None, 4]
    assert (notes.facts["groups"], notes.facts["parameters"]) == (2, 10)
    assert notes.facts["reading"] == "whole tree"


def _file(*messages: tuple[int, bytes]) -> bytes:
    made = Builder()
    return made.file(made.object(*messages))


def _stored_in(name: str) -> bytes:
    made = Builder()
    names = bytes(8) + name.encode() + b"\0"
    heap = made.put(b"HEAP" + bytes(4) + struct.pack("<QQQ", len(names), NOWHERE, made.put(names)))
    files = struct.pack("<B3xHHQQQQ", 1, 1, 1, heap, 8, 0, 16)
    return made.file(made.object(hard("x", made.object((0x07, files), *numbers(4)))))


@pytest.mark.parametrize(
    ("content", "outcome", "code"),
    [
        (_file(elsewhere("x", "other.h5")), Outcome.WARN, "MODEL_EXTERNAL_FILE"),
        (_file(elsewhere("x", "other.h5")), Outcome.WARN, "MODEL:external-data-missing"),
        (_file(elsewhere("x", "/etc/passwd")), Outcome.REJECT, "MODEL:external-data-absolute"),
        (_file(elsewhere("x", "../../secret.h5")), Outcome.REJECT, "MODEL:external-data-traversal"),
        (_file(link("x", 77, b"\0\0")), Outcome.WARN, "MODEL_EXTERNAL_FILE"),
        (_file(link("x", 1, b"\2\0/y")), Outcome.ACCEPT, None),
        (_stored_in("data.bin"), Outcome.WARN, "MODEL:external-data-missing"),
        (_stored_in("/dev/sda"), Outcome.REJECT, "MODEL:external-data-absolute"),
        (_file(*numbers(2)[:2], (0x08, bytes([4, 3]) + bytes(12))), Outcome.WARN, "MODEL_EXTERNAL_FILE"),
        (
            _file(*numbers(2), (0x0B, b"\2\1" + struct.pack("<HHHH", 32000, 0, 0, 0))),
            Outcome.WARN,
            "MODEL_CUSTOM_OPS",
        ),
        (_file(*numbers(2), (0x0B, b"\2\1" + struct.pack("<HHHI", 1, 0, 1, 6))), Outcome.ACCEPT, None),
        (_file(*numbers(2, at=96, size=1 << 40)), Outcome.WARN, "MODEL_UNPARSED"),
        (_file(hard("x", 1 << 50)), Outcome.WARN, "MODEL_UNPARSED"),
        (_file((0x11, struct.pack("<QQ", 96, 96))), Outcome.WARN, "MODEL_UNPARSED"),
        (_file((0x10, struct.pack("<QQ", 96, 64 << 20))), Outcome.WARN, "EXAMINE_LIMIT"),
    ],
)
def test_what_leads_outside_or_nowhere_is_named(content: bytes, outcome: Outcome, code: str | None) -> None:
    """Links and data in other files are refused or doubted; an address outside the file is never followed."""
    got, notes = examined(hdf5, content)
    assert got is outcome, notes.findings
    assert code is None or code in codes(notes)


def test_links_in_a_heap_that_is_none_are_not_called_read() -> None:
    """A group whose links cannot be followed leaves the file inconclusive, with a code."""
    outcome, notes = examined(hdf5, _file((0x02, struct.pack("<BBQQ", 0, 0, 96, 96))))
    assert (outcome, notes.complete) == (Outcome.WARN, False)
    assert codes(notes) == {"MODEL_UNPARSED"}


def _holding(root: Callable[[int], tuple[int, bytes]]) -> bytes:
    made = Builder()
    at = made.put(b"")
    return made.file(made.object(root(at)))


@pytest.mark.parametrize(
    "root", [lambda at: hard("x", at), lambda at: (0x10, struct.pack("<QQ", at + 16, 24))]
)
def test_a_circle_is_walked_once(
    root: Callable[[int], tuple[int, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A group that holds itself ends; a header that continues in itself is stopped."""
    monkeypatch.setattr(hdf5_tree, "MAX_MESSAGES", 1_000)
    outcome, _notes = examined(hdf5, _holding(root))
    assert outcome in {Outcome.ACCEPT, Outcome.WARN}


@given(st.data())
def test_a_changed_byte_is_answered(data: st.DataObject) -> None:
    """Whatever is written over a small file, the reader ends with an answer."""
    content = bytearray(data.draw(st.sampled_from([plain(1), plain(2), _stored_in("a")])))
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(8, len(content) - 1))] = data.draw(st.integers(0, 255))
    examined(hdf5, bytes(content))
