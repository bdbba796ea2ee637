"""When a medium cannot be written, or fails half-way, the error says what is on it now."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.removable import RemovableMedia
from tests.helpers.media import (
    NAME,
    PIECE,
    Failing,
    Intruder,
    Liar,
    Replaced,
    Unreadable,
    big,
    export,
    names,
    tree,
    write,
)
from workstation.core.jobs import JobControl, Progress
from workstation.core.media import (
    COMPLETION_MARKER,
    Ending,
    Medium,
    MediumKind,
    MediumWarning,
    OutgoingFile,
    outgoing_bytes,
)
from workstation.core.media_errors import (
    MediaFault,
    MediumFailed,
    MediumGone,
    MediumReadOnly,
    NameNotRepresentable,
    NothingToWrite,
    ReadBackDiffers,
    ReadBackFailed,
    SourceDiffers,
    SourceUnreadable,
    WriteCancelled,
)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A folder that stands for a medium."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, MediumFailed),  # there is room: the medium lies
        (errno.EROFS, MediumReadOnly),
        (errno.EIO, MediumFailed),
        (errno.ENODEV, MediumGone),
        (errno.EINVAL, NameNotRepresentable),
    ],
)
def test_a_fault_half_way_leaves_the_medium_as_it_was(
    stick: Path, number: int, kind: type[MediaFault]
) -> None:
    """Each fault of the system has an error of its own, and what had been written is removed."""
    (stick / "other").write_bytes(b"other")
    with pytest.raises(kind) as caught:
        write(stick, export(), layer=Failing(number))
    assert caught.value.left_behind == ""
    expected = Ending.MEDIUM_GONE if kind is MediumGone else Ending.NOTHING_LEFT
    assert caught.value.ending is expected
    assert tree(stick) == {"other": b"other"}


def test_what_cannot_be_removed_is_named(stick: Path) -> None:
    """A medium that fails for good keeps a part, under its temporary name, and the error names it."""
    with pytest.raises(MediumFailed) as caught:
        write(stick, export(), layer=Failing(errno.EIO, for_good=True))
    assert caught.value.ending is Ending.PARTLY_WRITTEN
    assert caught.value.left_behind == f".partial-{NAME}"
    assert names(stick) == [f".partial-{NAME}"]


def test_cancelling_leaves_nothing(stick: Path) -> None:
    """Stopped during the copy, the medium is as before."""
    job = JobControl()
    watch: Callable[[Progress], None] = lambda _progress: job.cancel()  # noqa: E731 - one line is clearest
    job = JobControl(watch)
    media = RemovableMedia()
    with pytest.raises(WriteCancelled) as caught:
        media.write(media.folder_medium(str(stick)), NAME, export(), job)
    assert caught.value.ending is Ending.NOTHING_LEFT
    assert names(stick) == []


def test_cancelling_the_reading_back_says_it_is_unverified(stick: Path) -> None:
    """Stopped during the reading back, the folder stays and is called written, not verified."""

    def watch(progress: Progress) -> None:
        if progress.stage == "export.reading-back":
            job.cancel()

    job = JobControl(watch)
    media = RemovableMedia()
    with pytest.raises(WriteCancelled) as caught:
        media.write(media.folder_medium(str(stick)), NAME, export(), job)
    assert (caught.value.ending, caught.value.left_behind) == (Ending.WRITTEN_NOT_VERIFIED, NAME)


def test_one_changed_bit_is_found(stick: Path) -> None:
    """A medium that keeps one bit wrong is never called safe to remove, and the marker is taken away."""
    with pytest.raises(ReadBackDiffers) as caught:
        write(stick, export(), layer=Liar())
    assert caught.value.untrusted_name == "report.pdf"
    assert (caught.value.ending, caught.value.left_behind) == (Ending.READ_BACK_DIFFERS, NAME)
    assert not (stick / NAME / COMPLETION_MARKER).exists()


def test_a_file_too_many_is_found(stick: Path) -> None:
    """A file on the medium that was not part of the export is reported, by name."""
    with pytest.raises(ReadBackDiffers) as caught:
        write(stick, export(), layer=Intruder())
    assert caught.value.untrusted_name == "autorun.inf"


def test_a_medium_that_cannot_be_read_is_unverified(stick: Path) -> None:
    """A read error after the copy ends as written, not verified."""
    with pytest.raises(ReadBackFailed) as caught:
        write(stick, export(), layer=Unreadable())
    assert (caught.value.ending, caught.value.left_behind) == (Ending.WRITTEN_NOT_VERIFIED, NAME)


def _pulled(stick: Path) -> Iterator[bytes]:
    yield PIECE
    away = stick.parent / "pulled"
    stick.rename(away)
    stick.mkdir()  # the mount point is an ordinary, empty folder again
    yield PIECE


def test_a_pulled_medium_is_noticed_and_nothing_lands_elsewhere(stick: Path) -> None:
    """When the medium goes during the copy, nothing is written into the empty mount point it leaves."""
    file = OutgoingFile(name="a.bin", size_bytes=2 << 20, pieces=lambda: _pulled(stick))
    media = RemovableMedia(files=Replaced(stick))
    with pytest.raises(MediaFault) as caught:
        media.write(media.folder_medium(str(stick)), NAME, [file], JobControl())
    assert isinstance(caught.value, MediumGone)
    assert caught.value.ending is Ending.MEDIUM_GONE
    assert names(stick) == []


def test_another_medium_in_the_same_place_is_refused(stick: Path) -> None:
    """A medium chosen earlier is held against the file system that is there now."""
    media = RemovableMedia()
    medium = media.folder_medium(str(stick))
    other = Medium(**{**vars(medium), "device_number": medium.device_number + 1})
    with pytest.raises(MediumGone):
        media.preflight(other, NAME, [file.planned for file in export()])


def test_a_source_that_grew_or_changed_is_not_exported(stick: Path) -> None:
    """Bytes that are not the released ones stop the export: longer, shorter, or of another digest."""
    for file in (
        OutgoingFile(name="long", size_bytes=3, pieces=lambda: (b"four",)),
        OutgoingFile(name="short", size_bytes=5, pieces=lambda: (b"four",)),
        OutgoingFile(name="other", size_bytes=4, pieces=lambda: (b"four",), sha384="0" * 96),
    ):
        with pytest.raises(SourceDiffers) as caught:
            write(stick, [file])
        assert caught.value.untrusted_name == file.name
        assert names(stick) == []


def test_a_fault_of_the_source_is_not_blamed_on_the_medium(stick: Path, tmp_path: Path) -> None:
    """A source file that cannot be read ends in an error that names the source."""

    def pieces() -> Iterator[bytes]:
        yield (tmp_path / "missing").read_bytes()

    with pytest.raises(SourceUnreadable) as caught:
        write(stick, [OutgoingFile(name="x", size_bytes=1, pieces=pieces)])
    assert "ENOENT" in caught.value.system_message
    assert names(stick) == []


def test_a_defect_in_the_source_leaves_nothing(stick: Path) -> None:
    """Any other exception passes through unchanged, and what had been written is removed."""

    def pieces() -> Iterator[bytes]:
        yield PIECE
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write(stick, [OutgoingFile(name="x", size_bytes=2 << 20, pieces=pieces)])
    assert names(stick) == []


@pytest.mark.parametrize("name", ["", ".hidden", "a/b"])
def test_a_folder_name_that_is_none_is_refused(stick: Path, name: str) -> None:
    """Hidden, nested and empty folder names are refused."""
    media = RemovableMedia()
    found = media.preflight(media.folder_medium(str(stick)), name, [big("x", 1).planned])
    with pytest.raises(NothingToWrite):
        found.require()


@pytest.mark.parametrize("name", ["../x", "/x", "a//b", "a/../b", "", "a\0b", "n" * 256, "a\nb", "a\u202eb"])
def test_a_name_that_climbs_or_hides_is_refused(stick: Path, name: str) -> None:
    """No name leaves the export's folder, and none holds characters that change what a person reads."""
    with pytest.raises(NameNotRepresentable):
        write(stick, [outgoing_bytes(name, b"x")])
    assert names(stick) == []


