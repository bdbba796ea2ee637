"""Bad input on its way in: submissions and media that are not what they should be."""

import errno
import os
import shutil
import tarfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.helpers.bad_input import Act, BadInput, Place, Spoil, Target, at
from tests.helpers.bad_input_unlocking import on_a_small_disk
from tests.helpers.small_disks import full
from tests.ui.stages import CASE, START
from workstation.app import intake
from workstation.core.jobs import JobCancelled, JobControl
from workstation.demo import sample

# What a receipt that was begun or done writes; summary and search items of a case are kept beside it.
KEPT = frozenset({"packages", "files", "cases", "case_summaries", "search_items"})
WHOLE = ("ReceiptBegun", "FilesStored", "FilesExamined", "PackageReceived")


def bag(place: Place, name: str = "sample") -> Path:
    """The sample submission."""
    return sample.write_sample(place.tmp / name, sent_on=START.date(), planned_release_on=START.date())


@contextmanager
def nothing_there(place: Place) -> Iterator[Target]:
    """The medium is not attached."""
    yield Target(path=place.tmp / "not-there")


@contextmanager
def pulled(place: Place) -> Iterator[Target]:
    """A single file whose medium is gone where it is read."""

    def fail(*_: object) -> bytes:
        raise OSError(errno.ENXIO, "No such device or address")

    path = place.tmp / "weights.bin"
    path.write_bytes(bytes(1_000))
    with place.patch.context() as patch:
        patch.setattr(os, "pread", fail)
        yield Target(path=path)


@contextmanager
def not_a_file(place: Place) -> Iterator[Target]:
    """A link in place of the submission."""
    link = place.tmp / "submission"
    link.symlink_to("/etc")
    yield Target(path=link)


@contextmanager
def missing_file(place: Place) -> Iterator[Target]:
    """A bag whose manifest lists what did not come."""
    folder = bag(place)
    (folder / "data" / "safeguards.md").unlink()
    with at(folder) as found:
        yield found


@contextmanager
def altered_file(place: Place) -> Iterator[Target]:
    """A bag with a file that is not the one the manifest speaks of."""
    folder = bag(place)
    (folder / "data" / "terms.md").write_text("other terms")
    with at(folder) as found:
        yield found


@contextmanager
def escaping(place: Place, kind: str) -> Iterator[Target]:
    """An archive with a name that climbs out of its folder."""
    nest = place.tmp / "a" / "b"
    nest.mkdir(parents=True)
    archive = nest / f"hostile.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("../../escaped.txt", "x")
            packed.writestr("fine.txt", "x")
    else:
        member = tarfile.TarInfo("../../escaped.txt")
        with tarfile.open(archive, "w") as packed_tar:
            packed_tar.addfile(member)
    yield Target(path=archive)
    assert not list(place.tmp.rglob("escaped.txt"))


def begun(place: Place) -> None:
    """Another submission is being received for the case."""
    session = place.office.unlock("osei")
    job = JobControl()
    job.cancel()
    try:
        intake.receive(session, CASE, bag(place, "first"), job)
    except JobCancelled:
        pass
    finally:
        session.database.close()
        session.vault.lock()


@contextmanager
def another(place: Place) -> Iterator[Target]:
    """Not the submission that was begun."""
    folder = place.tmp / "another-submission"
    folder.mkdir()
    (folder / "words.md").write_text("words\n")
    with at(folder) as found:
        yield found


@contextmanager
def other_content(place: Place) -> Iterator[Target]:
    """A medium of the same name, with less on it than was stored already."""
    first = next((place.tmp / "first").iterdir())
    changed = place.tmp / "changed" / first.name
    shutil.copytree(first, changed)
    (changed / "data" / "safeguards.md").unlink()
    yield Target(path=changed)


@contextmanager
def full_vault(place: Place) -> Iterator[Target]:
    """Larger than the room on the vault's disk."""
    folder = place.tmp / "submission"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(os.urandom(8 << 20))
    with full(place.profile.with_name("small-disk"), leave_kib=3 << 10), at(folder) as found:
        yield found


def case(name: str, code: str, status: int, spoil: Spoil, **more: object) -> BadInput:
    """One of this table."""
    facts: dict[str, object] = {"stage": "opened", **more}
    return BadInput(name=name, code=code, status=status, act=Act.RECEIVE, spoil=spoil, **facts)  # type: ignore[arg-type]


STARTED = {"events": ("ReceiptBegun",), "changes": KEPT}
REJECTED = {"events": WHOLE, "changes": KEPT, "stores": True, "opens": True}

RECEIVING = (
    case("no medium", "INT-010", 3, nothing_there, says=("not-there",)),
    case("a link", "EXA-003", 2, not_a_file, **STARTED),
    case("pulled medium", "EXA-002", 3, pulled, says=("weights.bin",), **STARTED),
    case(
        "bag with a missing file",
        "INT-014",
        2,
        missing_file,
        says=("data/safeguards.md", "BAG_MISSING"),
        **REJECTED,
    ),
    case(
        "bag with an altered file",
        "INT-014",
        2,
        altered_file,
        says=("data/terms.md", "BAG_FIXITY"),
        **REJECTED,
    ),
    case(
        "zip that escapes",
        "INT-014",
        2,
        partial(escaping, kind="zip"),
        says=("nothing was unpacked",),
        **REJECTED,
    ),
    case("tar that escapes", "INT-014", 2, partial(escaping, kind="tar"), **REJECTED),
    case("another one is being received", "INT-012", 3, another, given=begun),
    case("one was received already", "CAS-001", 2, another, stage="quarantined", events=("ActRefused",)),
    case("full disk of the vault", "VLT-010", 3, full_vault, given=on_a_small_disk, **STARTED),
)
