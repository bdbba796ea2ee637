"""A file that lies in containers is looked at like any other, from behind the same walls."""

import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from tests.helpers import documents_package
from tests.helpers.archives import TarMember, ZipMember, make_tar, make_zip, plain_zip
from workstation.core.jobs import JobControl, Progress
from workstation.core.viewing import MAX_HELD_BYTES, CannotShow, Form, forms_of
from workstation.examine import held, shown, wire
from workstation.examine.reader import BytesSource
from workstation.examine.viewer import Viewer

JOB = JobControl()
Opened = Callable[[bytes, str], Viewer]


@pytest.fixture
def opened() -> Iterator[Opened]:
    """Opens viewers and closes them again."""
    made: list[Viewer] = []

    def open_one(content: bytes, kind: str) -> Viewer:
        made.append(Viewer(BytesSource(content, "x"), kind=kind))
        return made[-1]

    yield open_one
    for viewer in made:
        viewer.close()


@pytest.fixture
def nested(tmp_path: Path) -> bytes:
    """Everything a reviewer opens in a zip in a tar, some of it large."""
    folder = documents_package.write(tmp_path / "docs")
    files = {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    files["facts.json"] = b'{"measured": 41}'
    files["big.txt"] = b"end of a large file\n".rjust(MAX_HELD_BYTES + 40, b".")
    inner = plain_zip(files)
    return make_tar(
        TarMember(name="read me.txt", data=b"outer text"), TarMember(name="b!/in.zip", data=inner)
    )


def test_a_container_lists_its_files(opened: Opened, nested: bytes) -> None:
    """Members in their order with their sizes, found by a part of the name, a stretch at a time."""
    viewer = opened(nested, "tar")
    found = viewer.members(0, "", JOB)
    assert [row.untrusted_name for row in found.rows] == ["read me.txt", "b!/in.zip"]
    assert found.total == 2
    assert [row.number for row in viewer.members(0, "IN.ZIP", JOB).rows] == [1]
    many = opened(plain_zip({f"{n:04d}.txt": b"x" for n in range(600)}), "zip")
    first = many.members(0, "", JOB)
    assert (len(first.rows), first.next_start, first.total) == (500, 500, 600)
    assert [row.number for row in many.members(500, "", JOB).rows] == list(range(500, 600))


def test_documents_at_depth_are_shown(opened: Opened, nested: bytes) -> None:
    """PDF pages, images, DOCX, JSON, evaluation samples and tensors, all of them in a zip in a tar."""
    viewer = opened(nested, "tar")
    inner = viewer.enter(("b!/in.zip",), JOB)
    assert forms_of(inner.kind)[0] is Form.MEMBERS
    names = {row.untrusted_name for row in viewer.members(0, "", JOB).rows}
    looked: dict[str, str] = {}
    for name in sorted(names - {"big.txt", "data/broken.pdf", "broken.pdf"}):
        kind = viewer.enter(("b!/in.zip", name), JOB)
        form = forms_of(kind.kind)[0]
        looked[kind.kind] = form
        if form is Form.PICTURE:
            assert len(viewer.page(0, 200, JOB).rgb) > 100
        elif form is Form.SAMPLES:
            assert viewer.samples(0, JOB).rows
        elif form is Form.TENSORS:
            assert viewer.tensors(0, "", JOB).rows
        elif form is Form.TEXT:
            assert viewer.text(0, JOB)
        assert viewer.bytes_at(0, JOB)
    assert {"pdf", "image", "safetensors", "inspect-eval", "markdown", "json"} <= set(looked)
    viewer.enter(("b!/in.zip", "big.txt"), JOB)
    last = viewer.page_count(JOB) - 1
    assert "end of a large file" in viewer.text(last - 1, JOB) + viewer.text(last, JOB)
    viewer.enter((), JOB)
    assert viewer.members(0, "", JOB).total == 2


def test_the_walls_hold_for_what_lies_inside(opened: Opened, nested: bytes) -> None:
    """Nothing about a file in a container is read outside of the sandbox."""
    viewer = opened(nested, "tar")
    viewer.enter(("b!/in.zip",), JOB)
    assert {"landlock", "seccomp", "rlimits", "no-network"} <= set(viewer.isolation)


@pytest.mark.parametrize(
    "way", [("nothing",), ("read me.txt", "x"), ("b!/in.zip", "../in.zip"), ("a", "b", "c", "d", "e")]
)
def test_a_way_that_leads_nowhere_says_so(opened: Opened, nested: bytes, way: tuple[str, ...]) -> None:
    """A name that is not there, or too deep, is inconclusive, and the viewer stays where it was."""
    viewer = opened(nested, "tar")
    with pytest.raises(CannotShow):
        viewer.enter(way, JOB)
    assert viewer.members(0, "", JOB).total == 2


def test_twins_in_a_container_are_told_apart(opened: Opened) -> None:
    """A name given twice opens the first as itself, the second by its number."""
    viewer = opened(make_zip(ZipMember(name=b"a", data=b"one"), ZipMember(name=b"a", data=b"two")), "zip")
    assert [row.untrusted_name for row in viewer.members(0, "", JOB).rows] == ["a", "a#2"]
    viewer.enter(("a#2",), JOB)
    assert "two" in viewer.bytes_at(0, JOB)


def _answers(size_bytes: int, *pieces: bytes) -> Iterator[wire.FromWorker]:
    yield wire.Answer(json=msgspec.json.encode(shown.Inner(kind="pdf", size_bytes=size_bytes)))
    yield from (wire.Chunk(data=piece) for piece in pieces)


@pytest.mark.parametrize(
    "messages",
    [
        lambda: _answers(4, b"abc"),
        lambda: _answers(2, b"abc"),
        lambda: _answers(1, b"a", b"b"),
        lambda: iter([wire.Chunk(data=json.dumps({}).encode())]),
        lambda: (wire.Chunk(data=bytes(1 << 20)) for _ in range(MAX_HELD_BYTES >> 19)),
    ],
)
def test_an_unpacked_file_is_exactly_as_long_as_promised(
    messages: Callable[[], Iterator[wire.FromWorker]],
) -> None:
    """Fewer bytes, more bytes, no promise or no end: nonsense."""
    with pytest.raises(wire.Nonsense):
        held.received(messages(), held.InMemory("x"), MAX_HELD_BYTES, lambda _done: None)


def test_a_large_file_is_unpacked_once(opened: Opened, nested: bytes) -> None:
    """Every look behind the first reads what was unpacked, not the container again."""
    read: list[int] = []

    class Counted(BytesSource):
        def read_at(self, offset: int, size_bytes: int) -> bytes:
            read.append(size_bytes)
            return super().read_at(offset, size_bytes)

    viewer = opened(b"", "tar")
    viewer._source = viewer._outer = Counted(nested, "x")
    told: list[Progress] = []
    assert viewer.enter(("b!/in.zip", "big.txt"), JobControl(told.append)).size_bytes == MAX_HELD_BYTES + 40
    assert {progress.stage for progress in told} == {"view.unpack"}
    read.clear()
    assert "end of a lar" in viewer.bytes_at(MAX_HELD_BYTES, JOB)
    assert viewer.text(300, JOB).startswith("...")
    assert read == []
    with pytest.raises(CannotShow):
        viewer.enter(("b!/in.zip", "not-there"), JOB)
    assert "end of a lar" in viewer.bytes_at(MAX_HELD_BYTES, JOB)
    viewer.enter((), JOB)
    assert viewer._kept is None


def test_what_is_unpacked_lies_sealed_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one plain byte reaches the disk, no name leads there, and without the object nothing is read."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    content = b"plain words of a submission " * 40_000
    kept = held.Sealed("x", len(content))
    for at in range(0, len(content), 100_000):
        kept.add(content[at : at + 100_000])
    source = kept.source()
    assert list(tmp_path.iterdir()) == []
    on_disk = os.pread(kept._file.fileno(), 2 * len(content), 0)
    assert len(on_disk) == len(content) + 16 * -(-len(content) // (256 << 10))
    assert b"plain words" not in on_disk
    for at, size in ((0, 5), (262_140, 10), (len(content) - 3, 10), (300_000, 600_000)):
        assert source.read_at(at, size) == content[at : at + size]
    descriptor = kept._file.fileno()
    os.pwrite(descriptor, bytes([on_disk[0] ^ 1]), 0)
    kept._pieces.clear()
    with pytest.raises(CannotShow):
        source.read_at(0, 1)
    kept.close()
    with pytest.raises((CannotShow, ValueError)):
        source.read_at(300_000, 1)


def test_without_room_every_look_unpacks(
    opened: Opened, nested: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk without room, or one that fills up meanwhile, costs time and nothing else."""

    def full(*_: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    viewer = opened(nested, "tar")
    for place in ((held.Sealed, "_seal"), (held.tempfile, "TemporaryFile")):
        with monkeypatch.context() as patch:
            patch.setattr(*place, full)
            viewer.enter(("b!/in.zip", "big.txt"), JOB)
        assert viewer._kept is None
        assert "end of a lar" in viewer.bytes_at(MAX_HELD_BYTES, JOB)
