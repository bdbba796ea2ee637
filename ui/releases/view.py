"""The security officer's desk on screen: requests on top, the chosen one below."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QVBoxLayout, QWidget

from ui.dates import Dates
from ui.desk import Desk
from ui.page import Page, Room
from ui.releases.presenter import ReleaseFields, ReleasesPresenter
from ui.releases.receipts import Receipts
from ui.widgets import basics, choosing
from ui.widgets.pdf_view import PdfView
from ui.widgets.pin_field import CAPTION, PinField
from ui.widgets.tables import Table
from ui.widgets.text import shown
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.exports import Export

_ABOUT = (
    "You sign last; afterwards nothing in it may change. Do not remove the medium before this page says "
    "that it is safe to remove."
)
_LEAVING = (
    "The report as its reviewer signed it; your signature is added to these pages. Beside it go its data as "
    "JSON, who released it to whom, checksums, signatures, certificates and VERIFY.txt, and nothing else."
)


def _requests_table(dates: Dates) -> Table[queries.WaitingExport]:
    return Table(
        "Requests for release",
        (
            ("Export", lambda row: row.export.export_id),
            ("Model", lambda row: row.model),
            ("Recipient", lambda row: row.export.recipient),
            ("Marking", lambda row: row.marking),
            ("State", lambda row: word("export-state", row.export.state)),
            (
                "Requested",
                lambda row: f"{dates.moment(row.export.requested_at)} by {row.requester}",
                lambda row: row.export.requested_at,
            ),
        ),
        stretch=2,
    )


class ReleasesPage(Page):
    """Requests, release, return."""

    looked = Signal(str)
    opened = Signal(str)
    folder_chosen = Signal(object)
    released = Signal(str, object)
    returned = Signal(str, str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._table = _requests_table(desk.dates)
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_chosen())
        self._about = basics.label("", "muted")
        self._title, self._marking = basics.label("", "section"), basics.label("", "strong")
        self._release_card, self._return_card = self._release(), self._return()
        self.receipts = Receipts(desk)
        self._chosen = basics.scrolling(
            basics.column(
                basics.Columns(
                    (self._release_card, 3),
                    (basics.column(self._return_card, self.receipts, stretch=True), 2),
                    narrow_chars=100,
                ),
                stretch=True,
            )
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Releases", "title"))
        layout.addWidget(self._about)
        layout.addWidget(self._table, 1)
        layout.addWidget(self._chosen, 4)
        self._pages = PdfView()
        self._leaving = basics.column(
            basics.row(basics.button("Back to the request", self._close_pages)),
            basics.label(_LEAVING, "muted"),
            basics.scrolling(self._pages),
        )
        self._leaving.hide()
        layout.addWidget(self._leaving, 5)
        self._end = QWidget()
        layout.addWidget(self._end, 1)

    def _release(self) -> QFrame:
        self._medium, self._label = (
            basics.choice(()),
            basics.line("Read it off the label of the medium in your hand"),
        )
        self._medium.currentIndexChanged.connect(lambda _index: self._tell_medium())
        self._about_medium = basics.label("", "muted")
        self._passphrase = basics.line(secret=True)
        self._passphrase.returnPressed.connect(self._press_release)
        self._pin = PinField()
        self._pin.returnPressed.connect(self._press_release)
        look = basics.button("Look at what would leave", self._press_look)
        self._press = basics.button("Sign, write and read back", self._press_release, primary=True)
        self._again = basics.button("Look again", lambda: self.looked.emit(self._medium.value))
        self._folder = basics.button("Use a folder", self._choose_folder)
        self._no_medium = basics.label("No medium is plugged in. Plug one in and look again.", "caution")
        rows = basics.form(
            (
                ("Medium", self._medium),
                ("Marking on its label", self._label),
                ("Seal to", self._sealing()),
                ("Your passphrase", self._passphrase),
                (CAPTION, self._pin),
            )
        )
        self.ask_for_pin("")
        return basics.card(
            self._title,
            self._marking,
            basics.row(look),
            basics.label(_ABOUT, "muted"),
            rows,
            self._about_medium,
            self._no_medium,
            basics.row(self._press),
            basics.row(self._again, self._folder),
        )

    def _sealing(self) -> QWidget:
        made = QWidget()
        self._seal_to: list[QCheckBox] = []
        self._names: tuple[str, ...] = ()
        self._recipients = QVBoxLayout(made)
        self._recipients.setContentsMargins(0, 0, 0, 0)
        return made

    def _return(self) -> QFrame:
        self._reason = basics.TextBox("Reason for returning", lines=3)
        self._back = basics.button("Return to the requester", self._press_return)
        rows = basics.form((("Reason for returning", self._reason),))
        return basics.card(basics.label("Or return it", "section"), rows, basics.row(self._back))

    def show_rows(self, rows: tuple[queries.WaitingExport, ...], about: str) -> None:
        """The requests."""
        basics.set_text(self._about, about)
        self._table.show_rows(rows, keep=True)
        self._leaving.hide()
        for widget in (self._table, self._chosen):
            widget.setVisible(bool(rows))
        self._end.setVisible(not rows)
        self._show_chosen()

    def ask_for_pin(self, serial: str) -> None:
        """The card the officer signs with, where its PIN is wanted beside the passphrase."""
        self._pin.ask_for(serial)

    def _show_chosen(self) -> None:
        row = self._table.current()
        if row is not None:
            basics.set_text(self._title, f"Release {row.export.export_id}")
            basics.set_text(self._marking, f"The report is marked {row.marking}.")

    def show_media(self, media: tuple[tuple[str, str], ...], chosen: str) -> None:
        """Where it can be written to."""
        self._medium.offer(media)
        if chosen:
            self._medium.choose(chosen)
        self._tell_medium()
        self._no_medium.setVisible(not media)
        self._press.setEnabled(bool(media))

    def show_recipients(self, names: Sequence[str]) -> None:
        """To whom it can be sealed; what was ticked stays ticked."""
        ticked = {box.text() for box in self._seal_to if box.isChecked()}
        basics.empty(self._recipients)
        self._seal_to = [QCheckBox(shown(name)) for name in names]
        for box in self._seal_to:
            box.setChecked(box.text() in ticked)
            self._recipients.addWidget(box)
        if not names:
            nobody = "Nobody: no recipient's key is confirmed (page “Media and recipients”)."
            self._recipients.addWidget(basics.label(nobody, "muted"))
        self._names = tuple(names)

    def show_outstanding(self, exports: Sequence[Export]) -> None:
        """What was written and whose receipt is not here yet."""
        self.receipts.show_outstanding(exports)
        rows = self._table.rows.rowCount() > 0
        for part in (self._release_card, self._return_card):
            part.setVisible(rows)
        self._chosen.setVisible(rows or bool(exports))
        self._end.setVisible(not rows and not exports)

    def _tell_medium(self) -> None:
        """All of it: the box above cuts what is long, and the cautions stand last."""
        basics.set_text(self._about_medium, self._medium.currentText())
        self._about_medium.setVisible(bool(self._medium.currentText()))

    def show_pages(self, pdf: bytes) -> None:
        """What would leave, in place of the requests."""
        self._table.hide()
        self._chosen.hide()
        self._pages.show_pdf(pdf)
        self._leaving.show()
        self._pages.setFocus()

    def _close_pages(self) -> None:
        self._leaving.hide()
        self._table.show()
        self._chosen.show()
        self._table.setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """While signing and writing."""
        for widget in (self._table, self._release_card, self._return_card):
            widget.setEnabled(not busy)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        self._label.clear()
        self._reason.clear()
        self.receipts.forget_typed()

    def focus_first(self) -> None:
        """The requests."""
        (self if self._table.isHidden() else self._table).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Requests, release, return."""
        return (self._leaving, self._table, self._release_card, self._return_card, self.receipts)

    def _choose_folder(self) -> None:
        choosing.folder(self, "Folder that stands for the medium", self.folder_chosen.emit)

    def _press_look(self) -> None:
        row = self._table.current()
        if row is not None:
            self.opened.emit(row.export.export_id)

    def _press_release(self) -> None:
        row = self._table.current()
        if row is not None:
            fields = ReleaseFields(
                medium_id=self._medium.value,
                medium_marking=self._label.text().strip(),
                sealed_to=tuple(
                    name for name, box in zip(self._names, self._seal_to, strict=True) if box.isChecked()
                ),
                passphrase=self._pin.take_with(self._passphrase),
            )
            self.released.emit(row.export.export_id, fields)

    def _press_return(self) -> None:
        row = self._table.current()
        if row is not None:
            self.returned.emit(row.export.export_id, self._reason.toPlainText().strip())


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = ReleasesPage(desk)
    presenter = ReleasesPresenter(view, desk)
    view.looked.connect(presenter.look_for_media)
    view.folder_chosen.connect(presenter.use_folder)
    view.opened.connect(presenter.look_at)
    view.released.connect(presenter.release)
    view.returned.connect(presenter.send_back)
    view.receipts.saved.connect(presenter.save_sheet)
    view.receipts.recorded.connect(presenter.record_receipt)
    return Room(view=view, presenter=presenter)
