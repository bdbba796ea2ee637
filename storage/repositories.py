"""Aggregates to rows and back. Bodies are strict JSON of the core types; columns exist to be queried."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.schema import answers, cases, exports, people, reports
from workstation.core.case_errors import CaseUnknown
from workstation.core.cases import Case
from workstation.core.checklists import Answer
from workstation.core.database_errors import RecordStale
from workstation.core.exports import Export, ExportState, RecordUnknown, Report
from workstation.core.people import Person, PersonUnknown, require_nobody_twice
from workstation.core.values import CaseId, CriterionId, ExportId, PersonId, ReportId

T = TypeVar("T")
TurnTo = Callable[[CaseId], None]


class Touch(Protocol):
    """Called before anything is written; names the case whose state changes, where it is one's."""

    def __call__(self, case_id: str = "") -> None:
        """Raise when this unit of work only reads."""


def encode(value: object) -> bytes:
    """JSON of one of the core's dataclasses."""
    return msgspec.json.encode(value)


def decode(body: bytes, kind: type[T]) -> T:
    """Back from JSON, strictly typed."""
    return msgspec.json.decode(body, type=kind)


class SqlPeople:
    """See ``core.ports.People``.

    ``confirming`` names those who became confirmed in this unit of work, ``changed`` those who were enrolled
    or changed in any other way.
    """

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch
        self.confirming: set[PersonId] = set()
        self.changed: set[PersonId] = set()

    def add(self, person: Person, sealed_identity: bytes) -> None:
        """Enrol; a login name, staff number or name is never used twice, in whatever spelling."""
        self._touch()
        require_nobody_twice(
            self.all(),
            login_name=person.login_name,
            staff_number=person.staff_number,
            display_name=person.display_name,
        )
        row = {
            "person_id": person.person_id,
            "login_name": person.login_name,
            "staff_number": person.staff_number,
            "enrolled_at": person.enrolled_at.isoformat(),
            "body": encode(person),
            "sealed_identity": sealed_identity,
        }
        self._connection.execute(sa.insert(people).values(row))
        self.changed.add(person.person_id)
        if person.confirmed:
            self.confirming.add(person.person_id)

    def save(self, person: Person, sealed_identity: bytes | None = None) -> None:
        """Write a changed role or standing, and another identity when one is given."""
        self._touch()
        before = self.get(person.person_id)
        if person.confirmed and not before.confirmed:
            self.confirming.add(person.person_id)
        if replace(person, confirmed=before.confirmed, confirmed_by=before.confirmed_by) != before:
            self.changed.add(person.person_id)
        values: dict[str, object] = {"body": encode(person)}
        if sealed_identity is not None:
            values["sealed_identity"] = sealed_identity
        where = people.c.person_id == person.person_id
        if self._connection.execute(sa.update(people).where(where).values(values)).rowcount != 1:
            raise PersonUnknown(value=person.person_id)

    def get(self, person_id: PersonId) -> Person:
        """One person."""
        body = self._connection.execute(
            sa.select(people.c.body).where(people.c.person_id == person_id)
        ).scalar()
        if body is None:
            raise PersonUnknown(value=person_id)
        return decode(body, Person)

    def all(self) -> Sequence[Person]:
        """Everybody, in order of enrolment."""
        query = sa.select(people.c.body).order_by(people.c.enrolled_at, people.c.person_id)
        return [decode(body, Person) for body in self._connection.execute(query).scalars()]

    def sealed_identity(self, person_id: PersonId) -> bytes:
        """The person's sealed signing identity."""
        query = sa.select(people.c.sealed_identity).where(people.c.person_id == person_id)
        sealed: bytes | None = self._connection.execute(query).scalar()
        if sealed is None:
            raise PersonUnknown(value=person_id)
        return sealed


class SqlCases:
    """See ``core.ports.Cases``."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        self._connection, self._touch, self._turn_to = connection, touch, turn_to
        self._versions: dict[CaseId, int] = {}

    def add(self, case: Case) -> None:
        """A new case."""
        self._touch(case.case_id)
        self._connection.execute(sa.insert(cases).values(self._row(case, 1)))
        self._versions[case.case_id] = 1

    def get(self, case_id: CaseId) -> Case:
        """One case."""
        query = sa.select(cases.c.body, cases.c.version).where(cases.c.case_id == case_id)
        row = self._connection.execute(query).first()
        if row is None:
            raise CaseUnknown(case_id=case_id)
        self._versions[case_id] = row.version
        self._turn_to(case_id)
        return decode(row.body, Case)

    def save(self, case: Case) -> None:
        """Write a case read in this unit of work, unless somebody else wrote it since."""
        self._touch(case.case_id)
        version = self._versions.get(case.case_id, 0)  # 0: never read here, so nobody knows what it rests on
        where = sa.and_(cases.c.case_id == case.case_id, cases.c.version == version)
        done = self._connection.execute(sa.update(cases).where(where).values(self._row(case, version + 1)))
        if done.rowcount != 1:
            raise RecordStale(record=case.case_id)
        self._versions[case.case_id] = version + 1

    def page(self, *, after: CaseId | None = None, limit: int = 200) -> Sequence[Case]:
        """Cases by identifier."""
        query = sa.select(cases.c.body).order_by(cases.c.case_id).limit(limit)
        if after is not None:
            query = query.where(cases.c.case_id > after)
        return [decode(body, Case) for body in self._connection.execute(query).scalars()]

    def ids(self) -> Sequence[CaseId]:
        """Every case's identifier, in order."""
        query = sa.select(cases.c.case_id).order_by(cases.c.case_id)
        return [CaseId(case_id) for case_id in self._connection.execute(query).scalars()]

    @staticmethod
    def _row(case: Case, version: int) -> dict[str, object]:
        planned = case.planned_release_on
        return {
            "case_id": case.case_id,
            "state": str(case.state),
            "planned_release_on": planned.isoformat() if planned else None,
            "version": version,
            "body": encode(case),
        }


