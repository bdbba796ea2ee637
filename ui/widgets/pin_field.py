"""The PIN of the card that signs, asked for beside the passphrase where the signing key lies on a card."""

from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from ui.widgets import basics
from ui.widgets.passphrase import PassphraseField
from ui.widgets.text import Text
from workstation.core.signing_cards import TypedSecrets

CAPTION = "PIN of your card"


class PinField(PassphraseField):
    """A PIN, hidden; its row in the form is there only while a card is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self._serial = ""

    def ask_for(self, serial: str) -> None:
        """Show the row for this card; without a card take it away."""
        self._serial = serial
        if not serial:
            self.clear()
        form = _form_of(self)
        if form is None:
            return
        form.setRowVisible(self, bool(serial))
        caption = form.labelForField(self)
        if isinstance(caption, Text):
            caption.show_text(f"{CAPTION} {serial}".strip())
        self.setAccessibleName(f"{CAPTION} {serial}".strip())

    def take_with(self, passphrase: QLineEdit) -> bytearray:
        """What was typed to sign: the passphrase, and the PIN beside it where a card is asked for."""
        typed = basics.take_secret(passphrase)
        return TypedSecrets(typed, self.take()) if self._serial else typed


def _form_of(field: QWidget) -> QFormLayout | None:
    parent = field.parentWidget()
    layout = parent.layout() if parent is not None else None
    return layout if isinstance(layout, QFormLayout) else None
