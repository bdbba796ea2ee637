"""What every medium promises: nothing is overwritten, no half looks whole, nothing wrong is called right."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.helpers import mediums
from tests.helpers.media import NAME, PIECE, export
from tests.helpers.mediums import ALIKE, DETACHABLE, EVERY, REMOVABLE, Place, look, made_by, write
from workstation.core.jobs import JobControl, Progress
from workstation.core.media import (
    COMPLETION_MARKER,
    Ending,
    MediumWarning,
    OutgoingFile,
    PlannedFile,
    completion_marker,
    outgoing_bytes,
)
from workstation.core.media_errors import (
    FileTooLarge,
    FolderExists,
    MediaFault,
    MediumFull,
    MediumGone,
    MediumReadOnly,
    NameNotRepresentable,
    NothingToWrite,
)

# --- looking first ---------------------------------------------------------------------------------


@made_by(EVERY)
def test_looking_writes_nothing_and_tells_the_room(place: Place) -> None:
    """A preflight of what fits refuses nothing, tells both sizes, and leaves the medium as it is."""
    before = place.tree()
    found = look(place)
    assert found.refusals == ()
    assert 3 << 20 < found.needed_bytes < found.free_bytes <= found.medium.total_bytes
    assert found.medium.medium_id == place.medium.medium_id
    assert (place.tree(), found.partials) == (before, ())


@made_by(EVERY)
def test_what_does_not_fit_is_refused_before_a_byte_is_written(place: Place) -> None:
    """An export larger than the room is refused with both numbers, by the preflight and by writing."""
    room = look(place).free_bytes
    too_much = OutgoingFile(name="weights", size_bytes=room * 2, pieces=lambda: pytest.fail("it was read"))
    found = look(place, too_much.planned)
    assert [type(one) for one in found.refusals] == [MediumFull]
    with pytest.raises(MediumFull) as caught:
        write(place, too_much)
    assert caught.value.ending is Ending.REFUSED_PREFLIGHT
    assert caught.value.needed_bytes > room  # the machine's own disk: others fill and empty it meanwhile
    assert caught.value.needed_bytes > caught.value.free_bytes
    assert place.tree() == {}


@made_by(
    {
        "folder": lambda _stack, folder: mediums.told_as(folder, "ext4", "ro"),
        "memory": lambda _stack, _folder: mediums.in_memory(read_only=True),
    }
)
def test_a_read_only_medium_is_refused(place: Place) -> None:
    """A medium that cannot be written is recognised before anything is tried."""
    assert look(place).medium.read_only
    with pytest.raises(MediumReadOnly) as caught:
        write(place)
    assert caught.value.ending is Ending.REFUSED_PREFLIGHT
    assert place.tree() == {}


@made_by(
    {
        "folder": lambda _stack, folder: mediums.told_as(folder, "vfat"),
        "memory": lambda _stack, _folder: mediums.in_memory(file_system="vfat", total_bytes=1 << 40),
    }
)
def test_names_and_sizes_that_fat_cannot_hold_are_refused(place: Place) -> None:
    """Names that FAT refuses or confuses, and files of 4 GiB, are each refused by name."""
    for name in ("a:b", "nul.txt", "end."):
        assert isinstance(look(place, PlannedFile(name=name, size_bytes=1)).refusals[0], NameNotRepresentable)
    twice = [PlannedFile(name=name, size_bytes=1) for name in ("Report.pdf", "report.PDF")]
    assert isinstance(look(place, *twice).refusals[0], NameNotRepresentable)
    large = look(place, PlannedFile(name="weights", size_bytes=1 << 32)).refusals
    assert any(isinstance(one, FileTooLarge) for one in large)


@made_by(ALIKE)
def test_a_name_that_climbs_or_hides_is_refused(place: Place) -> None:
    """No name leaves the export's folder, and none holds characters that change what a person reads."""
    for name in ("../x", "/x", "a//b", "a/../b", "a\0b", "n" * 256, "a\nb", "a\u202eb"):
        with pytest.raises(NameNotRepresentable):
            write(place, outgoing_bytes(name, b"x"))
    assert place.tree() == {}


@made_by(ALIKE)
def test_what_is_no_export_is_refused(place: Place) -> None:
    """A folder name that is none, no files at all, and a file called like the marker are refused."""
    for name in ("", ".hidden", "a/b"):
        with pytest.raises(NothingToWrite):
            look(place, name=name).require()
    with pytest.raises(NothingToWrite):
        place.media.preflight(place.medium, NAME, []).require()
    with pytest.raises(NothingToWrite):
        write(place, outgoing_bytes(COMPLETION_MARKER.lower(), b"x"))


@made_by(ALIKE)
def test_what_is_already_there_is_told(place: Place) -> None:
    """Other files and an interrupted export are shown and warned of, and refuse nothing."""
    place.put("holiday.jpg", b"x")
    place.put(".partial-OLD/x", b"x")
    found = look(place)
    assert found.refusals == ()
    assert {MediumWarning.NOT_EMPTY, MediumWarning.EARLIER_PARTIAL} <= set(found.warnings)
    assert (found.partials, found.untrusted_existing) == ((".partial-OLD",), (".partial-OLD", "holiday.jpg"))


