"""The database as files on a disk that somebody else had in their hands."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from storage.database import SqlDatabase
from workstation.core import events
from workstation.core.cases import Case, CaseType
from workstation.core.database_errors import DatabaseDamaged
from workstation.core.people import Person, Role
from workstation.core.values import CaseId, PersonId

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
LEAD = Person(
    person_id=PersonId("PERSON-1"),
    login_name="login",
    staff_number="S1",
    display_name="Person",
    role=Role.LEAD_REVIEWER,
    enrolled_at=NOW,
)


class _StillClock:
    def now(self) -> datetime:
        return NOW


def _open(path: Path) -> SqlDatabase:
    return SqlDatabase(
        path, key=bytes(32), audit_key=lambda _epoch: bytes(48), epoch=lambda: 1, clock=_StillClock()
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[SqlDatabase]:
    """One person and 40 cases: tables, indexes and rows over many pages."""
    opened = _open(tmp_path / "db")
    with opened.work(LEAD) as work:
        work.people.add(LEAD, b"sealed")
        work.record(events.VaultCreated(vault_id="V", profile="demo", custodian=LEAD.person_id))
    for number in range(40):
        case = Case(
            case_id=CaseId(f"CASE-{number:04d}"),
            case_type=CaseType.PRE_RELEASE_ACCESS,
            developer="d" * 500,
            model="m",
            checkpoint="c",
            marking="UNCLASSIFIED",
            criteria_set="s v1",
            opened_at=NOW,
            opened_by=LEAD.person_id,
        )
        with opened.work(LEAD) as work:
            work.cases.add(case)
            work.record(case.state_release_date(date(2027, 5, 1), today=date(2027, 3, 1), reason="stated"))
    yield opened
    opened.close()


def _read_everything(path: Path) -> None:
    database = _open(path)
    try:
        with database.look() as work:
            work.people.all()
            work.cases.page()
            answer = work.audit.verify()
            assert answer.broken_seq is None, "a changed row passed the cipher's own check"
        # Pages that no query above touches: indexes and free pages.
        with database._engine.connect() as connection:
            faults = list(connection.exec_driver_sql("PRAGMA cipher_integrity_check"))
    finally:
        database.close()
    if faults:
        raise DatabaseDamaged(path=str(path), reason=str(faults[0]))


def test_no_changed_byte_of_the_database_is_believed(database: SqlDatabase, tmp_path: Path) -> None:
    """One changed bit in any page of the file is noticed: nothing of that page is ever used."""
    database.close()
    whole = (tmp_path / "db").read_bytes()
    page_bytes = 4096
    assert len(whole) > 20 * page_bytes
    _read_everything(tmp_path / "db")
    for start in range(0, len(whole), page_bytes):
        changed = bytearray(whole)
        changed[start + 1000] ^= 1
        copy = tmp_path / f"changed-{start}"
        copy.write_bytes(changed)
        with pytest.raises(DatabaseDamaged):
            _read_everything(copy)


def test_every_file_of_the_database_is_for_the_owner_alone(database: SqlDatabase, tmp_path: Path) -> None:
    """Database, write-ahead log and its index can be read by no other account, also while it is open."""
    with database.look() as work:
        work.people.all()
        files = list(tmp_path.iterdir())
        assert {file.name for file in files} == {"db", "db-wal", "db-shm"}
        assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def _spoil(path: Path, page: int) -> None:
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4_096 + 1_000] ^= 1
    path.write_bytes(content)


def test_one_bad_page_is_named_and_everything_else_stays_readable(
    database: SqlDatabase, tmp_path: Path
) -> None:
    """Whichever page is bad, it is told by number with the table that lost by it; others are read."""
    assert not database.problems()
    database.close()
    whole = (tmp_path / "db").read_bytes()
    named: set[str] = set()
    for page in range(2, len(whole) // 4_096 + 1):
        (tmp_path / "db").write_bytes(whole)
        _spoil(tmp_path / "db", page)
        try:
            damaged = _open(tmp_path / "db")
        except DatabaseDamaged:  # the page that lists the tables, or the number of the version
            continue
        found = damaged.problems()
        assert found[0] == f"HMAC verification failed for page {page}"
        tables = {line.split(":")[0].removeprefix("table ") for line in found if line.startswith("table ")}
        assert len(tables) <= 1  # one page belongs to one table, or to what holds no rows
        named |= tables
        _read_others(damaged, tables)
        damaged.close()
    assert {"cases", "audit"} <= named


def _read_others(database: SqlDatabase, damaged: set[str]) -> None:
    with database.look() as work:
        if not damaged & {"people"}:
            assert [person.person_id for person in work.people.all()] == [LEAD.person_id]
        if not damaged & {"cases"}:
            assert len(work.cases.page()) == 40
        if not damaged & {"audit"}:
            assert work.audit.verify().broken_seq is None
