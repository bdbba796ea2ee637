"""The repositories of the database in memory: dictionaries with the promises of ``core.ports``.

Pass ``tests/contract`` like the real ones. Never use them for anything but tests.
"""

import copy
import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from workstation.core.case_errors import CaseUnknown
from workstation.core.cases import Case
from workstation.core.checklists import Answer
from workstation.core.checkpoints import SignedCheckpoint
from workstation.core.content import ContentKind, ContentRecord
from workstation.core.database_errors import RecordStale
from workstation.core.examination import Coverage
from workstation.core.exports import Export, ExportState, RecordUnknown, Report
from workstation.core.findings import Finding
from workstation.core.full_texts import FullText, Passage
from workstation.core.packages import Fixity, ListedFile, Package, PackageFile, PackageState
from workstation.core.people import Person, PersonUnknown, require_nobody_twice
from workstation.core.ports import Examined
from workstation.core.referrals import Referral
from workstation.core.results import BenchmarkResult
from workstation.core.values import (
    CaseId,
    CriterionId,
    ExportId,
    FindingId,
    PackageId,
    PersonId,
    ReferralId,
    ReportId,
)
from workstation.core.vault import ObjectRef, SealedCaseKey

FileKey = tuple[PackageId, str]
AnswerKey = tuple[CaseId, CriterionId, PersonId, int]
ContentKey = tuple[ContentKind, str, int]


class Broken(RuntimeError):
    """A defect of the caller: a key written twice, or one that leads nowhere."""


@dataclass
class Tables:
    """One state of everything; a commit puts a changed copy in its place."""

    blobs: dict[str, bytes] = field(default_factory=dict)
    people: dict[PersonId, tuple[Person, bytes]] = field(default_factory=dict)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    packages: dict[PackageId, Package] = field(default_factory=dict)
    files: dict[FileKey, PackageFile] = field(default_factory=dict)
    answers: dict[AnswerKey, Answer] = field(default_factory=dict)
    reports: dict[ReportId, Report] = field(default_factory=dict)
    exports: dict[ExportId, Export] = field(default_factory=dict)
    findings: dict[FindingId, Finding] = field(default_factory=dict)
    referrals: dict[ReferralId, Referral] = field(default_factory=dict)
    content: dict[ContentKey, ContentRecord] = field(default_factory=dict)
    results: dict[str, BenchmarkResult] = field(default_factory=dict)
    checkpoints: dict[int, SignedCheckpoint] = field(default_factory=dict)
    case_keys: dict[CaseId, tuple[int, SealedCaseKey | None]] = field(default_factory=dict)
    texts: dict[tuple[PackageId, str], FullText] = field(default_factory=dict)
    passages: list[tuple[CaseId, FullText, Passage]] = field(default_factory=list)
    audit: list[dict[str, Any]] = field(default_factory=list)

    def copy(self) -> "Tables":
        """Another state that begins as this one; what the tables hold is never changed in place."""
        return Tables(**{one.name: copy.copy(getattr(self, one.name)) for one in dataclasses.fields(self)})


class Touch(Protocol):
    """Called before anything is written; names the case whose state changes, where it is one's."""

    def __call__(self, case_id: str = "") -> None:
        """Raise when this unit of work only reads."""


@dataclass
class Desk:
    """What every repository of one unit of work shares."""

    tables: Tables
    touch: Touch
    turn_to: Callable[[CaseId], None]


def insert(table: dict[Any, Any], key: object, value: object, *leads_to: bool) -> None:
    """Once, and only where every reference leads somewhere."""
    if key in table or not all(leads_to):
        raise Broken(key)
    table[key] = value


