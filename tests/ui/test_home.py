"""The page one arrives at: what needs me next, and how the workstation stands."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.workspace import CaseWorkspace
from workstation.app import attention, exporting, queries

NEEDS, STATION = "What needs me next", "The workstation itself"


@pytest.mark.parametrize(
    ("stage", "who", "words"),
    [
        ("quarantined", "ibarra", "Decide on the package in quarantine"),
        ("evaluation", "osei", "Both reviewers answer and submit the checklist"),
        ("evaluation", "osei", "Nobody has opened 13 of 13 files"),
        ("consulted", "lindqvist", "Record consultations; the official determines"),
        ("requested", "tanaka", "Release the export for Office of the Director (DEMO), or return it"),
    ],
)
def test_each_person_sees_what_waits_for_them(open_at: Open, stage: str, who: str, words: str) -> None:
    """The next step of a case is a line for whoever takes it, and for nobody else."""
    bench = open_at(stage, who)
    bench.press("Start")
    assert words in [row[1] for row in bench.cells(NEEDS)]
    found = attention.read(bench.window.desk.here)
    others = [need for need in found.needs if not need.mine]
    assert others == []


def test_a_line_opens_the_page_where_it_is_done(open_at: Open) -> None:
    """Enter on the line about files nobody opened leads into the package."""
    bench = open_at("evaluation", "osei")
    bench.press("Start")
    lines = [row[1] for row in bench.cells(NEEDS)]
    bench.table(NEEDS).setFocus()
    bench.table(NEEDS).go_to(lines.index("Nobody has opened 13 of 13 files"))
    bench.key(Qt.Key.Key_Return)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "package"


def test_a_returned_request_waits_for_its_requester(open_at: Open) -> None:
    """What the officer returned is a line with the reason for who asked, until it is asked again."""
    bench = open_at("requested", "tanaka")
    export = queries.waiting_exports(bench.window.desk.here)[0].export
    exporting.return_request(bench.window.desk.here, export.export_id, reason="Wrong recipient")
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("osei"))
    bench.press("Start")
    assert "Your request was returned: Wrong recipient" in [row[1] for row in bench.cells(NEEDS)]
    assert bench.banners() == ("UNCLASSIFIED", "UNCLASSIFIED")


def test_what_runs_out_is_told_to_everybody(open_at: Open) -> None:
    """A window at risk is a line for people whose turn it is not, said as somebody else's."""
    bench = open_at("evaluation", "ibarra")
    bench.office.clock.advance(timedelta(days=25))
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("lindqvist"))
    bench.press("Start")
    lines = bench.cells(NEEDS)
    assert lines[0][0] == "5 days left, at risk"
    assert lines[0][1].startswith("Running out, somebody else's turn: ")


def test_the_vault_is_checked_from_the_page(open_at: Open) -> None:
    """The check runs as a job, its answer is a notice, and the line about it is in order afterwards."""
    bench = open_at("accepted", "osei")
    bench.press("Start")
    assert ["Check of the vault", "Look", "Never done. Check the whole vault once a month"] in bench.cells(
        STATION
    )
    bench.press("Check the whole vault")
    assert "Everything is intact: 13 stored files" in bench.notice()
    row = next(row for row in bench.cells(STATION) if row[0] == "Check of the vault")
    assert row[1] == "In order"


def test_a_vault_that_is_not_intact_is_said_so(open_at: Open) -> None:
    """A flipped byte in a stored file makes the check end in danger, and the line says to act now."""
    bench = open_at("accepted", "osei")
    containers = [
        path
        for path in (bench.office.folder / "profile").rglob("*")
        if path.is_file() and path.parent.name != "profile" and path.stat().st_size > 30_000
    ]
    assert containers
    for path in containers:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    bench.press("Start")
    bench.press("Check the whole vault")
    assert "VLT-060" in bench.notice()
    row = next(row for row in bench.cells(STATION) if row[0] == "Check of the vault")
    assert row[1] == "Act now"


def test_a_clock_set_back_is_to_be_acted_on(open_at: Open) -> None:
    """A clock that reads earlier than the trail is the first line about the workstation, and in the strip."""
    bench = open_at("evaluation", "osei")
    bench.office.clock.advance(timedelta(days=-2))
    bench.press("Start")
    bench.window.router.refresh()
    assert bench.cells(STATION)[0][:2] == ["Clock", "Act now"]
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert "CLOCK SET BACK 47 H" in bench.words() or "CLOCK SET BACK 48 H" in bench.words()
    assert "It was set back" in str(bench.cells(STATION)) or bench.window.router.case_id == CASE
