"""Cards that sign: the port, and what it tells. What can go wrong with a card: ``cards``.

A card holds the classical key only. No card offers ML-DSA today, so that key of a person stays a software
identity under the person's own passphrase or card slot.
"""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """One key on a card that may sign: P-384, or RSA of 3072 to 4096 bits."""

    public_der: bytes  # SubjectPublicKeyInfo
    untrusted_label: str
    certificates_der: tuple[bytes, ...] = ()  # on the card for this key; nobody has believed them yet


@dataclass(frozen=True, kw_only=True)
class SigningCard:
    """A card that took its PIN, and the keys on it that may sign."""

    serial: str
    keys: tuple[SigningKey, ...]


@dataclass(frozen=True, kw_only=True)
class CardChoice:
    """Which key of which card, with its PIN, as the person at the reader says.

    ``serial`` may be empty while one card is inserted; ``label`` may be empty while one key of it signs.
    """

    pin: bytearray
    serial: str = ""
    label: str = ""


class TypedSecrets(bytearray):
    """A passphrase as typed, with the PIN of the card that signs beside it; goes wherever a passphrase goes.

    Whoever came in by the card itself types its PIN alone: then that one secret is both.
    """

    def __init__(self, passphrase: bytearray, pin: bytearray) -> None:
        super().__init__(passphrase)
        self.pin = pin


def wipe_typed(secret: bytearray) -> None:
    """Zero what was typed, the PIN beside it as well."""
    secret[:] = bytes(len(secret))
    if isinstance(secret, TypedSecrets):
        secret.pin[:] = bytes(len(secret.pin))


class SigningCards(Protocol):
    """The readers, for signing. Every call gives the card its PIN anew and ends within a bounded time."""

    def signing_card(self, serial: str, pin: bytearray) -> SigningCard:
        """The card and its signing keys.

        Raises:
            CardAbsent, CardAmbiguous, CardPinWrong, CardPinLocked, CardPinUnusable, CardRemoved,
            CardTimedOut, CardFailed, CardModuleMissing, CardModuleRefused, CardModuleFailed.
        """

    def sign(self, serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        """ECDSA (DER) or RSASSA-PKCS1-v1_5, over SHA-384; ``None`` when this key is not on the card.

        Raises as ``signing_card``.
        """
