"""Start a frozen folder where there is no network and no Python, and look for what must not be in it."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN = re.compile(r"Network|WebEngine|WebSockets|_ssl\b|libssl|aiohttp|certifi|libQt6Qml|libQt6Quick")
START_TIMEOUT_S = 300
VERIFIED = "Verified: workstation verify, in a separate process"  # as the demonstration says it


def forbidden_files(folder: Path) -> list[str]:
    """Files whose name says that they speak to a network."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if FORBIDDEN.search(path.name))


def missing_files(folder: Path) -> list[str]:
    """Resources of the source that did not come along, scripts that are handed over included."""
    source = Path(__file__).resolve().parent.parent / "resources"
    wanted = {path.relative_to(source) for path in source.rglob("*") if path.is_file()}
    wanted = {
        path
        for path in wanted
        if path.suffix != ".pyc" and (path.suffix != ".py" or path.parts[0] == "verify")
    }
    there = {path.relative_to(root) for root in folder.rglob("resources") for path in root.rglob("*")}
    return sorted(map(str, wanted - there))


def without_network() -> list[str]:
    """The words that start a program in an empty network namespace."""
    for words in (["unshare", "-n", "--"], ["unshare", "-rn", "--"]):
        if shutil.which("unshare") and subprocess.call([*words, "true"], stderr=subprocess.DEVNULL) == 0:
            return words
    sys.exit("prove: no network namespace can be made here; run this where one can")


def starts(folder: Path, home: Path) -> Iterator[tuple[str, list[str], str]]:
    """(what it shows, words, text its output must hold) of each start."""
    program = str(folder / "workstation")
    yield "the command line answers", [program, "--help"], "usage: workstation"
    yield "the demonstration is told", [program, "demo", "--headless", "--out", str(home / "demo")], VERIFIED


def examined(command: list[str], package: Path, home: Path) -> object:
    """What an examination of the package says, or why it says nothing."""
    words = [*command, "inspect", str(package), "--json"]
    done = subprocess.run(
        words, cwd=home, env=bare(home), capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False
    )
    try:
        found = json.loads(done.stdout)
    except ValueError:
        return done.stderr[-2000:]
    return sorted((one["code"], one["path"]) for one in found["findings"])


def differences(folder: Path, home: Path) -> str:
    """Where the frozen program reads the sample package otherwise than the source it was made from."""
    (package,) = (home / "demo" / "medium-in").iterdir()
    frozen = examined([str(folder / "workstation")], package, home)
    source = examined([sys.executable, "-I", "-m", "workstation"], package, home)
    return "" if frozen == source and isinstance(frozen, list) else f"frozen: {frozen}\nsource: {source}"


def bare(home: Path) -> dict[str, str]:
    """An environment with nothing of this machine's Python or screen in it."""
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "QT_QPA_PLATFORM": "offscreen",
        "DBUS_SESSION_BUS_ADDRESS": "disabled:",
        "PYTHONPATH": str(home / "hostile"),
    }


def main() -> int:
    """Check the folder named on the command line; 0 when everything held."""
    folder = Path(sys.argv[1]).resolve()
    found = forbidden_files(folder)
    if found:
        print("prove: these must not be shipped: " + ", ".join(found))
        return 1
    missing = missing_files(folder)
    if missing:
        print("prove: these resources did not come along: " + ", ".join(missing))
        return 1
    isolated = without_network()
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        (home / "hostile" / "ui").mkdir(parents=True)
        (home / "hostile" / "ui" / "__init__.py").write_text("raise SystemExit('hostile code ran')\n")
        for claim, words, text in starts(folder, home):
            done = subprocess.run(
                [*isolated, *words],
                cwd=home / "hostile",
                env=bare(home),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=START_TIMEOUT_S,
                check=False,
            )
            if done.returncode != 0 or text not in done.stdout:
                print(f"prove: not so: {claim}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
                return 1
            print(f"prove: {claim}, without a network")
        found_otherwise = differences(folder, home)
        if found_otherwise:
            print(f"prove: the frozen program examines otherwise\n{found_otherwise}")
            return 1
        print("prove: the sample is examined as the source examines it")
    print(f"prove: {os.fspath(folder)} holds no network library")
    return 0


if __name__ == "__main__":
    sys.exit(main())
