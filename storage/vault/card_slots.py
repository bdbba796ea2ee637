"""Slots a card opens: never the card alone (vault-v1.md, section 3; docs/adr/0029)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.vault.backoff import BackOff
from storage.vault.card_answers import challenge_to
from storage.vault.device_secrets import DeviceSecrets, to_bind, user_of
from storage.vault.header import Header, Slot
from storage.vault.header_cards import CardBinding
from storage.vault.keys import KEY_BYTES, stretch, wipe
from storage.vault.slots import Holder, Opened, new_header, new_slot_id, open_with, seal_slot
from workstation.core.cards import (
    CardChallenge,
    CardFailed,
    CardKey,
    CardKeyMissing,
    CardMechanism,
    CardNeedsPassphrase,
    CardReader,
    CardWithoutMechanism,
)
from workstation.core.errors import WorkstationError
from workstation.core.vault import CardCredential, Cost
from workstation.core.vault_errors import CredentialsRefused, DeviceSecretMissing

# The order in which a card is tried at enrolment; what it first answers rightly is written into the slot.
_AGREEING = (CardMechanism.ECDH_P384,)
_DECRYPTING = (CardMechanism.OAEP_SHA384, CardMechanism.OAEP_SHA1)
_NO_KEY = bytes(48)


@dataclass(kw_only=True)
class OpenedByCard:
    """What a card slot gave, and what was typed or kept for it; wipe all of it."""

    opened: Opened
    half: bytearray = field(repr=False)  # what stands beside the card's answer

    def wipe(self) -> None:
        """Zero every key."""
        self.opened.wipe()
        wipe(self.half)


def attempt_by_card(
    slot: Slot | None,
    stand_in: Slot,
    credential: CardCredential,
    back_off: BackOff,
    device_secrets: DeviceSecrets | None,
    cards: CardReader,
) -> OpenedByCard:
    """Open a card slot, or spend the same work where there is none; counted like ``people.attempt``.

    The work depends on what was typed, never on what is found: the card is asked whether or not the name has
    a slot, and a passphrase is stretched whether or not the slot takes one.

    Raises:
        CredentialsRefused: it does not open.
        BackOffActive: too early to try.
        DeviceSecretMissing, KeyringUnusable, MemoryTooSmall, and every error of ``CardReader.answer``:
            nothing was compared, nothing is counted.
    """
    attempts = back_off.charge()
    target = stand_in if slot is None else slot
    binding = target.header.card
    challenge = _nobodys(CardMechanism.ECDH_P384) if binding is None else binding.challenge
    work = bytearray()
    try:
        answer = cards.answer(credential.serial, credential.pin, challenge)
        if credential.passphrase:
            work = stretch(credential.passphrase, target.header.salt, target.header.cost)
        half = _half(target, work, device_secrets)
    except WorkstationError:
        back_off.undo(attempts)
        raise
    opened = None if slot is None or answer is None else open_by_card(slot, answer, half)
    wipe(work, answer or bytearray())
    if opened is None:
        wipe(half)
        raise CredentialsRefused
    return OpenedByCard(opened=opened, half=half)


def reopened(
    slot: Slot | None, half: bytearray, serial: str, pin: bytearray, back_off: BackOff, cards: CardReader
) -> Opened:
    """Open a card slot once more in an open vault, with the half kept since it was opened.

    Raises:
        CredentialsRefused, BackOffActive, and every error of ``CardReader.answer``.
    """
    attempts = back_off.charge()
    if slot is None or slot.header.card is None:
        raise CredentialsRefused
    try:
        answer = cards.answer(serial, pin, slot.header.card.challenge)
    except WorkstationError:
        back_off.undo(attempts)
        raise
    opened = None if answer is None else open_by_card(slot, answer, half)
    wipe(answer or bytearray())
    if opened is None:
        raise CredentialsRefused
    back_off.succeeded(slot.header.cost)
    return opened


def open_by_card(slot: Slot, answer: bytearray, half: bytearray) -> Opened | None:
    """The keys in a card slot, ``None`` when anything is wrong."""
    if len(half) != KEY_BYTES:
        return None
    material = answer + half
    try:
        return open_with(slot, material)
    finally:
        wipe(material)


def new_card_slot(
    holder: Holder,
    credential: CardCredential,
    personal: bytearray,
    cost: Cost,
    device_secrets: DeviceSecrets | None,
    cards: CardReader,
) -> tuple[Slot, bytearray]:
    """A slot for the key of this card, proved on the card, and the half beside it; no master key in it yet.

    With a keyring that half is a fresh secret of this machine; without one it is the passphrase, stretched.

    Raises:
        CardNeedsPassphrase: no keyring works and no passphrase was typed.
        CardKeyMissing, CardWithoutMechanism: the card cannot open a vault.
        KeyringUnusable, and every error of ``CardReader``.
    """
    device_secrets = to_bind(device_secrets)
    if device_secrets is None and not credential.passphrase:
        raise CardNeedsPassphrase
    found = cards.keys(credential.serial, credential.pin)
    challenge, answer, serial = _proved(found, credential, cards)
    kind = "card+passphrase" if device_secrets is None else "card+device"
    binding = CardBinding(challenge=challenge, serial=serial)
    header = new_header(holder, kind, cost, binding)
    slot_id = new_slot_id()
    if device_secrets is None:
        half = stretch(credential.passphrase, header.salt, cost)
    else:
        half = device_secrets.create(user_of(holder.vault_id, slot_id))
    material = answer + half
    slot = seal_slot(slot_id, header, material, personal)
    wipe(material, answer)
    return slot, half


def _proved(
    found: Sequence[CardKey], credential: CardCredential, cards: CardReader
) -> tuple[CardChallenge, bytearray, str]:
    """The first challenge of a key of this card that the card answers as it must, and the card's serial."""
    fitting = [key for key in found if key.can_agree] + [key for key in found if key.can_decrypt]
    if credential.key_label:
        fitting = [key for key in fitting if key.untrusted_label == credential.key_label]
    if not fitting:
        raise CardKeyMissing(purpose="open")
    serial = credential.serial or next(iter(cards.tokens())).serial
    for key in fitting:
        for mechanism in _AGREEING if key.can_agree else _DECRYPTING:
            challenge, expected = challenge_to(key, mechanism)
            if _answers(cards, serial, credential.pin, challenge, expected):
                return challenge, expected, serial
            wipe(expected)
    raise CardWithoutMechanism(offered=", ".join(key.untrusted_label or "?" for key in fitting))


def _answers(
    cards: CardReader, serial: str, pin: bytearray, challenge: CardChallenge, expected: bytearray
) -> bool:
    try:
        answer = cards.answer(serial, pin, challenge)
    except CardFailed:  # of many errors a card knows for what it cannot do
        return False
    same = answer == expected
    wipe(answer or bytearray())
    return same


def _half(slot: Slot, work: bytearray, device_secrets: DeviceSecrets | None) -> bytearray:
    """What belongs beside the card's answer; empty when it was not given."""
    if slot.header.type != "card+device":
        return bytearray(work)
    if device_secrets is None:
        raise DeviceSecretMissing
    return device_secrets.read(user_of(slot.header.vault, slot.id))


def _nobodys(mechanism: CardMechanism) -> CardChallenge:
    """A challenge no card has the key for."""
    return CardChallenge(mechanism=mechanism, key_sha384=_NO_KEY, value=b"")


def serial_of(header: Header, person_id: str) -> str:
    """The serial number of a person's card, empty where they have none."""
    slot = header.slot_of_person(person_id, card=True)
    return "" if slot is None or slot.header.card is None else slot.header.card.serial
