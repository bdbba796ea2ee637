"""Real small file systems, full ones, read-only ones, and files that cannot be read."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest


def mount(until: ExitStack, *words: str | Path) -> None:
    """Mount something until the stack is unwound; skips the test for people who may not."""
    done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"this user may not mount: {done.stderr.strip()}")
    where = str(words[-1])
    until.callback(subprocess.run, ["umount", "-l", where], check=False, capture_output=True)


def small_disk(until: ExitStack, folder: Path, size_kib: int) -> Path:
    """A file system of this size at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    mount(until, "-t", "tmpfs", "-o", f"size={size_kib}k", "tmpfs", folder)
    return folder


def loop_disk(until: ExitStack, folder: Path, size_kib: int) -> Path:
    """A real ext4 of this size, in a file, at a folder."""
    image = folder.with_name(folder.name + ".img")
    with image.open("wb") as file:
        file.truncate(size_kib << 10)
    folder.mkdir(parents=True, exist_ok=True)
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("there is no mkfs.ext4 here")
    subprocess.run(["mkfs.ext4", "-q", "-m", "0", image], check=True, capture_output=True)
    mount(until, "-o", "loop", image, folder)
    return folder


def move_to_small_disk(until: ExitStack, folder: Path, spare_kib: int) -> Path:
    """Put a folder on a file system of its own with so much to spare; returns that file system's top."""
    used = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) >> 10
    top = small_disk(until, folder.with_name("small-disk"), used + spare_kib)
    shutil.copytree(folder, top / "inner")
    mount(until, "--bind", top / "inner", folder)
    return top


@contextmanager
def full(top: Path, leave_kib: int = 0) -> Iterator[None]:
    """Not a block to spare on a file system, or so much."""
    ballast = fill(top, leave_kib)
    try:
        yield
    finally:
        ballast.unlink()


def fill(top: Path, leave_kib: int = 0) -> Path:
    """Take the room of a file system; returns the file that has it."""
    ballast = top / "ballast"
    facts = os.statvfs(top)
    wanted = facts.f_bavail * facts.f_frsize - (leave_kib << 10)
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while leave_kib == 0 or file.tell() < wanted:
            file.write(bytes(4_096))
    return ballast


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder nobody may write to, not even root."""
    with ExitStack() as until:
        mount(until, "--bind", folder, folder)
        mount(ExitStack(), "-o", "remount,bind,ro", folder)
        yield


def unreadable_file(until: ExitStack, path: Path) -> Path:
    """A plain file that fails with EIO when it is read, whoever reads it."""
    path.touch()
    # Nothing is mapped at address 0 of any process, so reading its memory there is an error of the device.
    mount(until, "--bind", f"/proc/{os.getpid()}/mem", path)
    return path
