"""The database: one unit of work where duties, state and trail meet, and a trail that only grows."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from storage.database import SqlDatabase
from storage.unit_of_work import SavedWithoutEvent
from workstation.core import events
from workstation.core.case_errors import CaseUnknown
from workstation.core.cases import Case, CaseType
from workstation.core.database_errors import DatabaseDamaged, DatabaseNewer
from workstation.core.people import DutiesConflict, NotAppointed, Person, PersonExists, Role
from workstation.core.values import CaseId, PersonId
from workstation.core.window import RULE_ID

KEY, NOW = bytes(range(32)), datetime(2027, 3, 1, 9, tzinfo=UTC)


class SetClock:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        """Where it stands."""
        return self.at


def person(number: int, role: Role) -> Person:
    """Somebody enrolled."""
    return Person(
        person_id=PersonId(f"PERSON-{number}"),
        login_name=f"login{number}",
        staff_number=f"S{number}",
        display_name=f"Person {number}",
        role=role,
        enrolled_at=NOW,
    )


CUSTODIAN, LEAD, OFFICIAL = (
    person(1, Role.CUSTODIAN),
    person(2, Role.LEAD_REVIEWER),
    person(3, Role.DETERMINATION_OFFICIAL),
)


def open_database(path: Path, clock: SetClock, key: bytes = KEY) -> SqlDatabase:
    """The database as a vault would open it."""
    return SqlDatabase(
        path, key=key, audit_key=lambda epoch: bytes([epoch]) * 48, epoch=lambda: 1, clock=clock
    )


@pytest.fixture
def clock() -> SetClock:
    """A clock the test moves."""
    return SetClock()


@pytest.fixture
def database(tmp_path: Path, clock: SetClock) -> Iterator[SqlDatabase]:
    """Three people enrolled."""
    opened = open_database(tmp_path / "db", clock)
    with opened.work(CUSTODIAN) as work:
        for someone in (CUSTODIAN, LEAD, OFFICIAL):
            work.people.add(someone, b"sealed")
        work.record(events.VaultCreated(vault_id="V", profile="demo", custodian=CUSTODIAN.person_id))
    yield opened
    opened.close()


def a_case(number: int = 1) -> Case:
    """A case as opened."""
    return Case(
        case_id=CaseId(f"CASE-{number:04d}"),
        case_type=CaseType.PRE_RELEASE_ACCESS,
        developer="d",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
        criteria_set="s v1",
        opened_at=NOW,
        opened_by=LEAD.person_id,
    )


def add_case(database: SqlDatabase, number: int = 1) -> Case:
    """Open a case as the lead."""
    case = a_case(number)
    with database.work(LEAD) as work:
        work.record(case.state_release_date(date(2027, 3, 31), today=NOW.date(), reason=""))
        work.cases.add(case)
    return case


def test_what_is_saved_comes_back_equal(database: SqlDatabase) -> None:
    """A case survives the way to the file and back in every field."""
    case = add_case(database)
    with database.look() as work:
        assert work.cases.get(case.case_id) == case


def test_each_date_keeps_the_rule_that_it_was_reckoned_by(database: SqlDatabase) -> None:
    """A date stated under an earlier rule says so for good; a revision names the rule of its own day."""
    case_id = add_case(database).case_id
    with database.work(LEAD) as work:
        case = work.cases.get(case_id)
        case.release_dates = (replace(case.release_dates[0], rule_id="a-rule-of-before"),)
        revised = case.state_release_date(date(2027, 4, 30), today=NOW.date(), reason="It is later.")
        work.record(revised)
        work.cases.save(case)
    with database.look() as work:
        kept = work.cases.get(case_id)
    assert [one.rule_id for one in kept.release_dates] == ["a-rule-of-before", RULE_ID]
    assert revised.rule_id == RULE_ID


def test_state_and_trail_commit_together_or_not_at_all(database: SqlDatabase) -> None:
    """A failure after the save leaves neither the case nor a row about it."""
    with pytest.raises(ZeroDivisionError), database.work(LEAD) as work:
        work.cases.add(a_case())
        work.record(events.CaseClosed(case_id=CaseId("CASE-0001"), reason=""))
        raise ZeroDivisionError
    with database.look() as work:
        assert work.audit.verify().rows == 1
        with pytest.raises(CaseUnknown):
            work.cases.get(CaseId("CASE-0001"))


def test_saving_without_an_event_is_a_defect(database: SqlDatabase) -> None:
    """There is no way to change state that leaves no row."""
    with pytest.raises(SavedWithoutEvent), database.work(LEAD) as work:
        work.cases.add(a_case())
    with database.look() as work, pytest.raises(CaseUnknown):
        work.cases.get(CaseId("CASE-0001"))


def test_looking_cannot_write(database: SqlDatabase) -> None:
    """A reading unit of work refuses every way to write."""
    with database.look() as work:
        for write in (
            lambda: work.cases.add(a_case()),
            lambda: work.put_blob("x", b"y"),
            lambda: work.record(events.Locked(reason="x")),
        ):
            with pytest.raises(SavedWithoutEvent):
                write()


def test_a_refusal_is_rolled_back_and_audited(database: SqlDatabase) -> None:
    """Somebody not appointed changes nothing, and the attempt is a row with its code."""
    case = add_case(database)
    with pytest.raises(NotAppointed), database.work(CUSTODIAN) as work:
        read = work.cases.get(case.case_id)
        event = read.withdraw(reason="", disposition="return")
        work.cases.save(read)
        work.record(event)
    with database.look() as work:
        assert work.cases.get(case.case_id).state == case.state
        row = work.audit.page(limit=1)[0]
    assert (row.event, row.actor_id, row.case_id) == ("ActRefused", CUSTODIAN.person_id, case.case_id)
    assert '"PPL-001"' in row.body_json


def test_a_changed_role_does_not_wash_off_what_was_done(database: SqlDatabase) -> None:
    """A lead who is handed the official's role still cannot determine the case they reviewed."""
    case = add_case(database)
    with database.work(LEAD) as work:
        work.record(events.Recommended(case_id=case.case_id, conclusion="covered"))
    posing = Person(**{**LEAD.__dict__, "role": Role.DETERMINATION_OFFICIAL})
    with pytest.raises(NotAppointed), database.work(posing) as work:
        # The register, not the session's word, says which role somebody has.
        work.record(events.Determined(case_id=case.case_id, number=1, conclusion="covered", supersedes=None))
    import msgspec
    import sqlalchemy as sa

    from storage.schema import people

    with database._engine.connect() as connection, connection.begin():
        where = people.c.person_id == LEAD.person_id
        connection.execute(sa.update(people).where(where).values(body=msgspec.json.encode(posing)))
    with pytest.raises(DutiesConflict), database.work(posing) as work:
        work.record(events.Determined(case_id=case.case_id, number=1, conclusion="covered", supersedes=None))


