"""Certificates on screen: the own ones and their requests on the left, the authorities on the right."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.certificates.presenter import AdoptFields, CertificatesPresenter, CertificatesShown
from ui.desk import Desk
from ui.page import Page, Room
from ui.widgets import basics, choosing
from ui.widgets.pin_field import CAPTION, PinField
from ui.widgets.tables import Table
from workstation.app.own_pki import Standing
from workstation.core.pki import CertificateFacts

_REQUEST = (
    "For an office whose own public-key infrastructure issues certificates. The request holds your public "
    "keys and proves that you have the private ones, which stay where they are."
)
_AUTHORITIES = (
    "Certificates of these authorities count beside those of this office's own root, once the security "
    "officer has had the fingerprint read out by another channel, and while their revocation list is current."
)
_READ_OUT = "As it is read out: 96 digits and letters; blanks and colons do not count"
_ADOPT = (
    "The person sits beside you and types the passphrase. The keys stay, the certificates change; what was "
    "signed before keeps the certificates of then."
)


class CertificatesPage(Page):
    """Own certificates, authorities, and the forms of those who keep them."""

    requested = Signal(object, object)
    added = Signal(object)
    confirmed = Signal(str, str)
    withdrawn = Signal(str, str)
    lists_taken = Signal(object)
    adopted = Signal(object, object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._dates = desk.dates
        self._own, self._authorities = self._own_table(), self._authorities_table()
        self._request_card, self._adopt_card = self._requesting(), self._adopting()
        self._keep_card, self._confirm_card = self._keeping(), self._confirming()
        self._left = basics.column(
            basics.label("My certificates", "section"),
            self._own,
            self._request_card,
            self._adopt_card,
            stretch=True,
        )
        self._right = basics.column(
            basics.label("Issuing authorities", "section"),
            basics.label(_AUTHORITIES, "muted"),
            self._authorities,
            self._confirm_card,
            self._keep_card,
            stretch=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Certificates", "title"))
        layout.addWidget(basics.scrolling(basics.Columns((self._left, 1), (self._right, 1))), 1)

    def _own_table(self) -> Table[CertificateFacts]:
        return Table(
            "My certificates",
            (
                ("Key", lambda row: row.algorithm),
                ("Issued by", lambda row: _common(row.untrusted_issuer)),
                ("Until", lambda row: self._dates.day(row.not_after.date()), lambda row: row.not_after),
                ("In the name", lambda row: _common(row.untrusted_subject)),
            ),
            rows=3,
            stretch=3,
        )

    def _authorities_table(self) -> Table[Standing]:
        return Table(
            "Issuing authorities",
            (
                ("Authority", lambda row: _common(row.authority.untrusted_name)),
                ("Stands", self._stands),
                ("Revocation list", self._list_of),
                ("Fingerprint (SHA-384)", lambda row: row.authority.sha384),
            ),
            rows=5,
            stretch=0,
        )

    @staticmethod
    def _stands(row: Standing) -> str:
        return "confirmed" if row.authority.counts else "not confirmed yet"

    def _list_of(self, row: Standing) -> str:
        if row.list_issued_at is None or row.list_ends_at is None:
            return "none that is current"
        issued, ends = (self._dates.day(one.date()) for one in (row.list_issued_at, row.list_ends_at))
        return f"of {issued}, until {ends}"

    def _requesting(self) -> QFrame:
        self._passphrase, self._pin = basics.line(secret=True), PinField()
        self._asked = basics.label("", "muted")
        write = basics.button("Write requests to a folder…", self._press_request, primary=True)
        rows = basics.form((("Your passphrase", self._passphrase), (CAPTION, self._pin)))
        self._pin.ask_for("")
        return basics.card(
            basics.label("Request certificates for my keys", "section"),
            basics.label(_REQUEST, "muted"),
            self._asked,
            rows,
            basics.row(write),
        )

    def _adopting(self) -> QFrame:
        self._person, self._why = basics.choice(()), basics.line("Why it is another certificate now")
        self._theirs, self._mine = basics.line(secret=True), basics.line(secret=True)
        take = basics.button("Choose the issued certificates…", self._press_adopt)
        rows = basics.form(
            (
                ("Person", self._person),
                ("Reason", self._why),
                ("Passphrase of the person", self._theirs),
                ("Your passphrase, to take over", self._mine),
            )
        )
        return basics.card(
            basics.label("Take over issued certificates", "section"),
            basics.label(_ADOPT, "muted"),
            rows,
            basics.row(take),
        )

    def _keeping(self) -> QFrame:
        self._used, self._reason = basics.choice(()), basics.line("Closed, replaced, keys lost")
        add = basics.button("Add authorities from a file…", self._choose_authorities)
        crl = basics.button("Take over a revocation list…", self._choose_list)
        out = basics.button("Believe it no more", self._press_withdraw)
        rows = basics.form((("Authority in use", self._used), ("Reason for withdrawing", self._reason)))
        return basics.card(
            basics.label("Keep the list", "section"), basics.row(add, crl), rows, basics.row(out)
        )

    def _confirming(self) -> QFrame:
        self._waiting, self._read_out = basics.choice(()), basics.line(_READ_OUT)
        yes = basics.button("Confirm the fingerprint", self._press_confirm, primary=True)
        self._read_out.returnPressed.connect(self._press_confirm)
        rows = basics.form((("Authority", self._waiting), ("Fingerprint", self._read_out)))
        return basics.card(basics.label("Confirm an authority", "section"), rows, basics.row(yes))

    def show_certificates(self, shown: CertificatesShown) -> None:
        """The lists, and the forms of what this person may do."""
        self._own.show_rows(shown.own, keep=True)
        self._authorities.show_rows(shown.authorities, keep=True)
        self._used.offer([_choice(one) for one in shown.authorities])
        self._waiting.offer([_choice(one) for one in shown.authorities if not one.authority.counts])
        self._person.offer(shown.people)
        self._pin.ask_for(shown.pin_of)
        basics.set_text(self._asked, shown.asked)
        self._authorities.setVisible(bool(shown.authorities))
        self._keep_card.setVisible(shown.may_keep)
        self._adopt_card.setVisible(shown.may_keep)
        self._confirm_card.setVisible(shown.may_confirm and self._waiting.count() > 0)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for field in (self._why, self._reason, self._read_out):
            field.clear()

    def set_busy(self, *, busy: bool) -> None:
        """While a card or a passphrase is being asked."""
        for part in (self._request_card, self._adopt_card, self._keep_card):
            part.setEnabled(not busy)

    def focus_first(self) -> None:
        """The own certificates."""
        self._own.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """Own certificates, authorities."""
        return (self._left, self._right)

    def _press_request(self) -> None:
        choosing.folder(self, "Folder for the requests", self._take_folder)

    def _take_folder(self, folder: Path) -> None:
        self.requested.emit(folder, self._pin.take_with(self._passphrase))

    def _press_adopt(self) -> None:
        choosing.file(self, "Certificates as they were issued", self._take_issued)

    def _take_issued(self, file: Path) -> None:
        fields = AdoptFields(
            person_id=self._person.value,
            reason=self._why.text().strip(),
            theirs=basics.take_secret(self._theirs),
            own=basics.take_secret(self._mine),
        )
        self.adopted.emit(file, fields)

    def _choose_authorities(self) -> None:
        choosing.file(self, "Certificate of an issuing authority", self.added.emit)

    def _choose_list(self) -> None:
        choosing.file(self, "Revocation list of an authority", self.lists_taken.emit)

    def _press_withdraw(self) -> None:
        if self._used.value:
            self.withdrawn.emit(self._used.value, self._reason.text().strip())

    def _press_confirm(self) -> None:
        self.confirmed.emit(self._waiting.value, self._read_out.text())


def _choice(row: Standing) -> tuple[str, str]:
    return row.authority.sha384, f"{_common(row.authority.untrusted_name)} ({row.authority.sha384[:8]})"


def _common(name: str) -> str:
    """The common name of a subject, or all of it; the fingerprint beside it is what counts."""
    parts = name.split(",")
    return next((part.removeprefix("CN=") for part in parts if part.startswith("CN=")), name)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = CertificatesPage(desk)
    presenter = CertificatesPresenter(view, desk)
    view.requested.connect(presenter.request)
    view.added.connect(presenter.add)
    view.confirmed.connect(presenter.confirm)
    view.withdrawn.connect(presenter.withdraw)
    view.lists_taken.connect(presenter.take_lists)
    view.adopted.connect(presenter.adopt)
    return Room(view=view, presenter=presenter)
