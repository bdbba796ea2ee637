"""The documents a case offers, looked at, signed and requested from the window."""

from PySide6.QtWidgets import QComboBox, QLineEdit

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.widgets.pdf_view import PdfView
from workstation.app import queries
from workstation.core.report import DocumentKind


def _offered(box: QComboBox) -> list[str]:
    return [box.itemText(index) for index in range(box.count())]


def test_the_tab_offers_what_the_case_can_give(open_at: Open) -> None:
    """A case in quarantine gives receipt and custody log, and no notice of what is not determined."""
    bench = open_at("quarantined", "ibarra")
    bench.window.show_case(CASE, "export")
    offered = _offered(bench.named(QComboBox, "Document"))
    assert {"Intake receipt", "Custody log"} <= set(offered)
    assert not {"Developer notice", "Determination report", "Deficiency letter"} & set(offered)


def test_a_variant_of_a_notice_is_looked_at_signed_and_requested(open_at: Open) -> None:
    """Pages are shown before anything is signed; the recipient's level is kept with the signed document."""
    bench = open_at("determined", "osei")
    bench.window.show_case(CASE, "export")
    bench.choose("Document", "Developer notice")
    assert "the outcome, without anything the review rests on" in bench.words()
    bench.type("Releasable to (marking)", "NOBODY")
    bench.press("Look at it as pages")
    assert "MRK-" in bench.notice()
    bench.type("Releasable to (marking)", "UNCLASSIFIED")
    bench.press("Look at it as pages")
    assert bench.all(PdfView)
    assert "Page 1 of" in bench.words()
    assert not queries.case_view(bench.window.desk.here, CASE).reports
    bench.passphrase("Your passphrase")
    bench.press("Compose and sign as reviewer")
    assert "Developer notice" in bench.notice()
    assert "0 items removed" in bench.notice()
    (report,) = queries.case_view(bench.window.desk.here, CASE).reports
    assert (report.kind, report.releasable_to) == (DocumentKind.DEVELOPER_NOTICE, "UNCLASSIFIED")
    assert bench.named(QLineEdit, "Releasable to (marking)").text() == ""
    bench.type("Recipient", "Northwind (DEMO)")
    bench.press("Request the export")
    (export,) = queries.case_view(bench.window.desk.here, CASE).exports
    assert (export.report_id, export.recipient) == (report.report_id, "Northwind (DEMO)")


def test_a_signed_notice_does_not_stand_for_the_report(open_at: Open) -> None:
    """After a notice is signed and requested, the case still waits for the report of its determination."""
    bench = open_at("determined", "osei")
    bench.window.show_case(CASE, "export")
    bench.choose("Document", "Developer notice")
    bench.passphrase("Your passphrase")
    bench.press("Compose and sign as reviewer")
    assert queries.case_view(bench.window.desk.here, CASE).row.next_step == "determined"
