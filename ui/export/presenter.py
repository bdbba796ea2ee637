"""Report and export of one case, without widgets: look at it, sign it as reviewer, ask for its release."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import exporting, queries, reporting
from workstation.app.wording import word
from workstation.core.exports import Export, Report
from workstation.core.jobs import JobControl
from workstation.core.people import Duty
from workstation.core.values import ReportId

Pairs = tuple[tuple[str, str], ...]
_DRAFT = "export-request"


@dataclass(frozen=True, kw_only=True)
class ReportShown:
    """One signed report with its requests."""

    report_id: ReportId
    facts: Pairs
    exports: tuple[tuple[str, Pairs], ...]


@dataclass(frozen=True, kw_only=True)
class ExportShown:
    """What the page shows."""

    can_report: bool
    may_sign: bool
    may_request: bool
    reports: tuple[ReportShown, ...]
    recipient: str


class ExportView(Protocol):
    """The page as the presenter sees it."""

    def show_reports(self, shown: ExportShown) -> None:
        """Reports and requests as they stand."""

    def show_pdf(self, pdf: bytes) -> None:
        """The report as pages."""

    def set_busy(self, *, busy: bool) -> None:
        """While a report is being made."""


class ExportPresenter(CasePart):
    """Reports, requests, and a preview."""

    def __init__(self, view: ExportView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view

    def show(self, view: queries.CaseView) -> None:
        """Reports and requests as they stand."""
        super().show(view)
        self._page.show_reports(
            ExportShown(
                can_report=view.case.determination is not None,
                may_sign=view.case.determination is not None and Duty.CERTIFY_REPORT in view.allowed,
                may_request=bool(view.reports) and Duty.REQUEST_EXPORT in view.allowed,
                reports=tuple(self._report(view, report) for report in reversed(view.reports)),
                recipient=self.draft(_DRAFT).get("recipient", ""),
            )
        )

    def _report(self, view: queries.CaseView, report: Report) -> ReportShown:
        who = view.people[report.certified_by].display_name
        pairs = (
            ("Determination", str(report.determination_number)),
            ("Marking", report.marking),
            ("Signed by reviewer", f"{who}, {self.desk.dates.moment(report.composed_at)}"),
            ("SHA-384", report.pdf_sha384),
        )
        exports = tuple(
            (export.export_id, _export_facts(view, export))
            for export in view.exports
            if export.report_id == report.report_id
        )
        return ReportShown(report_id=report.report_id, facts=pairs, exports=exports)

    def preview(self) -> None:
        """Compose the report as it would be signed now, and show it."""
        case_id, session = self.case_id, self.desk.here
        self._page.set_busy(busy=True)

        def done(pdf: bytes) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self._page.show_pdf(pdf)

        self.desk.notices.dismiss()
        self.desk.jobs.start(
            lambda _job: reporting.preview(session, case_id), done=done, failed=self._failed(session)
        )

    def sign(self, secret: bytearray) -> None:
        """Compose, sign as reviewer, keep; the passphrase is asked for each signature."""
        case_id, session = self.case_id, self.desk.here
        self._page.set_busy(busy=True)

        def work(job: JobControl) -> Report:
            try:
                return reporting.certify(session, case_id, secret, job)
            finally:
                secret[:] = bytes(len(secret))

        def done(report: Report) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self.changed()
                self.desk.notices.tell(
                    f"Report {report.report_id} is signed and kept. Request its export next."
                )

        self.desk.notices.dismiss()
        self.desk.jobs.start(work, done=done, failed=self._failed(session))

    def _failed(self, session: object) -> Callable[[BaseException], None]:
        def failed(error: BaseException) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self.desk.failed(error)

        return failed

    def type_recipient(self, text: str) -> None:
        """Keep what is typed."""
        self.typed(_DRAFT, {"recipient": text} if text else {})

    def request(self, recipient: str) -> None:
        """Ask the security officer to release the newest report."""
        newest = self.case.reports[-1].report_id
        if self.desk.attempt(lambda: exporting.request(self.desk.here, newest, recipient=recipient)):
            self.typed(_DRAFT, {})
            self.changed()
            self.desk.notices.tell("Requested. The security officer sees it under Releases.")


def _export_facts(view: queries.CaseView, export: Export) -> Pairs:
    pairs = [
        ("State", word("export-state", export.state)),
        ("Recipient", export.recipient),
        ("Requested by", view.people[export.requested_by].display_name),
    ]
    if export.released_by:
        pairs.append(("Released by", view.people[export.released_by].display_name))
    if export.ending:
        pairs.append(("Medium", f"{export.medium}: {word('ending', export.ending)}"))
    if export.reason:
        pairs.append(("Returned because", export.reason))
    return tuple(pairs)
