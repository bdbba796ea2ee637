"""The examination of large and hostile inputs: throughput and memory, beside its peers, in one run.

    python3 dev.py bench examine [--scale 1.0] [--only WORD]... [--folder FOLDER] [--peers FOLDER]

Each input is written below FOLDER (default build/bench), examined, given to the peers, and removed again; at
full scale up to 3 GB are there at once. The peers are no part of the project: they are installed from
``requirements-bench.lock`` into an environment of their own (``--peers``, default build/bench/peers), and
left out where that cannot be. They get at most 4 GiB of address space and three minutes each.

The exit status is 1 when a process of the examination reached 512 MiB, died, or gave no answer.
"""

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import measured, peers
from tests.bench.examine_inputs import CASES, Case, size_of
from tests.bench.measured import Measured

ROOT = Path(__file__).resolve().parents[2]
MOST_BYTES = 512 << 20
TIMEOUT_S = 1_800
PEER_TIMEOUT_S = 180
PEER_BYTES = 4 << 30
_MIB = 1 << 20


def examine(path: Path, folder: Path) -> Measured:
    """``workstation inspect --json`` of one input."""
    command = [sys.executable, "-I", "-m", "workstation", "inspect", path, "--json"]
    return measured.run(command, cwd=folder, timeout_s=TIMEOUT_S)


def fault(run: Measured) -> str:
    """What breaks the promise in one run, or nothing."""
    if run.timed_out:
        return "no answer in time"
    if run.status not in {0, 1, 2, 3}:
        return f"ended with {run.status}"
    if max(run.parent_bytes, run.worker_bytes) >= MOST_BYTES:
        return "memory"
    return ""


def answer(run: Measured) -> str:
    """The outcome and the gravest code, as far as the output was kept."""
    try:
        said = json.loads(run.output)
    except ValueError:
        start = run.output[:40].decode("utf-8", "replace")
        return start.split('"')[3] if start.count('"') > 3 else "no answer kept"
    grave = [
        one["code"] for level in ("danger", "caution") for one in said["findings"] if one["severity"] == level
    ]
    return f"{said['outcome']} {grave[0] if grave else ''}".strip()


def row(label: str, run: Measured, size_bytes: int, files: int, said: str) -> None:
    """One line of the table."""
    speed = f"{size_bytes / run.seconds / 1e6:>9,.0f}" if size_bytes > _MIB else f"{'':>9}"
    count = f"{files / run.seconds:>9,.0f}" if files > 1 else f"{'':>9}"
    memory = f"{run.parent_bytes / _MIB:>8,.0f}{run.worker_bytes / _MIB:>8,.0f}"
    print(f"{label:30}{run.seconds:>8.1f}{run.cpu_seconds:>8.1f}{speed}{count}{memory}  {said}", flush=True)


def write_apart(case: Case, path: Path, scale: float) -> None:
    """Make the input in a process of its own: what this one grows to would be counted to its children."""
    pid = os.fork()
    if pid == 0:
        case.write(path, scale)
        os._exit(0)
    if os.waitpid(pid, 0)[1] != 0:
        raise SystemExit(f"{case.name} could not be written")


def one(case: Case, options: argparse.Namespace, there: list[str]) -> str:
    """Write, examine, compare, remove; returns what broke, or nothing."""
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="examine-") as temporary:
        folder = Path(temporary)
        path = folder / "input" / case.file
        (path if "." not in case.file else path.parent).mkdir(parents=True)
        write_apart(case, path, options.scale)
        size_bytes, files = size_of(path)
        own = examine(path, folder)
        broken = fault(own)
        row(case.name, own, size_bytes, files, broken.upper() or answer(own))
        for name in case.peers:
            if name in there:
                command = peers.command(name, options.peers, path)
                run = measured.run(command, cwd=folder, timeout_s=PEER_TIMEOUT_S, memory_bytes=PEER_BYTES)
                said = "no answer in time" if run.timed_out else f"exit {run.status}"
                row(f"    {name}", run, size_bytes, files, said)
        return broken


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dev.py bench examine", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full sizes (1.0)")
    parser.add_argument("--only", action="append", metavar="WORD", help="inputs with this word in their name")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "bench")
    parser.add_argument("--peers", type=Path, default=ROOT / "build" / "bench" / "peers")
    return parser.parse_args()


def main() -> int:
    """Measure, print, and answer whether the memory stayed flat."""
    options = arguments()
    os.nice(10)
    options.folder.mkdir(parents=True, exist_ok=True)
    peers.install(options.peers)
    there = peers.installed(options.peers)
    absent = [name for name in peers.PROGRAMS if name not in there]
    if absent:
        print(f"not compared with {', '.join(absent)}: not installed in {options.peers}")
    free_gb = shutil.disk_usage(options.folder).free / 1e9
    if free_gb < 6 * options.scale + 1:
        print(
            f"only {free_gb:.1f} GB are free in {options.folder}: name another --folder or a smaller --scale"
        )
        return 2
    cases = [case for case in CASES if not options.only or any(word in case.name for word in options.only)]
    print(f"{'':30}{'s':>8}{'cpu s':>8}{'MB/s':>9}{'files/s':>9}{'parent':>8}{'worker':>8}  peaks in MiB")
    broken = {case.name: word for case in cases if (word := one(case, options, there))}
    machine = f"{platform.platform()}, Python {platform.python_version()}"
    print(f"scale {options.scale}; {machine}; load {os.getloadavg()[0]:.1f}")
    if broken:
        print(
            "memory is NOT flat, or an answer is missing: "
            + "; ".join(f"{k}: {v}" for k, v in broken.items())
        )
        return 1
    print(f"memory is flat: parent and worker below {MOST_BYTES // _MIB} MiB each over {len(cases)} inputs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
