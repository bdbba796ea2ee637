"""What leads a case off its straight line: holds, lapse, newer checkpoint, other reviewer, disposition."""

from dataclasses import replace
from datetime import date

from workstation.app.reviewing import NewCase, begin_case
from workstation.app.services import Session
from workstation.core import case_exits
from workstation.core.cases import Case
from workstation.core.exits import Disposition, DispositionStep
from workstation.core.people import Duty, require_duty
from workstation.core.values import CaseId, PersonId


def hold(session: Session, case_id: CaseId, *, reason: str) -> Case:
    """Pause the review because of an incident; the window goes on, and nobody can stop it.

    Raises:
        NotAppointed, StepNotPossible, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case_exits.hold(case, reason=reason, by=session.person.person_id, at=work.now))
        work.cases.save(case)
    return case


def lift_hold(session: Session, case_id: CaseId, *, reason: str) -> Case:
    """Let the review go on.

    Raises:
        NotAppointed, NotHeld, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case_exits.lift_hold(case, reason=reason, by=session.person.person_id, at=work.now))
        work.cases.save(case)
    return case


def lapse(session: Session, case_id: CaseId, *, reason: str, disposition: str) -> Case:
    """Record that the planned release came and nothing was determined.

    Raises:
        NotAppointed, StepNotPossible, NotLapsed, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        today = work.highest_time.date()
        work.record(case_exits.lapse(case, reason=reason, disposition=disposition, today=today))
        work.cases.save(case)
    return case


def supersede(
    session: Session, case_id: CaseId, *, checkpoint: str, reason: str, planned_release_on: date | None = None
) -> Case:
    """End a case for a newer checkpoint and open the case of that one; both name each other.

    Without ``planned_release_on`` the date stated last goes on. Nothing else is carried over: another
    checkpoint is another model to review.

    Raises:
        NotAppointed, StepNotPossible, SameCheckpoint, CaseFieldMissing, ReleaseDatePast.
    """
    with session.work() as work:
        old = work.cases.get(case_id)
        new = NewCase(
            case_type=old.case_type,
            developer=old.developer,
            model=old.model,
            checkpoint=checkpoint,
            marking=old.marking,
            planned_release_on=planned_release_on or old.planned_release_on,
        )
        newer = begin_case(session, work, new)
        newer.exits = replace(newer.exits, supersedes=case_id)
        work.cases.save(newer)
        event = case_exits.supersede(old, by_case=newer.case_id, checkpoint=checkpoint, reason=reason)
        work.record(event)
        work.cases.save(old)
    return newer


def replace_reviewer(
    session: Session, case_id: CaseId, leaves: PersonId, comes: PersonId, *, reason: str
) -> Case:
    """Let somebody else take over a checklist that is not submitted.

    Raises:
        NotAppointed (also when the one who comes may not answer), DutiesConflict, StepNotPossible,
        NotAssigned, AlreadySubmitted, SameReviewerTwice, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case_exits.replace_reviewer(case, leaves=leaves, comes=comes, reason=reason))
        done = frozenset(Duty(duty) for duty in work.audit.duties_done(comes, case_id))
        require_duty(work.people.get(comes), Duty.ANSWER, done)
        work.cases.save(case)
    return case


def record_disposition(
    session: Session,
    case_id: CaseId,
    disposition: Disposition,
    *,
    material: str,
    done_on: date,
    reference: str,
) -> Case:
    """Record what was returned or destroyed, by which receipt or certificate.

    Raises:
        NotAppointed, StepNotPossible, CaseFieldMissing, DispositionDateWrong.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        step = DispositionStep(
            disposition=disposition,
            material=material,
            done_on=done_on,
            reference=reference,
            recorded_by=session.person.person_id,
            recorded_at=work.now,
        )
        work.record(case_exits.record_disposition(case, step, today=work.highest_time.date()))
        work.cases.save(case)
    return case
