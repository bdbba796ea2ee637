"""Selecting trusted partners jointly with the developer."""

from datetime import date

from workstation.app.services import Session
from workstation.core import partner_selection
from workstation.core.cases import Case
from workstation.core.partners import Consent, Side
from workstation.core.values import CaseId


def nominate(
    session: Session,
    case_id: CaseId,
    *,
    name: str,
    sector: str,
    nominated_by: Side,
    nominated_on: date | None = None,
) -> Case:
    """Put a partner forward for one side, today or on a day that a letter states.

    Raises:
        NotAppointed, StepNotPossible, CaseFieldMissing, PartnerNominatedTwice, PartnerDateWrong.
    """
    with session.work() as work:
        case, today = work.cases.get(case_id), work.highest_time.date()
        event = partner_selection.nominate(
            case,
            name=name,
            sector=sector,
            nominated_by=nominated_by,
            nominated_on=nominated_on or today,
            today=today,
        )
        work.record(event)
        work.cases.save(case)
    return case


def record_consent(
    session: Session,
    case_id: CaseId,
    number: int,
    side: Side,
    *,
    given_by: str,
    given_on: date,
    reference: str,
) -> Case:
    """Record one side's consent, with the letter or minute that shows it.

    Raises:
        NotAppointed, StepNotPossible, PartnerUnknown, CaseFieldMissing, PartnerDateWrong.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        consent = Consent(
            given_by=given_by.strip(),
            given_on=given_on,
            reference=reference.strip(),
            recorded_by=session.person.person_id,
            recorded_at=work.now,
        )
        today = work.highest_time.date()
        work.record(partner_selection.record_consent(case, number, side, consent, today=today))
        work.cases.save(case)
    return case


def plan_access(session: Session, case_id: CaseId, number: int, *, early_access_on: date) -> Case:
    """State the day on which a selected partner is to have access.

    Raises:
        NotAppointed, StepNotPossible, PartnerUnknown, PartnerNotSelected, PartnerDateWrong.
    """
    with session.work() as work:
        case, today = work.cases.get(case_id), work.highest_time.date()
        work.record(partner_selection.plan_access(case, number, early_access_on=early_access_on, today=today))
        work.cases.save(case)
    return case


def record_release(session: Session, case_id: CaseId, number: int, *, released_on: date) -> Case:
    """Record that the developer released the model to a selected partner.

    Raises:
        NotAppointed, StepNotPossible, PartnerUnknown, PartnerNotSelected, PartnerDateWrong.
    """
    with session.work() as work:
        case, today = work.cases.get(case_id), work.highest_time.date()
        work.record(partner_selection.record_release(case, number, released_on=released_on, today=today))
        work.cases.save(case)
    return case


def withdraw(session: Session, case_id: CaseId, number: int, *, reason: str) -> Case:
    """Take a nomination back; it stays on record.

    Raises:
        NotAppointed, StepNotPossible, PartnerUnknown, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(partner_selection.withdraw_nomination(case, number, reason=reason))
        work.cases.save(case)
    return case
