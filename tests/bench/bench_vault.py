"""The vault against the machine and its peers: one interleaved run, medians and ratios.

    python3 dev.py bench vault [--mebibytes 1024] [--files 20000] [--rounds 3]
        [--giant-gibibytes 100] [--folder FOLDER]

Everything is written below FOLDER (default: a temporary one) and removed again. Peers that are not installed
are left out and named. Figures of a busy machine mean little; the ratios of one run are what counts.
"""

import argparse
import gc
import hashlib
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from storage.vault import LIGHT_COST, OpenVault, calibrated_cost, create_vault, unlock
from tests.bench import peers
from tests.bench.vault_extra import bag, cut_short_and_resumed, forget_peak, giant, reads_ms, resident_bytes
from workstation.core.vault import PIECE_BYTES, Profile, Stored

_SMALL_BYTES = 13_150
_PEERS = Path(__file__).resolve().parents[2] / "build" / "bench" / "peers"
BAGIT = _PEERS / "bin" / peers.PROGRAMS["bagit"]
# Kind, what is over the line, what is under it, and what the ratio of their times is to be at least.
TARGETS = (
    ("large", "SHA-384 alone", "vault", 0.95),
    ("large", "vault", "vault, SHA-256 too", 0.97),
    ("large", "cp + sync", "vault", 0.95),
    ("large", "restic", "vault", 2.7),
    ("large", "borg", "vault", 2.7),
    ("large", "bagit", "vault", 1.0),
    ("small", "restic", "vault, two batches", 2.2),
    ("small", "borg", "vault, two batches", 3.0),
    ("small", "cp + sync", "vault, two batches", 5.0),
    ("small", "bagit", "vault, two batches", 1.5),
)
_SECRET = b"bench only, protects nothing"


class FixedClock:
    """Any time will do."""

    def now(self) -> datetime:
        """A fixed instant."""
        return datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Bench:
    """Sources, a vault, and what was measured."""

    folder: Path
    mebibytes: int
    files: int
    giant_bytes: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    above: dict[str, list[int]] = field(default_factory=dict)  # bytes resident above the idle process
    milliseconds: dict[str, list[float]] = field(default_factory=dict)
    lost: list[tuple[int, int]] = field(default_factory=list)  # by an interruption, of so many bytes

    @property
    def large(self) -> Path:
        """One large file."""
        return self.folder / "large" / "weights.bin"

    @property
    def small(self) -> Path:
        """Many small ones."""
        return self.folder / "small"

    def prepare(self) -> None:
        """Write the sources and read them once."""
        self.large.parent.mkdir()
        with self.large.open("wb") as file:
            for _ in range(self.mebibytes):
                file.write(os.urandom(PIECE_BYTES))
        for number in range(self.files):
            folder = self.small / f"{number // 500:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number}.json").write_bytes(os.urandom(_SMALL_BYTES))

    def measure(self, label: str, work: Callable[[], object]) -> None:
        """One run of one thing; ``sync`` before, so that nobody pays for the one before."""
        os.sync()
        gc.collect()
        forget_peak()
        idle_bytes = resident_bytes("VmRSS")
        start_s, start_cpu_s = time.perf_counter(), time.process_time()
        work()
        self.seconds.setdefault(label, []).append(time.perf_counter() - start_s)
        self.cpu.setdefault(label, []).append(time.process_time() - start_cpu_s)
        self.above.setdefault(label, []).append(resident_bytes("VmHWM") - idle_bytes)


def hash_file(path: Path, algorithm: str = "sha384") -> str:
    """One core's linear digest in pieces of 1 MiB."""
    state, buffer = hashlib.new(algorithm), memoryview(bytearray(PIECE_BYTES))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            state.update(buffer[:size])
    return state.hexdigest()


def new_vault(root: Path) -> OpenVault:
    """An empty one."""
    return create_vault(
        root,
        vault_id="VAULT-BENCH",
        profile=Profile.DEMO,
        person_id="PER-BENCH",
        login_name="bench",
        passphrase=bytearray(_SECRET),
        cost=LIGHT_COST,
        clock=FixedClock(),
    )


def ingest(vault: OpenVault, paths: list[Path], digests: tuple[str, ...]) -> list[Stored]:
    """All of them in one batch."""
    stored = []
    with vault.ingest() as batch:
        for path in paths:
            with path.open("rb", buffering=0) as file:
                stored.append(batch.add(file, digests=digests))
        batch.flush()
    return stored


def ingest_in_two(vault: OpenVault, paths: list[Path], digests: tuple[str, ...]) -> None:
    """Two batches side by side."""
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(ingest, vault, paths[part::2], digests) for part in range(2)]:
            done.result()


def copy_and_sync(source: Path, target: Path) -> None:
    """``cp -r`` and ``sync``."""
    subprocess.run(["cp", "-r", source, target], check=True)
    subprocess.run(["sync", "-f", target], check=True)
    shutil.rmtree(target)


