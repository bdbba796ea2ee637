"""The person's own page, without widgets: who they are here, and another passphrase."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ui.desk import Desk
from ui.unlock.presenter import card_words
from workstation.app import cards, credentials
from workstation.app.wording import sentence
from workstation.core.jobs import JobControl
from workstation.core.people import PassphrasesDiffer, Person
from workstation.core.vault import SlotFacts

if TYPE_CHECKING:
    from ui.account.card import CardFields


@dataclass(frozen=True, kw_only=True)
class PassphraseFields:
    """What was typed; wiped after use."""

    old: bytearray
    first: bytearray
    again: bytearray

    def wipe(self) -> None:
        """Forget all three."""
        for secret in (self.old, self.first, self.again):
            secret[:] = bytes(len(secret))


class AccountView(Protocol):
    """The page as the presenter sees it."""

    def show_person(self, person: Person) -> None:
        """Whose page it is."""

    def set_busy(self, *, busy: bool) -> None:
        """While the key is being made."""

    def show_card(self, card: SlotFacts | None, *, has_passphrase: bool, needs_beside: bool) -> None:
        """The person's card."""

    def show_cards(self, cards: tuple[tuple[str, str], ...]) -> None:
        """The cards that are inserted."""


class AccountPresenter:
    """Shows the person, changes the passphrase and the card."""

    def __init__(self, view: AccountView, desk: Desk) -> None:
        self._view, self._desk = view, desk

    def refresh(self) -> None:
        """Read the register."""
        session = self._desk.here
        self._view.show_person(session.person)
        self._view.show_card(
            cards.own(session),
            has_passphrase=cards.has_passphrase(session),
            needs_beside=not session.services.vaults.keyring_works,
        )

    def look_for_cards(self) -> None:
        """List the cards in the readers."""
        services = self._desk.services
        self._desk.busy(self._view, lambda _job: card_words(cards.inserted(services)), self._view.show_cards)

    def enrol_card(self, fields: "CardFields") -> None:
        """Enrol or replace the card, in a job: a card may block."""
        session = self._desk.here

        def work(_job: JobControl) -> SlotFacts:
            try:
                return cards.enrol(
                    session,
                    present=fields.present,
                    credential=fields.credential,
                    keep_passphrase=fields.keep_passphrase,
                    replaces=fields.replaces,
                )
            finally:
                fields.wipe()

        def done(card: SlotFacts) -> None:
            self.refresh()
            old = (
                f" {sentence('people', 'old-copies')}"
                if fields.replaces or not fields.keep_passphrase
                else ""
            )
            self._desk.notices.tell(f"The card {card.card_serial} opens the vault from now on.{old}")

        self._desk.busy(self._view, work, done)

    def remove_card(self, present: bytearray) -> None:
        """Drop the card, in a job."""
        session = self._desk.here

        def work(_job: JobControl) -> SlotFacts:
            try:
                return cards.remove(session, present=present)
            finally:
                present[:] = bytes(len(present))

        def done(card: SlotFacts) -> None:
            self.refresh()
            told = f"The card {card.card_serial} opens nothing here any more."
            self._desk.notices.tell(f"{told} {sentence('people', 'old-copies')}")

        self._desk.busy(self._view, work, done)

    def marking(self) -> str:
        """Nothing of any case is shown here."""
        return ""

    def change(self, fields: PassphraseFields) -> None:
        """Replace the passphrase, in a job: it costs what unlocking costs, twice."""
        if fields.first != fields.again:
            fields.wipe()
            self._desk.notices.explain(PassphrasesDiffer())
            return
        session = self._desk.here

        def work(_job: JobControl) -> None:
            try:
                credentials.change_passphrase(session, old=fields.old, new=fields.first)
            finally:
                fields.wipe()

        def done(_nothing: None) -> None:
            self.refresh()
            self._desk.notices.tell("Your passphrase was changed. The next unlock needs the new one.")

        self._desk.busy(self._view, work, done)
