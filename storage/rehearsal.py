"""A restore rehearsal: proves a backup by reading all of it, without touching the vault.

The keys are those of the unlocked vault, which knows every earlier epoch too; the passphrase typed for the
rehearsal must open the backup's own header, because that is what a restore will need.
"""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from storage.backup import digest_of
from storage.backup_list import Backup, BackupList, CopiedFile
from storage.database import SqlDatabase
from storage.vault.folder import VaultFolder
from storage.vault.header import Header, parse
from storage.vault.header_values import HeaderDamaged
from storage.vault.pieces import path_of
from storage.vault.session import OpenVault
from workstation.core.backups import BackupDamaged, BackupOfAnotherVault, Rehearsal
from workstation.core.jobs import JobControl, Progress
from workstation.core.ports import AuditVerification, Clock
from workstation.core.vault import ObjectRef, Vault
from workstation.core.vault_errors import CaseKeyDestroyed, ObjectMissing, ObjectTampered

_MOST_NAMED = 100
_OWN = VaultFolder(Path())


def rehearse(
    vault: Vault, folder: Path, passphrase: bytearray, *, clock: Clock, job: JobControl
) -> Rehearsal:
    """See ``core.backups.BackupKeeper.rehearse``."""
    if not isinstance(vault, OpenVault):
        raise TypeError(vault)
    backup = Backup(folder.absolute())
    listed = backup.newest()
    if listed.snapshot.vault_id != vault.vault_id:
        raise BackupOfAnotherVault(
            folder=str(folder), found=listed.snapshot.vault_id, expected=vault.vault_id
        )
    header = _header(backup, listed)
    vault.require_opens(header, passphrase)
    broken = _broken_files(backup, listed, job)
    objects, broken_objects, holds = 0, list[str](), False
    problems: tuple[str, ...] = ("the file is not what was written",)
    if _OWN.database.name not in broken:
        objects, broken_objects, problems, audit = _database(vault, backup, listed, header, clock, job)
        holds = audit.broken_seq is None and _agrees(listed, header[0], audit)
    found = [*broken, *(name for name in broken_objects if name not in broken)]
    return Rehearsal(
        snapshot=listed.snapshot,
        objects=objects,
        broken_count=len(found),
        broken=tuple(found[:_MOST_NAMED]),
        database_problems=problems,
        audit_holds=holds,
    )


def _agrees(listed: BackupList, header: Header, audit: AuditVerification) -> bool:
    """Whether the list tells of this backup: nothing but the files themselves is authenticated."""
    told, files = listed.snapshot, listed.files
    return (
        told.audit_head == audit.head_sha384
        and told.audit_rows == audit.rows
        and (told.vault_id, told.profile, told.epoch) == (header.vault, str(header.profile), header.epoch)
        and (told.files, told.size_bytes) == (len(files), sum(file.size_bytes for file in files))
    )


def _file_of(listed: BackupList, name: str) -> CopiedFile:
    for file in listed.files:
        if file.name == name:
            return file
    raise BackupDamaged(name=name, reason="not in the list")


def _header(backup: Backup, listed: BackupList) -> tuple[Header, bytes]:
    path = backup.path_of(listed, _file_of(listed, _OWN.header.name))
    try:
        return parse(path.read_bytes())
    except (OSError, HeaderDamaged) as error:
        raise BackupDamaged(name=path.name, reason="unreadable") from error


def _broken_files(backup: Backup, listed: BackupList, job: JobControl) -> list[str]:
    """Names of files that are missing or other than when they were written."""
    done, broken = 0, []

    def tick(size: int) -> None:
        nonlocal done
        done += size
        total = listed.snapshot.size_bytes or None
        job.tick(Progress(stage="backup.rehearsing", done_bytes=done, total_bytes=total))

    for file in listed.files:
        try:
            if digest_of(backup.path_of(listed, file), tick) != file.sha384:
                broken.append(file.name)
        except OSError:
            broken.append(file.name)
    return broken


def _database(
    vault: OpenVault,
    backup: Backup,
    listed: BackupList,
    header: tuple[Header, bytes],
    clock: Clock,
    job: JobControl,
) -> tuple[int, list[str], tuple[str, ...], AuditVerification]:
    """The copied database opened on a copy of its own: objects, broken ones, problems, the trail."""
    source = backup.path_of(listed, _file_of(listed, _OWN.database.name))
    with tempfile.TemporaryDirectory(prefix="frw-rehearsal-") as scratch:
        # As encrypted as everywhere; opening it writes beside it, and the backup stays as it is.
        path = Path(scratch) / source.name
        shutil.copyfile(source, path)
        database = SqlDatabase(
            path,
            key=vault.database_key(header[0].database_epoch),
            audit_key=vault.audit_key,
            epoch=lambda: header[0].epoch,
            clock=clock,
        )
        with closing(database), database.look() as work:
            refs = tuple(dict.fromkeys(work.packages.object_refs()))
            broken = _broken_containers(vault, backup, database, refs, job)
            return len(refs), broken, tuple(database.problems()), work.audit.verify()


def _broken_containers(
    vault: OpenVault, backup: Backup, database: SqlDatabase, refs: Sequence[str], job: JobControl
) -> list[str]:
    """Names of files that hold an object which does not open; each once, however many it holds."""
    broken: dict[str, None] = {}
    with vault.reading_copy(backup.folder, database.case_key) as verify:
        for number, text in enumerate(refs):
            job.tick(Progress(stage="backup.rehearsing-keys", done_items=number, total_items=len(refs)))
            ref = ObjectRef.parse(text)
            try:
                verify(ref)
            except (ObjectMissing, ObjectTampered, CaseKeyDestroyed):
                path = path_of(Path(), ref.kind, ref.container_id)
                broken[f"{path.parent.name}/{path.name}"] = None
    return list(broken)
