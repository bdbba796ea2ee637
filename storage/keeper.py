"""The one vault of this workstation: where it lies, what it costs to open, and its database."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage import seen as seen_notes
from storage.database import SqlDatabase
from storage.vault import opening
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.session import OpenVault
from workstation.core.database_errors import DatabaseDamaged
from workstation.core.ports import Clock, Database
from workstation.core.service_ports import Seen
from workstation.core.values import PersonId
from workstation.core.vault import Cost, Profile, Vault, VaultStatus


@dataclass(frozen=True, kw_only=True)
class DiskKeeper:
    """Satisfies ``core.service_ports.VaultKeeper``.

    ``device_secrets`` is ``None`` where no allowed keyring works; slots then rest on the passphrase alone,
    at the higher cost that ``cost`` gives for ``False``.
    """

    root: Path
    profile: Profile
    clock: Clock
    cost: Callable[[bool], Cost]  # called with whether the slot is bound to this device
    device_secrets: DeviceSecrets | None = None

    def status(self) -> VaultStatus:
        """What can be told without unlocking."""
        return opening.vault_status(self.root, self.clock)

    def create(self, *, vault_id: str, person_id: str, login_name: str, passphrase: bytearray) -> OpenVault:
        """A new vault with one slot; see ``storage.vault.opening.begin_vault``."""
        return opening.begin_vault(
            self.root,
            vault_id=vault_id,
            profile=self.profile,
            person_id=person_id,
            login_name=login_name,
            passphrase=passphrase,
            cost=self.cost(self.device_secrets is not None),
            clock=self.clock,
            device_secrets=self.device_secrets,
        )

    def complete(self, vault: Vault) -> None:
        """See ``OpenVault.publish``."""
        _ours(vault).publish()

    def unlock(self, *, login_name: str, passphrase: bytearray) -> OpenVault:
        """See ``storage.vault.opening.unlock``."""
        return opening.unlock(
            self.root,
            login_name=login_name,
            passphrase=passphrase,
            profile=self.profile,
            clock=self.clock,
            device_secrets=self.device_secrets,
        )

    def add_slot(self, vault: Vault, *, person_id: str, login_name: str, passphrase: bytearray) -> None:
        """Let one more person in, bound to this device where the first one is."""
        bound = self.device_secrets is not None
        _ours(vault).add_slot(
            person_id=person_id,
            login_name=login_name,
            passphrase=passphrase,
            cost=self.cost(bound),
            device_bound=bound,
        )

    def remove_slot(self, vault: Vault, database: Database, person_id: str) -> None:
        """Shut a person out; the vault key is rotated and the database follows."""
        _ours(vault).remove_slot(person_id)
        if isinstance(database, SqlDatabase):
            _follow(_ours(vault), database)

    def change_passphrase(
        self, vault: Vault, *, person_id: str, login_name: str, old: bytearray, new: bytearray
    ) -> None:
        """Another passphrase for a slot, at the cost of today's slots."""
        _ours(vault).change_passphrase(
            person_id=person_id,
            login_name=login_name,
            old=old,
            new=new,
            cost=self.cost(self.device_secrets is not None),
        )

    def slot_holders(self, vault: Vault) -> frozenset[str]:
        """Identifiers of everybody who has a slot."""
        return frozenset(facts.person_id for facts in _ours(vault).slots())

    def last_seen(self, vault: Vault) -> Seen | None:
        """See ``storage.seen``."""
        return seen_notes.read(_ours(vault).root, vault.vault_id)

    def note_seen(self, vault: Vault, seen: Seen) -> None:
        """See ``storage.seen``."""
        seen_notes.write(_ours(vault).root, vault.vault_id, seen)

    def open_database(self, vault: Vault) -> SqlDatabase:
        """The vault's database, created, migrated or re-keyed when due.

        Raises:
            DatabaseDamaged, DatabaseNewer, DatabaseStorageFailed.
        """
        ours = _ours(vault)
        ours.keep_room()
        try:
            database = self._database(ours, ours.database_key())
        except DatabaseDamaged:
            # A crash may have fallen between re-keying the file and writing down that it was done.
            pending = ours.pending_database_key()
            if pending is None:
                raise
            database = self._database(ours, pending)
            ours.confirm_database_rekeyed()
            return database
        _follow(ours, database)
        return database

    def give_up_room(self, vault: Vault) -> bool:
        """See ``OpenVault.give_up_room``."""
        return _ours(vault).give_up_room()

    def _database(self, vault: OpenVault, key: bytes) -> SqlDatabase:
        return SqlDatabase(
            vault.database_path,
            key=key,
            audit_key=vault.audit_key,
            epoch=lambda: vault.epoch,
            clock=self.clock,
            unlocked_by=PersonId(vault.person_id),
            make_room=vault.make_room,
        )


def _ours(vault: Vault) -> OpenVault:
    """Keys and slots are managed on the vault on disk only."""
    if not isinstance(vault, OpenVault):
        raise TypeError(vault)
    return vault


def _follow(vault: OpenVault, database: SqlDatabase) -> None:
    """Re-key the database after a rotation."""
    pending = vault.pending_database_key()
    if pending is not None:
        database.rekey(pending)
        vault.confirm_database_rekeyed()
