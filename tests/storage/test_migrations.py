"""A database of the first release becomes one of today's: nothing is lost, whenever it is interrupted."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import schema
from tests.helpers import databases
from tests.helpers.children import ROOT
from tests.helpers.databases import (
    CASE,
    CUSTODIAN,
    KEY,
    LEAD,
    OFFICER,
    OFFICIAL,
    PACKAGE,
    a_file,
    a_package,
    a_report,
    about,
    add_case,
    an_answer,
    an_export,
    on_disk,
)
from tests.helpers.old_databases import as_first_released, connect, fill
from workstation.core.cases import Case
from workstation.core.ports import Database
from workstation.core.values import CriterionId, ExportId, ReportId

FILES = [a_file(path, size_bytes=size) for path, size in (("a.txt", 10), ("b/two", 20))]
ANSWERS = [an_answer("K1.1"), an_answer("K1.1", revision=2, detail="More."), an_answer("K1.2", by=OFFICIAL)]


def _first_release(folder: Path) -> Path:
    """An empty database as the first migration alone leaves it."""
    folder.mkdir()
    as_first_released(lambda: on_disk(folder).database)
    return folder / "db"


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Case, str]:
    """A database of the first release with rows in every table, the case in it, and the head of its trail."""
    folder = tmp_path_factory.mktemp("old")
    bench = on_disk(folder)
    databases.enrol_everybody(bench.database)
    case = add_case(bench.database)
    with bench.database.work(LEAD) as work:
        work.packages.add(a_package())
        work.packages.add_files(FILES)
        for answer in ANSWERS:
            work.answers.add(answer)
        work.releases.save_report(a_report())
        work.releases.save_export(an_export())
        work.put_blob("office", b"Office")
        about(work)
    with bench.database.look() as work:
        head = work.audit.head
    bench.database.close()
    path = _first_release(folder / "first")
    fill(path, folder / "db")
    return path, case, head


@pytest.fixture
def copied(old: tuple[Path, Case, str], tmp_path: Path) -> Path:
    """The database of the first release, to be migrated."""
    (tmp_path / "db").write_bytes(old[0].read_bytes())
    return tmp_path / "db"


@pytest.fixture
def migrated(copied: Path) -> Iterator[Database]:
    """The same, opened by today's program."""
    database = on_disk(copied.parent).database
    yield database
    database.close()


def revision_and_tables(path: Path) -> tuple[str, set[str]]:
    """What the file says of itself."""
    connection = connect(path)
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return revision, tables


def require_everything(database: Database, case: Case, head: str) -> None:
    """Every record of every table of the first release is read, and the chain proves."""
    with database.look() as work:
        assert work.people.all() == [CUSTODIAN, LEAD, OFFICIAL, OFFICER]
        assert work.people.sealed_identity(LEAD.person_id) == b"sealed for PERSON-2"
        assert work.cases.get(CASE) == case
        assert list(work.packages.of_case(CASE)) == [a_package()]
        assert list(work.packages.files(PACKAGE)) == FILES
        assert list(work.answers.history(CASE, CriterionId("K1.1"))) == ANSWERS[:2]
        assert len(work.answers.latest(CASE)) == 2
        assert work.releases.report(ReportId("REPORT-1")) == a_report()
        assert work.releases.export(ExportId("EXPORT-1")) == an_export()
        assert work.blob("office") == b"Office"
        answer = work.audit.verify()
        assert (answer.rows, answer.head_sha384, answer.broken_seq) == (3, head, None)
        assert work.audit.duties_done(LEAD.person_id, CASE) == {"keep-window", "accept-package"}


def test_the_old_one_is_really_old(copied: Path) -> None:
    """What is migrated here has the tables of the first release and no others."""
    revision, tables = revision_and_tables(copied)
    assert revision == "0001"
    assert "answers" in tables
    assert not {"findings", "referrals", "content_sets"} & tables


def test_everything_of_the_first_release_is_read(
    old: tuple[Path, Case, str], migrated: Database, copied: Path
) -> None:
    """People, cases, files, answers, reports, exports and the trail are there after the migration."""
    require_everything(migrated, old[1], old[2])
    assert list(migrated.problems()) == []
    assert revision_and_tables(copied)[0] == schema.HEAD_REVISION


def test_work_goes_on_after_the_migration(migrated: Database) -> None:
    """The migrated database is written as before, and its chain goes on from the old head."""
    add_case(migrated, 2)
    with migrated.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.model = "renamed"
        work.cases.save(case)
        work.packages.mark_seen(PACKAGE, "a.txt")
        work.answers.add(an_answer("K1.1", revision=3))
        about(work)
    with migrated.look() as work:
        assert work.cases.get(CASE).model == "renamed"
        assert (work.audit.verify().rows, work.audit.verify().broken_seq) == (5, None)


def test_migrated_and_new_are_built_alike(migrated: Database, copied: Path, tmp_path: Path) -> None:
    """An old database ends with the same tables, columns, indexes and triggers as a new one."""
    (tmp_path / "new").mkdir()
    on_disk(tmp_path / "new").database.close()
    shapes = []
    for path in (copied, tmp_path / "new" / "db"):
        connection = connect(path)
        shapes.append(set(connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")))
        connection.close()
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("statement", [1, 9, "version"])
def test_a_kill_in_the_middle_leaves_it_as_it_was(
    old: tuple[Path, Case, str], copied: Path, statement: int | str
) -> None:
    """Killed at any statement of the migration, the file is still the old one, and opens and migrates."""
    code = f"""
        import os, signal
        from pathlib import Path
        import sqlalchemy as sa
        from storage.database import SqlDatabase
        changes = 0
        def watch(connection, cursor, statement, parameters, context, many):
            global changes
            changes += statement.split()[0].upper() in ("CREATE", "ALTER", "DROP", "INSERT")
            if {statement!r} == "version" and statement.startswith("UPDATE alembic_version"):
                os.kill(os.getpid(), signal.SIGKILL)
            if changes == {statement!r}:
                os.kill(os.getpid(), signal.SIGKILL)
        sa.event.listen(sa.Engine, "before_cursor_execute", watch)
        SqlDatabase(Path({str(copied)!r}), key=bytes.fromhex({KEY.hex()!r}),
                    audit_key=lambda epoch: bytes(48), epoch=lambda: 1, clock=None)
    """
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{textwrap.dedent(code)}"
    done = subprocess.run([sys.executable, "-I", "-c", program], check=False)
    assert done.returncode == -signal.SIGKILL
    revision, tables = revision_and_tables(copied)
    assert (revision, "findings" in tables) == ("0001", False)
    database = on_disk(copied.parent).database
    require_everything(database, old[1], old[2])
    database.close()
