"""Nobody works whom only one custodian knows, and nobody settles an own difference."""

from dataclasses import replace
from pathlib import Path

import pytest

from storage.unit_of_work import SavedWithoutEvent
from tests.helpers.office import office
from workstation.app import administering, auditing, credentials, reviewing
from workstation.app.administering import NewPerson
from workstation.app.services import Session
from workstation.core import events
from workstation.core.cases import CaseType
from workstation.core.confirmations import (
    ConfirmedAlready,
    LastConfirmer,
    NotConfirmed,
    NotToBeConfirmedBy,
    StaffNumberDiffers,
)
from workstation.core.people import NotAppointed, Person, Role
from workstation.core.values import PersonId
from workstation.demo.story import CUSTODIAN, OFFICE, Story, passphrase

PUPPET = NewPerson(login_name="puppet", staff_number="D-9999", display_name="P. Puppet", role=Role.REVIEWER)


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """A demonstration office whose people are all known to two."""
    made = office(tmp_path)
    made.set_up()
    return made


def enrol(session: Session, new: NewPerson = PUPPET) -> Person:
    """By the custodian at the desk, who types both passphrases."""
    return administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())


def open_case(session: Session) -> None:
    """An act of the review."""
    new = reviewing.NewCase(
        case_type=CaseType.DESIGNATION_INQUIRY,
        developer="d",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
    )
    reviewing.open_case(session, new)


def test_a_puppet_can_look_and_do_nothing(story: Story) -> None:
    """Whom one custodian enrolled under an invented number acts on no case, and the attempt is a row."""
    with story.acting("abara") as session:
        assert not enrol(session).confirmed
    with story.acting("puppet") as session:
        with pytest.raises(NotConfirmed):
            open_case(session)
        assert auditing.page(session, limit=1)[0].event == "ActRefused"


def test_the_official_confirms_by_the_badge(story: Story) -> None:
    """With the number on the badge somebody else confirms, once; then the person works."""
    with story.acting("abara") as session:
        person = enrol(session)
        with pytest.raises(NotToBeConfirmedBy):
            administering.confirm(session, person.person_id, staff_number="D-9999")
    with story.acting("osei") as session, pytest.raises(NotAppointed):
        administering.confirm(session, person.person_id, staff_number="D-9999")
    with story.acting("tanaka") as session:
        with pytest.raises(StaffNumberDiffers):
            administering.confirm(session, person.person_id, staff_number="D-9998")
        made = administering.confirm(session, person.person_id, staff_number="d 9999")
        assert (made.confirmed, made.confirmed_by) == (True, session.person.person_id)
        with pytest.raises(ConfirmedAlready):
            administering.confirm(session, person.person_id, staff_number="D-9999")
        row = auditing.page(session, limit=5)
        assert "PersonConfirmed" in {one.event for one in row}
    with story.acting("puppet") as session:
        open_case(session)


def test_a_puppet_that_could_confirm_confirms_nobody(story: Story) -> None:
    """A second puppet as officer or custodian cannot vouch for the first, nor for itself."""
    with story.acting("abara") as session:
        first = enrol(session)
        officer = replace(PUPPET, login_name="second", staff_number="D-9998", display_name="S. Puppet")
        second = enrol(session, replace(officer, role=Role.SECURITY_OFFICER))
    with story.acting("second") as session:
        for person in (first, second):
            with pytest.raises((NotConfirmed, NotToBeConfirmedBy)):
                administering.confirm(session, person.person_id, staff_number=person.staff_number)


def test_another_role_or_a_removed_officer_opens_no_door(story: Story) -> None:
    """Neither a role given later nor taking officers away makes a puppet one that works."""
    with story.acting("abara") as session:
        person = enrol(session)
        changed = credentials.renew_identity(
            session,
            person.person_id,
            role=Role.SECURITY_OFFICER,
            reason="x",
            custodian_passphrase=passphrase(),
            passphrase=passphrase(),
        )
        assert not changed.confirmed
        officer, official = (administering.person_by_login(session, one) for one in ("tanaka", "lindqvist"))
        retire = {"reason": "x", "revoke_certificates": False}
        credentials.retire(session, officer.person_id, **retire, custodian_passphrase=passphrase())  # type: ignore[arg-type]  # a mapping
        with pytest.raises(LastConfirmer):
            credentials.retire(session, official.person_id, **retire, custodian_passphrase=passphrase())  # type: ignore[arg-type]  # a mapping


def test_no_direct_call_makes_somebody_known(story: Story) -> None:
    """Written past the workflow a confirmation does not commit, whoever it names and whatever is recorded."""
    with story.acting("abara") as session:
        person = enrol(session)
        forged = replace(person, confirmed=True, confirmed_by=session.person.person_id)
        with pytest.raises(SavedWithoutEvent), session.work() as work:
            work.people.save(forged)
            work.record(events.FiltersSaved(names=()))
        with pytest.raises(NotToBeConfirmedBy), session.work() as work:
            work.people.save(forged)
            work.record(events.PersonConfirmed(person_id=person.person_id, staff_number="D-9999"))
        with session.look() as work:
            assert not work.people.get(person.person_id).confirmed


def test_no_direct_call_enrols_or_appoints(story: Story) -> None:
    """Nobody is written into the register, or into another role, without a custodian's event about them."""
    with story.acting("abara") as session:
        by = session.person
        ghost = replace(by, person_id=PersonId("PERSON-GHOST"), login_name="ghost", staff_number="D-1")
        ghost = replace(ghost, display_name="G. Host", role=Role.REVIEWER, enrolled_by=by.person_id)
        for made_known in (True, False):
            with pytest.raises(SavedWithoutEvent), session.work() as work:
                work.people.add(replace(ghost, confirmed=made_known), b"")
                work.record(events.FiltersSaved(names=()))
        with pytest.raises(NotToBeConfirmedBy), session.work() as work:
            work.people.add(ghost, b"")
            work.record(_enrolled(ghost))
    with story.acting("osei") as session:
        for changed in ({"role": Role.CUSTODIAN}, {"enrolled_by": session.person.person_id}):
            with pytest.raises(SavedWithoutEvent), session.work() as work:
                work.people.save(replace(session.person, **changed))
                work.record(events.FiltersSaved(names=()))
        with pytest.raises(NotAppointed), session.work() as work:
            work.people.save(replace(session.person, role=Role.LEAD_REVIEWER))
            work.record(_enrolled(session.person))


def _enrolled(person: Person) -> events.PersonEnrolled:
    return events.PersonEnrolled(
        person_id=person.person_id,
        login_name=person.login_name,
        staff_number=person.staff_number,
        display_name=person.display_name,
        role=str(person.role),
        certificates_sha384=(),
    )


def test_an_office_begins_with_its_custodian_alone(tmp_path: Path) -> None:
    """At set-up the first who can confirm is not asked for; those before wait as soon as there is one."""
    story = office(tmp_path)
    session = administering.first_run(
        story.services, office=OFFICE, custodian=CUSTODIAN, passphrase=passphrase()
    )
    try:
        reviewer = enrol(session)
        assert not reviewer.confirmed
        official = replace(PUPPET, login_name="off", staff_number="D-2", display_name="O. Official")
        assert enrol(session, replace(official, role=Role.DETERMINATION_OFFICIAL)).confirmed
    finally:
        session.database.close()
        session.vault.lock()
    with story.acting("puppet") as session, pytest.raises(NotConfirmed):
        open_case(session)
    with story.acting("off") as session:
        administering.confirm(session, reviewer.person_id, staff_number="D-9999")
    with story.acting("puppet") as session:
        open_case(session)
