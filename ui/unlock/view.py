"""Before the vault is open: consent, first run, unlocking. Nothing about any case is shown here."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

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
    """Login name and passphrase."""

    submitted = Signal(str, object)

    def __init__(self) -> None:
        super().__init__()
        self._name = basics.line()
        self._passphrase = basics.line(secret=True)
        self._unlock = basics.button("Unlock", self._submit, primary=True)
        self._state = basics.label("", "muted")
        self._passphrase.returnPressed.connect(self._submit)
        self._name.returnPressed.connect(self._passphrase.setFocus)
        rows = basics.form((("Login name", self._name), ("Passphrase", self._passphrase)))
        self.compose("Unlock the vault", self._state, rows, basics.row(self._unlock))

    def show_state(self, text: str) -> None:
        """What can be said about the locked vault."""
        basics.set_text(self._state, text)

    def set_busy(self, *, busy: bool) -> None:
        """While the passphrase is being worked on."""
        for widget in (self._name, self._passphrase, self._unlock):
            widget.setEnabled(not busy)
        self._unlock.setText("Unlocking" if busy else "Unlock")
        if not busy:
            self.focus_first()

    def focus_first(self) -> None:
        """Where the keyboard begins."""
        (self._passphrase if self._name.text() else self._name).setFocus()

    def _submit(self) -> None:
        self.submitted.emit(self._name.text().strip(), basics.take_secret(self._passphrase))


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
            "recover a forgotten one.",
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
