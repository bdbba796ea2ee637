"""Two people know everybody who acts: who is enrolled works once somebody else has confirmed who that is.

One custodian could otherwise enrol a person who does not exist, under an invented staff number, and be two
people. The order knows no such rule; it is what makes every two-person rule of this program worth anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.people import APPOINTED, NOBODY, Duty, Person, PersonInactive, Role, spelling
from workstation.core.values import PersonId

# Whoever may say that a person is who the enrolment claims; a role that nobody fills confirms nobody.
CONFIRMING = APPOINTED[Duty.CONFIRM_PERSON]


@dataclass(kw_only=True, eq=False)
class NotConfirmed(Refused):
    """Nobody but the enrolling custodian has said yet that this person exists."""

    code: ClassVar[str] = "PPL-020"
    person: str


@dataclass(kw_only=True, eq=False)
class ConfirmedAlready(Refused):
    """Nothing is left to confirm."""

    code: ClassVar[str] = "PPL-021"
    person: str


@dataclass(kw_only=True, eq=False)
class NotToBeConfirmedBy(Refused):
    """Whoever enrolled a person, the person, and whoever is not confirmed, confirm nobody."""

    code: ClassVar[str] = "PPL-022"
    person: str
    confirmer: str


@dataclass(kw_only=True, eq=False)
class StaffNumberDiffers(Refused):
    """The staff number on the badge is not the one of the enrolment."""

    code: ClassVar[str] = "PPL-023"
    person: str
    typed: str


@dataclass(kw_only=True, eq=False)
class LastConfirmer(Refused):
    """Nobody but the custodian at the desk would be left to confirm anybody."""

    code: ClassVar[str] = "PPL-024"
    person: str


def require_confirmer_left(people: Iterable[Person], leaving: Person, *, by: PersonId) -> None:
    """Refuse to take away the last one who can confirm whom ``by`` enrols.

    Raises:
        LastConfirmer.
    """
    others = [
        one
        for one in people
        if one.active and one.confirmed and one.role in CONFIRMING and one.person_id != by
    ]
    if [one.person_id for one in others] == [leaving.person_id]:
        raise LastConfirmer(person=leaving.display_name)


def may_confirm(confirmer: Person, person: Person) -> bool:
    """Whether ``confirmer`` is somebody else than who enrolled, and known to two people already."""
    return (
        confirmer.active
        and confirmer.confirmed
        and confirmer.role in CONFIRMING
        and confirmer.person_id not in {person.person_id, person.enrolled_by}
    )


def starts_confirmed(people: Iterable[Person], *, role: Role, enrolled_by: PersonId) -> bool:
    """Whether this is the first who can confirm others: at set-up there is nobody who could say more.

    People who have left count as well, so that taking away the last one opens no door again.
    """
    return role in CONFIRMING and not any(
        one.role in CONFIRMING and one.person_id != enrolled_by for one in people
    )


def known_again(person: Person, people: Iterable[Person], *, issued_by: PersonId) -> Person:
    """Who came back by recovery keys, as somebody to be confirmed anew where another custodian issued them.

    That custodian may have kept every sheet, and would be two people: so somebody else says who it is. Keys
    one issued oneself lead nowhere new. Where nobody else ever was, nobody could say it.
    """
    others = [one for one in people if one.person_id not in {person.person_id, issued_by}]
    if issued_by in {NOBODY, person.person_id} or not any(one.role in CONFIRMING for one in others):
        return person
    return replace(person, confirmed=False, confirmed_by=NOBODY, enrolled_by=issued_by)


def require_confirmed(actor: Person, duty: Duty, people: Iterable[Person]) -> None:
    """Refuse every act but looking by somebody who waits for a confirmation that somebody could give.

    Raises:
        NotConfirmed.
    """
    if actor.confirmed or duty is Duty.USE_WORKSTATION:
        return
    # Before there is anybody to ask, an office that sets itself up works with its custodian alone.
    if any(one.role in CONFIRMING and one.person_id != actor.enrolled_by for one in people):
        raise NotConfirmed(person=actor.display_name)


def confirmed(person: Person, *, by: Person, staff_number: str) -> Person:
    """The person as known to two people.

    Raises:
        PersonInactive, ConfirmedAlready, NotToBeConfirmedBy, StaffNumberDiffers.
    """
    if not person.active:
        raise PersonInactive(person=person.display_name)
    if person.confirmed:
        raise ConfirmedAlready(person=person.display_name)
    if not may_confirm(by, person):
        raise NotToBeConfirmedBy(person=person.display_name, confirmer=by.display_name)
    if spelling(staff_number) != spelling(person.staff_number):
        raise StaffNumberDiffers(person=person.display_name, typed=staff_number)
    return replace(person, confirmed=True, confirmed_by=by.person_id)
