"""An older copy of the vault put in its place is noticed, told and written down; an ordinary day is not."""

import shutil
from pathlib import Path

import pytest

from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import auditing, backups
from workstation.app import session as sessions
from workstation.core.jobs import JobControl
from workstation.demo.story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """People enrolled, no case yet."""
    return office_at("people", tmp_path)[0]


def _codes(story: Story) -> list[str]:
    session = unlock(story.services, "ibarra")
    try:
        return [warning.code for warning in sessions.warnings(session)]
    finally:
        sessions.lock(session, reason="test")


def test_an_older_copy_is_told_once_and_stays_in_the_trail(story: Story, tmp_path: Path) -> None:
    """The folder of yesterday in today's place is told at the unlock, and not again at the next."""
    folder = tmp_path / "profile"
    shutil.copytree(folder, tmp_path / "yesterday")
    story.open_case()
    assert _codes(story) == []
    shutil.rmtree(folder)
    shutil.copytree(tmp_path / "yesterday", folder)
    assert _codes(story) == ["VLT-055"]
    assert _codes(story) == []
    with story.acting("ibarra") as session:
        assert any(row.event == "OlderCopyOpened" for row in auditing.page(session))
        assert auditing.verify(session).broken_seq is None


def test_a_restored_backup_is_told(story: Story, tmp_path: Path) -> None:
    """What was recorded after the backup is gone, and the first unlock says so."""
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "backup", JobControl())
    story.open_case()
    shutil.rmtree(tmp_path / "profile")
    backups.restore(story.services, tmp_path / "backup", tmp_path / "profile", JobControl())
    assert _codes(story) == ["VLT-055"]


def test_a_crash_is_no_older_copy(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last session ended without locking, the rows it wrote are no reason for a warning."""
    session = unlock(story.services, "ibarra")
    session.database.close()
    session.vault.lock()  # as the end of the process would
    assert _codes(story) == []


def test_the_note_holds_nothing_of_a_case(story: Story, tmp_path: Path) -> None:
    """Beside the vault lies a count and a hash, and a damaged note keeps nobody out."""
    story.open_case()
    note = tmp_path / "profile.seen.json"
    assert set(note.read_text()) <= set(
        '{}":,_-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
    )
    assert "Northwind" not in note.read_text()
    note.write_bytes(b"\xff not json")
    assert _codes(story) == []