def backup(tool: str, source: Path, repository: Path) -> None:
    """One backup into a new repository of a peer."""
    environment = {
        **os.environ,
        "RESTIC_PASSWORD": "x",
        "BORG_PASSPHRASE": "x",
        "HOME": str(repository.parent),
    }
    first, second = {
        "restic": (
            ["restic", "-q", "init", "-r", repository],
            ["restic", "-q", "-r", repository, "backup", source, "--compression=off"],
        ),
        "borg": (
            ["borg", "init", "-e", "repokey", repository],
            ["borg", "create", "-C", "none", f"{repository}::a", source],
        ),
    }[tool]
    for words in (first, second):
        subprocess.run(
            words, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    shutil.rmtree(repository)


def one_round(bench: Bench, tools: list[str], number: int) -> None:
    """Each thing once, in turn."""
    vault = new_vault(bench.folder / f"vault{number}")
    smalls = sorted(path for path in bench.small.rglob("*") if path.is_file())
    kept: list[Stored] = []
    bench.measure("large: SHA-384 alone", lambda: hash_file(bench.large))
    bench.measure("large: vault", lambda: kept.extend(ingest(vault, [bench.large], ())))
    bench.measure("large: vault, SHA-256 too", lambda: ingest(vault, [bench.large], ("sha256",)))
    bench.measure("large: cp + sync", lambda: copy_and_sync(bench.large.parent, bench.folder / "copy"))
    bench.measure("large: check tags", lambda: vault.verify(kept[0].ref))
    bench.measure("large: check SHA-384", lambda: vault.verify(kept[0].ref, kept[0].digests["sha384"]))
    bench.measure("small: SHA-384 alone", lambda: [hash_file(path) for path in smalls])
    bench.measure("small: vault", lambda: ingest(vault, smalls, ()))
    bench.measure("small: vault, two batches", lambda: ingest_in_two(vault, smalls, ()))
    bench.measure("small: cp + sync", lambda: copy_and_sync(bench.small, bench.folder / "copy"))
    for tool in tools:
        for label, source in (("large", bench.large.parent), ("small", bench.small)):
            target = bench.folder / "repository"
            bench.measure(f"{label}: {tool}", lambda t=tool, s=source, r=target: backup(t, s, r))
    if BAGIT.is_file():
        for label, source in (("large", bench.large.parent), ("small", bench.small)):
            bench.measure(f"{label}: bagit", lambda s=source: bag(BAGIT, s, bench.folder / "bag"))
    lost, begun, finish = cut_short_and_resumed(vault, bench.large)
    bench.lost.append((lost, begun))
    bench.measure("large: go on from 3/4", finish)
    ref, places = giant(vault, bench.giant_bytes)
    bench.milliseconds.setdefault("4 KiB anywhere, cold", []).extend(reads_ms(vault, ref, places, 4_096))
    pieces = [place // PIECE_BYTES * PIECE_BYTES for place in places[:20]]
    reads_ms(vault, ref, pieces, PIECE_BYTES)
    bench.milliseconds.setdefault("1 MiB, warm", []).extend(reads_ms(vault, ref, pieces, PIECE_BYTES))
    vault.lock()
    bench.measure("unlock, light derivation", lambda: unlock_again(bench.folder / f"vault{number}"))
    shutil.rmtree(bench.folder / f"vault{number}")


def unlock_again(root: Path) -> None:
    """Everything of an unlock but the derivation."""
    unlock(
        root,
        login_name="bench",
        passphrase=bytearray(_SECRET),
        profile=Profile.DEMO,
        clock=FixedClock(),
    ).lock()


def report(bench: Bench) -> None:
    """Medians, and each against the vault."""
    sizes = {"large": bench.mebibytes * PIECE_BYTES, "small": bench.files * _SMALL_BYTES}
    medians = {label: statistics.median(seconds) for label, seconds in bench.seconds.items()}
    print(f"{'':32}{'s':>8}{'MB/s':>8}{'CPU s':>8}{'time / vault':>14}{'MiB above idle':>16}")
    for label, seconds in medians.items():
        kind = label.split(":")[0]
        speed = f"{sizes[kind] / seconds / 1e6:8.0f}" if kind in sizes else " " * 8
        ratio = f"{seconds / medians[kind + ': vault']:14.2f}" if kind in sizes else ""
        above, cpu = max(bench.above[label]) / PIECE_BYTES, statistics.median(bench.cpu[label])
        print(f"{label:32}{seconds:8.3f}{speed}{cpu:8.2f}{ratio or ' ' * 14}{above:16.0f}")
    for label, took in bench.milliseconds.items():
        middle = statistics.median(took)
        print(f"{label:32}{middle:8.2f} ms median, {max(took):.2f} ms at most, {len(took)} reads")
    for lost, begun in bench.lost:
        print(f"cut short after {begun >> 20:,} MiB: {lost >> 20} MiB to be sealed again")
    report_targets(medians)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"largest resident memory {peak} MiB; load {os.getloadavg()[0]:.1f}; {os.cpu_count()} cores")
    print(f"{platform.platform()}, Python {platform.python_version()}")
    for bound in (True, False):
        start_s = time.perf_counter()
        cost = calibrated_cost(device_bound=bound)
        print(f"calibrated in {time.perf_counter() - start_s:.2f} s, device-bound {bound}: {cost}")


def report_targets(medians: dict[str, float]) -> None:
    """Each ratio of this run beside the one that is wanted."""
    print(f"\n{'target':52}{'wanted':>8}{'found':>8}")
    for kind, over, under, wanted in TARGETS:
        label = f"{kind}: {over}"
        if label in medians and f"{kind}: {under}" in medians:
            found = medians[label] / medians[f"{kind}: {under}"]
            what = f"{kind}: {over} / {under}"
            print(f"{what:52}{wanted:8.2f}{found:8.2f}  {'' if found >= wanted else 'missed'}")


def main() -> None:
    """Parse, run, print, tidy up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mebibytes", type=int, default=1_024)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--giant-gibibytes", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="bench-vault-", dir=options.folder))
    peers.install(_PEERS)
    tools = [tool for tool in ("restic", "borg") if shutil.which(tool)]
    found = [*tools, *(["bagit"] if BAGIT.is_file() else [])]
    print(f"peers installed: {', '.join(found) or 'none of restic, borg, bagit'}")
    try:
        bench = Bench(folder, options.mebibytes, options.files, options.giant_gibibytes << 30)
        bench.prepare()
        for number in range(options.rounds):
            one_round(bench, tools, number)
        report(bench)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
