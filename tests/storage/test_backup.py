"""Backups: whole or not there, incremental, read back, rehearsed against the keys, restored to a vault."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.helpers.office import office, unlock
from workstation import bootstrap
from workstation.app import administering, auditing, backups, checking, credentials, queries
from workstation.app import session as sessions
from workstation.core.backups import (
    BackupDamaged,
    BackupInsideVault,
    BackupNotFound,
    BackupNotWritten,
    BackupOfAnotherVault,
)
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.people import NotAppointed, Role
from workstation.core.vault import Profile
from workstation.core.vault_errors import CredentialsRefused, VaultExists
from workstation.demo.story import Story, passphrase


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A case with a package in quarantine."""
    made = office(tmp_path / "office")
    made.set_up()
    made.receive(made.open_case())
    return made


def _take(story: Story, folder: Path, job: JobControl | None = None) -> "backups.Snapshot":
    with story.acting("abara") as session:
        return backups.take(session, folder, job or JobControl())


def _rehearse(story: Story, folder: Path) -> "backups.Rehearsal":
    with story.acting("abara") as session:
        return backups.rehearse(session, folder, passphrase(), JobControl())


def _everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_restored_vault_is_the_vault(story: Story, tmp_path: Path) -> None:
    """It opens with the same passphrases, proves its trail, and every stored file authenticates."""
    _take(story, tmp_path / "backup")
    backups.restore(story.services, tmp_path / "backup", tmp_path / "again", JobControl())
    start = bootstrap.Start(vault_folder=tmp_path / "again", profile=Profile.DEMO, clock=story.clock)
    session = unlock(bootstrap.build(start), "ibarra")
    try:
        assert [row.state for row in queries.case_rows(session)] == ["quarantined"]
        found = checking.check_vault(session, JobControl())
        assert found.holds
        assert found.files > 0
    finally:
        sessions.lock(session, reason="test")


def test_a_rehearsal_proves_a_backup_and_changes_nothing(story: Story, tmp_path: Path) -> None:
    """Every object opens, the trail holds and ends where the backup says; not a byte of it is other after."""
    _take(story, tmp_path / "backup")
    before = _everything(tmp_path / "backup")
    answer = _rehearse(story, tmp_path / "backup")
    assert answer.holds
    assert answer.objects > 0
    assert _everything(tmp_path / "backup") == before


def test_the_second_backup_copies_only_what_is_new(story: Story, tmp_path: Path) -> None:
    """Containers that lie there are not copied again; a new submission's are."""
    first = _take(story, tmp_path / "backup")
    second = _take(story, tmp_path / "backup")
    assert first.copied_bytes == first.size_bytes
    containers = sum(
        path.stat().st_size
        for kind in ("objects", "packs")
        for path in (tmp_path / "backup" / kind).iterdir()
    )
    assert second.copied_bytes < second.size_bytes - containers + 1
    story.receive(story.open_case())
    third = _take(story, tmp_path / "backup")
    assert third.copied_bytes > second.copied_bytes
    assert _rehearse(story, tmp_path / "backup").holds


def test_every_damaged_file_of_a_backup_is_named(story: Story, tmp_path: Path) -> None:
    """One changed byte anywhere, or a missing file, is found by the rehearsal or refused before it."""
    folder = tmp_path / "backup"
    _take(story, folder)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.parent != folder):
        kept = path.read_bytes()
        middle = len(kept) // 2
        path.write_bytes(kept[:middle] + bytes([kept[middle] ^ 1]) + kept[middle + 1 :])
        assert _fails(story, folder, path.name), path.name
        path.unlink()
        assert _fails(story, folder, path.name), path.name
        path.write_bytes(kept)
    assert _rehearse(story, folder).holds


