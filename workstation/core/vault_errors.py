"""Everything that can go wrong with the vault, as codes and facts."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered


@dataclass(kw_only=True, eq=False)
class CredentialsRefused(Refused):
    """Wrong passphrase, unknown person, or a damaged header or slot: deliberately one answer."""

    code: ClassVar[str] = "VLT-001"


@dataclass(kw_only=True, eq=False)
class PassphraseNotConfirmed(CredentialsRefused):
    """The vault is open, and the passphrase typed again for one act is not the person's."""

    code: ClassVar[str] = "VLT-029"


@dataclass(kw_only=True, eq=False)
class BackOffActive(Refused):
    """Too many wrong passphrases; the wait survives a restart and always ends."""

    code: ClassVar[str] = "VLT-002"
    seconds_left: int


@dataclass(kw_only=True, eq=False)
class VaultLocked(Refused):
    """The vault was locked; nothing can be read or written until it is unlocked again."""

    code: ClassVar[str] = "VLT-003"


@dataclass(kw_only=True, eq=False)
class VaultInUse(EnvironmentFault):
    """Another process holds the vault. ``pid`` is 0 and ``host`` empty when it left no facts."""

    code: ClassVar[str] = "VLT-004"
    pid: int
    host: str


@dataclass(kw_only=True, eq=False)
class VaultNotFound(EnvironmentFault):
    """There is no vault header in the folder."""

    code: ClassVar[str] = "VLT-005"
    path: str


@dataclass(kw_only=True, eq=False)
class VaultWithoutHeader(VaultNotFound):
    """Parts of a vault are here, but not its header: half of a copy, or a loss."""

    code: ClassVar[str] = "VLT-034"


@dataclass(kw_only=True, eq=False)
class VaultDamaged(Tampered):
    """A part of the vault, noticed after the passphrase was right, is not as it was written."""

    code: ClassVar[str] = "VLT-006"
    part: str


@dataclass(kw_only=True, eq=False)
class VaultFormatNewer(Refused):
    """Written by a later version of the workstation."""

    code: ClassVar[str] = "VLT-007"
    found: int
    known: int


@dataclass(kw_only=True, eq=False)
class ObjectTampered(Tampered):
    """A stored object fails its authentication. ``piece`` is the 1 MiB piece, -1 when it is not one."""

    code: ClassVar[str] = "VLT-008"
    container: str
    piece: int = -1


@dataclass(kw_only=True, eq=False)
class ObjectMissing(Tampered):
    """The file that held an object is not in the vault folder."""

    code: ClassVar[str] = "VLT-009"
    container: str


@dataclass(kw_only=True, eq=False)
class VaultDiskFull(EnvironmentFault):
    """No room on the vault's file system; what was stored before is unharmed."""

    code: ClassVar[str] = "VLT-010"
    needed_bytes: int
    free_bytes: int


@dataclass(kw_only=True, eq=False)
class VaultReadOnly(EnvironmentFault):
    """The vault folder cannot be written: read-only file system or missing rights."""

    code: ClassVar[str] = "VLT-011"
    path: str


@dataclass(kw_only=True, eq=False)
class WrongProfile(Refused):
    """A demonstration vault in normal mode, or the reverse."""

    code: ClassVar[str] = "VLT-012"
    found: str
    expected: str


@dataclass(kw_only=True, eq=False)
class PassphraseTooWeak(Refused):
    """``rule`` is one of length, too-long, variety, login, sequence, encoding."""

    code: ClassVar[str] = "VLT-013"
    rule: str
    minimum_characters: int


@dataclass(kw_only=True, eq=False)
class KnownAnswerFailed(EnvironmentFault):
    """A cryptographic primitive gave a wrong answer in the self-test; the program must not start."""

    code: ClassVar[str] = "VLT-014"
    primitive: str


@dataclass(kw_only=True, eq=False)
class VaultExists(Refused):
    """There is a vault, or something else, in the folder already."""

    code: ClassVar[str] = "VLT-015"
    path: str


@dataclass(kw_only=True, eq=False)
class DeviceSecretMissing(EnvironmentFault):
    """The slot also needs the secret in this machine's keyring, and it is not there."""

    code: ClassVar[str] = "VLT-016"


