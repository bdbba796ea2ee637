"""Findings of the review: report, judge, score, keep under embargo. Whoever wrote one never judges it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from workstation.app.services import Session
from workstation.core import events
from workstation.core.case_errors import StepNotPossible
from workstation.core.cases import CaseState
from workstation.core.finding_errors import FindingWithheld, MarkingBelowPortion
from workstation.core.findings import (
    Embargo,
    Finding,
    FindingKind,
    FindingText,
    Origin,
    PatchState,
    fingerprint,
    pointing_at,
)
from workstation.core.markings import dominates
from workstation.core.ports import Work
from workstation.core.values import CaseId, FindingId, PersonId

_NO_PACKAGE_YET = frozenset({CaseState.AWAITING_PACKAGE, CaseState.QUARANTINED, CaseState.DEFICIENT})


@dataclass(frozen=True, kw_only=True)
class NewFinding:
    """What somebody writes down. Fingerprints of ``text`` are filled in from its evidence."""

    text: FindingText
    kind: FindingKind = FindingKind.FLAW
    origin: Origin = field(default_factory=Origin)
    vectors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """One finding with those that resemble it, of this case and of others."""

    finding: Finding
    resembles: tuple[FindingId, ...]
    elsewhere: tuple[FindingId, ...]
    judgeable: bool  # the person at the desk wrote none of it


def report(session: Session, case_id: CaseId, new: NewFinding) -> Finding:
    """Write a finding down. Nobody is asked first whether it repeats another: see ``FindingView.resembles``.

    Raises:
        NotAppointed, StepNotPossible (no accepted package), FindingFieldInvalid, VectorInvalid,
        MarkingInvalid, MarkingBelowPortion, RecordUnknown (evidence that is not in the package).
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        if case.state in _NO_PACKAGE_YET:
            raise StepNotPossible(step="report-finding", state=case.state)
        finding = Finding(
            finding_id=FindingId(session.services.ids.new("FINDING")),
            case_id=case_id,
            kind=new.kind,
            origin=new.origin,
            text=_grounded(session, work, case_id, new.text, new.origin),
            reported_by=session.person.person_id,
            reported_at=work.now,
        )
        work.record(finding.reported())
        if new.vectors:
            work.record(finding.score(new.vectors, by=finding.reported_by, at=work.now))
        work.findings.add(finding)
    return finding


def _grounded(
    session: Session, work: Work, case_id: CaseId, text: FindingText, origin: Origin
) -> FindingText:
    """The text with its portion mark spelled as the rules want it and a fingerprint for each place."""
    rules = session.services.markings
    portion, banner = rules.portion(text.portion_marking), rules.parse(work.cases.get(case_id).marking)
    if not dominates(banner, portion):
        raise MarkingBelowPortion(marking=str(banner), portion=portion.portion())
    kind = origin.rule or text.cwe or text.title
    prints = []
    of_case = {package.package_id for package in work.packages.of_case(case_id)}
    for link in text.evidence:
        file = work.packages.file(link.package_id, link.untrusted_path)
        if link.package_id in of_case:
            prints.append(fingerprint(file.sha384, kind, link.anchor))
    return replace(text, portion_marking=portion.portion(), fingerprints=tuple(dict.fromkeys(prints)))


def _visible(work: Work, finding: Finding, viewer: PersonId) -> Finding:
    blind = work.cases.get(finding.case_id).is_blind
    if not finding.is_visible_to(viewer, blind=blind):
        raise FindingWithheld(finding_id=finding.finding_id)
    return finding


def _change(
    session: Session,
    finding_id: FindingId,
    act: Callable[[Work, Finding, PersonId, datetime], events.Event],
) -> Finding:
    """Load a finding the person may see, change it, record it, save it."""
    me = session.person.person_id
    with session.work() as work:
        finding = _visible(work, work.findings.get(finding_id), me)
        work.record(act(work, finding, me, work.now))
        work.findings.save(finding)
    return finding


def revise(session: Session, finding_id: FindingId, text: FindingText, *, reason: str) -> Finding:
    """Say it better before it is judged; the person becomes an author.

    Raises:
        NotAppointed, FindingWithheld, FindingStepNotPossible, FindingFieldInvalid, MarkingInvalid.
    """

    def act(work: Work, finding: Finding, me: PersonId, at: datetime) -> events.Event:
        grounded = _grounded(session, work, finding.case_id, text, finding.origin)
        return finding.revise(grounded, by=me, at=at, reason=reason)

    return _change(session, finding_id, act)


