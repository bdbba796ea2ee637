"""What every keeper of backups promises: whole or none, proved apart, one vault a folder."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.backups import DiskBackups
from storage.keeper import DiskKeeper
from tests.helpers.databases import CUSTODIAN, HandClock, enrol_everybody
from tests.helpers.memory_backups import MemoryBackups
from tests.helpers.memory_keeper import MemoryKeeper
from tests.helpers.vault_folders import LIGHT_COST, OTHER_PASSPHRASE, PASSPHRASE, VAULT_ID, passphrase
from workstation.core.backups import (
    BackupDamaged,
    BackupInsideVault,
    BackupKeeper,
    BackupNotFound,
    BackupOfAnotherVault,
    Snapshot,
)
from workstation.core.jobs import JobCancelled, JobControl
from workstation.core.ports import Database
from workstation.core.service_ports import VaultKeeper
from workstation.core.vault import Profile, Vault
from workstation.core.vault_errors import CredentialsRefused, VaultExists


@dataclass
class Room:
    """A vault in use, its keeper of backups, and what only a test may do to a backup."""

    root: Path
    backups: BackupKeeper
    vault: Vault
    database: Database
    keeper_at: Callable[[Path], VaultKeeper]  # of a restored vault
    spoil: Callable[[Path], str]  # change one container of a backup; returns its name

    def take(self, folder: str = "medium", job: JobControl | None = None) -> Snapshot:
        """Now."""
        at = HandClock().now()
        return self.backups.take(
            self.vault, self.database, self.root / folder, at=at, job=job or JobControl()
        )

    def store(self, content: bytes) -> None:
        """One more object."""
        with self.vault.ingest() as batch:
            batch.add([content])
            batch.flush()


def _made(keeper: VaultKeeper, vault_id: str) -> tuple[Vault, Database]:
    vault = keeper.create(
        vault_id=vault_id, person_id=CUSTODIAN.person_id, login_name="ada", passphrase=passphrase(PASSPHRASE)
    )
    database = keeper.open_database(vault)
    enrol_everybody(database)
    keeper.complete(vault)
    return vault, database


def _on_disk(root: Path, vault_id: str = VAULT_ID) -> Room:
    clock = HandClock()

    def keeper_at(folder: Path) -> DiskKeeper:
        return DiskKeeper(root=folder, profile=Profile.DEMO, clock=clock, cost=lambda _bound: LIGHT_COST)

    def spoil(folder: Path) -> str:
        found = next((folder / "packs").iterdir())
        found.write_bytes(found.read_bytes()[:-1] + b"\0")
        return found.name

    root.mkdir(parents=True, exist_ok=True)
    vault, database = _made(keeper_at(root / "vault"), vault_id)
    return Room(root, DiskBackups(clock), vault, database, keeper_at, spoil)


def _in_memory(root: Path, vault_id: str = VAULT_ID) -> Room:
    clock = HandClock()
    keeper = MemoryKeeper(clock=clock)
    backups = MemoryBackups(clock=clock, home=root / "vault", keeper=keeper)

    def spoil(folder: Path) -> str:
        backups.places[folder][-1].damaged = "packs/p"
        return "p"

    vault, database = _made(keeper, vault_id)
    return Room(root, backups, vault, database, lambda into: backups.restored[into], spoil)


@pytest.fixture(params=[_on_disk, _in_memory], ids=["disk", "memory"])
def kind(request: pytest.FixtureRequest) -> Callable[..., Room]:
    """Both kinds."""
    made: Callable[..., Room] = request.param
    return made


@pytest.fixture
def room(kind: Callable[..., Room], tmp_path: Path) -> Iterator[Room]:
    """A vault with one object and one case, in use."""
    made = kind(tmp_path)
    made.store(b"a model card")
    note_something(made)
    yield made
    made.database.close()
    made.vault.lock()


def note_something(room: Room) -> None:
    """A row of the trail that a backup must hold."""
    from workstation.core import events

    with room.database.work(CUSTODIAN) as work:
        work.record(events.DraftsSaved(drafts=1))


def test_a_backup_tells_of_the_vault_at_its_moment(room: Room) -> None:
    """Number, vault, epoch and the trail's end are those of the vault; the newest is the last one taken."""
    first, second = room.take(), room.take()
    with room.database.look() as work:
        newest = work.audit.page(limit=1)[0]
    assert (first.number, second.number) == (1, 2)
    assert (second.vault_id, second.epoch) == (VAULT_ID, room.vault.epoch)
    assert (second.audit_rows, second.audit_head) == (newest.seq, newest.hash_sha384)
    assert room.backups.newest(room.root / "medium") == second