class MemoryPeople:
    """See ``core.ports.People``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._people = desk, desk.tables.people

    def add(self, person: Person, sealed_identity: bytes) -> None:
        """See the port."""
        self._desk.touch()
        names = ("login_name", "staff_number", "display_name")
        require_nobody_twice(self.all(), **{name: getattr(person, name) for name in names})
        insert(self._people, person.person_id, (person, sealed_identity))

    def save(self, person: Person, sealed_identity: bytes | None = None) -> None:
        """See the port."""
        self._desk.touch()
        kept = self.sealed_identity(person.person_id)
        self._people[person.person_id] = (person, kept if sealed_identity is None else sealed_identity)

    def get(self, person_id: PersonId) -> Person:
        """See the port."""
        return self._row(person_id)[0]

    def all(self) -> Sequence[Person]:
        """See the port."""
        return sorted(
            (person for person, _sealed in self._people.values()),
            key=lambda person: (person.enrolled_at, person.person_id),
        )

    def sealed_identity(self, person_id: PersonId) -> bytes:
        """See the port."""
        return self._row(person_id)[1]

    def _row(self, person_id: PersonId) -> tuple[Person, bytes]:
        if person_id not in self._people:
            raise PersonUnknown(value=person_id)
        return self._people[person_id]


class MemoryCases:
    """See ``core.ports.Cases``. A case can be changed in place, so copies go in and out."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._cases, self._read = desk, desk.tables.cases, set[CaseId]()

    def add(self, case: Case) -> None:
        """See the port."""
        self._desk.touch(case.case_id)
        insert(self._cases, case.case_id, copy.deepcopy(case))
        self._read.add(case.case_id)

    def get(self, case_id: CaseId) -> Case:
        """See the port."""
        if case_id not in self._cases:
            raise CaseUnknown(case_id=case_id)
        self._read.add(case_id)
        self._desk.turn_to(case_id)
        return copy.deepcopy(self._cases[case_id])

    def save(self, case: Case) -> None:
        """See the port."""
        self._desk.touch(case.case_id)
        if case.case_id not in self._read:
            raise RecordStale(record=case.case_id)
        self._cases[case.case_id] = copy.deepcopy(case)

    def page(self, *, after: CaseId | None = None, limit: int = 200) -> Sequence[Case]:
        """See the port."""
        wanted = [case_id for case_id in self.ids() if after is None or case_id > after][:limit]
        return [copy.deepcopy(self._cases[case_id]) for case_id in wanted]

    def ids(self) -> Sequence[CaseId]:
        """See the port."""
        return sorted(self._cases)


class MemoryPackages:
    """See ``core.ports.Packages``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._packages, self._files = desk, desk.tables.packages, desk.tables.files

    def add(self, package: Package) -> None:
        """See the port."""
        self._desk.touch(package.case_id)
        insert(self._packages, package.package_id, package, package.case_id in self._desk.tables.cases)

    def get(self, package_id: PackageId) -> Package:
        """See the port."""
        if package_id not in self._packages:
            raise RecordUnknown(record_id=package_id)
        package = self._packages[package_id]
        self._desk.turn_to(package.case_id)
        return package

    def save(self, package: Package) -> None:
        """See the port."""
        self._desk.touch(package.case_id)
        if package.package_id not in self._packages:
            raise RecordUnknown(record_id=package.package_id)
        self._packages[package.package_id] = package

    def of_case(self, case_id: CaseId) -> Sequence[Package]:
        """See the port."""
        return [package for package in self._packages.values() if package.case_id == case_id]

    def receiving(self) -> Sequence[Package]:
        """See the port."""
        return [one for one in self._packages.values() if one.state is PackageState.RECEIVING]

    def add_files(self, files: Iterable[PackageFile]) -> None:
        """See the port."""
        self._desk.touch()
        for file in files:
            insert(
                self._files,
                (file.package_id, file.untrusted_path),
                replace(file, opened=False),
                file.package_id in self._packages,
            )

    def stored(self, package_id: PackageId) -> Mapping[str, int]:
        """See the port."""
        return {file.untrusted_path: file.size_bytes for file in self._of(package_id)}

    def files(
        self, package_id: PackageId, *, after: str = "", limit: int = 200, only: Coverage | None = None
    ) -> Sequence[PackageFile]:
        """See the port."""
        found = (file for file in self._of(package_id) if file.untrusted_path > after)
        if only is Coverage.SEEN:
            return [file for file in found if file.opened][:limit]
        return [file for file in found if only in {None, file.coverage}][:limit]

    def listed(self, package_id: PackageId, *, after: str = "", limit: int = 200) -> list[ListedFile]:
        """See the port."""
        return [
            ListedFile(
                untrusted_path=one.untrusted_path,
                size_bytes=one.size_bytes,
                sha384=one.sha384,
                unreadable=one.fixity is Fixity.UNREADABLE,
            )
            for one in self.files(package_id, after=after, limit=limit)
        ]

    def file(self, package_id: PackageId, untrusted_path: str) -> PackageFile:
        """See the port."""
        if (package_id, untrusted_path) not in self._files:
            raise RecordUnknown(record_id=f"{package_id}: {untrusted_path}")
        return self._files[package_id, untrusted_path]

    def save_examined(self, package_id: PackageId, examined: Iterable[Examined]) -> None:
        """See the port."""
        self._desk.touch()
        for one in examined:
            file = self.file(package_id, one.untrusted_path)
            self._files[package_id, one.untrusted_path] = replace(file, **vars(one))

    def mark_seen(self, package_id: PackageId, untrusted_path: str) -> None:
        """See the port."""
        self._desk.touch()
        file = self.file(package_id, untrusted_path)
        self._files[package_id, untrusted_path] = replace(file, opened=True)

    def coverage(self, package_id: PackageId) -> Mapping[str, int]:
        """See the port."""
        found = {str(coverage): 0 for coverage in Coverage} | {"opened": 0}
        for file in self._of(package_id):
            found[str(file.coverage)] += 1
            found["opened"] += file.opened
        return found

    def object_refs(self) -> Iterator[str]:
        """See the port."""
        yield from (file.object_ref for file in self._files.values() if file.object_ref)
        for report in self._desk.tables.reports.values():
            yield from (ref for ref in (report.pdf_ref, report.statement_ref) if ref)

    def containers(self) -> frozenset[str]:
        """See the port."""
        return frozenset(ObjectRef.parse(ref).container for ref in self.object_refs())

    def contents(self, case_id: CaseId) -> Iterator[tuple[int, str, str]]:
        """See the port."""
        return ((file.size_bytes, file.sha384, file.object_ref) for file in self._stored_for(case_id))

    def content(self, case_id: CaseId, sha384: str, size_bytes: int, *, limit: int = 1) -> Sequence[str]:
        """See the port."""
        wanted = (sha384, size_bytes)
        found = (
            one.object_ref for one in self._stored_for(case_id) if (one.sha384, one.size_bytes) == wanted
        )
        return list(dict.fromkeys(found))[:limit]

    def references(self, object_ref: str) -> int:
        """See the port."""
        wanted = ObjectRef.parse(object_ref)
        refs = (ObjectRef.parse(file.object_ref) for file in self._files.values() if file.object_ref)
        return sum((ref.container, ref.offset) == (wanted.container, wanted.offset) for ref in refs)

    def _stored_for(self, case_id: CaseId) -> Iterator[PackageFile]:
        files = (self._files[key] for key in sorted(self._files))
        return (file for file in files if file.object_ref and self.get(file.package_id).case_id == case_id)

    def _of(self, package_id: PackageId) -> list[PackageFile]:
        return [self._files[key] for key in sorted(self._files) if key[0] == package_id]


class MemoryAnswers:
    """See ``core.ports.Answers``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._answers = desk, desk.tables.answers

    def add(self, answer: Answer) -> None:
        """See the port."""
        self._desk.touch(answer.case_id)
        key = (answer.case_id, answer.criterion_id, answer.person_id, answer.revision)
        known = answer.case_id in self._desk.tables.cases, answer.person_id in self._desk.tables.people
        insert(self._answers, key, answer, *known)

    def latest(self, case_id: CaseId) -> Mapping[tuple[CriterionId, PersonId], Answer]:
        """See the port."""
        found = sorted(self._of(case_id), key=lambda answer: answer.revision)
        return {(answer.criterion_id, answer.person_id): answer for answer in found}

    def history(self, case_id: CaseId, criterion_id: CriterionId) -> Sequence[Answer]:
        """See the port."""
        found = [answer for answer in self._of(case_id) if answer.criterion_id == criterion_id]
        return sorted(found, key=lambda answer: (answer.answered_at, answer.revision))

    def _of(self, case_id: CaseId) -> list[Answer]:
        return [answer for answer in self._answers.values() if answer.case_id == case_id]


