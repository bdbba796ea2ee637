"""Cards that sign, without readers: ``SigningCards`` over keys in memory. For tests only."""

from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workstation.core.cards import (
    CardAbsent,
    CardAmbiguous,
    CardKeyMissing,
    CardPinLastTry,
    CardPinLocked,
    CardPinWrong,
)
from workstation.core.signing_cards import SigningCard, SigningKey

MOST_TRIES = 3
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass
class MemoryCard:
    """One card, which counts wrong PINs and locks."""

    pin: bytes
    keys: dict[str, Key] = field(default_factory=dict)
    tries_left: int = MOST_TRIES

    def require_pin(self, pin: bytearray) -> None:
        """Right, or counted."""
        if not self.tries_left:
            raise CardPinLocked
        if bytes(pin) != self.pin:
            self.tries_left -= 1
            if not self.tries_left:
                raise CardPinLocked
            raise CardPinLastTry if self.tries_left == 1 else CardPinWrong
        self.tries_left = MOST_TRIES


class MemorySigningCards:
    """Readers with the cards that were inserted, by serial number."""

    def __init__(self) -> None:
        self.inserted: dict[str, MemoryCard] = {}

    def insert(self, serial: str, pin: bytes, *labels: str, rsa_bits: int = 0) -> MemoryCard:
        """A new card in a reader, with a fresh key for each label."""
        card = MemoryCard(pin=pin)
        for label in labels:
            card.keys[label] = (
                rsa.generate_private_key(65537, rsa_bits)
                if rsa_bits
                else ec.generate_private_key(ec.SECP384R1())
            )
        self.inserted[serial] = card
        return card

    def _card(self, serial: str, pin: bytearray) -> tuple[str, MemoryCard]:
        found = [one for one in self.inserted if serial in {"", one}]
        if not found:
            raise CardAbsent(serial=serial)
        if len(found) > 1:
            raise CardAmbiguous(serials=", ".join(found))
        self.inserted[found[0]].require_pin(pin)
        return found[0], self.inserted[found[0]]

    def signing_card(self, serial: str, pin: bytearray) -> SigningCard:
        """See the port."""
        name, card = self._card(serial, pin)
        if not card.keys:
            raise CardKeyMissing(purpose="sign")
        keys = (SigningKey(public_der=public(key), untrusted_label=label) for label, key in card.keys.items())
        return SigningCard(serial=name, keys=tuple(keys))

    def sign(self, serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        """See the port."""
        _name, card = self._card(serial, pin)
        key = next((key for key in card.keys.values() if public(key) == public_der), None)
        if isinstance(key, rsa.RSAPrivateKey):
            return key.sign(data, padding.PKCS1v15(), hashes.SHA384())
        return key.sign(data, ec.ECDSA(hashes.SHA384())) if key is not None else None


def public(key: Key) -> bytes:
    """SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
