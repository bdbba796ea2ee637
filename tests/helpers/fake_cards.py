"""Cards made of nothing but keys in memory, for what real ones do at the wrong moment.

``FakeReader`` is a ``core.cards.CardReader``; a card may be pulled out before, or in the middle of, a call.
"""

import hashlib
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workstation.core.cards import (
    CardAbsent,
    CardAmbiguous,
    CardChallenge,
    CardKey,
    CardMechanism,
    CardPinLastTry,
    CardPinLocked,
    CardPinWrong,
    CardRemoved,
    CardToken,
)

PIN = b"735194"
_TRIES = 3


@dataclass
class FakeCard:
    """One card."""

    serial: str
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    pin: bytes = PIN
    wrong: int = 0

    @property
    def key(self) -> CardKey:
        """Its one key."""
        der = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        agrees = isinstance(self.private, ec.EllipticCurvePrivateKey)
        return CardKey(
            public_sha384=hashlib.sha384(der).digest(),
            public_der=der,
            untrusted_label="open",
            can_agree=agrees,
            can_decrypt=not agrees,
        )

    def answer(self, challenge: CardChallenge) -> bytearray | None:
        """As a card does."""
        if challenge.key_sha384 != self.key.public_sha384:
            return None
        try:
            return self._worked(challenge)
        except ValueError:  # not on the curve, not encrypted for this key
            return None

    def _worked(self, challenge: CardChallenge) -> bytearray:
        if isinstance(self.private, ec.EllipticCurvePrivateKey):
            point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), challenge.value)
            return bytearray(self.private.exchange(ec.ECDH(), point))
        digest = SHA384() if challenge.mechanism is CardMechanism.OAEP_SHA384 else SHA1()  # noqa: S303 - cards know it
        how = padding.OAEP(padding.MGF1(digest), digest, None)
        return bytearray(self.private.decrypt(challenge.value, how))


def ec_card(serial: str = "EC0001") -> FakeCard:
    """With a P-384 key."""
    return FakeCard(serial=serial, private=ec.generate_private_key(ec.SECP384R1()))


@dataclass
class FakeReader:
    """Readers with cards in them."""

    cards: list[FakeCard] = field(default_factory=list)
    removed_during_answer: bool = False
    asked: int = 0

    def tokens(self) -> tuple[CardToken, ...]:
        """See the port."""
        return tuple(
            CardToken(serial=c.serial, untrusted_label="CARD", untrusted_maker="") for c in self.cards
        )

    def is_present(self, serial: str) -> bool:
        """See the port."""
        return any(card.serial == serial for card in self.cards)

    def keys(self, serial: str, pin: bytearray) -> tuple[CardKey, ...]:
        """See the port."""
        return (self._card(serial, pin).key,)

    def answer(self, serial: str, pin: bytearray, challenge: CardChallenge) -> bytearray | None:
        """See the port."""
        card = self._card(serial, pin)
        self.asked += 1
        if self.removed_during_answer:
            self.cards.clear()
            raise CardRemoved
        return card.answer(challenge)

    def _card(self, serial: str, pin: bytearray) -> FakeCard:
        named = [card for card in self.cards if serial in {"", card.serial}]
        if not named:
            raise CardAbsent(serial=serial)
        if len(named) > 1:
            raise CardAmbiguous(serials=", ".join(card.serial for card in named))
        card = named[0]
        if card.wrong >= _TRIES:
            raise CardPinLocked
        if bytes(pin) != card.pin:
            card.wrong += 1
            raise CardPinLastTry if card.wrong == _TRIES - 1 else CardPinWrong
        card.wrong = 0
        return card
