"""An export of large files to a medium against ``cp`` and ``sha384sum``, read-back included on both sides.

    python3 dev.py bench export [--gibibytes 10] [--rounds 3] [--folder FOLDER] [--strict]

Ours reads the files, takes their SHA-384, writes, flushes, renames, and reads all of it back from the device.
Beside it stand ``cp``, a flush, the cache dropped, and ``sha384sum`` of the copy. Everything is written below
FOLDER (default: a temporary one) and removed again. ``--strict`` ends with 1 below 0.9 of the peer's speed.
"""

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from storage.removable import RemovableMedia
from workstation.core.jobs import JobControl
from workstation.core.media import OutgoingFile

_PIECE_BYTES = 1 << 20
_FILES = 4
_GOAL = 0.9


def source_file(path: Path) -> OutgoingFile:
    """A file on disk as a release hands it over."""

    def pieces() -> Iterator[bytes]:
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece

    return OutgoingFile(name=path.name, size_bytes=path.stat().st_size, pieces=pieces)


def make_sources(folder: Path, gibibytes: float) -> list[Path]:
    """Random files of this size together."""
    folder.mkdir()
    count = max(1, int(gibibytes * 1024) // _FILES)
    for number in range(_FILES):
        with (folder / f"part-{number}.bin").open("wb") as file:
            for _ in range(count):
                file.write(os.urandom(_PIECE_BYTES))
    return sorted(folder.iterdir())


def drop_cache(paths: list[Path]) -> None:
    """What is read next comes from the device."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def ours(sources: list[Path], medium: Path) -> None:
    """The way of a release."""
    media = RemovableMedia()
    receipt = media.write(
        media.folder_medium(str(medium)), "export", [source_file(path) for path in sources], JobControl()
    )
    if len(receipt.files) != len(sources):
        raise SystemExit("not everything was written")


def peer(sources: list[Path], medium: Path) -> None:
    """cp, flush, drop the cache, sha384sum."""
    target = medium / "export"
    target.mkdir()
    subprocess.run(["cp", *map(str, sources), str(target)], check=True)
    copies = sorted(target.iterdir())
    drop_cache(copies)
    subprocess.run(["sha384sum", *map(str, copies)], check=True, stdout=subprocess.DEVNULL)


def measure(work: Callable[[list[Path], Path], None], sources: list[Path], folder: Path) -> float:
    """Seconds of one run onto an empty medium; the sources are cold each time."""
    drop_cache(sources)
    medium = folder / "medium"
    medium.mkdir()
    os.sync()
    start_s = time.perf_counter()
    work(sources, medium)
    seconds = time.perf_counter() - start_s
    shutil.rmtree(medium)
    return seconds


def main() -> int:
    """Parse, run, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gibibytes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    seconds: dict[str, list[float]] = {"ours": [], "cp + sha384sum": []}
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        sources = make_sources(folder / "sources", options.gibibytes)
        total_mb = sum(path.stat().st_size for path in sources) / 1e6
        for _ in range(options.rounds):  # interleaved: a busy machine is as busy for both
            seconds["ours"].append(measure(ours, sources, folder))
            seconds["cp + sha384sum"].append(measure(peer, sources, folder))
    print(f"{platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {total_mb:,.0f} MB")
    medians = {name: statistics.median(found) for name, found in seconds.items()}
    for name, median in medians.items():
        print(f"  {name:16} {median:8.2f} s  {total_mb / median:7.0f} MB/s")
    ratios = [peer_s / our_s for our_s, peer_s in zip(*seconds.values(), strict=True)]
    ratio = statistics.median(ratios)
    print(f"  speed against cp + sha384sum: {ratio:.2f} (goal {_GOAL})")
    return 1 if options.strict and ratio < _GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
