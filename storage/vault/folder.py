"""The vault's folder: names, and the header read and written whole (vault-v1.md, sections 1 and 2)."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from storage.place import DATABASE, HEADER, UNFINISHED
from storage.vault.files import FOLDER_MODE, faults_of, fsync_folder, read_bounded, replace_file
from storage.vault.header import MAX_HEADER_BYTES, Header, parse
from storage.vault.header_values import HeaderDamaged
from storage.vault.keys import MAC_KEY_BYTES, Keys
from storage.vault.pieces import folder_of
from workstation.core.vault import ContainerKind
from workstation.core.vault_errors import VaultDamaged, VaultExists, VaultNotFound, VaultWithoutHeader


@dataclass(frozen=True)
class VaultFolder:
    """Paths under one root."""

    root: Path

    @property
    def header(self) -> Path:
        """The vault exists when this file does."""
        return self.root / HEADER

    @property
    def previous(self) -> Path:
        """The header before the last change."""
        return self.root / "vault.json.previous"

    @property
    def back_off(self) -> Path:
        """Wrong attempts."""
        return self.root / "backoff.json"

    @property
    def lock(self) -> Path:
        """The single writer's lock."""
        return self.root / "vault.lock"

    @property
    def database(self) -> Path:
        """Where the database belongs."""
        return self.root / DATABASE

    @property
    def reserve(self) -> Path:
        """Room kept for the records of a full disk."""
        return self.root / "room.reserve"

    @property
    def unfinished(self) -> Path:
        """Says that the database beside it belongs to a set-up that never came to its end."""
        return self.root / UNFINISHED

    def claim(self) -> None:
        """The folder itself, which holds nothing, or the remains of a creation that was interrupted.

        Raises:
            VaultExists: ``root`` is there and holds something else.
        """
        with faults_of(self.root, "create vault"):
            self._require_only_remains()
            self.root.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            self.root.chmod(FOLDER_MODE)

    def make(self) -> None:
        """The folders of an empty vault; called with the folder claimed and locked.

        What an interrupted set-up left is removed: it was never a vault, and nobody has worked in it.

        Raises:
            VaultExists: something else came into the folder meanwhile.
        """
        with faults_of(self.root, "create vault"):
            self._require_only_remains()
            for remains in self._database_files():
                remains.unlink(missing_ok=True)
            replace_file(self.unfinished, b"")
            for kind in ContainerKind:
                folder_of(self.root, kind).mkdir(mode=FOLDER_MODE, exist_ok=True)
            fsync_folder(self.root)
            fsync_folder(self.root.parent)

    def finish(self) -> None:
        """The vault exists now; not an error twice.

        A mark that outlived the header would let a later set-up take a vault without header for remains.
        """
        with faults_of(self.root, "finish set-up"):
            if self.unfinished.exists():
                self.unfinished.unlink(missing_ok=True)
                fsync_folder(self.root)

    def _database_files(self) -> tuple[Path, ...]:
        return tuple(self.root / f"{self.database.name}{end}" for end in ("", "-wal", "-shm", "-journal"))

    def _require_only_remains(self) -> None:
        if self.root.exists() and not self._only_remains():
            raise VaultExists(path=str(self.root))

    def _only_remains(self) -> bool:
        """Whether there is nothing here but what the steps up to the first header leave.

        A database counts as remains beside the mark only: without it, it is a vault that lost its header.
        """
        if not self.root.is_dir():
            return False
        folders = {folder_of(self.root, kind) for kind in ContainerKind}
        beside = {
            path.with_name(path.name + ".new") for path in (self.header, self.back_off, self.unfinished)
        }
        remains = {self.lock, self.back_off, self.unfinished, *beside}
        if self.unfinished.is_file():
            remains |= {self.reserve, *self._database_files()}
        return all(
            (path in folders and path.is_dir() and not any(path.iterdir())) or path in remains
            for path in self.root.iterdir()
        )

    def require_whole(self) -> None:
        """Refuse a vault without its container folders, as a half-finished copy leaves it.

        Raises:
            VaultDamaged: ``part`` names the folder.
        """
        for kind in ContainerKind:
            folder = folder_of(self.root, kind)
            if not folder.is_dir() or folder.is_symlink():
                raise VaultDamaged(part=folder.name)

    def read_header(self) -> tuple[Header, bytes] | None:
        """The header and its MAC, ``None`` when it is damaged.

        Raises:
            VaultNotFound: there is none.
            VaultWithoutHeader: there is all the same a database, and it is no remainder of a set-up.
            VaultFormatNewer: written by a later version.
        """
        try:
            content = read_bounded(self.header, MAX_HEADER_BYTES)
        except (FileNotFoundError, NotADirectoryError) as error:
            lost = self.database.exists() and not self.unfinished.exists()
            raise (VaultWithoutHeader if lost else VaultNotFound)(path=str(self.root)) from error
        with contextlib.suppress(HeaderDamaged):
            return parse(content or b"")
        return None

    def write_header(self, header: Header, keys: Keys, *, keep_previous: bool = True) -> None:
        """Replace the header; beside it stays the old one or, if not ``keep_previous``, a copy."""
        content = header.encode(keys.derive("slot-table-mac", size_bytes=MAC_KEY_BYTES))
        if keep_previous:
            with contextlib.suppress(FileNotFoundError):
                replace_file(self.previous, read_bounded(self.header, MAX_HEADER_BYTES) or b"")
        replace_file(self.header, content)
        if not keep_previous:
            replace_file(self.previous, content)
