"""Checkpoints: the trail cannot be cut or rewritten unnoticed, not even by who holds the vault's key."""

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from storage.audit_log import NO_ROW, AuditKeys, SqlAuditTrail, _row_hash
from storage.database import SqlDatabase
from storage.vault import trail_signatures
from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import backups, checking, checkpoints
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.core import events
from workstation.core.checkpoints import Broken, CheckpointUnreadable, Occasion, SignedCheckpoint
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.vault_errors import CheckpointKeyMissing
from workstation.demo.story import Story


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """An office with a case."""
    return office_at("case", tmp_path)[0]


def kept(story: Story) -> list[SignedCheckpoint]:
    """Every checkpoint of the vault."""
    with story.acting("abara") as session, session.look() as work:
        return list(work.checkpoints.all())


def test_locking_signs_how_far_the_trail_is(story: Story) -> None:
    """The newest checkpoint is of the row that says who locked, by that person's own key."""
    with story.acting("osei") as session:
        person = session.person.person_id
    newest = kept(story)[-1]
    assert (newest.checkpoint.person_id, newest.checkpoint.occasion) == (person, Occasion.LOCK)
    with story.acting("abara") as session, session.look() as work:
        (row,) = work.audit.page(before=newest.checkpoint.seq + 1, limit=1)
        assert (row.event, row.hash_sha384) == ("Locked", newest.checkpoint.head_sha384)
        assert checkpoints.hold(session).broken == ()


def test_each_person_signs_with_a_key_of_their_own_and_always_the_same(story: Story) -> None:
    """Two people's checkpoints have two keys; one person's have one, however often the vault is opened."""
    for login in ("osei", "abara", "osei"):
        with story.acting(login):
            pass
    first, second, third = kept(story)[-3:]
    assert first.public_key == third.public_key != second.public_key


def _rewrite(session: Session, change: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> None:
    """What somebody does who holds the vault's key: another trail, with hashes and MACs that hold."""
    database = session.database
    assert isinstance(database, SqlDatabase)
    with closing(database._connect()) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(audit)")]
        rows = [dict(zip(columns, row, strict=True)) for row in connection.execute("SELECT * FROM audit")]
        for name in [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'")]:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM audit")
        trail = SqlAuditTrail(
            None,  # type: ignore[arg-type] # only its MAC is asked for
            AuditKeys(epoch=lambda: session.vault.epoch, key=session.vault.audit_key),
        )
        previous = NO_ROW
        for row in change(rows):
            row["hash_sha384"] = _row_hash(row, previous)
            row["mac_sha384"] = trail._mac(str(row["hash_sha384"]), session.vault.epoch)
            previous = str(row["hash_sha384"])
            marks = ", ".join("?" for _ in columns)
            connection.execute(f"INSERT INTO audit VALUES ({marks})", [row[name] for name in columns])


def _renamed(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"actor_name": "Somebody Else"} if row["seq"] == 3 else row for row in rows]


@pytest.mark.parametrize(
    ("change", "why"),
    [(_renamed, Broken.ROW_DIFFERS), (lambda rows: rows[:4], Broken.ROW_MISSING)],
    ids=["rewritten", "cut"],
)
def test_who_holds_the_vault_key_rewrites_the_trail_and_is_noticed(
    story: Story,
    tmp_path: Path,
    change: Callable[[list[dict[str, object]]], list[dict[str, object]]],
    why: Broken,
) -> None:
    """The chain of the new trail holds; the kept checkpoints, and one beside a backup, say it is another."""
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "kept", JobControl())
    handed_in = checkpoints.read(tmp_path / "kept" / "checkpoint-000001.json")
    assert handed_in.checkpoint.occasion is Occasion.BACKUP
    with story.acting("abara") as session:
        assert checking.check_vault(session, JobControl(), handed_in=handed_in).holds
        _rewrite(session, change)
        with session.look() as work:
            assert work.audit.verify().broken_seq is None
        found = checkpoints.hold(session, handed_in)
        assert {reason for _one, reason in found.broken} == {why}
        assert found.broken[-1] == (handed_in, why)
        with closing(session.database._connect()) as raw:  # type: ignore[attr-defined] # on disk
            raw.execute("DELETE FROM checkpoints")  # of the vault's own, who holds the key leaves none
        assert [one for one, _why in checkpoints.hold(session, handed_in).broken] == [handed_in]
        answer = checking.check_vault(session, JobControl(), handed_in=handed_in)
        assert not answer.holds


def test_a_changed_checkpoint_is_told_from_a_changed_trail(story: Story, tmp_path: Path) -> None:
    """Each value of the file is signed; a changed one never accuses the trail."""
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "kept", JobControl())
        path = tmp_path / "kept" / "checkpoint-000001.json"
        facts = json.loads(path.read_bytes())
        for name, value in (("seq", facts["seq"] + 1), ("head_sha384", "0" * 96), ("person_id", "P")):
            path.write_text(json.dumps(facts | {name: value}))
            (found,) = checkpoints.hold(session, checkpoints.read(path)).broken
            assert found[1] is Broken.SIGNATURE_BAD
        for content in (b"", b"[]", b"{}", b"[" * 70_000, json.dumps(facts | {"signature": "AA=="}).encode()):
            path.write_bytes(content)
            with pytest.raises(CheckpointUnreadable):
                checkpoints.read(path)


def test_locking_does_not_wait_for_a_signature(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be made the vault locks all the same, and the trail says that it is missing."""

    def refuse(_seed: object, _statement: bytes) -> tuple[bytes, bytes]:
        raise CheckpointKeyMissing

    session = unlock(story.services, "osei")
    with monkeypatch.context() as patch:
        patch.setattr(trail_signatures, "sign", refuse)
        sessions.lock(session, reason="test")
    assert session.vault.is_locked
    with story.acting("abara") as session, session.look() as work:
        row = work.audit.newest(events.CheckpointNotSigned.__name__)
        assert row is not None
        assert "VLT-082" in row.body_json


class Stopping(JobControl):
    """Stops after so many ticks."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def tick(self, progress: Progress) -> None:
        """One less."""
        self.left -= 1
        if self.left < 0:
            raise JobCancelled
        super().tick(progress)


def test_a_check_that_was_stopped_goes_on_there(tmp_path: Path) -> None:
    """The second one reads what the first did not, and its answer counts both."""
    story, _case = office_at("received", tmp_path)
    with story.acting("osei") as session:
        whole = checking.check_vault(session, JobControl())
        with pytest.raises(JobCancelled):
            checking.check_vault(session, Stopping(3))
    with story.acting("abara") as session:
        counting = Stopping(10_000)
        found = checking.check_vault(session, counting)
        assert found.went_on
        assert (found.files, found.size_bytes) == (whole.files, whole.size_bytes)
        assert 10_000 - counting.left == whole.files - 3
        assert not checking.check_vault(session, JobControl()).went_on
