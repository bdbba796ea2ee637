"""A disk without any room left under an office that is at work."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.office import office, unlock
from workstation.app import auditing, intake, queries
from workstation.app import session as sessions
from workstation.core.database_errors import DatabaseStorageFailed
from workstation.core.jobs import JobControl
from workstation.core.values import CaseId
from workstation.core.vault_errors import VaultDiskFull
from workstation.demo.story import Story


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


@pytest.fixture
def at_work(small_disk: Path) -> tuple[Story, CaseId]:
    """An office with an open case, on that disk."""
    story = office(small_disk / "office")
    story.set_up()
    return story, story.open_case()


def fill(small_disk: Path) -> Path:
    """Leave not a block; returns what to remove for having room again."""
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("ab", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    return ballast


def test_on_a_full_disk_people_come_in_look_and_leave(
    small_disk: Path, at_work: tuple[Story, CaseId]
) -> None:
    """Unlocking gives up the room kept for it, says so, and shows what is there; every visit is a row."""
    story, case_id = at_work
    ballast = fill(small_disk)
    for visit in range(10):
        session = unlock(story.services, "osei")
        warning = sessions.shortage(story.services)
        assert warning is not None, visit
        assert queries.case_view(session, case_id).row.case_id == case_id
        assert auditing.verify(session).broken_seq is None
        sessions.lock(session, reason="test")
    ballast.unlink()
    session = unlock(story.services, "osei")
    try:
        assert sessions.shortage(story.services) is None
        names = [row.event for row in auditing.page(session, limit=40)]
        assert names[:21] == ["Unlocked", *["Locked", "Unlocked"] * 10]
    finally:
        sessions.lock(session, reason="test")


def test_the_room_of_the_records_is_not_taken_by_a_submission(
    small_disk: Path, at_work: tuple[Story, CaseId]
) -> None:
    """With the kept room given up nothing large is stored; with room again the same receipt goes on."""
    story, case_id = at_work
    ballast = fill(small_disk)
    with story.acting("osei") as session:
        with pytest.raises(VaultDiskFull) as caught:
            intake.receive(session, case_id, story.source, JobControl())
        assert caught.value.needed_bytes > caught.value.free_bytes
        assert auditing.verify(session).broken_seq is None
    ballast.unlink()
    with story.acting("osei") as session:
        assert intake.receive(session, case_id, story.source, JobControl()).file_count


def test_without_the_kept_room_nobody_comes_in_and_nothing_is_lost(
    small_disk: Path, at_work: tuple[Story, CaseId]
) -> None:
    """Not even room for the row of an unlocking: refused, and with room again everything is there."""
    story, case_id = at_work
    (small_disk / "office" / "profile" / "room.reserve").unlink()
    ballast = fill(small_disk)
    for _ in range(5):
        with pytest.raises(DatabaseStorageFailed):
            unlock(story.services, "osei")
    ballast.unlink()
    session = unlock(story.services, "osei")  # no wait: none of the attempts was a wrong one
    try:
        assert queries.case_view(session, case_id).row.case_id == case_id
        assert auditing.verify(session).broken_seq is None
    finally:
        sessions.lock(session, reason="test")
