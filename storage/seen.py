"""How far the trail was when this machine last saw the vault, kept *beside* the vault's folder.

Whoever puts an older copy of the folder in place leaves this file, so that the next unlock notices. It is
plain and holds a count and a hash; somebody who may write beside the vault can take it away, and then
nothing is noticed. A recipient of a report notices all the same: reports print the head of the trail.
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import msgspec

from storage.vault.files import read_bounded, replace_file
from workstation.core.service_ports import Seen
from workstation.core.vault_errors import VaultDiskFull, VaultReadOnly, VaultStorageFault

_MAX_BYTES = 4_096


@dataclass(frozen=True, kw_only=True)
class _Note:
    vault_id: str
    rows: int
    head: str


def path_of(vault_folder: Path) -> Path:
    """Where the note of a vault lies."""
    return vault_folder.with_name(vault_folder.name + ".seen.json")


def read(vault_folder: Path, vault_id: str) -> Seen | None:
    """What was noted of this vault; ``None`` where there is no note, or one that cannot be read."""
    try:
        content = read_bounded(path_of(vault_folder), _MAX_BYTES) or b""
        note = msgspec.json.decode(content, type=_Note)
    except (FileNotFoundError, msgspec.MsgspecError, UnicodeDecodeError, VaultStorageFault, VaultReadOnly):
        return None
    return Seen(rows=note.rows, head=note.head) if note.vault_id == vault_id else None


def write(vault_folder: Path, vault_id: str, seen: Seen) -> None:
    """Note it; a folder that takes no file keeps nobody from working."""
    content = msgspec.json.encode(_Note(vault_id=vault_id, rows=seen.rows, head=seen.head))
    with contextlib.suppress(VaultDiskFull, VaultReadOnly, VaultStorageFault, FileNotFoundError):
        replace_file(path_of(vault_folder), content)
