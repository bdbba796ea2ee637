"""Objects from before cases had keys of their own come under them at leisure, and open all the while."""

from pathlib import Path

import sqlalchemy as sa

from storage.database import SqlDatabase
from storage.schema import case_keys, files
from tests.helpers.ready_office import office_at
from workstation.app import checking, destroying
from workstation.app.services import Session
from workstation.core.jobs import JobControl
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef


def _as_before(session: Session, case_id: CaseId) -> None:
    """The vault as an earlier version of the program left it: no key of the case, every reference loose."""
    database = session.database
    assert isinstance(database, SqlDatabase)
    with session.look() as work:
        refs = {one for _size, _digest, one in work.packages.contents(case_id)}
    pairs = {one: session.vault.rewrap(ObjectRef.parse(one)).text for one in refs}
    with database._writing() as connection:
        for old, new in pairs.items():
            connection.execute(sa.update(files).where(files.c.object_ref == old).values(object_ref=new))
        connection.execute(sa.delete(case_keys))
    session.vault.forget_case_key(1)


def test_a_check_brings_a_case_of_before_under_a_key_of_its_own(tmp_path: Path) -> None:
    """Everything opens before and after; afterwards nothing is loose, and objects are counted as before."""
    story, case_id = office_at("received", tmp_path)
    with story.acting("osei") as session:
        _as_before(session, case_id)
        assert session.key_of(case_id) == 0
        held = destroying.look_at(session, case_id).holdings
        assert held.loose == held.files > 0
        with session.look() as work:
            (loose, *_rest) = work.case_keys.loose(case_id, limit=1)
            named = work.packages.references(loose)
        found = checking.check_vault(session, JobControl())
        assert found.holds
        assert session.key_of(case_id) > 0
        assert destroying.look_at(session, case_id).holdings.loose == 0
        with session.look() as work:
            assert work.packages.references(loose) == named  # the old words find the same object
            names = [row.event for row in work.audit.page(limit=10)]
        assert "ReferencesRewrapped" in names
        assert checking.check_vault(session, JobControl()).holds


def test_nothing_is_made_anew_for_a_case_that_has_its_key(tmp_path: Path) -> None:
    """A second check finds nothing to do and writes nothing but that it was."""
    story, case_id = office_at("received", tmp_path)
    with story.acting("osei") as session:
        key = session.key_of(case_id)
        checking.check_vault(session, JobControl())
        assert session.key_of(case_id) == key
        with session.look() as work:
            assert work.audit.newest("ReferencesRewrapped") is None
