"""What the rules of a case refuse."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from workstation.core.errors import Refused


@dataclass(kw_only=True, eq=False)
class StepNotPossible(Refused):
    """The case is not in a state from which this step can be taken."""

    code: ClassVar[str] = "CAS-001"
    step: str
    state: str


@dataclass(kw_only=True, eq=False)
class CaseFieldMissing(Refused):
    """A field the case cannot do without is empty."""

    code: ClassVar[str] = "CAS-002"
    field: str


@dataclass(kw_only=True, eq=False)
class SameReviewerTwice(Refused):
    """A case needs two different people."""

    code: ClassVar[str] = "CAS-003"
    person: str


@dataclass(kw_only=True, eq=False)
class NotAssigned(Refused):
    """Only a reviewer assigned to the case answers its checklist."""

    code: ClassVar[str] = "CAS-004"
    person: str


@dataclass(kw_only=True, eq=False)
class AlreadySubmitted(Refused):
    """A submitted checklist is not changed any more."""

    code: ClassVar[str] = "CAS-005"
    person: str


@dataclass(kw_only=True, eq=False)
class CriteriaUnanswered(Refused):
    """A checklist is submitted whole."""

    code: ClassVar[str] = "CAS-006"
    count: int
    first: str


@dataclass(kw_only=True, eq=False)
class NothingToSettle(Refused):
    """The reviewers do not differ on this criterion, or have not both submitted."""

    code: ClassVar[str] = "CAS-007"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class DateBeforeReceipt(Refused):
    """A day on which something cannot have happened: the case was not there yet."""

    code: ClassVar[str] = "CAS-100"
    field: str
    day: date
    opened_on: date


@dataclass(kw_only=True, eq=False)
class ConsultationDates(Refused):
    """An answer cannot come before the question, nor either in the future."""

    code: ClassVar[str] = "CAS-008"
    asked_on: date
    answered_on: date | None


@dataclass(kw_only=True, eq=False)
class CaseUnknown(Refused):
    """No such case in this vault."""

    code: ClassVar[str] = "CAS-009"
    case_id: str


@dataclass(kw_only=True, eq=False)
class CaseHeld(Refused):
    """An incident holds the work on this case."""

    code: ClassVar[str] = "CAS-050"
    step: str
    reason: str
    held_at: datetime


@dataclass(kw_only=True, eq=False)
class NotHeld(Refused):
    """There is no hold to lift."""

    code: ClassVar[str] = "CAS-051"
    state: str


@dataclass(kw_only=True, eq=False)
class NotLapsed(Refused):
    """The planned release has not come yet, or no date was stated."""

    code: ClassVar[str] = "CAS-052"
    planned_release_on: date | None
    today: date


@dataclass(kw_only=True, eq=False)
class SameCheckpoint(Refused):
    """A case is superseded by another checkpoint, not by itself."""

    code: ClassVar[str] = "CAS-053"
    checkpoint: str


@dataclass(kw_only=True, eq=False)
class DispositionDateWrong(Refused):
    """Something cannot have been returned or destroyed in the future."""

    code: ClassVar[str] = "CAS-054"
    done_on: date
    today: date
