"""Roles, duties and the separation of duties.

The order names the Director of NSA as the one who determines (section 3(a)); the other roles are the
inference of `domain.md` section 2. Nobody is exempt: there is no administrator role that decides.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.values import PersonId


class Role(StrEnum):
    """What a person is appointed to do; one role a person at a time."""

    REVIEWER = "reviewer"
    LEAD_REVIEWER = "lead-reviewer"
    DETERMINATION_OFFICIAL = "determination-official"
    SECURITY_OFFICER = "security-officer"
    TRAINER = "trainer"
    CUSTODIAN = "custodian"
    COUNSEL = "counsel"  # signs off enforcement referrals, and takes no part in the review


class Duty(StrEnum):
    """An act that the rules reserve; every event belongs to exactly one."""

    MANAGE_PEOPLE = "manage-people"
    CONFIRM_PERSON = "confirm-person"  # somebody else's enrolment: core.confirmations
    OPEN_CASE = "open-case"
    RECEIVE_PACKAGE = "receive-package"
    ACCEPT_PACKAGE = "accept-package"
    KEEP_WINDOW = "keep-window"
    ANSWER = "answer"
    SETTLE = "settle"
    GIVE_OPINION = "give-opinion"
    RECOMMEND = "recommend"
    CONSULT = "consult"
    DETERMINE = "determine"
    CLOSE_CASE = "close-case"
    HOLD_CASE = "hold-case"
    REPLACE_REVIEWER = "replace-reviewer"
    SELECT_PARTNERS = "select-partners"
    CERTIFY_REPORT = "certify-report"
    REQUEST_EXPORT = "request-export"
    RELEASE_EXPORT = "release-export"
    RECORD_FINDING = "record-finding"
    VALIDATE_FINDING = "validate-finding"  # of another person's: core.findings holds that
    REFER = "refer"
    DRAFT_ENFORCEMENT = "draft-enforcement"
    SIGN_OFF_ENFORCEMENT = "sign-off-enforcement"
    RECORD_BENCHMARK = "record-benchmark"
    ADD_CONTENT = "add-content"
    TRUST_CONTENT = "trust-content"  # whose signature on content sets is believed
    TAG_CASE = "tag-case"
    WRITE_CALENDAR = "write-calendar"  # plaintext leaves the vault: days, and which case
    KEEP_RELEASE_LISTS = "keep-release-lists"  # media, recipients, what each release must be
    CONFIRM_RECIPIENT = "confirm-recipient"
    CONFIRM_AUTHORITY = "confirm-authority"  # whose certificates the office believes
    RECORD_RECEIPT = "record-receipt"
    REQUEST_DESTRUCTION = "request-destruction"
    CARRY_OUT_DESTRUCTION = "carry-out-destruction"
    USE_WORKSTATION = "use-workstation"  # unlock, lock, look: everybody enrolled


_REVIEWERS = frozenset({Role.REVIEWER, Role.LEAD_REVIEWER})
_CASE_WORKERS = _REVIEWERS | {Role.DETERMINATION_OFFICIAL}

APPOINTED: Mapping[Duty, frozenset[Role]] = {
    Duty.MANAGE_PEOPLE: frozenset({Role.CUSTODIAN}),
    Duty.CONFIRM_PERSON: frozenset({Role.CUSTODIAN, Role.SECURITY_OFFICER, Role.DETERMINATION_OFFICIAL}),
    Duty.OPEN_CASE: _REVIEWERS,
    Duty.RECEIVE_PACKAGE: _REVIEWERS | {Role.SECURITY_OFFICER},
    Duty.ACCEPT_PACKAGE: _REVIEWERS,
    Duty.KEEP_WINDOW: _REVIEWERS,
    Duty.ANSWER: _REVIEWERS,
    Duty.SETTLE: frozenset({Role.LEAD_REVIEWER}),
    Duty.GIVE_OPINION: _REVIEWERS,
    Duty.RECOMMEND: frozenset({Role.LEAD_REVIEWER}),
    Duty.CONSULT: _CASE_WORKERS,
    Duty.DETERMINE: frozenset({Role.DETERMINATION_OFFICIAL}),
    Duty.CLOSE_CASE: frozenset({Role.LEAD_REVIEWER, Role.DETERMINATION_OFFICIAL}),
    Duty.HOLD_CASE: frozenset({Role.LEAD_REVIEWER, Role.DETERMINATION_OFFICIAL, Role.SECURITY_OFFICER}),
    Duty.REPLACE_REVIEWER: frozenset({Role.LEAD_REVIEWER}),
    Duty.SELECT_PARTNERS: frozenset({Role.LEAD_REVIEWER, Role.DETERMINATION_OFFICIAL}),
    Duty.CERTIFY_REPORT: _REVIEWERS,
    Duty.REQUEST_EXPORT: _CASE_WORKERS,
    Duty.RELEASE_EXPORT: frozenset({Role.SECURITY_OFFICER}),
    Duty.RECORD_FINDING: _REVIEWERS,
    Duty.VALIDATE_FINDING: _REVIEWERS,
    Duty.REFER: _REVIEWERS,
    Duty.DRAFT_ENFORCEMENT: _REVIEWERS,
    Duty.SIGN_OFF_ENFORCEMENT: frozenset({Role.COUNSEL}),
    Duty.RECORD_BENCHMARK: _REVIEWERS,
    Duty.ADD_CONTENT: frozenset({Role.LEAD_REVIEWER, Role.CUSTODIAN}),
    Duty.TRUST_CONTENT: frozenset({Role.CUSTODIAN}),
    Duty.TAG_CASE: _CASE_WORKERS | {Role.SECURITY_OFFICER},
    Duty.WRITE_CALENDAR: frozenset({Role.LEAD_REVIEWER, Role.SECURITY_OFFICER}),
    # Who lists a medium or a recipient is not who releases to it.
    Duty.KEEP_RELEASE_LISTS: frozenset({Role.CUSTODIAN}),
    Duty.CONFIRM_RECIPIENT: frozenset({Role.SECURITY_OFFICER}),
    Duty.CONFIRM_AUTHORITY: frozenset({Role.SECURITY_OFFICER}),
    Duty.RECORD_RECEIPT: frozenset({Role.SECURITY_OFFICER}),
    Duty.REQUEST_DESTRUCTION: frozenset({Role.LEAD_REVIEWER, Role.DETERMINATION_OFFICIAL}),
    Duty.CARRY_OUT_DESTRUCTION: frozenset({Role.SECURITY_OFFICER, Role.CUSTODIAN}),
    Duty.USE_WORKSTATION: frozenset(Role),
}

_FINDING_WORK = frozenset({Duty.RECORD_FINDING, Duty.VALIDATE_FINDING, Duty.REFER, Duty.DRAFT_ENFORCEMENT})
_REVIEW = frozenset(
    {
        Duty.ANSWER,
        Duty.SETTLE,
        Duty.GIVE_OPINION,
        Duty.RECOMMEND,
        Duty.CERTIFY_REPORT,
        Duty.RECORD_BENCHMARK,
    }
)
_OUTSIDE_REVIEW = frozenset({Duty.DETERMINE, Duty.RELEASE_EXPORT, Duty.SIGN_OFF_ENFORCEMENT})

# Whoever did one of the right-hand acts on the same case, in whatever role, may not do the left-hand one.
INCOMPATIBLE: Mapping[Duty, frozenset[Duty]] = {
    Duty.DETERMINE: _REVIEW | _FINDING_WORK | {Duty.RELEASE_EXPORT, Duty.SIGN_OFF_ENFORCEMENT},
    Duty.RELEASE_EXPORT: _REVIEW
    | _FINDING_WORK
    | {Duty.DETERMINE, Duty.REQUEST_EXPORT, Duty.SIGN_OFF_ENFORCEMENT},
    # Counsel answers for the referral's law, and so had no hand in its facts or in what becomes of it.
    Duty.SIGN_OFF_ENFORCEMENT: _REVIEW
    | _FINDING_WORK
    | {Duty.DETERMINE, Duty.RELEASE_EXPORT, Duty.REQUEST_EXPORT},
    # The same rule read from the other side, so that the order of the acts does not matter.
    **dict.fromkeys(_REVIEW | _FINDING_WORK, _OUTSIDE_REVIEW),
    Duty.REQUEST_EXPORT: frozenset({Duty.RELEASE_EXPORT, Duty.SIGN_OFF_ENFORCEMENT}),
    Duty.REQUEST_DESTRUCTION: frozenset({Duty.CARRY_OUT_DESTRUCTION}),
    Duty.CARRY_OUT_DESTRUCTION: frozenset({Duty.REQUEST_DESTRUCTION}),
}


NOBODY = PersonId("")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody enrolled at this workstation.

    ``staff_number`` is the number the employer knows the person by; it is unique and never reused, so a
    second account for the same person is refused.
    """

    person_id: PersonId
    login_name: str
    staff_number: str
    display_name: str
    role: Role
    enrolled_at: datetime
    active: bool = True
    enrolled_by: PersonId = NOBODY  # who founded the office, or was enrolled before this was kept
    confirmed: bool = True  # that this person exists is known to two people, or nobody was there to ask
    confirmed_by: PersonId = NOBODY


