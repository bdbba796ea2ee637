"""The few ways the vault touches the disk, and what the operating system's refusals mean."""

import ctypes
import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workstation.core.vault_errors import VaultDiskFull, VaultReadOnly, VaultStorageFault

FILE_MODE: Final = 0o600
FOLDER_MODE: Final = 0o700

if sys.platform == "linux":
    import fcntl

_FULL = {errno.ENOSPC, errno.EDQUOT}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_SYNC_FILE_RANGE_WRITE = 2


@contextmanager
def faults_of(path: Path, operation: str, needed_bytes: int = 0) -> Iterator[None]:
    """Turn what the operating system refuses under ``path`` into errors a person can use.

    Raises:
        VaultDiskFull, VaultReadOnly, VaultStorageFault: by ``errno``. A missing file or folder
            stays ``FileNotFoundError`` or ``NotADirectoryError``: what it means depends on the file.
    """
    try:
        yield
    except (FileNotFoundError, NotADirectoryError):
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise VaultDiskFull(needed_bytes=needed_bytes, free_bytes=free_bytes(path)) from error
        if error.errno in _READ_ONLY:
            raise VaultReadOnly(path=str(path)) from error
        reason = errno.errorcode.get(error.errno or 0, "unknown")
        raise VaultStorageFault(operation=operation, reason=reason) from error


def free_bytes(path: Path) -> int:
    """Room an ordinary process has on the file system of ``path``, 0 when it cannot be asked."""
    for folder in (path, *path.parents):
        with suppress(OSError):
            facts = os.statvfs(folder)
            return facts.f_bavail * facts.f_frsize
    return 0


def fsync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_all(fd: int, content: bytes | bytearray | memoryview) -> None:
    """Write every byte; one ``write`` may take fewer."""
    view = memoryview(content)
    while view:
        view = view[os.write(fd, view) :]


def replace_file(path: Path, content: bytes) -> None:
    """Write beside, fsync, rename over ``path``, fsync the folder: whole and durable, or unchanged."""
    beside = path.with_name(path.name + ".new")
    with faults_of(path.parent, "replace", len(content)):
        fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        try:
            write_all(fd, content)
            os.fsync(fd)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise
        finally:
            os.close(fd)
        beside.replace(path)
        fsync_folder(path.parent)


def overwrite_file(path: Path, content: bytes) -> None:
    """Write over an existing file in place: needs no room, but is not atomic. The last resort."""
    with faults_of(path.parent, "overwrite", len(content)):
        fd = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            write_all(fd, content)
            os.ftruncate(fd, len(content))
            os.fsync(fd)
        finally:
            os.close(fd)


def read_bounded(path: Path, limit_bytes: int) -> bytes | None:
    """The whole file, or ``None`` when it is not a regular file or longer than ``limit_bytes``.

    Raises:
        FileNotFoundError: there is none.
    """
    with faults_of(path.parent, "read"):
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(fd, "rb") as file:
            content = file.read(limit_bytes + 1)
    return content if len(content) <= limit_bytes else None


def pread_into(fd: int, buffer: memoryview, offset: int) -> int:
    """Fill ``buffer`` from ``offset``; return how much there was."""
    done = 0
    while done < len(buffer):
        got = os.preadv(fd, [buffer[done:]], offset + done)
        if got == 0:
            break
        done += got
    return done


def set_direct(fd: int, *, direct: bool) -> bool:
    """Write past the page cache, or through it again; returns whether it is past it now.

    The kernel's own copy of what is written costs more of a core than sealing it. Not every file system can.
    """
    if sys.platform != "linux":
        return False
    with suppress(OSError):
        flags = fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_DIRECT
        fcntl.fcntl(fd, fcntl.F_SETFL, flags | (os.O_DIRECT if direct else 0))
        return direct
    return False


def start_writeback(fd: int, offset: int, size_bytes: int) -> None:
    """Ask the kernel to begin writing a range now, so that the final fsync is short. A hint only."""
    if _sync_file_range is not None:
        _sync_file_range(fd, offset, size_bytes, _SYNC_FILE_RANGE_WRITE)


def read_ahead(fd: int) -> None:
    """Tell the kernel that the file is read from one end to the other. A hint only."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_SEQUENTIAL)


def drop_cache(fd: int, offset: int, size_bytes: int) -> None:
    """Tell the kernel these pages will not be read again soon. A hint only."""
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):
            os.posix_fadvise(fd, offset, size_bytes, os.POSIX_FADV_DONTNEED)


def _find_sync_file_range() -> "ctypes._NamedFuncPointer | None":
    if sys.platform != "linux":
        return None
    function = getattr(ctypes.CDLL(None, use_errno=True), "sync_file_range", None)
    if function is not None:
        function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
        function.restype = ctypes.c_int
    return function


_sync_file_range = _find_sync_file_range()
