"""What lists keep of cases between two readings is never older or newer than the state they read."""

from pathlib import Path

import pytest

from tests.helpers import databases
from tests.helpers.databases import CASE, LEAD, about, add_case, on_disk
from workstation.core.ports import Database


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Two cases on disk."""
    made = on_disk(tmp_path).database
    databases.enrol_everybody(made)
    add_case(made)
    add_case(made, 2)
    return made


def rename(database: Database, name: str) -> None:
    """One committed change of one case."""
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.model = name
        work.cases.save(case)
        about(work)


def test_nothing_is_read_again_while_nothing_changes(database: Database) -> None:
    """Two readings of an unchanged vault hand out the very same sequence."""
    with database.look() as work:
        first = work.search.summaries()
    with database.look() as work:
        assert work.search.summaries() is first


def test_a_change_is_seen_and_the_rest_is_kept(database: Database) -> None:
    """After a commit the changed case is read anew, the others are the same objects."""
    with database.look() as work:
        before = work.search.summaries()
    rename(database, "renamed")
    with database.look() as work:
        after = work.search.summaries()
        assert after[0].model == "renamed"
        assert after[1] is before[1]
        assert list(after) == [work.search.summary(case.case_id) for case in before]


def test_an_older_state_stays_the_older_state(database: Database) -> None:
    """A look that began before a commit reads what was there then, even after another look read on."""
    with database.look() as early:
        old = [case.model for case in early.search.summaries()]
        rename(database, "renamed")
        with database.look() as late:
            assert late.search.summaries()[0].model == "renamed"
        assert [case.model for case in early.search.summaries()] == old


def test_what_is_rolled_back_is_never_seen(database: Database) -> None:
    """A writer sees the own change; after its failure nobody does, and the number it used serves again."""
    with pytest.raises(ZeroDivisionError), database.work(LEAD) as work:
        case = work.cases.get(CASE)
        case.model = "lost"
        work.cases.save(case)
        assert work.search.summary(CASE).model == "lost"
        raise ZeroDivisionError
    rename(database, "kept")
    with database.look() as work:
        assert work.search.summaries()[0].model == "kept"


def test_an_index_made_anew_is_read_anew(database: Database) -> None:
    """Making the derived tables anew leaves no summary of the old ones behind."""
    with database.look() as work:
        before = work.search.summaries()
    with database.work(LEAD) as work:
        work.search.rebuild()
        about(work)
    with database.look() as work:
        assert tuple(work.search.summaries()) == tuple(before)
        assert work.search.summaries() is not before
