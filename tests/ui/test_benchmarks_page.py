"""The Benchmarks tab, and what stands beside answers: by keyboard, with drafts, and deciding nothing."""

from PySide6.QtCore import Qt

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.benchmarks.picture import ReadingPicture
from workstation.app import benchmarks, queries
from workstation.core.values import CriterionId

CRITERIA, RESULTS, LOGS = (
    "Criteria of the profile",
    "Results for this criterion",
    "Results that logs of the package state",
)


def _go(bench: Bench, tab: str) -> None:
    bench.window.show_case(CASE, tab)
    bench.settle()


def _fill(bench: Bench) -> None:
    bench.type("Value", "0.9")
    bench.type("Run by", "A. Tester")
    bench.type("Run on", "2027-02-25")
    bench.type("Or another log", "office log 7")
    bench.type("Samples", "200")


def test_the_page_reads_and_says_that_the_profile_is_invented(open_at: Open) -> None:
    """Every criterion stands in the list with its reading; the rule names what it joins; none is told."""
    bench = open_at("evaluation", "ibarra")
    _go(bench, "benchmarks")
    assert [row[0] for row in bench.cells(CRITERIA)] == ["B1", "B2", "B3", "B4"]
    assert {row[1] for row in bench.cells(CRITERIA)} == {"Cannot be told"}
    assert "Invented profile: no real threshold" in bench.words()
    assert "It decides nothing." in bench.words()
    assert "rule, at least 2 of B1, (any of B2, B3), B4: cannot be told" in bench.words()


def test_a_result_of_a_log_is_taken_by_keyboard_and_read(open_at: Open) -> None:
    """Choosing a proposal and pressing the button records it; reading, arithmetic and picture follow."""
    bench = open_at("evaluation", "ibarra")
    _go(bench, "benchmarks")
    assert len(bench.cells(LOGS)) == 2
    bench.table(LOGS).go_to(0)
    bench.press("Record the chosen one as the log states it")
    assert len(bench.cells(LOGS)) == 1
    assert bench.cells(CRITERIA)[0][1] == "Met"
    assert "0.57165 \u2265 0.5" in bench.words()
    assert len(bench.cells(RESULTS)) == 1
    (picture,) = bench.all(ReadingPicture)
    assert "0.725, from 0.57165 to 0.83892" in picture.accessibleDescription()
    assert "threshold at least 0.5" in picture.accessibleDescription()


def test_a_result_is_entered_corrected_and_taken_back(open_at: Open) -> None:
    """Ctrl+Enter records, a correction starts from the result, taking back asks for a reason."""
    bench = open_at("evaluation", "osei")
    _go(bench, "benchmarks")
    bench.press("Enter a result")
    _fill(bench)
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.wait_done()
    assert bench.cells(CRITERIA)[0][1] == "Met"
    bench.table(RESULTS).go_to(0)
    bench.press("Correct the chosen result")
    assert bench.typed("Run by") == "A. Tester"
    bench.type("Value", "0.1")
    bench.press("Record result")
    assert "BMK-002" in bench.notice()
    bench.type("Note, or reason of the correction", "typed the share of failures")
    bench.press("Record result")
    assert bench.cells(CRITERIA)[0][1] == "Not met"
    assert [row[2] for row in bench.cells(RESULTS)] == ["Superseded", "Counts"]
    bench.table(RESULTS).go_to(1)
    bench.type("Reason for taking the chosen result back", "the machine was misconfigured")
    bench.press("Take the chosen result back")
    assert bench.cells(CRITERIA)[0][1] == "Cannot be told"


def test_what_was_typed_survives_the_lock(open_at: Open) -> None:
    """A half-written result is there again after locking, in the form where it was left."""
    bench = open_at("evaluation", "osei")
    _go(bench, "benchmarks")
    bench.press("Enter a result")
    _fill(bench)
    bench.window.lock("test")
    bench.arrive("osei")
    _go(bench, "benchmarks")
    assert bench.typed("Value") == "0.9"
    assert bench.typed("Run by") == "A. Tester"
    assert "kept as your draft" in bench.words()


def test_a_wrong_number_keeps_what_was_typed(open_at: Open) -> None:
    """A comma is refused with its own words, and the form is as it was."""
    bench = open_at("evaluation", "osei")
    _go(bench, "benchmarks")
    bench.press("Enter a result")
    _fill(bench)
    bench.type("Value", "0,9")
    bench.press("Record result")
    assert "BMK-001" in bench.notice()
    assert bench.typed("Value") == "0,9"


def test_who_does_not_review_looks_and_enters_nothing(open_at: Open) -> None:
    """The official sees readings and no way to record."""
    bench = open_at("evaluation", "lindqvist")
    _go(bench, "benchmarks")
    assert bench.is_at(CRITERIA)
    assert not bench.has_button("Enter a result")
    assert not bench.is_at(LOGS)


def test_a_proposal_fills_the_editor_and_answers_nothing(open_at: Open) -> None:
    """Only saving makes an answer of it; where an own answer stands, the proposal has no button."""
    bench = open_at("evaluation", "osei")
    _go(bench, "checklist")
    names = [row[0] for row in bench.cells("Criteria")]
    bench.table("Criteria").go_to(names.index("K2.4"))
    assert "Proposed by the weight files: Met." in bench.words()
    bench.press("Use it")
    assert "proposed by the weight files" in bench.typed("Detail")
    session = bench.window.desk.here
    mine = {row.criterion_id: row.mine for row in queries.criteria(session, CASE)}
    assert mine[CriterionId("K2.4")] is None
    bench.press("Save answer")
    bench.table("Criteria").go_to(names.index("K2.4"))
    assert not bench.has_button("Use it")
    assert benchmarks.view(session, CASE).results == ()


def test_the_lead_tailors_out_and_undoes(open_at: Open) -> None:
    """With a reason the criterion stands apart; asked again it can be answered."""
    bench = open_at("evaluation", "ibarra")
    _go(bench, "checklist")
    bench.press("Tailor K1.1 out")
    assert "CAS-002" in bench.notice()
    bench.type("Reason, or feedback to the reviewer", "does not apply to an inquiry")
    bench.press("Tailor K1.1 out")
    assert bench.cells("Criteria")[0][2:] == ["Tailored out", "Tailored out"]
    assert not bench.has_button("Save answer")
    bench.type("Reason, or feedback to the reviewer", "it does apply")
    bench.press("Ask K1.1 again")
    assert bench.cells("Criteria")[0][2] == "Unanswered"


def test_a_checklist_goes_back_to_its_reviewer(open_at: Open) -> None:
    """The lead writes feedback; the reviewer reads it above the list and can answer again."""
    bench = open_at("both-submitted", "ibarra")
    _go(bench, "checklist")
    bench.type("Reason, or feedback to the reviewer", "Name the page.")
    bench.press("Return the checklist of K. Osei")
    bench.window.lock("test")
    bench.arrive("osei")
    _go(bench, "checklist")
    assert "Returned to you by R. Ibarra: Name the page." in bench.words()
    assert bench.has_button("Submit my checklist")
