"""Findings begun from a tool's report, with several places of evidence, and said better: in the window."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from tests.helpers.office import office
from tests.ui.bench import Bench
from tests.ui.stages import Office
from workstation.app import findings, quarantine
from workstation.core.findings import Finding, OriginKind
from workstation.settings import Settings

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
def bench(tmp_path: Path, qapp: QApplication) -> Iterator[Bench]:
    """The first reviewer at a case whose accepted package holds a tool's report and a card."""
    source = tmp_path / "submission"
    source.mkdir()
    (source / "scan.sarif").write_text(json.dumps(SARIF), encoding="utf-8")
    (source / "card.md").write_text("# Card\n", encoding="utf-8")
    story = office(tmp_path, source=source)
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Read.")
    made = Bench(
        office=Office(services=story.services, clock=story.clock, folder=tmp_path, case_id=case_id),
        settings=Settings(),
    )
    made.arrive("osei")
    turn(made)
    yield made
    made.close()


def turn(bench: Bench) -> None:
    """To the findings, read."""
    bench.window.show_case(bench.office.case_id, "findings")
    QApplication.processEvents()
    bench.settle()


def recorded(bench: Bench) -> tuple[Finding, ...]:
    """The findings of the case."""
    return findings.of_case(bench.window.desk.here, bench.office.case_id)


def test_a_result_of_a_tools_report_becomes_a_finding_only_by_a_press(bench: Bench) -> None:
    """The results are listed; one is recorded as the tool states it, once, with its place as evidence."""
    assert [row[:4] for row in bench.cells("Results of the report")] == [
        ["0", "error", "R1", "Template <b>runs</b> code"],
        ["1", "note", "R2", "Second"],
    ]
    assert recorded(bench) == ()
    bench.press("Record it as the tool states it")
    bench.settle()
    (made,) = recorded(bench)
    assert (made.origin.kind, made.origin.tool, made.origin.rule) == (OriginKind.TOOL, "ScanIt 2", "R1")
    assert [(link.untrusted_path, link.anchor) for link in made.text.evidence] == [("scan.sarif", "result=0")]
    assert bench.cells("Results of the report")[0][4] == made.finding_id
    assert not bench.button("Record it as the tool states it").isEnabled()
    assert bench.has_button("Open scan.sarif result=0")


def test_a_finding_begun_from_a_result_is_finished_by_the_person(bench: Bench) -> None:
    """The form holds the tool's words and place; what is recorded names the tool and the person's words."""
    bench.table("Results of the report").go_to(1)
    bench.press("Begin a finding from it")
    assert bench.typed("Title") == "Second"
    bench.type("Title", "The loader trusts its input")
    bench.press("Record this finding")
    (made,) = recorded(bench)
    assert (made.text.title, made.origin.tool, made.origin.rule) == (
        "The loader trusts its input",
        "ScanIt 2",
        "R2",
    )
    assert made.text.evidence[0].anchor == "result=1"


def test_several_places_are_named_and_one_is_taken_off_again(bench: Bench) -> None:
    """Each added place is shown with a way to take it off; the record holds those that are left."""
    bench.press("Report a finding")
    for name, text in (("Title", "T"), ("Description", "D"), ("Affected component", "C")):
        bench.type(name, text)
    for path, place in (("card.md", "words"), ("scan.sarif", "result=1")):
        bench.choose("Evidence in the package", path)
        bench.type("Place in the file", place)
        bench.press("Add this and name further evidence")
    assert bench.named(QLineEdit, "Place in the file").text() == ""
    bench.choose("Evidence in the package", "scan.sarif")
    bench.type("Place in the file", "result=0")
    bench.words()  # what was added is drawn on the window's next round
    (off,) = [one for one in bench.all(QPushButton) if one.accessibleName().endswith("card.md words")]
    off.click()
    bench.press("Record this finding")
    (made,) = recorded(bench)
    assert [(link.untrusted_path, link.anchor) for link in made.text.evidence] == [
        ("scan.sarif", "result=1"),
        ("scan.sarif", "result=0"),
    ]


def test_a_finding_is_said_better_with_a_reason_and_what_is_typed_survives(bench: Bench) -> None:
    """The form opens over its words; refused without a reason, it keeps them; the history tells why."""
    bench.press("Record it as the tool states it")
    bench.press("Say it better")
    assert "better" in bench.words()
    bench.type("Title", "Rendering the template runs code")
    bench.press("Record the revision")
    assert "CAS-204" in bench.notice()
    bench.window.lock("asked")
    bench.arrive("osei")
    turn(bench)
    bench.press("Say it better")
    assert bench.typed("Title") == "Rendering the template runs code"
    bench.type("Reason of the revision", "The tool's words are no title.")
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.settle()
    (made,) = recorded(bench)
    assert made.text.title == "Rendering the template runs code"
    assert [row[2:] for row in bench.cells("History of the finding")][-1] == [
        "Revised",
        "The tool's words are no title.",
    ]
    assert bench.has_button("Open scan.sarif result=0")
