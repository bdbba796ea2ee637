"""The folder of backups and the list of each: docs/format/backup-v1.md."""

import hashlib
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from storage.vault.files import fsync_folder
from storage.vault.folder import VaultFolder
from storage.vault.pieces import container_of, folder_of
from workstation.core.backups import BackupDamaged, BackupNotFound, BackupNotWritten, Snapshot
from workstation.core.vault import ContainerKind

FORMAT = "frw-backup/1"
LIST = "backup.json"
_NUMBERED = re.compile(r"backup-([0-9]{6})")
_MAX_LIST_BYTES = 1 << 30


@dataclass(frozen=True, kw_only=True)
class CopiedFile:
    """One file of a backup; ``mtime_ns`` is the vault's, by which a changed container is noticed."""

    name: str  # "objects/...", "packs/..." beside the backups; "vault.json", "database.sqlite3" inside one
    size_bytes: int
    mtime_ns: int
    sha384: str


@dataclass(frozen=True, kw_only=True)
class BackupList:
    """What lies in a backup; the content of ``backup.json``."""

    format: str
    snapshot: Snapshot
    files: tuple[CopiedFile, ...]
    sha384: str = ""  # of the list itself without this member: damage is noticed, an adversary is not

    @property
    def digest(self) -> str:
        """What ``sha384`` must be; lists of before have none."""
        return hashlib.sha384(msgspec.json.encode(replace(self, sha384=""))).hexdigest()


class Backup:
    """One folder of backups."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def numbered(self) -> dict[int, Path]:
        """Every backup that was finished, by number."""
        try:
            names = [path.name for path in self.folder.iterdir()]
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BackupNotWritten(folder=str(self.folder), reason=words_of(error)) from error
        found = ((match, name) for name in names if (match := _NUMBERED.fullmatch(name)))
        return {int(match[1]): self.folder / name for match, name in found}

    def listed(self, number: int) -> BackupList:
        """What a backup says of itself; nothing in it is believed before its digest was compared."""
        path = self.numbered()[number] / LIST
        try:
            with path.open("rb") as file:
                content = file.read(_MAX_LIST_BYTES)
            listed = msgspec.json.decode(content, type=BackupList)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            raise BackupDamaged(name=f"{path.parent.name}/{LIST}", reason="unreadable") from error
        if listed.sha384 not in {"", listed.digest}:
            raise BackupDamaged(name=f"{path.parent.name}/{LIST}", reason="its digest is another one")
        if listed.format != FORMAT or listed.snapshot.number != number:
            raise BackupDamaged(name=f"{path.parent.name}/{LIST}", reason="not a list of this format")
        for listed_file in listed.files:
            _require_plain(listed_file.name)
        return listed

    @property
    def next_number(self) -> int:
        """One more than any backup has or had here."""
        aside = (int(path.name[-6:]) for path in self.folder.glob("damaged-[0-9][0-9][0-9][0-9][0-9][0-9]"))
        return max([*self.numbered(), *aside], default=0) + 1

    def set_aside(self, number: int) -> None:
        """Take the name of a backup from one whose list cannot be read; its files stay where they are."""
        (self.folder / f"backup-{number:06}").rename(self.folder / f"damaged-{number:06}")
        fsync_folder(self.folder)

    def newest(self) -> BackupList:
        """The newest backup.

        Raises:
            BackupNotFound, BackupDamaged.
        """
        numbers = self.numbered()
        if not numbers:
            raise BackupNotFound(folder=str(self.folder))
        return self.listed(max(numbers))

    def path_of(self, listed: BackupList, file: CopiedFile) -> Path:
        """Where a file of a backup lies."""
        inside = "/" not in file.name
        return (self.numbered()[listed.snapshot.number] if inside else self.folder) / file.name


def _require_plain(name: str) -> None:
    """Refuse a listed name that would leave the folder."""
    head, _, tail = name.rpartition("/")
    kinds = {folder_of(Path(), kind).name: kind for kind in ContainerKind}
    own = {VaultFolder(Path()).header.name, VaultFolder(Path()).database.name}
    if not (name in own if not head else head in kinds and container_of(kinds[head], tail)):
        raise BackupDamaged(name=LIST, reason="a listed name is none of a vault's")


def words_of(error: OSError) -> str:
    """What the operating system says, without the name of a path."""
    return os.strerror(error.errno) if error.errno else "unknown"
