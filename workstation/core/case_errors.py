"""What the rules of a case refuse."""

from dataclasses import dataclass
from datetime import date
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
