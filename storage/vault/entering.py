"""Unlocking: by passphrase, by card, and by officers' recovery keys. One answer and one work for each way."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from storage.single_writer import SingleWriter
from storage.vault.backoff import BackOff
from storage.vault.card_slots import attempt_by_card
from storage.vault.costs import DEFAULT_COST
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.folder import VaultFolder
from storage.vault.header import Header, Slot
from storage.vault.keys import KEY_BYTES, login_tag, wipe
from storage.vault.people import attempt, keys_of, stand_in_for
from storage.vault.recovering import by_number
from storage.vault.recovery import open_set
from storage.vault.session import OpenVault
from storage.vault.slots import Opened, dummy_slot
from storage.vault.unlocked import Entry, Way
from workstation.core.cards import CardReader
from workstation.core.ports import Clock
from workstation.core.recovery import OfficerKey, RecoveryKeysWrong, RecoveryNotSet
from workstation.core.vault import CardCredential, Profile
from workstation.core.vault_errors import CredentialsRefused, WrongProfile


@dataclass(frozen=True, kw_only=True)
class Door:
    """Where the vault lies and what unlocking it may ask."""

    root: Path
    profile: Profile
    clock: Clock
    device_secrets: DeviceSecrets | None = None
    cards: CardReader | None = None


@dataclass(kw_only=True)
class _Found:
    """What one way in came to."""

    opened: Opened
    person_id: str
    way: Way = field(default_factory=Way)
    sealing: bytearray | None = field(default=None, repr=False)


_Tried = Callable[[Header | None, Slot, BackOff], _Found]


def unlock(
    root: Path,
    *,
    login_name: str,
    passphrase: bytearray,
    profile: Profile,
    clock: Clock,
    device_secrets: DeviceSecrets | None = None,
    cards: CardReader | None = None,
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

    def tried(header: Header | None, stand_in: Slot, back_off: BackOff) -> _Found:
        slot = None if header is None else header.slot_of_login(login_tag(header.vault, login_name))
        opened = attempt(slot, stand_in, passphrase, back_off, device_secrets)
        if slot is None:  # attempt has raised; said again for the reader and the type checker
            raise CredentialsRefused
        return _Found(opened=opened, person_id=slot.header.person)

    door = Door(root=root, profile=profile, clock=clock, device_secrets=device_secrets, cards=cards)
    return _through(door, tried)


def unlock_by_card(door: Door, cards: CardReader, login_name: str, credential: CardCredential) -> OpenVault:
    """Unlock with a card. What was typed is the caller's to wipe.

    Raises:
        CredentialsRefused: somebody else's card, one that was replaced, a wrong passphrase beside it, an
            unknown person, a damaged header or slot: one answer, one work.
        CardAbsent, CardPinWrong and the rest of ``CardReader.answer``; and as ``unlock``.
    """

    def tried(header: Header | None, stand_in: Slot, back_off: BackOff) -> _Found:
        slot = None
        if header is not None:
            slot = header.slot_of_login(login_tag(header.vault, login_name), card=True)
        found = attempt_by_card(slot, stand_in, credential, back_off, door.device_secrets, cards)
        if slot is None or slot.header.card is None:
            raise CredentialsRefused
        way = Way(card_serial=credential.serial or slot.header.card.serial, half=found.half)
        return _Found(opened=found.opened, person_id=slot.header.person, way=way)

    return _through(door, tried)


def unlock_by_officers(door: Door, login_name: str, keys: Iterable[OfficerKey]) -> OpenVault:
    """Open the vault for one recovery, in the name of the person who is to get a new passphrase.

    Raises:
        RecoveryNotSet: there are no recovery keys, or the header cannot be read.
        RecoveryKeysWrong: not as many keys of this set as it needs.
        CredentialsRefused: nobody has that login name.
        BackOffActive, and as ``unlock``.
    """

    def tried(header: Header | None, stand_in: Slot, back_off: BackOff) -> _Found:
        del stand_in
        if header is None:
            raise RecoveryNotSet
        numbered = by_number(keys, header.recovery)
        back_off.charge()
        opened = open_set(header, numbered)
        if opened is None:
            raise RecoveryKeysWrong
        tag = login_tag(header.vault, login_name)
        slot = header.slot_of_login(tag) or header.slot_of_login(tag, card=True)
        master, sealing = opened
        if slot is None:
            wipe(master, sealing)
            raise CredentialsRefused
        found = Opened(
            master=master, personal=bytearray(os.urandom(KEY_BYTES))
        )  # nobody's: see put_recovered
        return _Found(opened=found, person_id=slot.header.person, sealing=sealing)

    return _through(door, tried)


def _through(door: Door, tried: _Tried) -> OpenVault:
    folder = VaultFolder(door.root)
    parsed = folder.read_header()
    if parsed is not None and parsed[0].profile is not door.profile:
        raise WrongProfile(found=parsed[0].profile.value, expected=door.profile.value)
    writer = SingleWriter(folder.lock)
    try:
        # Read again under the lock: another process may have changed a passphrase in between.
        return _opened(door, folder, folder.read_header(), writer, tried)
    except BaseException:
        writer.release()
        raise


def _opened(
    door: Door,
    folder: VaultFolder,
    parsed: tuple[Header, bytes] | None,
    writer: SingleWriter,
    tried: _Tried,
) -> OpenVault:
    back_off = BackOff(folder.back_off, door.clock)
    if parsed is None:
        remembered = back_off.read().cost or DEFAULT_COST
        tried(None, dummy_slot("damaged", Profile.REAL, remembered), back_off)
        raise CredentialsRefused
    header, mac = parsed
    found = tried(header, stand_in_for(header), back_off)
    keys = keys_of(header, mac, found.opened)
    if keys is None:
        wipe(found.way.half, found.sealing or bytearray())
        raise CredentialsRefused
    back_off.succeeded(header.slots[0].header.cost)
    folder.require_whole()
    folder.finish()
    entry = Entry(
        folder=folder,
        header=header,
        keys=keys,
        person_id=found.person_id,
        writer=writer,
        clock=door.clock,
        device_secrets=door.device_secrets,
        cards=door.cards,
        way=found.way,
    )
    return OpenVault(entry, sealing=found.sealing)
