"""The set-up script: what it asks an administrator for, what it skips, what it refuses."""

import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.helpers.scripts import ROOT, load


@pytest.fixture
def dev() -> ModuleType:
    """dev.py as a module."""
    return load("dev.py")


@pytest.fixture
def not_root(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py on a Linux machine where nothing may be installed."""
    monkeypatch.setattr(dev, "may_install", lambda: False)
    monkeypatch.setattr(dev.sys, "platform", "linux")
    return dev


def test_the_administrator_gets_the_exact_line(
    not_root: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without root all that is missing is named in one line that can be pasted, and it goes on without Qt."""
    monkeypatch.setattr(not_root, "loads", lambda library: library not in {"libEGL.so.1", "libGL.so.1"})
    monkeypatch.setattr(not_root, "PYTHON", Path("not-made-yet"))
    monkeypatch.setattr(not_root, "brings_pip", lambda: False)
    assert not_root.need_system(window=True, programs={}) is False
    shown = capsys.readouterr().out
    assert "\n    apt-get install -y --no-install-recommends libegl1 libgl1 python3-venv\n" in shown
    assert "going on without Qt" in shown


def test_a_missing_window_library_costs_only_the_window(
    not_root: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a window cannot be shown the program goes on without one, and says so."""
    monkeypatch.setattr(not_root, "loads", lambda library: library != "libxcb-icccm.so.4")
    assert not_root.need_system(window=True, programs={}) is False
    shown = capsys.readouterr().out
    assert "libxcb-icccm4" in shown
    assert "going on without a window" in shown


def test_a_missing_program_is_said_aloud(
    not_root: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without bubblewrap set-up goes on and says which wall is missing."""
    monkeypatch.setattr(not_root, "loads", lambda _library: True)
    monkeypatch.setattr(not_root.shutil, "which", lambda _name: None)
    assert not_root.need_system(window=False) is False
    assert "without the bubblewrap wall" in capsys.readouterr().out


def test_root_installs_what_is_missing_and_nothing_else(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root the missing packages, and only those, are installed without asking."""
    done: list[list[str]] = []

    def call(command: list[object], **_options: object) -> int:
        done.append([str(word) for word in command])
        return 0

    monkeypatch.setattr(dev, "may_install", lambda: True)
    monkeypatch.setattr(dev, "run", call)
    monkeypatch.setattr(dev, "loads", lambda library: library != "libEGL.so.1" or bool(done))
    monkeypatch.setattr(dev.sys, "platform", "linux")
    dev.need_system(window=False, programs={})
    assert done[0] == ["apt-get", "update", "-qq"]
    assert done[1][-6:] == ["apt-get", "install", "-y", "--no-install-recommends", "libegl1", "-qq"]


def test_done_work_is_not_done_again(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a stamp for this lock and this Python nothing is run; with another lock it is."""
    monkeypatch.setattr(dev, "VENV", tmp_path)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    for name in ("requirements.lock", "requirements-dev.lock"):
        (tmp_path / name).write_text("a==1\n", encoding="utf-8")
    stamp, content = dev.stamp_of(dev.lock_for(tools=True))
    stamp.write_text(content, encoding="utf-8")
    monkeypatch.setattr(dev, "run", lambda *_words, **_options: pytest.fail("it was done again"))
    dev.set_up(tools=True)
    dev.set_up(tools=False)  # the tools' lock holds the run-time one
    (tmp_path / "requirements-dev.lock").write_text("a==2\n", encoding="utf-8")
    assert not dev.is_installed(dev.lock_for(tools=True))


def test_an_old_python_is_told_so(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a Python before 3.11 set-up stops with that reason."""
    monkeypatch.setattr(dev.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(dev, "VENV", tmp_path)
    with pytest.raises(SystemExit, match=r"Python 3\.11 or newer"):
        dev.set_up(tools=True)


@pytest.mark.parametrize("words", [["check", "--fast"], ["lock", "now"], ["setup", "please"]])
def test_a_misspelt_option_is_refused(words: list[str], dev: ModuleType) -> None:
    """A word that no command knows stops it before anything is done."""
    with pytest.raises(SystemExit, match="not understood"):
        dev.main(words)


def test_without_a_command_it_lists_them() -> None:
    """Called bare it shows every command and ends with the status of a usage error."""
    done = subprocess.run(
        [sys.executable, "-I", ROOT / "dev.py"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    for name in ("setup", "demo", "test", "check", "lock", "bench", "fuzz", "freeze", "deb", "run"):
        assert re.search(rf"^ +{name}\b", done.stdout, re.MULTILINE), name


def test_every_library_of_the_window_has_its_package(dev: ModuleType) -> None:
    """Every soname stands with the Debian package that brings it, and no package twice."""
    both = {**dev.DRAWING, **dev.WINDOW}
    assert len(set(both.values())) == len(both)
    assert all(re.fullmatch(r"lib[\w.+-]+\.so\.\d+", name) for name in both)
