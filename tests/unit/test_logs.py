"""The log says where, never what."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from workstation import cli, logs


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A log set up in an empty folder, and the usual handlers afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.set_up(tmp_path / "log")
    yield tmp_path / "log" / "workstation.log"
    for handler in root.handlers:
        handler.close()
    root.handlers, root.level = handlers, level


def fail_with(canary: str) -> None:
    """A defect whose message and locals quote something from a case."""
    try:
        {}[canary]
    except KeyError as error:
        raise RuntimeError(f"while reading {canary}") from error


def test_a_defect_is_found_by_its_number_and_quotes_nothing(log: Path) -> None:
    """The number printed for the person stands in the log with the frames, without any value."""
    with pytest.raises(RuntimeError) as caught:
        fail_with("CANARY-7Q2")
    number = logs.incident(caught.value)
    content = log.read_text()
    assert number in content
    assert "fail_with" in content
    assert "builtins.KeyError" in content
    assert "CANARY" not in content
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_the_command_line_shows_no_traceback(
    log: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A defect ends with its own status and one line for the person."""

    class Broken:
        def arguments(self, _parser: object) -> None:
            pass

        def run(self, _options: object) -> int:
            fail_with("CANARY-7Q2")
            return 0

    monkeypatch.setattr(cli, "_load", lambda _name: Broken())
    assert cli.main(["audit"]) == cli.DEFECT
    shown = capsys.readouterr().err
    assert "Incident" in shown
    assert "CANARY" not in shown
    assert "Traceback" not in shown
