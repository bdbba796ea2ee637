"""Answers to criteria: two reviewers, blind until both have submitted, differences settled by the lead.

Unanswered never counts as met. The criteria themselves are content (``core.criteria``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.values import CaseId, CriterionId, EvidenceLink, PersonId

MAX_DETAIL_CHARS = 100_000
UNANSWERED, TAILORED_OUT = "unanswered", "tailored-out"


class Result(StrEnum):
    """What a reviewer found for one criterion."""

    MET = "met"
    NOT_MET = "not-met"
    NOT_APPLICABLE = "not-applicable"
    CANNOT_TELL = "cannot-tell"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One reviewer's answer; a later revision replaces it on screen and both are kept."""

    case_id: CaseId
    criterion_id: CriterionId
    person_id: PersonId
    revision: int
    result: Result
    detail: str
    evidence: tuple[EvidenceLink, ...]
    portion_marking: str
    answered_at: datetime
    set_reference: str = ""  # the version of the set whose question was answered
    text_hash: str = ""  # of that question; the answer stands for no other
    informed: bool = False  # given after both reviewers' answers to it had been seen


@dataclass(frozen=True, kw_only=True)
class Tailoring:
    """The lead's statement that a criterion does not apply to this case. Counted apart, never as met."""

    criterion_id: CriterionId
    reason: str
    by: PersonId
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ChecklistReturn:
    """A submitted checklist went back to its reviewer with feedback."""

    person_id: PersonId
    feedback: str
    by: PersonId
    at: datetime
    after_disclosure: bool  # the reviewers had seen each other's answers by then


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """The lead's decision where two reviewers differed."""

    criterion_id: CriterionId
    result: Result
    reason: str
    settled_by: PersonId
    settled_at: datetime


@dataclass(kw_only=True, eq=False)
class AnswerNeedsSupport(Refused):
    """An answer without the detail or evidence that its result asks for."""

    code: ClassVar[str] = "CAS-020"
    criterion_id: str
    result: str


@dataclass(kw_only=True, eq=False)
class CriterionUnknown(Refused):
    """The case's criteria set has no such criterion."""

    code: ClassVar[str] = "CAS-021"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class DetailTooLong(Refused):
    """The detail is longer than the workstation keeps."""

    code: ClassVar[str] = "CAS-022"
    length_chars: int
    limit_chars: int


@dataclass(kw_only=True, eq=False)
class AnswerChanged(Refused):
    """The answer was saved in another place after this one was begun."""

    code: ClassVar[str] = "CAS-099"
    criterion_id: str
    shown_revision: int
    kept_revision: int


@dataclass(kw_only=True, eq=False)
class OwnDifference(Refused):
    """Nobody settles a difference in which one side is the own answer."""

    code: ClassVar[str] = "CAS-101"
    criterion_id: str


def require_support(
    criterion_id: CriterionId, result: Result, detail: str, evidence: Iterable[EvidenceLink]
) -> None:
    """*Met* rests on evidence or a detail that says what was seen; every other result needs a detail.

    Raises:
        AnswerNeedsSupport, DetailTooLong.
    """
    if len(detail) > MAX_DETAIL_CHARS:
        raise DetailTooLong(length_chars=len(detail), limit_chars=MAX_DETAIL_CHARS)
    has_support = bool(detail.strip()) or (result is Result.MET and any(True for _ in evidence))
    if not has_support:
        raise AnswerNeedsSupport(criterion_id=criterion_id, result=result)


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """The latest answers of a case, by criterion and person, with what has been submitted and settled."""

    criteria: tuple[CriterionId, ...]
    answers: Mapping[tuple[CriterionId, PersonId], Answer]
    reviewers: tuple[PersonId, ...]
    submitted: frozenset[PersonId]
    settlements: Mapping[CriterionId, Settlement]
    tailored: Mapping[CriterionId, Tailoring] = field(default_factory=dict)
    disclosed: frozenset[CriterionId] = frozenset()  # both reviewers saw both answers once
    differed: frozenset[CriterionId] = frozenset()  # and they differed then, whatever was answered since

    @property
    def both_submitted(self) -> bool:
        """Whether two assigned reviewers have both submitted."""
        return len(set(self.reviewers)) >= 2 and set(self.reviewers) <= self.submitted  # noqa: PLR2004 - two people

    def unanswered(self, person_id: PersonId) -> tuple[CriterionId, ...]:
        """Criteria this reviewer has not answered and that were not tailored out, in the set's order."""
        return tuple(
            c for c in self.criteria if (c, person_id) not in self.answers and c not in self.tailored
        )

    def took_part(self, person_id: PersonId) -> bool:
        """Whether somebody answers here, or answered before another took the place over."""
        return person_id in self.reviewers or any(who == person_id for _criterion, who in self.answers)

    def visible_to(self, viewer: PersonId) -> dict[tuple[CriterionId, PersonId], Answer]:
        """Own answers always; another's once both reviewers have submitted, then or for this criterion."""
        return {
            key: a
            for key, a in self.answers.items()
            if self.both_submitted or a.person_id == viewer or key[0] in self.disclosed
        }

    def differing(self) -> tuple[CriterionId, ...]:
        """Criteria on which the reviewers' results differ, settled or not.

        A difference once seen stays one: agreeing after having read the other's answer is no second opinion.
        """
        return tuple(
            c
            for c in self.criteria
            if c not in self.tailored and (len({a.result for a in self._of(c)}) > 1 or c in self.differed)
        )

    def unsettled(self) -> tuple[CriterionId, ...]:
        """Differences the lead has not settled."""
        return tuple(c for c in self.differing() if c not in self.settlements)

    def agreed(self, criterion_id: CriterionId) -> Result | None:
        """The settled or common result; ``None`` while unanswered, blind, differing or tailored out."""
        if criterion_id in self.tailored:
            return None
        if criterion_id in self.settlements:
            return self.settlements[criterion_id].result
        given = self._of(criterion_id)
        results = {a.result for a in given}
        if not self.both_submitted or len(given) < len(self.reviewers) or len(results) != 1:
            return None
        if criterion_id in self.differed:
            return None
        return results.pop()

    def standing(self, criterion_id: CriterionId) -> str:
        """The agreed result, ``"tailored-out"``, or ``"unanswered"``."""
        if criterion_id in self.tailored:
            return TAILORED_OUT
        return str(self.agreed(criterion_id) or UNANSWERED)

    def tally(self) -> dict[str, int]:
        """How many criteria stand how: each agreed result, ``"unanswered"`` and ``"tailored-out"``."""
        counts = {str(result): 0 for result in Result} | {UNANSWERED: 0, TAILORED_OUT: 0}
        for criterion_id in self.criteria:
            counts[self.standing(criterion_id)] += 1
        return counts

    def _of(self, criterion_id: CriterionId) -> list[Answer]:
        keys = ((criterion_id, person_id) for person_id in self.reviewers)
        return [self.answers[key] for key in keys if key in self.answers]
