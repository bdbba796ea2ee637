"""The keeper of a vault in memory: no disk and no cost, the same promises.

Passes ``tests/contract/test_vault_keeper.py`` like the real one. Never use it for anything but tests.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from storage.vault.passphrases import require_strong
from tests.helpers.memory_database import MemoryDatabase, Store
from tests.helpers.memory_vault import MemoryVault
from workstation.core.ports import Clock, Database
from workstation.core.service_ports import Seen
from workstation.core.values import PersonId
from workstation.core.vault import Profile, Vault, VaultStatus
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
        kept = self.folder.vault
        if kept is None:
            raise VaultNotFound(path="memory")
        if kept.profile is not self.profile:
            raise WrongProfile(found=kept.profile.value, expected=self.profile.value)
        if not kept.is_locked:
            raise VaultInUse(pid=0, host="")
        person_id = self._try(kept, login_name, passphrase)
        self.folder.vault = kept.opened_by(person_id)
        return self.folder.vault

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
