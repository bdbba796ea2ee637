"""Making a vault, and what can be said of one that is locked; for unlocking see ``entering``."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from storage.single_writer import SingleWriter, is_held
from storage.vault.backoff import BackOff
from storage.vault.costs import require_cost
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.folder import VaultFolder
from storage.vault.header import Header, Slot
from storage.vault.header_values import identifier_ok
from storage.vault.keys import KEY_BYTES, Keys
from storage.vault.passphrases import require_strong
from storage.vault.people import forget_device_secret, new_person
from storage.vault.recovering import facts_of
from storage.vault.reserve import Reserve
from storage.vault.session import OpenVault
from storage.vault.unlocked import Entry
from workstation.core.cards import CardReader
from workstation.core.ports import Clock
from workstation.core.vault import Cost, Profile, VaultStatus
from workstation.core.vault_errors import (
    VaultFormatNewer,
    VaultNotFound,
    VaultWithoutHeader,
)


def create_vault(
    root: Path,
    *,
    vault_id: str,
    profile: Profile,
    person_id: str,
    login_name: str,
    passphrase: bytearray,
    cost: Cost,
    clock: Clock,
    device_secrets: DeviceSecrets | None = None,
    cards: CardReader | None = None,
) -> OpenVault:
    """A new vault in an absent or empty folder, unlocked by its first person; see ``begin_vault``."""
    vault = begin_vault(
        root,
        vault_id=vault_id,
        profile=profile,
        person_id=person_id,
        login_name=login_name,
        passphrase=passphrase,
        cost=cost,
        clock=clock,
        device_secrets=device_secrets,
        cards=cards,
    )
    try:
        vault.publish()
    except BaseException:
        vault.lock()
        raise
    return vault


def begin_vault(
    root: Path,
    *,
    vault_id: str,
    profile: Profile,
    person_id: str,
    login_name: str,
    passphrase: bytearray,
    cost: Cost,
    clock: Clock,
    device_secrets: DeviceSecrets | None = None,
    cards: CardReader | None = None,
) -> OpenVault:
    """A vault that can be worked in by its first person and exists for others once it is published.

    With ``device_secrets`` the first slot also needs this machine's keyring. The passphrase is the caller's
    to wipe. The header is written last, by ``publish``: a creation that ends before leaves no vault, and
    can be repeated in the same folder.

    Raises:
        VaultExists: the folder is not empty.
        PassphraseTooWeak, CostTooLow: refused by the rules for new slots.
        KeyringUnusable: the device secret cannot be kept.
    """
    if not identifier_ok(vault_id):
        raise ValueError("not an identifier of the format")
    require_strong(passphrase, login_name)
    require_cost(cost, profile)
    folder = VaultFolder(root)
    folder.claim()
    writer = SingleWriter(folder.lock)
    make_slot = partial(
        new_person,
        person_id=person_id,
        login_name=login_name,
        passphrase=passphrase,
        cost=cost,
        device_secrets=device_secrets,
    )
    try:
        folder.make()
        back_off = BackOff(folder.back_off, clock)
        header, keys = _first_header(vault_id, profile, back_off, make_slot, device_secrets)
    except BaseException:
        writer.release()
        raise
    entry = Entry(
        folder=folder,
        header=header,
        keys=keys,
        person_id=person_id,
        writer=writer,
        clock=clock,
        device_secrets=device_secrets,
        cards=cards,
        published=False,
    )
    return OpenVault(entry)


def _first_header(
    vault_id: str,
    profile: Profile,
    back_off: BackOff,
    make_slot: Callable[[Header, Keys], Slot],
    device_secrets: DeviceSecrets | None,
) -> tuple[Header, Keys]:
    keys = Keys(vault_id=vault_id, epoch=1, masters={1: bytearray(os.urandom(KEY_BYTES))})
    empty = Header(
        vault=vault_id,
        profile=profile,
        epoch=1,
        generation=1,
        database_epoch=1,
        earlier=(),
        slots=(),
    )
    slot = make_slot(empty, keys)
    header = replace(empty, slots=(slot,))
    try:
        back_off.succeeded(slot.header.cost)
    except BaseException:
        forget_device_secret(device_secrets, vault_id, slot)
        raise
    return header, keys


def vault_status(root: Path, clock: Clock) -> VaultStatus:
    """What can be said without a passphrase. Writes nothing, and decides nothing."""
    folder = VaultFolder(root)
    back_off = BackOff(folder.back_off, clock)
    version: int | None = None
    try:
        parsed = folder.read_header()
    except VaultWithoutHeader:
        parsed = None
    except VaultNotFound:
        return VaultStatus(exists=False)
    except VaultFormatNewer as error:
        parsed, version = None, error.found
    attempts, reserve = back_off.read(), Reserve(folder.reserve)
    bare = VaultStatus(
        exists=True,
        format_version=version,
        in_use=is_held(folder.lock),
        failed_attempts=attempts.failures,
        back_off_until=back_off.until(),
        free_bytes=reserve.free_bytes,
        is_short_of_room=reserve.is_short,
    )
    if parsed is None:
        return bare
    header, _ = parsed
    return replace(
        bare,
        header_readable=True,
        format_version=1,
        vault_id=header.vault,
        profile=header.profile,
        epoch=header.epoch,
        slot_count=len(header.slots),
        device_bound_slots=sum(slot.header.needs_device for slot in header.slots),
        card_slots=sum(slot.is_card for slot in header.slots),
        card_slots_with_passphrase=sum(slot.header.type == "card+passphrase" for slot in header.slots),
        recovery=facts_of(header.recovery),
    )
