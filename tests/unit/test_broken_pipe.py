"""A reader of the output that goes away ends a command as it ends any tool, without a word."""

import subprocess
import sys
from pathlib import Path

import pytest

from workstation import cli

ROOT = Path(__file__).resolve().parents[2]
_PRINTS = """
import sys
from workstation import cli
sys.stdin.read(1)
def act():
    for number in range(200_000):
        print(number)
    return 0
status = cli.explained(act)
cli._flush()
sys.exit(status)
"""


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    """``... --json | head`` is no defect: the status of a broken pipe, and nothing on the other stream."""
    with subprocess.Popen(
        [sys.executable, "-c", _PRINTS],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(b"x")
        process.stdin.close()
        said = process.stderr.read()
        status = process.wait()
    assert (status, said) == (cli.BROKEN_PIPE, b"")


def test_another_broken_pipe_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe that broke inside while the output is read is told by its number."""

    def act() -> int:
        raise BrokenPipeError

    monkeypatch.setattr(cli, "_defect", lambda _defect: cli.DEFECT)
    assert cli.explained(act) == cli.DEFECT
