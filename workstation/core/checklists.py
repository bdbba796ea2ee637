"""Answers to criteria: two reviewers, blind until both have submitted, differences settled by the lead.

Unanswered never counts as met. The criteria themselves are content (``core.criteria``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.values import CaseId, CriterionId, EvidenceLink, PersonId

MAX_DETAIL_CHARS = 100_000


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

    @property
    def both_submitted(self) -> bool:
        """Whether two assigned reviewers have both submitted."""
        return len(set(self.reviewers)) >= 2 and set(self.reviewers) <= self.submitted  # noqa: PLR2004 - two people

    def unanswered(self, person_id: PersonId) -> tuple[CriterionId, ...]:
        """Criteria this reviewer has not answered, in the set's order."""
        return tuple(c for c in self.criteria if (c, person_id) not in self.answers)

    def visible_to(self, viewer: PersonId) -> dict[tuple[CriterionId, PersonId], Answer]:
        """Own answers always; another's only once both reviewers have submitted."""
        return {key: a for key, a in self.answers.items() if self.both_submitted or a.person_id == viewer}

    def differing(self) -> tuple[CriterionId, ...]:
        """Criteria on which the reviewers' results differ, settled or not."""
        return tuple(c for c in self.criteria if len({a.result for a in self._of(c)}) > 1)

    def unsettled(self) -> tuple[CriterionId, ...]:
        """Differences the lead has not settled."""
        return tuple(c for c in self.differing() if c not in self.settlements)

    def agreed(self, criterion_id: CriterionId) -> Result | None:
        """The settled or common result; ``None`` while unanswered, blind or differing."""
        if criterion_id in self.settlements:
            return self.settlements[criterion_id].result
        given = self._of(criterion_id)
        results = {a.result for a in given}
        if not self.both_submitted or len(given) < len(self.reviewers) or len(results) != 1:
            return None
        return results.pop()

    def tally(self) -> dict[str, int]:
        """How many criteria have each agreed result; the rest counts as ``"unanswered"``."""
        counts = {str(result): 0 for result in Result} | {"unanswered": 0}
        for criterion_id in self.criteria:
            counts[str(self.agreed(criterion_id) or "unanswered")] += 1
        return counts

    def _of(self, criterion_id: CriterionId) -> list[Answer]:
        keys = ((criterion_id, person_id) for person_id in self.reviewers)
        return [self.answers[key] for key in keys if key in self.answers]