class SqlAnswers:
    """See ``core.ports.Answers``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, answer: Answer) -> None:
        """Append one revision."""
        self._touch(answer.case_id)
        row = {
            "case_id": answer.case_id,
            "criterion_id": answer.criterion_id,
            "person_id": answer.person_id,
            "revision": answer.revision,
            "body": encode(answer),
        }
        self._connection.execute(sa.insert(answers).values(row))

    def latest(self, case_id: CaseId) -> Mapping[tuple[CriterionId, PersonId], Answer]:
        """The newest revision of each answer."""
        query = sa.select(answers.c.body).where(answers.c.case_id == case_id).order_by(answers.c.revision)
        found = (decode(body, Answer) for body in self._connection.execute(query).scalars())
        return {(answer.criterion_id, answer.person_id): answer for answer in found}

    def history(self, case_id: CaseId, criterion_id: CriterionId) -> Sequence[Answer]:
        """Every revision for one criterion, oldest first."""
        where = sa.and_(answers.c.case_id == case_id, answers.c.criterion_id == criterion_id)
        query = sa.select(answers.c.body).where(where)
        found = [decode(body, Answer) for body in self._connection.execute(query).scalars()]
        return sorted(found, key=lambda answer: (answer.answered_at, answer.revision))


class SqlReleases:
    """See ``core.ports.Releases``."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        self._connection, self._touch, self._turn_to = connection, touch, turn_to

    def save_report(self, report: Report) -> None:
        """Add or replace a certified report."""
        self._touch(report.case_id)
        row = {
            "report_id": report.report_id,
            "case_id": report.case_id,
            "composed_at": report.composed_at.isoformat(),
            "body": encode(report),
        }
        self._connection.execute(
            upsert(reports).values(row).on_conflict_do_update(index_elements=["report_id"], set_=row)
        )

    def report(self, report_id: ReportId) -> Report:
        """One report."""
        # Said to the driver: a page of waiting exports asks for as many.
        query = "SELECT body FROM reports WHERE report_id = ?"
        body = self._connection.exec_driver_sql(query, (report_id,)).scalar()
        if body is None:
            raise RecordUnknown(record_id=report_id)
        report = decode(body, Report)
        self._turn_to(report.case_id)
        return report

    def reports(self, case_id: CaseId) -> Sequence[Report]:
        """Reports of a case, oldest first."""
        query = sa.select(reports.c.body).where(reports.c.case_id == case_id).order_by(reports.c.composed_at)
        return [decode(body, Report) for body in self._connection.execute(query).scalars()]

    def save_export(self, export: Export) -> None:
        """Add or replace an export."""
        self._touch(export.case_id)
        row = {
            "export_id": export.export_id,
            "case_id": export.case_id,
            "report_id": export.report_id,
            "requested_at": export.requested_at.isoformat(),
            "state": str(export.state),
            "body": encode(export),
        }
        self._connection.execute(
            upsert(exports).values(row).on_conflict_do_update(index_elements=["export_id"], set_=row)
        )

    def export(self, export_id: ExportId) -> Export:
        """One export."""
        body = self._connection.execute(
            sa.select(exports.c.body).where(exports.c.export_id == export_id)
        ).scalar()
        if body is None:
            raise RecordUnknown(record_id=export_id)
        export = decode(body, Export)
        self._turn_to(export.case_id)
        return export

    def exports(self, case_id: CaseId | None = None) -> Sequence[Export]:
        """Exports, oldest first."""
        query = sa.select(exports.c.body).order_by(exports.c.requested_at)
        if case_id is not None:
            query = query.where(exports.c.case_id == case_id)
        return [decode(body, Export) for body in self._connection.execute(query).scalars()]

    def exports_in(self, states: Collection[ExportState]) -> Sequence[Export]:
        """Exports of the whole vault in one of these states, oldest first."""
        wanted = exports.c.state.in_(sorted(map(str, states)))
        query = sa.select(exports.c.body).where(wanted).order_by(exports.c.requested_at)
        return [decode(body, Export) for body in self._connection.execute(query).scalars()]
