"""Fuzz the readers: a guided search and Hypothesis over every one, for a stated time.

    python3 dev.py fuzz [--seconds N] [--reader NAME]... [--list]
    python3 dev.py fuzz --reader NAME --replay FILE...
    python3 dev.py fuzz --properties [words for pytest]

Each reader gets N seconds (default 60): three quarters guided by coverage (atheris), the rest by Hypothesis;
without atheris Hypothesis gets all of it. What a reader must not do is kept in build/fuzz/NAME/finds with the
line that runs it again, and makes the exit status 1.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import hypothesis
from hypothesis import HealthCheck

from tests.fuzz import edits, harness
from tests.fuzz.harness import FINDS, MAX_INPUT_BYTES, ROOT, Recorder, Target
from tests.fuzz.table import table

_HANG_S = 120
_RSS_MB = 900
_GUIDED_SHARE = 0.75
_LEAST_S = 2
_SITE = ROOT / "build" / "fuzz-tools"


def _tokens(target: Target, folder: Path) -> list[str]:
    """The reader's own words as the dictionary that libFuzzer reads."""
    if not target.words:
        return []
    path = folder / "words.txt"
    lines = ("".join(f"\\x{byte:02x}" for byte in word) for word in target.words)
    path.write_text("".join(f'"{line}"\n' for line in lines), encoding="ascii")
    return [f"-dict={path}"]


def _prepare(target: Target) -> tuple[Path, Path]:
    folder = FINDS / target.name
    corpus, seeds = folder / "corpus", folder / "seeds"
    for place in (corpus, seeds, folder / "killed"):
        place.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (seeds / f"{number:03}").write_bytes(seed)
    return corpus, seeds


def guided(target: Target, site: str, seconds: float) -> int:
    """Search by coverage; returns how many inputs were tried."""
    corpus, seeds = _prepare(target)
    folder, tried = FINDS / target.name, 0
    end_s = time.monotonic() + seconds
    while (left := int(end_s - time.monotonic())) >= _LEAST_S:
        options = [
            f"-max_total_time={left}",
            f"-max_len={MAX_INPUT_BYTES}",
            f"-timeout={_HANG_S}",
            f"-rss_limit_mb={_RSS_MB}",
            f"-artifact_prefix={folder / 'killed'}{os.sep}",
            "-print_final_stats=1",
            "-verbosity=0",
            *_tokens(target, folder),
        ]
        command = [sys.executable, "-I", ROOT / "tests" / "fuzz" / "guided.py", site, target.name]
        log = folder / "guided.log"
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(
                [*command, corpus, seeds, *options], stdout=output, stderr=output, check=False
            )
        text = log.read_text(encoding="utf-8", errors="replace")
        tried += sum(
            int(line.split()[-1]) for line in text.splitlines() if "number_of_executed_units" in line
        )
        sys.stderr.writelines(f"{line}\n" for line in text.splitlines() if line.startswith("fuzz:"))
        if done.returncode not in {0, None} and not any((folder / "killed").iterdir()):
            sys.stderr.write(text[-2_000:])
            raise SystemExit(f"fuzz: the guided search of {target.name} ended with {done.returncode}")
        if done.returncode == 0:
            break
    return tried


