"""Bad input on the way out: media that are full, protected, pulled or in use."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.media_files import MediumFiles
from tests.helpers.bad_input import Act, BadInput, Place, Spoil, Target, at
from tests.helpers.bad_input_unlocking import WRONG
from tests.helpers.listed import listed_folder
from tests.helpers.small_disks import fill, full, loop_disk, read_only, small_disk
from tests.ui.stages import Office
from workstation.app import queries
from workstation.app import session as sessions
from workstation.demo.story import PASSPHRASE

# The medium is listed by the custodian, while the case is made ready.
NOT_SIGNED = ("MediumListed", "ReleaseBegun")
TRIED = (*NOT_SIGNED, "TrailCheckpointed")
ENDED = (*TRIED, "ExportReleased", "ExportWritten")


def export_id(office: Office) -> str:
    """The request that waits."""
    session = office.unlock("tanaka")
    try:
        return queries.waiting_exports(session)[0].export.export_id
    finally:
        sessions.lock(session, reason="test")


def stick(place: Place) -> Path:
    """A folder that stands for a medium, with somebody's file on it."""
    folder = place.tmp / "stick"
    folder.mkdir()
    (folder / "letter.txt").write_text("somebody's letter")
    return folder


@contextmanager
def full_medium(place: Place) -> Iterator[Target]:
    """A real ext4 with hardly a block left."""
    folder = loop_disk(place.until, place.tmp / "stick", 1 << 10)
    (folder / "letter.txt").write_text("somebody's letter")
    with full(folder, leave_kib=16):
        yield Target(path=folder, watched=folder)


@contextmanager
def smaller_than_it_says(place: Place) -> Iterator[Target]:
    """A medium that claims more room than it has: it is full in the middle of the export."""
    folder = small_disk(place.until, place.tmp / "stick", 96)
    (folder / "letter.txt").write_text("somebody's letter")
    place.patch.setattr(MediumFiles, "room", lambda *_: (1 << 30, 1 << 30, 4_096))
    yield Target(path=folder, watched=folder)


@contextmanager
def fills_meanwhile(place: Place) -> Iterator[Target]:
    """Something else fills the medium while the export is written."""
    folder = small_disk(place.until, place.tmp / "stick", 4 << 10)
    _at_write(place, 2, lambda: fill(folder))
    yield Target(path=folder, watched=folder)


@contextmanager
def protected(place: Place) -> Iterator[Target]:
    """A medium with its lock switch on."""
    folder = stick(place)
    with read_only(folder):
        yield Target(path=folder, watched=folder)


@contextmanager
def turns_read_only(place: Place) -> Iterator[Target]:
    """A medium that fails and is remounted read-only by the system while it is written."""
    folder = small_disk(place.until, place.tmp / "stick", 4 << 10)

    def act() -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    _at_write(place, 3, act)
    yield Target(path=folder, watched=folder)


@contextmanager
def pulled(place: Place) -> Iterator[Target]:
    """The medium is pulled out while it is written."""
    folder = small_disk(place.until, place.tmp / "stick", 4 << 10)

    def act() -> None:
        subprocess.run(["umount", "-l", folder], check=True)
        raise OSError(errno.EIO, "Input/output error")

    _at_write(place, 3, act)
    yield Target(path=folder, watched=folder)


def _at_write(place: Place, number: int, act: Any) -> None:
    plain, left = MediumFiles.write, [number]

    def write(self: MediumFiles, descriptor: int, piece: memoryview) -> None:
        left[0] -= 1
        if left[0] <= 0:
            act()
        plain(self, descriptor, piece)

    place.patch.setattr(MediumFiles, "write", write)


@contextmanager
def taken(place: Place) -> Iterator[Target]:
    """An export of the same name is on the medium."""
    folder = stick(place)
    (folder / export_id(place.office).lower()).mkdir()
    with at(folder) as found:
        yield found


@contextmanager
def mistyped(place: Place) -> Iterator[Target]:
    """Not the officer's passphrase."""
    yield Target(path=stick(place), passphrase=WRONG, at_the_door=PASSPHRASE)


@contextmanager
def unreadable_after(place: Place) -> Iterator[Target]:
    """A medium that takes everything and gives nothing back."""

    def read_back(_self: MediumFiles, _at: int, name: str) -> None:
        raise OSError(errno.EIO, "Input/output error", name)

    place.patch.setattr(MediumFiles, "read_back", read_back)
    yield Target(path=stick(place), watched=place.tmp / "stick")


def _on_the_list(spoil: Spoil) -> Spoil:
    """The medium is one of the office's: what is wrong with it is something else."""

    @contextmanager
    def listed(place: Place) -> Iterator[Target]:
        with spoil(place) as target:
            listed_folder(place.office.services, target.path)
            yield target

    return listed


def case(
    name: str,
    code: str,
    status: int,
    spoil: Spoil,
    changes: frozenset[str] = frozenset(),
    **more: object,
) -> BadInput:
    """One of this table."""
    return BadInput(
        name=name,
        code=code,
        status=status,
        act=Act.RELEASE,
        stage="requested",
        spoil=_on_the_list(spoil),
        changes=changes | {"blobs"},  # the list itself
        **more,  # type: ignore[arg-type]
    )


# An export that was begun stands in the summary of its case.
# What the medium refuses before a byte is written is an ended attempt, too.
REFUSED = {"events": (*TRIED, "ExportWritten"), "changes": frozenset({"exports", "case_summaries"})}
WRITTEN = {"events": ENDED, "changes": frozenset({"exports", "case_summaries"})}
RELEASING = (
    case("full medium", "EXP-004", 3, full_medium, **REFUSED),
    case("full meanwhile", "EXP-004", 3, fills_meanwhile, left_behind="ballast", **WRITTEN),
    case("smaller than it says", "EXP-001", 3, smaller_than_it_says, **WRITTEN),
    case("read-only medium", "EXP-003", 3, protected, **REFUSED),
    case("turns read-only while written", "EXP-003", 3, turns_read_only, **WRITTEN),
    case("medium pulled while written", "EXP-002", 3, pulled, **WRITTEN),
    case("holds an export of that name", "EXP-006", 2, taken, events=(*TRIED, "ActRefused")),
    case("not read back", "EXP-009", 3, unreadable_after, left_behind="EXPORT-", **WRITTEN),
    case("wrong passphrase at the signature", "VLT-029", 2, mistyped, events=(*NOT_SIGNED, "ActRefused")),
)