def test_a_second_account_for_the_same_person_is_refused(database: SqlDatabase) -> None:
    """A staff number or a login name is enrolled once."""
    for field in ("login_name", "staff_number"):
        twin = Person(**{**person(9, Role.REVIEWER).__dict__, field: getattr(LEAD, field)})
        with pytest.raises(PersonExists) as refusal, database.work(CUSTODIAN) as work:
            work.people.add(twin, b"")
        assert refusal.value.field == field


def test_the_chain_names_the_first_broken_row(database: SqlDatabase, tmp_path: Path, clock: SetClock) -> None:
    """Any column of any row, changed behind the program's back, breaks the chain at that row."""
    for number in range(1, 4):
        add_case(database, number)
    database.close()
    changes = ("at", "actor_id", "actor_name", "role", "duty", "event", "case_id", "body", "hash_sha384")
    for column in changes:
        with _behind_the_back(tmp_path / "db") as raw:
            kept = raw.execute(f"SELECT {column} FROM audit WHERE seq = 2").fetchone()[0]
            raw.execute("DROP TRIGGER audit_no_update")
            raw.execute(
                f"UPDATE audit SET {column} = ? WHERE seq = 2", (kept[:-1] + "0" if kept[-1] != "0" else "1",)
            )
        answer = _verify(tmp_path / "db", clock)
        assert answer == (2, "hash-differs"), column
        with _behind_the_back(tmp_path / "db") as raw:
            raw.execute(f"UPDATE audit SET {column} = ? WHERE seq = 2", (kept,))
            raw.execute(
                "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'no'); END"
            )


