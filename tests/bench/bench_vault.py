"""The vault against the machine and its peers: one interleaved run, medians and ratios.

    python3 dev.py bench vault [--quick] [--mebibytes 4096] [--files 20000] [--rounds 3] [--minutes 12]
        [--giant-gibibytes 100] [--folder FOLDER]

As many rounds are made as fit in the minutes, one at least. Everything is written below FOLDER (default: a
temporary one) and removed again. Peers that are not installed are left out and named. Figures of a busy
machine mean little; the ratios of one run are what counts.
"""

import argparse
import gc
import hashlib
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from storage.vault import OpenVault, calibrated_cost
from tests.bench import peers
from tests.bench.vault_extra import bag, cut_short_and_resumed, forget_peak, giant, reads_ms, resident_bytes
from tests.bench.vault_killed import killed, opened
from tests.bench.vault_office import Amended, read_cold
from tests.bench.vault_values import new_vault
from workstation.core.vault import PIECE_BYTES, Stored

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
    ("amended", "SHA-384 alone", "vault", 1 / 1.1),
    ("check", "cold read", "vault", 0.9),
)
MEMORY_MIB, KILLED_MIB = 96, 64
FAR_MS, PIECE_MS, UNLOCK_MS, REST_MS = 20.0, 5.0, 1_000.0, 100.0


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
    limits_ms: dict[str, float] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # bytes of each kind of work
    killed_of: int = 20 << 30
    killed_at: int = 0
    lost: int = 0  # bytes to be sealed again after that

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
        self.sizes |= {"large": self.mebibytes * PIECE_BYTES, "small": self.files * _SMALL_BYTES}

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

    def note_ms(self, label: str, took: list[float], limit_ms: float) -> None:
        """Milliseconds of something that may take only so many."""
        self.milliseconds.setdefault(label, []).extend(took)
        self.limits_ms[label] = limit_ms


