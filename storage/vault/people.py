"""Who has a slot: re-authentication, adding, changing, removing (vault-v1.md, sections 3, 9 and 11)."""

import hmac
import os
from contextlib import suppress
from dataclasses import replace

from storage.vault.backoff import BackOff
from storage.vault.costs import require_cost
from storage.vault.device_secrets import DeviceSecrets, user_of
from storage.vault.header import MAX_EARLIER, MAX_SLOTS, Header, Slot
from storage.vault.header_values import identifier_ok
from storage.vault.keys import KEY_BYTES, MAC_KEY_BYTES, Keys, hkdf, login_tag, unwrap, wipe, wrap
from storage.vault.passphrases import require_strong
from storage.vault.recovery import rewrap_recovery
from storage.vault.slots import (
    DEVICE_SECRET_BYTES,
    NOBODY,
    Opened,
    dummy_slot,
    make_slot,
    new_slot_id,
    open_slot,
    rewrap_master,
)
from workstation.core.vault import Cost, SlotFacts
from workstation.core.vault_errors import (
    CredentialsRefused,
    DeviceSecretMissing,
    KeyringUnusable,
    LastSlot,
    MemoryTooSmall,
    SlotExists,
    SlotUnknown,
    VaultDamaged,
)


def facts_of(slot: Slot) -> SlotFacts:
    """What may be shown of a slot."""
    header = slot.header
    return SlotFacts(
        slot_id=slot.id,
        person_id=header.person,
        type=header.type,
        cost=header.cost,
        epoch=slot.epoch,
        card_serial="" if header.card is None else header.card.serial,
        card_mechanism="" if header.card is None else str(header.card.challenge.mechanism),
    )


def attempt(
    slot: Slot | None,
    stand_in: Slot,
    passphrase: bytearray,
    back_off: BackOff,
    device_secrets: DeviceSecrets | None,
) -> Opened:
    """Open ``slot``, or spend the same work on ``stand_in`` when there is none.

    The attempt stays counted until the caller says ``back_off.succeeded``.

    Raises:
        CredentialsRefused: it does not open.
        BackOffActive: too early to try.
        DeviceSecretMissing, KeyringUnusable, MemoryTooSmall: nothing was compared, nothing is counted.
    """
    attempts = back_off.charge()
    target = stand_in if slot is None else slot
    try:
        secret = _device_secret(target, device_secrets)
        opened = open_slot(target, passphrase, secret)
    except (DeviceSecretMissing, KeyringUnusable, MemoryTooSmall):
        back_off.undo(attempts)
        raise
    if secret is not None:
        wipe(secret)
    if opened is None or slot is None:
        raise CredentialsRefused
    return opened


def _device_secret(slot: Slot, device_secrets: DeviceSecrets | None) -> bytearray | None:
    if not slot.header.needs_device:
        return None
    if slot.id == NOBODY:  # the keyring is asked as for anybody, and what it says is of no account
        with suppress(DeviceSecretMissing, KeyringUnusable):
            if device_secrets is not None:
                wipe(device_secrets.read(user_of(slot.header.vault, slot.id)))
        return bytearray(DEVICE_SECRET_BYTES)
    if device_secrets is None:
        raise DeviceSecretMissing
    return device_secrets.read(user_of(slot.header.vault, slot.id))


def reauthenticate(
    header: Header,
    person_id: str,
    passphrase: bytearray,
    back_off: BackOff,
    device_secrets: DeviceSecrets | None,
) -> Opened:
    """The keys in a person's slot of an open vault.

    Raises:
        CredentialsRefused, BackOffActive, and the rest of ``attempt``.
    """
    slot = header.slot_of_person(person_id)
    opened = attempt(slot, stand_in_for(header), passphrase, back_off, device_secrets)
    back_off.succeeded(header.slots[0].header.cost)
    return opened


def stand_in_for(header: Header) -> Slot:
    """A slot that cannot be opened and costs what the first one of this vault costs."""
    first = header.slots[0].header
    kind = "passphrase+device" if first.needs_device else "passphrase"
    return dummy_slot(header.vault, header.profile, first.cost, kind)


def new_person(
    header: Header,
    keys: Keys,
    *,
    person_id: str,
    login_name: str,
    passphrase: bytearray,
    cost: Cost,
    device_secrets: DeviceSecrets | None,
) -> Slot:
    """A slot for somebody new, with a personal key of their own."""
    tag = login_tag(header.vault, login_name)
    taken = any(slot.header.person == person_id or slot.header.login == tag for slot in header.slots)
    if taken or len(header.slots) >= MAX_SLOTS:
        raise SlotExists(person_id=person_id)
    if not identifier_ok(person_id):
        raise ValueError("not an identifier of the format")
    require_strong(passphrase, login_name)
    require_cost(cost, header.profile)
    slot_id = new_slot_id()
    secret = None if device_secrets is None else device_secrets.create(user_of(header.vault, slot_id))
    personal = bytearray(os.urandom(KEY_BYTES))
    if not header.slots:  # who makes the vault is the one at the desk
        keys.trail_seed = trail_seed(header.vault, personal)
    slot = make_slot(
        slot_id=slot_id,
        vault_id=header.vault,
        profile=header.profile,
        person_id=person_id,
        login_name=login_name,
        passphrase=passphrase,
        device_secret=secret,
        cost=cost,
        epoch=keys.epoch,
        master=keys.masters[keys.epoch],
        personal=personal,
    )
    wipe(personal, secret or bytearray())
    return slot


