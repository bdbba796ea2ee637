"""The forms of the referrals' panel. Made once and refilled, so that nothing typed is thrown away."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.referrals.shown import Offers, ReferralFields, ReferralShown
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.pin_field import CAPTION, PinField
from ui.widgets.text import shown as visible_text
from workstation.app import session as sessions
from workstation.core.referrals import ReferralKind


class ReferralForm(QWidget):
    """A referral being written."""

    typed = Signal(object)
    saved = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._filling = False
        self._boxes: dict[str, tuple[QCheckBox, str]] = {}
        self._kind, self._counsel = basics.choice(()), basics.choice(())
        self._title, self._recipient = basics.line(), basics.line("Clearinghouse, developer or office")
        self._summary = basics.TextBox("Summary", lines=5)
        self._portion, self._marking = basics.line(), basics.line()
        self._days = basics.line()
        self._statutes = basics.TextBox("Law it may concern", lines=2)
        self._statutes.setPlaceholderText("One a line, such as 18 USC 1030")
        self._choices = QVBoxLayout()
        self._choices.setContentsMargins(0, 0, 0, 0)
        chosen = QWidget()
        chosen.setLayout(self._choices)
        self._none = basics.label("No validated finding of this kind.", "muted")
        self._findings = basics.column(
            basics.label("Validated findings to pass on", "strong"), chosen, self._none, gap=1
        )
        self._enforcement = basics.column(
            basics.label("Only you, counsel and the people you name will read it.", "caution"),
            basics.form((("Counsel", self._counsel), ("Law it may concern", self._statutes))),
            gap=1,
        )
        self._draft = basics.label("Not recorded yet; kept as your draft.", "muted")
        press = basics.button("Record this draft  (Ctrl+Enter)", self.save, primary=True)
        back = basics.button("Back to the list", self.left.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = basics.label("A new referral", "section")
        parts = (title, self._rows(), self._findings, self._enforcement, basics.row(press, back), self._draft)
        layout.addWidget(basics.card(*parts))
        self._listen()

    def _rows(self) -> QWidget:
        return basics.form(
            (
                ("Kind", self._kind),
                ("Title", self._title),
                ("Recipient", self._recipient),
                ("Summary", self._summary),
                ("Portion mark", self._portion),
                ("Marking of the memo", self._marking),
                ("Days for an answer", self._days),
            )
        )

    def _listen(self) -> None:
        self._kind.currentIndexChanged.connect(lambda _index: self._turn())
        self._counsel.currentIndexChanged.connect(lambda _index: self._changed())
        for box in (self._summary, self._statutes):
            box.textChanged.connect(self._changed)
        for line in (self._title, self._recipient, self._portion, self._marking, self._days):
            line.textEdited.connect(lambda _text: self._changed())

    def show_offers(self, offers: Offers) -> None:
        """What can be chosen from; what is ticked stays ticked."""
        ticked = self._ticked()
        self._filling = True
        self._kind.offer(offers.kinds)
        self._counsel.offer(offers.counsel or (("", "Nobody is enrolled as counsel"),))
        basics.empty(self._choices)
        self._boxes = {}
        for finding_id, words, kind in offers.findings:
            # An ampersand would be read as the mark of a key.
            box = QCheckBox(visible_text(words).replace("&", "&&"))
            box.setChecked(finding_id in ticked)
            box.toggled.connect(lambda _on: self._changed())
            self._boxes[finding_id] = (box, kind)
            self._choices.addWidget(box)
        self._filling = False
        self._arrange()

    def _ticked(self) -> list[str]:
        kind = self._kind.value
        return [one for one, (box, fits) in self._boxes.items() if box.isChecked() and fits == kind]

    def show_fields(self, fields: ReferralFields, *, is_draft: bool) -> None:
        """Fill the form; the cursor stays where nothing changed."""
        self._filling = True
        self._kind.choose(fields.kind)
        self._counsel.choose(fields.counsel)
        for box, text in ((self._summary, fields.summary), (self._statutes, fields.statutes)):
            if box.toPlainText() != text:
                box.setPlainText(text)
        lines = (
            (self._title, fields.title),
            (self._recipient, fields.recipient),
            (self._portion, fields.portion),
            (self._marking, fields.marking),
            (self._days, fields.answer_days),
        )
        for line, text in lines:
            if line.text() != text:
                line.setText(text)
        wanted = set(fields.findings.splitlines())
        for finding_id, (tick, _kind) in self._boxes.items():
            tick.setChecked(finding_id in wanted)
        self._draft.setVisible(is_draft)
        self._filling = False
        self._arrange()

    @property
    def fields(self) -> ReferralFields:
        """What the form holds."""
        return ReferralFields(
            kind=self._kind.value,
            title=self._title.text(),
            recipient=self._recipient.text(),
            summary=self._summary.toPlainText(),
            portion=self._portion.text(),
            marking=self._marking.text(),
            findings="\n".join(self._ticked()),
            statutes=self._statutes.toPlainText(),
            counsel=self._counsel.value,
            answer_days=self._days.text(),
        )

    def save(self) -> None:
        """Ask for it to be recorded."""
        self.saved.emit(self.fields)

    def focus_first(self) -> None:
        """The title."""
        self._title.setFocus()

    def _turn(self) -> None:
        self._arrange()
        self._changed()

    def _arrange(self) -> None:
        """Show what belongs to the kind chosen."""
        kind = self._kind.value
        limited = kind == str(ReferralKind.ENFORCEMENT)
        self._enforcement.setVisible(limited)
        self._findings.setVisible(not limited)
        for box, fits in self._boxes.values():
            box.setVisible(fits == kind)
        self._none.setVisible(not any(fits == kind for _box, fits in self._boxes.values()))

    def _changed(self) -> None:
        if not self._filling:
            self._draft.show()
            self.typed.emit(self.fields)


class ReferralActs(QWidget):
    """What can be done with one referral."""

    previewed = Signal()
    signed = Signal(object)
    requested = Signal(str)
    acknowledged = Signal(str, object)
    withdrawn = Signal(str)
    reader_named = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._preview = basics.button("Look at the memo as pages", self.previewed.emit)
        self._passphrase = basics.line(secret=True)
        self._sign = basics.button("Sign", self._press_sign, primary=True)
        self._passphrase.returnPressed.connect(self._press_sign)
        self._pin, self._desk = PinField(), desk
        self._pin.returnPressed.connect(self._press_sign)
        self._recipient, self._reference = basics.line(), basics.line("The recipient's own reference")
        self._received = DateField(desk.dates, desk.here.today())
        self._reason, self._reader = basics.line(), basics.choice(())
        self._cards = self._make_cards()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for card in self._cards.values():
            layout.addWidget(card)

    def _make_cards(self) -> dict[str, QWidget]:
        form, row, section = basics.form, basics.row, _section
        ask = basics.button("Request its export", lambda: self.requested.emit(self._recipient.text()))
        receipt = basics.button(
            "Record the receipt",
            lambda: self.acknowledged.emit(self._reference.text(), self._received.value),
        )
        withdraw = basics.button("Withdraw it", lambda: self.withdrawn.emit(self._reason.text()))
        name = basics.button("Let this person read it", lambda: self.reader_named.emit(self._reader.value))
        self._asked = basics.label("", "muted")
        return {
            "preview": basics.card(section("Memo"), row(self._preview)),
            "sign": basics.card(
                section("Sign"),
                self._asked,
                form((("Your passphrase", self._passphrase), (CAPTION, self._pin))),
                row(self._sign),
            ),
            "name-reader": basics.card(
                section("Who may read it"), form((("Person", self._reader),)), row(name)
            ),
            "request": basics.card(
                section("Send it"), form((("Recipient on the medium", self._recipient),)), row(ask)
            ),
            "receipt": basics.card(
                section("Receipt"),
                form((("Reference", self._reference), ("Received on", self._received))),
                row(receipt),
            ),
            "withdraw": basics.card(
                section("Withdraw"), form((("Reason for withdrawing", self._reason),)), row(withdraw)
            ),
        }

    def show_acts(self, shown: ReferralShown, *, same: bool) -> None:
        """What is possible now; ``same`` keeps what is typed for the referral shown before."""
        for name, card in self._cards.items():
            card.setVisible(name in shown.acts)
        self._sign.setText(shown.sign_words)
        self._pin.ask_for(sessions.pin_beside(self._desk.here))
        basics.set_text(self._asked, sessions.asked_to_sign(self._desk.here))
        self._reader.offer(shown.people)
        if not same:
            self._passphrase.setText("")
            self._recipient.setText(shown.recipient)
            self._received.show_date(shown.received_on)
            for line in (self._reference, self._reason):
                line.setText("")

    def set_busy(self, *, busy: bool) -> None:
        """While a memo is being made."""
        for widget in (self._preview, self._sign, self._passphrase, self._pin):
            widget.setEnabled(not busy)

    def _press_sign(self) -> None:
        self.signed.emit(self._pin.take_with(self._passphrase))


def _section(words: str) -> QWidget:
    return basics.label(words, "section")
