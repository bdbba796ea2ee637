"""The vault as the rules and workflows see it: values and protocols. What can go wrong: ``vault_errors``.

The format is described in ``docs/format/vault-v1.md``; ``storage.vault`` is the implementation on disk.
"""

import base64
import binascii
import struct
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, Self

from workstation.core.jobs import JobControl
from workstation.core.recovery import RecoveryFacts
from workstation.core.values import Profile as Profile  # noqa: PLC0414 - known by this module
from workstation.core.vault_errors import ReferenceDamaged

PIECE_BYTES: Final = 1 << 20
DEFAULT_DIGESTS: Final = ("sha384",)


@dataclass(frozen=True, kw_only=True)
class Argon2idCost:
    """Work of the passphrase derivation outside FIPS mode."""

    memory_kib: int
    passes: int
    lanes: int


@dataclass(frozen=True, kw_only=True)
class Pbkdf2Cost:
    """Work of the passphrase derivation in FIPS mode: PBKDF2-HMAC-SHA384."""

    iterations: int


Cost = Argon2idCost | Pbkdf2Cost

_REF = struct.Struct(">c16sQQI40s")
_UNDER_VAULT_KEY, _UNDER_CASE_KEY = "1", "2"


class ContainerKind(StrEnum):
    """Whether a container file holds one object or many."""

    OBJECT = "o"
    PACK = "p"


@dataclass(frozen=True, kw_only=True)
class ObjectRef:
    """Where one sealed object lies and its wrapped key; 104 characters of text in the database.

    Worthless without the vault key, but whoever deletes every copy of it has destroyed the object. With a
    ``case_key`` the object's key is wrapped under that key, whatever the epoch, and is gone with it.
    """

    kind: ContainerKind
    container_id: bytes  # 16 bytes
    offset: int
    size_bytes: int  # of the plaintext
    epoch: int  # of the vault key it is wrapped under; 0 under a case key
    wrapped_key: bytes  # 40 bytes
    case_key: int = 0  # number of the case key it is wrapped under; 0 under the vault key

    @property
    def container(self) -> str:
        """The container's name as ``Vault.containers`` and ``Vault.sweep`` use it."""
        return self.kind.value + self.container_id.hex()

    @property
    def text(self) -> str:
        """The compact form to be stored."""
        packed = _REF.pack(
            self.kind.value.encode(),
            self.container_id,
            self.offset,
            self.size_bytes,
            self.case_key or self.epoch,
            self.wrapped_key,
        )
        version = _UNDER_CASE_KEY if self.case_key else _UNDER_VAULT_KEY
        return version + base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The inverse of ``text``.

        Raises:
            ReferenceDamaged: not a reference of this version, or not in its one canonical spelling.
        """
        try:
            packed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
            kind, container_id, offset, size_bytes, number, wrapped = _REF.unpack(packed)
            under_case_key = text[:1] == _UNDER_CASE_KEY
            ref = cls(
                kind=ContainerKind(kind.decode("ascii")),
                container_id=container_id,
                offset=offset,
                size_bytes=size_bytes,
                epoch=0 if under_case_key else number,
                wrapped_key=wrapped,
                case_key=number if under_case_key else 0,
            )
        except (ValueError, binascii.Error, struct.error) as error:
            raise ReferenceDamaged(length=len(text)) from error
        if ref.text != text:
            raise ReferenceDamaged(length=len(text))
        return ref


@dataclass(frozen=True, kw_only=True)
class SealedCaseKey:
    """The key of one case, wrapped under the vault key; under it are wrapped the keys of its objects."""

    epoch: int
    wrapped: bytes  # 40 bytes


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One object sealed by an ingest: durable only after the batch's next ``flush``."""

    ref: ObjectRef
    size_bytes: int
    digests: Mapping[str, str]  # algorithm -> lower-case hex, always with "sha384"


