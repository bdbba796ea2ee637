"""Report and export of one case: look at it, sign it as reviewer, ask for its release."""

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from ui.widgets.pdf_view import PdfView
from workstation.app import exporting, queries, reporting
from workstation.app.wording import moment, word
from workstation.core.exports import Export, Report
from workstation.core.jobs import JobControl
from workstation.core.people import Duty
from workstation.core.values import CaseId, ReportId


class ExportTab(Tab):
    """Reports, requests, and a preview as pages."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 8, 8, 8)
        self._pages = PdfView()
        self._pages.hide()
        page = QWidget()
        page.setLayout(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.scrolling(basics.column(page, self._pages, stretch=True)))

    def show_view(self, view: queries.CaseView) -> None:
        """Reports and requests as they stand."""
        self._view = view
        basics.empty(self._body)
        if view.case.determination is None:
            self._body.addWidget(
                basics.label("A report can be made once the official has determined.", "muted")
            )
            return
        preview = basics.button("Look at the report as pages", self._preview)
        buttons = [preview]
        card: list[QWidget] = [basics.label("Determination report", "section")]
        if Duty.CERTIFY_REPORT in view.allowed:
            card.append(basics.label("Signing asks for your passphrase again, each time.", "muted"))
            passphrase = basics.line(secret=True)
            sign = basics.button("Compose and sign as reviewer", lambda: self._sign(passphrase), primary=True)
            card.append(basics.form((("Your passphrase", passphrase),)))
            buttons.append(sign)
        self._body.addWidget(basics.card(*card, basics.row(*buttons)))
        for report in reversed(view.reports):
            self._body.addWidget(self._report_card(view, report))

    def _report_card(self, view: queries.CaseView, report: Report) -> QWidget:
        pairs = [
            ("Report", report.report_id),
            ("Marking", report.marking),
            (
                "Signed by reviewer",
                f"{view.people[report.certified_by].display_name}, {moment(report.composed_at)}",
            ),
            ("SHA-384 as signed", report.pdf_sha384),
        ]
        content: list[QWidget] = [basics.facts(pairs)]
        exports = [e for e in view.exports if e.report_id == report.report_id]
        content += [basics.facts(self._export_facts(view, export)) for export in exports]
        if Duty.REQUEST_EXPORT in view.allowed:
            recipient = basics.line("Office or person who receives the medium")
            ask = basics.button(
                "Request its export", lambda: self._request(report.report_id, recipient.text())
            )
            content += [basics.form((("Recipient", recipient),)), basics.row(ask)]
        return basics.card(basics.label(f"Signed report {report.report_id}", "section"), *content)

    @staticmethod
    def _export_facts(view: queries.CaseView, export: Export) -> list[tuple[str, str]]:
        pairs = [
            (f"Export {export.export_id}", word("export-state", export.state)),
            ("Recipient", export.recipient),
            ("Requested by", view.people[export.requested_by].display_name),
        ]
        if export.released_by:
            pairs.append(("Released by", view.people[export.released_by].display_name))
        if export.ending:
            pairs.append(("Medium", f"{export.medium}: {word('ending', export.ending)}"))
        if export.reason:
            pairs.append(("Returned because", export.reason))
        return pairs

    def _case_id(self) -> CaseId:
        if self._view is None:
            raise RuntimeError("no case shown")
        return self._view.row.case_id

    def _preview(self) -> None:
        case_id, session = self._case_id(), self.desk.here

        def done(pdf: bytes) -> None:
            self._pages.show_pdf(pdf)
            self._pages.show()
            self._pages.setFocus()

        self.desk.notices.dismiss()
        self.desk.jobs.start(
            lambda _job: reporting.preview(session, case_id), done=done, failed=self.desk.failed
        )

    def _sign(self, field: QLineEdit) -> None:
        secret = basics.take_secret(field)
        case_id, session = self._case_id(), self.desk.here

        def work(job: JobControl) -> Report:
            try:
                return reporting.certify(session, case_id, secret, job)
            finally:
                secret[:] = bytes(len(secret))

        def done(report: Report) -> None:
            self.changed()
            self.desk.notices.tell(
                f"Report {report.report_id} is signed and stored. Request its export next."
            )

        self.desk.notices.dismiss()
        self.desk.jobs.start(work, done=done, failed=self.desk.failed)

    def _request(self, report_id: ReportId, recipient: str) -> None:
        self.act(
            lambda: exporting.request(self.desk.here, report_id, recipient=recipient),
            "Requested. The security officer sees it under Releases.",
        )