@dataclass(kw_only=True, eq=False)
class NotAppointed(Refused):
    """The person's role does not include this duty."""

    code: ClassVar[str] = "PPL-001"
    person: str
    role: str
    duty: str


@dataclass(kw_only=True, eq=False)
class DutiesConflict(Refused):
    """The person has already done an act on this case that excludes this one."""

    code: ClassVar[str] = "PPL-002"
    person: str
    duty: str
    earlier_duty: str


@dataclass(kw_only=True, eq=False)
class PersonInactive(Refused):
    """The person is no longer enrolled."""

    code: ClassVar[str] = "PPL-003"
    person: str


@dataclass(kw_only=True, eq=False)
class PersonExists(Refused):
    """The login name, staff number or name is already enrolled, perhaps in another spelling."""

    code: ClassVar[str] = "PPL-004"
    field: str
    value: str


@dataclass(kw_only=True, eq=False)
class PersonUnknown(Refused):
    """Nobody is enrolled under this name."""

    code: ClassVar[str] = "PPL-005"
    value: str


@dataclass(kw_only=True, eq=False)
class PersonFieldInvalid(Refused):
    """A name, login name or staff number is empty or holds characters that are refused."""

    code: ClassVar[str] = "PPL-006"
    field: str


@dataclass(kw_only=True, eq=False)
class PassphrasesDiffer(Refused):
    """The passphrase was not typed the same way twice."""

    code: ClassVar[str] = "PPL-007"


