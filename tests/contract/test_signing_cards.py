"""What every desk and every reader promise about cards that sign; the real module where SoftHSM is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from reports import render
from reports.desk import Desk
from tests.contract.test_signing_desk import OFFICER, REVIEWER, Room, found, small_report
from tests.helpers import soft_cards
from tests.helpers.memory_signing import MemoryDesk, MemoryPress
from tests.helpers.memory_signing_cards import MemorySigningCards
from tests.helpers.sample_report import AT
from workstation.core.cards import CardAbsent, CardKeyMissing, CardPinWrong
from workstation.core.signature_errors import CardKeyUnsuitable, PinNeeded
from workstation.core.signatures import IssuedIdentity
from workstation.core.signing_cards import CardChoice, SigningCards

PIN = b"735194"


@pytest.fixture(params=["memory", "real"])
def room(request: pytest.FixtureRequest) -> tuple[Room, MemorySigningCards]:
    """A desk with readers, and an office."""
    cards = MemorySigningCards()
    press, desk = (lambda: render, Desk) if request.param == "real" else (MemoryPress, MemoryDesk)

    def make_desk(*, demo: bool) -> Desk | MemoryDesk:
        return desk(demo=demo, cards=cards)

    return found(press, make_desk, demo=False), cards


def _enrolled(room: Room, serial: str = "", label: str = "") -> IssuedIdentity:
    return room.desk.issue_for_card(
        room.authority,
        person_id="PER-card",
        display_name="Card Holder",
        role="Role",
        card=CardChoice(pin=bytearray(PIN), serial=serial, label=label),
        at=AT - timedelta(hours=1),
    )


def test_a_card_certifies_and_software_releases(room: tuple[Room, MemorySigningCards]) -> None:
    """The key on the card is asked with the PIN; what it signed is released by somebody without a card."""
    desk, cards = room
    cards.insert("C1", PIN, "sign")
    identity = _enrolled(desk)
    assert (identity.card_serial, identity.ec_key_der) == ("C1", bytearray())
    pdf = desk.press.render(small_report(), at=AT)
    with desk.desk.signer(IssuedIdentity.unpack(identity.pack()), bytearray(PIN)) as signer:
        pdf = desk.desk.certify(
            pdf, field=REVIEWER, signer=signer, trust=desk.trust, timestamper=desk.timestamper, at=AT
        )
    assert desk.act("release", pdf, OFFICER, "officer")


def test_without_its_pin_or_its_card_nobody_signs(room: tuple[Room, MemorySigningCards]) -> None:
    """No PIN, a wrong one, no card: refused, each as itself."""
    desk, cards = room
    cards.insert("C1", PIN, "sign")
    identity = _enrolled(desk)
    pdf = desk.press.render(small_report(), at=AT)

    def certify(pin: bytearray | None) -> bytes:
        with desk.desk.signer(IssuedIdentity.unpack(identity.pack()), pin) as signer:
            return desk.desk.certify(
                pdf, field=REVIEWER, signer=signer, trust=desk.trust, timestamper=desk.timestamper, at=AT
            )

    with pytest.raises(PinNeeded):
        certify(None)
    with pytest.raises(CardPinWrong):
        certify(bytearray(b"000000"))
    cards.inserted.clear()
    with pytest.raises(CardAbsent):
        certify(bytearray(PIN))


def test_which_key_gets_the_certificate_is_never_guessed(room: tuple[Room, MemorySigningCards]) -> None:
    """No key, two keys, a label that is not there."""
    desk, cards = room
    cards.insert("C1", PIN)
    with pytest.raises(CardKeyMissing):
        _enrolled(desk)
    cards.insert("C1", PIN, "first", "second")
    for label in ("", "third"):
        with pytest.raises(CardKeyUnsuitable):
            _enrolled(desk, label=label)
    assert _enrolled(desk, label="second").card_serial == "C1"


# --- readers -------------------------------------------------------------------------------------------


def _memory_reader() -> tuple[SigningCards, str]:
    cards = MemorySigningCards()
    cards.insert("C1", PIN, "sign")
    return cards, "C1"


def _soft_reader() -> tuple[SigningCards, str]:
    if not soft_cards.module():
        pytest.skip("SoftHSM (libsofthsm2.so, softhsm2-util) is not installed")
    from storage.vault.card_signatures import Pkcs11SigningCards

    card = soft_cards.new_card("contract")
    soft_cards.add_key(card, "p384")
    return Pkcs11SigningCards(soft_cards.module()), card.serial


@pytest.mark.parametrize("make", [_memory_reader, _soft_reader])
def test_a_reader_signs_with_the_key_that_is_asked_for(make: Callable[[], tuple[SigningCards, str]]) -> None:
    """The signature is the key's over these bytes; another key's is nobody's; a wrong PIN is refused."""
    cards, serial = make()
    (key,) = cards.signing_card(serial, bytearray(PIN)).keys
    signature = cards.sign(serial, bytearray(PIN), key.public_der, b"to be signed")
    public = load_der_public_key(key.public_der)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    assert signature is not None
    public.verify(signature, b"to be signed", ec.ECDSA(hashes.SHA384()))
    assert cards.sign(serial, bytearray(PIN), replace(key, public_der=b"another").public_der, b"x") is None
    with pytest.raises(CardPinWrong):
        cards.sign(serial, bytearray(b"000000"), key.public_der, b"x")
    with pytest.raises(CardAbsent):
        cards.signing_card("no such card", bytearray(PIN))
