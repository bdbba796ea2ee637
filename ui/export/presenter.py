"""Documents of one case, without widgets: look at one, sign it as reviewer, ask for its release."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import documents, exporting, queries
from workstation.app import session as sessions
from workstation.app.documents import Wanted
from workstation.app.wording import word
from workstation.core.documents import offered
from workstation.core.exports import Export, Report
from workstation.core.jobs import JobControl
from workstation.core.people import Duty
from workstation.core.report import DocumentKind
from workstation.core.signing_cards import wipe_typed
from workstation.core.values import ReportId

Pairs = tuple[tuple[str, str], ...]
_DRAFT = "export-request"
_LEVEL = "export-level"


@dataclass(frozen=True, kw_only=True)
class ReportShown:
    """One signed report with its requests."""

    report_id: ReportId
    facts: Pairs
    exports: tuple[tuple[str, Pairs], ...]


@dataclass(frozen=True, kw_only=True)
class ExportShown:
    """What the page shows."""

    kinds: Pairs  # documents the case can give now, with their words
    may_sign: bool
    may_request: bool
    reports: tuple[ReportShown, ...]
    signed: Pairs  # documents whose export can be requested, the newest first
    recipient: str
    releasable_to: str
    pin_of: str  # the card whose PIN signing asks for; empty for none
    asked: str  # what signing asks for, in words


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
        kinds = tuple((str(kind), word("document", kind)) for kind in offered(view.case, view.package))
        self._page.show_reports(
            ExportShown(
                kinds=kinds,
                may_sign=bool(kinds) and Duty.CERTIFY_REPORT in view.allowed,
                may_request=bool(view.reports) and Duty.REQUEST_EXPORT in view.allowed,
                reports=tuple(self._report(view, report) for report in reversed(view.reports)),
                signed=tuple(_choice(report) for report in reversed(view.reports)),
                recipient=self.draft(_DRAFT).get("recipient", ""),
                releasable_to=self.draft(_LEVEL).get("releasable_to", ""),
                pin_of=sessions.pin_beside(self.desk.here),
                asked=sessions.asked_to_sign(self.desk.here),
            )
        )

    def _report(self, view: queries.CaseView, report: Report) -> ReportShown:
        who = view.people[report.certified_by].display_name
        signed = f"{who}, {self.desk.dates.moment(report.composed_at)}"
        pairs = [("Document", word("document", report.kind)), ("Marking", report.marking)]
        if report.tells_determination:
            pairs.append(("Determination", str(report.tells_determination)))
        if report.releasable_to:
            pairs.append(("Releasable to", f"{report.releasable_to}; {report.removed} items removed"))
        pairs += [("Signed by reviewer", signed), ("SHA-384", report.pdf_sha384)]
        exports = tuple(
            (export.export_id, _export_facts(view, export))
            for export in view.exports
            if export.report_id == report.report_id
        )
        return ReportShown(report_id=report.report_id, facts=tuple(pairs), exports=exports)

    def preview(self, kind: str, releasable_to: str) -> None:
        """Compose the document as it would be signed now, and show it."""
        case_id, session, wanted = self.case_id, self.desk.here, _wanted(kind, releasable_to)
        self._page.set_busy(busy=True)

        def done(pdf: bytes) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self._page.show_pdf(pdf)

        self.desk.notices.dismiss()
        self.desk.jobs.start(
            lambda _job: documents.preview(session, case_id, wanted), done=done, failed=self._failed(session)
        )

    def sign(self, kind: str, releasable_to: str, secret: bytearray) -> None:
        """Compose, sign as reviewer, keep; the passphrase is asked for each signature."""
        case_id, session, wanted = self.case_id, self.desk.here, _wanted(kind, releasable_to)
        self._page.set_busy(busy=True)

        def work(job: JobControl) -> Report:
            try:
                return documents.certify(session, case_id, wanted, secret, job)
            finally:
                wipe_typed(secret)

        def done(report: Report) -> None:
            if self.desk.session is session:
                self._page.set_busy(busy=False)
                self.typed(_LEVEL, {})
                self.changed()
                what = f"{word('document', report.kind)} {report.report_id}"
                removed = f" {report.removed} items removed." if report.releasable_to else ""
                self.desk.notices.tell(f"{what} is signed and kept.{removed} Request its export next.")

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

    def type_level(self, text: str) -> None:
        """Keep what is typed."""
        self.typed(_LEVEL, {"releasable_to": text} if text else {})

    def request(self, report_id: str, recipient: str) -> None:
        """Ask the security officer to release the chosen document."""
        chosen = ReportId(report_id)
        if self.desk.attempt(lambda: exporting.request(self.desk.here, chosen, recipient=recipient)):
            self.typed(_DRAFT, {})
            self.changed()
            self.desk.notices.tell("Requested. The security officer sees it under Releases.")


def _wanted(kind: str, releasable_to: str) -> Wanted:
    return Wanted(kind=DocumentKind(kind), releasable_to=releasable_to.strip())


def _choice(report: Report) -> tuple[str, str]:
    """A signed document as it is chosen from."""
    to = f", releasable to {report.releasable_to}" if report.releasable_to else ""
    return report.report_id, f"{word('document', report.kind)} {report.report_id}{to}"


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