class MemoryReleases:
    """See ``core.ports.Releases``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._reports, self._exports = desk, desk.tables.reports, desk.tables.exports

    def save_report(self, report: Report) -> None:
        """See the port."""
        self._desk.touch(report.case_id)
        self._reports.pop(report.report_id, None)
        insert(self._reports, report.report_id, report, report.case_id in self._desk.tables.cases)

    def report(self, report_id: ReportId) -> Report:
        """See the port."""
        if report_id not in self._reports:
            raise RecordUnknown(record_id=report_id)
        self._desk.turn_to(self._reports[report_id].case_id)
        return self._reports[report_id]

    def reports(self, case_id: CaseId) -> Sequence[Report]:
        """See the port."""
        found = [report for report in self._reports.values() if report.case_id == case_id]
        return sorted(found, key=lambda report: report.composed_at)

    def save_export(self, export: Export) -> None:
        """See the port."""
        self._desk.touch(export.case_id)
        self._exports.pop(export.export_id, None)
        known = export.case_id in self._desk.tables.cases, export.report_id in self._reports
        insert(self._exports, export.export_id, export, *known)

    def export(self, export_id: ExportId) -> Export:
        """See the port."""
        if export_id not in self._exports:
            raise RecordUnknown(record_id=export_id)
        self._desk.turn_to(self._exports[export_id].case_id)
        return self._exports[export_id]

    def exports(self, case_id: CaseId | None = None) -> Sequence[Export]:
        """See the port."""
        found = [export for export in self._exports.values() if case_id in {None, export.case_id}]
        return sorted(found, key=lambda export: export.requested_at)

    def exports_in(self, states: Collection[ExportState]) -> Sequence[Export]:
        """See the port."""
        return [export for export in self.exports() if export.state in states]
