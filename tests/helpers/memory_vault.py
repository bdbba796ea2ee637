"""A vault in memory for tests of workflows: no disk, no cryptography, the same promises.

Passes ``tests/contract/test_vault.py`` like the real one. Never use it for anything but tests.
"""

import copy
import hashlib
import hmac
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from storage.vault.ingest import Filler
from tests.helpers.memory_trail_keys import MemoryTrailKeys
from workstation.core.jobs import JobControl, Progress
from workstation.core.vault import (
    DEFAULT_DIGESTS,
    PIECE_BYTES,
    ContainerKind,
    IngestSource,
    ObjectRef,
    Profile,
    SealedCaseKey,
    Stored,
    Swept,
)
from workstation.core.vault_errors import (
    CaseKeyDestroyed,
    CredentialsRefused,
    EpochUnknown,
    ObjectMissing,
    ObjectTampered,
    SourceSizeChanged,
    VaultLocked,
)

_MAX_READ_BYTES = 64 << 20
_SUM_BYTES = 40


@dataclass
class MemoryContainer:
    """The objects of one would-be file by offset."""

    objects: dict[int, bytes] = field(default_factory=dict)


class MemorySource:
    """``SealedSource`` over bytes."""

    def __init__(self, vault: "MemoryVault", ref: ObjectRef, name: str) -> None:
        self._vault, self._ref, self._name, self._closed = vault, ref, name, False

    @property
    def name(self) -> str:
        """Untrusted hint."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Whole length."""
        return self._ref.size_bytes

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """A slice."""
        if offset < 0 or not 0 <= size_bytes <= _MAX_READ_BYTES:
            raise ValueError("offset or size out of bounds")
        return self._content()[offset : offset + size_bytes]

    def stream(self) -> Iterator[bytes]:
        """Pieces of 1 MiB."""
        for offset in range(0, self.size_bytes, PIECE_BYTES):
            yield self._content()[offset : offset + PIECE_BYTES]

    def close(self) -> None:
        """No more reading."""
        self._closed = True

    def _content(self) -> bytes:
        content = self._vault.content(self._ref)
        if self._closed:
            raise ValueError("the reader was closed")
        return content


class MemoryBatch:
    """``IngestBatch`` that keeps its objects apart until they are flushed."""

    def __init__(self, vault: "MemoryVault", tick: Callable[[int, str], None], case_key: int) -> None:
        self._vault, self._tick, self._case_key = vault, tick, case_key
        self._pack_id = os.urandom(16)
        self._pack_end = 32
        self.pending: list[tuple[ObjectRef, bytes]] = []
        self.containers: set[str] = set()

    def add(
        self,
        source: IngestSource,
        *,
        expected_size: int | None = None,
        digests: Sequence[str] = DEFAULT_DIGESTS,
        untrusted_name: str = "",
        group: str = "",
    ) -> Stored:
        """See ``IngestBatch.add``."""
        self._vault.require_open()
        self._vault.require_case_key(self._case_key, "")
        content = self._read(source, untrusted_name)
        if expected_size not in {None, len(content)}:
            raise SourceSizeChanged(
                untrusted_name=untrusted_name, expected_bytes=expected_size or 0, read_bytes=len(content)
            )
        small = len(content) <= PIECE_BYTES
        kind = ContainerKind.PACK if small else ContainerKind.OBJECT
        ref = ObjectRef(
            kind=kind,
            container_id=self._pack_id if small else os.urandom(16),
            offset=self._pack_end if small else 32,
            size_bytes=len(content),
            epoch=0 if self._case_key else self._vault.epoch,
            wrapped_key=self._vault.checksum(content),
            case_key=self._case_key,
        )
        if small:
            self._pack_end += len(content) + 28
        self.pending.append((ref, content))
        self.containers.add(ref.container)
        wanted = dict.fromkeys(("sha384", *digests))
        hexdigests = {name: hashlib.new(name, content, usedforsecurity=False).hexdigest() for name in wanted}
        return Stored(ref=ref, size_bytes=len(content), digests=hexdigests)

    def _read(self, source: IngestSource, untrusted_name: str) -> bytes:
        filler, buffer, parts = Filler(source), memoryview(bytearray(PIECE_BYTES)), []
        while size := filler.fill(buffer):
            parts.append(bytes(buffer[:size]))
            self._tick(size, untrusted_name)
        return b"".join(parts)

    def flush(self) -> None:
        """See ``IngestBatch.flush``."""
        self._vault.require_open()
        for ref, content in self.pending:
            container = self._vault.kept.setdefault(ref.container, MemoryContainer())
            container.objects[ref.offset] = content
        self.pending.clear()


