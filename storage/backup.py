"""Backups of the whole vault to another medium: docs/format/backup-v1.md.

Containers never change once written, so they are copied once and shared by every backup in the folder. What
changes, the header and the database, is copied whole into a folder of its own, which gets its final name
last: a backup exists when its folder has that name.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import msgspec

from storage.backup_list import FORMAT, LIST, Backup, BackupList, CopiedFile, words_of
from storage.database import SqlDatabase
from storage.vault.files import FOLDER_MODE, drop_cache, faults_of, fsync_folder, write_all
from storage.vault.folder import VaultFolder
from storage.vault.header import parse
from storage.vault.header_values import HeaderDamaged
from storage.vault.pieces import container_of, folder_of
from storage.vault.session import OpenVault
from workstation.core.backups import (
    KEPT,
    BackupDamaged,
    BackupInsideVault,
    BackupNotWritten,
    BackupOfAnotherVault,
    Snapshot,
)
from workstation.core.jobs import JobControl, Progress
from workstation.core.ports import Database
from workstation.core.vault import ContainerKind, Vault
from workstation.core.vault_errors import VaultExists, VaultFormatNewer

PIECE_BYTES = 4 << 20
_MODE = 0o600


def take(vault: Vault, database: Database, folder: Path, *, at: datetime, job: JobControl) -> Snapshot:
    """See ``core.backups.BackupKeeper.take``."""
    if not isinstance(vault, OpenVault) or not isinstance(database, SqlDatabase):
        raise TypeError(vault)
    backup = Backup(folder.absolute())
    if backup.folder.resolve().is_relative_to(vault.root.resolve()):
        raise BackupInsideVault(folder=str(folder))
    damaged = _damaged(backup, vault)
    earlier = _earlier(backup, vault, damaged)
    with _medium(backup.folder):
        for number in damaged:
            backup.set_aside(number)
        made = _Taking(vault, database, backup, job, earlier).take(at)
    return replace(made, set_aside=tuple(f"backup-{number:06}" for number in sorted(damaged)))


def _damaged(backup: Backup, vault: Vault) -> set[int]:
    """Backups whose list cannot be read, all of them this vault's by their headers.

    Raises:
        BackupDamaged: nothing there tells whose they are; then nothing in the folder is touched.
    """
    damaged = set()
    for number, path in backup.numbered().items():
        try:
            backup.listed(number)
        except BackupDamaged as error:
            if _vault_of(path) != vault.vault_id:
                raise error from None
            damaged.add(number)
    return damaged


def _vault_of(path: Path) -> str:
    try:
        header, _mac = parse((path / VaultFolder(Path()).header.name).read_bytes())
    except (OSError, HeaderDamaged, VaultFormatNewer):
        return ""
    return header.vault


def _earlier(backup: Backup, vault: Vault, damaged: Collection[int]) -> dict[str, CopiedFile]:
    """Containers that lie there already, from this vault's newest backup whose list can be read."""
    numbers = set(backup.numbered()) - set(damaged)
    if not numbers:
        return {}
    listed = backup.listed(max(numbers))
    if listed.snapshot.vault_id != vault.vault_id:
        raise BackupOfAnotherVault(
            folder=str(backup.folder), found=listed.snapshot.vault_id, expected=vault.vault_id
        )
    return {file.name: file for file in listed.files if "/" in file.name}