def test_a_damaged_list_is_set_aside_and_a_full_backup_stands_beside_it(story: Story, tmp_path: Path) -> None:
    """The next backup names it, goes by the older list, and rehearses; two damaged ones do as little harm."""
    folder = tmp_path / "backup"
    _take(story, folder)
    _take(story, folder)
    for damaged in ("backup-000002", "backup-000003"):
        (folder / damaged / "backup.json").write_bytes(b"{")
        with pytest.raises(BackupDamaged):
            _rehearse(story, folder)
        made = _take(story, folder)
        assert made.set_aside == (damaged,)
        assert (folder / damaged.replace("backup", "damaged") / "vault.json").exists()
        assert _rehearse(story, folder).holds


def test_a_damaged_list_of_nobody_known_is_not_touched(story: Story, tmp_path: Path) -> None:
    """Where its header tells no vault either, the folder stays as it is and the backup is refused."""
    folder = tmp_path / "backup"
    _take(story, folder)
    for name in ("backup.json", "vault.json"):
        (folder / "backup-000001" / name).write_bytes(b"{")
    before = _everything(folder)
    with pytest.raises(BackupDamaged):
        _take(story, folder)
    assert _everything(folder) == before


def test_a_damaged_pack_is_named_once(story: Story, tmp_path: Path) -> None:
    """However many objects lie in it: by its file, and counted as one."""
    _take(story, tmp_path / "backup")
    pack = next((tmp_path / "backup" / "packs").iterdir())
    pack.write_bytes(bytes(len(pack.read_bytes())))
    answer = _rehearse(story, tmp_path / "backup")
    assert (answer.broken_count, answer.broken) == (1, (f"packs/{pack.name}",))


def _fails(story: Story, folder: Path, name: str) -> bool:
    try:
        answer = _rehearse(story, folder)
    except (BackupDamaged, CredentialsRefused):
        return True
    return not answer.holds and any(named.endswith(name) for named in answer.broken)


def test_a_damaged_backup_restores_nothing(story: Story, tmp_path: Path) -> None:
    """A changed container is refused by name, and no vault folder appears."""
    _take(story, tmp_path / "backup")
    pack = next((tmp_path / "backup" / "packs").iterdir())
    pack.write_bytes(pack.read_bytes()[:-1] + b"\0")
    with pytest.raises(BackupDamaged) as refused:
        backups.restore(story.services, tmp_path / "backup", tmp_path / "again", JobControl())
    assert refused.value.name.endswith(pack.name)
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("stage", ["backup.database", "backup.copying", "backup.reading-back"])
def test_an_interrupted_backup_leaves_the_earlier_one(story: Story, tmp_path: Path, stage: str) -> None:
    """Stopped at any stage, the newest whole backup is still the first, and the next one completes."""
    _take(story, tmp_path / "backup")
    story.receive(story.open_case())
    job = JobControl()
    job = JobControl(_cancel_at(stage, lambda: job))
    with pytest.raises(JobCancelled):
        _take(story, tmp_path / "backup", job)
    assert story.services.backups.newest(tmp_path / "backup").number == 1
    assert _rehearse(story, tmp_path / "backup").holds
    assert _take(story, tmp_path / "backup").number == 2
    assert _rehearse(story, tmp_path / "backup").holds


def _cancel_at(stage: str, job: Callable[[], JobControl]) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if progress.stage == stage:
            job().cancel()

    return report


def test_an_interrupted_restore_can_be_repeated(story: Story, tmp_path: Path) -> None:
    """Stopped half-way there is no vault, and the same command makes one."""
    _take(story, tmp_path / "backup")
    job = JobControl()
    job = JobControl(_cancel_at("backup.restoring", lambda: job))
    with pytest.raises(JobCancelled):
        backups.restore(story.services, tmp_path / "backup", tmp_path / "again", job)
    assert not (tmp_path / "again").exists()
    backups.restore(story.services, tmp_path / "backup", tmp_path / "again", JobControl())
    assert (tmp_path / "again" / "vault.json").is_file()


