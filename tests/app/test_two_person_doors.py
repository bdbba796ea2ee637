"""No renamed account, role that comes back, restored vault or imported name gets round a two-person rule."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from storage.schema import people
from tests.helpers.ready_office import office_at
from workstation.app import auditing, backups, determining
from workstation.app.services import Session
from workstation.core.determinations import Conclusion
from workstation.core.jobs import JobControl
from workstation.core.people import DutiesConflict, Person, Role
from workstation.core.values import CaseId


def register(session: Session, change: Callable[[Person], Person]) -> None:
    """What the register says of the person at the desk, changed by an insider with the vault's key."""
    body = msgspec.json.encode(change(session.person))
    where = people.c.person_id == session.person.person_id
    engine = session.database._engine  # type: ignore[attr-defined]  # the insider's way
    with engine.connect() as connection, connection.begin():
        connection.execute(sa.update(people).where(where).values(body=body))


def as_role(role: Role) -> Callable[[Person], Person]:
    """The same person in another role."""
    return lambda person: replace(person, role=role)


def renamed(person: Person) -> Person:
    """The same person under another name, as the official."""
    return replace(person, login_name="mueller", display_name="M. Mueller", role=Role.DETERMINATION_OFFICIAL)


def require_refused(session: Session, case_id: CaseId) -> None:
    """Determining is refused for what was done before, and the refusal names the person in the trail."""
    with pytest.raises(DutiesConflict):
        determining.determine(session, case_id, conclusion=Conclusion.COVERED, reasons="x")
    row = auditing.page(session, limit=1)[0]
    assert (row.event, row.actor_id) == ("ActRefused", session.person.person_id)


def test_a_renamed_account_is_the_same_person(tmp_path: Path) -> None:
    """A reviewer whose login and name were changed in the register still determines nothing of the case."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("ibarra") as session:
        register(session, renamed)
        require_refused(session, case_id)


def test_a_role_taken_away_and_given_back_wipes_nothing(tmp_path: Path) -> None:
    """Reviewer, then official, reviewer again, then official: what was done on the case still stands."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("ibarra") as session:
        for role in (Role.DETERMINATION_OFFICIAL, Role.REVIEWER, Role.DETERMINATION_OFFICIAL):
            register(session, as_role(role))
        require_refused(session, case_id)


def test_a_restored_vault_remembers_who_did_what(tmp_path: Path) -> None:
    """Restored from a backup, the vault still knows the reviewer, who as official determines nothing."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("abara") as session:
        backups.take(session, tmp_path / "backup", JobControl())
    shutil.rmtree(tmp_path / "profile")
    backups.restore(story.services, tmp_path / "backup", tmp_path / "profile", JobControl())
    with story.acting("ibarra") as session:
        register(session, as_role(Role.DETERMINATION_OFFICIAL))
        require_refused(session, case_id)
