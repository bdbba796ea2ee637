"""``vault.json``: strict parsing and canonical writing (vault-v1.md, sections 2 and 3)."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from storage.vault.keys import canonical
from workstation.core.vault import Argon2idCost, Cost, Pbkdf2Cost, Profile
from workstation.core.vault_errors import VaultFormatNewer

FORMAT: Final = "frw-vault"
VERSION: Final = 1
MAX_HEADER_BYTES: Final = 4 << 20
MAX_SLOTS: Final = 256
MAX_EARLIER: Final = 4_096
_MAX_EPOCH = (1 << 31) - 1
_MAX_GENERATION = (1 << 53) - 1
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_MAX_MEMORY_KIB, _MAX_PASSES, _MAX_LANES, _MAX_ITERATIONS = 2_097_152, 64, 16, 20_000_000

SLOT_TYPES: Final = ("passphrase", "passphrase+device")
SALT_BYTES, KEM_PUBLIC_BYTES, KEM_CIPHERTEXT_BYTES = 32, 1_568, 1_568
WRAPPED_SEED_BYTES, WRAPPED_KEY_BYTES, MAC_BYTES = 72, 40, 48


class HeaderDamaged(Exception):
    """The bytes are not a header of this version."""


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

    def as_json(self) -> dict[str, object]:
        """As in the file."""
        return {
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

    def as_json(self) -> dict[str, object]:
        """As in the file, without ``mac``."""
        return {
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

    def slot_of_login(self, tag: str) -> Slot | None:
        """The slot with this login tag."""
        return next((slot for slot in self.slots if slot.header.login == tag), None)

    def slot_of_person(self, person_id: str) -> Slot | None:
        """The slot of this person."""
        return next((slot for slot in self.slots if slot.header.person == person_id), None)


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
        version = _number(top.get("version"), 1, _MAX_GENERATION)
        if version > VERSION:
            raise VaultFormatNewer(found=version, known=VERSION)
        # Repeated members and other spellings of one value do not survive a second writing.
        if canonical(top) != content:
            raise HeaderDamaged
        return _header(top), unb64(top["mac"], MAC_BYTES)
    except (ValueError, TypeError, KeyError, RecursionError, UnicodeError) as error:
        raise HeaderDamaged from error


def _header(top: dict[str, Any]) -> Header:
    _exactly(top, "format version vault profile epoch generation database_epoch earlier slots mac")
    epoch = _number(top["epoch"], 1, _MAX_EPOCH)
    header = Header(
        vault=_identifier(top["vault"]),
        profile=Profile(top["profile"]),
        epoch=epoch,
        generation=_number(top["generation"], 1, _MAX_GENERATION),
        database_epoch=_number(top["database_epoch"], 1, epoch),
        earlier=tuple(_earlier(entry, epoch) for entry in _list(top["earlier"], 0, MAX_EARLIER)),
        slots=tuple(_slot(entry) for entry in _list(top["slots"], 1, MAX_SLOTS)),
    )
    epochs = [epoch for epoch, _ in header.earlier]
    if epochs != sorted(set(epochs)):
        raise HeaderDamaged
    for names in zip(*((s.id, s.header.person, s.header.login) for s in header.slots), strict=True):
        if len(set(names)) != len(names):
            raise HeaderDamaged
    for slot in header.slots:
        if (slot.header.vault, slot.header.profile, slot.epoch) != (header.vault, header.profile, epoch):
            raise HeaderDamaged
    return header


def _slot(value: dict[str, Any]) -> Slot:
    _exactly(value, "id header kem_public kem_seed personal epoch kem_ciphertext vmk")
    return Slot(
        id=_hex32(value["id"]),
        header=_slot_header(value["header"]),
        kem_public=unb64(value["kem_public"], KEM_PUBLIC_BYTES),
        kem_seed=unb64(value["kem_seed"], WRAPPED_SEED_BYTES),
        personal=unb64(value["personal"], WRAPPED_KEY_BYTES),
        epoch=_number(value["epoch"], 1, _MAX_EPOCH),
        kem_ciphertext=unb64(value["kem_ciphertext"], KEM_CIPHERTEXT_BYTES),
        vmk=unb64(value["vmk"], WRAPPED_KEY_BYTES),
    )


def _slot_header(value: dict[str, Any]) -> SlotHeader:
    _exactly(value, "vault profile person login type kdf salt")
    if value["type"] not in SLOT_TYPES:
        raise HeaderDamaged
    return SlotHeader(
        vault=_identifier(value["vault"]),
        profile=Profile(value["profile"]),
        person=_identifier(value["person"]),
        login=_hex32(value["login"]),
        type=value["type"],
        cost=parse_cost(value["kdf"]),
        salt=unb64(value["salt"], SALT_BYTES),
    )


def cost_as_json(cost: Cost) -> dict[str, object]:
    """The ``kdf`` object."""
    if isinstance(cost, Argon2idCost):
        work = {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}
        return {"name": "argon2id", **work}
    return {"name": "pbkdf2-sha384", "iterations": cost.iterations}


def parse_cost(value: Any) -> Cost:
    """The inverse of ``cost_as_json``, bounded so that a hostile header cannot order hours of work.

    Raises:
        HeaderDamaged: not such an object or out of bounds.
    """
    if not isinstance(value, dict):
        raise HeaderDamaged
    if value.get("name") == "argon2id":
        _exactly(value, "name memory_kib passes lanes")
        lanes = _number(value["lanes"], 1, _MAX_LANES)
        return Argon2idCost(
            memory_kib=_number(value["memory_kib"], 8 * lanes, _MAX_MEMORY_KIB),
            passes=_number(value["passes"], 1, _MAX_PASSES),
            lanes=lanes,
        )
    if value.get("name") == "pbkdf2-sha384":
        _exactly(value, "name iterations")
        return Pbkdf2Cost(iterations=_number(value["iterations"], 1, _MAX_ITERATIONS))
    raise HeaderDamaged


def b64(content: bytes | bytearray) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def unb64(text: Any, size_bytes: int) -> bytes:
    """The inverse of ``b64`` for exactly ``size_bytes``, in its one spelling.

    Raises:
        HeaderDamaged: anything else.
    """
    if not isinstance(text, str):
        raise HeaderDamaged
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise HeaderDamaged from error
    if len(content) != size_bytes or b64(content) != text:
        raise HeaderDamaged
    return content


def identifier_ok(text: str) -> bool:
    """Whether ``text`` may be a vault or person identifier in a header."""
    return _ID.fullmatch(text) is not None


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not identifier_ok(value):
        raise HeaderDamaged
    return value


def _hex32(value: Any) -> str:
    if not isinstance(value, str) or _HEX32.fullmatch(value) is None:
        raise HeaderDamaged
    return value


def _number(value: Any, low: int, high: int) -> int:
    if type(value) is not int or not low <= value <= high:
        raise HeaderDamaged
    return value


def _list(value: Any, low: int, high: int) -> list[Any]:
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise HeaderDamaged
    return value


def _earlier(value: dict[str, Any], below: int) -> tuple[int, bytes]:
    _exactly(value, "epoch wrapped")
    return _number(value["epoch"], 1, below - 1), unb64(value["wrapped"], WRAPPED_KEY_BYTES)


def _exactly(value: Mapping[str, Any], names: str) -> None:
    if not isinstance(value, dict) or set(value) != set(names.split()):
        raise HeaderDamaged
