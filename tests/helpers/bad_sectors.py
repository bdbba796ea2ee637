"""A real file system on a real block device that does not give all of its blocks."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.helpers.small_disks import mount

BLOCK_BYTES = 4_096
_BLOCKS = 6_000
_KEPT_BLOCKS = 5_900


@contextmanager
def disk_with_bad_sectors(where: Path, files: dict[str, bytes], bad: dict[str, int]) -> Iterator[Path]:
    """An ext4 with ``files``, read only; of each path in ``bad`` this block, counted from 0, fails with EIO.

    The block is one behind the end of the file that backs the loop device, which is cut once it is mounted:
    the kernel answers such reads with an input/output error, as it does for a worn disk.
    """
    image, folder = where / "image", where / "disk"
    if shutil.which("mkfs.ext4") is None or shutil.which("debugfs") is None:
        pytest.skip("there is no mkfs.ext4 or no debugfs here")
    folder.mkdir()
    with image.open("wb") as file:
        file.truncate(_BLOCKS * BLOCK_BYTES)
    features = "^has_journal,^extent,^64bit,^metadata_csum,^inline_data"
    _run("mkfs.ext4", "-q", "-m", "0", "-b", str(BLOCK_BYTES), "-O", features, str(image))
    with ExitStack() as until:
        mount(until, "-o", "loop", image, folder)
        for name, content in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
    for number, (name, block) in enumerate(bad.items(), 1):
        _run("debugfs", "-w", "-R", f"bmap /{name} {block} {_BLOCKS - number}", str(image))
    with ExitStack() as until:
        mount(until, "-o", "loop,ro", image, folder)
        os.truncate(image, _KEPT_BLOCKS * BLOCK_BYTES)
        yield folder


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
