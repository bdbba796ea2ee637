"""Recovery by officers' keys: how a key is written on paper, and what can go wrong.

A recovery key is 32 random bytes. On paper it is 14 groups of five characters: four of the key and one that
checks them, so that a slip of the pen is found where it was made.
"""

import hashlib
from dataclasses import dataclass, field
from typing import ClassVar, Final, Protocol

from workstation.core.errors import EnvironmentFault, Refused

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
GROUPS: Final = 14
GROUP_CHARS: Final = 5
KEY_BYTES: Final = 32
_TAG_BYTES: Final = 2
_BITS: Final = 5
_FIELD: Final = 0b100101  # x^5 + x^2 + 1, irreducible over GF(2)
_READ_AS: Final = str.maketrans({"O": "0", "I": "1", "L": "1"})


@dataclass(frozen=True, kw_only=True)
class RecoveryFacts:
    """What may be told of the recovery set of a vault."""

    set_id: str
    needed: int
    officers: int
    epoch: int


@dataclass(kw_only=True)
class OfficerKey:
    """One officer's key of one set; wipe it after use."""

    officer: int
    set_id: str
    key: bytearray = field(repr=False)

    def wipe(self) -> None:
        """Zero the key."""
        self.key[:] = bytes(len(self.key))


class NewRecovery(Protocol):
    """A recovery set that opens nothing yet."""

    @property
    def facts(self) -> RecoveryFacts:
        """What may be told of it."""

    @property
    def keys(self) -> list[OfficerKey]:
        """The officers' keys, in their order."""

    def wipe(self) -> None:
        """Zero every key."""


class RecoveredPerson(Protocol):
    """Somebody about to get a new passphrase; nothing is written before ``put``."""

    def unseal(self, blob: bytes) -> bytearray:
        """What was sealed for a recovery; raises ObjectTampered. The caller wipes it."""

    def seal(self, plaintext: bytes | bytearray) -> bytes:
        """Seal something as only the person with the new passphrase can open it."""

    def put(self) -> None:
        """Let the person in by the new passphrase only, void the recovery keys, rotate the vault key."""

    def abandon(self) -> None:
        """Forget what was made for it."""


@dataclass(kw_only=True, eq=False)
class RecoveryBounds(Refused):
    """Two to nine officers, and of these at least two."""

    code: ClassVar[str] = "CRD-030"
    needed: int
    officers: int


@dataclass(kw_only=True, eq=False)
class RecoveryKeyMistyped(Refused):
    """One group of a key is not as printed; ``group`` counts from 1, 0 where the whole does not fit."""

    code: ClassVar[str] = "CRD-031"
    group: int


@dataclass(kw_only=True, eq=False)
class RecoveryKeysWrong(Refused):
    """These keys do not open this vault: of another set, void, or one officer's twice."""

    code: ClassVar[str] = "CRD-032"


@dataclass(kw_only=True, eq=False)
class RecoveryForCustodianOnly(Refused):
    """Recovery gives one custodian a new passphrase and nobody else."""

    code: ClassVar[str] = "CRD-033"
    person: str


@dataclass(kw_only=True, eq=False)
class RecoveryNotSet(Refused):
    """The vault has no recovery keys."""

    code: ClassVar[str] = "CRD-034"


@dataclass(kw_only=True, eq=False)
class RecoveryNotConfirmed(Refused):
    """An officer has not typed their key back as it was shown."""

    code: ClassVar[str] = "CRD-035"
    officer: int


@dataclass(kw_only=True, eq=False)
class RecoverySheetNotWritten(EnvironmentFault):
    """An officer's sheet could not be written; nothing that was there was replaced."""

    code: ClassVar[str] = "CRD-036"
    path: str
    reason: str


def tag_of(set_id: str, officer: int, key: bytes | bytearray) -> bytes:
    """Two bytes that tell a mixed-up sheet from a good one before anything is derived."""
    return hashlib.sha384(b"frw-recovery-key/" + bytes.fromhex(set_id) + bytes([officer]) + key).digest()[
        :_TAG_BYTES
    ]


def written(key: OfficerKey) -> str:
    """The key as its groups, with a space between them."""
    packed = bytes([key.officer]) + key.key + tag_of(key.set_id, key.officer, key.key)
    number = int.from_bytes(packed, "big")
    per_group = (GROUP_CHARS - 1) * _BITS
    groups = []
    for index in range(GROUPS):
        value = number >> (per_group * (GROUPS - 1 - index)) & ((1 << per_group) - 1)
        symbols = [value >> (_BITS * place) & 31 for place in reversed(range(GROUP_CHARS - 1))]
        groups.append("".join(ALPHABET[symbol] for symbol in (*symbols, _check(index, symbols))))
    return " ".join(groups)


def read(text: str, set_id: str) -> OfficerKey:
    """The inverse of ``written`` for keys of this set; case, spaces and hyphens do not matter.

    Raises:
        RecoveryKeyMistyped: a group that is not as printed, a missing one, or a key of another set.
    """
    bare = "".join(char for char in text.upper() if not char.isspace() and char != "-").translate(_READ_AS)
    number = 0
    for index in range(GROUPS):
        group = bare[index * GROUP_CHARS : (index + 1) * GROUP_CHARS]
        symbols = [ALPHABET.find(char) for char in group]
        if len(symbols) != GROUP_CHARS or -1 in symbols or _check(index, symbols[:-1]) != symbols[-1]:
            raise RecoveryKeyMistyped(group=index + 1)
        for symbol in symbols[:-1]:
            number = number << _BITS | symbol
    packed = number.to_bytes(1 + KEY_BYTES + _TAG_BYTES, "big")
    officer, key, tag = packed[0], bytearray(packed[1 : 1 + KEY_BYTES]), packed[1 + KEY_BYTES :]
    if len(bare) != GROUPS * GROUP_CHARS or tag_of(set_id, officer, key) != tag:
        raise RecoveryKeyMistyped(group=0)
    return OfficerKey(officer=officer, set_id=set_id, key=key)


def _check(index: int, symbols: list[int]) -> int:
    """One symbol over the field of 32 that any one wrong or two exchanged symbols, or groups, change."""
    total = index
    for symbol in reversed(symbols):
        total = _doubled(total ^ symbol)
    return total


def _doubled(value: int) -> int:
    value <<= 1
    return value ^ _FIELD if value > 31 else value  # noqa: PLR2004 - the field has 32 members
