"""From the opinions to a verified export, by the words on the screen."""

from pathlib import Path

from PySide6.QtWidgets import QComboBox

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.releases.view import ReleasesPage
from ui.verify.view import VerifyPage
from ui.widgets.pdf_view import PdfView
from workstation.app import queries
from workstation.core.cases import CaseState
from workstation.core.exports import ExportState


def _case(bench: Bench) -> queries.CaseView:
    return queries.case_view(bench.window.desk.here, CASE)


def test_blockers_are_said_before_anybody_presses(open_at: Open) -> None:
    """The page names the unsettled criterion and who has given no opinion."""
    bench = open_at("both-submitted", "ibarra")
    bench.window.show_case(CASE, "determination")
    words = bench.words()
    assert "nobody has settled: K6.5" in words
    assert "No opinion yet from: R. Ibarra, K. Osei" in words


def test_a_blocked_recommendation_is_refused_and_stays_typed(open_at: Open) -> None:
    """The notice lists what blocks in words; the reasons stay in the form."""
    bench = open_at("both-submitted", "ibarra")
    bench.window.show_case(CASE, "determination")
    forms = bench.window.router.page.part.forms  # type: ignore[attr-defined]  # two forms share their words
    forms["recommend"].reasons.setPlainText("All readings agree.")
    bench.press("Recommend this")
    assert "none is suggested to you" in bench.words()
    chosen = next(box for box in forms["recommend"].findChildren(QComboBox))
    chosen.setCurrentIndex(chosen.findText("Covered frontier model"))
    bench.press("Recommend this")
    assert "CAS-030" in bench.notice()
    assert forms["recommend"].reasons.toPlainText() == "All readings agree."


def test_a_reviewer_gives_an_opinion_in_dissent(open_at: Open) -> None:
    """Conclusion, reasons and dissent are recorded and shown in the record."""
    bench = open_at("both-submitted", "osei")
    bench.window.show_case(CASE, "determination")
    bench.choose("Conclusion", "Not a covered frontier model")
    bench.type("Reasons", "The measured uplift is small.")
    bench.press("In dissent: print it as one")
    bench.press("Give this opinion")
    assert "Your opinion is recorded" in bench.notice()
    assert "K. Osei, in dissent" in bench.words()
    assert bench.typed("Reasons") == ""


def test_the_official_records_consultations_and_determines(open_at: Open) -> None:
    """Four parties, one silent; then the determination; the next step is the report."""
    bench = open_at("recommended", "lindqvist")
    bench.window.show_case(CASE, "determination")
    for number in range(4):
        if number:
            bench.type("Answer", "Concurs.")
        bench.press("Record this consultation")
        assert "Consultation recorded" in bench.notice()
    assert "Nothing stands in the way." in bench.words()
    bench.choose("Conclusion", "Covered frontier model")
    bench.press("Determine this")
    assert "CAS-031" in bench.notice()
    bench.type("Reasons", "On the whole record.")
    bench.press("Determine this")
    assert _case(bench).row.state is CaseState.DETERMINED
    assert "no answer received" in bench.words()


def test_a_reviewer_looks_signs_and_requests(open_at: Open) -> None:
    """Pages are shown, a wrong passphrase signs nothing, the right one does, the request waits."""
    bench = open_at("determined", "osei")
    bench.window.show_case(CASE, "export")
    bench.press("Look at it as pages")
    assert bench.all(PdfView)
    assert "Page 1 of" in bench.words()
    bench.type("Your passphrase", "not the passphrase at all")
    bench.press("Compose and sign as reviewer")
    assert "VLT-" in bench.notice()
    assert not _case(bench).reports
    bench.passphrase("Your passphrase")
    bench.press("Compose and sign as reviewer")
    assert "is signed and kept" in bench.notice()
    bench.type("Recipient", "Office of the Director")
    bench.press("Request the export")
    assert [e.state for e in _case(bench).exports] == [ExportState.REQUESTED]


def test_the_officer_releases_to_a_medium_and_it_verifies(open_at: Open, tmp_path: Path) -> None:
    """Written, read back, safe to remove; the verification page accepts it; one changed byte is named."""
    bench = open_at("requested", "tanaka")
    medium = tmp_path / "medium"
    medium.mkdir()
    bench.list_medium(medium)
    page = bench.window.findChild(ReleasesPage)
    page.folder_chosen.emit(medium)
    assert str(medium) in bench.named(QComboBox, "Medium").currentText()
    bench.type("Marking on its label", "UNCLASSIFIED")
    bench.passphrase("Your passphrase")
    bench.press("Sign, write and read back")
    assert "safe to remove" in bench.notice()
    assert "No request waits for release." in bench.words()
    export = next(iter(medium.iterdir()))
    bench.window.show_verify()
    verify = bench.window.findChild(VerifyPage)
    verify.chosen.emit(export)
    bench.wait_done()
    assert "Verified: every file is as signed" in bench.words()
    assert "the last signature covers the whole file" in bench.words()
    assert "kept in this vault; nothing that came with the export is believed" in bench.words()
    content = bytearray((export / "report.pdf").read_bytes())
    content[1000] ^= 1
    (export / "report.pdf").write_bytes(content)
    verify.chosen.emit(export)
    bench.wait_done()
    assert "NOT VERIFIED" in bench.words()
    assert any("report.pdf" in row[1] for row in bench.cells("What does not hold"))


def test_a_medium_marked_too_low_is_refused_and_the_request_waits_on(open_at: Open, tmp_path: Path) -> None:
    """Nothing is signed or written; the marking stays typed, the passphrase does not."""
    bench = open_at("requested", "tanaka")
    medium = tmp_path / "medium"
    medium.mkdir()
    bench.list_medium(medium)
    bench.window.findChild(ReleasesPage).folder_chosen.emit(medium)
    bench.type("Marking on its label", "VERY HIGH")
    bench.passphrase("Your passphrase")
    bench.press("Sign, write and read back")
    assert "MRK-" in bench.notice()
    assert bench.typed("Marking on its label") == "VERY HIGH"
    assert bench.typed("Your passphrase") == ""
    assert list(medium.iterdir()) == []
    assert len(bench.cells("Requests for release")) == 1


def test_the_officer_returns_a_request(open_at: Open) -> None:
    """The request leaves the list with its reason."""
    bench = open_at("requested", "tanaka")
    bench.type("Reason for returning", "The recipient is not named.")
    bench.press("Return to the requester")
    assert "is returned to the requester" in bench.notice()
    assert [e.reason for e in _case(bench).exports] == ["The recipient is not named."]