@dataclass(frozen=True, kw_only=True)
class CardCredential:
    """What a person types to use a card; wipe it after use."""

    pin: bytearray = field(repr=False)
    serial: str = ""  # empty: the only card that is inserted
    passphrase: bytearray = field(default_factory=bytearray, repr=False)  # where no keyring works
    key_label: str = ""  # of the key on the card, at enrolment; empty: the first that fits

    def wipe(self) -> None:
        """Zero what was typed."""
        for secret in (self.pin, self.passphrase):
            secret[:] = bytes(len(secret))


@dataclass(frozen=True, kw_only=True)
class SlotFacts:
    """What an unlocked vault tells about one person's key slot."""

    slot_id: str
    person_id: str
    type: str  # "passphrase" or "card", each with "+" and its other half
    cost: Cost
    epoch: int
    card_serial: str = ""
    card_mechanism: str = ""


@dataclass(frozen=True, kw_only=True)
class VaultStatus:
    """What can be told about a vault folder without unlocking it."""

    exists: bool
    header_readable: bool = False
    format_version: int | None = None
    vault_id: str | None = None
    profile: Profile | None = None
    epoch: int | None = None
    slot_count: int = 0
    device_bound_slots: int = 0  # how many slots also need this machine's keyring
    card_slots: int = 0
    card_slots_with_passphrase: int = 0
    recovery: RecoveryFacts | None = None
    in_use: bool = False
    failed_attempts: int = 0
    back_off_until: datetime | None = None
    free_bytes: int = 0  # on the disk of the vault
    is_short_of_room: bool = False  # the room kept for the records had to be given up


@dataclass(frozen=True, kw_only=True)
class Swept:
    """What a sweep removed: containers, or unfinished parts, that no committed row names."""

    containers: tuple[str, ...]
    unfinished: tuple[str, ...]
    freed_bytes: int


class Readable(Protocol):
    """An open binary file to ingest from; ``readinto`` returns 0 only at the end."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill ``buffer`` as far as possible and return the number of bytes."""


IngestSource = Readable | Iterable[bytes | memoryview | bytearray]


