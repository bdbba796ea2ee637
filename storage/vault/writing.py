"""One container file while it is written: buffered, repeatable after a failed write, durable on demand."""

import errno
import mmap
import os
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Final

from storage.vault.files import (
    FILE_MODE,
    drop_cache,
    faults_of,
    fsync_folder,
    pread_into,
    set_direct,
    start_writeback,
)
from storage.vault.pieces import (
    CONTAINER_ID_BYTES,
    PART_SUFFIX,
    SEALED_PIECE_BYTES,
    container_header,
    folder_of,
    path_of,
)
from workstation.core.errors import EnvironmentFault
from workstation.core.vault import ContainerKind
from workstation.core.vault_errors import ObjectMissing, ObjectTampered

_WRITEBACK_BYTES: Final = 32 << 20
_BLOCK_BYTES: Final = 4_096  # of every disk that is sold, or a multiple of its blocks
_BUFFER_BYTES: Final = 4 << 20
Buffers = tuple[memoryview, memoryview]


class ContainerWriter:
    """Appends to a ``.part`` file and gives it its name with the first ``sync``.

    An object of its own goes past the page cache where the file system can: then every write but the last
    begins and ends at a block, and what is over waits in the buffer. One buffer is filled while the other
    is written by a thread of ``pool``. A write that failed is reported by the next call that needs it done,
    and made again, at the same place, by the one after.
    """

    def __init__(
        self,
        root: Path,
        kind: ContainerKind,
        buffers: Buffers,
        pool: Executor,
        continued: tuple[bytes, int] | None = None,
    ) -> None:
        """A new container, or the ``continued`` one: its identifier, and where to go on.

        Raises:
            ObjectMissing, ObjectTampered: what is to be continued is not there, or is something else.
        """
        self.kind = kind
        self.container_id = continued[0] if continued else os.urandom(CONTAINER_ID_BYTES)
        self.journaled = False  # set: what is there may be continued, and ``discard`` leaves it
        self._root, self._pool = root, pool
        self._buffer, self._spare = buffers
        self._written = self._kept = self._begun = self._dropped = 0
        self._pending: tuple[memoryview, int] | None = None
        self._future: Future[None] | None = None
        self._named = False
        self._broken: EnvironmentFault | None = None
        self._final = path_of(root, kind, self.container_id)
        self._part = self._final.with_name(self._final.name + PART_SUFFIX)
        self._reading = -1  # of what is continued: a descriptor that may read at any place
        header = container_header(kind, self.container_id)
        self._fd = self._reopened(header, continued[1]) if continued else self._created()
        self._direct = kind is ContainerKind.OBJECT and set_direct(self._fd, direct=True)
        if continued:
            self.cut_back(continued[1])
        else:
            self._buffer[: len(header)] = header
            self._filled = len(header)

    def _created(self) -> int:
        with faults_of(self._folder, "create container"):
            return os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)

    def _reopened(self, header: bytes, end: int) -> int:
        with faults_of(self._folder, "reopen container"):
            try:
                if not self._part.exists():  # it had its name already, and no row named it
                    self._final.rename(self._part)
                self._reading = os.open(self._part, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
                descriptor = os.open(self._part, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError as error:
                raise ObjectMissing(container=self.name) from error
        whole = os.pread(descriptor, len(header), 0) == header and os.fstat(descriptor).st_size >= end
        if not whole:
            os.close(descriptor)
            os.close(self._reading)
            raise ObjectTampered(container=self.name)
        return descriptor

    def read_into(self, buffer: memoryview, place: int) -> int:
        """Read back what was there before this went on; returns how much there was."""
        with faults_of(self._folder, "read container"):
            return pread_into(self._reading, buffer, place)

    @property
    def name(self) -> str:
        """As in ``Vault.containers``."""
        return self.kind.value + self.container_id.hex()

    @property
    def _folder(self) -> Path:
        return folder_of(self._root, self.kind)

    @property
    def end(self) -> int:
        """Where the next byte goes."""
        return self._written + self._filled

    def room(self, size_bytes: int) -> memoryview:
        """The part of the write buffer to fill with the next ``size_bytes``, at most one sealed piece."""
        if self._filled + size_bytes > len(self._buffer):
            self._hand_over()
        start = self._filled
        self._filled += size_bytes
        return self._buffer[start : self._filled]

    def cut(self, end: int) -> None:
        """Forget the last piece, which began at ``end`` and is still in the buffer."""
        if end < self._written:
            raise ValueError("that piece is on its way to the disk")
        self._filled = end - self._written

    def cut_back(self, end: int) -> None:
        """Forget everything from ``end`` on of what was continued; nothing was added yet."""
        start = end // _BLOCK_BYTES * _BLOCK_BYTES
        if self.read_into(self._buffer[: end - start], start) != end - start:
            raise ObjectTampered(container=self.name)
        with faults_of(self._folder, "cut container"):
            os.ftruncate(self._fd, end)
        self._written = self._begun = self._dropped = start
        self._filled = end - start

    def write_out(self) -> None:
        """Return when the kernel has everything, so that ``sync`` may run in another thread."""
        self.write_blocks()
        if self._filled:
            self._direct = set_direct(self._fd, direct=False)
            self._hand_over()
            self._settle()

    def write_blocks(self) -> int:
        """Return when the kernel has all but what is over; how long the file is then."""
        if self._filled:
            self._hand_over()
        self._settle()
        return self._written

    def _hand_over(self) -> None:
        self._settle()
        over = self._filled % _BLOCK_BYTES if self._direct else 0
        size = self._filled - over
        self._spare[:over] = self._buffer[size : self._filled]
        self._pending = (self._buffer[:size], self._written)
        self._future = self._pool.submit(self._write, *self._pending)
        self._written += size
        self._filled = over
        self._buffer, self._spare = self._spare, self._buffer

    def _settle(self) -> None:
        if self._pending is None:
            return
        future, self._future = self._future, None
        if future is not None:
            future.result()
        else:
            self._write(*self._pending)
        self._pending = None

    def _write(self, content: memoryview, at: int) -> None:
        with faults_of(self._folder, "write container", len(content)):
            done = 0
            while done < len(content):
                if self._direct and done % _BLOCK_BYTES:  # the system took less than a block
                    self._direct = set_direct(self._fd, direct=False)
                done += self._pwrite(content[done:], at + done)
        end = at + len(content)
        if self._direct:
            return
        if end - self._begun >= _WRITEBACK_BYTES:
            start_writeback(self._fd, self._begun, end - self._begun)
            drop_cache(self._fd, self._dropped, max(0, self._begun - self._dropped))
            self._dropped, self._begun = self._begun, end

    def _pwrite(self, content: memoryview, at: int) -> int:
        try:
            return os.pwrite(self._fd, content, at)
        except OSError as error:
            if error.errno != errno.EINVAL or not self._direct:
                raise
        # It said it could go past the page cache, and cannot.
        self._direct = set_direct(self._fd, direct=False)
        return os.pwrite(self._fd, content, at)

    def sync(self) -> None:
        """Make what was written durable and give the file its name; the folder is the caller's to fsync.

        Once this failed it fails for ever: a kernel may forget the pages it could not write and call the
        next fsync a success.
        """
        self.sync_content()
        try:
            with faults_of(self._folder, "name container"):
                if not self._named:
                    self._part.replace(self._final)
                    self._named = True
        except EnvironmentFault as error:
            self._broken = error
            raise

    def sync_content(self) -> None:
        """The first half of ``sync``, with no name yet. Fails for ever likewise."""
        if self._broken is not None:
            raise self._broken
        try:
            with faults_of(self._folder, "fsync container"):
                os.fsync(self._fd)
        except EnvironmentFault as error:
            self._broken = error
            raise

    def keep(self) -> None:
        """Everything up to here is durable under its name: ``discard`` spares it."""
        self._kept = self.end

    def close(self) -> None:
        """Let go of the file as it is."""
        if self._future is not None:
            wait([self._future])
        for descriptor in (self._fd, self._reading):
            if descriptor >= 0:
                os.close(descriptor)
        self._fd = self._reading = -1

    def discard(self) -> None:
        """Let go of the file and remove what was not kept. What cannot be removed is left to the sweep."""
        if self._future is not None:
            wait([self._future])
        with suppress(OSError):
            if not self._kept and not self.journaled:
                (self._final if self._named else self._part).unlink()
            elif self._kept and self._fd >= 0:
                os.ftruncate(self._fd, self._kept)
        self.close()


def new_buffers(kind: ContainerKind) -> Buffers:
    """Write buffers for one ``ContainerWriter`` at a time; those of an object begin at a block, too."""
    if kind is ContainerKind.PACK:
        return memoryview(bytearray(SEALED_PIECE_BYTES)), memoryview(bytearray(SEALED_PIECE_BYTES))
    return memoryview(mmap.mmap(-1, _BUFFER_BYTES)), memoryview(mmap.mmap(-1, _BUFFER_BYTES))


def sync_folders(root: Path) -> None:
    """Make the names of new containers durable."""
    for kind in ContainerKind:
        folder = folder_of(root, kind)
        with faults_of(folder, "fsync folder"):
            fsync_folder(folder)