@made_by(
    {
        "ext4": mediums.two_images,
        "memory": lambda _stack, _folder: mediums.in_memory(kind=REMOVABLE, others=1),
    }
)
def test_two_media_are_listed_in_order_and_warned_of(place: Place) -> None:
    """Everything plugged in is listed the same way each time, and choosing between two is warned of."""
    listed = place.media.list_media()
    assert [one.folder for one in listed] == sorted(one.folder for one in listed)
    assert len({one.medium_id for one in listed}) == 2
    assert MediumWarning.OTHER_MEDIA in look(place).warnings
    write(place)
    assert [one.folder for one in place.media.list_media()] == [listed[1].folder]


@made_by(EVERY)
def test_a_medium_that_is_gone_or_another_is_refused(place: Place) -> None:
    """Neither a missing folder nor another file system in the same place is taken for the medium."""
    with pytest.raises(MediumGone):
        place.media.folder_medium(f"{place.medium.folder}/missing")
    place.medium = replace(place.medium, device_number=place.medium.device_number + 1)
    for act in (lambda: look(place), lambda: write(place)):
        with pytest.raises(MediumGone):
            act()
    assert place.media.eject(place.medium)
    assert place.tree() == {}


# --- the copy --------------------------------------------------------------------------------------


@made_by(EVERY)
def test_every_byte_arrives_and_is_read_back(place: Place) -> None:
    """The receipt names every file with its digest, and those of the marker; nothing else is written."""
    seen: list[dict[str, bytes]] = []
    job = JobControl(lambda progress: seen.append(place.tree()) if "back" in progress.stage else None)
    receipt = write(place, job=job)
    expected = {file.name: b"".join(bytes(piece) for piece in file.pieces()) for file in export()}
    marker = completion_marker(receipt.files)
    assert seen[0] == {f"{NAME}/{name}": content for name, content in expected.items()} | {
        f"{NAME}/{COMPLETION_MARKER}": marker
    }
    assert {file.name: (file.size_bytes, file.sha384) for file in receipt.files} == {
        name: (len(content), hashlib.sha384(content).hexdigest()) for name, content in expected.items()
    }
    assert receipt.marker_sha384 == hashlib.sha384(marker).hexdigest()
    assert (receipt.folder_name, receipt.ending, receipt.eject_reason) == (NAME, Ending.SAFE_TO_REMOVE, "")


@made_by(EVERY)
def test_a_half_never_looks_whole(place: Place) -> None:
    """During the copy everything lies under a name that begins with ``.partial-``, without a marker."""
    seen: list[set[str]] = []

    def pieces() -> Iterator[bytes]:
        yield PIECE
        seen.append(set(place.tree()))
        yield PIECE

    write(place, outgoing_bytes("first", b"x"), OutgoingFile(name="b", size_bytes=2 << 20, pieces=pieces))
    assert seen[0] == {f".partial-{NAME}/first", f".partial-{NAME}/b"}


@made_by(ALIKE)
def test_nothing_is_ever_overwritten(place: Place) -> None:
    """What is on the medium stays, whatever its spelling; an export of the same name is refused."""
    place.put(f"{NAME.lower()}/old", b"kept")
    place.put("holiday.jpg", b"kept")
    before = place.tree()
    with pytest.raises(FolderExists) as caught:
        write(place)
    assert (caught.value.ending, place.tree()) == (Ending.REFUSED_PREFLIGHT, before)


@made_by(ALIKE)
def test_an_earlier_partial_stays_until_it_is_removed(place: Place) -> None:
    """An interrupted export is neither overwritten nor removed by the next, only by name."""
    place.put(f".partial-{NAME}/deep/x", b"x")
    write(place)
    assert place.tree()[f".partial-{NAME}/deep/x"] == b"x"
    for name in (NAME, ".partial-/../x", "holiday.jpg"):
        with pytest.raises(NothingToWrite):
            place.media.remove_partial(place.medium, name)
    place.media.remove_partial(place.medium, f".partial-{NAME}")
    assert {path.split("/")[0] for path in place.tree()} == {NAME}
    with pytest.raises(MediaFault):
        place.media.remove_partial(place.medium, f".partial-{NAME}")


@made_by(ALIKE)
def test_progress_is_told_for_both_passes(place: Place) -> None:
    """Writing and reading back are told apart, and neither goes past its whole."""
    seen: list[Progress] = []
    write(place, job=JobControl(seen.append))
    assert {one.stage for one in seen} == {"export.writing", "export.reading-back"}
    assert all(0 < one.done_bytes <= (one.total_bytes or 0) for one in seen)


# --- letting go ------------------------------------------------------------------------------------


@made_by(DETACHABLE)
def test_a_detached_medium_is_listed_no_more(place: Place) -> None:
    """After "safe to remove" the medium is not there any more, and every further act says so."""
    assert [one.medium_id for one in place.media.list_media()] == [place.medium.medium_id]
    assert write(place).ending is Ending.SAFE_TO_REMOVE
    assert place.media.list_media() == ()
    with pytest.raises(MediumGone):
        look(place)
    assert place.media.eject(place.medium)


@made_by(DETACHABLE)
def test_a_busy_medium_stays_and_is_said_to(place: Place) -> None:
    """A medium in use is verified, not ejected, in the system's own words, and can be let go later."""
    with place.hold():
        receipt = write(place)
    assert receipt.ending is Ending.VERIFIED_NOT_EJECTED
    assert receipt.eject_reason
    (medium,) = place.media.list_media()
    assert place.media.eject(medium) == ""
    assert place.media.list_media() == ()


@made_by(ALIKE)
def test_a_folder_has_nothing_to_detach(place: Place) -> None:
    """A plain folder may always be taken away once it is flushed, and stays where it is."""
    assert place.media.eject(place.medium) == ""
    assert look(place).refusals == ()
