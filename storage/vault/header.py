"""``vault.json``: strict parsing and canonical writing (vault-v1.md, sections 2 and 3)."""

import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Final

from storage.vault.header_cards import CardBinding, parse_card
from storage.vault.header_recovery import RecoverySet, parse_recovery
from storage.vault.header_values import (
    MAX_EPOCH,
    MAX_GENERATION,
    HeaderDamaged,
    a_list,
    b64,
    cost_as_json,
    exactly,
    hex32,
    identifier,
    number,
    parse_cost,
    unb64,
)
from storage.vault.keys import canonical
from workstation.core.vault import Cost, Profile
from workstation.core.vault_errors import VaultFormatNewer

FORMAT: Final = "frw-vault"
VERSION: Final = 1
MAX_HEADER_BYTES: Final = 4 << 20
MAX_SLOTS: Final = 256
MAX_EARLIER: Final = 4_096

SLOT_TYPES: Final = ("passphrase", "passphrase+device", "card+device", "card+passphrase")
SALT_BYTES, KEM_PUBLIC_BYTES, KEM_CIPHERTEXT_BYTES = 32, 1_568, 1_568
WRAPPED_SEED_BYTES, WRAPPED_KEY_BYTES, MAC_BYTES = 72, 40, 48


@dataclass(frozen=True, kw_only=True)
class SlotHeader:
    """What is bound into the derivation of a slot's keys."""

    vault: str
    profile: Profile
    person: str
    login: str
    type: str
    cost: Cost
    salt: bytes
    card: CardBinding | None = None

    @property
    def needs_device(self) -> bool:
        """Whether this machine's keyring has a part in it."""
        return self.type.endswith("+device")

    def as_json(self) -> dict[str, object]:
        """As in the file."""
        card = {} if self.card is None else {"card": self.card.as_json()}
        return card | {
            "vault": self.vault,
            "profile": self.profile.value,
            "person": self.person,
            "login": self.login,
            "type": self.type,
            "kdf": cost_as_json(self.cost),
            "salt": b64(self.salt),
        }


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One person's way in."""

    id: str
    header: SlotHeader
    kem_public: bytes
    kem_seed: bytes
    personal: bytes
    epoch: int
    kem_ciphertext: bytes
    vmk: bytes

    @property
    def is_card(self) -> bool:
        """Whether a card opens it."""
        return self.header.card is not None

    def as_json(self) -> dict[str, object]:
        """As in the file."""
        return {
            "id": self.id,
            "header": self.header.as_json(),
            "kem_public": b64(self.kem_public),
            "kem_seed": b64(self.kem_seed),
            "personal": b64(self.personal),
            "epoch": self.epoch,
            "kem_ciphertext": b64(self.kem_ciphertext),
            "vmk": b64(self.vmk),
        }


@dataclass(frozen=True, kw_only=True)
class Header:
    """The whole file, as parsed; nothing of it is trusted before ``mac_matches``."""

    vault: str
    profile: Profile
    epoch: int
    generation: int
    database_epoch: int
    earlier: tuple[tuple[int, bytes], ...]
    slots: tuple[Slot, ...]
    recovery: RecoverySet | None = None

    def as_json(self) -> dict[str, object]:
        """As in the file, without ``mac``."""
        recovery = {} if self.recovery is None else {"recovery": self.recovery.as_json()}
        return recovery | {
            "format": FORMAT,
            "version": VERSION,
            "vault": self.vault,
            "profile": self.profile.value,
            "epoch": self.epoch,
            "generation": self.generation,
            "database_epoch": self.database_epoch,
            "earlier": [{"epoch": epoch, "wrapped": b64(wrapped)} for epoch, wrapped in self.earlier],
            "slots": [slot.as_json() for slot in self.slots],
        }

    def mac(self, key: bytes | bytearray) -> bytes:
        """HMAC-SHA384 over everything else."""
        return hmac.new(key, canonical(self.as_json()), hashlib.sha384).digest()

    def encode(self, mac_key: bytes | bytearray) -> bytes:
        """The bytes of ``vault.json``."""
        return canonical({**self.as_json(), "mac": b64(self.mac(mac_key))})

    def slot_of_login(self, tag: str, *, card: bool = False) -> Slot | None:
        """The slot with this login tag that a passphrase opens, or that a card opens."""
        return next((slot for slot in self.slots if slot.header.login == tag and slot.is_card is card), None)

    def slot_of_person(self, person_id: str, *, card: bool = False) -> Slot | None:
        """The slot of this person that a passphrase opens, or that a card opens."""
        theirs = (slot for slot in self.slots if slot.header.person == person_id)
        return next((slot for slot in theirs if slot.is_card is card), None)


