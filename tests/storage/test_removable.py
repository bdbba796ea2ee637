"""Writing to a medium: the copy is right, or the error says what is on the medium now."""

import hashlib
from pathlib import Path

import pytest

from tests.helpers.media import NAME, PIECE, Racer, Recorder, export, names, tree, write
from workstation.core.media import (
    COMPLETION_MARKER,
    Ending,
    completion_marker,
    outgoing_bytes,
)
from workstation.core.media_errors import (
    FolderExists,
)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that stands for a medium."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def test_every_byte_arrives_and_is_read_back(stick: Path) -> None:
    """The receipt's digests are those of the files on the medium, and nothing else was written."""
    receipt = write(stick, export())
    found = tree(stick / NAME)
    assert found.pop(COMPLETION_MARKER) == completion_marker(receipt.files)
    assert {file.name: file.sha384 for file in receipt.files} == {
        name: hashlib.sha384(content).hexdigest() for name, content in found.items()
    }
    assert found["evidence/weights/part 1.bin"] == PIECE * 3
    assert names(stick) == [NAME]
    assert receipt.ending is Ending.SAFE_TO_REMOVE


def test_the_digest_of_the_marker_is_in_the_receipt(stick: Path) -> None:
    """The receipt names the SHA-384 of the completion marker as it lies on the medium."""
    receipt = write(stick, export())
    marker = (stick / NAME / COMPLETION_MARKER).read_bytes()
    assert receipt.marker_sha384 == hashlib.sha384(marker).hexdigest()


def test_the_order_is_write_flush_rename_mark_read(stick: Path) -> None:
    """Files are flushed, then their folders, then renamed; the marker comes last and is read back too."""
    layer = Recorder()
    write(stick, [outgoing_bytes("a/x", b"x"), outgoing_bytes("y", b"y")], layer=layer)
    partial = f".partial-{NAME}"
    assert layer.done == [
        "create x",
        "sync x",
        "create y",
        "sync y",
        "sync a/",
        f"sync {partial}/",
        f"rename {partial} {NAME}",
        "sync /",
        f"create {COMPLETION_MARKER}",
        f"sync {COMPLETION_MARKER}",
        f"sync {partial}/",
        "read x",
        "read y",
        f"read {COMPLETION_MARKER}",
        "sync /",
    ]


def test_an_existing_folder_is_never_touched(stick: Path) -> None:
    """A second export of the same name is refused before anything is written, in any spelling."""
    (stick / NAME.lower()).mkdir()
    (stick / NAME.lower() / "old").write_bytes(b"old")
    with pytest.raises(FolderExists) as caught:
        write(stick, export())
    assert caught.value.ending is Ending.REFUSED_PREFLIGHT
    assert tree(stick) == {f"{NAME.lower()}/old": b"old"}


def test_a_folder_that_appears_meanwhile_is_not_replaced(stick: Path) -> None:
    """Even an empty folder that appears during the copy survives; our part is removed again."""
    with pytest.raises(FolderExists) as caught:
        write(stick, export(), layer=Racer())
    assert caught.value.ending is Ending.NOTHING_LEFT
    assert names(stick) == [NAME]
    assert names(stick / NAME) == []
