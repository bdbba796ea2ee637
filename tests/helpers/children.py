"""Run a piece of Python in a process of its own, for what cannot be undone in this one."""

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def run_python(code: str, *, cwd: Path | None = None, fds: tuple[int, ...] = ()) -> str:
    """What the code printed; fails the test with its standard error if it did not end well."""
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{textwrap.dedent(code)}"
    done = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=cwd,
        pass_fds=fds,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
