"""Opinions, consultations, the recommendation and the determination.

Section 3(a): the Director of NSA determines, in consultation with the National Cyber Director, the
Assistant to the President for Science and Technology, the Director of CISA and other representatives of
the Department of War. What reviewers write is a recommendation until the official determines.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.values import PersonId


class Conclusion(StrEnum):
    """*Insufficient information* is a close-out, never a silent default."""

    COVERED = "covered"
    NOT_COVERED = "not-covered"
    INSUFFICIENT_INFORMATION = "insufficient-information"


class Consultee(StrEnum):
    """Whom section 3(a) names."""

    NATIONAL_CYBER_DIRECTOR = "national-cyber-director"
    ASSISTANT_TO_THE_PRESIDENT_FOR_SCIENCE_AND_TECHNOLOGY = "apst"
    DIRECTOR_OF_CISA = "director-of-cisa"
    DEPARTMENT_OF_WAR = "department-of-war"


@dataclass(frozen=True, kw_only=True)
class Consultation:
    """One party asked: when, and its answer, or its silence stated as such."""

    consultee: Consultee
    asked_on: date
    answered_on: date | None
    answer: str  # "" means silence; the reports say "no answer received"
    recorded_by: PersonId
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """A reviewer's own view; ``dissents`` marks one to be printed as dissent whatever the outcome."""

    person_id: PersonId
    conclusion: Conclusion
    reasons: str
    dissents: bool
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """The lead reviewer's recommendation after at least two people's opinions."""

    conclusion: Conclusion
    reasons: str
    gaps: tuple[str, ...]
    recommended_by: PersonId
    recommended_at: datetime


@dataclass(frozen=True, kw_only=True)
class Determination:
    """The official's determination; a correction is a further one that supersedes the last."""

    number: int
    conclusion: Conclusion
    reasons: str
    gaps: tuple[str, ...]
    determined_by: PersonId
    determined_at: datetime
    supersedes: int | None


class Blocker(StrEnum):
    """Why the next step cannot be taken yet; the message catalogue says each in plain words."""

    NO_REVIEWERS = "no-reviewers"
    NOT_SUBMITTED = "not-submitted"
    DIFFERENCES_UNSETTLED = "differences-unsettled"
    TOO_FEW_OPINIONS = "too-few-opinions"
    CONSULTATION_MISSING = "consultation-missing"
    NO_RECOMMENDATION = "no-recommendation"


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """One blocker with what it is about: names, criteria or parties."""

    blocker: Blocker
    subjects: tuple[str, ...] = ()


@dataclass(kw_only=True, eq=False)
class StepBlocked(Refused):
    """The step is blocked; every blocker is named."""

    code: ClassVar[str] = "CAS-030"
    step: str
    blockers: tuple[Blocked, ...]


@dataclass(kw_only=True, eq=False)
class ReasonsMissing(Refused):
    """Reasons (and for insufficient information the gaps) must be stated."""

    code: ClassVar[str] = "CAS-031"
    field: str


def require_reasons(conclusion: Conclusion, reasons: str, gaps: tuple[str, ...]) -> None:
    """Every conclusion states reasons; *insufficient information* names the gaps.

    Raises:
        ReasonsMissing: naming the empty field.
    """
    if not reasons.strip():
        raise ReasonsMissing(field="reasons")
    if conclusion is Conclusion.INSUFFICIENT_INFORMATION and not any(gap.strip() for gap in gaps):
        raise ReasonsMissing(field="gaps")