class _Taking:
    """The state of one backup being taken."""

    def __init__(
        self,
        vault: OpenVault,
        database: SqlDatabase,
        backup: Backup,
        job: JobControl,
        earlier: Mapping[str, CopiedFile],
    ) -> None:
        self._vault, self._database, self._backup, self._job = vault, database, backup, job
        self._earlier = earlier
        self._done = self._total = self._copied = 0

    def take(self, at: datetime) -> Snapshot:
        folder = self._backup.folder
        for kind in ContainerKind:
            folder_of(folder, kind).mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        number = self._backup.next_number
        making = folder / f"unfinished-{number:06}"
        if making.exists():
            shutil.rmtree(making)
        making.mkdir(mode=FOLDER_MODE)
        # The database first: every container it names was durable before the row that names it.
        rows, head = self._database.copy_to(making / VaultFolder(Path()).database.name, self._at_the_database)
        files = [*self._containers(), *self._own(making)]
        snapshot = Snapshot(
            number=number,
            vault_id=self._vault.vault_id,
            profile=str(self._vault.profile),
            epoch=self._vault.epoch,
            taken_at=at,
            audit_rows=rows,
            audit_head=head,
            files=len(files),
            size_bytes=sum(file.size_bytes for file in files),
            copied_bytes=self._copied,
        )
        listed = BackupList(format=FORMAT, snapshot=snapshot, files=tuple(files))
        _write(making / LIST, msgspec.json.encode(replace(listed, sha384=listed.digest)))
        fsync_folder(making)
        making.rename(folder / f"backup-{number:06}")
        fsync_folder(folder)
        self._forget_older(number, {file.name for file in files})
        return snapshot

    def _at_the_database(self) -> None:
        self._job.tick(Progress(stage="backup.database"))

    def _containers(self) -> Iterator[CopiedFile]:
        """Copy what is not there yet; what lies there already keeps the digest it was read back with."""
        found = [
            (kind, entry.name, entry.stat(follow_symlinks=False))
            for kind in ContainerKind
            for entry in os.scandir(folder_of(self._vault.root, kind))
            if entry.is_file(follow_symlinks=False) and container_of(kind, entry.name)
        ]
        self._total = sum(stat.st_size for _kind, _name, stat in found)
        for kind, name, stat in found:
            source = folder_of(self._vault.root, kind) / name
            relative = f"{source.parent.name}/{name}"
            target = self._backup.folder / relative
            known = self._earlier.get(relative)
            if known and (known.size_bytes, known.mtime_ns) == (stat.st_size, stat.st_mtime_ns):
                with contextlib.suppress(FileNotFoundError):
                    if target.stat().st_size == known.size_bytes:
                        self._moved(stat.st_size)
                        yield known
                        continue
            sha384 = self._copy(source, target)
            yield CopiedFile(name=relative, size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, sha384=sha384)

    def _own(self, making: Path) -> Iterator[CopiedFile]:
        """The header as it is now, and the database that was copied first."""
        header = VaultFolder(self._vault.root).header
        self._copy(header, making / header.name)
        for path in sorted(making.iterdir()):
            sha384 = digest_of(path, lambda _size: None)
            stat = path.stat()
            self._copied += stat.st_size if path.name != header.name else 0
            yield CopiedFile(name=path.name, size_bytes=stat.st_size, mtime_ns=0, sha384=sha384)

    def _copy(self, source: Path, target: Path) -> str:
        """Copy, flush, read back from the medium, compare; then give it its name."""
        beside = target.with_name(target.name + ".part")
        digest = hashlib.sha384()
        with source.open("rb", buffering=0) as reading:
            fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, _MODE)
            try:
                while piece := reading.read(PIECE_BYTES):
                    digest.update(piece)
                    write_all(fd, piece)
                    self._moved(len(piece))
                os.fsync(fd)
                drop_cache(fd, 0, 0)
            finally:
                os.close(fd)
        if digest_of(beside, lambda _size: self._moved(0, "backup.reading-back")) != digest.hexdigest():
            raise BackupDamaged(name=target.name, reason="what was read back is not what was written")
        beside.replace(target)
        fsync_folder(target.parent)
        self._copied += target.stat().st_size
        return digest.hexdigest()

    def _moved(self, size_bytes: int, stage: str = "backup.copying") -> None:
        self._done += size_bytes
        self._vault.require_open()
        self._job.tick(Progress(stage=stage, done_bytes=self._done, total_bytes=self._total or None))

    def _forget_older(self, newest: int, names: set[str]) -> None:
        """Keep the newest backups and the containers they name; what an interrupted one left goes too."""
        kept = set(sorted(self._backup.numbered())[-KEPT:])
        for number, path in self._backup.numbered().items():
            if number not in kept:
                shutil.rmtree(path)
            elif number != newest:
                with contextlib.suppress(BackupDamaged):
                    names |= {file.name for file in self._backup.listed(number).files}
        for path in self._backup.folder.glob("unfinished-*"):
            shutil.rmtree(path)
        for kind in ContainerKind:
            for path in folder_of(self._backup.folder, kind).glob("*"):
                if f"{path.parent.name}/{path.name}" not in names:
                    path.unlink()


