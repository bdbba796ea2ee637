"""The keeper of a vault in memory: no disk and no cost, the same promises.

Passes ``tests/contract/test_vault_keeper.py`` like the real one. Never use it for anything but tests.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.vault.passphrases import require_strong
from tests.helpers.memory_database import MemoryDatabase, Store
from tests.helpers.memory_vault import MemoryVault
from tests.helpers.memory_ways import MemoryReader, MemoryRecovering, MemorySet, MemoryWays
from workstation.core.cards import CardToken
from workstation.core.ports import Clock, Database
from workstation.core.recovery import NewRecovery, OfficerKey, RecoveredPerson, RecoveryNotSet
from workstation.core.service_ports import Seen
from workstation.core.values import PersonId
from workstation.core.vault import CardCredential, Profile, SlotFacts, Vault, VaultStatus
from workstation.core.vault_errors import (
    BackOffActive,
    CredentialsRefused,
    LastSlot,
    SlotExists,
    SlotUnknown,
    VaultExists,
    VaultInUse,
    VaultNotFound,
    WrongProfile,
)

FREE_ATTEMPTS = 3


@dataclass
class MemoryFolder:
    """What lies where a vault would lie, and the note beside it."""

    vault: MemoryVault | None = None  # as last opened; None until one was completed
    logins: dict[str, str] = field(default_factory=dict)  # person by login name
    store: Store = field(default_factory=Store)
    ways: MemoryWays = field(default_factory=MemoryWays)
    room: bool = False
    failures: int = 0
    failed_at: datetime | None = None


@dataclass
class MemoryKeeper:
    """``core.service_ports.VaultKeeper`` over a folder that two keepers may share."""

    clock: Clock
    profile: Profile = Profile.DEMO
    folder: MemoryFolder = field(default_factory=MemoryFolder)
    notes: dict[str, Seen] = field(default_factory=dict)
    notes_can_be_written: bool = True
    reader: MemoryReader = field(default_factory=MemoryReader)

    def status(self) -> VaultStatus:
        """See the port."""
        vault = self.folder.vault
        if vault is None:
            return VaultStatus(exists=False)
        return VaultStatus(
            exists=True,
            header_readable=True,
            format_version=1,
            vault_id=vault.vault_id,
            profile=vault.profile,
            epoch=vault.epoch,
            slot_count=len(vault.people),
            card_slots=len(self.folder.ways.cards),
            card_slots_with_passphrase=len(self.folder.ways.cards),
            recovery=None if self.folder.ways.recovery is None else self.folder.ways.recovery.facts,
            in_use=not vault.is_locked,
            failed_attempts=self.folder.failures,
            back_off_until=self._wait_until(),
        )

    def create(self, *, vault_id: str, person_id: str, login_name: str, passphrase: bytearray) -> MemoryVault:
        """See the port."""
        require_strong(passphrase, login_name)
        if self.folder.vault is not None:
            raise VaultExists(path="memory")
        self.folder.logins = {login_name: person_id}
        return MemoryVault(
            person_id=person_id, passphrase=bytes(passphrase), profile=self.profile, vault_id=vault_id
        )

    def complete(self, vault: Vault) -> None:
        """See the port."""
        self.folder.vault = _ours(vault)

    def unlock(self, *, login_name: str, passphrase: bytearray) -> MemoryVault:
        """See the port."""
        kept = self._closed()
        return self._opened(kept, self._try(kept, login_name, passphrase))

    def unlock_by_card(self, *, login_name: str, credential: CardCredential) -> MemoryVault:
        """See the port."""
        kept, serial = self._closed(), self.reader.use(credential)
        person_id = self.folder.logins.get(login_name, "")
        self.folder.ways.person_of(person_id, serial, bytes(credential.passphrase))
        vault = self._opened(kept, person_id)
        vault.opened_by_card = serial
        return vault

    def unlock_by_officers(self, *, login_name: str, keys: Sequence[OfficerKey]) -> MemoryVault:
        """See the port."""
        kept = self._closed()
        if self.folder.ways.recovery is None:
            raise RecoveryNotSet
        self.folder.ways.require_opens(keys)
        if login_name not in self.folder.logins:
            raise CredentialsRefused
        return self._opened(kept, self.folder.logins[login_name])

    def _closed(self) -> MemoryVault:
        kept = self.folder.vault
        if kept is None:
            raise VaultNotFound(path="memory")
        if kept.profile is not self.profile:
            raise WrongProfile(found=kept.profile.value, expected=self.profile.value)
        if not kept.is_locked:
            raise VaultInUse(pid=0, host="")
        return kept

    def _opened(self, kept: MemoryVault, person_id: str) -> MemoryVault:
        self.folder.vault = kept.opened_by(person_id)
        return self.folder.vault

    @property
    def keyring_works(self) -> bool:
        """There is none here."""
        return False

    def cards_inserted(self) -> tuple[CardToken, ...]:
        """See the port."""
        return self.reader.tokens()

    def card_is_gone(self, vault: Vault) -> bool:
        """See the port."""
        serial = _ours(vault).card_serial
        return bool(serial) and serial not in (self.reader.pins or {})

    def slots(self, vault: Vault) -> tuple[SlotFacts, ...]:
        """See the port."""
        return self.folder.ways.facts(_ours(vault))

    def enrol_card(
        self,
        vault: Vault,
        database: Database,
        *,
        present: bytearray,
        credential: CardCredential,
        keep_passphrase: bool,
        replaces: bool,
    ) -> SlotFacts:
        """See the port."""
        _ours(vault).unseal_personal(vault.person_id, present, _ours(vault).sealed_for(vault.person_id, b""))
        return self.folder.ways.enrol(
            _ours(vault), self.reader, credential, keep_passphrase=keep_passphrase, replaces=replaces
        )

    def remove_card(self, vault: Vault, database: Database, *, present: bytearray) -> None:
        """See the port."""
        _ours(vault).unseal_personal(vault.person_id, present, _ours(vault).sealed_for(vault.person_id, b""))
        self.folder.ways.drop_card(_ours(vault))

    def new_recovery(self, vault: Vault, *, needed: int, officers: int) -> MemorySet:
        """See the port."""
        return self.folder.ways.new_set(_ours(vault), needed, officers)

    def seal_for_recovery(self, vault: Vault, made: NewRecovery, plaintext: bytes | bytearray) -> bytes:
        """See the port."""
        assert isinstance(made, MemorySet)
        return self.folder.ways.seal(made, plaintext)

    def put_recovery(self, vault: Vault, database: Database, made: NewRecovery) -> None:
        """See the port."""
        assert isinstance(made, MemorySet)
        if self.folder.ways.recovery is not None:
            _ours(vault).rotate()
            _ours(vault).follow()
        self.folder.ways.recovery = made

    def recovering(self, vault: Vault, *, login_name: str, passphrase: bytearray) -> MemoryRecovering:
        """See the port."""
        return MemoryRecovering(_ours(vault), self.folder.ways, login_name, passphrase)

    def put_recovered(self, vault: Vault, database: Database, recovered: RecoveredPerson) -> None:
        """See the port."""
        recovered.put()

    def add_slot(self, vault: Vault, *, person_id: str, login_name: str, passphrase: bytearray) -> None:
        """See the port."""
        ours = _ours(vault)
        ours.require_open()
        if person_id in ours.people or login_name in self.folder.logins:
            raise SlotExists(person_id=person_id)
        require_strong(passphrase, login_name)
        ours.people[person_id] = bytes(passphrase)
        self.folder.logins[login_name] = person_id

    def remove_slot(self, vault: Vault, database: Database, person_id: str) -> None:
        """See the port."""
        ours = _ours(vault)
        ours.require_open()
        if person_id not in ours.people:
            raise SlotUnknown(person_id=person_id)
        if len(ours.people) == 1:
            raise LastSlot
        del ours.people[person_id]
        self.folder.logins = {name: one for name, one in self.folder.logins.items() if one != person_id}
        ours.rotate()
        ours.follow()

    def change_passphrase(
        self, vault: Vault, *, person_id: str, login_name: str, old: bytearray, new: bytearray
    ) -> None:
        """See the port."""
        ours = _ours(vault)
        ours.require_open()
        is_theirs = self.folder.logins.get(login_name) == person_id
        self._try(ours, login_name if is_theirs else "", old)
        require_strong(new, login_name)
        ours.people[person_id] = bytes(new)

    def slot_holders(self, vault: Vault) -> frozenset[str]:
        """See the port."""
        _ours(vault).require_open()
        return frozenset(_ours(vault).people)

    def last_seen(self, vault: Vault) -> Seen | None:
        """See the port."""
        return self.notes.get(vault.vault_id)

    def note_seen(self, vault: Vault, seen: Seen) -> None:
        """See the port."""
        if self.notes_can_be_written:
            self.notes = {vault.vault_id: seen}

    def open_database(self, vault: Vault) -> MemoryDatabase:
        """See the port."""
        _ours(vault).require_open()
        self.folder.room = True
        unlocked_by = PersonId(vault.person_id)
        database = MemoryDatabase(clock=self.clock, store=self.folder.store, unlocked_by=unlocked_by)
        _ours(vault).use_case_keys(database.case_key)
        return database

    def give_up_room(self, vault: Vault) -> bool:
        """See the port."""
        had, self.folder.room = self.folder.room, False
        return had

    def _wait_until(self) -> datetime | None:
        if self.folder.failures < FREE_ATTEMPTS or self.folder.failed_at is None:
            return None
        wait_s = min(900, 1 << min(self.folder.failures - FREE_ATTEMPTS, 10))
        until = self.folder.failed_at + timedelta(seconds=wait_s)
        return until if until > self.clock.now() else None

    def _try(self, vault: MemoryVault, login_name: str, passphrase: bytearray) -> str:
        """Whose name and passphrase these are; a wrong one is counted."""
        until = self._wait_until()
        if until is not None:
            raise BackOffActive(seconds_left=int((until - self.clock.now()).total_seconds()))
        person_id = self.folder.logins.get(login_name, "")
        if vault.people.get(person_id) != bytes(passphrase):
            self.folder.failures, self.folder.failed_at = self.folder.failures + 1, self.clock.now()
            raise CredentialsRefused
        self.folder.failures = 0
        return person_id


def _ours(vault: Vault) -> MemoryVault:
    assert isinstance(vault, MemoryVault)
    return vault
