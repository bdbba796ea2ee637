"""Making, opening and re-wrapping one person's slot (vault-v1.md, section 3)."""

import os
from dataclasses import dataclass, field, replace
from typing import Final

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey, MLKEM1024PublicKey

from storage.vault.header import (
    KEM_CIPHERTEXT_BYTES,
    SALT_BYTES,
    WRAPPED_KEY_BYTES,
    WRAPPED_SEED_BYTES,
    Slot,
    SlotHeader,
)
from storage.vault.header_cards import CardBinding
from storage.vault.header_values import b64
from storage.vault.keys import KEY_BYTES, hkdf, login_tag, stretch, unwrap, wipe, wrap
from workstation.core.vault import Cost, Profile

DEVICE_SECRET_BYTES: Final = 32
NOBODY: Final = "0" * 32  # the identifier of a slot that is nobody's
_SEED_BYTES = 64
_SLOT_ID_BYTES = 16


@dataclass(kw_only=True)
class Opened:
    """What a slot gives to who may open it; wipe both."""

    master: bytearray = field(repr=False)
    personal: bytearray = field(repr=False)

    def wipe(self) -> None:
        """Zero both keys."""
        wipe(self.master, self.personal)


def new_slot_id() -> str:
    """32 random hex digits."""
    return os.urandom(_SLOT_ID_BYTES).hex()


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose slot it is to be, in which vault."""

    vault_id: str
    profile: Profile
    person_id: str
    login: str  # the tag


def new_header(holder: Holder, kind: str, cost: Cost, card: CardBinding | None = None) -> SlotHeader:
    """A slot's header with a fresh salt."""
    return SlotHeader(
        vault=holder.vault_id,
        profile=holder.profile,
        person=holder.person_id,
        login=holder.login,
        type=kind,
        cost=cost,
        salt=os.urandom(SALT_BYTES),
        card=card,
    )


def make_slot(
    *,
    slot_id: str,
    vault_id: str,
    profile: Profile,
    person_id: str,
    login_name: str,
    passphrase: bytearray,
    device_secret: bytearray | None,
    cost: Cost,
    epoch: int,
    master: bytearray,
    personal: bytearray,
) -> Slot:
    """A slot for a passphrase, with a fresh salt and a fresh key pair."""
    login = login_tag(vault_id, login_name)
    holder = Holder(vault_id=vault_id, profile=profile, person_id=person_id, login=login)
    kind = "passphrase" if device_secret is None else "passphrase+device"
    header = new_header(holder, kind, cost)
    material = passphrase_material(header, passphrase, device_secret)
    slot = seal_slot(slot_id, header, material, personal)
    wipe(material)
    return rewrap_master(slot, epoch, master)


def seal_slot(slot_id: str, header: SlotHeader, material: bytearray, personal: bytearray) -> Slot:
    """A slot with a fresh key pair that this key material opens; it holds no master key yet."""
    private = MLKEM1024PrivateKey.generate()
    seed = bytearray(private.private_bytes_raw())
    kek, pek = _entry_keys(header, material)
    slot = Slot(
        id=slot_id,
        header=header,
        kem_public=private.public_key().public_bytes_raw(),
        kem_seed=wrap(kek, seed),
        personal=wrap(pek, personal),
        epoch=1,
        kem_ciphertext=bytes(KEM_CIPHERTEXT_BYTES),
        vmk=bytes(WRAPPED_KEY_BYTES),
    )
    wipe(kek, pek, seed)
    return slot


def rewrap_master(slot: Slot, epoch: int, master: bytearray) -> Slot:
    """The same slot holding another master key; needs no passphrase."""
    secret, ciphertext = MLKEM1024PublicKey.from_public_bytes(slot.kem_public).encapsulate()
    bare = replace(slot, epoch=epoch, kem_ciphertext=ciphertext)
    kek = _master_kek(bare, secret)
    wrapped = replace(bare, vmk=wrap(kek, master))
    wipe(kek)
    return wrapped


def open_slot(slot: Slot, passphrase: bytearray, device_secret: bytearray | None) -> Opened | None:
    """The keys in the slot, ``None`` when anything is wrong: passphrase, secret, or one bit of the slot."""
    material = passphrase_material(slot.header, passphrase, device_secret)
    try:
        return open_with(slot, material)
    finally:
        wipe(material)


def open_with(slot: Slot, material: bytearray) -> Opened | None:
    """The keys in the slot, ``None`` when the material is not what it was sealed with."""
    kek, pek = _entry_keys(slot.header, material)
    seed = unwrap(kek, slot.kem_seed)
    personal = unwrap(pek, slot.personal)
    wipe(kek, pek)
    if seed is None or personal is None or len(seed) != _SEED_BYTES or len(personal) != KEY_BYTES:
        return None
    private = MLKEM1024PrivateKey.from_seed_bytes(bytes(seed))
    wipe(seed)
    if private.public_key().public_bytes_raw() != slot.kem_public:
        return None
    master_kek = _master_kek(slot, private.decapsulate(slot.kem_ciphertext))
    master = unwrap(master_kek, slot.vmk)
    wipe(master_kek)
    if master is None or len(master) != KEY_BYTES:
        return None
    return Opened(master=master, personal=personal)


def dummy_slot(vault_id: str, profile: Profile, cost: Cost, kind: str = "passphrase") -> Slot:
    """A slot nobody can open, so that an unknown name costs the same work as a known one."""
    header = SlotHeader(
        vault=vault_id,
        profile=profile,
        person="nobody",
        login="0" * 32,
        type=kind,
        cost=cost,
        salt=os.urandom(SALT_BYTES),
    )
    return Slot(
        id=NOBODY,
        header=header,
        kem_public=b"",
        kem_seed=os.urandom(WRAPPED_SEED_BYTES),
        personal=os.urandom(WRAPPED_KEY_BYTES),
        epoch=1,
        kem_ciphertext=b"",
        vmk=os.urandom(WRAPPED_KEY_BYTES),
    )


def passphrase_material(
    header: SlotHeader, passphrase: bytearray, device_secret: bytearray | None
) -> bytearray:
    """``ikm`` of a passphrase slot."""
    work = stretch(passphrase, header.salt, header.cost)
    material = work + (device_secret or bytearray())
    wipe(work)
    return material


def _entry_keys(header: SlotHeader, material: bytearray) -> tuple[bytearray, bytearray]:
    """KEK and PEK."""
    context = header.as_json()
    return hkdf("slot-kek", material, context), hkdf("slot-personal", material, context)


def _master_kek(slot: Slot, secret: bytes) -> bytearray:
    context = {
        "epoch": slot.epoch,
        "header": slot.header.as_json(),
        "id": slot.id,
        "kem_ciphertext": b64(slot.kem_ciphertext),
        "kem_public": b64(slot.kem_public),
    }
    return hkdf("slot-vmk", secret, context)
