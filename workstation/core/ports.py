"""What the rules and workflows need from the outside, as protocols.

Adapters in ``storage``, ``reports`` and ``workstation.examine`` satisfy them; ``bootstrap`` chooses which.
The vault, signature and media ports stand beside their value types in ``core.vault``,
``core.signatures`` and ``core.media``.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workstation.core.case_key_ports import CaseKeys, Disposals
from workstation.core.cases import Case
from workstation.core.checklists import Answer
from workstation.core.checkpoints import Checkpoints
from workstation.core.content_ports import BenchmarkResults, ContentSets
from workstation.core.events import Event
from workstation.core.examination import Coverage, Finding
from workstation.core.exports import Export, ExportState, Report
from workstation.core.finding_ports import Findings, Referrals
from workstation.core.full_texts import FullTexts
from workstation.core.packages import Fixity, ListedFile, Package, PackageFile
from workstation.core.people import Person
from workstation.core.search_ports import Search
from workstation.core.values import CaseId, CriterionId, ExportId, PackageId, PersonId, ReportId


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""


class IdSource(Protocol):
    """Where identifiers come from."""

    def new(self, prefix: str) -> str:
        """A fresh identifier such as ``CASE-7Q2M4K9D``: prefix, hyphen, 8+ unambiguous characters.

        Those of a demonstration say so instead: ``CASE-DEMO0001``.
        """


@dataclass(frozen=True, kw_only=True)
class Examined:
    """What the sandbox said of one stored file."""

    untrusted_path: str
    kind: str
    coverage: Coverage
    fixity: Fixity
    findings: tuple[Finding, ...]
    facts_json: str


@dataclass(frozen=True, kw_only=True)
class AuditRow:
    """One row of the audit trail as read."""

    seq: int
    at: datetime
    actor_id: PersonId
    actor_name: str
    role: str
    duty: str
    event: str
    case_id: CaseId
    body_json: str
    hash_sha384: str


@dataclass(frozen=True, kw_only=True)
class AuditVerification:
    """Whether the chain holds; ``broken_seq`` names the first row that does not."""

    rows: int
    head_sha384: str
    broken_seq: int | None = None
    reason: str = ""


class People(Protocol):
    """Everybody ever enrolled."""

    def add(self, person: Person, sealed_identity: bytes) -> None:
        """Enrol; raises PersonExists for a login name or staff number already there."""

    def save(self, person: Person, sealed_identity: bytes | None = None) -> None:
        """Write a changed role or standing; names never change. The identity too, when one is given."""

    def get(self, person_id: PersonId) -> Person:
        """One person; raises PersonUnknown."""

    def all(self) -> Sequence[Person]:
        """Everybody, in order of enrolment."""

    def sealed_identity(self, person_id: PersonId) -> bytes:
        """The person's signing identity as sealed under the personal key; raises PersonUnknown."""


class Cases(Protocol):
    """The cases of the vault. What is handed in or out is a copy: only ``save`` changes what is kept."""

    def add(self, case: Case) -> None:
        """A new case; an identifier that is taken is a defect."""

    def get(self, case_id: CaseId) -> Case:
        """One case; raises CaseUnknown."""

    def save(self, case: Case) -> None:
        """Write a case that was read or added in this unit of work; raises RecordStale for any other."""

    def page(self, *, after: CaseId | None = None, limit: int = 200) -> Sequence[Case]:
        """Cases by identifier, a page at a time."""

    def ids(self) -> Sequence[CaseId]:
        """Every case's identifier, in order."""


class Packages(Protocol):
    """Packages and their files."""

    def add(self, package: Package) -> None:
        """A package whose reading has begun."""

    def get(self, package_id: PackageId) -> Package:
        """One package; raises RecordUnknown."""

    def save(self, package: Package) -> None:
        """Write a changed package; raises RecordUnknown for one never begun."""

    def of_case(self, case_id: CaseId) -> Sequence[Package]:
        """Every package ever begun for a case, in that order."""

    def receiving(self) -> Sequence[Package]:
        """Packages whose reading began and has not ended."""

    def add_files(self, files: Iterable[PackageFile]) -> None:
        """Name files that are durable in the vault; a path of a package that is named already is a defect."""

    def stored(self, package_id: PackageId) -> Mapping[str, int]:
        """Path and size of every file already named, for resuming."""

    def files(
        self, package_id: PackageId, *, after: str = "", limit: int = 200, only: Coverage | None = None
    ) -> Sequence[PackageFile]:
        """Files by path, a page at a time (``after`` excluded); ``only`` *seen*: those a reviewer opened."""

    def listed(self, package_id: PackageId, *, after: str = "", limit: int = 200) -> Sequence[ListedFile]:
        """Path, size and digest of files by path, a page at a time (``after`` excluded)."""

    def file(self, package_id: PackageId, untrusted_path: str) -> PackageFile:
        """One file; raises RecordUnknown."""

    def save_examined(self, package_id: PackageId, examined: Iterable[Examined]) -> None:
        """Write what the examination found; raises RecordUnknown for a file never named."""

    def mark_seen(self, package_id: PackageId, untrusted_path: str) -> None:
        """A person opened the file; raises RecordUnknown for one never named."""

    def coverage(self, package_id: PackageId) -> Mapping[str, int]:
        """How many files have each coverage, plus ``opened``: how many a person has looked at."""

    def object_refs(self) -> Iterator[str]:
        """Every object reference named by any row: what a check must read."""

    def containers(self) -> frozenset[str]:
        """The name of every container that any row names: what a sweep must keep."""

    def contents(self, case_id: CaseId) -> Iterator[tuple[int, str, str]]:
        """Length, SHA-384 and object reference of every file stored for a case."""

    def content(self, case_id: CaseId, sha384: str, size_bytes: int, *, limit: int = 1) -> Sequence[str]:
        """Distinct object references under which a case holds this content."""

    def references(self, object_ref: str) -> int:
        """How many files name this object; only an object that none names may be deleted."""


