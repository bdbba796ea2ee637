"""Room kept on the vault's disk, so that a full one does not keep everybody out (vault-v1.md, section 12).

Whoever comes in, leaves or is refused is written to the trail. A disk without any room would refuse these
few rows, and nobody could come in to see how things stand. So a file holds their room, and is given up
when the disk runs short of it.
"""

import os
from pathlib import Path
from typing import Final

from storage.vault.files import FILE_MODE, free_bytes

RESERVE_BYTES: Final = 2 << 20
# Below this the next rows might not find room: the log of one transaction and its index are far smaller.
SHORT_BYTES: Final = 512 << 10


class Reserve:
    """The file and its rules. Called with the vault locked for this process; raises nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _size_bytes(self) -> int | None:
        try:
            return self._path.lstat().st_size
        except OSError:
            return None

    @property
    def free_bytes(self) -> int:
        """Room on the disk beside it."""
        return free_bytes(self._path.parent)

    @property
    def is_short(self) -> bool:
        """Whether the room was given up, and there is not enough to take it again."""
        return self._size_bytes() == 0 and self.free_bytes < 2 * RESERVE_BYTES

    def retake(self) -> None:
        """Take room again that was given up, where there is enough by now."""
        if self._size_bytes() == 0:
            self.keep()

    def keep(self) -> None:
        """Take the room, where there is twice as much: what is short is left to the records."""
        if self._size_bytes() == RESERVE_BYTES or self.free_bytes < 2 * RESERVE_BYTES:
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            descriptor = os.open(self._path, flags, FILE_MODE)
        except OSError:
            return
        try:
            os.posix_fallocate(descriptor, 0, RESERVE_BYTES)
        except OSError:
            self.give_up()
        finally:
            os.close(descriptor)

    def give_up_if_short(self) -> None:
        """Called before every write of the database."""
        if self.free_bytes < SHORT_BYTES:
            self.give_up()

    def give_up(self) -> bool:
        """Let the records have the room; whether there was any to give. The empty file tells of it."""
        if not self._size_bytes():
            return False
        try:
            os.truncate(self._path, 0)
        except OSError:
            return False
        return True