def drawn(target: Target, seconds: float) -> int:
    """Let Hypothesis choose changes until the time is up; returns how many inputs were tried."""
    recorder, tried = Recorder(target), 0
    end_s = time.monotonic() + seconds
    seeds = [seed for seed in target.seeds() if len(seed) <= MAX_INPUT_BYTES] or [b""]

    @hypothesis.settings(
        max_examples=200,
        database=None,
        deadline=None,
        derandomize=False,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(edits.changed(seeds, target.words))
    def rounds(content: bytes) -> None:
        nonlocal tried
        if time.monotonic() < end_s:
            tried += 1
            recorder.feed(content)

    while time.monotonic() < end_s:
        rounds()
    return tried


def _drawn_apart(target: Target, seconds: float) -> int:
    """The same in a process of its own: its memory limits and its death are its own."""
    pid = os.fork()
    count = FINDS / target.name / "drawn.txt"
    if pid == 0:
        status = 1
        with contextlib.suppress(KeyboardInterrupt):
            harness.limit_process()
            count.write_text(str(drawn(target, seconds)), encoding="ascii")
            status = 0
        os._exit(status)
    _pid, status = os.waitpid(pid, 0)
    if status:
        raise SystemExit(f"fuzz: {target.name}: the process died with status {status}; see build/fuzz")
    return int(count.read_text(encoding="ascii"))


def fuzz(target: Target, site: str | None, seconds: float) -> list[Path]:
    """Search one reader for so long; returns what is kept of it."""
    _prepare(target)
    share = _GUIDED_SHARE if site else 0.0
    by_coverage = guided(target, site, seconds * share) if site else 0
    by_chance = _drawn_apart(target, seconds * (1 - share))
    finds = [*Recorder(target).known(), *sorted((FINDS / target.name / "killed").iterdir())]
    print(f"{target.name:28} {by_coverage:>9} {by_chance:>9} {len(finds):>6}", flush=True)
    return finds


def replay(target: Target, paths: Sequence[Path]) -> int:
    """Run kept inputs again; what they raise is shown."""
    harness.limit_process()
    for path in paths:
        harness.attempt(target, path.read_bytes())
        print(f"fuzz: {path}: nothing went wrong")
    return 0


def install_atheris() -> str | None:
    """Have atheris in a folder of its own, outside of the tested environment; None where it cannot be had."""
    lock, stamp = ROOT / "requirements-fuzz.lock", _SITE / "stamp"
    wanted = lock.read_text(encoding="utf-8") + sys.version
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        shutil.rmtree(_SITE, ignore_errors=True)
        options = ["--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet", "--no-deps"]
        command = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "install", *options]
        if subprocess.call([*command, "--target", _SITE, "-r", lock]) != 0:
            return None
        stamp.write_text(wanted, encoding="utf-8")
    return str(_SITE) if (_SITE / "atheris").is_dir() else None


def property_tests(words: list[str]) -> int:
    """The tests of the whole suite that Hypothesis feeds, with many more examples chosen anew."""
    options = ["--hypothesis-profile=fuzz", "--timeout=0", *words]
    return subprocess.call([sys.executable, "-I", "-m", "pytest", *options], cwd=ROOT)


def main(words: list[str]) -> int:
    """The command."""
    if "--properties" in words:
        return property_tests([word for word in words if word != "--properties"])
    parser = argparse.ArgumentParser(prog="dev.py fuzz", description="Fuzz the readers.")
    parser.add_argument("--seconds", type=float, default=60, help="for each reader (60)")
    parser.add_argument("--reader", action="append", metavar="NAME", help="only this one; may be repeated")
    parser.add_argument("--list", action="store_true", help="name the readers")
    parser.add_argument("--replay", nargs="+", type=Path, metavar="FILE", help="run inputs again")
    options = parser.parse_args(words)
    names = options.reader or list(table())
    unknown = sorted(set(names) - set(table()))
    if unknown:
        parser.error(f"no such reader: {', '.join(unknown)}; there are: {', '.join(table())}")
    if options.list:
        print("\n".join(table()))
        return 0
    if options.replay:
        if len(names) != 1:
            parser.error("--replay wants one --reader")
        return replay(table()[names[0]], options.replay)
    os.nice(10)
    site = install_atheris()
    if site is None:
        print("fuzz: going on without atheris (it has no wheel for this machine, or no index was reached):")
        print("fuzz: no coverage guides the search, Hypothesis gets all the time")
    print(f"{'reader':28} {'guided':>9} {'drawn':>9} {'finds':>6}")
    finds = [find for name in names for find in fuzz(table()[name], site, options.seconds)]
    for find in finds:
        print(f"fuzz: {harness.reproduction(table()[find.parts[-3]], find)}")
    return 1 if finds else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