def parse(content: bytes) -> tuple[Header, bytes]:
    """The header and the MAC it carries.

    Raises:
        HeaderDamaged: not canonical, or a member missing, unknown, of the wrong type or out of bounds.
        VaultFormatNewer: a later version.
    """
    try:
        top = json.loads(content)
        if not isinstance(top, dict) or top.get("format") != FORMAT:
            raise HeaderDamaged
        version = number(top.get("version"), 1, MAX_GENERATION)
        if version > VERSION:
            raise VaultFormatNewer(found=version, known=VERSION)
        # Repeated members and other spellings of one value do not survive a second writing.
        if canonical(top) != content:
            raise HeaderDamaged
        return _header(top), unb64(top["mac"], MAC_BYTES)
    except (ValueError, TypeError, KeyError, RecursionError, UnicodeError) as error:
        raise HeaderDamaged from error


def _header(top: dict[str, Any]) -> Header:
    recovery = {"recovery"} & set(top)
    exactly(
        top,
        " ".join(
            ("format version vault profile epoch generation database_epoch earlier slots mac", *recovery)
        ),
    )
    epoch = number(top["epoch"], 1, MAX_EPOCH)
    header = Header(
        vault=identifier(top["vault"]),
        profile=Profile(top["profile"]),
        epoch=epoch,
        generation=number(top["generation"], 1, MAX_GENERATION),
        database_epoch=number(top["database_epoch"], 1, epoch),
        earlier=tuple(_earlier(entry, epoch) for entry in a_list(top["earlier"], 0, MAX_EARLIER)),
        slots=tuple(_slot(entry) for entry in a_list(top["slots"], 1, MAX_SLOTS)),
        recovery=parse_recovery(top["recovery"], epoch) if recovery else None,
    )
    epochs = [epoch for epoch, _ in header.earlier]
    if epochs != sorted(set(epochs)):
        raise HeaderDamaged
    _require_one_each(header.slots)
    for slot in header.slots:
        if (slot.header.vault, slot.header.profile, slot.epoch) != (header.vault, header.profile, epoch):
            raise HeaderDamaged
    return header


def _require_one_each(slots: tuple[Slot, ...]) -> None:
    """No identifier twice; a person has one name, a name one person, and each one slot of a kind."""
    people = {(slot.header.person, slot.header.login) for slot in slots}
    of_a_kind = {(slot.header.person, slot.is_card) for slot in slots}
    counts = {len({person for person, _ in people}), len({login for _, login in people}), len(people)}
    if len({slot.id for slot in slots}) != len(slots) or len(of_a_kind) != len(slots) or len(counts) != 1:
        raise HeaderDamaged


def _slot(value: dict[str, Any]) -> Slot:
    exactly(value, "id header kem_public kem_seed personal epoch kem_ciphertext vmk")
    return Slot(
        id=hex32(value["id"]),
        header=_slot_header(value["header"]),
        kem_public=unb64(value["kem_public"], KEM_PUBLIC_BYTES),
        kem_seed=unb64(value["kem_seed"], WRAPPED_SEED_BYTES),
        personal=unb64(value["personal"], WRAPPED_KEY_BYTES),
        epoch=number(value["epoch"], 1, MAX_EPOCH),
        kem_ciphertext=unb64(value["kem_ciphertext"], KEM_CIPHERTEXT_BYTES),
        vmk=unb64(value["vmk"], WRAPPED_KEY_BYTES),
    )


def _slot_header(value: dict[str, Any]) -> SlotHeader:
    is_card = isinstance(value, dict) and str(value.get("type")).startswith("card+")
    exactly(value, "vault profile person login type kdf salt" + " card" * is_card)
    if value["type"] not in SLOT_TYPES:
        raise HeaderDamaged
    return SlotHeader(
        vault=identifier(value["vault"]),
        profile=Profile(value["profile"]),
        person=identifier(value["person"]),
        login=hex32(value["login"]),
        type=value["type"],
        cost=parse_cost(value["kdf"]),
        salt=unb64(value["salt"], SALT_BYTES),
        card=parse_card(value["card"]) if is_card else None,
    )


def _earlier(value: dict[str, Any], below: int) -> tuple[int, bytes]:
    exactly(value, "epoch wrapped")
    return number(value["epoch"], 1, below - 1), unb64(value["wrapped"], WRAPPED_KEY_BYTES)
