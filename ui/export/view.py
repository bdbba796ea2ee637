"""Report and export of one case on screen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.export.presenter import ExportPresenter, ExportShown, ReportShown
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.pdf_view import PdfView


class ExportPage(Page):
    """Acts and reports on the left, the report as pages on the right."""

    previewed = Signal()
    signed = Signal(object)
    requested = Signal(str)
    typed = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        del desk
        self._none = basics.label("A report can be made once the official has determined.", "muted")
        self._preview = basics.button("Look at the report as pages", self.previewed.emit)
        self._preview_card = basics.card(
            basics.label("Determination report", "section"),
            basics.label("Composed from the record as it stands now.", "muted"),
            basics.row(self._preview),
        )
        self._sign_card, self._request_card = self._signing(), self._requesting()
        self._reports = QVBoxLayout()
        self._reports.setContentsMargins(0, 0, 0, 0)
        reports = QWidget()
        reports.setLayout(self._reports)
        self._pages = PdfView()
        self._pages.hide()
        left = basics.column(
            self._none, self._preview_card, self._sign_card, self._request_card, reports, stretch=True
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((left, 2), (self._pages, 3))))

    def _signing(self) -> QFrame:
        self._passphrase = basics.line(secret=True)
        self._sign = basics.button("Compose and sign as reviewer", self._press_sign, primary=True)
        self._passphrase.returnPressed.connect(self._press_sign)
        about = basics.label("Signing asks for your passphrase again, each time.", "muted")
        rows = basics.form((("Your passphrase", self._passphrase),))
        return basics.card(basics.label("Sign", "section"), about, rows, basics.row(self._sign))

    def _requesting(self) -> QFrame:
        self._recipient = basics.line("Office or person who receives the medium")
        self._recipient.textEdited.connect(self.typed)
        ask = basics.button("Request the export", lambda: self.requested.emit(self._recipient.text()))
        about = basics.label(
            "For the newest signed report. Somebody else, the security officer, releases it.", "muted"
        )
        rows = basics.form((("Recipient", self._recipient),))
        return basics.card(basics.label("Request its export", "section"), about, rows, basics.row(ask))

    def _press_sign(self) -> None:
        self.signed.emit(basics.take_secret(self._passphrase))

    def show_reports(self, shown: ExportShown) -> None:
        """Reports and requests as they stand."""
        self._none.setVisible(not shown.can_report)
        self._preview_card.setVisible(shown.can_report)
        self._sign_card.setVisible(shown.may_sign)
        self._request_card.setVisible(shown.may_request)
        if self._recipient.text() != shown.recipient:
            self._recipient.setText(shown.recipient)
        basics.empty(self._reports)
        for report in shown.reports:
            self._reports.addWidget(_report_card(report))

    def show_pdf(self, pdf: bytes) -> None:
        """The report as pages."""
        self._pages.show_pdf(pdf)
        self._pages.show()
        self._pages.setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """While a report is being made."""
        for widget in (self._preview, self._sign, self._passphrase):
            widget.setEnabled(not busy)

    def focus_first(self) -> None:
        """What can be done next."""
        for card, field in ((self._request_card, self._recipient), (self._sign_card, self._passphrase)):
            if not card.isHidden():
                field.setFocus()
                return
        (self if self._preview_card.isHidden() else self._preview).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Looking, signing, requesting, the pages."""
        return (self._preview_card, self._sign_card, self._request_card, self._pages)


def _report_card(report: ReportShown) -> QFrame:
    content: list[QWidget] = [basics.label(f"Signed report {report.report_id}", "section")]
    content.append(basics.facts(report.facts))
    for title, pairs in report.exports:
        content += [basics.label(f"Export {title}", "strong"), basics.facts(pairs)]
    return basics.card(*content)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = ExportPage(desk)
    presenter = ExportPresenter(view, desk, changed)
    view.previewed.connect(presenter.preview)
    view.signed.connect(presenter.sign)
    view.requested.connect(presenter.request)
    view.typed.connect(presenter.type_recipient)
    return view, presenter