def passphrase_slot(
    header: Header,
    opened: Opened,
    *,
    person_id: str,
    login_name: str,
    passphrase: bytearray,
    cost: Cost,
    device_secrets: DeviceSecrets | None,
    present: Slot | None,
    device_bound: bool,
) -> Slot:
    """A slot of the same personal key under another passphrase; in place of ``present``, or beside a card."""
    require_strong(passphrase, login_name)
    require_cost(cost, header.profile)
    if present is not None:
        slot_id, secret = present.id, _device_secret(present, device_secrets)
    else:
        slot_id, secret = new_slot_id(), None
        if device_bound and device_secrets is not None:
            secret = device_secrets.create(user_of(header.vault, slot_id))
    slot = make_slot(
        slot_id=slot_id,
        vault_id=header.vault,
        profile=header.profile,
        person_id=person_id,
        login_name=login_name,
        passphrase=passphrase,
        device_secret=secret,
        cost=cost,
        epoch=header.epoch,
        master=opened.master,
        personal=opened.personal,
    )
    wipe(secret or bytearray())
    return slot


def without_person(header: Header, keys: Keys, person_id: str) -> tuple[tuple[Slot, ...], Header, Keys]:
    """The removed slots, and the header and keys of the next epoch."""
    gone = tuple(slot for slot in header.slots if slot.header.person == person_id)
    rest = tuple(slot for slot in header.slots if slot.header.person != person_id)
    if not gone:
        raise SlotUnknown(person_id=person_id)
    if not rest:
        raise LastSlot
    return gone, *rotated(header, keys, rest)


def rotated(header: Header, keys: Keys, slots: tuple[Slot, ...]) -> tuple[Header, Keys]:
    """The header with these slots only, under a new master key, and the keys of that epoch.

    The new master key reaches the others through their public keys, so nobody's passphrase or card is
    needed, and whoever holds the old master key learns nothing of the new one.
    """
    if len(header.earlier) >= MAX_EARLIER:
        raise VaultDamaged(part="earlier epochs")
    epoch = header.epoch + 1
    masters = {number: bytearray(key) for number, key in keys.masters.items()}
    masters[epoch] = bytearray(os.urandom(KEY_BYTES))
    after = Keys(vault_id=header.vault, epoch=epoch, masters=masters)
    chain = after.derive("earlier-epochs")
    recovery = header.recovery
    return (
        replace(
            header,
            epoch=epoch,
            generation=header.generation + 1,
            earlier=tuple((number, wrap(chain, masters[number])) for number in sorted(keys.masters)),
            slots=tuple(rewrap_master(slot, epoch, masters[epoch]) for slot in slots),
            recovery=None if recovery is None else rewrap_recovery(recovery, epoch, masters[epoch]),
        ),
        after,
    )


def forget_device_secret(device_secrets: DeviceSecrets | None, vault_id: str, slot: Slot) -> None:
    """Remove a slot's secret where there is one and it can be; it opens nothing any more."""
    if device_secrets is not None and slot.header.needs_device:
        with suppress(KeyringUnusable):
            device_secrets.delete(user_of(vault_id, slot.id))


def trail_seed(vault_id: str, personal: bytearray) -> bytearray:
    """The seed of the key with which the person signs checkpoints of the trail."""
    return hkdf("trail-checkpoint", personal, {"vault": vault_id})


def keys_of(header: Header, mac: bytes, opened: Opened) -> Keys | None:
    """The keys of every epoch, ``None`` when the header was changed by somebody without the vault key."""
    seed = trail_seed(header.vault, opened.personal)
    opened.personal[:] = bytes(len(opened.personal))
    masters = {header.epoch: opened.master}
    keys = Keys(vault_id=header.vault, epoch=header.epoch, masters=masters, trail_seed=seed)
    mac_key = keys.derive("slot-table-mac", size_bytes=MAC_KEY_BYTES)
    earlier = {epoch: unwrap(keys.derive("earlier-epochs"), wrapped) for epoch, wrapped in header.earlier}
    if not hmac.compare_digest(mac, header.mac(mac_key)) or None in earlier.values():
        keys.wipe()
        return None
    keys.masters.update({epoch: key for epoch, key in earlier.items() if key is not None})
    return keys