def hash_file(path: Path, algorithm: str = "sha384") -> str:
    """One core's linear digest in pieces of 1 MiB."""
    state, buffer = hashlib.new(algorithm), memoryview(bytearray(PIECE_BYTES))
    with path.open("rb", buffering=0) as file:
        while size := file.readinto(buffer):
            state.update(buffer[:size])
    return state.hexdigest()


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
    both: dict[str, tuple[list[str | Path], list[str | Path]]] = {
        "restic": (
            ["restic", "-q", "init", "-r", repository],
            ["restic", "-q", "-r", repository, "backup", source, "--compression=off"],
        ),
        "borg": (
            ["borg", "init", "-e", "repokey", repository],
            ["borg", "create", "-C", "none", f"{repository}::a", source],
        ),
    }
    for words in both[tool]:
        subprocess.run(
            words, check=True, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    shutil.rmtree(repository)


def one_round(bench: Bench, tools: list[str], number: int) -> None:
    """Each thing once, in turn."""
    root = bench.folder / f"vault{number}"
    vault = new_vault(root)
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
    for label, source in (("large", bench.large.parent), ("small", bench.small)):
        for tool in tools:
            target = bench.folder / "repository"
            bench.measure(f"{label}: {tool}", partial(backup, tool, source, target))
        if BAGIT.is_file():
            bench.measure(f"{label}: bagit", partial(bag, BAGIT, source, bench.folder / "bag"))
    lost, begun, finish = cut_short_and_resumed(vault, bench.large)
    print(f"cut short after {begun >> 20:,} MiB: {lost >> 20} MiB to be sealed again", flush=True)
    bench.measure("large: go on from 3/4", finish)
    places_and_pieces(bench, vault)
    vault.lock()
    unlockings(bench, root)
    shutil.rmtree(root)


def amended_and_checked(bench: Bench, amended: Amended, number: int) -> None:
    """A package that comes again, a hundredth of it changed, and a check of everything from a cold disk."""
    amended.change(number)
    bench.measure("amended: SHA-384 alone", lambda: [hash_file(path) for path in amended.files()])
    bench.measure("amended: vault", amended.receive)
    cold = amended.sealed()
    bench.sizes |= {"amended": amended.size_bytes, "check": sum(path.stat().st_size for path in cold)}
    bench.measure("check: cold read", lambda: read_cold(cold))
    amended.sealed()
    bench.measure("check: vault", amended.check)


def places_and_pieces(bench: Bench, vault: OpenVault) -> None:
    """Reads anywhere in an object that is almost all a hole."""
    ref, places = giant(vault, bench.giant_bytes)
    gib = bench.giant_bytes >> 30
    bench.note_ms(f"4 KiB anywhere in {gib} GiB, cold", reads_ms(vault, ref, places, 4_096), FAR_MS)
    pieces = [place // PIECE_BYTES * PIECE_BYTES for place in places[:20]]
    reads_ms(vault, ref, pieces, PIECE_BYTES)
    bench.note_ms("a piece of 1 MiB, warm", reads_ms(vault, ref, pieces, PIECE_BYTES), PIECE_MS)


def unlockings(bench: Bench, root: Path) -> None:
    """At the cost that is calibrated here, and at next to none: what is not the derivation."""
    cost = calibrated_cost(device_bound=True)
    dear = root.with_name("dear")
    new_vault(dear, cost).lock()
    for label, vault, limit_ms in (
        ("unlock, calibrated cost", dear, UNLOCK_MS),
        ("unlock, all but the derivation", root, REST_MS),
    ):
        start_s = time.perf_counter()
        opened(vault).lock()
        bench.note_ms(label, [(time.perf_counter() - start_s) * 1e3], limit_ms)
    shutil.rmtree(dear)


def report(bench: Bench) -> bool:
    """Medians, and each against the vault; whether every target is reached."""
    medians = {label: statistics.median(seconds) for label, seconds in bench.seconds.items()}
    print(f"\n{'':32}{'s':>8}{'MB/s':>8}{'CPU s':>8}{'time / vault':>14}{'MiB above idle':>16}")
    for label, seconds in medians.items():
        kind = label.split(":")[0]
        ratio = seconds / medians[kind + ": vault"]
        above, cpu = max(bench.above[label]) / PIECE_BYTES, statistics.median(bench.cpu[label])
        speed = bench.sizes[kind] / seconds / 1e6
        print(f"{label:32}{seconds:8.3f}{speed:8.0f}{cpu:8.2f}{ratio:14.2f}{above:16.0f}")
    print(f"\n{'target':52}{'wanted':>10}{'reached':>10}")
    reached = [*ratios(medians), *limits(bench)]
    print(f"{len(reached)} targets, {sum(reached)} reached; load {os.getloadavg()[0]:.1f}")
    return all(reached)


def ratios(medians: dict[str, float]) -> list[bool]:
    """Each ratio of this run beside the one that is wanted."""
    reached = []
    for kind, over, under, wanted in TARGETS:
        if f"{kind}: {over}" in medians and f"{kind}: {under}" in medians:
            found = medians[f"{kind}: {over}"] / medians[f"{kind}: {under}"]
            reached.append(found >= wanted)
            row(f"{kind}: {over} / {under}", f">= {wanted:.2f}", f"{found:.2f}", reached[-1])
    return reached


def limits(bench: Bench) -> list[bool]:
    """What may not be more than so much."""
    reached = []
    for label, took in bench.milliseconds.items():
        middle, limit_ms = statistics.median(took), bench.limits_ms[label]
        reached.append(middle < limit_ms)
        row(
            f"{label} ({len(took)}, worst {max(took):.1f})",
            f"< {limit_ms:.0f} ms",
            f"{middle:.2f} ms",
            reached[-1],
        )
    label, above = max(
        ((label, max(found)) for label, found in bench.above.items() if ": vault" in label),
        key=lambda one: one[1],
    )
    for name, found, limit in (
        (f"memory above idle, most: {label}", above, MEMORY_MIB),
        (
            f"lost by kill -9 at {bench.killed_at >> 20:,} MiB of {bench.killed_of >> 30} GiB",
            bench.lost,
            KILLED_MIB,
        ),
    ):
        reached.append(found <= limit << 20)
        row(name, f"<= {limit} MiB", f"{found / PIECE_BYTES:.0f} MiB", reached[-1])
    return reached


def row(name: str, wanted: str, found: str, reached: bool) -> None:
    """One target."""
    print(f"{name:52}{wanted:>10}{found:>10}  {'' if reached else 'missed'}")


def described() -> None:
    """The machine."""
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace") if os.name == "posix" else ""
    model = next((line.split(":", 1)[1].strip() for line in about.splitlines() if "model name" in line), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    print(
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GB, load {os.getloadavg()[0]:.1f} at the beginning"
    )
    print(f"{platform.platform()}, Python {platform.python_version()}, {hashlib.sha384().name} by OpenSSL")


def asked() -> argparse.Namespace:
    """What is to be measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--quick", action="store_true", help="one small round: shows that all of it runs")
    parser.add_argument("--mebibytes", type=int)
    parser.add_argument("--files", type=int)
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--giant-gibibytes", type=int, default=100)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--strict", action="store_true", help="end with an error when a target is missed")
    options = parser.parse_args()
    for name, usual, quick in (("mebibytes", 4_096, 256), ("files", 20_000, 2_000), ("rounds", 3, 1)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else usual)
    return options


def main() -> int:
    """Parse, run, print, tidy up."""
    options, begun_s = asked(), time.perf_counter()
    folder = Path(tempfile.mkdtemp(prefix="bench-vault-", dir=options.folder))
    peers.install(_PEERS)
    tools = [tool for tool in ("restic", "borg") if shutil.which(tool)]
    found = [*tools, *(["bagit"] if BAGIT.is_file() else [])]
    described()
    print(f"peers installed: {', '.join(found) or 'none of restic, borg, bagit'}", flush=True)
    try:
        bench = Bench(folder, options.mebibytes, options.files, options.giant_gibibytes << 30)
        bench.prepare()
        bench.killed_at = (1 if options.quick else 10) << 30
        bench.lost = killed(folder, bench.killed_of, bench.killed_at)
        shutil.rmtree(folder / "killed")
        amended = Amended(folder, min(1_000, options.mebibytes))
        for number in range(options.rounds):
            round_s = time.perf_counter()
            one_round(bench, tools, number)
            amended_and_checked(bench, amended, number)
            now_s = time.perf_counter()
            print(f"round {number + 1}: {now_s - round_s:.0f} s", flush=True)
            if now_s + (now_s - round_s) - begun_s > options.minutes * 60:
                break
        amended.close()
        return 1 if not report(bench) and options.strict else 0
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
