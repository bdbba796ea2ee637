"""The tree that a screen reader gets, read over a private bus."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.ui import spoken
from tests.ui.stages import Stages

_PROGRAMS = {"xvfb-run": "xvfb", "dbus-run-session": "dbus", "dbus-send": "dbus"}
_ROLES_WITH_NAMES = {
    "push button",
    "button",
    "text",
    "password text",
    "combo box",
    "table",
    "check box",
    "page tab",
}
_TIMEOUT_S = 240


def _missing() -> str:
    absent = {package for program, package in _PROGRAMS.items() if shutil.which(program) is None}
    absent |= set() if spoken.launcher() else {"at-spi2-core"}
    return " ".join(sorted(absent))


@pytest.mark.timeout(_TIMEOUT_S + 120)
def test_a_screen_reader_is_told_every_control_by_name(stages: Stages, tmp_path: Path) -> None:
    """On the checklist each button, field, list, table and tab has a role and a name on the bus."""
    if missing := _missing():
        pytest.skip(f"the bus of screen readers needs the Debian packages: {missing}")
    stages.at("evaluation", tmp_path)
    root = Path(spoken.__file__).parents[2]
    command = ["xvfb-run", "-a", "-s", "-screen 0 1366x768x24", "dbus-run-session", "--", sys.executable]
    done = subprocess.run(
        [*command, "-m", "tests.ui.spoken", str(tmp_path)],
        cwd=root,
        env={**os.environ, "NO_AT_BRIDGE": "0"},
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    nodes = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(nodes) > 40, done.stderr[-2000:]
    assert [node for node in nodes if node["role"] in _ROLES_WITH_NAMES and not node["name"]] == []
    names = {(node["role"], node["name"]) for node in nodes}
    assert {name for role, name in names if role == "table"} >= {"Criteria"}
    assert {"Result", "Detail"} <= {name for _role, name in names}
    assert any(name.startswith("Classification banner, top: UNCLASSIFIED") for _role, name in names)
    assert any("Lock" in name for role, name in names if "button" in role)
