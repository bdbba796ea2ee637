"""One container file while it is written: buffered, repeatable after a failed write, durable on demand."""

import os
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from pathlib import Path
from typing import Final

from storage.vault.files import FILE_MODE, drop_cache, faults_of, fsync_folder, start_writeback
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
Buffers = tuple[memoryview, memoryview]


class ContainerWriter:
    """Appends to a ``.part`` file and gives it its name with the first ``sync``.

    One buffer is filled while the other is written by a thread of ``pool``. A write that failed is reported
    by the next call that needs it done, and made again, at the same place, by the one after.
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
        header = container_header(kind, self.container_id)
        if continued:
            self._fd = self._reopened(header, continued[1])
            self._filled = 0
            self.cut_back(continued[1])
            return
        with faults_of(self._folder, "create container"):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self._fd = os.open(self._part, flags, FILE_MODE)
        self._buffer[: len(header)] = header
        self._filled = len(header)

    def _reopened(self, header: bytes, end: int) -> int:
        with faults_of(self._folder, "reopen container"):
            try:
                if not self._part.exists():  # it had its name already, and no row named it
                    self._final.rename(self._part)
                descriptor = os.open(self._part, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            except FileNotFoundError as error:
                raise ObjectMissing(container=self.name) from error
        whole = os.pread(descriptor, len(header), 0) == header and os.fstat(descriptor).st_size >= end
        if not whole:
            os.close(descriptor)
            raise ObjectTampered(container=self.name)
        return descriptor

    @property
    def descriptor(self) -> int:
        """The open file, to read back what is written."""
        return self._fd

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
        with faults_of(self._folder, "cut container"):
            os.ftruncate(self._fd, end)
        self._written = self._begun = self._dropped = end

    def write_out(self) -> None:
        """Return when the kernel has everything, so that ``sync`` may run in another thread."""
        if self._filled:
            self._hand_over()
        self._settle()

    def _hand_over(self) -> None:
        self._settle()
        self._pending = (self._buffer[: self._filled], self._written)
        self._future = self._pool.submit(self._write, *self._pending)
        self._written += self._filled
        self._filled = 0
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
                done += os.pwrite(self._fd, content[done:], at + done)
        end = at + len(content)
        if end - self._begun >= _WRITEBACK_BYTES:
            start_writeback(self._fd, self._begun, end - self._begun)
            drop_cache(self._fd, self._dropped, max(0, self._begun - self._dropped))
            self._dropped, self._begun = self._begun, end

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
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

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


def new_buffers() -> Buffers:
    """Write buffers for one ``ContainerWriter`` at a time."""
    return memoryview(bytearray(SEALED_PIECE_BYTES)), memoryview(bytearray(SEALED_PIECE_BYTES))


def sync_folders(root: Path) -> None:
    """Make the names of new containers durable."""
    for kind in ContainerKind:
        folder = folder_of(root, kind)
        with faults_of(folder, "fsync folder"):
            fsync_folder(folder)
