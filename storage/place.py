"""Where the vault lies, told without loading anything that opens it."""

from pathlib import Path
from typing import Final

HEADER: Final = "vault.json"
DATABASE: Final = "database.sqlite3"
UNFINISHED: Final = "setup.unfinished"  # the database beside it belongs to a set-up that never ended


def holds_vault(root: Path) -> bool:
    """Whether a vault is there: its header, readable or not, or a database that has lost its header.

    The same that ``storage.vault.opening.vault_status`` says of it in full.
    """
    if (root / HEADER).exists():
        return True
    return (root / DATABASE).exists() and not (root / UNFINISHED).exists()
