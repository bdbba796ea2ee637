"""Backups of the whole vault: what one holds, and what can go wrong. The layout: docs/format/backup-v1.md."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Final, Protocol

from workstation.core.errors import EnvironmentFault, Refused, Tampered
from workstation.core.jobs import JobControl
from workstation.core.ports import Database
from workstation.core.vault import Vault

KEPT: Final = 2  # in a folder; older ones are removed once a newer one is whole


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One backup: the vault as it was at one moment. Everything in it is as encrypted as in the vault."""

    number: int
    vault_id: str
    profile: str
    epoch: int  # of the vault key
    taken_at: datetime
    audit_rows: int
    audit_head: str
    files: int
    size_bytes: int
    copied_bytes: int  # of it, written this time; the rest lay there from earlier backups
    set_aside: tuple[str, ...] = ()  # earlier backups whose lists could not be read; never relied on again


@dataclass(frozen=True, kw_only=True)
class Rehearsal:
    """What a restore rehearsal found. ``broken`` names at most 100 files or objects; the count is whole."""

    snapshot: Snapshot
    objects: int
    broken_count: int
    broken: tuple[str, ...]
    database_problems: tuple[str, ...]
    audit_holds: bool

    @property
    def holds(self) -> bool:
        """Whether everything could be read and proved."""
        return not self.broken_count and not self.database_problems and self.audit_holds


@dataclass(frozen=True, kw_only=True)
class KnownBackup:
    """A backup that the trail tells of; ``replaced`` when later ones into its folder removed it."""

    folder: str
    number: int
    taken_at: datetime
    replaced: bool


class BackupKeeper(Protocol):
    """Takes, proves and restores backups of this workstation's vault."""

    def take(
        self, vault: Vault, database: Database, folder: Path, *, at: datetime, job: JobControl
    ) -> Snapshot:
        """Copy everything that is not there yet, read back what was copied, and only then call it a backup.

        The vault stays in use meanwhile. Earlier backups in ``folder`` stay whole until this one is; then the
        two newest are kept.

        Raises:
            BackupOfAnotherVault, BackupInsideVault, BackupNotWritten, JobCancelled, VaultLocked.
            BackupDamaged: what was read back differs, or what lies there cannot be told to be this vault's.
        """

    def newest(self, folder: Path) -> Snapshot:
        """The newest whole backup in ``folder``; raises BackupNotFound, BackupDamaged."""

    def note_checkpoint(self, folder: Path, number: int, content: bytes) -> None:
        """Write a signed checkpoint of the trail beside the backup of this number; it outlives the backup.

        Raises:
            BackupNotWritten.
        """

    def rehearse(self, vault: Vault, folder: Path, passphrase: bytearray, *, job: JobControl) -> Rehearsal:
        """Prove the newest backup without touching the vault: every byte, key, page and row.

        Raises:
            BackupNotFound, BackupDamaged, BackupOfAnotherVault, CredentialsRefused (the passphrase does not
            open the backup), JobCancelled.
        """

    def restore(self, folder: Path, into: Path, *, job: JobControl) -> Snapshot:
        """Make a vault folder from the newest backup; there is a vault only when all of it is there.

        Raises:
            BackupNotFound, BackupDamaged, VaultExists, VaultDiskFull, JobCancelled.
        """


@dataclass(kw_only=True, eq=False)
class BackupOfAnotherVault(Refused):
    """The folder holds backups of another vault."""

    code: ClassVar[str] = "VLT-070"
    folder: str
    found: str
    expected: str


@dataclass(kw_only=True, eq=False)
class BackupInsideVault(Refused):
    """A backup inside the vault's own folder would be lost with it."""

    code: ClassVar[str] = "VLT-071"
    folder: str


@dataclass(kw_only=True, eq=False)
class BackupNotFound(Refused):
    """There is no whole backup in the folder."""

    code: ClassVar[str] = "VLT-072"
    folder: str


@dataclass(kw_only=True, eq=False)
class BackupNotWritten(EnvironmentFault):
    """The medium of the backup is full, read-only, gone or failing."""

    code: ClassVar[str] = "VLT-073"
    folder: str
    reason: str


@dataclass(kw_only=True, eq=False)
class BackupDamaged(Tampered):
    """A part of the backup is missing, or not what was written."""

    code: ClassVar[str] = "VLT-074"
    name: str
    reason: str
