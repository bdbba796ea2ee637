"""The two databases for one suite, three people, and small records to put in them."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from storage.database import SqlDatabase
from tests.helpers.memory_database import MemoryDatabase, Store
from tests.helpers.memory_records import Broken
from workstation.core import events
from workstation.core.cases import Case, CaseType
from workstation.core.checklists import Answer, Result
from workstation.core.examination import Outcome
from workstation.core.exports import Export, Report
from workstation.core.packages import Fixity, Package, PackageFile, PackageState
from workstation.core.people import Person, Role
from workstation.core.ports import Database, Work
from workstation.core.values import CaseId, CriterionId, EvidenceLink, ExportId, PackageId, PersonId, ReportId
from workstation.core.vault import ContainerKind, ObjectRef

KEY, NOW = bytes(range(32)), datetime(2027, 3, 1, 9, tzinfo=UTC)
CASE, PACKAGE = CaseId("CASE-0001"), PackageId("PACKAGE-1")


class HandClock:
    """``core.ports.Clock`` that stands until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        """Where it stands."""
        return self.at

    def move(self, **step: float) -> None:
        """Forwards or backwards by so many days, hours, ..."""
        self.at += timedelta(**step)


def person(number: int, role: Role, *, active: bool = True) -> Person:
    """Somebody who can be enrolled."""
    return Person(
        person_id=PersonId(f"PERSON-{number}"),
        login_name=f"login{number}",
        staff_number=f"S{number}",
        display_name=f"Person {number}",
        role=role,
        enrolled_at=NOW + timedelta(minutes=number),
        active=active,
    )


CUSTODIAN, LEAD, OFFICIAL, OFFICER = (
    person(number, role)
    for number, role in enumerate(
        (Role.CUSTODIAN, Role.LEAD_REVIEWER, Role.DETERMINATION_OFFICIAL, Role.SECURITY_OFFICER), start=1
    )
)


@dataclass
class Bench:
    """One database, the clock it reads, and what only a test may do to it."""

    database: Database
    clock: HandClock
    reopen: Callable[[PersonId | None], Database]  # the old one is closed; whose passphrase opens it
    edit: Callable[[int, str, str], None]  # (row, column, value): change the trail behind everybody's back
    cut: Callable[[int], None]  # take one row out of the trail
    defect: type[Exception]  # what a key that is written twice or leads nowhere ends as


def on_disk(folder: Path, template: Path | None = None) -> Bench:
    """The real one: SQLCipher on a file, which may begin as a copy."""
    clock, path = HandClock(), folder / "db"
    if template is not None:
        shutil.copy(template, path)

    def opened(unlocked_by: PersonId | None = None) -> SqlDatabase:
        return SqlDatabase(
            path,
            key=KEY,
            audit_key=lambda epoch: bytes([epoch]) * 48,
            epoch=lambda: 1,
            clock=clock,
            unlocked_by=unlocked_by,
        )

    def raw(*statements: tuple[str, tuple[object, ...]]) -> None:
        connection = sqlcipher.connect(str(path))
        connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")
        for verb in ("update", "delete"):
            connection.execute(f"DROP TRIGGER IF EXISTS audit_no_{verb}")
        for statement, values in statements:
            connection.execute(statement, values)
        connection.commit()
        connection.close()

    def edit(seq: int, column: str, value: str) -> None:
        raw((f"UPDATE audit SET {column} = ? WHERE seq = ?", (value, seq)))

    def cut(seq: int) -> None:
        raw(("DELETE FROM audit WHERE seq = ?", (seq,)))

    return Bench(opened(), clock, opened, edit, cut, sa.exc.IntegrityError)


def in_memory() -> Bench:
    """The fake."""
    clock, store = HandClock(), Store()
    names = {"at": "at", "body": "body_json"}

    def opened(unlocked_by: PersonId | None = None) -> MemoryDatabase:
        return MemoryDatabase(clock=clock, store=store, unlocked_by=unlocked_by)

    def edit(seq: int, column: str, value: str) -> None:
        row = next(row for row in store.tables.audit if row["seq"] == seq)
        row[names.get(column, column)] = datetime.fromisoformat(value) if column == "at" else value

    def cut(seq: int) -> None:
        store.tables.audit[:] = [row for row in store.tables.audit if row["seq"] != seq]

    return Bench(opened(), clock, opened, edit, cut, Broken)


