"""Media that misbehave on cue, and a small export to write to them."""

import errno
import os
from pathlib import Path

from storage.media_files import MediumFiles, ReadBack
from storage.removable import RemovableMedia
from workstation.core.jobs import JobControl
from workstation.core.media import COMPLETION_MARKER, OutgoingFile, WriteReceipt, outgoing_bytes

NAME = "CASE-7Q2M4K9D"
PIECE = bytes(range(256)) * 4096  # 1 MiB


def big(name: str, pieces: int) -> OutgoingFile:
    """A file of so many MiB that is never whole in memory."""
    return OutgoingFile(name=name, size_bytes=pieces << 20, pieces=lambda: (PIECE for _ in range(pieces)))


def export() -> list[OutgoingFile]:
    """Four files, one of them in folders, one empty."""
    return [
        outgoing_bytes("SHA384SUMS", b"sums\n"),
        big("evidence/weights/part 1.bin", 3),
        outgoing_bytes("evidence/empty", b""),
        outgoing_bytes("report.pdf", PIECE[:1000]),
    ]


def write(stick: Path, files: list[OutgoingFile], *, layer: MediumFiles | None = None) -> WriteReceipt:
    """Write an export to the folder that stands for a medium."""
    media = RemovableMedia(files=layer)
    return media.write(media.folder_medium(str(stick)), NAME, files, JobControl())


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> list[str]:
    """What lies in a folder, sorted."""
    return sorted(path.name for path in folder.iterdir())


class Recorder(MediumFiles):
    """Notes what is done and in which order."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._names: dict[int, str] = {}

    def create(self, at: int, name: str) -> int:
        descriptor = super().create(at, name)
        self._names[descriptor] = name
        self.done.append(f"create {name}")
        return descriptor

    def open_folder(self, at: int, name: str) -> int:
        descriptor = super().open_folder(at, name)
        self._names[descriptor] = f"{name}/"
        return descriptor

    def open_root(self, folder: str) -> int:
        descriptor = super().open_root(folder)
        self._names[descriptor] = "/"
        return descriptor

    def sync(self, descriptor: int) -> None:
        super().sync(descriptor)
        self.done.append(f"sync {self._names[descriptor]}")

    def rename_new(self, at: int, old: str, new: str) -> None:
        super().rename_new(at, old, new)
        self.done.append(f"rename {old} {new}")

    def read_back(self, at: int, name: str) -> ReadBack:
        self.done.append(f"read {name}")
        return super().read_back(at, name)


class Racer(MediumFiles):
    """Somebody makes the folder between the look and the rename."""

    def rename_new(self, at: int, old: str, new: str) -> None:
        os.mkdir(new, dir_fd=at)
        super().rename_new(at, old, new)


class Failing(MediumFiles):
    """Fails with one error number at the n-th write, and from then on where ``for_good``."""

    def __init__(self, number: int, *, after: int = 2, for_good: bool = False) -> None:
        self._number, self._left, self._for_good = number, after, for_good

    def write(self, descriptor: int, piece: memoryview) -> None:
        self._left -= 1
        if self._left < 0:
            raise OSError(self._number, os.strerror(self._number))
        super().write(descriptor, piece)

    def remove_file(self, at: int, name: str) -> None:
        if self._for_good and self._left < 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().remove_file(at, name)


class Liar(MediumFiles):
    """A medium that acknowledges everything and keeps something else: one bit differs when read back."""

    def read_back(self, at: int, name: str) -> ReadBack:
        if name == "report.pdf":
            descriptor = os.open(name, os.O_RDWR, dir_fd=at)
            byte = os.pread(descriptor, 1, 500)
            os.pwrite(descriptor, bytes([byte[0] ^ 1]), 500)
            os.fsync(descriptor)
            os.close(descriptor)
        return super().read_back(at, name)


class Intruder(MediumFiles):
    """Something adds a file to the finished export before it is read back."""

    def read_back(self, at: int, name: str) -> ReadBack:
        if name == COMPLETION_MARKER:
            os.close(os.open("autorun.inf", os.O_WRONLY | os.O_CREAT, dir_fd=at))
        return super().read_back(at, name)


class Unreadable(MediumFiles):
    """The medium takes everything and then cannot be read."""

    def read_back(self, at: int, name: str) -> ReadBack:
        raise OSError(errno.EIO, os.strerror(errno.EIO), name)


class Replaced(MediumFiles):
    """Gives a folder made anew another device number, and fails writes to what was pulled."""

    def __init__(self, stick: Path) -> None:
        self._inode, self._stick = stick.stat().st_ino, stick

    def device_number(self, descriptor: int) -> int:
        number = super().device_number(descriptor)
        return number if os.fstat(descriptor).st_ino == self._inode else number + 1

    def write(self, descriptor: int, piece: memoryview) -> None:
        if self._stick.stat().st_ino != self._inode:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().write(descriptor, piece)
