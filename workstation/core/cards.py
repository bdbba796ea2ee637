"""Smart cards as the rules and workflows see them: values, the port, and what can go wrong.

Everything with a code of its own here is told by the card or its reader alone. What comes out by comparing a
card with the vault (an unknown name, a card whose slot was removed, somebody else's card) is
``CredentialsRefused``, the one answer of the vault.
"""

import threading
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final, Protocol

from workstation.core.errors import EnvironmentFault, Refused

# One login per card and process (PKCS #11): whoever uses a card holds this from login to logout.
CARD_TURN: Final = threading.RLock()


class CardMechanism(StrEnum):
    """How a card yields a secret that nothing but this card can yield."""

    ECDH_P384 = "ecdh-p384"
    OAEP_SHA384 = "rsa-oaep-sha384"
    OAEP_SHA1 = "rsa-oaep-sha1"


@dataclass(frozen=True, kw_only=True)
class CardToken:
    """A card in a reader, as it describes itself before a PIN is typed; all of it untrusted."""

    serial: str
    untrusted_label: str
    untrusted_maker: str
    pin_count_low: bool = False
    pin_last_try: bool = False
    pin_locked: bool = False


@dataclass(frozen=True, kw_only=True)
class CardKey:
    """One private key on a card that has a public half beside it."""

    public_sha384: bytes  # of the SubjectPublicKeyInfo (DER)
    public_der: bytes  # the SubjectPublicKeyInfo
    untrusted_label: str
    can_agree: bool  # a P-384 key with CKA_DERIVE
    can_decrypt: bool  # an RSA key of 3072 to 4096 bits with CKA_DECRYPT


@dataclass(frozen=True, kw_only=True)
class CardChallenge:
    """What is put to a card: which key, which way, and the point or ciphertext."""

    mechanism: CardMechanism
    key_sha384: bytes
    value: bytes


class CardReader(Protocol):
    """The readers of this workstation. Every call ends within a bounded time."""

    def tokens(self) -> tuple[CardToken, ...]:
        """The cards that are inserted; raises CardModuleMissing, CardModuleRefused, CardModuleFailed."""

    def is_present(self, serial: str) -> bool:
        """Whether that card is still inserted; a reader that does not answer counts as no card."""

    def keys(self, serial: str, pin: bytearray) -> tuple[CardKey, ...]:
        """The keys of a card that may open a vault.

        Raises:
            CardAbsent, CardAmbiguous, CardPinWrong, CardPinLocked, CardPinUnusable, CardRemoved,
            CardTimedOut, CardFailed, and as ``tokens``.
        """

    def answer(self, serial: str, pin: bytearray, challenge: CardChallenge) -> bytearray | None:
        """The secret; ``None`` when the key is not on this card or does not take the value.

        ``serial`` may be empty while only one card is inserted. Raises as ``keys``.
        """


@dataclass(kw_only=True, eq=False)
class CardModuleMissing(EnvironmentFault):
    """No PKCS #11 module is named in the settings, or there is no such file; ``path`` may be empty."""

    code: ClassVar[str] = "CRD-001"
    path: str


@dataclass(kw_only=True, eq=False)
class CardModuleRefused(Refused):
    """The module would be code somebody else can change.

    ``reason`` is one of: not a full path, not a plain file, owned by somebody else, others may write it,
    others may write its folder.
    """

    code: ClassVar[str] = "CRD-002"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class CardModuleFailed(EnvironmentFault):
    """The module does not load or does not start."""

    code: ClassVar[str] = "CRD-003"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class CardAbsent(EnvironmentFault):
    """No card is inserted, or not the one with this serial number; ``serial`` may be empty."""

    code: ClassVar[str] = "CRD-004"
    serial: str


@dataclass(kw_only=True, eq=False)
class CardPinWrong(Refused):
    """The card refused the PIN; it counts its own tries."""

    code: ClassVar[str] = "CRD-005"


@dataclass(kw_only=True, eq=False)
class CardPinLastTry(CardPinWrong):
    """The card refused the PIN and will take one more try."""

    code: ClassVar[str] = "CRD-018"


@dataclass(kw_only=True, eq=False)
class CardPinLocked(Refused):
    """The card takes no PIN any more until its issuer unlocks it."""

    code: ClassVar[str] = "CRD-006"


@dataclass(kw_only=True, eq=False)
class CardRemoved(EnvironmentFault):
    """The card was pulled out while it was being used."""

    code: ClassVar[str] = "CRD-007"


@dataclass(kw_only=True, eq=False)
class CardKeyMissing(EnvironmentFault):
    """The card holds no key for this purpose. ``purpose`` is open or sign."""

    code: ClassVar[str] = "CRD-008"
    purpose: str


@dataclass(kw_only=True, eq=False)
class CardFailed(EnvironmentFault):
    """The card or its module answered with an error; ``reason`` is its PKCS #11 name."""

    code: ClassVar[str] = "CRD-009"
    reason: str


@dataclass(kw_only=True, eq=False)
class CardTimedOut(EnvironmentFault):
    """The card or its module did not answer in time."""

    code: ClassVar[str] = "CRD-010"
    timeout_s: int


@dataclass(kw_only=True, eq=False)
class CardAmbiguous(Refused):
    """More than one card is inserted and none was named."""

    code: ClassVar[str] = "CRD-011"
    serials: str


@dataclass(kw_only=True, eq=False)
class CardPinUnusable(Refused):
    """The PIN was never set, has expired, or has a length this card never has."""

    code: ClassVar[str] = "CRD-012"
    reason: str


@dataclass(kw_only=True, eq=False)
class CardWithoutMechanism(EnvironmentFault):
    """The card has the key and none of the ways a vault needs to use it."""

    code: ClassVar[str] = "CRD-013"
    offered: str


@dataclass(kw_only=True, eq=False)
class CardNotEnrolled(Refused):
    """The person has no card in this vault."""

    code: ClassVar[str] = "CRD-014"


@dataclass(kw_only=True, eq=False)
class CardAlreadyEnrolled(Refused):
    """The person has a card in this vault already; it can be replaced."""

    code: ClassVar[str] = "CRD-015"


@dataclass(kw_only=True, eq=False)
class CardNeedsPassphrase(Refused):
    """No keyring works here, so a passphrase must be the half that a quantum computer does not break."""

    code: ClassVar[str] = "CRD-016"


@dataclass(kw_only=True, eq=False)
class LastWayIn(Refused):
    """Without this card, or this passphrase, the person would have no way in."""

    code: ClassVar[str] = "CRD-017"
