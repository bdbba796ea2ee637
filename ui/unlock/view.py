"""Before the vault is open: consent, first run, unlocking. Nothing about any case is shown here."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

import resources
from ui import theme
from ui.page import Page
from ui.widgets import basics


class CentredPage(Page):
    """One card in the middle, which scrolls where the window is small or the text large."""

    def compose(self, title: str, *content: QWidget, chars: int = 70) -> None:
        """Put the card together; called once."""
        card = basics.card(basics.label(title, "title"), *content)
        card.setMaximumWidth(card.fontMetrics().averageCharWidth() * chars + theme.space(12))
        inner = QWidget()
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(card, 8)
        across.addStretch(1)
        middle = QVBoxLayout(inner)
        middle.addStretch(1)
        middle.addLayout(across)
        middle.addStretch(2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.scrolling(inner))


class ConsentPage(CentredPage):
    """The banner a person accepts before anything else (AC-8)."""

    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        text = basics.selectable(resources.read_text("messages/consent.txt"))
        text.setAccessibleName("Consent banner")
        self._accept = basics.button("I accept", self.accepted.emit, primary=True)
        self.compose("Notice and consent", text, basics.row(self._accept), chars=110)

    def focus_first(self) -> None:
        """Where the keyboard begins."""
        self._accept.setFocus()


class UnlockPage(CentredPage):
    """Login name, and a passphrase or a card with its PIN."""

    submitted = Signal(str, object)
    card_submitted = Signal(str, object)
    cards_wanted = Signal()
    recovery_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = basics.line()
        self._way = basics.choice((("passphrase", "Passphrase"), ("card", "Smart card")))
        self._card = basics.choice(())
        self._pin, self._passphrase = basics.line(secret=True), basics.line(secret=True)
        self._unlock = basics.button("Unlock", self._submit, primary=True)
        self._look = basics.button("Look for cards", self.cards_wanted.emit)
        self._recover = basics.button("Recover with officers' keys", self.recovery_wanted.emit)
        self._state = basics.label("", "muted")
        self._beside = False
        for field in (self._passphrase, self._pin):
            field.returnPressed.connect(self._submit)
        self._name.returnPressed.connect(self.focus_first)
        self._way.currentIndexChanged.connect(self._turn)
        self._rows = basics.form(
            (
                ("Login name", self._name),
                ("Unlock with", self._way),
                ("Card", self._card),
                ("PIN of the card", self._pin),
                ("Passphrase", self._passphrase),
            )
        )
        buttons = basics.row(self._unlock, self._look, self._recover)
        self.compose("Unlock the vault", self._state, self._rows, buttons)
        self.offer(cards=False, passphrase_beside=False, recovery=False)

    @property
    def by_card(self) -> bool:
        """Whether a card is to open the vault."""
        return self._way.value == "card"

    def offer(self, *, cards: bool, passphrase_beside: bool, recovery: bool) -> None:
        """Which ways there are: a card at all, with a passphrase beside it, recovery keys."""
        self._beside = passphrase_beside
        self._form().setRowVisible(self._way, cards)
        if not cards:
            self._way.choose("passphrase")
        self._recover.setVisible(recovery)
        self._show_way()

    def show_cards(self, cards: tuple[tuple[str, str], ...]) -> None:
        """The cards that are inserted: serial number, and words for it."""
        self._card.offer(cards)

    def show_state(self, text: str) -> None:
        """What can be said about the locked vault."""
        basics.set_text(self._state, text)

    def set_busy(self, *, busy: bool) -> None:
        """While the passphrase, or the card, is being worked on."""
        fields = (self._name, self._way, self._card, self._pin, self._passphrase)
        for widget in (*fields, self._unlock, self._look, self._recover):
            widget.setEnabled(not busy)
        self._unlock.setText("Unlocking" if busy else "Unlock")
        if not busy:
            self.focus_first()

    def focus_first(self) -> None:
        """Where the keyboard begins."""
        secret = self._pin if self.by_card else self._passphrase
        (secret if self._name.text() else self._name).setFocus()

    def _turn(self) -> None:
        self._show_way()
        if self.by_card:
            self.cards_wanted.emit()

    def _show_way(self) -> None:
        for field in (self._card, self._pin):
            self._form().setRowVisible(field, self.by_card)
        self._form().setRowVisible(self._passphrase, not self.by_card or self._beside)
        self._look.setVisible(self.by_card)

    def _form(self) -> QFormLayout:
        layout = self._rows.layout()
        if not isinstance(layout, QFormLayout):
            raise TypeError
        return layout

    def _submit(self) -> None:
        name, passphrase = self._name.text().strip(), basics.take_secret(self._passphrase)
        if not self.by_card:
            self.submitted.emit(name, passphrase)
            return
        from workstation.core.vault import CardCredential  # noqa: PLC0415 - the window is drawn before it is loaded

        typed = CardCredential(
            pin=basics.take_secret(self._pin),
            serial=self._card.value,
            passphrase=passphrase if self._beside else bytearray(),
        )
        self.card_submitted.emit(name, typed)


class SetUpPage(CentredPage):
    """First run: the office, its custodian, the custodian's passphrase."""

    submitted = Signal(dict, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._fields = {
            "office": basics.line("As printed on certificates and reports"),
            "display_name": basics.line(),
            "staff_number": basics.line(),
            "login_name": basics.line(),
        }
        self._first, self._again = basics.line(secret=True), basics.line(secret=True)
        self._create = basics.button("Create the vault", self._submit, primary=True)
        self._again.returnPressed.connect(self._submit)
        about = basics.label(
            "There is no vault on this workstation yet. The first person is the custodian, who enrols the "
            "others and decides nothing about cases. A passphrase is four or five words, or more. Nobody can "
            "tell you a forgotten one: give officers recovery keys on the page Vault soon.",
            "muted",
        )
        rows = basics.form(
            (
                ("Office", self._fields["office"]),
                ("Custodian's name", self._fields["display_name"]),
                ("Staff number", self._fields["staff_number"]),
                ("Login name", self._fields["login_name"]),
                ("Passphrase", self._first),
                ("Passphrase again", self._again),
            )
        )
        self.compose("Set up this workstation", about, rows, basics.row(self._create), chars=90)

    def set_busy(self, *, busy: bool) -> None:
        """While the vault is being made."""
        for widget in (*self._fields.values(), self._first, self._again, self._create):
            widget.setEnabled(not busy)
        self._create.setText("Creating the vault" if busy else "Create the vault")

    def focus_first(self) -> None:
        """Where the keyboard begins: the first field that is still empty."""
        empty = [field for field in (*self._fields.values(), self._first) if not field.text()]
        (empty[0] if empty else self._create).setFocus()

    def _submit(self) -> None:
        texts = {name: field.text().strip() for name, field in self._fields.items()}
        self.submitted.emit(texts, basics.take_secret(self._first), basics.take_secret(self._again))
