"""The command line's way to the end of a case, and to a checkpoint held against the trail."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.ready_office import office_at
from workstation import bootstrap, cli
from workstation.app import exits
from workstation.core.exits import Disposition
from workstation.core.values import CaseId
from workstation.demo.story import PASSPHRASE
from workstation.machine import RandomIds

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[Run, CaseId]:
    """Commands on a determined case whose material is disposed of."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("ibarra") as session:
        exits.record_disposition(
            session,
            case_id,
            Disposition.RETURNED,
            material="the disk",
            done_on=date(2026, 1, 1),
            reference="R-1",
        )
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: story.clock)
    monkeypatch.setattr(bootstrap, "RandomIds", RandomIds)

    def run(*words: str, user: str, status: int = 0) -> dict[str, Any]:
        options = ["--vault", str(tmp_path / "profile"), "--demo", "--json", "--user", user]
        assert cli.main([*words[:2], *options, *words[2:]]) == status, capsys.readouterr().err
        out = capsys.readouterr().out.strip()
        return dict(json.loads(out)) if out else {}

    return run, case_id


def test_the_command_line_destroys_what_it_has_shown(desk: tuple[Run, CaseId]) -> None:
    """Without a count it only shows; with another count it refuses; with the right one it is done, once."""
    run, case_id = desk
    run("case", "destroy", case_id, "--files", "1", user="tanaka", status=2)
    asked = run("case", "request-destruction", case_id, "--reason", "returned", user="ibarra")
    assert asked["in_the_way"] == ""
    run("case", "keep", case_id, "--reason", "not yet", user="ibarra")
    run("case", "request-destruction", case_id, "--reason", "returned", user="ibarra")
    count = run("case", "destroy", case_id, user="tanaka")["file_count"]
    assert count > 0
    run("case", "destroy", case_id, "--files", str(count + 1), user="tanaka", status=2)
    run("case", "destroy", case_id, "--files", str(count), user="ibarra", status=2)
    made = run("case", "destroy", case_id, "--files", str(count), user="tanaka")
    assert made["certificate"].startswith("REPORT-")
    run("case", "destroy", case_id, "--files", "0", user="tanaka", status=2)
    assert run("vault", "check", user="abara")["holds"] is True
    assert run("case", "show", case_id, user="osei")["case_id"] == case_id


def test_a_checkpoint_from_a_backup_is_held_against_the_trail(
    desk: tuple[Run, CaseId], tmp_path: Path
) -> None:
    """One that goes with the trail holds; one of another row does not, and the command ends as tampered."""
    run, _case_id = desk
    run("vault", "backup", str(tmp_path / "kept"), user="abara")
    path = tmp_path / "kept" / "checkpoint-000001.json"
    answer = run("vault", "check", "--checkpoint", str(path), user="abara")
    assert (answer["holds"], answer["checkpoints_broken"]) == (True, [])
    assert answer["checkpoints"] > 0
    facts = json.loads(path.read_text())
    path.write_text(json.dumps(facts | {"seq": facts["seq"] - 1}))
    answer = run("vault", "check", "--checkpoint", str(path), user="abara", status=4)
    assert "signature" in answer["checkpoints_broken"][0]
    run("vault", "check", "--checkpoint", str(tmp_path / "none"), user="abara", status=2)