def test_a_missing_row_and_a_rebuilt_chain_are_noticed(
    database: SqlDatabase, tmp_path: Path, clock: SetClock
) -> None:
    """A row taken out leaves a gap; a chain rebuilt without the audit key fails its MAC."""
    for number in range(1, 4):
        add_case(database, number)
    database.close()
    with _behind_the_back(tmp_path / "db") as raw:
        raw.execute("DROP TRIGGER audit_no_delete")
        raw.execute("DELETE FROM audit WHERE seq = 3")
    assert _verify(tmp_path / "db", clock) == (3, "missing-row")
    with _behind_the_back(tmp_path / "db") as raw:
        raw.execute("DROP TRIGGER audit_no_update")
        raw.execute("DELETE FROM audit WHERE seq > 2")
        raw.execute("UPDATE audit SET mac_sha384 = x'00' WHERE seq = 2")
    assert _verify(tmp_path / "db", clock) == (2, "mac-differs")


def test_the_trail_only_grows(database: SqlDatabase) -> None:
    """Even code that holds a connection cannot change or remove a row."""
    import sqlalchemy as sa

    for statement in ("UPDATE audit SET event = 'x'", "DELETE FROM audit"):
        with (
            pytest.raises((sa.exc.DBAPIError, sqlcipher.DatabaseError), match="only grows"),
            database._engine.connect() as connection,
            connection.begin(),
        ):
            connection.exec_driver_sql(statement)


def test_a_clock_set_back_is_flagged_and_moves_no_deadline(database: SqlDatabase, clock: SetClock) -> None:
    """The highest time seen stays; the trail says that the clock went back; nobody is locked out."""
    add_case(database)
    clock.at = NOW - timedelta(days=400)
    add_case(database, 2)
    with database.look() as work:
        assert work.highest_time == NOW
        assert [row.event for row in work.audit.page(limit=2)] == ["ReleaseDateRevised", "ClockWentBack"]


def test_the_file_is_not_readable_without_the_key(
    database: SqlDatabase, tmp_path: Path, clock: SetClock
) -> None:
    """Neither another key nor plain SQLite opens the file, and nothing typed stands in it."""
    add_case(database)
    database.close()
    with pytest.raises(DatabaseDamaged):
        open_database(tmp_path / "db", clock, key=bytes(32))
    with sqlite3.connect(tmp_path / "db") as plain, pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM cases")
    plain.close()
    content = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"UNCLASSIFIED" not in content
    assert b"Person 1" not in content


def test_rekeying_keeps_everything(database: SqlDatabase, tmp_path: Path, clock: SetClock) -> None:
    """After a rotation only the new key opens the file, and the chain still holds."""
    case = add_case(database)
    database.rekey(bytes(32))
    with database.look() as work:
        assert work.cases.get(case.case_id) == case
        assert work.audit.verify().broken_seq is None
    database.close()
    with pytest.raises(DatabaseDamaged):
        open_database(tmp_path / "db", clock)
    open_database(tmp_path / "db", clock, key=bytes(32)).close()


def test_a_newer_database_is_refused(database: SqlDatabase, tmp_path: Path, clock: SetClock) -> None:
    """A database of a newer workstation is left as it is."""
    database.close()
    with _behind_the_back(tmp_path / "db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(DatabaseNewer):
        open_database(tmp_path / "db", clock)


def test_the_migrations_build_what_the_schema_says(database: SqlDatabase) -> None:
    """Alembic finds no difference between the migrated file and the declared tables."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from storage.schema import PLACE, metadata

    def is_described(name: str | None, kind: str, _parents: object) -> bool:
        # SQLAlchemy describes no full-text tables.
        return kind != "table" or not str(name).startswith("words_")

    with database._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_described})
        with pytest.warns(match="expression-based index '?files_by_place"):  # which is compared below
            assert compare_metadata(context, metadata) == []
        text = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'files_by_place'")
        assert PLACE in text.scalar_one()


def _verify(path: Path, clock: SetClock) -> tuple[int | None, str]:
    database = open_database(path, clock)
    with database.look() as work:
        answer = work.audit.verify()
    database.close()
    return answer.broken_seq, answer.reason


class _behind_the_back:  # noqa: N801 - reads as a phrase in ``with``
    """A plain SQLCipher connection with the right key, as an insider with the vault key would have."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlcipher.connect(str(path))
        self._connection.execute(f"PRAGMA key = \"x'{KEY.hex()}'\"")

    def __enter__(self) -> "sqlcipher.Connection":
        return self._connection

    def __exit__(self, *_error: object) -> None:
        self._connection.commit()
        self._connection.close()
