"""What was refused is in the trail, for whoever reads it afterwards."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from storage.schema import people
from tests.helpers.listed import listed_folder
from tests.helpers.office import office
from tests.helpers.ready_office import office_at
from workstation.app import administering, auditing, exporting, reporting, reviewing
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.core.exports import MediumBelowContent
from workstation.core.markings.authority import AuthorityBlock, BlockKind, Source
from workstation.core.people import NotAppointed, PersonInactive, Role
from workstation.core.vault_errors import CredentialsRefused, PassphraseNotConfirmed
from workstation.demo.story import passphrase

_BLOCK = AuthorityBlock(
    kind=BlockKind.DERIVATIVE,
    classified_by="K. Osei",
    position="Reviewer",
    office="Test Office",
    declassify_on="20500101",
    sources=(Source(title="Demonstration Guide", agency="DEMO", dated="20260101", declassify_on="20500101"),),
)


def _newest(session: Session) -> tuple[str, str, str]:
    row = auditing.page(session, limit=1)[0]
    return row.event, row.actor_id, row.body_json


def test_a_release_below_the_marking_is_in_the_trail(tmp_path: Path) -> None:
    """The attempt to write a SECRET report to an unclassified medium is a row with its code and its actor."""
    story = office(tmp_path)
    story.marking = "SECRET//NOFORN"
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    story.conclude(case_id)
    with story.acting("osei") as session:
        reviewing.state_authority(session, case_id, authority=_BLOCK)
        report = reporting.certify(session, case_id, passphrase(), story.job)
        request = exporting.request(session, report.report_id, recipient="somebody")
    low = listed_folder(story.services, story.medium)
    with story.acting("tanaka") as session:
        with pytest.raises(MediumBelowContent):
            exporting.release(session, request.export_id, low, passphrase(), story.job)
        event, actor, body = _newest(session)
        assert (event, actor) == ("ActRefused", session.person.person_id)
        assert f'"{MediumBelowContent.code}"' in body


def test_somebody_else_s_try_to_enrol_is_in_the_trail(tmp_path: Path) -> None:
    """Whoever tries to enrol people without being the custodian leaves a row with the code of the refusal."""
    story, _case_id = office_at("people", tmp_path)
    new = administering.NewPerson(
        login_name="new", staff_number="D-3000", display_name="N", role=Role.REVIEWER
    )
    with story.acting("tanaka") as session:
        with pytest.raises(NotAppointed):
            administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())
        event, actor, body = _newest(session)
        assert (event, actor) == ("ActRefused", session.person.person_id)
        assert f'"{NotAppointed.code}"' in body


def test_a_wrong_passphrase_at_the_signing_prompt_is_in_the_trail(tmp_path: Path) -> None:
    """Guessing a passphrase at an open vault leaves a row, which names the person and no secret."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("osei") as session:
        with pytest.raises(PassphraseNotConfirmed):
            reporting.certify(session, case_id, bytearray(b"my other passphrase"), story.job)
        event, actor, body = _newest(session)
        assert (event, actor) == ("ActRefused", session.person.person_id)
        assert f'"{PassphraseNotConfirmed.code}"' in body
        assert "my other passphrase" not in body


def test_a_trail_cut_before_a_report_s_head_does_not_verify(tmp_path: Path) -> None:
    """When the newest rows are cut off, the head that a certified report has printed is missed."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("osei") as session:
        reporting.certify(session, case_id, passphrase(), story.job)
        before = auditing.verify(session)
        assert before.broken_seq is None
        with session.database._engine.connect() as connection, connection.begin():  # type: ignore[attr-defined]  # the insider's way
            connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
            connection.exec_driver_sql("DELETE FROM audit WHERE seq > 10")
        answer = auditing.verify(session)
    assert (answer.broken_seq, answer.reason) == (11, "head-missing")


def test_guessing_at_a_locked_vault_is_in_the_trail_afterwards(tmp_path: Path) -> None:
    """Passphrases tried in vain, by whatever name, are counted in the row of the next unlocking."""
    story, _case_id = office_at("people", tmp_path)
    for login_name in ("osei", "nobody"):
        story.clock.advance(timedelta(hours=1))
        with pytest.raises(CredentialsRefused):
            sessions.unlock(story.services, login_name=login_name, passphrase=bytearray(b"guess"))
    story.clock.advance(timedelta(hours=1))
    with story.acting("osei") as session:
        assert '"failed_attempts":2' in _newest(session)[2]
    with story.acting("osei") as session:
        assert '"failed_attempts":0' in _newest(session)[2]


def test_who_is_no_longer_enrolled_is_refused_in_the_trail(tmp_path: Path) -> None:
    """An inactive person with a slot opens nothing, and the attempt is a row under that person."""
    story, _case_id = office_at("people", tmp_path)
    with pytest.raises(PersonInactive), story.acting("osei") as session:  # even the lock is refused to them
        gone = replace(session.person, active=False)
        where = people.c.person_id == gone.person_id
        with session.database._engine.connect() as connection, connection.begin():  # type: ignore[attr-defined]  # the insider's way
            connection.execute(sa.update(people).where(where).values(body=msgspec.json.encode(gone)))
    with pytest.raises(PersonInactive):
        sessions.unlock(story.services, login_name="osei", passphrase=passphrase())
    with story.acting("abara") as session:
        rows = auditing.page(session, limit=5)
    assert [row.actor_id for row in rows if '"PPL-003"' in row.body_json] == [gone.person_id] * 2
