"""The page one arrives at: what needs me next, and how the workstation stands."""

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.workspace import CaseWorkspace
from ui.widgets.tables import Table
from workstation.app import attention, checking, clearinghouse, exporting, queries
from workstation.app import session as sessions
from workstation.core.jobs import JobControl
from workstation.core.referrals import ReferralKind, ReferralText
from workstation.demo.story import passphrase

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


def _told(bench: Bench) -> list[str]:
    """The lines of what needs the person; the table is not there where nothing does."""
    shown = any(table.accessibleName() == NEEDS for table in bench.all(Table))
    return [row[1] for row in bench.cells(NEEDS)] if shown else []


def test_a_draft_waits_on_the_start_page_of_its_counsel_and_of_nobody_else(open_at: Open) -> None:
    """An enforcement referral to be signed off is a line of counsel's start page that opens the referrals."""
    bench = open_at("both-submitted", "feld")
    counsel = bench.window.desk.here.person.person_id
    bench.press("Start")
    bench.settle()
    assert _told(bench) == []
    bench.window.lock("asked")
    drafter = bench.office.unlock("osei")
    text = ReferralText(
        title="Stolen credentials",
        recipient="Field office",
        summary="Seen in a transcript.",
        portion_marking="(U)",
        marking="UNCLASSIFIED",
        statutes=("18 USC 1030",),
    )
    new = clearinghouse.NewReferral(kind=ReferralKind.ENFORCEMENT, text=text, counsel=counsel)
    made = clearinghouse.draft(drafter, CASE, new)
    sessions.lock(drafter, reason="person-left")
    line = "An enforcement referral waits for your sign-off"
    for who in ("osei", "ibarra", "tanaka", "abara", "lindqvist"):
        bench.window.unlocked(bench.office.unlock(who))
        bench.press("Start")
        bench.settle()
        assert line not in _told(bench)
        assert "Stolen credentials" not in bench.words()
        bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("feld"))
    bench.press("Start")
    bench.settle()
    assert _told(bench) == [line]
    bench.table(NEEDS).setFocus()
    bench.key(Qt.Key.Key_Return)
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "referrals"
    clearinghouse.sign(bench.window.desk.here, made.referral_id, passphrase(), JobControl())
    bench.press("Start")
    bench.settle()
    assert line not in _told(bench)