class Answers(Protocol):
    """Checklist answers, append-only."""

    def add(self, answer: Answer) -> None:
        """Append one revision; one that is there already is a defect."""

    def latest(self, case_id: CaseId) -> Mapping[tuple[CriterionId, PersonId], Answer]:
        """The newest revision of each answer."""

    def history(self, case_id: CaseId, criterion_id: CriterionId) -> Sequence[Answer]:
        """Every revision for one criterion, oldest first."""


class Releases(Protocol):
    """Certified reports and exports."""

    def save_report(self, report: Report) -> None:
        """Add or replace."""

    def report(self, report_id: ReportId) -> Report:
        """One report; raises RecordUnknown."""

    def reports(self, case_id: CaseId) -> Sequence[Report]:
        """Reports of a case, oldest first."""

    def save_export(self, export: Export) -> None:
        """Add or replace."""

    def export(self, export_id: ExportId) -> Export:
        """One export; raises RecordUnknown."""

    def exports(self, case_id: CaseId | None = None) -> Sequence[Export]:
        """Exports of a case, or of the whole vault, oldest first."""

    def exports_in(self, states: Collection[ExportState]) -> Sequence[Export]:
        """Exports of the whole vault that stand in one of these states, oldest first."""


class AuditTrail(Protocol):
    """The hash-chained trail."""

    @property
    def head(self) -> str:
        """SHA-384 of the newest row, or of nothing at all: 96 zeros."""

    def duties_done(self, person_id: PersonId, case_id: CaseId) -> frozenset[str]:
        """Which duties this person has exercised on this case, refusals not counted."""

    def has(self, event: Event, person_id: PersonId) -> bool:
        """Whether exactly this event already stands in the trail, by this person."""

    def page(
        self, *, case_id: CaseId | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[AuditRow]:
        """Rows, newest first, a page at a time."""

    def newest(self, event: str) -> AuditRow | None:
        """The newest row of a kind of event, by the event's class name; None where there is none."""

    def of_event(self, event: str, *, limit: int = 200) -> Sequence[AuditRow]:
        """The newest rows of a kind of event, by the event's class name, newest first."""

    def verify(self) -> AuditVerification:
        """Recompute the whole chain."""

    def missing(self, hashes: Iterable[str]) -> Sequence[str]:
        """Which of these row hashes do not occur in the trail."""


class Work(Protocol):
    """One unit of work: what is saved and what is recorded commit together or not at all."""

    @property
    def people(self) -> People:
        """Everybody enrolled."""

    @property
    def cases(self) -> Cases:
        """The cases."""

    @property
    def packages(self) -> Packages:
        """Packages and files."""

    @property
    def answers(self) -> Answers:
        """Checklist answers."""

    @property
    def releases(self) -> Releases:
        """Reports and exports."""

    @property
    def findings(self) -> Findings:
        """Findings of the review."""

    @property
    def referrals(self) -> Referrals:
        """Referrals."""

    @property
    def search(self) -> Search:
        """Full-text search, and the cases in short."""

    @property
    def texts(self) -> FullTexts:
        """What whole documents and transcripts say, as far as they were read."""

    @property
    def content(self) -> ContentSets:
        """Content sets taken into use."""

    @property
    def benchmarks(self) -> BenchmarkResults:
        """Benchmark results of the cases."""

    @property
    def case_keys(self) -> CaseKeys:
        """The keys of the cases."""

    @property
    def disposals(self) -> Disposals:
        """What the database holds of a case, and its end."""

    @property
    def checkpoints(self) -> Checkpoints:
        """Signed checkpoints of the trail."""

    @property
    def audit(self) -> AuditTrail:
        """The trail."""

    def record(self, *events: Event) -> None:
        """Note what happened. Checks at once that the actor may do it, by the register and the trail.

        Raises:
            NotAppointed, DutiesConflict, PersonInactive, PersonUnknown.
        """

    def blob(self, name: str) -> bytes | None:
        """A named value of the vault itself, such as the sealed signing authority."""

    def put_blob(self, name: str, value: bytes) -> None:
        """Write a named value."""

    @property
    def now(self) -> datetime:
        """The time this unit of work stamps on everything it writes."""

    @property
    def highest_time(self) -> datetime:
        """The highest time ever seen, which deadlines use."""


class Database(Protocol):
    """The encrypted database of an unlocked vault."""

    def work(self, actor: Person) -> AbstractContextManager[Work]:
        """Begin a unit of work; leaving it normally commits, an exception rolls back and audits a refusal.

        One at a time: a second one waits. Each case that was changed needs an event of its own.

        Raises:
            ActorNotAtTheDesk: somebody else's passphrase opened the vault.
            VaultLocked: the database is closed.
        """

    def look(self) -> AbstractContextManager[Work]:
        """Read one state, whatever is committed meanwhile; recording or saving raises a defect."""

    def fold(self) -> None:
        """Leave nothing of former states in the write-ahead log; never an error, and of use while idle."""

    def problems(self) -> Sequence[str]:
        """What is wrong with the file's pages, structure or references; empty when nothing is."""

    def close(self) -> None:
        """Close every connection; whoever asks afterwards gets VaultLocked. Not an error twice."""
