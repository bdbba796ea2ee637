"""What reviewers and the determination official do: answers, differences, opinions, determination."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import CriterionId


@dataclass(frozen=True, kw_only=True)
class AnswerSaved(Event):
    """One reviewer answered one criterion."""

    duty: ClassVar[Duty] = Duty.ANSWER
    criterion_id: CriterionId
    revision: int
    result: str
    portion_marking: str


@dataclass(frozen=True, kw_only=True)
class ChecklistSubmitted(Event):
    """One reviewer submitted the whole checklist."""

    duty: ClassVar[Duty] = Duty.ANSWER
    answered: int


@dataclass(frozen=True, kw_only=True)
class DifferenceSettled(Event):
    """The lead settled a criterion on which the reviewers differed."""

    duty: ClassVar[Duty] = Duty.SETTLE
    criterion_id: CriterionId
    result: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class OpinionGiven(Event):
    """A reviewer stated an own conclusion with reasons."""

    duty: ClassVar[Duty] = Duty.GIVE_OPINION
    conclusion: str
    dissents: bool


@dataclass(frozen=True, kw_only=True)
class Recommended(Event):
    """The lead reviewer recommended a conclusion."""

    duty: ClassVar[Duty] = Duty.RECOMMEND
    conclusion: str


@dataclass(frozen=True, kw_only=True)
class ConsultationRecorded(Event):
    """One of the parties the order names was asked, and answered or stayed silent."""

    duty: ClassVar[Duty] = Duty.CONSULT
    consultee: str
    asked_on: date
    answered_on: date | None
    answer: str  # a later record replaces the answer in the case; in the trail both stay


@dataclass(frozen=True, kw_only=True)
class Determined(Event):
    """The determination official determined."""

    duty: ClassVar[Duty] = Duty.DETERMINE
    number: int
    conclusion: str
    supersedes: int | None
