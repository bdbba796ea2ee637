"""An unlocked vault: ``workstation.core.vault.Vault`` on disk."""

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from storage.single_writer import SingleWriter
from storage.vault import keys as keyring
from storage.vault import people
from storage.vault.backoff import BackOff
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.folder import VaultFolder
from storage.vault.header import Header
from storage.vault.ingest import Batch
from storage.vault.keys import MAC_KEY_BYTES, Keys
from storage.vault.reading import SealedReader
from storage.vault.reserve import RESERVE_BYTES, Reserve
from storage.vault.store import ObjectStore
from workstation.core.jobs import JobControl
from workstation.core.ports import Clock
from workstation.core.vault import Cost, ObjectRef, Profile, SlotFacts, Swept
from workstation.core.vault_errors import EpochInUse, EpochUnknown, VaultDiskFull, VaultLocked


@dataclass(kw_only=True)
class Entry:
    """What opening hands over: the folder locked, the header checked, the keys out."""

    folder: VaultFolder
    header: Header
    keys: Keys
    person_id: str
    writer: SingleWriter
    clock: Clock
    device_secrets: DeviceSecrets | None
    published: bool = True


class OpenVault:
    """See ``workstation.core.vault.Vault``; besides, the management of people and epochs."""

    def __init__(self, entry: Entry) -> None:
        self._entry, self._keys, self._header = entry, entry.keys, entry.header
        self._back_off = BackOff(entry.folder.back_off, entry.clock)
        self._locked, self._published = False, entry.published
        self._reserve = Reserve(entry.folder.reserve)
        self._change = threading.RLock()
        self._store = ObjectStore(entry.folder.root, entry.keys, self.require_open)

    # -- facts -----------------------------------------------------------------------------------

    @property
    def root(self) -> Path:
        """The vault's folder."""
        return self._entry.folder.root

    @property
    def database_path(self) -> Path:
        """Where the database belongs."""
        return self._entry.folder.database

    @property
    def vault_id(self) -> str:
        """The identifier given at creation."""
        return self._header.vault

    @property
    def profile(self) -> Profile:
        """Real or demonstration."""
        return self._header.profile

    @property
    def person_id(self) -> str:
        """Who unlocked it."""
        return self._entry.person_id

    @property
    def epoch(self) -> int:
        """The current epoch of the vault key."""
        return self._header.epoch

    @property
    def is_locked(self) -> bool:
        """Whether ``lock`` was called."""
        return self._locked

    def slots(self) -> tuple[SlotFacts, ...]:
        """Every person's slot."""
        self.require_open()
        return tuple(people.facts_of(slot) for slot in self._header.slots)

    def require_open(self) -> None:
        """Return only while unlocked.

        Raises:
            VaultLocked: no longer.
        """
        if self._locked:
            raise VaultLocked

    # -- beginning, and room ---------------------------------------------------------------------

    def publish(self) -> None:
        """Write the first header: from now on the vault exists. Not an error twice."""
        with self._change:
            self.require_open()
            if self._published:
                return
            self._entry.folder.write_header(self._header, self._keys)
            self._published = True
            self._entry.folder.finish()

    def keep_room(self) -> None:
        """Keep room for the records of a full disk, where there is any."""
        self._reserve.keep()

    def make_room(self) -> None:
        """Give that room to the records when the disk is short; called before each write."""
        self._reserve.give_up_if_short()

    def give_up_room(self) -> bool:
        """Give it to them now; whether there was any."""
        return self._reserve.give_up()

    # -- objects ---------------------------------------------------------------------------------

    def ingest(
        self, job: JobControl | None = None, *, stage: str = "vault.seal", total_bytes: int | None = None
    ) -> AbstractContextManager[Batch]:
        """See ``Vault.ingest``."""
        self._reserve.retake()
        if self._reserve.is_short:  # what room there is belongs to the records
            raise VaultDiskFull(needed_bytes=2 * RESERVE_BYTES, free_bytes=self._reserve.free_bytes)
        return self._store.ingest(job, stage, total_bytes)

    def open(self, ref: ObjectRef, *, untrusted_name: str = "") -> SealedReader:
        """See ``Vault.open``."""
        return self._store.open(ref, untrusted_name)

    def verify(
        self,
        ref: ObjectRef,
        sha384: str | None = None,
        *,
        job: JobControl | None = None,
        stage: str = "vault.verify",
    ) -> None:
        """See ``Vault.verify``."""
        self._store.verify(ref, sha384, job, stage)

    def delete(self, ref: ObjectRef) -> None:
        """See ``Vault.delete``."""
        self._store.delete(ref)

    def containers(self) -> dict[str, int]:
        """See ``Vault.containers``."""
        return self._store.containers()

    def sweep(self, live: Callable[[], Collection[str]]) -> Swept:
        """See ``Vault.sweep``."""
        return self._store.sweep(live)

    def rewrap(self, ref: ObjectRef) -> ObjectRef:
        """See ``Vault.rewrap``."""
        self.require_open()
        key = self._keys.unwrap_object_key(ref.wrapped_key, ref.epoch, ref.container)
        epoch, wrapped = self._keys.wrap_object_key(key)
        keyring.wipe(key)
        return replace(ref, epoch=epoch, wrapped_key=wrapped)

    def verify_in(self, root: Path, ref: ObjectRef) -> None:
        """Like ``verify``, in a copy of this vault's containers under another root."""
        self.require_open()
        with SealedReader(root, self._keys, self.require_open, ref, "") as reader:
            reader.check(lambda _size: None)

    def require_opens(self, header: tuple[Header, bytes], passphrase: bytearray) -> None:
        """Return only when the acting person's passphrase opens this header of a copy of the vault.

        Raises:
            CredentialsRefused, BackOffActive: it does not, or the header was not written by this vault.
        """
        with self._change:
            self.require_open()
            people.require_opens(
                header, self.person_id, passphrase, self._back_off, self._entry.device_secrets
            )

    # -- derived keys ----------------------------------------------------------------------------

    def database_key(self, epoch: int | None = None) -> bytes:
        """See ``Vault.database_key``; of a backup taken under an earlier epoch, when one is given."""
        return self._derived("database", self._header.database_epoch if epoch is None else epoch)

    def pending_database_key(self) -> bytes | None:
        """The key the database is to be re-keyed to after a rotation, ``None`` when it has it already.

        When ``database_key`` does not open the file, try this one and, when it does, call
        ``confirm_database_rekeyed``: a crash fell between the two.
        """
        self.require_open()
        if self._header.database_epoch == self._header.epoch:
            return None
        return self._derived("database", self._header.epoch)

    def confirm_database_rekeyed(self) -> None:
        """Record that the database now has ``pending_database_key``."""
        self._rewrite(replace(self._header, database_epoch=self._header.epoch), keep_previous=False)

    def audit_key(self, epoch: int | None = None) -> bytes:
        """See ``Vault.audit_key``."""
        return self._derived("audit-mac", epoch, MAC_KEY_BYTES)

    def search_key(self) -> bytes:
        """See ``Vault.search_key``."""
        return self._derived("search", self._header.database_epoch)

    def _derived(self, label: str, epoch: int | None, size_bytes: int = keyring.KEY_BYTES) -> bytes:
        with self._change:
            self.require_open()
            return bytes(self._keys.derive(label, epoch, size_bytes))

    # -- people ----------------------------------------------------------------------------------

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

    def _personal_key(self, person_id: str, passphrase: bytearray) -> bytearray:
        with self._change:
            self.require_open()
            opened = people.reauthenticate(
                self._header, person_id, passphrase, self._back_off, self._entry.device_secrets
            )
            keyring.wipe(opened.master)
            return opened.personal

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
        self, *, person_id: str, login_name: str, old: bytearray, new: bytearray, cost: Cost | None = None
    ) -> None:
        """Replace a person's passphrase (and cost, when given); what was sealed for the person stays open.

        Raises:
            CredentialsRefused, BackOffActive: ``old`` or ``login_name`` is wrong.
            PassphraseTooWeak, CostTooLow: ``new`` is refused.
        """
        with self._change:
            self.require_open()
            slot = people.changed_passphrase(
                self._header,
                self._back_off,
                self._entry.device_secrets,
                person_id=person_id,
                login_name=login_name,
                old=old,
                new=new,
                cost=cost,
            )
            slots = tuple(slot if s.id == slot.id else s for s in self._header.slots)
            self._rewrite(replace(self._header, slots=slots), keep_previous=False)

    def remove_slot(self, person_id: str) -> None:
        """Shut a person out and make a new vault key in the same write.

        Afterwards ``pending_database_key`` names the key to re-key the database to. What an old copy of the
        vault still opens: vault-v1.md, section 11.

        Raises:
            SlotUnknown: no such slot.
            LastSlot: nobody could open the vault any more.
        """
        with self._change:
            self.require_open()
            slot, header, keys = people.without_person(self._header, self._keys, person_id)
            try:
                self._entry.folder.write_header(header, keys, keep_previous=False)
            except BaseException:
                keys.wipe()
                raise
            self._keys.adopt(keys)
            self._header = header
            people.forget_device_secret(self._entry.device_secrets, header.vault, slot)

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

    def _rewrite(self, header: Header, *, keep_previous: bool = True) -> None:
        with self._change:
            self.require_open()
            header = replace(header, generation=self._header.generation + 1)
            self._entry.folder.write_header(header, self._keys, keep_previous=keep_previous)
            self._header = header

    # -- the end ---------------------------------------------------------------------------------

    def lock(self) -> None:
        """See ``Vault.lock``."""
        with self._change:
            if self._locked:
                return
            self._locked = True
            if not self._published:  # nobody will ever open it
                for slot in self._header.slots:
                    people.forget_device_secret(self._entry.device_secrets, self.vault_id, slot)
            self._store.close()
            self._keys.wipe()
            self._entry.writer.release()