@dataclass(kw_only=True, eq=False)
class ActorNotAtTheDesk(Refused):
    """Somebody else's passphrase opened the vault; nobody acts in another's name."""

    code: ClassVar[str] = "PPL-008"
    person: str
    claimed: str


@dataclass(kw_only=True, eq=False)
class LastCustodian(Refused):
    """Nobody would be left to manage people and keys."""

    code: ClassVar[str] = "PPL-009"
    person: str


@dataclass(kw_only=True, eq=False)
class NotOneself(Refused):
    """Nobody changes the own role or takes the own key away: another custodian does."""

    code: ClassVar[str] = "PPL-010"
    person: str


def require_custodian_left(people: Iterable[Person], leaving: Person) -> None:
    """Refuse when ``leaving`` is the last active custodian.

    Raises:
        LastCustodian.
    """
    if leaving.role is Role.CUSTODIAN and not any(
        p.active and p.role is Role.CUSTODIAN and p.person_id != leaving.person_id for p in people
    ):
        raise LastCustodian(person=leaving.display_name)


def require_duty(person: Person, duty: Duty, done_on_case: frozenset[Duty]) -> None:
    """Refuse unless ``person`` is appointed to ``duty`` and did nothing on the case that excludes it.

    ``done_on_case`` comes from the audit trail by person id, so neither a new role nor a new name helps.

    Raises:
        PersonInactive, NotAppointed, DutiesConflict.
    """
    if not person.active:
        raise PersonInactive(person=person.display_name)
    if person.role not in APPOINTED[duty]:
        raise NotAppointed(person=person.display_name, role=person.role, duty=duty)
    conflicts = INCOMPATIBLE.get(duty, frozenset()) & done_on_case
    if conflicts:
        earlier = min(conflicts)
        raise DutiesConflict(person=person.display_name, duty=duty, earlier_duty=earlier)


_MAX_NAME_CHARS = 100


def require_person_fields(*, login_name: str, staff_number: str, display_name: str) -> None:
    """Names a person can read and type, without control characters or surrounding blanks.

    Login names and staff numbers are ASCII and names are in Latin letters: letters of other scripts that look
    the same would make a second account of one person.

    Raises:
        PersonFieldInvalid: naming the field.
    """
    fields = {"login_name": login_name, "staff_number": staff_number, "display_name": display_name}
    for field, value in fields.items():
        if not value or value != value.strip() or len(value) > _MAX_NAME_CHARS or not value.isprintable():
            raise PersonFieldInvalid(field=field)
    for field in ("login_name", "staff_number"):
        value = fields[field]
        if not value.isascii() or any(char.isspace() for char in value) or not spelling(value):
            raise PersonFieldInvalid(field=field)
    letters = (char for char in display_name if char.isalpha())
    if not all(unicodedata.name(char, "").startswith("LATIN ") for char in letters):
        raise PersonFieldInvalid(field="display_name")


def spelling(text: str) -> str:
    """What is left of a name or number when case, punctuation, blanks and leading zeros are taken away."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return re.sub(r"(?<!\d)0+(?=\d)", "", "".join(char for char in folded if char.isalnum()))


def require_nobody_twice(people: Iterable[Person], **new: str) -> None:
    """Refuse a login name, staff number or name that somebody enrolled has already, however it is spelled.

    Raises:
        PersonExists: naming the field.
    """
    for person in people:
        for field, value in new.items():
            if spelling(getattr(person, field)) == spelling(value):
                raise PersonExists(field=field, value=value)
