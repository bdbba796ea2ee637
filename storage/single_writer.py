"""One process at a time: an advisory lock on a file, held for as long as the vault is open.

The lock belongs to the open file, so it falls with the process however that ends. A child made by plain
``fork`` would inherit it; this program only ever starts children by ``exec``, which closes the file.
"""

import errno
import fcntl
import json
import os
import platform
from contextlib import suppress
from pathlib import Path
from typing import Final

from storage.file_systems import require_local
from workstation.core.vault_errors import VaultInUse, VaultReadOnly, VaultStorageFault

_MAX_FACTS_BYTES: Final = 4_096
_FILE_MODE: Final = 0o600


class SingleWriter:
    """Holds the lock from construction to ``release``.

    Raises:
        VaultOnNetwork: other machines reach the folder, and the lock would not hold between them.
        VaultInUse: somebody else holds it, in this process or another.
        VaultReadOnly, VaultStorageFault: the lock file cannot be opened or locked.
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, path: Path) -> None:
        require_local(path.parent)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            self._fd = os.open(path, flags, _FILE_MODE)
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in {errno.EROFS, errno.EACCES, errno.EPERM}:
                raise VaultReadOnly(path=str(path.parent)) from error
            raise _fault(error) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            pid, host = _read_facts(self._fd)
            os.close(self._fd)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                raise VaultInUse(pid=pid, host=host) from error
            raise _fault(error) from error
        self._say_who()

    def _say_who(self) -> None:
        facts = json.dumps({"host": platform.node(), "pid": os.getpid()}, sort_keys=True)
        # Only for the message: on a full disk the lock holds all the same.
        with suppress(OSError):
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, facts.encode(), 0)

    def release(self) -> None:
        """Let others in. Not an error twice."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock now; only for showing, never for deciding."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(fd)
    return False


def _read_facts(fd: int) -> tuple[int, str]:
    try:
        facts = json.loads(os.pread(fd, _MAX_FACTS_BYTES, 0))
        pid, host = facts["pid"], facts["host"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return 0, ""
    if type(pid) is not int or not isinstance(host, str):
        return 0, ""
    return pid, host[:253]


def _fault(error: OSError) -> VaultStorageFault:
    return VaultStorageFault(operation="lock", reason=errno.errorcode.get(error.errno or 0, "unknown"))
