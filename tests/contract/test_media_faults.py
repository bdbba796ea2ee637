"""How writing to a medium goes wrong: each ending is told, and what is left on the medium is said."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.helpers import mediums
from tests.helpers.media import NAME, PIECE, big
from tests.helpers.mediums import ALIKE, Place, made_by, write
from workstation.core.jobs import JobControl
from workstation.core.media import (
    COMPLETION_MARKER,
    Ending,
    OutgoingFile,
    outgoing_bytes,
)
from workstation.core.media_errors import (
    MediumExchanged,
    MediumFailed,
    MediumFull,
    MediumGone,
    ReadBackDiffers,
    ReadBackFailed,
    SourceDiffers,
    SourceUnreadable,
    WriteCancelled,
)


@made_by(ALIKE)
@pytest.mark.parametrize(
    ("stage", "ending"),
    [("export.writing", Ending.NOTHING_LEFT), ("export.reading-back", Ending.WRITTEN_NOT_VERIFIED)],
)
def test_a_stop_leaves_nothing_or_a_whole_unverified_copy(place: Place, stage: str, ending: Ending) -> None:
    """Stopped during the copy it is taken away; stopped while reading back it stays, unverified."""
    job = JobControl(lambda progress: job.cancel() if progress.stage == stage else None)
    with pytest.raises(WriteCancelled) as caught:
        write(place, job=job)
    left = NAME if ending is Ending.WRITTEN_NOT_VERIFIED else ""
    assert (caught.value.ending, caught.value.left_behind) == (ending, left)
    assert {path.split("/")[0] for path in place.tree()} == ({NAME} if left else set())


@made_by(
    {
        "tmpfs": mediums.on_tmpfs,
        "memory": lambda _stack, _folder: mediums.in_memory(total_bytes=mediums.SMALL_BYTES),
    }
)
def test_a_medium_that_fills_up_meanwhile_is_left_as_it_was(place: Place) -> None:
    """When something else takes the room during the copy it ends as full, and what was written goes."""

    def pieces() -> Iterator[bytes]:
        yield PIECE
        place.put("other", bytes(5 << 19))
        yield PIECE

    with pytest.raises(MediumFull) as caught:
        write(place, OutgoingFile(name="a", size_bytes=2 << 20, pieces=pieces))
    assert (caught.value.ending, caught.value.left_behind) == (Ending.NOTHING_LEFT, "")
    assert set(place.tree()) == {"other"}


@made_by(ALIKE)
@pytest.mark.parametrize(
    ("fault", "ending", "left"),
    [("io-error", Ending.NOTHING_LEFT, ""), ("stuck", Ending.PARTLY_WRITTEN, f".partial-{NAME}")],
)
def test_a_failing_medium_says_what_is_left(place: Place, fault: str, ending: Ending, left: str) -> None:
    """A fault during the copy takes away what was written, or names what could not be taken away."""
    place.media = place.with_fault(fault)
    with pytest.raises(MediumFailed) as caught:
        write(place, big("weights", 4))
    assert (caught.value.ending, caught.value.left_behind) == (ending, left)
    assert {path.split("/")[0] for path in place.tree()} == ({left} if left else set())


@made_by(ALIKE)
def test_a_medium_pulled_in_the_middle_is_gone(place: Place) -> None:
    """When the medium goes during the copy nobody says what is on it, and nothing lands elsewhere."""
    place.media = place.with_fault("pulled")

    def pieces() -> Iterator[bytes]:
        yield PIECE
        place.pull()
        yield PIECE

    with pytest.raises(MediumGone) as caught:
        write(place, OutgoingFile(name="a", size_bytes=2 << 20, pieces=pieces))
    assert caught.value.ending is Ending.MEDIUM_GONE
    if Path(place.medium.folder).exists():
        assert list(Path(place.medium.folder).iterdir()) == []


@made_by(ALIKE)
@pytest.mark.parametrize(("fault", "name"), [("wrong-bit", "report.pdf"), ("uninvited", "autorun.inf")])
def test_what_comes_back_otherwise_is_never_called_right(place: Place, fault: str, name: str) -> None:
    """One changed bit, or one file too many, ends as different, by name, and the marker is taken away."""
    place.media = place.with_fault(fault)
    with pytest.raises(ReadBackDiffers) as caught:
        write(place)
    assert (caught.value.ending, caught.value.left_behind) == (Ending.READ_BACK_DIFFERS, NAME)
    assert caught.value.untrusted_name == name
    assert f"{NAME}/{COMPLETION_MARKER}" not in place.tree()


@made_by(ALIKE)
def test_a_medium_that_cannot_be_read_is_unverified(place: Place) -> None:
    """A fault while reading back ends as written, not verified, with what is left by name."""
    place.media = place.with_fault("unreadable")
    with pytest.raises(ReadBackFailed) as caught:
        write(place)
    assert (caught.value.ending, caught.value.left_behind) == (Ending.WRITTEN_NOT_VERIFIED, NAME)


@made_by(ALIKE)
def test_bytes_that_are_not_the_released_ones_stop_the_export(place: Place) -> None:
    """A source that is longer, shorter or of another digest is named, and nothing is left."""
    for file in (
        OutgoingFile(name="long", size_bytes=3, pieces=lambda: (b"four",)),
        OutgoingFile(name="short", size_bytes=5, pieces=lambda: (b"four",)),
        OutgoingFile(name="other", size_bytes=4, pieces=lambda: (b"four",), sha384="0" * 96),
    ):
        with pytest.raises(SourceDiffers) as caught:
            write(place, outgoing_bytes("before", b"x"), file)
        assert (caught.value.untrusted_name, caught.value.ending) == (file.name, Ending.NOTHING_LEFT)
        assert place.tree() == {}


@made_by(ALIKE)
@pytest.mark.parametrize(("error", "told_as"), [(OSError(5, "x"), SourceUnreadable), (KeyError(), KeyError)])
def test_a_fault_of_the_source_is_not_blamed_on_the_medium(
    place: Place, error: Exception, told_as: type[Exception]
) -> None:
    """A source that cannot be read is named; a defect passes through; either way nothing is left."""

    def pieces() -> Iterator[bytes]:
        yield PIECE
        raise error

    with pytest.raises(told_as):
        write(place, OutgoingFile(name="x", size_bytes=2 << 20, pieces=pieces))
    assert place.tree() == {}


@made_by(ALIKE)
@pytest.mark.parametrize("what", ["identity", "medium_id", "device", "file_system", "encrypted"])
def test_another_medium_in_the_same_place_is_not_written_to(place: Place, what: str) -> None:
    """A medium with the same mount point and device number but another identity is refused, and untouched."""
    before = place.tree()
    old: object = getattr(place.medium, what)
    other = replace(place.medium, **{what: not old if isinstance(old, bool) else f"{old} once"})
    for act in (
        lambda: place.media.preflight(other, NAME, ()),
        lambda: place.media.write(other, NAME, [outgoing_bytes("a", b"a")], JobControl()),
    ):
        with pytest.raises((MediumExchanged, MediumGone)) as caught:
            act()
        assert caught.value.left_behind == ""
    assert place.tree() == before
