"""The one vault of this workstation: where it lies, what it costs to open, and its database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storage import seen as seen_notes
from storage.vault import entering, opening
from storage.vault.device_secrets import DeviceSecrets, to_bind
from storage.vault.recovering import NewSet, Recovering
from storage.vault.session import OpenVault
from workstation.core.cards import CardModuleMissing, CardReader, CardToken
from workstation.core.database_errors import DatabaseDamaged
from workstation.core.ports import Clock, Database
from workstation.core.recovery import NewRecovery, OfficerKey, RecoveredPerson
from workstation.core.service_ports import Seen
from workstation.core.values import PersonId
from workstation.core.vault import CardCredential, Cost, Profile, SlotFacts, Vault, VaultStatus

if TYPE_CHECKING:
    from storage.database import SqlDatabase


@dataclass(frozen=True, kw_only=True)
class DiskKeeper:
    """Satisfies ``core.service_ports.VaultKeeper``.

    ``device_secrets`` is ``None`` where no keyring is to be used. On a machine that has none that encrypts,
    new slots rest on the passphrase alone, at the higher cost that ``cost`` gives for ``False``; where it
    has one that is locked, none are made.
    """

    root: Path
    profile: Profile
    clock: Clock
    cost: Callable[[bool], Cost]  # called with whether the slot is bound to this device
    device_secrets: DeviceSecrets | None = None
    cards: CardReader | None = None

    def status(self) -> VaultStatus:
        """What can be told without unlocking."""
        return opening.vault_status(self.root, self.clock)

    def create(self, *, vault_id: str, person_id: str, login_name: str, passphrase: bytearray) -> OpenVault:
        """A new vault with one slot; see ``storage.vault.opening.begin_vault``."""
        secrets = to_bind(self.device_secrets)
        return opening.begin_vault(
            self.root,
            vault_id=vault_id,
            profile=self.profile,
            person_id=person_id,
            login_name=login_name,
            passphrase=passphrase,
            cost=self.cost(secrets is not None),
            clock=self.clock,
            device_secrets=secrets,
            cards=self.cards,
        )

    def complete(self, vault: Vault) -> None:
        """See ``OpenVault.publish``."""
        _ours(vault).publish()

    def unlock(self, *, login_name: str, passphrase: bytearray) -> OpenVault:
        """See ``storage.vault.entering.unlock``."""
        return entering.unlock(
            self.root,
            login_name=login_name,
            passphrase=passphrase,
            profile=self.profile,
            clock=self.clock,
            device_secrets=self.device_secrets,
            cards=self.cards,
        )

    def unlock_by_card(self, *, login_name: str, credential: CardCredential) -> OpenVault:
        """See ``storage.vault.entering.unlock_by_card``."""
        return entering.unlock_by_card(self._door(), self._require_cards(), login_name, credential)

    def unlock_by_officers(self, *, login_name: str, keys: Sequence[OfficerKey]) -> OpenVault:
        """See ``storage.vault.entering.unlock_by_officers``."""
        return entering.unlock_by_officers(self._door(), login_name, keys)

    @property
    def keyring_works(self) -> bool:
        """See the port."""
        return self.device_secrets is not None and self.device_secrets.encrypts

    @property
    def _bound(self) -> bool:
        """Whether a slot that is made now is bound to this device; raises KeyringUnusable."""
        return to_bind(self.device_secrets) is not None

    def cards_inserted(self) -> tuple[CardToken, ...]:
        """See the port."""
        return self._require_cards().tokens()

    def card_is_gone(self, vault: Vault) -> bool:
        """See the port."""
        serial = _ours(vault).card_serial
        return bool(serial) and not self._require_cards().is_present(serial)

    def slots(self, vault: Vault) -> tuple[SlotFacts, ...]:
        """See the port."""
        return _ours(vault).slots()

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
        """See the port; what falls away takes the vault key with it, and the database follows."""
        facts = _ours(vault).enrol_card(
            present=present,
            credential=credential,
            cost=self.cost(self._bound),
            keep_passphrase=keep_passphrase,
            replaces=replaces,
        )
        self._database_follows(vault, database)
        return facts

    def remove_card(self, vault: Vault, database: Database, *, present: bytearray) -> None:
        """See the port."""
        _ours(vault).remove_card(present)
        self._database_follows(vault, database)

    def new_recovery(self, vault: Vault, *, needed: int, officers: int) -> NewSet:
        """See the port."""
        return _ours(vault).new_recovery(needed=needed, officers=officers)

    def seal_for_recovery(self, vault: Vault, made: NewRecovery, plaintext: bytes | bytearray) -> bytes:
        """See the port."""
        return _ours(vault).seal_for_recovery(_our_set(made), plaintext)

    def put_recovery(self, vault: Vault, database: Database, made: NewRecovery) -> None:
        """See the port."""
        _ours(vault).put_recovery(_our_set(made))
        self._database_follows(vault, database)

    def recovering(self, vault: Vault, *, login_name: str, passphrase: bytearray) -> Recovering:
        """See the port."""
        cost = self.cost(self._bound)
        return Recovering(_ours(vault), login_name=login_name, passphrase=passphrase, cost=cost)

    def put_recovered(self, vault: Vault, database: Database, recovered: RecoveredPerson) -> None:
        """See the port."""
        recovered.put()
        self._database_follows(vault, database)

    def _door(self) -> entering.Door:
        return entering.Door(
            root=self.root,
            profile=self.profile,
            clock=self.clock,
            device_secrets=self.device_secrets,
            cards=self.cards,
        )

    def _require_cards(self) -> CardReader:
        if self.cards is None:
            raise CardModuleMissing(path="")
        return self.cards

    def _database_follows(self, vault: Vault, database: Database) -> None:
        from storage.database import SqlDatabase  # noqa: PLC0415 - see ``_database``

        if isinstance(database, SqlDatabase):
            _follow(_ours(vault), database)

    def add_slot(self, vault: Vault, *, person_id: str, login_name: str, passphrase: bytearray) -> None:
        """Let one more person in, bound to this device where the first one is."""
        bound = self._bound
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
        self._database_follows(vault, database)

    def change_passphrase(
        self, vault: Vault, *, person_id: str, login_name: str, old: bytearray, new: bytearray
    ) -> None:
        """Another passphrase for a slot, at the cost of today's slots."""
        bound = self._bound
        _ours(vault).change_passphrase(
            person_id=person_id,
            login_name=login_name,
            old=old,
            new=new,
            cost=self.cost(bound),
            device_bound=bound,
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

    def open_database(self, vault: Vault) -> "SqlDatabase":
        """The vault's database, created, migrated or re-keyed when due.

        Raises:
            DatabaseDamaged, DatabaseNewer, DatabaseStorageFailed.
            VaultDamaged: it is gone.
        """
        ours = _ours(vault)
        ours.require_database()
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
        _follow(ours, database)
        return database

    def give_up_room(self, vault: Vault) -> bool:
        """See ``OpenVault.give_up_room``."""
        return _ours(vault).give_up_room()

    def _database(self, vault: OpenVault, key: bytes) -> "SqlDatabase":
        # Whether there is a vault, and who may come in, is known before the database is needed.
        from storage.database import SqlDatabase  # noqa: PLC0415

        return SqlDatabase(
            vault.database_path,
            key=key,
            audit_key=vault.audit_key,
            epoch=lambda: vault.epoch,
            clock=self.clock,
            unlocked_by=PersonId(vault.person_id),
            make_room=vault.make_room,
        )


def _our_set(made: NewRecovery) -> NewSet:
    if not isinstance(made, NewSet):
        raise TypeError(made)
    return made


def _ours(vault: Vault) -> OpenVault:
    """Keys and slots are managed on the vault on disk only."""
    if not isinstance(vault, OpenVault):
        raise TypeError(vault)
    return vault


def _follow(vault: OpenVault, database: "SqlDatabase") -> None:
    """Re-key the database after a rotation, and wrap the keys of the cases anew."""
    pending = vault.pending_database_key()
    if pending is not None:
        database.rekey(pending)
        vault.confirm_database_rekeyed()
    vault.use_case_keys(database.case_key)
    database.rewrap_case_keys(vault.epoch, vault.rewrap_case_key)
