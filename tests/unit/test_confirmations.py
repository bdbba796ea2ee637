"""Whoever is not known to two people acts on nothing, in whatever order people are enrolled and confirmed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workstation.core import confirmations
from workstation.core.confirmations import NotConfirmed
from workstation.core.errors import Refused
from workstation.core.people import Duty, Person, Role
from workstation.core.values import PersonId

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
FOUNDER = PersonId("p0")
VOUCHING = {Role.CUSTODIAN, Role.SECURITY_OFFICER, Role.DETERMINATION_OFFICIAL}  # as the guide names them
NUMBER = st.integers(0, 30)


def somebody(number: int, role: Role, enrolled_by: str = "") -> Person:
    """One person, not yet known to a second one."""
    return Person(
        person_id=PersonId(f"p{number}"),
        login_name=f"p{number}",
        staff_number=f"D-{number}",
        display_name=f"Person {number}",
        role=role,
        enrolled_at=NOW,
        enrolled_by=PersonId(enrolled_by),
        confirmed=not enrolled_by,
    )


class Enrolling(RuleBasedStateMachine):
    """People enrol, confirm, leave and act in any order, beside a card that says who is known to whom."""

    def __init__(self) -> None:
        super().__init__()
        self.people = {FOUNDER: somebody(0, Role.CUSTODIAN)}
        self.known: dict[PersonId, set[PersonId]] = {FOUNDER: set()}  # by whom somebody is vouched for
        self.alone = {FOUNDER}  # who came when nobody could have said more

    def one(self, number: int) -> Person:
        """Somebody of the office."""
        return list(self.people.values())[number % len(self.people)]

    def others_who_vouch(self, than: PersonId) -> bool:
        """Whether anybody but this one fills, or filled, a role that vouches for people."""
        return any(one.role in VOUCHING and one.person_id != than for one in self.people.values())

    @rule(role=st.sampled_from(Role), by=NUMBER)
    def enrol(self, role: Role, by: int) -> None:
        """A custodian enrols somebody."""
        custodian = self.one(by)
        if custodian.role is not Role.CUSTODIAN or custodian.person_id not in self.known:
            return
        new = somebody(len(self.people), role, custodian.person_id)
        first = role in VOUCHING and not self.others_who_vouch(custodian.person_id)
        starts = confirmations.starts_confirmed(
            self.people.values(), role=role, enrolled_by=custodian.person_id
        )
        assert starts is first
        if first:
            new = replace(new, confirmed=True)
            self.known[new.person_id] = {custodian.person_id}
            self.alone.add(new.person_id)
        self.people[new.person_id] = new

    @rule(by=NUMBER, whom=NUMBER, reads=st.booleans())
    def confirm(self, by: int, whom: int, reads: bool) -> None:
        """Somebody says that somebody exists, with the number of the badge or another."""
        confirmer, person = self.one(by), self.one(whom)
        number = person.staff_number if reads else "D-none"
        possible = (
            reads
            and person.active
            and confirmer.active
            and person.person_id not in self.known
            and confirmer.person_id in self.known
            and confirmer.role in VOUCHING
            and confirmer.person_id not in {person.person_id, person.enrolled_by}
        )
        if not possible:
            with pytest.raises(Refused) as refusal:
                confirmations.confirmed(person, by=confirmer, staff_number=number)
            assert refusal.value.code
            return
        made = confirmations.confirmed(person, by=confirmer, staff_number=number)
        self.people[person.person_id] = made
        self.known[person.person_id] = {person.enrolled_by, confirmer.person_id}

    @rule(who=NUMBER)
    def leave(self, who: int) -> None:
        """Somebody leaves; what they vouched for stays."""
        person = self.one(who)
        self.people[person.person_id] = replace(person, active=False)

    @rule(who=NUMBER, duty=st.sampled_from(Duty))
    def act(self, who: int, duty: Duty) -> None:
        """Whoever is known acts; another only looks, or is alone with the custodian who enrolled them."""
        person = self.one(who)
        waits = person.person_id not in self.known and self.others_who_vouch(person.enrolled_by)
        if waits and duty is not Duty.USE_WORKSTATION:
            with pytest.raises(NotConfirmed):
                confirmations.require_confirmed(person, duty, self.people.values())
        else:
            confirmations.require_confirmed(person, duty, self.people.values())

    @invariant()
    def nobody_is_known_by_the_word_of_one(self) -> None:
        """Whoever is confirmed is vouched for by two others, or came when there was nobody to ask."""
        for person in self.people.values():
            assert person.confirmed == (person.person_id in self.known)
            if person.confirmed and person.person_id not in self.alone:
                by = self.known[person.person_id]
                assert len(by) == 2
                assert person.person_id not in by
                assert person.confirmed_by in by - {person.enrolled_by}

    @invariant()
    def one_custodian_makes_no_second_person_alone(self) -> None:
        """At most one person besides the founder came unasked."""
        assert len(self.alone) <= 2


TestEnrolling = Enrolling.TestCase
TestEnrolling.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
