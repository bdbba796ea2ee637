"""Findings begun from what the examination or a tool noted: proposed, never recorded by themselves."""

import json
from pathlib import Path

import pytest

from tests.helpers.office import office
from workstation import bootstrap, cli
from workstation.app import finding_sources, findings, quarantine, queries
from workstation.core.findings import FindingState, OriginKind
from workstation.core.packages import Package
from workstation.core.values import CaseId
from workstation.demo.story import PASSPHRASE, Story
from workstation.machine import SystemClock

SARIF = {
    "version": "2.1.0",
    "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
    "runs": [
        {
            "tool": {"driver": {"name": "ScanIt", "version": "2"}},
            "results": [
                {"ruleId": "R1", "level": "error", "message": {"text": "Template <b>runs</b> code"}},
                {"ruleId": "R2", "level": "note", "message": {"text": "Second"}},
            ],
        }
    ],
}


@pytest.fixture
def told(tmp_path: Path) -> tuple[Story, CaseId, Package]:
    """A case whose accepted package holds one report of a tool."""
    source = tmp_path / "submission"
    source.mkdir()
    (source / "scan.sarif").write_text(json.dumps(SARIF), encoding="utf-8")
    story = office(tmp_path, source=source)
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Read.")
    return story, case_id, package


def test_a_tools_results_are_proposed_and_recorded_by_name(told: tuple[Story, CaseId, Package]) -> None:
    """Listing records nothing; what a person takes names the tool and its rule, and is not yet judged."""
    story, case_id, package = told
    with story.acting("osei") as session:
        results = finding_sources.of_tool(session, case_id, package.package_id, "scan.sarif")
        assert [(one.new.origin.rule, one.level, one.known) for one in results] == [
            ("R1", "error", None),
            ("R2", "note", None),
        ]
        assert findings.of_case(session, case_id) == ()
        made = findings.report(session, case_id, results[0].new)
        assert (made.origin.kind, made.origin.tool) == (OriginKind.TOOL, "ScanIt 2")
        assert made.state is FindingState.REPORTED
        again = finding_sources.of_tool(session, case_id, package.package_id, "scan.sarif")
        assert [one.known for one in again] == [made.finding_id, None]
    with story.acting("ibarra") as session:
        blind = finding_sources.of_tool(session, case_id, package.package_id, "scan.sarif")
        assert [one.known for one in blind] == [None, None]


def test_what_the_examination_noted_begins_a_finding(told: tuple[Story, CaseId, Package]) -> None:
    """Every note of the package becomes a finding that could be recorded as it is."""
    story, case_id, package = told
    with story.acting("osei") as session:
        for noted in package.findings:
            new = finding_sources.from_examination(package.package_id, noted)
            if not noted.path or noted.path in queries.paths(session, package.package_id, limit=10):
                assert findings.report(session, case_id, new).origin.rule == noted.code


def test_results_are_imported_by_number_on_the_command_line(
    told: tuple[Story, CaseId, Package],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Without a number nothing is recorded; the same number twice is recorded once."""
    story, case_id, _package = told
    monkeypatch.setenv("FRW_PASSPHRASE", PASSPHRASE)
    monkeypatch.setattr(bootstrap, "SystemClock", lambda: story.clock)
    monkeypatch.setattr(SystemClock, "now", lambda _clock: story.clock.now())
    options = ["--vault", str(tmp_path / "profile"), "--demo", "--json", "--user", "osei"]
    for numbers, recorded in (([], 0), (["--result", "1"], 1), (["--result", "1"], 1)):
        capsys.readouterr()
        assert cli.main(["finding", "import", *options, case_id, "scan.sarif", *numbers]) == 0
        rows = json.loads(capsys.readouterr().out)["results"]
        assert [row["finding"] is not None for row in rows] == [False, bool(recorded)]
    with story.acting("osei") as session:
        assert len(findings.of_case(session, case_id)) == 1
