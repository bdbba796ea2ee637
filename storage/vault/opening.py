"""Making a vault, unlocking one, and what can be said of one that is locked."""

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from storage.single_writer import SingleWriter, is_held
from storage.vault.backoff import BackOff
from storage.vault.costs import DEFAULT_COST, require_cost
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.folder import VaultFolder
from storage.vault.header import Header, Slot, identifier_ok
from storage.vault.keys import KEY_BYTES, Keys, login_tag
from storage.vault.passphrases import require_strong
from storage.vault.people import attempt, forget_device_secret, keys_of, new_person, stand_in_for
from storage.vault.reserve import Reserve
from storage.vault.session import Entry, OpenVault
from storage.vault.slots import dummy_slot
from workstation.core.ports import Clock
from workstation.core.vault import Cost, Profile, VaultStatus
from workstation.core.vault_errors import (
    CredentialsRefused,
    VaultFormatNewer,
    VaultNotFound,
    WrongProfile,
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


def unlock(
    root: Path,
    *,
    login_name: str,
    passphrase: bytearray,
    profile: Profile,
    clock: Clock,
    device_secrets: DeviceSecrets | None = None,
) -> OpenVault:
    """Unlock with a passphrase. The passphrase is the caller's to wipe.

    Raises:
        CredentialsRefused: wrong passphrase, unknown person, damaged header or slot: one answer, one work.
        BackOffActive: too many wrong ones; the wait is kept on disk.
        VaultNotFound, VaultFormatNewer, VaultInUse, VaultReadOnly: before anything secret is touched.
        WrongProfile: a demonstration vault in normal mode or the reverse.
        DeviceSecretMissing, KeyringUnusable: the slot also needs this machine's keyring.
        VaultDamaged: the passphrase was right, and a folder is missing.
    """
    folder = VaultFolder(root)
    parsed = folder.read_header()
    if parsed is not None and parsed[0].profile is not profile:
        raise WrongProfile(found=parsed[0].profile.value, expected=profile.value)
    writer = SingleWriter(folder.lock)
    try:
        # Read again under the lock: another process may have changed a passphrase in between.
        parsed = folder.read_header()
        return _unlocked(folder, parsed, writer, login_name, passphrase, clock, device_secrets)
    except BaseException:
        writer.release()
        raise


def _unlocked(
    folder: VaultFolder,
    parsed: tuple[Header, bytes] | None,
    writer: SingleWriter,
    login_name: str,
    passphrase: bytearray,
    clock: Clock,
    device_secrets: DeviceSecrets | None,
) -> OpenVault:
    back_off = BackOff(folder.back_off, clock)
    if parsed is None:
        remembered = back_off.read().cost or DEFAULT_COST
        stand_in = dummy_slot("damaged", Profile.REAL, remembered)
        attempt(None, stand_in, passphrase, back_off, device_secrets)
        raise CredentialsRefused
    header, mac = parsed
    slot = header.slot_of_login(login_tag(header.vault, login_name))
    opened = attempt(slot, stand_in_for(header), passphrase, back_off, device_secrets)
    keys = keys_of(header, mac, opened)
    if slot is None or keys is None:
        raise CredentialsRefused
    back_off.succeeded(slot.header.cost)
    folder.require_whole()
    folder.finish()
    return OpenVault(
        Entry(
            folder=folder,
            header=header,
            keys=keys,
            person_id=slot.header.person,
            writer=writer,
            clock=clock,
            device_secrets=device_secrets,
        )
    )


def vault_status(root: Path, clock: Clock) -> VaultStatus:
    """What can be said without a passphrase. Writes nothing, and decides nothing."""
    folder = VaultFolder(root)
    back_off = BackOff(folder.back_off, clock)
    version: int | None = None
    try:
        parsed = folder.read_header()
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
        device_bound_slots=sum(slot.header.type != "passphrase" for slot in header.slots),
    )
