"""An unlocked vault: ``workstation.core.vault.Vault`` on disk."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from storage.vault import keys as keyring
from storage.vault import people, trail_signatures
from storage.vault.holders import Holders
from storage.vault.ingest import Batch
from storage.vault.keys import MAC_KEY_BYTES
from storage.vault.reading import SealedReader
from storage.vault.recovering import Recoverable
from storage.vault.reserve import RESERVE_BYTES, Reserve
from storage.vault.store import ObjectStore
from storage.vault.unlocked import Entry
from workstation.core.jobs import JobControl
from workstation.core.vault import ObjectRef, SealedCaseKey, Swept
from workstation.core.vault_errors import VaultDamaged, VaultDiskFull


class OpenVault(Recoverable, Holders):
    """See ``workstation.core.vault.Vault``; besides, the management of people, recovery keys and epochs."""

    def __init__(self, entry: Entry, *, sealing: bytearray | None = None) -> None:
        super().__init__(entry)
        self._sealing = sealing
        self._reserve = Reserve(entry.folder.reserve)
        self._store = ObjectStore(entry.folder.root, entry.keys, self.require_open)

    # -- beginning, and room ---------------------------------------------------------------------

    def require_database(self) -> None:
        """Refuse a vault whose database is gone; one that is only being made need not have any.

        Raises:
            VaultDamaged: by its name. An empty one in its place would look like a vault without work.
        """
        if self._published and not self.database_path.exists():
            raise VaultDamaged(part=self.database_path.name)

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
        self,
        job: JobControl | None = None,
        *,
        stage: str = "vault.seal",
        total_bytes: int | None = None,
        case_key: int = 0,
    ) -> AbstractContextManager[Batch]:
        """See ``Vault.ingest``."""
        self._reserve.retake()
        if self._reserve.is_short:  # what room there is belongs to the records
            raise VaultDiskFull(needed_bytes=2 * RESERVE_BYTES, free_bytes=self._reserve.free_bytes)
        return self._store.ingest(job, stage, total_bytes, case_key)

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

    def sweep(self, live: Callable[[], Collection[str]], awaited: Collection[str] = ()) -> Swept:
        """See ``Vault.sweep``."""
        return self._store.sweep(live, awaited)

    def rewrap(self, ref: ObjectRef, *, case_key: int = 0) -> ObjectRef:
        """See ``Vault.rewrap``."""
        self.require_open()
        key = self._keys.unwrap_object_key(ref)
        epoch, wrapped = self._keys.wrap_object_key(key, case_key)
        keyring.wipe(key)
        return replace(ref, epoch=epoch, wrapped_key=wrapped, case_key=case_key)

    def new_case_key(self) -> SealedCaseKey:
        """See ``Vault.new_case_key``."""
        self.require_open()
        return self._keys.seal_case_key()

    def rewrap_case_key(self, key: SealedCaseKey) -> SealedCaseKey:
        """See ``Vault.rewrap_case_key``."""
        self.require_open()
        return self._keys.seal_case_key(key)

    def sign_checkpoint(self, statement: bytes) -> tuple[bytes, bytes]:
        """See ``Vault.sign_checkpoint``."""
        with self._change:
            self.require_open()
            return trail_signatures.sign(self._keys.trail_seed, statement)

    @staticmethod
    def checkpoint_holds(public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """See ``Vault.checkpoint_holds``."""
        return trail_signatures.holds(public_key, statement, signature)

    def use_case_keys(self, lookup: Callable[[int], SealedCaseKey | None]) -> None:
        """See ``Vault.use_case_keys``."""
        self._keys.case_keys = lookup

    def forget_case_key(self, number: int) -> None:
        """See ``Vault.forget_case_key``."""
        self._keys.forget_case(number)

    @contextmanager
    def reading_copy(
        self, root: Path, lookup: Callable[[int], SealedCaseKey | None]
    ) -> Iterator[Callable[[ObjectRef], None]]:
        """Like ``verify``, in a copy of the containers under ``root`` with the case keys of that copy."""
        self.require_open()
        keys = self._keys.reading_by(lookup)

        def verify(ref: ObjectRef) -> None:
            with SealedReader(root, keys, self.require_open, ref, "") as reader:
                reader.check(lambda _size: None)

        try:
            yield verify
        finally:
            keys.wipe_derived()

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
            self._forget_way()
            keyring.wipe(self._sealing or bytearray())
            self._entry.writer.release()
