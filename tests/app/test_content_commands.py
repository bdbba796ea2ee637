"""Content sets, benchmark results and the lead's acts from the command line, answered in JSON."""

from collections.abc import Callable
from pathlib import Path

import pytest

import resources
from tests.app.test_commands import Desk, desk, set_up
from tests.helpers.office import BEGIN
from workstation.demo import sample

__all__ = ["desk"]  # the fixture of the other commands' tests


@pytest.fixture
def case(desk: Desk, tmp_path: Path) -> str:
    """A case whose package is accepted and whose evaluation has begun."""
    set_up(desk)
    release = BEGIN.date().replace(month=3, day=27)
    source = sample.write_sample(tmp_path, sent_on=BEGIN.date(), planned_release_on=release)
    facts = ("--developer", "D", "--model", "M", "--checkpoint", "C", "--marking", "UNCLASSIFIED")
    opened = desk.run(
        "case", "open", "--type", "pre-release-access", *facts, "--release", str(release), user="lead"
    )
    case_id = str(opened["case_id"])
    package = desk.run("intake", "receive", case_id, str(source), user="rev")
    desk.run("intake", "accept", str(package["package_id"]), user="lead")
    desk.run("case", "assign", case_id, "lead", "rev", user="lead")
    desk.run("case", "begin", case_id, user="lead")
    return case_id


def rows(answer: dict[str, object], name: str) -> list[dict[str, object]]:
    """A list of the answer."""
    found = answer[name]
    assert isinstance(found, list)
    return found


def test_results_are_read_from_the_command_line(desk: Desk, case: str) -> None:
    """Proposed, taken, entered, corrected, taken back; and a reading that decides nothing."""
    run: Callable[..., dict[str, object]] = desk.run
    log = "data/evaluations/ctf-by-tier.json"
    proposed = rows(run("benchmark", "import", case, user="lead"), "proposed")
    assert [row["recorded_as"] for row in proposed] == [None, None]
    taken = rows(run("benchmark", "import", case, "--take", log, user="lead"), "proposed")
    assert [bool(row["recorded_as"]) for row in taken] == [True, False]
    where = ("--run-by", "A. Tester", "--run-on", "2027-02-25", "--log", "office log 7")
    run("benchmark", "add", case, "range-32", "accuracy", "0.9", *where, "--samples", "200", user="rev")
    reading = run("benchmark", "reading", case, user="off")
    assert (reading["reading"], reading["invented"]) == ("Met", "Invented profile: no real threshold")
    listed = rows(run("benchmark", "list", case, user="off"), "results")
    mine = str(listed[-1]["result"])
    run("benchmark", "take-back", case, mine, "--reason", "wrong machine", user="rev")
    assert run("benchmark", "reading", case, user="off")["reading"] == "Cannot be told"
    run("benchmark", "add", case, "range-32", "accuracy", "0,9", *where, user="rev", status=2)
    run("benchmark", "add", case, "range-32", "accuracy", "0.9", *where, user="off", status=2)
    assert run("case", "show", case, user="lead")["state"] == "In evaluation"


def test_the_lead_tailors_and_imports_propose(desk: Desk, case: str) -> None:
    """What imports propose is listed with its source; tailoring counts apart; others are refused."""
    proposals = rows(desk.run("checklist", "proposals", case, user="rev"), "proposals")
    assert {row["criterion"] for row in proposals} >= {"K2.1", "K2.4", "K5.5"}
    why = ("--reason", "does not apply")
    desk.run("checklist", "tailor", case, "K1.1", *why, user="rev", status=2)
    told = rows(desk.run("checklist", "tailor", case, "K1.1", *why, user="lead"), "criteria")
    assert told[0]["agreed"] == "Tailored out"
    told = rows(desk.run("checklist", "undo-tailoring", case, "K1.1", *why, user="lead"), "criteria")
    assert told[0]["agreed"] == "Unanswered"
    desk.run("checklist", "return", case, "rev", "--feedback", "x", user="lead", status=2)


def test_sets_are_listed_signed_and_taken_into_use(desk: Desk, tmp_path: Path) -> None:
    """Unsigned is refused, trusted and signed comes into use, and the same again is a rollback."""
    set_up(desk)
    listed = rows(desk.run("content", "list", user="rev"), "sets")
    assert [row["set"] for row in listed] == ["eo14409 v1", "invented-cyber v1", "markings-us v1"]
    assert "ORCON" in str(desk.run("content", "show", "markings-us v1", user="rev")["dissem"])
    assert desk.run("content", "show", "invented-cyber v1", user="rev")["rule"] == (
        "at least 2 of (B1, at least 1 of (B2, B3), B4)"
    )
    path = tmp_path / "invented-cyber-v2.json"
    shipped = resources.read_bytes("benchmarks/invented-cyber-v1.json")
    path.write_bytes(shipped.replace(b'"version":1', b'"version":2'))
    desk.run("export", "roots", str(tmp_path / "roots"), user="lead")
    desk.run("content", "add", str(path), "--trust", str(tmp_path / "roots"), user="lead", status=2)
    desk.run("content", "trust", str(tmp_path / "roots"), user="cus")
    desk.run("content", "add", str(path), user="lead", status=2)
    desk.run("content", "sign", str(path), user="lead")
    assert desk.run("content", "add", str(path), user="lead")["set"] == "invented-cyber v2"
    desk.run("content", "add", str(path), user="lead", status=2)
    path.write_bytes(path.read_bytes().replace(b"0.2", b"0.1"))
    desk.run("content", "add", str(path), user="lead", status=4)
