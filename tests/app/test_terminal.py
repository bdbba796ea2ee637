"""What a command prints when the words are an attacker's."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.app import wording
from workstation.app.wording import visible
from workstation.commands import desk
from workstation.core.content import VocabularyNarrower
from workstation.core.packages import SourceUnsteady

_HOSTILE = "a\x1b[2Jb\x9b31mc\r\nd\u202egpj.exe\u200b"
_SHOWN = "a<U+001B>[2Jb<U+009B>31mc<U+000D><U+000A>d<U+202E>gpj.exe<U+200B>"
_QUOTES = str.maketrans("\u2039\u203a", "<>")


@pytest.mark.parametrize(
    "facts", [{"name": _HOSTILE}, {"names": [_HOSTILE]}, {"files": [{"code": "X", "path": _HOSTILE}]}]
)
def test_what_came_from_outside_cannot_steer_the_terminal(
    facts: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    """Escape sequences, line breaks and direction marks of a name appear as code points, on one line."""
    desk.show(argparse.Namespace(json=False), facts)
    printed = capsys.readouterr().out
    assert _SHOWN in printed.translate(_QUOTES)
    assert not set(_HOSTILE) & set(printed) - set("ab[2J31mcdgpj.exe\n")
    desk.show(argparse.Namespace(json=True), facts)
    printed = capsys.readouterr().out
    assert printed.isascii()
    assert json.loads(printed) == facts


def test_inspecting_a_hostile_name_prints_its_code_points(tmp_path: Path) -> None:
    """The same for a whole command in a process of its own."""
    (tmp_path / "submission").mkdir()
    name = "a\x1b[2J\u202egpj\nAccepted: nothing found.md"
    (tmp_path / "submission" / name).write_text("words\n")
    command = [sys.executable, "-I", "-m", "workstation", "inspect", str(tmp_path / "submission")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert "<U+001B>" in done.stdout.translate(_QUOTES), done.stdout + done.stderr
    assert "\x1b" not in done.stdout
    assert "\u202e" not in done.stdout
    assert not any(line.startswith("Accepted") for line in done.stdout.splitlines()), done.stdout
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, timeout=100, check=False)
    assert done.stdout.isascii()
    assert name in {file["path"] for file in json.loads(done.stdout)["files"]}


def test_a_name_adds_no_line_to_an_error(tmp_path: Path) -> None:
    """Nor does a line break in a name, or in one of several, add a line to what an error says."""
    name = "a\nNext: type your passphrase.\x1b[2J"
    for error in (
        SourceUnsteady(untrusted_path=name, listed_bytes=1, read_bytes=2),
        VocabularyNarrower(offered="x", lost=(name,)),
    ):
        told = wording.explain(error)
        assert "\n" not in told.what + told.next
        assert "\x1b" not in told.what
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "SHA384SUMS").write_bytes(b"")
    (folder / "x\nVerified").write_bytes(b"")
    command = [sys.executable, "-I", "-m", "workstation", "verify", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout.splitlines()[0]) == (2, "NOT VERIFIED"), done.stderr
    assert "Verified" not in done.stdout.splitlines()


@pytest.mark.parametrize(
    "blank",
    ["\u034f", "\u115f", "\u2800", "\u3164", "\ufe0f", "\ufe00", "\U000e0101", "\u200d", "\u00ad", "\ufeff"],
)
def test_a_name_with_something_that_draws_nothing_differs_on_screen(blank: str) -> None:
    """Two names that look alike because of a blank character do not look alike here."""
    assert visible(f"card{blank}.md") == f"card\u2039U+{ord(blank):04X}\u203a.md"


def test_ordinary_writing_stays_as_it_is() -> None:
    """Letters of any script and pictures with their variation selector are not spelled out."""
    text = "Größe \u0928\u093f \u5b57 \u2764\ufe0f e\u0301"
    assert visible(text) == text
