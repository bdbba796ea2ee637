"""Backups in memory: nothing is written, the same promises.

Passes ``tests/contract/test_backups.py`` like the real ones. Never use it for anything but tests.
"""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.helpers.memory_database import MemoryDatabase, Store
from tests.helpers.memory_keeper import MemoryFolder, MemoryKeeper
from tests.helpers.memory_vault import MemoryVault
from workstation.core.backups import (
    BackupDamaged,
    BackupInsideVault,
    BackupNotFound,
    BackupOfAnotherVault,
    Rehearsal,
    Snapshot,
)
from workstation.core.jobs import JobControl, Progress
from workstation.core.ports import Clock, Database
from workstation.core.vault import Vault
from workstation.core.vault_errors import CredentialsRefused, VaultExists

KEPT = 2


@dataclass
class Kept:
    """One backup, and whether somebody changed it since."""

    snapshot: Snapshot
    folder: MemoryFolder
    damaged: str = ""


@dataclass
class MemoryBackups:
    """``core.backups.BackupKeeper`` over folders that exist by name only."""

    clock: Clock
    home: Path  # where the vault would lie
    keeper: MemoryKeeper
    places: dict[Path, list[Kept]] = field(default_factory=dict)
    checkpoints: dict[tuple[Path, int], bytes] = field(default_factory=dict)
    restored: dict[Path, MemoryKeeper] = field(default_factory=dict)

    def take(
        self, vault: Vault, database: Database, folder: Path, *, at: datetime, job: JobControl
    ) -> Snapshot:
        """See the port."""
        ours = _ours(vault)
        if folder.is_relative_to(self.home):
            raise BackupInsideVault(folder=str(folder))
        earlier = self.places.get(folder, [])
        if earlier and earlier[-1].snapshot.vault_id != ours.vault_id:
            raise BackupOfAnotherVault(
                folder=str(folder), found=earlier[-1].snapshot.vault_id, expected=ours.vault_id
            )
        job.tick(Progress(stage="backup.database"))
        with database.look() as work:
            rows = work.audit.page(limit=1)
        sizes = dict(ours.containers())
        known = earlier[-1].folder.vault.kept if earlier and earlier[-1].folder.vault else {}
        for size_bytes in sizes.values():
            job.tick(Progress(stage="backup.copying", done_bytes=size_bytes))
        snapshot = Snapshot(
            number=earlier[-1].snapshot.number + 1 if earlier else 1,
            vault_id=ours.vault_id,
            profile=str(ours.profile),
            epoch=ours.epoch,
            taken_at=at,
            audit_rows=rows[0].seq if rows else 0,
            audit_head=rows[0].hash_sha384 if rows else "0" * 96,
            files=len(sizes) + 2,
            size_bytes=sum(sizes.values()) + 2,
            copied_bytes=sum(size for name, size in sizes.items() if name not in known) + 2,
        )
        kept = Kept(snapshot=snapshot, folder=_copied(self.keeper.folder, ours, database))
        self.places[folder] = [*earlier, kept][-KEPT:]
        return snapshot

    def newest(self, folder: Path) -> Snapshot:
        """See the port."""
        return self._newest(folder).snapshot

    def _newest(self, folder: Path) -> Kept:
        if not self.places.get(folder):
            raise BackupNotFound(folder=str(folder))
        return self.places[folder][-1]

    def note_checkpoint(self, folder: Path, number: int, content: bytes) -> None:
        """See the port."""
        self.checkpoints[folder, number] = content

    def rehearse(self, vault: Vault, folder: Path, passphrase: bytearray, *, job: JobControl) -> Rehearsal:
        """See the port."""
        ours, kept = _ours(vault), self._newest(folder)
        if kept.snapshot.vault_id != ours.vault_id:
            raise BackupOfAnotherVault(
                folder=str(folder), found=kept.snapshot.vault_id, expected=ours.vault_id
            )
        copied = kept.folder.vault
        if copied is None or copied.people.get(ours.person_id) != bytes(passphrase):
            raise CredentialsRefused
        job.tick(Progress(stage="backup.rehearsing"))
        broken = (kept.damaged,) if kept.damaged else ()
        return Rehearsal(
            snapshot=kept.snapshot,
            objects=sum(len(container.objects) for container in copied.kept.values()),
            broken_count=len(broken),
            broken=broken,
            database_problems=(),
            audit_holds=True,
        )

    def restore(self, folder: Path, into: Path, *, job: JobControl) -> Snapshot:
        """See the port."""
        kept = self._newest(folder)
        if into in self.restored or into == self.home:
            raise VaultExists(path=str(into))
        job.tick(Progress(stage="backup.restoring"))
        if kept.damaged:
            raise BackupDamaged(name=kept.damaged, reason="its digest is another one")
        place = copy.copy(kept.folder)
        self.restored[into] = MemoryKeeper(clock=self.clock, profile=self.keeper.profile, folder=place)
        return kept.snapshot


def _copied(folder: MemoryFolder, vault: MemoryVault, database: Database) -> MemoryFolder:
    assert isinstance(database, MemoryDatabase)
    twin = vault.opened_by(vault.person_id)
    twin.kept, twin.people = copy.deepcopy(vault.kept), dict(vault.people)
    twin.lock()
    tables = copy.deepcopy(database.store.tables)
    return MemoryFolder(
        vault=twin, logins=dict(folder.logins), store=Store(tables=tables, key=database.store.key)
    )


def _ours(vault: Vault) -> MemoryVault:
    assert isinstance(vault, MemoryVault)
    vault.require_open()
    return vault
