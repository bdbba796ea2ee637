"""What a card slot says of its card (vault-v1.md, section 3)."""

from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePublicKey

from storage.vault.header_values import HeaderDamaged, b64, exactly, serial, unb64
from workstation.core.cards import CardChallenge, CardMechanism

_POINT_BYTES: Final = 97
_CIPHERTEXT_BYTES: Final = tuple(range(384, 513))  # RSA of 3072 to 4096 bits
_KEY_BYTES: Final = 48
_UNCOMPRESSED: Final = 4


@dataclass(frozen=True, kw_only=True)
class CardBinding:
    """Which key of which card, and what is put to it; bound into the derivation of the slot's keys."""

    challenge: CardChallenge
    serial: str

    def as_json(self) -> dict[str, object]:
        """As in the file."""
        return {
            "mechanism": self.challenge.mechanism.value,
            "key": b64(self.challenge.key_sha384),
            "value": b64(self.challenge.value),
            "serial": self.serial,
        }


def parse_card(value: Any) -> CardBinding:
    """The inverse of ``CardBinding.as_json``.

    Raises:
        HeaderDamaged, ValueError: not such an object, out of bounds, or a point that is not on the curve.
    """
    exactly(value, "mechanism key value serial")
    mechanism = CardMechanism(value["mechanism"])
    agrees = mechanism is CardMechanism.ECDH_P384
    put = unb64(value["value"], *((_POINT_BYTES,) if agrees else _CIPHERTEXT_BYTES))
    if agrees:
        if put[0] != _UNCOMPRESSED:
            raise HeaderDamaged
        # A point off the curve would make some cards tell their key bit by bit; ValueError is "damaged", too.
        EllipticCurvePublicKey.from_encoded_point(SECP384R1(), put)
    key = unb64(value["key"], _KEY_BYTES)
    challenge = CardChallenge(mechanism=mechanism, key_sha384=key, value=put)
    return CardBinding(challenge=challenge, serial=serial(value["serial"]))
