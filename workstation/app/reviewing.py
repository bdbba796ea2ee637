"""Cases, the window, the checklist: what reviewers do."""

from dataclasses import dataclass
from datetime import date

from workstation.app import content
from workstation.app.services import Session
from workstation.core import events
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.cases import Case, CaseType
from workstation.core.checklist_acts import require_asked
from workstation.core.checklists import Answer, AnswerChanged, Checklist, CriterionUnknown, Result, Settlement
from workstation.core.markings.authority import AuthorityBlock, CuiDesignation, require_block
from workstation.core.people import Duty, require_duty
from workstation.core.ports import Work
from workstation.core.values import CaseId, CriterionId, EvidenceLink, PersonId


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """What is known when a case is opened."""

    case_type: CaseType
    developer: str
    model: str
    checkpoint: str
    marking: str
    planned_release_on: date | None = None


def open_case(session: Session, new: NewCase) -> Case:
    """Open a case; participation is voluntary and recorded so.

    Raises:
        NotAppointed, CaseFieldMissing, MarkingInvalid, ReleaseDatePast.
    """
    with session.work() as work:
        return begin_case(session, work, new)


def begin_case(session: Session, work: Work, new: NewCase) -> Case:
    """Open a case inside a unit of work that does more; raises as ``open_case``."""
    for field in ("developer", "model", "checkpoint"):
        if not getattr(new, field).strip():
            raise CaseFieldMissing(field=field)
    marking = str(session.services.markings.parse(new.marking))
    if new.case_type is CaseType.PRE_RELEASE_ACCESS and new.planned_release_on is None:
        raise CaseFieldMissing(field="planned_release_on")
    case = Case(
        case_id=CaseId(session.services.ids.new("CASE")),
        case_type=new.case_type,
        developer=new.developer.strip(),
        model=new.model.strip(),
        checkpoint=new.checkpoint.strip(),
        marking=marking,
        criteria_set=content.newest_criteria(session, work).reference,
        benchmark_profile=content.newest_profile(work).reference,
        opened_at=work.now,
        opened_by=session.person.person_id,
    )
    work.record(
        events.CaseOpened(
            case_id=case.case_id,
            case_type=str(new.case_type),
            developer=case.developer,
            model=case.model,
            checkpoint=case.checkpoint,
            marking=marking,
            planned_release_on=new.planned_release_on,
            criteria_set=case.criteria_set,
            benchmark_profile=case.benchmark_profile,
        )
    )
    if new.planned_release_on is not None:
        today = work.highest_time.date()
        work.record(case.state_release_date(new.planned_release_on, today=today, reason=""))
    work.cases.add(case)
    work.case_keys.add(case.case_id, session.vault.new_case_key())
    return case


def assign_reviewers(session: Session, case_id: CaseId, first: PersonId, second: PersonId) -> Case:
    """Name the two people who answer.

    Raises:
        NotAppointed (also when one of the two may not answer), SameReviewerTwice, StepNotPossible.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case.assign_reviewers(first, second))
        for person_id in (first, second):
            done = frozenset(Duty(duty) for duty in work.audit.duties_done(person_id, case_id))
            require_duty(work.people.get(person_id), Duty.ANSWER, done)
        work.cases.save(case)
    return case


def state_release_date(session: Session, case_id: CaseId, new_on: date, *, reason: str) -> Case:
    """Record the planned release date as the developer states it."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case.state_release_date(new_on, today=work.highest_time.date(), reason=reason))
        work.cases.save(case)
    return case


def state_authority(
    session: Session,
    case_id: CaseId,
    *,
    authority: AuthorityBlock | None = None,
    designation: CuiDesignation | None = None,
) -> Case:
    """Record the classification authority, or the CUI designation, printed on the case's documents.

    Raises:
        NotAppointed, AuthorityBlockMissing, AuthorityBlockIncomplete: what the case's banner asks for.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        banner = session.services.markings.parse(case.marking)
        require_block(banner, authority, designation, made_on=work.highest_time.date())
        work.record(case.state_authority(authority, designation))
        work.cases.save(case)
    return case


def begin_evaluation(session: Session, case_id: CaseId) -> Case:
    """Begin the review; for pre-release access, open the window today."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case.begin_evaluation(today=work.highest_time.date()))
        work.cases.save(case)
    return case


def withdraw(session: Session, case_id: CaseId, *, reason: str, disposition: str) -> Case:
    """The developer withdraws; possible at any time, and for good.

    Raises:
        NotAppointed, StepNotPossible, CaseFieldMissing: nobody ends a case without saying on whose word.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case.withdraw(reason=reason, disposition=disposition))
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        work.cases.save(case)
    return case


def close_case(session: Session, case_id: CaseId, *, reason: str) -> Case:
    """Close a determined or deficient case."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(case.close(reason=reason))
        work.cases.save(case)
    return case