def validate(session: Session, finding_id: FindingId, *, reason: str) -> Finding:
    """Say how one saw it too.

    Raises:
        NotAppointed, FindingWithheld, OwnFinding, FindingStepNotPossible, FindingFieldInvalid.
    """
    return _change(session, finding_id, lambda _work, one, me, at: one.validate(by=me, at=at, reason=reason))


def reject(session: Session, finding_id: FindingId, *, reason: str) -> Finding:
    """Say why it does not hold; raises as ``validate``, and DuplicateNotPossible."""

    def act(work: Work, finding: Finding, me: PersonId, at: datetime) -> events.Event:
        pointed = pointing_at(finding, work.findings.of_case(finding.case_id))
        return finding.reject(by=me, at=at, reason=reason, pointed_at=pointed)

    return _change(session, finding_id, act)


def mark_duplicate(session: Session, finding_id: FindingId, of: FindingId, *, reason: str) -> Finding:
    """Say that another finding of the case tells it already.

    Raises:
        As ``validate``, and DuplicateNotPossible.
    """

    def act(work: Work, finding: Finding, me: PersonId, at: datetime) -> events.Event:
        other = _visible(work, work.findings.get(of), me)
        pointed = pointing_at(finding, work.findings.of_case(finding.case_id))
        return finding.mark_duplicate(other, by=me, at=at, reason=reason, pointed_at=pointed)

    return _change(session, finding_id, act)


def reopen(session: Session, finding_id: FindingId, *, reason: str) -> Finding:
    """Take a judgement back."""
    return _change(session, finding_id, lambda _work, one, me, at: one.reopen(by=me, at=at, reason=reason))


def score(session: Session, finding_id: FindingId, *vectors: str) -> Finding:
    """Replace the CVSS vectors; none takes them away. Raises VectorInvalid."""
    return _change(session, finding_id, lambda _work, one, me, at: one.score(vectors, by=me, at=at))


def set_embargo(
    session: Session, finding_id: FindingId, embargo: Embargo | None, *, reason: str = ""
) -> Finding:
    """Agree or move an embargo, or lift it with a reason."""

    def act(work: Work, finding: Finding, me: PersonId, at: datetime) -> events.Event:
        today = work.highest_time.date()
        return finding.set_embargo(embargo, by=me, at=at, today=today, reason=reason)

    return _change(session, finding_id, act)


def note_patch(session: Session, finding_id: FindingId, patch: PatchState, *, note: str = "") -> Finding:
    """What is known of a correction, as of now."""
    return _change(
        session, finding_id, lambda _work, one, me, at: one.note_patch(patch, by=me, at=at, note=note)
    )


# --- reading -----------------------------------------------------------------------------------------


def of_case(session: Session, case_id: CaseId) -> tuple[Finding, ...]:
    """The findings of a case that the person at the desk may see, oldest first."""
    with session.look() as work:
        return visible_of(work, case_id, session.person.person_id)


def visible_of(work: Work, case_id: CaseId, viewer: PersonId) -> tuple[Finding, ...]:
    """Inside a unit of work: while reviewers answer blind only the own ones."""
    blind = work.cases.get(case_id).is_blind
    return tuple(one for one in work.findings.of_case(case_id) if one.is_visible_to(viewer, blind=blind))


def view(session: Session, finding_id: FindingId) -> FindingView:
    """One finding; raises FindingUnknown, FindingWithheld."""
    me = session.person.person_id
    with session.look() as work:
        finding = _visible(work, work.findings.get(finding_id), me)
        here = [one for one in visible_of(work, finding.case_id, me) if finding.resembles(one)]
        there = [
            one
            for one in work.findings.of_fingerprints(finding.text.fingerprints)
            if one.case_id != finding.case_id
            and finding.resembles(one)
            and one.is_visible_to(me, blind=work.cases.get(one.case_id).is_blind)
        ]
    return FindingView(
        finding=finding,
        resembles=tuple(one.finding_id for one in here),
        elsewhere=tuple(one.finding_id for one in there),
        judgeable=me not in finding.authors,
    )
