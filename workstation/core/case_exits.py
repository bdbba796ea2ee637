"""The acts that lead a case off its straight line: each checks the rules, changes it, returns the event."""

from dataclasses import replace
from datetime import date, datetime

from workstation.core import events
from workstation.core.case_errors import (
    AlreadySubmitted,
    CaseFieldMissing,
    DispositionDateWrong,
    NotAssigned,
    NotHeld,
    NotLapsed,
    SameCheckpoint,
    SameReviewerTwice,
    StepNotPossible,
)
from workstation.core.case_states import OVER, UNDETERMINED, CaseState
from workstation.core.cases import Case
from workstation.core.exits import DispositionStep, Hold
from workstation.core.values import CaseId, PersonId


def hold(case: Case, *, reason: str, by: PersonId, at: datetime) -> events.CaseHeldUp:
    """Pause the review because of an incident; a second hold replaces nothing.

    Raises:
        StepNotPossible (over, or held already), CaseFieldMissing.
    """
    if case.state in OVER or case.exits.hold is not None:
        raise StepNotPossible(step="hold", state=case.state if case.exits.hold is None else "on-hold")
    case.exits = replace(
        case.exits, holds=(*case.exits.holds, Hold(reason=_text("reason", reason), held_by=by, held_at=at))
    )
    return events.CaseHeldUp(case_id=case.case_id, reason=reason.strip())


def lift_hold(case: Case, *, reason: str, by: PersonId, at: datetime) -> events.HoldLifted:
    """Let the review go on.

    Raises:
        NotHeld, CaseFieldMissing.
    """
    held = case.exits.hold
    if held is None:
        raise NotHeld(state=case.state)
    lifted = replace(held, lifted_by=by, lifted_at=at, lifted_reason=_text("reason", reason))
    case.exits = replace(case.exits, holds=(*case.exits.holds[:-1], lifted))
    return events.HoldLifted(case_id=case.case_id, reason=reason.strip(), held_since=held.held_at)


def lapse(case: Case, *, reason: str, disposition: str, today: date) -> events.CaseLapsed:
    """Record that the planned release came and nothing was determined. Never by itself: somebody says so.

    Raises:
        StepNotPossible (determined or over), NotLapsed, CaseFieldMissing.
    """
    if case.state not in UNDETERMINED:
        raise StepNotPossible(step="lapse", state=case.state)
    planned = case.planned_release_on
    if planned is None or today < planned:
        raise NotLapsed(planned_release_on=planned, today=today)
    reason, disposition = _text("reason", reason), _text("disposition", disposition)
    before = case.state
    case.state, case.closing_reason, case.disposition = CaseState.LAPSED, reason, disposition
    return events.CaseLapsed(
        case_id=case.case_id,
        planned_release_on=planned,
        state_before=before,
        reason=reason,
        disposition=disposition,
    )


def supersede(case: Case, *, by_case: CaseId, checkpoint: str, reason: str) -> events.CheckpointSuperseded:
    """End this case because the developer sent a newer checkpoint, which has a case of its own.

    What was recorded here stays here; nothing is carried over by itself.

    Raises:
        StepNotPossible (determined or over), SameCheckpoint, CaseFieldMissing.
    """
    if case.state not in UNDETERMINED:
        raise StepNotPossible(step="supersede", state=case.state)
    if _text("checkpoint", checkpoint) == case.checkpoint:
        raise SameCheckpoint(checkpoint=case.checkpoint)
    case.closing_reason = _text("reason", reason)
    case.state = CaseState.SUPERSEDED
    case.exits = replace(case.exits, superseded_by=by_case)
    return events.CheckpointSuperseded(
        case_id=case.case_id, by_case=by_case, checkpoint=checkpoint.strip(), reason=case.closing_reason
    )


def replace_reviewer(
    case: Case, *, leaves: PersonId, comes: PersonId, reason: str
) -> events.ReviewerReplaced:
    """Somebody else takes over a checklist that is not submitted; what was answered stays in the history.

    Raises:
        StepNotPossible, NotAssigned, AlreadySubmitted, SameReviewerTwice, CaseFieldMissing.
    """
    if case.state in OVER | {CaseState.RECOMMENDED, CaseState.DETERMINED}:
        raise StepNotPossible(step="replace-reviewer", state=case.state)
    if leaves not in case.reviewers:
        raise NotAssigned(person=leaves)
    if leaves in case.submissions:
        raise AlreadySubmitted(person=leaves)
    if comes in case.reviewers:
        raise SameReviewerTwice(person=comes)
    reason = _text("reason", reason)
    case.reviewers = tuple(comes if person == leaves else person for person in case.reviewers)
    return events.ReviewerReplaced(case_id=case.case_id, leaves=leaves, comes=comes, reason=reason)


def record_disposition(case: Case, step: DispositionStep, *, today: date) -> events.DispositionRecorded:
    """Record one return or destruction of the developer's material, once the case is over or determined.

    Raises:
        StepNotPossible, CaseFieldMissing, DispositionDateWrong.
    """
    if case.state not in OVER | {CaseState.DETERMINED}:
        raise StepNotPossible(step="record-disposition", state=case.state)
    for field, value in (("material", step.material), ("reference", step.reference)):
        _text(field, value)
    if step.done_on > today:
        raise DispositionDateWrong(done_on=step.done_on, today=today)
    case.exits = replace(case.exits, disposition_steps=(*case.exits.disposition_steps, step))
    return events.DispositionRecorded(
        case_id=case.case_id,
        disposition=step.disposition,
        material=step.material.strip(),
        done_on=step.done_on,
        reference=step.reference.strip(),
    )


def _text(field: str, value: str) -> str:
    stripped = value.strip()
    if not stripped:
        raise CaseFieldMissing(field=field)
    return stripped
