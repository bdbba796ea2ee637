"""Recovery keys of an unlocked vault: issuing them, and the one act a recovery is for."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from storage.vault import keys as keyring
from storage.vault import people
from storage.vault import recovery as sets
from storage.vault.device_secrets import to_bind
from storage.vault.header import Slot
from storage.vault.header_recovery import RecoverySet
from storage.vault.slots import Opened
from storage.vault.unlocked import Unlocked, Way
from workstation.core.recovery import OfficerKey, RecoveryFacts, RecoveryKeysWrong, RecoveryNotSet
from workstation.core.vault import Cost


@dataclass(kw_only=True)
class NewSet:
    """A recovery set nobody uses yet; see ``Recoverable.put_recovery``."""

    recovery: RecoverySet
    keys: list[OfficerKey]
    sealing: bytearray = field(repr=False)

    @property
    def facts(self) -> RecoveryFacts:
        """What may be told of it."""
        made = self.recovery
        return RecoveryFacts(set_id=made.id, needed=made.needed, officers=made.officers, epoch=made.epoch)

    def wipe(self) -> None:
        """Zero every key."""
        keyring.wipe(self.sealing)
        for key in self.keys:
            key.wipe()


class Recoverable(Unlocked):
    """The recovery part of an unlocked vault."""

    _sealing: bytearray | None = None  # only in a vault that officers' keys opened

    def recovery_facts(self) -> RecoveryFacts | None:
        """What may be told of the recovery set; ``None`` where there is none."""
        self.require_open()
        return facts_of(self._header.recovery)

    def new_recovery(self, *, needed: int, officers: int) -> NewSet:
        """Keys for the officers; the set in the vault stays as it is until ``put_recovery``.

        Raises:
            RecoveryBounds: fewer than two, more than nine, or more needed than there are.
        """
        with self._change:
            self.require_open()
            master = self._keys.masters[self._header.epoch]
            made, keys, sealing = sets.new_set(self._header, master, needed=needed, officers=officers)
        named = [
            OfficerKey(officer=number, set_id=made.id, key=key) for number, key in enumerate(keys, start=1)
        ]
        return NewSet(recovery=made, keys=named, sealing=sealing)

    def put_recovery(self, made: NewSet) -> None:
        """Write the new set into the header; the one before is void, and so is the vault key it opened."""
        with self._change:
            self.require_open()
            master = self._keys.masters[self._header.epoch]
            current = sets.rewrap_recovery(made.recovery, self._header.epoch, master)
            had_one = self._header.recovery is not None
            header = replace(self._header, recovery=current)
            if had_one:
                header, keys = people.rotated(header, self._keys, header.slots)
                self._adopt(header, keys, ())
            else:
                self._rewrite(header)

    def seal_for_recovery(self, made: NewSet, plaintext: bytes | bytearray) -> bytes:
        """Seal what a recovery must be able to hand on: the office's signing authority."""
        return keyring.seal_personal(made.sealing, self.vault_id, made.recovery.id, plaintext)

    def unseal_recovered(self, blob: bytes) -> bytearray:
        """The inverse, in a vault that officers' keys opened.

        Raises:
            RecoveryKeysWrong: it was opened otherwise.
            ObjectTampered: not sealed for this set.
        """
        self.require_open()
        if self._sealing is None or self._header.recovery is None:
            raise RecoveryKeysWrong
        return keyring.unseal_personal(self._sealing, self.vault_id, self._header.recovery.id, blob)

    def prepare_recovered(self, passphrase: bytearray, login_name: str, cost: Cost) -> "Recovered":
        """The new passphrase's slot with a new personal key, and nothing written yet.

        Raises:
            RecoveryKeysWrong: officers' keys did not open this vault.
            PassphraseTooWeak, CostTooLow, KeyringUnusable.
        """
        with self._change:
            self.require_open()
            if self._sealing is None:
                raise RecoveryKeysWrong
            secrets = to_bind(self._entry.device_secrets)
            master = bytearray(self._keys.masters[self._header.epoch])
            personal = bytearray(os.urandom(keyring.KEY_BYTES))
            slot = people.passphrase_slot(
                self._header,
                Opened(master=master, personal=personal),
                person_id=self.person_id,
                login_name=login_name,
                passphrase=passphrase,
                cost=cost,
                device_secrets=secrets,
                present=None,
                device_bound=secrets is not None,
            )
            keyring.wipe(master)
            return Recovered(slot=slot, personal=personal)

    def put_recovered(self, recovered: "Recovered") -> None:
        """Let the person in by the new passphrase only, void the recovery set, and rotate the vault key."""
        with self._change:
            self.require_open()
            gone = tuple(slot for slot in self._header.slots if slot.header.person == self.person_id)
            rest = tuple(slot for slot in self._header.slots if slot.header.person != self.person_id)
            bare = replace(self._header, recovery=None)
            header, keys = people.rotated(bare, self._keys, (*rest, recovered.slot))
            self._adopt(header, keys, gone)
            self._back_off.succeeded(recovered.slot.header.cost)
            self._forget_way()
            self._way = Way()
            self._keys.trail_seed = people.trail_seed(self.vault_id, recovered.personal)
            keyring.wipe(recovered.personal, self._sealing or bytearray())
            self._sealing = None

    def abandon_recovered(self, recovered: "Recovered") -> None:
        """Nothing was written: forget what was made for it."""
        people.forget_device_secret(self._entry.device_secrets, self.vault_id, recovered.slot)
        keyring.wipe(recovered.personal)


@dataclass(kw_only=True)
class Recovered:
    """The slot of somebody recovered, not yet in the header."""

    slot: Slot
    personal: bytearray = field(repr=False)


class Recovering:
    """See ``workstation.core.recovery.RecoveredPerson``."""

    def __init__(self, vault: Recoverable, *, login_name: str, passphrase: bytearray, cost: Cost) -> None:
        self._vault = vault
        self._made = vault.prepare_recovered(passphrase, login_name, cost)

    def unseal(self, blob: bytes) -> bytearray:
        """What was sealed for a recovery."""
        return self._vault.unseal_recovered(blob)

    def seal(self, plaintext: bytes | bytearray) -> bytes:
        """Seal something for the person under their new personal key."""
        vault = self._vault
        return keyring.seal_personal(self._made.personal, vault.vault_id, vault.person_id, plaintext)

    def put(self) -> None:
        """Let the person in by the new passphrase only; see ``Recoverable.put_recovered``."""
        self._vault.put_recovered(self._made)

    def abandon(self) -> None:
        """Nothing was written: forget what was made for it."""
        self._vault.abandon_recovered(self._made)


def facts_of(kept: RecoverySet | None) -> RecoveryFacts | None:
    """What may be told of a set."""
    if kept is None:
        return None
    return RecoveryFacts(set_id=kept.id, needed=kept.needed, officers=kept.officers, epoch=kept.epoch)


def by_number(given: Iterable[OfficerKey], kept: RecoverySet | None) -> dict[int, bytearray]:
    """The keys by officer, each officer once.

    Raises:
        RecoveryNotSet: the vault has no recovery keys.
        RecoveryKeysWrong: too few or too many, one officer twice, or keys of another set.
    """
    if kept is None:
        raise RecoveryNotSet
    keys = list(given)
    numbered = {key.officer: key.key for key in keys if key.set_id == kept.id}
    if len(numbered) != len(keys) or len(keys) != kept.needed:
        raise RecoveryKeysWrong
    return numbered
