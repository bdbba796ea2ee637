"""The page one arrives at: what needs me next, and how the workstation stands."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.workspace import CaseWorkspace
from workstation.app import attention, checking, exporting, queries
from workstation.core.jobs import JobControl

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


def test_the_state_of_the_workstation_leads_to_its_page(open_at: Open) -> None:
    """Never checked and never backed up are lines to look at; Enter opens the vault's page."""
    bench = open_at("accepted", "osei")
    bench.press("Start")
    rows = {row[0]: row[1] for row in bench.cells(STATION)}
    assert rows["Check of the vault"] == rows["Backup"] == "Look"
    assert rows["Clock"] == rows["Revocation lists"] == "In order"
    bench.table(STATION).setFocus()
    bench.key(Qt.Key.Key_Return)
    assert bench.window.router.place.name == "vault"


def test_a_check_of_the_vault_counts_until_it_is_old(open_at: Open) -> None:
    """After a check the line is in order; a month later it is to be looked at again."""
    bench = open_at("accepted", "osei")
    session = bench.window.desk.here
    checking.check_vault(session, JobControl())
    assert {check.key for check in attention.station(session)} >= {"vault-good", "backup-never"}
    bench.office.clock.advance(timedelta(days=31))
    assert "vault-old" in {check.key for check in attention.station(session)}


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
