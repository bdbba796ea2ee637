"""Backups behind one door; see ``core.backups.BackupKeeper``."""

from datetime import datetime
from pathlib import Path

from storage.backup import note_checkpoint, restore, take
from storage.backup_list import Backup
from storage.rehearsal import rehearse
from workstation.core.backups import Rehearsal, Snapshot
from workstation.core.jobs import JobControl
from workstation.core.ports import Clock, Database
from workstation.core.vault import Vault


class DiskBackups:
    """Satisfies ``core.backups.BackupKeeper``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def take(
        self, vault: Vault, database: Database, folder: Path, *, at: datetime, job: JobControl
    ) -> Snapshot:
        """See ``storage.backup.take``."""
        return take(vault, database, folder, at=at, job=job)

    def newest(self, folder: Path) -> Snapshot:
        """The newest whole backup in ``folder``."""
        return Backup(folder.absolute()).newest().snapshot

    def note_checkpoint(self, folder: Path, number: int, content: bytes) -> None:
        """See ``storage.backup.note_checkpoint``."""
        note_checkpoint(folder, number, content)

    def rehearse(self, vault: Vault, folder: Path, passphrase: bytearray, *, job: JobControl) -> Rehearsal:
        """See ``storage.rehearsal.rehearse``."""
        return rehearse(vault, folder, passphrase, clock=self._clock, job=job)

    def restore(self, folder: Path, into: Path, *, job: JobControl) -> Snapshot:
        """See ``storage.backup.restore``."""
        return restore(folder, into, job=job)
