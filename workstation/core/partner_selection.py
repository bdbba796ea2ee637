"""Selecting trusted partners. Each act checks the rules, changes the case and returns the event."""

from dataclasses import replace
from datetime import date

from workstation.core import events
from workstation.core.case_errors import CaseFieldMissing, StepNotPossible
from workstation.core.case_states import OVER, CaseState, CaseType
from workstation.core.cases import Case
from workstation.core.determinations import Conclusion
from workstation.core.partners import (
    Consent,
    Partner,
    PartnerDateWrong,
    PartnerNominatedTwice,
    PartnerNotSelected,
    PartnerUnknown,
    Side,
)


def nominate(
    case: Case, *, name: str, sector: str, nominated_by: Side, nominated_on: date, today: date
) -> events.PartnerNominated:
    """Put a partner forward; either side may.

    Partners are chosen for covered models in pre-release access; nominating may begin before the
    determination, because the developer brings a list with the submission.

    Raises:
        StepNotPossible, CaseFieldMissing, PartnerNominatedTwice, PartnerDateWrong.
    """
    _require_open(case, "nominate-partner")
    for field, value in (("name", name), ("sector", sector)):
        if not value.strip():
            raise CaseFieldMissing(field=field)
    for partner in case.partners:
        if _same(partner.name, name) and not partner.withdrawn_reason:
            raise PartnerNominatedTwice(name=name.strip(), number=partner.number)
    if nominated_on > today:
        raise PartnerDateWrong(field="nominated_on", day=nominated_on, today=today)
    partner = Partner(
        number=len(case.partners) + 1,
        name=name.strip(),
        sector=sector.strip(),
        nominated_by=nominated_by,
        nominated_on=nominated_on,
    )
    case.partners += (partner,)
    return events.PartnerNominated(
        case_id=case.case_id,
        number=partner.number,
        name=partner.name,
        sector=partner.sector,
        nominated_by=str(nominated_by),
    )


def record_consent(
    case: Case, number: int, side: Side, consent: Consent, *, today: date
) -> events.PartnerConsentRecorded:
    """Record one side's consent; a later one replaces it here, and both stay in the trail.

    Raises:
        StepNotPossible, PartnerUnknown, CaseFieldMissing, PartnerDateWrong.
    """
    _require_open(case, "record-consent")
    partner = _standing(case, number)
    for field, value in (("given_by", consent.given_by), ("reference", consent.reference)):
        if not value.strip():
            raise CaseFieldMissing(field=field)
    if not partner.nominated_on <= consent.given_on <= today:
        raise PartnerDateWrong(field="given_on", day=consent.given_on, today=today)
    if side is Side.DEVELOPER:
        _put(case, replace(partner, developer_consent=consent))
    else:
        _put(case, replace(partner, government_consent=consent))
    return events.PartnerConsentRecorded(
        case_id=case.case_id,
        number=number,
        side=str(side),
        given_by=consent.given_by,
        given_on=consent.given_on,
        reference=consent.reference,
    )


def plan_access(
    case: Case, number: int, *, early_access_on: date, today: date
) -> events.PartnerAccessPlanned:
    """State the day on which a selected partner is to have access.

    Raises:
        StepNotPossible, PartnerUnknown, PartnerNotSelected, PartnerDateWrong (before the planned release).
    """
    _require_open(case, "plan-access")
    partner = _selected(case, number)
    planned = case.planned_release_on
    if planned is not None and early_access_on < planned:
        raise PartnerDateWrong(field="early_access_on", day=early_access_on, today=today)
    _put(case, replace(partner, early_access_on=early_access_on))
    return events.PartnerAccessPlanned(case_id=case.case_id, number=number, early_access_on=early_access_on)


def record_release(
    case: Case, number: int, *, released_on: date, today: date
) -> events.PartnerReleaseRecorded:
    """Record that the developer released the model to a selected partner, after a determination of *covered*.

    Raises:
        StepNotPossible (nothing determined, or another outcome), PartnerUnknown, PartnerNotSelected,
        PartnerDateWrong (in the future).
    """
    in_force = case.determination
    is_covered = in_force is not None and in_force.conclusion is Conclusion.COVERED
    if case.state is not CaseState.DETERMINED or not is_covered:
        raise StepNotPossible(step="record-partner-release", state=case.state)
    partner = _selected(case, number)
    if released_on > today:
        raise PartnerDateWrong(field="released_on", day=released_on, today=today)
    _put(case, replace(partner, released_on=released_on))
    return events.PartnerReleaseRecorded(case_id=case.case_id, number=number, released_on=released_on)


def withdraw_nomination(case: Case, number: int, *, reason: str) -> events.PartnerWithdrawn:
    """Take a nomination back; it stays on record.

    Raises:
        StepNotPossible, PartnerUnknown, CaseFieldMissing.
    """
    _require_open(case, "withdraw-partner")
    partner = _standing(case, number)
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    _put(case, replace(partner, withdrawn_reason=reason.strip()))
    return events.PartnerWithdrawn(case_id=case.case_id, number=number, reason=reason.strip())


def _require_open(case: Case, step: str) -> None:
    if case.case_type is not CaseType.PRE_RELEASE_ACCESS or case.state in OVER:
        raise StepNotPossible(step=step, state=case.state)


def _standing(case: Case, number: int) -> Partner:
    for partner in case.partners:
        if partner.number == number and not partner.withdrawn_reason:
            return partner
    raise PartnerUnknown(number=number)


def _selected(case: Case, number: int) -> Partner:
    partner = _standing(case, number)
    for side in Side:
        consent = partner.developer_consent if side is Side.DEVELOPER else partner.government_consent
        if consent is None:
            raise PartnerNotSelected(name=partner.name, missing=str(side))
    return partner


def _put(case: Case, changed: Partner) -> None:
    case.partners = tuple(changed if one.number == changed.number else one for one in case.partners)


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