def note_checkpoint(folder: Path, number: int, content: bytes) -> None:
    """See ``core.backups.BackupKeeper.note_checkpoint``."""
    with _medium(folder):
        path = folder / f"checkpoint-{number:06}.json"
        beside = path.with_name(path.name + ".part")
        beside.unlink(missing_ok=True)
        _write(beside, content)
        beside.replace(path)
        fsync_folder(folder)


def restore(folder: Path, into: Path, *, job: JobControl) -> Snapshot:
    """See ``core.backups.BackupKeeper.restore``."""
    backup = Backup(folder.absolute())
    listed = backup.newest()
    if into.exists() and (not into.is_dir() or any(into.iterdir())):
        raise VaultExists(path=str(into))
    # The folder gets its name last: there is a vault when all of it is there.
    making = into.with_name(into.name + ".restoring")
    done = 0

    def tick(size: int) -> None:
        nonlocal done
        done += size
        total = listed.snapshot.size_bytes or None
        job.tick(Progress(stage="backup.restoring", done_bytes=done, total_bytes=total))

    with faults_of(into.parent, "restore", listed.snapshot.size_bytes):
        if making.exists():
            shutil.rmtree(making)
        for kind in ContainerKind:
            folder_of(making, kind).mkdir(mode=FOLDER_MODE, parents=True)
        making.chmod(FOLDER_MODE)
        for file in listed.files:
            _copy_back(backup.path_of(listed, file), file, making / file.name, tick)
        for path in (*(folder_of(making, kind) for kind in ContainerKind), making):
            fsync_folder(path)
        making.rename(into)
        fsync_folder(into.parent)
    return listed.snapshot


def _copy_back(source: Path, file: CopiedFile, target: Path, tick: Callable[[int], None]) -> None:
    """One file of a backup written into a vault folder under construction, its digest compared."""
    digest = hashlib.sha384()
    try:
        fd = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise BackupDamaged(name=file.name, reason=words_of(error)) from error
    with os.fdopen(fd, "rb", buffering=0) as reading, target.open("xb", buffering=0) as writing:
        target.chmod(_MODE)
        while piece := reading.read(PIECE_BYTES):
            digest.update(piece)
            write_all(writing.fileno(), piece)
            tick(len(piece))
        os.fsync(writing.fileno())
    if digest.hexdigest() != file.sha384:
        raise BackupDamaged(name=file.name, reason="its digest is another one")


@contextlib.contextmanager
def _medium(folder: Path) -> Iterator[None]:
    """What the operating system refuses below a backup's folder, in words a person can use."""
    try:
        yield
    except OSError as error:
        raise BackupNotWritten(folder=str(folder), reason=words_of(error)) from error


def digest_of(path: Path, tick: Callable[[int], None]) -> str:
    """SHA-384 of a file as it lies on the medium."""
    digest = hashlib.sha384()
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with os.fdopen(fd, "rb", buffering=0) as file:
        drop_cache(fd, 0, 0)
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            tick(len(piece))
    return digest.hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb", buffering=0) as file:
        path.chmod(_MODE)
        write_all(file.fileno(), content)
        os.fsync(file.fileno())
