"""An office whose people sign by card, for tests; the cards are SoftHSM's."""

from dataclasses import dataclass
from datetime import timedelta

from reports.desk import Desk
from tests.helpers import soft_cards
from tests.helpers.signing_office import OFFICER_FIELD, REVIEWER_FIELD, SIGNED, Office, document
from workstation.core.signatures import IssuedIdentity
from workstation.core.signing_cards import CardChoice
from workstation.core.verifications import Bundle

PIN = soft_cards.PIN.encode()


@dataclass
class Cards:
    """An office whose reviewer signs with a P-384 card and whose officer with an RSA-3072 card."""

    office: Office
    desk: Desk
    cards: dict[str, soft_cards.SoftCard]
    people: dict[str, IssuedIdentity]

    def signer(self, who: str, pin: bytes = PIN, desk: Desk | None = None):  # noqa: ANN201 - a signer
        """Ready to sign until the block ends."""
        return (desk or self.desk).signer(IssuedIdentity.unpack(self.people[who].pack()), bytearray(pin))

    def certified(self, pdf: bytes | None = None, *, who: str = "reviewer", **more: object) -> bytes:
        """By the reviewer."""
        return self._step("certify", pdf or document(), REVIEWER_FIELD, who, **more)

    def released(self, pdf: bytes, *, who: str = "officer", **more: object) -> bytes:
        """By the officer."""
        return self._step("release", pdf, OFFICER_FIELD, who, **more)

    def _step(self, step: str, pdf: bytes, field: str, who: str, **more: object) -> bytes:
        options = {"trust": self.office.trust, "at": SIGNED, "desk": self.desk, "pin": PIN, **more}
        desk, pin = options.pop("desk"), options.pop("pin")
        assert isinstance(desk, Desk)
        assert isinstance(pin, bytes)
        with self.signer(who, pin, desk) as signer:
            signed: bytes = getattr(desk, step)(
                pdf, field=field, signer=signer, timestamper=self.office.timestamper, **options
            )
        return signed

    def bundle(self, pdf: bytes, *, who: str = "officer", desk: Desk | None = None, **more: object) -> Bundle:
        """The export."""
        at = more.get("at", SIGNED)
        with self.signer(who, desk=desk) as signer:
            return (desk or self.desk).compose(
                {"report.pdf": pdf, "determination.json": b"{}"},
                signer=signer,
                trust=self.office.trust,
                timestamper=self.office.timestamper,
                predicate={"case": "CASE-TEST"},
                at=at,  # type: ignore[arg-type]  # a moment
            )


def enrolled(room: Cards, who: str, card: soft_cards.SoftCard, **more: object) -> IssuedIdentity:
    """A certificate for the key on a card."""
    choice = CardChoice(pin=bytearray(PIN), serial=card.serial, **more)  # type: ignore[arg-type]  # a label
    return room.desk.issue_for_card(
        room.office.authority,
        person_id=f"PER-{who}",
        display_name=f"{who} with a card",
        role="Role",
        card=choice,
        at=SIGNED - timedelta(days=20),
    )
