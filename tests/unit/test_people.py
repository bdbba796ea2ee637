"""Separation of duties as pure rules."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.core.people import (
    APPOINTED,
    INCOMPATIBLE,
    DutiesConflict,
    Duty,
    NotAppointed,
    Person,
    PersonFieldInvalid,
    PersonInactive,
    Role,
    require_duty,
    require_person_fields,
)
from workstation.core.values import PersonId


def person(role: Role, *, active: bool = True) -> Person:
    """Somebody in ``role``."""
    return Person(
        person_id=PersonId("PERSON-1"),
        login_name="somebody",
        staff_number="1",
        display_name="Somebody",
        role=role,
        enrolled_at=datetime(2027, 1, 1, tzinfo=UTC),
        active=active,
    )


def test_nobody_is_appointed_to_everything() -> None:
    """No role, the custodian's included, can carry a case alone from receipt to export."""
    path = {
        Duty.OPEN_CASE,
        Duty.RECEIVE_PACKAGE,
        Duty.ANSWER,
        Duty.RECOMMEND,
        Duty.DETERMINE,
        Duty.RELEASE_EXPORT,
    }
    for role in Role:
        assert path - {duty for duty in path if role in APPOINTED[duty]}


def test_the_custodian_and_the_trainer_decide_nothing() -> None:
    """Managing people, lists and keys gives no hand in what is decided of any case."""
    for role in (Role.CUSTODIAN, Role.TRAINER):
        held = {duty for duty in Duty if role in APPOINTED[duty]}
        assert held <= {
            Duty.MANAGE_PEOPLE,
            Duty.CONFIRM_PERSON,
            Duty.ADD_CONTENT,
            Duty.TRUST_CONTENT,
            Duty.KEEP_RELEASE_LISTS,
            Duty.CARRY_OUT_DESTRUCTION,  # of what somebody else asked to be destroyed
            Duty.USE_WORKSTATION,
        }


def test_every_duty_has_somebody() -> None:
    """Each duty is open to at least one role, and the table names each of them."""
    assert set(APPOINTED) == set(Duty)
    assert all(APPOINTED.values())


@given(role=st.sampled_from(Role), duty=st.sampled_from(Duty), done=st.frozensets(st.sampled_from(Duty)))
def test_a_duty_is_done_only_when_appointed_and_unconflicted(
    role: Role, duty: Duty, done: frozenset[Duty]
) -> None:
    """The rule equals its two sentences: appointed to it, and nothing done that excludes it."""
    allowed = role in APPOINTED[duty] and not (INCOMPATIBLE.get(duty, frozenset()) & done)
    try:
        require_duty(person(role), duty, done)
    except (NotAppointed, DutiesConflict):
        assert not allowed
    else:
        assert allowed


def test_the_conflict_survives_a_change_of_role() -> None:
    """A reviewer who becomes security officer cannot release what they requested."""
    with pytest.raises(DutiesConflict) as refusal:
        require_duty(person(Role.SECURITY_OFFICER), Duty.RELEASE_EXPORT, frozenset({Duty.REQUEST_EXPORT}))
    assert refusal.value.earlier_duty == Duty.REQUEST_EXPORT


def test_determining_and_reviewing_exclude_each_other_both_ways() -> None:
    """Whichever comes first, the same person does not do the other."""
    for one in (Duty.ANSWER, Duty.GIVE_OPINION, Duty.RECOMMEND, Duty.CERTIFY_REPORT):
        assert one in INCOMPATIBLE[Duty.DETERMINE]
        assert Duty.DETERMINE in INCOMPATIBLE[one]


def test_somebody_no_longer_enrolled_does_nothing() -> None:
    """An inactive person is refused even what everybody may do."""
    with pytest.raises(PersonInactive):
        require_duty(person(Role.REVIEWER, active=False), Duty.USE_WORKSTATION, frozenset())


@pytest.mark.parametrize("bad", ["", " a", "a ", "a\u202eb", "a\nb", "x" * 101])
def test_names_that_deceive_are_refused(bad: str) -> None:
    """Empty, padded, over-long or control-carrying names are refused by field."""
    with pytest.raises(PersonFieldInvalid):
        require_person_fields(login_name="a", staff_number="1", display_name=bad)
