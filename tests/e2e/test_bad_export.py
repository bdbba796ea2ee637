"""An export with anything wrong in it, on the command line."""

from pathlib import Path

import pytest

from tests.helpers.bad_exports import damaged, files_of, two_exports
from tests.ui.stages import Office, Stages
from workstation import cli, machine


@pytest.fixture
def office(stages: Stages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """One whose clock the verifier shares."""
    office = stages.at("requested", tmp_path / "office")
    monkeypatch.setattr(machine, "SystemClock", lambda: office.clock)
    return office


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_is_pulled_changed_or_swapped_is_named(
    office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each file the folder holds, pulled or with one byte changed, and the report of another export."""
    export, other = two_exports(office, tmp_path / "medium")
    trust = str(tmp_path / "medium" / "trust")
    for folder in (export, other):
        assert cli.main(["verify", str(folder), "--trust", trust, "--demo"]) == 0, capsys.readouterr().out
    assert "report.pdf" in files_of(export)
    for name, folder in damaged(export, other, tmp_path / "damaged"):
        capsys.readouterr()
        status = cli.main(["verify", str(folder), "--trust", trust, "--demo"])
        said = capsys.readouterr().out
        assert status != 0, (name, folder.name)
        line = next((line for line in said.splitlines() if line.startswith(f"  {name}: ")), "")
        assert line.endswith(")"), (name, folder.name, said)  # the title, and the code in brackets
        assert not said.startswith("Verified"), said