def test_two_backups_are_kept(story: Story, tmp_path: Path) -> None:
    """Older ones go once a newer one is whole."""
    for _ in range(4):
        _take(story, tmp_path / "backup")
    names = sorted(path.name for path in (tmp_path / "backup").glob("backup-*"))
    assert names == ["backup-000003", "backup-000004"]


def test_a_backup_is_of_one_vault_and_outside_it(story: Story, tmp_path: Path) -> None:
    """Another vault's folder, the vault's own folder and an empty folder are refused in their own words."""
    _take(story, tmp_path / "backup")
    other = office(tmp_path / "other")
    other.services.ids.new("VAULT")  # seeded alike, the two would have one name
    other.set_up()
    with pytest.raises(BackupOfAnotherVault):
        _take(other, tmp_path / "backup")
    with pytest.raises(BackupOfAnotherVault):
        _rehearse(other, tmp_path / "backup")
    with pytest.raises(BackupInsideVault):
        _take(story, tmp_path / "office" / "profile" / "backup")
    with pytest.raises(BackupNotFound):
        _rehearse(story, tmp_path / "nothing")
    with pytest.raises(VaultExists):
        backups.restore(story.services, tmp_path / "backup", tmp_path / "office", JobControl())


def test_a_medium_that_refuses_is_told(story: Story, tmp_path: Path) -> None:
    """A file where the folder should be ends in a code and words, and the vault goes on."""
    (tmp_path / "backup").write_text("not a folder")
    with pytest.raises(BackupNotWritten):
        _take(story, tmp_path / "backup")
    with story.acting("ibarra") as session:
        assert auditing.verify(session).broken_seq is None


def test_only_the_custodian_takes_backups(story: Story, tmp_path: Path) -> None:
    """A reviewer is refused, the refusal is in the trail, and nothing is written."""
    with story.acting("ibarra") as session:
        with pytest.raises(NotAppointed):
            backups.take(session, tmp_path / "backup", JobControl())
        assert auditing.page(session)[0].event == "ActRefused"
    assert not (tmp_path / "backup").exists()


def test_a_listed_name_never_leaves_the_folder(story: Story, tmp_path: Path) -> None:
    """A backup list that names a path outside the backup is refused before anything is read or written."""
    _take(story, tmp_path / "backup")
    listing = tmp_path / "backup" / "backup-000001" / "backup.json"
    pack = next((tmp_path / "backup" / "packs").iterdir())
    listing.write_bytes(
        listing.read_bytes().replace(f"packs/{pack.name}".encode(), b"packs/../../etc/passwd")
    )
    with pytest.raises(BackupDamaged):
        backups.restore(story.services, tmp_path / "backup", tmp_path / "again", JobControl())


def test_a_backup_from_before_somebody_left_still_proves(story: Story, tmp_path: Path) -> None:
    """After a rotation the older backup is rehearsed with the keys of its own epoch."""
    _take(story, tmp_path / "backup")
    with story.acting("abara") as session:
        gone = administering.person_by_login(session, "tanaka")
        assert gone.role is Role.SECURITY_OFFICER
        credentials.retire(
            session,
            gone.person_id,
            reason="left",
            revoke_certificates=False,
            custodian_passphrase=passphrase(),
        )
    assert _rehearse(story, tmp_path / "backup").holds
    story.clock.advance(timedelta(minutes=1))
    assert _take(story, tmp_path / "backup").epoch == 2
    assert _rehearse(story, tmp_path / "backup").holds


def test_nothing_in_a_backup_is_plain(story: Story, tmp_path: Path) -> None:
    """No developer's name, no file's content and no person's name can be read in any file of it."""
    _take(story, tmp_path / "backup")
    with story.acting("ibarra") as session:
        row = queries.case_rows(session)[0]
    for name, content in _everything(tmp_path / "backup").items():
        for word in (row.developer, row.model, "Ibarra", "EvalLog"):
            assert word.encode() not in content, name
        assert (tmp_path / "backup" / name).stat().st_mode & 0o077 == 0, name
