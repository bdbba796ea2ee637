"""One case from its opening to the settled checklist, by the words on the screen."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE, DIFFERS, START
from ui.package.view import PackagePage
from workstation.app import queries
from workstation.core.cases import CaseState
from workstation.demo import sample


def _case(bench: Bench) -> queries.CaseView:
    return queries.case_view(bench.window.desk.here, CASE)


def _bag(folder: Path) -> Path:
    return sample.write_sample(folder, sent_on=START.date(), planned_release_on=START.date())


def test_a_reviewer_opens_a_case(open_at: Open) -> None:
    """The form opens a case with the date shown in it, and the window goes to its overview."""
    bench = open_at("people", "ibarra")
    bench.press("New case")
    for name, text in (("Developer", "Northwind"), ("Model", "Aster-3"), ("Checkpoint", "0219")):
        bench.type(name, text)
    bench.press("Open this case")
    assert "Aster-3, 0219" in bench.words()
    assert "Receive the submission package" in bench.words()
    assert bench.banners() == ("UNCLASSIFIED", "UNCLASSIFIED")


def test_a_refused_case_keeps_what_was_typed(open_at: Open) -> None:
    """An impossible marking is refused with a next step; the form stays as typed."""
    bench = open_at("people", "ibarra")
    bench.press("New case")
    for name, text in (("Developer", "Northwind"), ("Model", "Aster-3"), ("Checkpoint", "0219")):
        bench.type(name, text)
    bench.type("Classification banner", "RATHER SECRET")
    bench.press("Open this case")
    assert "MRK-" in bench.notice()
    assert bench.typed("Developer") == "Northwind"
    assert bench.typed("Classification banner") == "RATHER SECRET"
    assert queries.case_rows(bench.window.desk.here) == ()


def test_a_package_is_received_and_accepted_by_name(open_at: Open, tmp_path: Path) -> None:
    """The tab receives a bag in a job, lists its files, and accepts it out of quarantine."""
    bench = open_at("opened", "osei")
    bench.window.show_case(CASE, "package")
    assert bench.has_button("Choose a folder or bag")
    page = bench.window.findChild(PackagePage)
    page.received.emit(_bag(tmp_path))
    assert bench.has_button("Cancel work")
    bench.wait_done()
    assert "They wait in quarantine" in bench.notice()
    assert len(bench.cells("Files of the package")) == 13
    bench.type("Reason", "Read and understood")
    bench.press("Accept out of quarantine")
    assert "Recorded under your name" in bench.notice()
    assert _case(bench).row.state is CaseState.ACCEPTED
    assert "by K. Osei. Read and understood" in bench.words()


def test_receiving_can_be_cancelled_and_taken_up_again(open_at: Open, tmp_path: Path) -> None:
    """Cancelled at its first piece it says so; the same submission goes on; another one is refused."""
    bench = open_at("opened", "osei")
    bench.window.show_case(CASE, "package")
    page = bench.window.findChild(PackagePage)
    page.received.emit(_bag(tmp_path))
    bench.window.jobs.cancel()
    bench.wait_done()
    assert "Stopped" in bench.notice()
    assert "Go on receiving" in bench.words()
    other = tmp_path / "another"
    other.mkdir()
    page.received.emit(other)
    bench.wait_done()
    assert "INT-012" in bench.notice()
    page.received.emit(tmp_path / "aster-3-submission")
    bench.wait_done()
    assert _case(bench).row.state is CaseState.QUARANTINED


def test_returning_without_a_reason_is_refused_and_with_one_done(open_at: Open) -> None:
    """Nothing leaves quarantine silently."""
    bench = open_at("quarantined", "ibarra")
    bench.window.show_case(CASE, "package")
    bench.press("Return as deficient")
    assert "INT-003" in bench.notice()
    bench.type("Reason", "The weights are missing")
    bench.press("Return as deficient")
    assert _case(bench).row.state is CaseState.DEFICIENT


def test_the_lead_assigns_two_and_begins(open_at: Open) -> None:
    """The overview assigns two different people, refuses one twice, and begins the evaluation."""
    bench = open_at("accepted", "ibarra")
    bench.window.show_case(CASE)
    bench.choose("First reviewer", "K. Osei")
    bench.choose("Second reviewer", "K. Osei")
    bench.press("Assign these two")
    assert "CAS-003" in bench.notice()
    bench.choose("First reviewer", "R. Ibarra")
    bench.press("Assign these two")
    assert "Reviewers assigned" in bench.notice()


def test_an_answer_is_given_by_keyboard_and_the_next_criterion_follows(open_at: Open) -> None:
    """Result, detail, Ctrl+Enter: the answer is in the store and the cursor at the next one's result."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    first, second = (row[0] for row in bench.cells("Criteria")[:2])
    assert first in bench.words()
    bench.named(QComboBox, "Result").setFocus()
    bench.key(Qt.Key.Key_Down)
    bench.type("Detail", "The letter names the sender.")
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert bench.cells("Criteria")[0][2] == "Met"
    assert bench.table("Criteria").currentIndex().row() == 1
    assert bench.named(QComboBox, "Result").hasFocus()
    answers = {row.criterion_id: row.mine for row in queries.criteria(bench.window.desk.here, CASE)}
    saved = answers[first]
    assert saved is not None
    assert saved.detail == "The letter names the sender."
    assert answers[second] is None


def test_an_answer_without_support_is_refused_and_stays_typed(open_at: Open) -> None:
    """Met without detail or evidence is refused with its next step; the chosen result stays."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.press("Save answer")
    assert "Choose a result; without one nothing is saved." in bench.words()
    bench.choose("Result", "Met")
    bench.press("Save answer")
    assert "CAS-020" in bench.notice()
    assert bench.named(QComboBox, "Result").currentText() == "Met"


def test_an_incomplete_checklist_cannot_be_submitted(open_at: Open) -> None:
    """Submitting with criteria open is refused and says how many."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.press("Submit my checklist")
    assert "CAS-006" in bench.notice()


@pytest.mark.parametrize(("stage", "seen"), [("one-submitted", False), ("both-submitted", True)])
def test_the_other_reviewers_answers_show_only_after_both_submitted(
    open_at: Open, stage: str, *, seen: bool
) -> None:
    """Blind until both have submitted, then both with what differs."""
    bench = open_at(stage, "osei")
    bench.window.show_case(CASE, "checklist")
    assert ("Seen by ibarra." in bench.words()) is seen
    agreed = {row[0]: row[3] for row in bench.cells("Criteria")}
    assert agreed[DIFFERS] == ("Differs" if seen else "-")


def test_a_lead_who_did_not_answer_settles_a_difference(open_at: Open) -> None:
    """Without a reason it is refused; with one the difference is gone."""
    bench = open_at("both-submitted", "haddad")
    bench.window.show_case(CASE, "checklist")
    bench.table("Criteria").go_to([row[0] for row in bench.cells("Criteria")].index(DIFFERS))
    bench.press("Settle this difference")
    assert "CAS-002" in bench.notice()
    bench.type("Reason for settling", "The range was too short.")
    bench.press("Settle this difference")
    assert f"{DIFFERS} settled" in bench.notice()
    assert {row[0]: row[3] for row in bench.cells("Criteria")}[DIFFERS] == "Cannot tell"
