"""What happened, in the past tense. Each event names the duty it belongs to and is one audit row.

A newcomer reads this file to learn everything the workstation can do to a case.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from workstation.core.people import Duty
from workstation.core.values import CaseId, CriterionId, ExportId, PackageId, PersonId, ReportId

NO_CASE = CaseId("")


@dataclass(frozen=True, kw_only=True)
class Event:
    """Base of all events. ``case_id`` is empty for events about the workstation itself."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    case_id: CaseId = NO_CASE


# --- the workstation -------------------------------------------------------------------------------


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
class Unlocked(Event):
    """A person unlocked the vault, after so many attempts of anybody that failed."""

    isolation: tuple[str, ...] = ()
    failed_attempts: int = 0


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
class OrphansSwept(Event):
    """Sealed containers that no row names were removed after a crash."""

    containers: int


@dataclass(frozen=True, kw_only=True)
class DraftsSaved(Event):
    """What a person typed and has not recorded yet was kept; of no case, and without any content."""

    drafts: int


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


# --- the case --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case exists; participation is voluntary and recorded as such."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    case_type: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    planned_release_on: date | None
    criteria_set: str


@dataclass(frozen=True, kw_only=True)
class ReviewersAssigned(Event):
    """Two different people review this case."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    first: PersonId
    second: PersonId


@dataclass(frozen=True, kw_only=True)
class AuthorityStated(Event):
    """By what authority the documents of the case are classified or controlled."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReleaseDateRevised(Event):
    """The developer stated another planned release date."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    version: int
    old_on: date | None
    new_on: date
    reason: str
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class EvaluationBegun(Event):
    """Review begins; for pre-release access this is the trigger day of the window."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    started_on: date
    planned_release_on: date | None
    total_days: int | None
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(Event):
    """The developer withdrew; the record stays and a determination made stays."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    reason: str
    disposition: str


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """Nothing more is expected on this case."""

    duty: ClassVar[Duty] = Duty.CLOSE_CASE
    reason: str


# --- the package -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReceiptBegun(Event):
    """Reading a submission from a medium has begun."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    untrusted_name: str


@dataclass(frozen=True, kw_only=True)
class FilesStored(Event):
    """A batch of files is durable in the vault."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class FilesExamined(Event):
    """A batch of stored files went through the sandbox."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    dangerous: int
    inconclusive: int


@dataclass(frozen=True, kw_only=True)
class PackageReceived(Event):
    """All of it is stored and examined, and waits in quarantine."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    size_bytes: int
    digest_sha384: str
    outcome: str
    isolation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PackageAccepted(Event):
    """A named person accepted the package out of quarantine."""

    duty: ClassVar[Duty] = Duty.ACCEPT_PACKAGE
    package_id: PackageId
    digest_sha384: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PackageReturned(Event):
    """A named person found the package deficient."""

    duty: ClassVar[Duty] = Duty.ACCEPT_PACKAGE
    package_id: PackageId
    reason: str


@dataclass(frozen=True, kw_only=True)
class FileOpened(Event):
    """A reviewer was shown a file of the package: it is *opened by a reviewer*. Once per person and file."""

    duty: ClassVar[Duty] = Duty.ANSWER
    package_id: PackageId
    untrusted_path: str


@dataclass(frozen=True, kw_only=True)
class FileLookedAt(Event):
    """Somebody who answers nothing on this case was shown a file: traced, but not a reviewer's opening."""

    package_id: PackageId
    untrusted_path: str


# --- the review ------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AnswerSaved(Event):
    """One reviewer answered one criterion."""

    duty: ClassVar[Duty] = Duty.ANSWER
    criterion_id: CriterionId
    revision: int
    result: str
    portion_marking: str


@dataclass(frozen=True, kw_only=True)
class ChecklistSubmitted(Event):
    """One reviewer submitted the whole checklist."""

    duty: ClassVar[Duty] = Duty.ANSWER
    answered: int


@dataclass(frozen=True, kw_only=True)
class DifferenceSettled(Event):
    """The lead settled a criterion on which the reviewers differed."""

    duty: ClassVar[Duty] = Duty.SETTLE
    criterion_id: CriterionId
    result: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OpinionGiven(Event):
    """A reviewer stated an own conclusion with reasons."""

    duty: ClassVar[Duty] = Duty.GIVE_OPINION
    conclusion: str
    dissents: bool


@dataclass(frozen=True, kw_only=True)
class Recommended(Event):
    """The lead reviewer recommended a conclusion."""

    duty: ClassVar[Duty] = Duty.RECOMMEND
    conclusion: str


@dataclass(frozen=True, kw_only=True)
class ConsultationRecorded(Event):
    """One of the parties the order names was asked, and answered or stayed silent."""

    duty: ClassVar[Duty] = Duty.CONSULT
    consultee: str
    asked_on: date
    answered_on: date | None
    answer: str  # a later record replaces the answer in the case; in the trail both stay


@dataclass(frozen=True, kw_only=True)
class Determined(Event):
    """The determination official determined."""

    duty: ClassVar[Duty] = Duty.DETERMINE
    number: int
    conclusion: str
    supersedes: int | None


# --- report and export -----------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class ReportCertified(Event):
    """A reviewer certified a composed report by signature."""

    duty: ClassVar[Duty] = Duty.CERTIFY_REPORT
    report_id: ReportId
    marking: str
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class ExportRequested(Event):
    """Somebody asked the security officer to release a report."""

    duty: ClassVar[Duty] = Duty.REQUEST_EXPORT
    export_id: ExportId
    report_id: ReportId
    recipient: str


@dataclass(frozen=True, kw_only=True)
class ExportReturned(Event):
    """The security officer returned the request with a reason."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReleaseBegun(Event):
    """The security officer began a release; nothing is signed yet."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId


@dataclass(frozen=True, kw_only=True)
class ExportReleased(Event):
    """The security officer signed; the bundle may be written to the named medium."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    medium_marking: str
    manifest_sha384: str


@dataclass(frozen=True, kw_only=True)
class ExportWritten(Event):
    """How writing to the medium ended; every ending is a state of its own."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    medium: str
    ending: str
    file_count: int
    size_bytes: int
