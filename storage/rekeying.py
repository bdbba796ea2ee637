"""A database under another key: written anew beside the old one, then put in its place.

SQLCipher can also re-key a file where it lies. But a disk that fails in the middle of that leaves pages
under both keys, which nobody can read any more; the harness of ``tests/storage/test_every_point.py`` found
it. A copy is not slower, and at every moment there is one whole file under one key.
"""

import errno
import os
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlcipher3 import dbapi2 as sqlcipher

from storage.vault.files import faults_of, fsync_folder

_TRIES: Final = 100
_PAUSE_S: Final = 0.1


def path_of(path: Path) -> Path:
    """Where the new file lies until it is whole; whatever is there is a remainder and worth nothing."""
    return path.with_name(path.name + ".rekeyed")


def rekey(path: Path, connection: Any, key: bytes) -> None:
    """Put a copy under ``key`` in the place of the database at ``path``; the connection is closed.

    The caller lets nobody open the file meanwhile.

    Raises:
        sqlcipher3.DatabaseError, VaultDiskFull, VaultReadOnly, VaultStorageFault: the disk is full or fails,
            or somebody else has the file open. It is as it was.
    """
    with faults_of(path.parent, "re-key"):
        _rekey(path, path_of(path), connection, key)


def _rekey(path: Path, beside: Path, connection: Any, key: bytes) -> None:
    beside.unlink(missing_ok=True)
    try:
        with closing(connection):
            _leave_the_log(connection)
            _export(connection, beside, key)
        # A log that is gone from memory but not from the disk would be taken for one of the new file.
        fsync_folder(path.parent)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


def _leave_the_log(connection: Any) -> None:
    """Only who is alone can leave the write-ahead log; wait for readers that are about to end."""
    for left in reversed(range(_TRIES)):
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlcipher.OperationalError as error:
            if not left or "locked" not in str(error):
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _export(connection: Any, beside: Path, key: bytes) -> None:
    os.close(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection.execute(f"ATTACH DATABASE ? AS rekeyed KEY \"x'{key.hex()}'\"", (str(beside),))
    # Worth nothing until it is whole, so it needs no journal and one fsync.
    connection.execute("PRAGMA rekeyed.journal_mode = OFF")
    connection.execute("PRAGMA rekeyed.synchronous = OFF")
    connection.execute("SELECT sqlcipher_export('rekeyed')")
    problems = connection.execute("PRAGMA rekeyed.cipher_integrity_check").fetchall()
    if problems:
        raise OSError(errno.EIO, str(problems[0][0]))
    connection.execute("DETACH DATABASE rekeyed")
    with beside.open("rb+") as file:
        os.fsync(file.fileno())
