"""Opinions, recommendation, consultations, determination."""

from dataclasses import dataclass
from datetime import date

from workstation.app.reviewing import checklist_of
from workstation.app.services import Session
from workstation.core.cases import Case
from workstation.core.determinations import (
    Blocked,
    Conclusion,
    Consultation,
    Consultee,
    Opinion,
    Recommendation,
)
from workstation.core.values import CaseId


def give_opinion(
    session: Session, case_id: CaseId, *, conclusion: Conclusion, reasons: str, dissents: bool = False
) -> Case:
    """State one's own conclusion with reasons."""
    with session.work() as work:
        case = work.cases.get(case_id)
        opinion = Opinion(
            person_id=session.person.person_id,
            conclusion=conclusion,
            reasons=reasons,
            dissents=dissents,
            given_at=work.now,
        )
        work.record(case.give_opinion(opinion))
        work.cases.save(case)
    return case


def recommend(
    session: Session, case_id: CaseId, *, conclusion: Conclusion, reasons: str, gaps: tuple[str, ...] = ()
) -> Case:
    """Recommend a conclusion to the determination official."""
    with session.work() as work:
        case = work.cases.get(case_id)
        recommendation = Recommendation(
            conclusion=conclusion,
            reasons=reasons,
            gaps=gaps,
            recommended_by=session.person.person_id,
            recommended_at=work.now,
        )
        work.record(case.recommend(recommendation, checklist_of(session, work, case)))
        work.cases.save(case)
    return case


def record_consultation(
    session: Session,
    case_id: CaseId,
    consultee: Consultee,
    *,
    asked_on: date,
    answered_on: date | None = None,
    answer: str = "",
) -> Case:
    """Record that one of the parties the order names was asked; an empty answer is its silence."""
    with session.work() as work:
        case = work.cases.get(case_id)
        consultation = Consultation(
            consultee=consultee,
            asked_on=asked_on,
            answered_on=answered_on,
            answer=answer,
            recorded_by=session.person.person_id,
            recorded_at=work.now,
        )
        work.record(case.record_consultation(consultation, today=work.highest_time.date()))
        work.cases.save(case)
    return case


def determine(
    session: Session, case_id: CaseId, *, conclusion: Conclusion, reasons: str, gaps: tuple[str, ...] = ()
) -> Case:
    """Determine, or correct an earlier determination by a superseding one."""
    with session.work() as work:
        case = work.cases.get(case_id)
        event = case.determine(
            conclusion=conclusion, reasons=reasons, gaps=gaps, by=session.person.person_id, at=work.now
        )
        work.record(event)
        work.cases.save(case)
    return case


@dataclass(frozen=True, kw_only=True)
class Blockers:
    """What stands in the way of the two concluding steps."""

    recommendation: tuple[Blocked, ...]
    determination: tuple[Blocked, ...]


def blockers(session: Session, case_id: CaseId) -> Blockers:
    """Everything that blocks, for the window to show before anybody presses a button."""
    with session.look() as work:
        case = work.cases.get(case_id)
        return Blockers(
            recommendation=case.recommendation_blockers(checklist_of(session, work, case)),
            determination=case.determination_blockers(),
        )