class SealedSource(Protocol):
    """Random access to one stored object; every piece is authenticated before a byte is returned.

    Structurally a ``workstation.examine.reader.Source``. May be shared between threads.
    """

    @property
    def name(self) -> str:
        """The hint given to ``Vault.open``; may be empty."""

    @property
    def size_bytes(self) -> int:
        """Whole length of the plaintext."""

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes`` from ``offset``; shorter only at the end; at most 64 MiB per call.

        Raises:
            ObjectTampered: a piece fails its authentication.
        """

    def stream(self) -> Iterator[bytes]:
        """The whole object in pieces of 1 MiB, each authenticated."""

    def close(self) -> None:
        """Release the file; reading afterwards raises ``ValueError``."""


class IngestBatch(Protocol):
    """Several objects on their way into the vault. Use it from one thread."""

    def add(
        self,
        source: IngestSource,
        *,
        expected_size: int | None = None,
        digests: Sequence[str] = DEFAULT_DIGESTS,
        untrusted_name: str = "",
        group: str = "",
    ) -> Stored:
        """Seal one source, hashing it in the same pass; SHA-384 always, ``digests`` beside it.

        With a ``group`` a large object that was begun under it and this name is continued: what is whole of
        it is compared with the source, not sealed again. A crash or a lock costs at most 64 MiB of it.

        Raises:
            SourceSizeChanged: ``expected_size`` was given and the source had another length.
            VaultDiskFull: no room; nothing of this object is kept, earlier ones are unharmed.
        """

    def flush(self) -> None:
        """Make everything added so far durable; only now may the caller commit their references."""


class Vault(Protocol):
    """An unlocked vault; every method raises ``VaultLocked`` after ``lock``."""

    @property
    def vault_id(self) -> str:
        """The identifier given at creation."""

    @property
    def profile(self) -> Profile:
        """Real or demonstration."""

    @property
    def person_id(self) -> str:
        """Who unlocked it."""

    @property
    def card_serial(self) -> str:
        """The card that opened it; empty after a passphrase. Its PIN then stands for the passphrase."""

    @property
    def epoch(self) -> int:
        """The current epoch of the vault key; grows with each removal of a person."""

    @property
    def is_locked(self) -> bool:
        """Whether the keys are gone."""

    def ingest(
        self,
        job: JobControl | None = None,
        *,
        stage: str = "vault.seal",
        total_bytes: int | None = None,
        case_key: int = 0,
    ) -> AbstractContextManager[IngestBatch]:
        """A batch of new objects. ``job`` is ticked once per piece with ``stage`` and the bytes done.

        Their keys are wrapped under the case key of this number; under the vault key when it is 0.

        Flush and commit *inside* the ``with`` block: until it is left, ``sweep`` spares its containers.
        Leaving without ``flush`` keeps nothing that was added since the last one.
        """

    def open(self, ref: ObjectRef, *, untrusted_name: str = "") -> SealedSource:
        """A reader over one object.

        Raises:
            ObjectMissing: its container is not there.
            ObjectTampered: the container or the reference is not what was stored.
        """

    def verify(self, ref: ObjectRef, sha384: str | None = None, *, job: JobControl | None = None) -> None:
        """Read one object whole; return only when it is intact (and has this SHA-384, when given).

        Raises:
            ObjectMissing, ObjectTampered: as ``open``.
        """

    def delete(self, ref: ObjectRef) -> None:
        """Remove an object whose last reference is already gone from the database. Not an error twice."""

    def containers(self) -> Mapping[str, int]:
        """Every container file by name with its size in bytes."""

    def sweep(self, live: Callable[[], Collection[str]], awaited: Collection[str] = ()) -> Swept:
        """Remove containers no row names. ``live`` is called after the folder was listed.

        Objects begun for one of the ``awaited`` groups stay as far as they are whole, to be continued.
        """

    def rewrap(self, ref: ObjectRef, *, case_key: int = 0) -> ObjectRef:
        """The same object with its key wrapped under this case key; 0: under the current epoch."""

    def new_case_key(self) -> SealedCaseKey:
        """A fresh random key for a case."""

    def rewrap_case_key(self, key: SealedCaseKey) -> SealedCaseKey:
        """The same case key wrapped under the current epoch; raises ObjectTampered, EpochUnknown."""

    def use_case_keys(self, lookup: Callable[[int], SealedCaseKey | None]) -> None:
        """Where case keys are looked up by number from now on; ``None`` from there: it was destroyed."""

    def forget_case_key(self, number: int) -> None:
        """Wipe what is kept of a case key in memory; objects open for reading are not closed."""

    def database_key(self) -> bytes:
        """32 bytes: the raw key of the database file as it is now."""

    def audit_key(self, epoch: int | None = None) -> bytes:
        """48 bytes: HMAC key of the audit chain of ``epoch`` (default: the current one)."""

    def search_key(self) -> bytes:
        """32 bytes for keyed look-up columns; changes with the database key and only then."""

    def sign_checkpoint(self, statement: bytes) -> tuple[bytes, bytes]:
        """Public key and ML-DSA-87 signature by the checkpoint key of the person at the desk.

        The key comes from that person's personal key, which the vault's key does not open.

        Raises:
            CheckpointKeyMissing: the vault was opened in a way that gives none.
        """

    def checkpoint_holds(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """Whether this signature by this key is of these bytes."""

    def seal_personal(self, person_id: str, passphrase: bytearray, plaintext: bytes | bytearray) -> bytes:
        """Seal something only ``person_id`` can open again, for instance private signing keys.

        Raises:
            CredentialsRefused: not this person's passphrase.
            BackOffActive: too many wrong ones.
        """

    def unseal_personal(self, person_id: str, passphrase: bytearray, blob: bytes) -> bytearray:
        """The inverse of ``seal_personal``, and with it the re-authentication before signing.

        The caller wipes the result.

        Raises:
            CredentialsRefused, BackOffActive: as ``seal_personal``.
            ObjectTampered: the blob is not what was sealed for this person in this vault.
        """

    def lock(self) -> None:
        """Wipe the keys as far as Python can and let go of the folder. Not an error twice."""
