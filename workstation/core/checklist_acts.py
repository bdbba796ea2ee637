"""What the lead does to a checklist as a whole: tailor it, return it, move it to a newer set of criteria.

Blindness is counted honestly. Answers that both reviewers have seen stay seen (``disclosed``), what is
answered to them afterwards is marked as informed, and a difference that was seen is settled by the lead and
not by one reviewer following the other (``differed``).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from workstation.core import events
from workstation.core.case_errors import AlreadySubmitted, CaseFieldMissing, StepNotPossible
from workstation.core.cases import Case, CaseState
from workstation.core.checklists import Checklist, ChecklistReturn, CriterionUnknown, Tailoring
from workstation.core.criteria import CarryForward
from workstation.core.errors import Refused
from workstation.core.values import CriterionId, PersonId

BEFORE_CONCLUSION = frozenset(
    {
        CaseState.AWAITING_PACKAGE,
        CaseState.QUARANTINED,
        CaseState.DEFICIENT,
        CaseState.ACCEPTED,
        CaseState.EVALUATION,
    }
)


@dataclass(kw_only=True, eq=False)
class CriterionTailoredOut(Refused):
    """The criterion was stated not to apply to this case; nobody answers it until that is undone."""

    code: ClassVar[str] = "CAS-040"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class TailoringNotThere(Refused):
    """The criterion is not tailored out, so there is nothing to undo."""

    code: ClassVar[str] = "CAS-041"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class NothingToReturn(Refused):
    """Nobody can give back what was not submitted."""

    code: ClassVar[str] = "CAS-042"
    person: str


@dataclass(kw_only=True, eq=False)
class TooLateToReopen(Refused):
    """Differences were settled or opinions given on these answers; they are not reopened any more."""

    code: ClassVar[str] = "CAS-043"
    settled: int
    opinions: int


@dataclass(kw_only=True, eq=False)
class ReturnWouldTell(Refused):
    """A lead who still answers blind would tell the other reviewer something by returning the checklist."""

    code: ClassVar[str] = "CAS-044"
    person: str


@dataclass(kw_only=True, eq=False)
class OwnChecklist(Refused):
    """Nobody returns an own checklist to oneself."""

    code: ClassVar[str] = "CAS-045"
    person: str


def require_before_conclusion(case: Case, step: str) -> None:
    """Return only before a recommendation; raises ``StepNotPossible``."""
    if case.state not in BEFORE_CONCLUSION:
        raise StepNotPossible(step=step, state=case.state)


def tailor(case: Case, tailoring: Tailoring, known: Iterable[CriterionId]) -> events.CriterionTailored:
    """State that a criterion does not apply, before anybody has submitted.

    Raises:
        StepNotPossible, AlreadySubmitted, CriterionUnknown, CriterionTailoredOut, CaseFieldMissing.
    """
    criterion_id = tailoring.criterion_id
    require_before_conclusion(case, "tailor")
    for person_id in case.submissions:
        raise AlreadySubmitted(person=person_id)
    if criterion_id not in set(known):
        raise CriterionUnknown(criterion_id=criterion_id)
    if criterion_id in case.tailored:
        raise CriterionTailoredOut(criterion_id=criterion_id)
    if not tailoring.reason.strip():
        raise CaseFieldMissing(field="reason")
    case.tailored[criterion_id] = tailoring
    return events.CriterionTailored(case_id=case.case_id, criterion_id=criterion_id, reason=tailoring.reason)


def undo_tailoring(case: Case, criterion_id: CriterionId, *, reason: str) -> events.TailoringUndone:
    """Ask the criterion again; answers given before count again.

    Raises:
        StepNotPossible, AlreadySubmitted, TailoringNotThere, CaseFieldMissing.
    """
    require_before_conclusion(case, "tailor")
    for person_id in case.submissions:
        raise AlreadySubmitted(person=person_id)
    if criterion_id not in case.tailored:
        raise TailoringNotThere(criterion_id=criterion_id)
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    del case.tailored[criterion_id]
    return events.TailoringUndone(case_id=case.case_id, criterion_id=criterion_id, reason=reason)


def require_asked(case: Case, criterion_id: CriterionId) -> None:
    """Return only where the criterion was not tailored out; raises ``CriterionTailoredOut``."""
    if criterion_id in case.tailored:
        raise CriterionTailoredOut(criterion_id=criterion_id)


def return_checklist(
    case: Case, person_id: PersonId, checklist: Checklist, *, feedback: str, by: PersonId, at: datetime
) -> events.ChecklistReturned:
    """Give a submitted checklist back to its reviewer, before anything was settled or concluded from it.

    Raises:
        StepNotPossible, NothingToReturn, OwnChecklist, TooLateToReopen, ReturnWouldTell, CaseFieldMissing.
    """
    if case.state is not CaseState.EVALUATION:
        raise StepNotPossible(step="return-checklist", state=case.state)
    if person_id not in case.submissions:
        raise NothingToReturn(person=person_id)
    if person_id == by:
        raise OwnChecklist(person=by)
    _require_nothing_concluded(case)
    if by in case.reviewers and not checklist.both_submitted:
        raise ReturnWouldTell(person=by)
    if not feedback.strip():
        raise CaseFieldMissing(field="feedback")
    disclosed = checklist.both_submitted
    _keep_what_was_seen(case, checklist)
    del case.submissions[person_id]
    returned = ChecklistReturn(
        person_id=person_id, feedback=feedback, by=by, at=at, after_disclosure=disclosed
    )
    case.returns += (returned,)
    return events.ChecklistReturned(
        case_id=case.case_id, person_id=person_id, feedback=feedback, after_disclosure=disclosed
    )


def move_to_set(
    case: Case, checklist: Checklist, carry: CarryForward, *, reference: str, reason: str
) -> events.CriteriaSetMoved:
    """Review by a newer version of the criteria from here on.

    Answers to questions that did not change stay as they are, by whom and when they were given. Whoever had
    submitted and now finds a question unanswered has the checklist open again.

    Raises:
        StepNotPossible, TooLateToReopen, CaseFieldMissing.
    """
    require_before_conclusion(case, "move-criteria")
    _require_nothing_concluded(case)
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    _keep_what_was_seen(case, checklist)
    kept, asked = set(carry.kept), bool(carry.changed or carry.added)
    case.disclosed = tuple(c for c in case.disclosed if c in kept)
    case.differed = tuple(c for c in case.differed if c in kept)
    case.tailored = {c: one for c, one in case.tailored.items() if c in kept}
    if asked:
        case.submissions.clear()
    old, case.criteria_set = case.criteria_set, reference
    return events.CriteriaSetMoved(
        case_id=case.case_id,
        old=old,
        new=reference,
        reason=reason,
        kept=len(carry.kept),
        changed=carry.changed,
        added=carry.added,
        removed=carry.removed,
    )


def _require_nothing_concluded(case: Case) -> None:
    if case.settlements or case.opinions:
        raise TooLateToReopen(settled=len(case.settlements), opinions=len(case.opinions))


def _keep_what_was_seen(case: Case, checklist: Checklist) -> None:
    if checklist.both_submitted:
        case.disclosed = checklist.criteria
        # What is tailored out for a while has differed all the same.
        case.differed = tuple(dict.fromkeys((*case.differed, *checklist.differing())))
