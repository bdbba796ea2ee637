"""What the lead does to a checklist as a whole: tailor it, return it, move it to newer content."""

from workstation.app import content
from workstation.app.reviewing import checklist_of
from workstation.app.services import Session
from workstation.core import checklist_acts as acts
from workstation.core import events
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.cases import Case
from workstation.core.checklists import Tailoring
from workstation.core.content import ContentKind, ContentUnknown
from workstation.core.criteria import CarryForward, carry_forward, require_successor
from workstation.core.ports import Work
from workstation.core.values import CaseId, CriterionId, PersonId


def tailor(session: Session, case_id: CaseId, criterion_id: CriterionId, *, reason: str) -> Case:
    """State that a criterion does not apply to this case; it counts apart, never as met.

    Raises:
        NotAppointed, StepNotPossible, AlreadySubmitted, CriterionUnknown, CriterionTailoredOut,
        CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        known = [one.criterion_id for one in content.criteria_of(session, work, case).criteria]
        tailoring = Tailoring(
            criterion_id=criterion_id, reason=reason, by=session.person.person_id, at=work.now
        )
        work.record(acts.tailor(case, tailoring, known))
        work.cases.save(case)
    return case


def undo_tailoring(session: Session, case_id: CaseId, criterion_id: CriterionId, *, reason: str) -> Case:
    """Ask the criterion again; raises as ``checklist_acts.undo_tailoring``."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(acts.undo_tailoring(case, criterion_id, reason=reason))
        work.cases.save(case)
    return case


def return_checklist(session: Session, case_id: CaseId, person_id: PersonId, *, feedback: str) -> Case:
    """Give a submitted checklist back to its reviewer; raises as ``checklist_acts.return_checklist``."""
    with session.work() as work:
        case = work.cases.get(case_id)
        event = acts.return_checklist(
            case,
            person_id,
            checklist_of(session, work, case),
            feedback=feedback,
            by=session.person.person_id,
            at=work.now,
        )
        work.record(event)
        work.cases.save(case)
    return case


def what_would_move(session: Session, case_id: CaseId, reference: str) -> CarryForward:
    """Which answers a newer version of the criteria would keep; nothing is changed."""
    with session.look() as work:
        return _carry(session, work, work.cases.get(case_id), reference)


def _carry(session: Session, work: Work, case: Case, reference: str) -> CarryForward:
    newer = content.criteria_called(session, work, reference)
    older = content.criteria_of(session, work, case)
    require_successor(newer, older)
    return carry_forward(older, newer)


def move(session: Session, case_id: CaseId, reference: str, *, reason: str) -> Case:
    """Review, or read, a case by another version of a content set from here on.

    A criteria set gives way only to a higher version of itself; a benchmark profile to any that is kept here.

    Raises:
        NotAppointed, ContentUnknown, CriteriaSetOlder, StepNotPossible, TooLateToReopen, CaseFieldMissing.
    """
    kinds = {row.reference: row.kind for row in content.rows(session)}
    with session.work() as work:
        case = work.cases.get(case_id)
        if reference not in kinds:
            raise ContentUnknown(reference=reference)
        if kinds[reference] is ContentKind.CRITERIA:
            carry = _carry(session, work, case, reference)
            checklist = checklist_of(session, work, case)
            work.record(acts.move_to_set(case, checklist, carry, reference=reference, reason=reason))
        elif kinds[reference] is ContentKind.VOCABULARY:
            raise ContentUnknown(reference=reference)  # no case goes by one: it is in force for all of them
        else:
            work.record(_move_profile(work, case, reference, reason))
        work.cases.save(case)
    return case


def _move_profile(work: Work, case: Case, reference: str, reason: str) -> events.BenchmarkProfileMoved:
    acts.require_before_conclusion(case, "move-profile")
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    old = content.profile_of(work, case).reference
    case.benchmark_profile = content.profile_called(work, reference).reference
    return events.BenchmarkProfileMoved(case_id=case.case_id, old=old, new=reference, reason=reason)
