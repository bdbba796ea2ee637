"""Backups by the custodian: take one, prove one, and make a vault from one."""

from pathlib import Path

import msgspec

from workstation.app import checkpoints
from workstation.app.services import Services, Session
from workstation.core import events
from workstation.core.backups import KEPT, KnownBackup, Rehearsal, Snapshot
from workstation.core.checkpoints import Occasion
from workstation.core.jobs import JobControl
from workstation.core.people import Duty, require_duty
from workstation.core.ports import Work

_MOST_KNOWN = 1_000


def take(session: Session, folder: Path, job: JobControl) -> Snapshot:
    """Copy the vault to another medium while it stays in use; what lies there already is not copied again.

    Raises:
        NotAppointed, BackupOfAnotherVault, BackupInsideVault, BackupNotWritten, BackupDamaged, JobCancelled.
    """
    _require_custodian(session)
    backups, now = session.services.backups, session.services.clock.now()
    snapshot = backups.take(session.vault, session.database, folder, at=now, job=job)
    with session.work() as work:
        # The row first, then a checkpoint that covers it.
        work.record(
            events.BackupTaken(
                folder=str(folder),
                number=snapshot.number,
                files=snapshot.files,
                size_bytes=snapshot.size_bytes,
                audit_head=snapshot.audit_head,
            )
        )
        signed = checkpoints.keep(session, work, Occasion.BACKUP)
    if signed is not None:
        backups.note_checkpoint(folder, snapshot.number, signed.content)
    return snapshot


def known(work: Work) -> tuple[KnownBackup, ...]:
    """Backups that the trail tells of, newest first; what became of a medium since, no trail knows."""
    found: list[KnownBackup] = []
    newer: dict[str, int] = {}
    for row in work.audit.of_event(events.BackupTaken.__name__, limit=_MOST_KNOWN):
        taken = msgspec.json.decode(row.body_json, type=events.BackupTaken)
        replaced = newer.get(taken.folder, 0) >= KEPT
        newer[taken.folder] = newer.get(taken.folder, 0) + 1
        found.append(
            KnownBackup(folder=taken.folder, number=taken.number, taken_at=row.at, replaced=replaced)
        )
    return tuple(found)


def rehearse(session: Session, folder: Path, passphrase: bytearray, job: JobControl) -> Rehearsal:
    """Prove that the newest backup could be restored by the person at the desk; the vault is not touched.

    Raises:
        NotAppointed, BackupNotFound, BackupDamaged, BackupOfAnotherVault, CredentialsRefused, JobCancelled.
    """
    _require_custodian(session)
    answer = session.services.backups.rehearse(session.vault, folder, passphrase, job=job)
    with session.work() as work:
        work.record(
            events.BackupRehearsed(
                folder=str(folder),
                number=answer.snapshot.number,
                broken=answer.broken_count,
                holds=answer.holds,
            )
        )
    return answer


def restore(services: Services, folder: Path, into: Path, job: JobControl) -> Snapshot:
    """Make a vault folder from the newest backup. Nobody is at the desk: there may be no vault any more.

    The restored vault knows nothing of what happened after the backup; its trail ends there.

    Raises:
        BackupNotFound, BackupDamaged, VaultExists, VaultDiskFull, VaultReadOnly, JobCancelled.
    """
    return services.backups.restore(folder, into, job=job)


def _require_custodian(session: Session) -> None:
    with session.work():  # nothing is written here, but a refusal is
        require_duty(session.person, Duty.MANAGE_PEOPLE, frozenset())