def test_only_what_is_new_is_copied(room: Room) -> None:
    """Everything the first time, next to nothing the second, what was stored meanwhile the third."""
    first, second = room.take(), room.take()
    room.store(b"x" * 100_000)
    third = room.take()
    assert first.copied_bytes == first.size_bytes
    assert second.copied_bytes < second.size_bytes
    assert third.copied_bytes >= second.copied_bytes + 100_000


def test_a_restored_vault_opens_as_it_was(room: Room) -> None:
    """With the same passphrase; what was recorded after the backup is not in it; the vault itself goes on."""
    taken = room.take()
    note_something(room)
    room.backups.restore(room.root / "medium", room.root / "again", job=JobControl())
    keeper = room.keeper_at(room.root / "again")
    vault = keeper.unlock(login_name="ada", passphrase=passphrase(PASSPHRASE))
    database = keeper.open_database(vault)
    try:
        with database.look() as work:
            assert work.audit.page(limit=1)[0].hash_sha384 == taken.audit_head
            assert work.audit.verify().broken_seq is None
        assert set(vault.containers()) == set(room.vault.containers())
    finally:
        database.close()
        vault.lock()
    note_something(room)


def test_a_rehearsal_proves_and_needs_the_passphrase(room: Room) -> None:
    """It holds with the right one and is refused with another."""
    room.take()
    folder = room.root / "medium"
    assert room.backups.rehearse(room.vault, folder, passphrase(PASSPHRASE), job=JobControl()).holds
    with pytest.raises(CredentialsRefused):
        room.backups.rehearse(room.vault, folder, passphrase(OTHER_PASSPHRASE), job=JobControl())


def test_a_damaged_backup_is_told_by_name_and_restores_nothing(room: Room) -> None:
    """The rehearsal names what is broken; a restore is refused and leaves no vault."""
    room.take()
    folder = room.root / "medium"
    name = room.spoil(folder)
    answer = room.backups.rehearse(room.vault, folder, passphrase(PASSPHRASE), job=JobControl())
    assert not answer.holds
    assert any(broken.endswith(name) for broken in answer.broken)
    with pytest.raises(BackupDamaged):
        room.backups.restore(folder, room.root / "again", job=JobControl())
    assert not (room.root / "again").exists()


def test_a_stopped_backup_leaves_the_earlier_one(room: Room) -> None:
    """Cancelled, the newest is still the one before."""
    first = room.take()
    job = JobControl()
    job.cancel()
    with pytest.raises(JobCancelled):
        room.take(job=job)
    assert room.backups.newest(room.root / "medium") == first


def test_folders_are_refused_in_their_own_words(
    room: Room, kind: Callable[..., Room], tmp_path: Path
) -> None:
    """An empty folder, the vault's own, another vault's, and a place that is taken."""
    with pytest.raises(BackupNotFound):
        room.backups.newest(room.root / "medium")
    with pytest.raises(BackupInsideVault):
        room.take("vault/inside")
    room.take()
    other = kind(tmp_path / "other", "VAULT-OTHER")
    try:
        if isinstance(room.backups, MemoryBackups) and isinstance(other.backups, MemoryBackups):
            other.backups.places = room.backups.places
        at = HandClock().now()
        with pytest.raises(BackupOfAnotherVault):
            other.backups.take(other.vault, other.database, room.root / "medium", at=at, job=JobControl())
    finally:
        other.database.close()
        other.vault.lock()
    room.backups.restore(room.root / "medium", room.root / "again", job=JobControl())
    with pytest.raises(VaultExists):
        room.backups.restore(room.root / "medium", room.root / "again", job=JobControl())


def test_two_backups_are_kept(room: Room) -> None:
    """A third one takes the place of the first, and still restores."""
    for _ in range(3):
        room.take()
    assert room.backups.newest(room.root / "medium").number == 3
    room.backups.restore(room.root / "medium", room.root / "again", job=JobControl())
