"""Port of the vault's keeper: making, unlocking, ways in, recovery keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workstation.core.cards import CardToken
from workstation.core.ports import Database
from workstation.core.recovery import NewRecovery, OfficerKey, RecoveredPerson
from workstation.core.vault import CardCredential, SlotFacts, Vault, VaultStatus


@dataclass(frozen=True, kw_only=True)
class Seen:
    """How long the trail was, and with which head, when this machine last had the vault open."""

    rows: int
    head: str


class VaultKeeper(Protocol):
    """Creates, unlocks and describes the one vault of this workstation."""

    def status(self) -> VaultStatus:
        """What can be told without unlocking."""

    def create(self, *, vault_id: str, person_id: str, login_name: str, passphrase: bytearray) -> Vault:
        """A new vault with one slot; it exists once ``complete`` was called.

        Raises:
            VaultExists, PassphraseTooWeak, CostTooLow, KeyringUnusable.
        """

    def complete(self, vault: Vault) -> None:
        """The new vault holds its first records. Whatever ends before leaves nothing to be repaired."""

    def unlock(self, *, login_name: str, passphrase: bytearray) -> Vault:
        """One at a time: who comes while the vault is open is turned away before a passphrase is tried.

        Raises:
            CredentialsRefused: wrong passphrase or unknown name, which nobody can tell apart.
            BackOffActive, VaultInUse, VaultNotFound, WrongProfile, DeviceSecretMissing, KeyringUnusable,
            VaultDamaged, VaultFormatNewer, VaultReadOnly.
        """

    def unlock_by_card(self, *, login_name: str, credential: CardCredential) -> Vault:
        """As ``unlock``, with a card; also raises what ``CardReader.answer`` raises."""

    def unlock_by_officers(self, *, login_name: str, keys: Sequence[OfficerKey]) -> Vault:
        """For one recovery, in the name of who is to get a new passphrase.

        Raises:
            RecoveryNotSet, RecoveryKeysWrong, CredentialsRefused, and as ``unlock``.
        """

    @property
    def keyring_works(self) -> bool:
        """Whether a keyring is there for this machine's half, locked or not; else cards need a passphrase."""

    def cards_inserted(self) -> tuple[CardToken, ...]:
        """The cards in the readers; raises CardModuleMissing, CardModuleRefused, CardModuleFailed, ..."""

    def card_is_gone(self, vault: Vault) -> bool:
        """Whether the vault was opened by a card that is no longer inserted."""

    def slots(self, vault: Vault) -> tuple[SlotFacts, ...]:
        """Every way in of every person."""

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
        """A card for the person at the desk; ``present`` is what they came in by (passphrase or PIN).

        What falls away, the card before or the passphrase, is dropped and vault key and database key are
        rotated in the same act.

        Raises:
            CardAlreadyEnrolled, CardNotEnrolled, CardNeedsPassphrase, CardKeyMissing, CardWithoutMechanism,
            CredentialsRefused, BackOffActive, and what ``CardReader`` raises.
        """

    def remove_card(self, vault: Vault, database: Database, *, present: bytearray) -> None:
        """Drop the card of the person at the desk and rotate; raises CardNotEnrolled, LastWayIn, ..."""

    def new_recovery(self, vault: Vault, *, needed: int, officers: int) -> NewRecovery:
        """Keys for the officers; what is in the vault stays until ``put_recovery``. Raises RecoveryBounds."""

    def seal_for_recovery(self, vault: Vault, made: NewRecovery, plaintext: bytes | bytearray) -> bytes:
        """Seal what a recovery with this set hands on."""

    def put_recovery(self, vault: Vault, database: Database, made: NewRecovery) -> None:
        """From now on this set opens the vault; the one before is void."""

    def recovering(self, vault: Vault, *, login_name: str, passphrase: bytearray) -> RecoveredPerson:
        """A new passphrase for who ``unlock_by_officers`` named; raises PassphraseTooWeak."""

    def put_recovered(self, vault: Vault, database: Database, recovered: RecoveredPerson) -> None:
        """``recovered.put``, and the database follows."""

    def add_slot(self, vault: Vault, *, person_id: str, login_name: str, passphrase: bytearray) -> None:
        """Let one more person in; raises SlotExists, PassphraseTooWeak."""

    def remove_slot(self, vault: Vault, database: Database, person_id: str) -> None:
        """Shut a person out; vault key and database key are rotated. Raises SlotUnknown, LastSlot."""

    def change_passphrase(
        self, vault: Vault, *, person_id: str, login_name: str, old: bytearray, new: bytearray
    ) -> None:
        """Another passphrase for a slot; raises CredentialsRefused, BackOffActive, PassphraseTooWeak."""

    def slot_holders(self, vault: Vault) -> frozenset[str]:
        """Identifiers of everybody who has a slot."""

    def last_seen(self, vault: Vault) -> Seen | None:
        """What ``note_seen`` noted of this vault on this machine; kept apart from the vault."""

    def note_seen(self, vault: Vault, seen: Seen) -> None:
        """Note how far the trail is; never an error."""

    def open_database(self, vault: Vault) -> Database:
        """The vault's database, created or migrated when due."""

    def give_up_room(self, vault: Vault) -> bool:
        """Let the records of a full disk have the room kept for them; whether there was any."""