@dataclass(kw_only=True, eq=False)
class CostTooLow(Refused):
    """A real vault accepts no cheaper passphrase derivation than the floor, in memory or rounds."""

    code: ClassVar[str] = "VLT-017"
    floor: str


@dataclass(kw_only=True, eq=False)
class SourceSizeChanged(EnvironmentFault):
    """The source had another length while it was read than before; nothing of it was kept."""

    code: ClassVar[str] = "VLT-018"
    untrusted_name: str
    expected_bytes: int
    read_bytes: int


@dataclass(kw_only=True, eq=False)
class SlotExists(Refused):
    """The person, or the login name, has a key slot already."""

    code: ClassVar[str] = "VLT-019"
    person_id: str


@dataclass(kw_only=True, eq=False)
class SlotUnknown(Refused):
    """The person has no key slot in the vault."""

    code: ClassVar[str] = "VLT-020"
    person_id: str


@dataclass(kw_only=True, eq=False)
class LastSlot(Refused):
    """Removing the last key slot would close the vault for everybody for ever."""

    code: ClassVar[str] = "VLT-021"


@dataclass(kw_only=True, eq=False)
class VaultStorageFault(EnvironmentFault):
    """The operating system failed a read or a write for another reason than a full disk."""

    code: ClassVar[str] = "VLT-022"
    operation: str
    reason: str


@dataclass(kw_only=True, eq=False)
class MemoryTooSmall(EnvironmentFault):
    """Deriving the key needs more memory than the machine can give now."""

    code: ClassVar[str] = "VLT-023"
    needed_bytes: int


@dataclass(kw_only=True, eq=False)
class KeyringUnusable(EnvironmentFault):
    """A device-bound slot was asked for or is being opened, and the keyring cannot be used."""

    code: ClassVar[str] = "VLT-024"
    backend: str
    reason: str


@dataclass(kw_only=True, eq=False)
class KeyringLocked(KeyringUnusable):
    """The keyring is there and closed, and nobody answered its question."""

    code: ClassVar[str] = "VLT-031"


@dataclass(kw_only=True, eq=False)
class KeyringPlaintext(KeyringUnusable):
    """The keyring keeps secrets readable, or forgets them, or is one that nobody vouched for."""

    code: ClassVar[str] = "VLT-032"


@dataclass(kw_only=True, eq=False)
class KeyringAbsent(KeyringUnusable):
    """The operating-system account has no keyring now."""

    code: ClassVar[str] = "VLT-033"


@dataclass(kw_only=True, eq=False)
class ReferenceDamaged(Tampered):
    """The text that names a stored object in the database is not one the vault ever wrote."""

    code: ClassVar[str] = "VLT-025"
    length: int


@dataclass(kw_only=True, eq=False)
class EpochUnknown(Tampered):
    """Something is sealed under a key epoch this vault does not hold."""

    code: ClassVar[str] = "VLT-026"
    epoch: int


@dataclass(kw_only=True, eq=False)
class EpochInUse(Refused):
    """Keys of earlier epochs cannot be dropped while the database is still under one of them."""

    code: ClassVar[str] = "VLT-027"
    epoch: int


@dataclass(kw_only=True, eq=False)
class VaultShortOfRoom(EnvironmentFault):
    """The vault opened on a full disk: records still find room, and nothing larger is stored."""

    code: ClassVar[str] = "VLT-028"
    free_bytes: int


@dataclass(kw_only=True, eq=False)
class CaseKeyDestroyed(Refused):
    """The object belonged to a case whose key was destroyed; nothing opens it any more."""

    code: ClassVar[str] = "VLT-080"
    container: str


@dataclass(kw_only=True, eq=False)
class VaultOnNetwork(EnvironmentFault):
    """Other machines reach the file system of the vault's folder."""

    code: ClassVar[str] = "VLT-030"
    path: str
    file_system: str


@dataclass(kw_only=True, eq=False)
class CheckpointKeyMissing(EnvironmentFault):
    """The session has no key to sign checkpoints of the trail with."""

    code: ClassVar[str] = "VLT-082"
