"""What happens to the workstation itself: its vault, its people, its clock, its drafts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import PersonId


@dataclass(frozen=True, kw_only=True)
class VaultCreated(Event):
    """The vault and its first person, the custodian, exist."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    vault_id: str
    profile: str
    custodian: PersonId


@dataclass(frozen=True, kw_only=True)
class PersonEnrolled(Event):
    """A person has a slot and signing certificates."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    person_id: PersonId
    login_name: str
    staff_number: str
    display_name: str
    role: str
    certificates_sha384: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PersonConfirmed(Event):
    """Somebody else than who enrolled a person has said that this is who they are."""

    duty: ClassVar[Duty] = Duty.CONFIRM_PERSON
    person_id: PersonId
    staff_number: str


@dataclass(frozen=True, kw_only=True)
class PersonRetired(Event):
    """A person's slot is gone and the vault has a new key; perhaps their certificates are revoked too."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    person_id: PersonId
    display_name: str
    reason: str
    certificates_revoked: bool


@dataclass(frozen=True, kw_only=True)
class SlotsRemoved(Event):
    """Slots of people who are not enrolled (any more) were removed: an act was cut short before that."""

    person_ids: tuple[PersonId, ...]


@dataclass(frozen=True, kw_only=True)
class IdentityRenewed(Event):
    """A person has new signing keys and certificates, and perhaps another role."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    person_id: PersonId
    old_role: str
    new_role: str
    reason: str
    certificates_sha384: tuple[str, ...]
    card_serial: str = ""  # of the card with the classical key; empty for a software identity


@dataclass(frozen=True, kw_only=True)
class SigningFailed(Event):
    """A signature was tried and not made, or made and not given out: why, by the code of the error."""

    error_code: str
    card_serial: str = ""


@dataclass(frozen=True, kw_only=True)
class PassphraseChanged(Event):
    """Somebody replaced their own passphrase."""


@dataclass(frozen=True, kw_only=True)
class RevocationListsIssued(Event):
    """The office's authority made fresh revocation lists."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    revoked_certificates: int
    next_update_on: date


@dataclass(frozen=True, kw_only=True)
class Unlocked(Event):
    """A person unlocked the vault, after so many attempts of anybody that failed."""

    isolation: tuple[str, ...] = ()
    failed_attempts: int = 0
    card_serial: str = ""  # empty after a passphrase


@dataclass(frozen=True, kw_only=True)
class OlderCopyOpened(Event):
    """The trail that the machine saw last is not in the vault: it was restored, or replaced."""

    seen_rows: int
    seen_head: str
    found_rows: int


@dataclass(frozen=True, kw_only=True)
class Locked(Event):
    """The vault was locked."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class ClockWentBack(Event):
    """The machine's clock shows an earlier time than an audit row already written."""

    clock_read: datetime
    highest_seen: datetime


@dataclass(frozen=True, kw_only=True)
class ClockJumped(Event):
    """While somebody was at the desk the clock went on by another span than the machine's steady count."""

    clock_read: datetime
    ahead_s: int  # negative: back


@dataclass(frozen=True, kw_only=True)
class OrphansSwept(Event):
    """Sealed containers that no row names were removed after a crash."""

    containers: int


@dataclass(frozen=True, kw_only=True)
class DraftsSaved(Event):
    """What a person typed and has not recorded yet was kept; of no case, and without any content."""

    drafts: int


@dataclass(frozen=True, kw_only=True)
class IndexRebuilt(Event):
    """Short forms of the cases and the index of words were made anew from what the vault holds."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    indexed: int


@dataclass(frozen=True, kw_only=True)
class FiltersSaved(Event):
    """Somebody keeps other filters of the case list than before, under these names."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CalendarWritten(Event):
    """Days of cases, and nothing else of them, leave the vault in a file of this digest."""

    duty: ClassVar[Duty] = Duty.WRITE_CALENDAR
    path: str
    sha384: str
    marking: str
    case_ids: tuple[str, ...]
    days: int


@dataclass(frozen=True, kw_only=True)
class BackupTaken(Event):
    """A backup of the whole vault was written to another medium and read back."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    folder: str
    number: int
    files: int
    size_bytes: int
    audit_head: str


@dataclass(frozen=True, kw_only=True)
class BackupRehearsed(Event):
    """A backup was read whole and tried against the vault's keys, without touching the vault."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    folder: str
    number: int
    broken: int
    holds: bool


@dataclass(frozen=True, kw_only=True)
class TrailCheckpointed(Event):
    """The row that the acting person's checkpoint key signed."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    occasion: str


@dataclass(frozen=True, kw_only=True)
class CheckpointNotSigned(Event):
    """No checkpoint could be signed; what it was for went on all the same."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    occasion: str
    error_code: str


@dataclass(frozen=True, kw_only=True)
class VaultCheckPaused(Event):
    """A check of the vault was stopped, or wrote down how far it is; the next one goes on there."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class VaultChecked(Event):
    """Every stored file, the database and the trail were read and verified."""

    files: int
    broken_files: int
    database_problems: int
    audit_holds: bool


@dataclass(frozen=True, kw_only=True)
class ActRefused(Event):
    """Somebody tried something that a rule refuses."""

    refused_duty: str
    error_code: str
    facts: dict[str, str]
