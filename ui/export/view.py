"""Documents and exports of one case on screen."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.export.presenter import ExportPresenter, ExportShown, ReportShown
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.marking_field import MarkingField
from ui.widgets.pdf_view import PdfView
from ui.widgets.pin_field import CAPTION, PinField
from workstation.app.wording import word

_COMPOSED = (
    "Composed from the record as it stands now. What a recipient's marking does not cover is taken out "
    "before the document is made, and how much was taken out is said in it."
)


class ExportPage(Page):
    """Acts and signed documents on the left, the document as pages on the right."""

    previewed = Signal(str, str)
    signed = Signal(str, str, object)
    requested = Signal(str, str)
    typed = Signal(str)
    level_typed = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._preview_card = self._composing(desk)
        self._sign_card, self._request_card = self._signing(), self._requesting()
        self._reports = QVBoxLayout()
        self._reports.setContentsMargins(0, 0, 0, 0)
        reports = QWidget()
        reports.setLayout(self._reports)
        self._pages = PdfView()
        self._pages.hide()
        left = basics.column(self._preview_card, self._sign_card, self._request_card, reports, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((left, 2), (self._pages, 3))))

    def _composing(self, desk: Desk) -> QFrame:
        self._kind = basics.choice(())
        self._kind.currentIndexChanged.connect(self._choose_kind)
        self._about = basics.label("", "muted")
        self._level = MarkingField(lambda: desk.services.markings.vocabulary, "Empty for the whole document")
        self._level.textEdited.connect(self.level_typed)
        self._preview = basics.button("Look at it as pages", self._press_preview)
        return basics.card(
            basics.label("Compose", "section"),
            _under("Document", self._kind),
            self._about,
            _under("Releasable to (marking)", self._level),
            basics.label(_COMPOSED, "muted"),
            basics.row(self._preview),
        )

    def _tell_about(self) -> None:
        basics.set_text(self._about, word("document-about", self._kind.value) if self._kind.value else "")

    def _choose_kind(self) -> None:
        """Pages that are looked at follow the choice."""
        self._tell_about()
        if self._pages.isVisible():
            self._press_preview()

    def _press_preview(self) -> None:
        self.previewed.emit(self._kind.value, self._level.text())

    def _signing(self) -> QFrame:
        self._passphrase = basics.line(secret=True)
        self._sign = basics.button("Compose and sign as reviewer", self._press_sign, primary=True)
        self._passphrase.returnPressed.connect(self._press_sign)
        self._pin = PinField()
        self._pin.returnPressed.connect(self._press_sign)
        self._asked = basics.label("", "muted")
        rows = basics.form((("Your passphrase", self._passphrase), (CAPTION, self._pin)))
        self._pin.ask_for("")
        return basics.card(basics.label("Sign", "section"), self._asked, rows, basics.row(self._sign))

    def _requesting(self) -> QFrame:
        self._recipient = basics.line("Office or person who receives the medium")
        self._recipient.textEdited.connect(self.typed)
        self._signed = basics.choice(())
        ask = basics.button("Request the export", self._press_request)
        about = basics.label("Somebody else, the security officer, releases it.", "muted")
        return basics.card(
            basics.label("Request its export", "section"),
            about,
            _under("Signed document", self._signed),
            _under("Recipient", self._recipient),
            basics.row(ask),
        )

    def _press_sign(self) -> None:
        self.signed.emit(self._kind.value, self._level.text(), self._pin.take_with(self._passphrase))

    def _press_request(self) -> None:
        self.requested.emit(self._signed.value, self._recipient.text())

    def show_reports(self, shown: ExportShown) -> None:
        """Documents and requests as they stand."""
        newest = shown.signed[0][0] if shown.signed else ""
        self._kind.offer(shown.kinds)
        self._tell_about()
        if newest != (self._signed.itemData(0) or ""):
            self._signed.clear()  # what was just signed is what is asked for next
        self._signed.offer(shown.signed)
        self._sign_card.setVisible(shown.may_sign)
        self._pin.ask_for(shown.pin_of)
        basics.set_text(self._asked, shown.asked)
        self._request_card.setVisible(shown.may_request)
        for field, text in ((self._recipient, shown.recipient), (self._level, shown.releasable_to)):
            if field.text() != text:
                field.setText(text)
        basics.empty(self._reports)
        for report in shown.reports:
            self._reports.addWidget(_report_card(report))

    def show_pdf(self, pdf: bytes) -> None:
        """The document as pages."""
        self._pages.show_pdf(pdf)
        self._pages.show()
        self._pages.setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """While a document is being made."""
        for widget in (self._kind, self._level, self._preview, self._sign, self._passphrase, self._pin):
            widget.setEnabled(not busy)

    def focus_first(self) -> None:
        """What can be done next."""
        for card, field in ((self._request_card, self._recipient), (self._sign_card, self._passphrase)):
            if not card.isHidden():
                field.setFocus()
                return
        self._kind.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Looking, signing, requesting, the pages."""
        return (self._preview_card, self._sign_card, self._request_card, self._pages)


def _under(text: str, field: QWidget) -> QWidget:
    """A field below its name: the column is narrow beside the pages."""
    caption = basics.label(text, wrap=False)
    caption.setBuddy(field)
    field.setAccessibleName(text)
    return basics.column(caption, field, gap=1)


def _report_card(report: ReportShown) -> QFrame:
    content: list[QWidget] = [basics.label(f"Signed document {report.report_id}", "section")]
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
    view.level_typed.connect(presenter.type_level)
    return view, presenter