def test_an_export_may_not_bring_its_own_marker(stick: Path) -> None:
    """A file called like the completion marker is refused."""
    with pytest.raises(NothingToWrite):
        write(stick, [outgoing_bytes(COMPLETION_MARKER.lower(), b"x")])


def test_the_preflight_tells_what_is_there(stick: Path) -> None:
    """Other files and an interrupted export on the medium are shown, and refuse nothing."""
    (stick / "holiday.jpg").write_bytes(b"x")
    (stick / ".partial-OLD").mkdir()
    media = RemovableMedia()
    found = media.preflight(media.folder_medium(str(stick)), NAME, [big("x", 1).planned])
    assert found.refusals == ()
    assert {MediumWarning.NOT_EMPTY, MediumWarning.EARLIER_PARTIAL} <= set(found.warnings)
    assert found.partials == (".partial-OLD",)
    assert found.untrusted_existing == (".partial-OLD", "holiday.jpg")


def test_an_earlier_partial_is_kept_until_asked(stick: Path) -> None:
    """An interrupted export is neither overwritten nor removed by the next; ``remove_partial`` removes it."""
    (stick / f".partial-{NAME}" / "deep").mkdir(parents=True)
    (stick / f".partial-{NAME}" / "deep" / "x").write_bytes(b"x")
    (stick / f".partial-{NAME}" / "link").symlink_to(stick.parent)
    write(stick, export())
    assert names(stick) == [f".partial-{NAME}", NAME]
    media = RemovableMedia()
    media.remove_partial(media.folder_medium(str(stick)), f".partial-{NAME}")
    assert names(stick) == [NAME]
    assert stick.exists()


@pytest.mark.parametrize("name", [NAME, ".partial-/../x", "holiday.jpg"])
def test_nothing_but_a_partial_is_removed(stick: Path, name: str) -> None:
    """``remove_partial`` refuses every other name."""
    media = RemovableMedia()
    with pytest.raises(NothingToWrite):
        media.remove_partial(media.folder_medium(str(stick)), name)


def test_a_medium_that_stays_attached_is_not_called_safe(stick: Path) -> None:
    """When the system will not detach it, the receipt says verified, not ejected, in the system's words."""
    media = RemovableMedia(detach=lambda _medium: "target is busy")
    folder = media.folder_medium(str(stick))
    removable = Medium(**{**vars(folder), "kind": MediumKind.REMOVABLE})
    assert media.eject(removable) == "target is busy"
    assert media.eject(folder) == ""


def test_a_folder_that_is_not_there_is_gone(tmp_path: Path) -> None:
    """A missing folder and a file in its place are both refused as gone."""
    (tmp_path / "file").write_bytes(b"")
    for name in ("missing", "file"):
        with pytest.raises(MediumGone):
            RemovableMedia().folder_medium(str(tmp_path / name))
