"""The few operations writing to a medium needs, each relative to an open folder of that medium.

Everything goes through folder descriptors: when the medium is pulled and its mount point turns back into an
empty folder of this computer's own disk, nothing is written there. Tests replace this layer to fail on cue.
"""

import ctypes
import errno
import itertools
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

PIECE_BYTES = 1 << 20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_OLD_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_RENAME_NOREPLACE = 1


class MediumFiles:
    """The operations on a real file system. All raise OSError."""

    def open_root(self, folder: str) -> int:
        """A descriptor of the medium's top folder."""
        return os.open(folder, _FOLDER)

    def open_folder(self, at: int, name: str) -> int:
        """A descriptor of one folder in an open folder."""
        return os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=at)

    def make_folder(self, at: int, name: str) -> None:
        """Make a folder that did not exist."""
        os.mkdir(name, 0o755, dir_fd=at)

    def create(self, at: int, name: str) -> int:
        """A descriptor of a file that did not exist, for writing."""
        return os.open(name, _NEW_FILE, 0o644, dir_fd=at)

    def write(self, descriptor: int, piece: memoryview) -> None:
        """Write all of the piece, however many calls the system makes of it."""
        while piece:
            piece = piece[os.write(descriptor, piece) :]

    def sync(self, descriptor: int) -> None:
        """Return when file or folder is on the device."""
        os.fsync(descriptor)

    def forget(self, descriptor: int) -> None:
        """Drop what the computer remembers of the file, so that reading asks the device."""
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def rename_new(self, at: int, old: str, new: str) -> None:
        """Rename within one folder; FileExistsError when the new name is taken, even at the last moment."""
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.renameat2(at, os.fsencode(old), at, os.fsencode(new), _RENAME_NOREPLACE) == 0:
            return
        number = ctypes.get_errno()
        if number not in {errno.EINVAL, errno.ENOSYS}:
            raise OSError(number, os.strerror(number), new)
        # This file system has no such promise: look, then rename.
        if self.exists(at, new):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), new)
        os.rename(old, new, src_dir_fd=at, dst_dir_fd=at)

    def exists(self, at: int, name: str) -> bool:
        """Whether anything of this name is in the open folder, a dangling link too."""
        try:
            os.stat(name, dir_fd=at, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def names(self, at: int) -> list[str]:
        """What is in the open folder, sorted."""
        with os.scandir(at) as entries:
            return sorted(entry.name for entry in entries)

    def is_folder(self, at: int, name: str) -> bool:
        """Whether the name is a folder, not a link to one."""
        with self.closing(os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=at)) as opened:
            return os.path.isdir(f"/proc/self/fd/{opened}")  # noqa: PTH112 - a descriptor, not a path

    def remove_file(self, at: int, name: str) -> None:
        """Remove one file."""
        os.unlink(name, dir_fd=at)

    def remove_folder(self, at: int, name: str) -> None:
        """Remove one empty folder."""
        os.rmdir(name, dir_fd=at)

    def device_number(self, descriptor: int) -> int:
        """Which file system an open folder lies on."""
        return os.fstat(descriptor).st_dev

    def room(self, descriptor: int) -> tuple[int, int, int]:
        """(total bytes, bytes free for us, bytes in one allocation unit) of the file system."""
        facts = os.fstatvfs(descriptor)
        return facts.f_blocks * facts.f_frsize, facts.f_bavail * facts.f_frsize, facts.f_frsize

    def read_back(self, at: int, name: str) -> "ReadBack":
        """Read a file again, from the device itself where the file system allows."""
        try:
            return ReadBack(os.open(name, _OLD_FILE | os.O_DIRECT, dir_fd=at), past_cache=True)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        return ReadBack(os.open(name, _OLD_FILE, dir_fd=at), past_cache=False)

    @contextmanager
    def closing(self, descriptor: int) -> Iterator[int]:
        """Close the descriptor at the end of the block."""
        try:
            yield descriptor
        finally:
            os.close(descriptor)


class ReadBack:
    """One file being read again in pieces. ``past_cache`` says whether the device itself was asked."""

    def __init__(self, descriptor: int, *, past_cache: bool) -> None:
        self._descriptor, self.past_cache = descriptor, past_cache

    def pieces(self) -> Iterator[memoryview]:
        """The content in pieces of 1 MiB; each is overwritten by the one after the next."""
        # Direct reads need memory aligned to the device's blocks; an anonymous map is aligned to pages.
        # They go when the last piece does, for somebody may still be hashing it.
        for buffer in itertools.cycle((mmap.mmap(-1, PIECE_BYTES), mmap.mmap(-1, PIECE_BYTES))):
            size = self._read(buffer)
            if not size:
                return
            yield memoryview(buffer)[:size]

    def _read(self, buffer: mmap.mmap) -> int:
        if not self.past_cache:
            return os.readv(self._descriptor, [buffer])
        position = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        try:
            # After the unaligned tail the position is unaligned too; there is nothing left to read.
            return 0 if position % mmap.PAGESIZE else os.readv(self._descriptor, [buffer])
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        # Opened for direct reading but not able to: the file system only says so at the first read.
        import fcntl  # noqa: PLC0415 - absent on Windows, needed on this path only

        flags = fcntl.fcntl(self._descriptor, fcntl.F_GETFL)
        fcntl.fcntl(self._descriptor, fcntl.F_SETFL, flags & ~os.O_DIRECT)
        self.past_cache = False
        return os.readv(self._descriptor, [buffer])

    def close(self) -> None:
        """Give the descriptor back."""
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