def enrol_everybody(database: Database) -> None:
    """The custodian and the three others, by the first event of the vault."""
    with database.work(CUSTODIAN) as work:
        for someone in (CUSTODIAN, LEAD, OFFICIAL, OFFICER):
            work.people.add(someone, b"sealed for " + someone.person_id.encode())
        work.record(events.VaultCreated(vault_id="V", profile="demo", custodian=CUSTODIAN.person_id))


def a_case(number: int = 1) -> Case:
    """A case as opened."""
    return Case(
        case_id=CaseId(f"CASE-{number:04d}"),
        case_type=CaseType.PRE_RELEASE_ACCESS,
        developer="Northwind",
        model="Aster-3",
        checkpoint="c",
        marking="UNCLASSIFIED",
        criteria_set="s v1",
        opened_at=NOW,
        opened_by=LEAD.person_id,
    )


def add_case(database: Database, number: int = 1) -> Case:
    """A case opened by the lead, with its event."""
    case = a_case(number)
    with database.work(LEAD) as work:
        work.record(case.state_release_date(date(2027, 3, 31), today=NOW.date(), reason=""))
        work.cases.add(case)
    return case


def a_package(package_id: PackageId = PACKAGE, *, case_id: CaseId = CASE) -> Package:
    """A package whose reading has begun."""
    return Package(
        package_id=package_id,
        case_id=case_id,
        untrusted_name="submission",
        state=PackageState.RECEIVING,
        begun_at=NOW,
        received_by=LEAD.person_id,
        outcome=Outcome.ACCEPT,
    )


def a_ref(number: int, *, epoch: int = 1) -> str:
    """A reference to the object of this number, its key wrapped under this epoch."""
    return ObjectRef(
        kind=ContainerKind.PACK,
        container_id=bytes(16),
        offset=number,
        size_bytes=number,
        epoch=epoch,
        wrapped_key=bytes([epoch]) * 40,
    ).text


def a_file(path: str, *, package_id: PackageId = PACKAGE, size_bytes: int = 5) -> PackageFile:
    """A file as intake names it; its object has its size for a number."""
    return PackageFile(
        package_id=package_id,
        untrusted_path=path,
        size_bytes=size_bytes,
        sha384="a" * 96,
        object_ref=a_ref(size_bytes),
        fixity=Fixity.UNLISTED,
    )


def an_answer(criterion: str, *, revision: int = 1, by: Person = LEAD, detail: str = "Seen.") -> Answer:
    """One revision of one answer."""
    return Answer(
        case_id=CASE,
        criterion_id=CriterionId(criterion),
        person_id=by.person_id,
        revision=revision,
        result=Result.MET,
        detail=detail,
        evidence=(EvidenceLink(package_id=PACKAGE, untrusted_path="a.txt", anchor="page=1"),),
        portion_marking="(U)",
        answered_at=NOW + timedelta(hours=revision),
    )


def a_report(number: int = 1, *, days: int = 0) -> Report:
    """A certified report."""
    return Report(
        report_id=ReportId(f"REPORT-{number}"),
        case_id=CASE,
        determination_number=1,
        marking="UNCLASSIFIED",
        composed_at=NOW + timedelta(days=days),
        certified_by=LEAD.person_id,
        pdf_sha384="b" * 96,
        pdf_ref=f"pdf {number}",
        statement_ref=f"statement {number}",
        audit_head="0" * 96,
    )


def an_export(number: int = 1, *, days: int = 0) -> Export:
    """A request to carry a report out."""
    return Export(
        export_id=ExportId(f"EXPORT-{number}"),
        case_id=CASE,
        report_id=ReportId("REPORT-1"),
        recipient="Office of the Director",
        requested_by=LEAD.person_id,
        requested_at=NOW + timedelta(days=days),
    )


def about(work: Work, case_id: CaseId = CASE) -> None:
    """Some event of this case, so that what was saved may be committed."""
    work.record(events.PackageReturned(case_id=case_id, package_id=PACKAGE, reason="for the test"))


def standing_told(someone: Person) -> events.IdentityRenewed:
    """The custodian's row about another role or standing of somebody."""
    return events.IdentityRenewed(
        person_id=someone.person_id,
        old_role="x",
        new_role=str(someone.role),
        reason="x",
        certificates_sha384=(),
    )


def renamed(someone: Person, **fields: object) -> Person:
    """The same person with other fields."""
    return replace(someone, **fields)