class MemoryVault(MemoryTrailKeys):
    """``Vault`` for as long as the process lives; ``people`` holds passphrases by person."""

    def __init__(
        self,
        *,
        person_id: str,
        passphrase: bytes,
        profile: Profile = Profile.DEMO,
        vault_id: str = "VAULT-MEMORY",
    ) -> None:
        self.people, self._vault_id = {person_id: passphrase}, vault_id
        self.kept: dict[str, MemoryContainer] = {}
        self._person_id, self._profile, self._epoch = person_id, profile, 1
        self._key, self._locked, self._database_epoch = os.urandom(32), False, 1
        self._batches: list[MemoryBatch] = []
        self.opened_by_card = ""
        self._unwrapped = set[int]()
        self._lookup: Callable[[int], SealedCaseKey | None] = lambda _number: None

    def opened_by(self, person_id: str) -> "MemoryVault":
        """The same vault, unlocked again by somebody."""
        again = copy.copy(self)
        again._person_id, again._locked, again._batches = person_id, False, []
        again.opened_by_card = ""
        return again

    @property
    def vault_id(self) -> str:
        """As made."""
        return self._vault_id

    @property
    def profile(self) -> Profile:
        """As made."""
        return self._profile

    @property
    def is_locked(self) -> bool:
        """See the port."""
        return self._locked

    @property
    def person_id(self) -> str:
        """Who made it."""
        return self._person_id

    @property
    def card_serial(self) -> str:
        """See the port."""
        return self.opened_by_card

    @property
    def epoch(self) -> int:
        """The current epoch."""
        return self._epoch

    def rotate(self) -> None:
        """What removing a person does to the epoch."""
        self._epoch += 1

    def follow(self) -> None:
        """What a database does that was re-keyed after a rotation."""
        self._database_epoch = self._epoch

    def require_open(self) -> None:
        """Return only while unlocked."""
        if self._locked:
            raise VaultLocked

    @contextmanager
    def ingest(
        self,
        job: JobControl | None = None,
        *,
        stage: str = "vault.seal",
        total_bytes: int | None = None,
        case_key: int = 0,
    ) -> Iterator[MemoryBatch]:
        """See ``Vault.ingest``."""
        self.require_open()
        done = 0

        def tick(size_bytes: int, untrusted_detail: str) -> None:
            nonlocal done
            self.require_open()
            done += size_bytes
            if job is not None:
                progress = Progress(stage=stage, done_bytes=done, total_bytes=total_bytes)
                job.tick(replace(progress, untrusted_detail=untrusted_detail))

        batch = MemoryBatch(self, tick, case_key)
        self._batches.append(batch)
        try:
            yield batch
        finally:
            self._batches.remove(batch)

    def content(self, ref: ObjectRef) -> bytes:
        """The object, checked.

        Raises:
            ObjectMissing, ObjectTampered, EpochUnknown: as the real one.
        """
        self.require_open()
        self.require_case_key(ref.case_key, ref.container)
        if not ref.case_key and not 1 <= ref.epoch <= self._epoch:
            raise EpochUnknown(epoch=ref.epoch)
        container = self.kept.get(ref.container)
        if container is None:
            raise ObjectMissing(container=ref.container)
        content = container.objects.get(ref.offset)
        if content is None or len(content) != ref.size_bytes or self.checksum(content) != ref.wrapped_key:
            raise ObjectTampered(container=ref.container)
        return content

    def checksum(self, content: bytes) -> bytes:
        """Stands for key and tags."""
        return hmac.new(self._key, content, "sha384").digest()[:_SUM_BYTES]

    def open(self, ref: ObjectRef, *, untrusted_name: str = "") -> MemorySource:
        """See ``Vault.open``."""
        self.require_open()
        if ref.container not in self.kept:
            raise ObjectMissing(container=ref.container)
        return MemorySource(self, ref, untrusted_name)

    def verify(self, ref: ObjectRef, sha384: str | None = None, *, job: JobControl | None = None) -> None:
        """See ``Vault.verify``."""
        content = self.content(ref)
        if job is not None:
            job.tick(Progress(stage="vault.verify", done_bytes=len(content), total_bytes=len(content)))
        if sha384 not in {None, hashlib.sha384(content).hexdigest()}:
            raise ObjectTampered(container=ref.container)

    def delete(self, ref: ObjectRef) -> None:
        """See ``Vault.delete``."""
        self.require_open()
        if ref.kind is ContainerKind.OBJECT:
            self.kept.pop(ref.container, None)
        elif ref.container in self.kept:
            self.kept[ref.container].objects.pop(ref.offset, None)

    def containers(self) -> Mapping[str, int]:
        """See ``Vault.containers``."""
        self.require_open()
        return {name: sum(map(len, kept.objects.values())) for name, kept in self.kept.items()}

    def sweep(self, live: Callable[[], Collection[str]], awaited: Collection[str] = ()) -> Swept:
        """See ``Vault.sweep``."""
        sizes = self.containers()
        active = {name for batch in self._batches for name in batch.containers}
        dead = tuple(sorted(set(sizes) - set(live()) - active))
        for name in dead:
            del self.kept[name]
        return Swept(containers=dead, unfinished=(), freed_bytes=sum(sizes[name] for name in dead))

    def rewrap(self, ref: ObjectRef, *, case_key: int = 0) -> ObjectRef:
        """See ``Vault.rewrap``."""
        self.require_open()
        for number in (ref.case_key, case_key):
            self.require_case_key(number, ref.container)
        return replace(ref, epoch=0 if case_key else self._epoch, case_key=case_key)

    def require_case_key(self, number: int, container: str) -> None:
        """Return only when this case key opens something here."""
        if not number or number in self._unwrapped:
            return
        sealed = self._lookup(number)
        if sealed is None:
            raise CaseKeyDestroyed(container=container)
        if self.checksum(b"case key") != sealed.wrapped:
            raise ObjectTampered(container=container)
        self._unwrapped.add(number)

    def new_case_key(self) -> SealedCaseKey:
        """See ``Vault.new_case_key``."""
        self.require_open()
        return SealedCaseKey(epoch=self._epoch, wrapped=self.checksum(b"case key"))

    def rewrap_case_key(self, key: SealedCaseKey) -> SealedCaseKey:
        """See ``Vault.rewrap_case_key``."""
        self.require_open()
        if not 1 <= key.epoch <= self._epoch:
            raise EpochUnknown(epoch=key.epoch)
        if key.wrapped != self.checksum(b"case key"):
            raise ObjectTampered(container="case key")
        return replace(key, epoch=self._epoch)

    def use_case_keys(self, lookup: Callable[[int], SealedCaseKey | None]) -> None:
        """See ``Vault.use_case_keys``."""
        self._lookup = lookup

    def forget_case_key(self, number: int) -> None:
        """See ``Vault.forget_case_key``."""
        self._unwrapped.discard(number)

    def database_key(self) -> bytes:
        """See ``Vault.database_key``."""
        return self._derive(f"database {self._database_epoch}", 32)

    def audit_key(self, epoch: int | None = None) -> bytes:
        """See ``Vault.audit_key``."""
        epoch = self._epoch if epoch is None else epoch
        if not 1 <= epoch <= self._epoch:
            raise EpochUnknown(epoch=epoch)
        return self._derive(f"audit {epoch}", 48)

    def search_key(self) -> bytes:
        """See ``Vault.search_key``."""
        return self._derive("search", 32)

    def _derive(self, label: str, size_bytes: int) -> bytes:
        self.require_open()
        return hmac.new(self._key, label.encode(), "sha384").digest()[:size_bytes]

    def seal_personal(self, person_id: str, passphrase: bytearray, plaintext: bytes | bytearray) -> bytes:
        """See ``Vault.seal_personal``."""
        self._require_person(person_id, passphrase)
        return self.sealed_for(person_id, plaintext)

    def sealed_for(self, person_id: str, plaintext: bytes | bytearray) -> bytes:
        """What ``seal_personal`` makes."""
        return self._personal_sum(person_id, bytes(plaintext)) + bytes(plaintext)

    def unseal_personal(self, person_id: str, passphrase: bytearray, blob: bytes) -> bytearray:
        """See ``Vault.unseal_personal``."""
        self._require_person(person_id, passphrase)
        if self._personal_sum(person_id, blob[48:]) != blob[:48]:
            raise ObjectTampered(container="personal")
        return bytearray(blob[48:])

    def _require_person(self, person_id: str, passphrase: bytearray) -> None:
        self.require_open()
        if self.people.get(person_id) != bytes(passphrase):
            raise CredentialsRefused

    def _personal_sum(self, person_id: str, plaintext: bytes) -> bytes:
        return hmac.new(self._key, person_id.encode() + b"\x00" + plaintext, "sha384").digest()

    def lock(self) -> None:
        """See ``Vault.lock``."""
        self._locked = True
