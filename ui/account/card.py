"""The card on the person's own page: which one there is, another one, none any more."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QFrame, QSizePolicy, QVBoxLayout

from ui.widgets import basics
from workstation.app.wording import sentence, word
from workstation.core.vault import CardCredential, SlotFacts


@dataclass(frozen=True, kw_only=True)
class CardFields:
    """What was typed; wiped after use."""

    present: bytearray
    credential: CardCredential
    keep_passphrase: bool
    replaces: bool

    def wipe(self) -> None:
        """Forget the secrets."""
        self.present[:] = bytes(len(self.present))
        self.credential.wipe()


class CardPart(QFrame):
    """One form for enrolling and replacing, and a button for removing."""

    submitted = Signal(object)
    removal_pressed = Signal(object)
    cards_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._facts, self._about = basics.Facts(), basics.label("", "muted")
        self._present, self._pin, self._beside = (basics.line(secret=True) for _ in range(3))
        # The text below wraps, and what it needs more would be taken from the facts.
        self._facts.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._card = basics.choice(())
        self._keep = QCheckBox("My passphrase alone still opens the vault")
        self._keep.setChecked(True)
        self._has_card = False
        self._needs_beside = False
        self._rows = basics.form(
            (
                ("What opens it now (passphrase or PIN)", self._present),
                ("Card", self._card),
                ("PIN of that card", self._pin),
                ("Passphrase beside the card", self._beside),
            )
        )
        self._enrol = basics.button("Enrol this card", self._submit, primary=True)
        self._remove = basics.button("Remove my card", self._press_removal)
        look = basics.button("Look for cards", self.cards_wanted.emit)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        title = basics.label("My card", "section")
        buttons = basics.row(self._enrol, look, self._remove)
        basics.fill(
            QVBoxLayout(self),
            (title, self._facts, self._about, self._rows, self._keep, buttons),
            gap=3,
            margin=4,
        )

    def show_card(self, card: SlotFacts | None, *, has_passphrase: bool, needs_beside: bool) -> None:
        """What the person has, and what a card needs on this workstation."""
        self._has_card, self._needs_beside = card is not None, needs_beside
        pairs = [("Card", "none")]
        if card is not None:
            pairs = [
                ("Card", card.card_serial),
                ("Opens with", word("card-way", card.type)),
                ("The card answers by", word("card-mechanism", card.card_mechanism)),
            ]
        pairs.append(("Passphrase alone", "opens the vault too" if has_passphrase else "opens nothing"))
        self._facts.show_pairs(tuple(pairs))
        half = sentence("card", "beside-passphrase" if needs_beside else "beside-keyring")
        basics.set_text(self._about, f"{half} {sentence('card', 'rotates')}")
        self._enrol.setText("Replace my card with this one" if self._has_card else "Enrol this card")
        self._remove.setVisible(self._has_card and has_passphrase)
        self._keep.setVisible(has_passphrase)
        layout = self._rows.layout()
        if isinstance(layout, QFormLayout):
            layout.setRowVisible(self._beside, needs_beside)

    def show_cards(self, cards: tuple[tuple[str, str], ...]) -> None:
        """The cards that are inserted."""
        self._card.offer(cards)

    def _submit(self) -> None:
        beside = basics.take_secret(self._beside)
        typed = CardCredential(
            pin=basics.take_secret(self._pin),
            serial=self._card.value,
            passphrase=beside if self._needs_beside else bytearray(),
        )
        present = basics.take_secret(self._present)
        keep = self._keep.isChecked()
        self.submitted.emit(
            CardFields(present=present, credential=typed, keep_passphrase=keep, replaces=self._has_card)
        )

    def _press_removal(self) -> None:
        self.removal_pressed.emit(basics.take_secret(self._present))
