"""The programs that do a part of what the examination does, in an environment of their own."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {"bagit": "bagit.py", "picklescan": "picklescan", "modelscan": "modelscan"}
_LOCK = ROOT / "requirements-bench.lock"


def installed(folder: Path) -> list[str]:
    """Those that can be run."""
    return [name for name, program in PROGRAMS.items() if (folder / "bin" / program).is_file()]


def install(folder: Path) -> None:
    """Have the locked programs in ``folder``; where they cannot be had, nothing is there and nothing is said.

    A folder that somebody else filled is left as it is.
    """
    stamp = folder / "stamp"
    wanted = _LOCK.read_text(encoding="utf-8") + sys.version
    if folder.exists() and (not stamp.exists() or stamp.read_text(encoding="utf-8") == wanted):
        return
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=False)
    pip = [
        sys.executable,
        "-I",
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        folder / "bin" / "python",
    ]
    options = ["--require-hashes", "--only-binary", ":all:", "--no-input", "--quiet"]
    if subprocess.call([*map(str, pip), "install", *options, "-r", str(_LOCK)]) == 0:
        stamp.write_text(wanted, encoding="utf-8")
    else:
        shutil.rmtree(folder, ignore_errors=True)


def command(name: str, folder: Path, path: Path) -> list[object]:
    """How one of them is asked about an input."""
    words: dict[str, list[object]] = {
        "bagit": ["--validate", "--processes", "1", path],
        "picklescan": ["-p", path],
        "modelscan": ["scan", "-p", path],
    }
    return [folder / "bin" / PROGRAMS[name], *words[name]]