def checklist_of(session: Session, work: Work, case: Case) -> Checklist:
    """The case's checklist as stored, unfiltered; show it through ``Checklist.visible_to``.

    An answer counts only while the question stands as it was answered; others stay in the history.
    """
    criteria = content.criteria_of(session, work, case)
    asked = {criterion.criterion_id: criterion.text_hash for criterion in criteria.criteria}
    answers = work.answers.latest(case.case_id)
    return Checklist(
        criteria=tuple(asked),
        answers={key: one for key, one in answers.items() if _question_of(session, one) == asked.get(key[0])},
        reviewers=case.reviewers,
        submitted=frozenset(case.submissions),
        settlements=case.settlements,
        tailored=case.tailored,
        disclosed=frozenset(case.disclosed),
        differed=frozenset(case.differed),
    )


def _question_of(session: Session, given: Answer) -> str:
    """Hash of the question answered; answers kept before it was written down were to the shipped set's."""
    if given.text_hash:
        return given.text_hash
    shipped = {one.criterion_id: one.text_hash for one in session.services.criteria.criteria}
    return shipped.get(given.criterion_id, "")


@dataclass(frozen=True, kw_only=True)
class NewAnswer:
    """What a reviewer typed for one criterion."""

    criterion_id: CriterionId
    result: Result
    detail: str = ""
    evidence: tuple[EvidenceLink, ...] = ()
    portion_marking: str = "(U)"
    rests_on: int | None = None  # revision that was on screen, 0 for none; not given: whatever there is


def answer(session: Session, case_id: CaseId, *new: NewAnswer) -> None:
    """Save answers, each as a further revision; all or none.

    Raises:
        NotAppointed, NotAssigned, AlreadySubmitted, AnswerNeedsSupport, CriterionUnknown,
        CriterionTailoredOut, AnswerChanged, RecordUnknown (evidence that is not in the package),
        MarkingInvalid.
    """
    me = session.person.person_id
    with session.work() as work:
        case = work.cases.get(case_id)
        criteria = content.criteria_of(session, work, case)
        asked = {criterion.criterion_id: criterion.text_hash for criterion in criteria.criteria}
        latest = work.answers.latest(case_id)
        for item in new:
            if item.criterion_id not in asked:
                raise CriterionUnknown(criterion_id=item.criterion_id)
            require_asked(case, item.criterion_id)
            case.require_answerable(me, item.criterion_id, item.result, item.detail, item.evidence)
            for link in item.evidence:
                work.packages.file(link.package_id, link.untrusted_path)
            portion = session.services.markings.portion(item.portion_marking).portion()
            previous = latest.get((item.criterion_id, me))
            kept = previous.revision if previous else 0
            if item.rests_on is not None and item.rests_on != kept:
                raise AnswerChanged(
                    criterion_id=item.criterion_id, shown_revision=item.rests_on, kept_revision=kept
                )
            given = Answer(
                case_id=case_id,
                criterion_id=item.criterion_id,
                person_id=me,
                revision=kept + 1,
                result=item.result,
                detail=item.detail,
                evidence=item.evidence,
                portion_marking=portion,
                answered_at=work.now,
                set_reference=case.criteria_set,
                text_hash=asked[item.criterion_id],
                informed=item.criterion_id in case.disclosed,
            )
            work.answers.add(given)
            work.record(_saved(given))


def _saved(given: Answer) -> events.AnswerSaved:
    return events.AnswerSaved(
        case_id=given.case_id,
        criterion_id=given.criterion_id,
        revision=given.revision,
        result=str(given.result),
        portion_marking=given.portion_marking,
    )


def submit_checklist(session: Session, case_id: CaseId) -> Case:
    """Submit one's own checklist whole."""
    with session.work() as work:
        case = work.cases.get(case_id)
        event = case.submit_checklist(
            session.person.person_id, checklist_of(session, work, case), at=work.now
        )
        work.record(event)
        work.cases.save(case)
    return case


def settle(
    session: Session, case_id: CaseId, criterion_id: CriterionId, result: Result, *, reason: str
) -> Case:
    """Settle one difference between the two reviewers."""
    with session.work() as work:
        case = work.cases.get(case_id)
        settlement = Settlement(
            criterion_id=criterion_id,
            result=result,
            reason=reason,
            settled_by=session.person.person_id,
            settled_at=work.now,
        )
        work.record(case.settle(settlement, checklist_of(session, work, case)))
        work.cases.save(case)
    return case
