"""Who has a slot in an unlocked vault: re-authentication, adding, changing, cards, removing."""

from dataclasses import replace

from storage.vault import card_slots, people
from storage.vault import keys as keyring
from storage.vault.header import Header, Slot
from storage.vault.slots import Holder, Opened, rewrap_master
from storage.vault.unlocked import Unlocked, Way
from workstation.core.cards import (
    CardAlreadyEnrolled,
    CardModuleMissing,
    CardNotEnrolled,
    CardReader,
    LastWayIn,
)
from workstation.core.vault import CardCredential, Cost, SlotFacts
from workstation.core.vault_errors import CredentialsRefused, EpochInUse, EpochUnknown


class Holders(Unlocked):
    """The people's part of an unlocked vault.

    Where a passphrase is asked for and the person came in by card, the card's PIN takes its place, and the
    card must be inserted.
    """

    def slots(self) -> tuple[SlotFacts, ...]:
        """Every slot of every person."""
        self.require_open()
        return tuple(people.facts_of(slot) for slot in self._header.slots)

    def reauthenticate(self, person_id: str, passphrase: bytearray) -> None:
        """Return only when this is the person's passphrase.

        Raises:
            CredentialsRefused, BackOffActive: as ``seal_personal``.
        """
        keyring.wipe(self._personal_key(person_id, passphrase))

    def seal_personal(self, person_id: str, passphrase: bytearray, plaintext: bytes | bytearray) -> bytes:
        """See ``Vault.seal_personal``."""
        key = self._personal_key(person_id, passphrase)
        try:
            return keyring.seal_personal(key, self.vault_id, person_id, plaintext)
        finally:
            keyring.wipe(key)

    def unseal_personal(self, person_id: str, passphrase: bytearray, blob: bytes) -> bytearray:
        """See ``Vault.unseal_personal``."""
        key = self._personal_key(person_id, passphrase)
        try:
            return keyring.unseal_personal(key, self.vault_id, person_id, blob)
        finally:
            keyring.wipe(key)

    def require_opens(self, header: tuple[Header, bytes], passphrase: bytearray) -> None:
        """Return only when what the acting person typed opens this header of a copy of the vault.

        Raises:
            CredentialsRefused, BackOffActive: it does not, or the header was not written by this vault.
        """
        with self._change:
            self.require_open()
            copied, mac = header
            keys = people.keys_of(copied, mac, self._opened(copied, self.person_id, passphrase))
            if keys is None:
                raise CredentialsRefused
            keys.wipe()

    def _personal_key(self, person_id: str, passphrase: bytearray) -> bytearray:
        with self._change:
            self.require_open()
            opened = self._opened(self._header, person_id, passphrase)
            keyring.wipe(opened.master)
            return opened.personal

    def _opened(self, header: Header, person_id: str, typed: bytearray) -> Opened:
        """The keys of a person's slot by what was typed: a passphrase, or the PIN of the card at the desk."""
        if self._way.by_card and person_id == self.person_id:
            slot = header.slot_of_person(person_id, card=True)
            way = self._way
            return card_slots.reopened(
                slot, way.half, way.card_serial, typed, self._back_off, self._require_cards()
            )
        return people.reauthenticate(header, person_id, typed, self._back_off, self._entry.device_secrets)

    def _require_cards(self) -> CardReader:
        if self._entry.cards is None:
            raise CardModuleMissing(path="")
        return self._entry.cards

    def add_slot(
        self,
        *,
        person_id: str,
        login_name: str,
        passphrase: bytearray,
        cost: Cost,
        device_bound: bool = False,
    ) -> SlotFacts:
        """Let one more person in.

        Raises:
            SlotExists: the person or the login name is taken.
            PassphraseTooWeak, CostTooLow: by the rules of a new vault.
            KeyringUnusable: ``device_bound`` was asked for and the keyring does not work.
        """
        with self._change:
            self.require_open()
            slot = people.new_person(
                self._header,
                self._keys,
                person_id=person_id,
                login_name=login_name,
                passphrase=passphrase,
                cost=cost,
                device_secrets=self._entry.device_secrets if device_bound else None,
            )
            try:
                self._rewrite(replace(self._header, slots=(*self._header.slots, slot)))
            except BaseException:
                people.forget_device_secret(self._entry.device_secrets, self.vault_id, slot)
                raise
            return people.facts_of(slot)

    def change_passphrase(
        self,
        *,
        person_id: str,
        login_name: str,
        old: bytearray,
        new: bytearray,
        cost: Cost | None = None,
        device_bound: bool = False,
    ) -> None:
        """Replace a person's passphrase (and cost, when given); what was sealed for the person stays open.

        Who came in by card gives the PIN as ``old``, and gets a passphrase where they had none.
        ``device_bound`` says whether a new slot needs this machine's keyring; a present one stays as it is.

        Raises:
            CredentialsRefused, BackOffActive: ``old`` or ``login_name`` is wrong.
            PassphraseTooWeak, CostTooLow: ``new`` is refused.
        """
        with self._change:
            self.require_open()
            slot = self._header.slot_of_person(person_id)
            own = slot or self._header.slot_of_person(person_id, card=True)
            tag = keyring.login_tag(self.vault_id, login_name)
            whose = person_id if own is not None and own.header.login == tag else ""
            opened = self._opened(self._header, whose, old)
            if own is None:  # it has raised; said again for the reader and the type checker
                raise CredentialsRefused
            bound = device_bound if slot is None else slot.header.needs_device
            try:
                changed = people.passphrase_slot(
                    self._header,
                    opened,
                    person_id=person_id,
                    login_name=login_name,
                    passphrase=new,
                    cost=cost or own.header.cost,
                    device_secrets=self._entry.device_secrets,
                    present=slot,
                    device_bound=bound,
                )
            finally:
                opened.wipe()
            others = tuple(one for one in self._header.slots if slot is None or one.id != slot.id)
            self._rewrite(replace(self._header, slots=(*others, changed)), keep_previous=False)

    def enrol_card(
        self,
        *,
        present: bytearray,
        credential: CardCredential,
        cost: Cost,
        keep_passphrase: bool,
        replaces: bool,
    ) -> SlotFacts:
        """Let the person at the desk in by a card from now on; ``present`` is what they came in by.

        Whatever way in falls away with it (the card it replaces, the passphrase) takes the vault key with
        it: the slot is dropped and the key rotated in the same write.

        Raises:
            CardAlreadyEnrolled, CardNotEnrolled: ``replaces`` says the other.
            CredentialsRefused, BackOffActive: ``present`` is wrong.
            CardNeedsPassphrase, CardKeyMissing, CardWithoutMechanism, KeyringUnusable, and the reader's.
        """
        with self._change:
            self.require_open()
            old = self._header.slot_of_person(self.person_id, card=True)
            if replaces is (old is None):
                raise CardNotEnrolled if old is None else CardAlreadyEnrolled
            opened = self._opened(self._header, self.person_id, present)
            try:
                slot, half = self._card_slot(opened, credential, cost)
            finally:
                opened.wipe()
            password = None if keep_passphrase else self._header.slot_of_person(self.person_id)
            gone = tuple(one for one in (old, password) if one is not None)
            try:
                self._put(slot, gone)
            except BaseException:
                people.forget_device_secret(self._entry.device_secrets, self.vault_id, slot)
                keyring.wipe(half)
                raise
            self._go_on_by(slot, half, gone)
            return people.facts_of(slot)

    def _card_slot(self, opened: Opened, credential: CardCredential, cost: Cost) -> tuple[Slot, bytearray]:
        any_slot = next(s for s in self._header.slots if s.header.person == self.person_id)
        holder = Holder(
            vault_id=self.vault_id,
            profile=self.profile,
            person_id=self.person_id,
            login=any_slot.header.login,
        )
        slot, half = card_slots.new_card_slot(
            holder, credential, opened.personal, cost, self._entry.device_secrets, self._require_cards()
        )
        return rewrap_master(slot, self.epoch, self._keys.masters[self.epoch]), half

    def _put(self, slot: Slot, gone: tuple[Slot, ...]) -> None:
        kept = tuple(one for one in self._header.slots if one not in gone)
        if gone:
            header, keys = people.rotated(self._header, self._keys, (*kept, slot))
            self._adopt(header, keys, gone)
        else:
            self._rewrite(replace(self._header, slots=(*kept, slot)))

    def _go_on_by(self, slot: Slot, half: bytearray, gone: tuple[Slot, ...]) -> None:
        """Ask for the new card from now on, when what the person came in by is gone."""
        if any(one.is_card is self._way.by_card for one in gone) and slot.header.card is not None:
            self._forget_way()
            self._way = Way(card_serial=slot.header.card.serial, half=half)
        else:
            keyring.wipe(half)

    def remove_card(self, present: bytearray) -> None:
        """Drop the card of the person at the desk and rotate the vault key.

        Raises:
            CardNotEnrolled: there is none.
            LastWayIn: they have no passphrase.
            CredentialsRefused, BackOffActive, and the reader's: ``present`` is wrong.
        """
        with self._change:
            self.require_open()
            card = self._header.slot_of_person(self.person_id, card=True)
            if card is None:
                raise CardNotEnrolled
            if self._header.slot_of_person(self.person_id) is None:
                raise LastWayIn
            self._opened(self._header, self.person_id, present).wipe()
            rest = tuple(one for one in self._header.slots if one.id != card.id)
            header, keys = people.rotated(self._header, self._keys, rest)
            self._adopt(header, keys, (card,))
            self._forget_way()
            self._way = Way()

    def remove_slot(self, person_id: str) -> None:
        """Shut a person out, by passphrase and by card, and make a new vault key in the same write.

        Afterwards ``pending_database_key`` names the key to re-key the database to. What an old copy of the
        vault still opens: vault-v1.md, section 11.

        Raises:
            SlotUnknown: no such slot.
            LastSlot: nobody could open the vault any more.
        """
        with self._change:
            self.require_open()
            gone, header, keys = people.without_person(self._header, self._keys, person_id)
            self._adopt(header, keys, gone)

    def drop_epochs_below(self, epoch: int) -> None:
        """Destroy the master keys before ``epoch``, once every reference was re-wrapped.

        Raises:
            EpochUnknown: there is no such epoch yet.
            EpochInUse: the database still has an older key.
        """
        with self._change:
            self.require_open()
            if epoch > self._header.epoch:
                raise EpochUnknown(epoch=epoch)
            if self._header.database_epoch < epoch:
                raise EpochInUse(epoch=self._header.database_epoch)
            earlier = tuple(entry for entry in self._header.earlier if entry[0] >= epoch)
            self._rewrite(replace(self._header, earlier=earlier), keep_previous=False)
            self._keys.forget_below(epoch)
