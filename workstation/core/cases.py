"""The case: two types that are never merged, its states, and the acts that move it.

Methods check the rules, change the case and return the events; who may act is decided in
``core.people`` and enforced by the unit of work.
"""

from dataclasses import dataclass, field
from datetime import date, datetime

from workstation.core import checklists as lists
from workstation.core import determinations as det
from workstation.core import events
from workstation.core.case_errors import (
    AlreadySubmitted,
    CaseFieldMissing,
    CaseHeld,
    ConsultationDates,
    CriteriaUnanswered,
    DateBeforeReceipt,
    NotAssigned,
    NothingToSettle,
    SameReviewerTwice,
    StepNotPossible,
)
from workstation.core.case_states import OVER, CaseState, CaseType
from workstation.core.checklists import Checklist, OwnDifference, Result, Settlement, require_support
from workstation.core.exits import Exits
from workstation.core.markings.authority import AuthorityBlock, CuiDesignation
from workstation.core.partners import Partner
from workstation.core.values import CaseId, CriterionId, EvidenceLink, PackageId, PersonId
from workstation.core.window import ReleaseDate, ReleaseDatePast, Window, open_window, revise_window

# What an incident pauses: judging. Receiving, dates, consulting parties and ending the case go on.
HELD_STEPS = frozenset({"begin-evaluation", "answer", "settle", "give-opinion", "recommend", "determine"})

__all__ = ["OVER", "Case", "CaseState", "CaseType"]


@dataclass(kw_only=True)
class Case:
    """One model at one checkpoint, from receipt to determination."""

    case_id: CaseId
    case_type: CaseType
    developer: str
    model: str
    checkpoint: str
    marking: str
    criteria_set: str
    opened_at: datetime
    opened_by: PersonId
    state: CaseState = CaseState.AWAITING_PACKAGE
    release_dates: tuple[ReleaseDate, ...] = ()
    window: Window | None = None
    started_on: date | None = None
    package_id: PackageId | None = None
    reviewers: tuple[PersonId, ...] = ()
    submissions: dict[PersonId, datetime] = field(default_factory=dict)
    settlements: dict[CriterionId, Settlement] = field(default_factory=dict)
    tailored: dict[CriterionId, lists.Tailoring] = field(default_factory=dict)
    returns: tuple[lists.ChecklistReturn, ...] = ()
    disclosed: tuple[CriterionId, ...] = ()  # see ``Checklist``
    differed: tuple[CriterionId, ...] = ()
    benchmark_profile: str = ""
    opinions: tuple[det.Opinion, ...] = ()
    consultations: tuple[det.Consultation, ...] = ()
    recommendation: det.Recommendation | None = None
    determinations: tuple[det.Determination, ...] = ()
    closing_reason: str = ""
    disposition: str = ""
    authority: AuthorityBlock | None = None
    designation: CuiDesignation | None = None
    exits: Exits = field(default_factory=Exits)
    partners: tuple[Partner, ...] = ()
    tags: tuple[str, ...] = ()  # see ``core.tags``

    @property
    def planned_release_on(self) -> date | None:
        """The date as the developer last stated it."""
        return self.release_dates[-1].planned_release_on if self.release_dates else None

    @property
    def determination(self) -> det.Determination | None:
        """The determination in force: the last one."""
        return self.determinations[-1] if self.determinations else None

    @property
    def is_blind(self) -> bool:
        """Whether reviewers may still answer without knowing of each other's answers."""
        return self.state not in OVER and not (
            self.reviewers and set(self.reviewers) <= set(self.submissions)
        )

    def _require_state(self, step: str, *allowed: CaseState) -> None:
        if self.state not in allowed:
            raise StepNotPossible(step=step, state=self.state)
        self.require_not_held(step)

    def require_not_held(self, step: str) -> None:
        """Refuse a step of the review while an incident holds the case; the window goes on meanwhile."""
        hold = self.exits.hold
        if hold is not None and step in HELD_STEPS:
            raise CaseHeld(step=step, reason=hold.reason, held_at=hold.held_at)

    # --- receipt and window --------------------------------------------------------------------

    def package_begun(self, package_id: PackageId) -> None:
        """A (further) package is being read for this case; an accepted one is not replaced silently."""
        self._require_state("receive-package", CaseState.AWAITING_PACKAGE, CaseState.DEFICIENT)
        self.package_id = package_id

    def package_received(self) -> None:
        """The package is stored and waits for a named person."""
        self._require_state("receive-package", CaseState.AWAITING_PACKAGE, CaseState.DEFICIENT)
        self.state = CaseState.QUARANTINED

    def package_decided(self, *, accepted: bool) -> None:
        """A named person accepted the package or returned it as deficient."""
        self._require_state("accept-package", CaseState.QUARANTINED)
        self.state = CaseState.ACCEPTED if accepted else CaseState.DEFICIENT

    def assign_reviewers(self, first: PersonId, second: PersonId) -> events.ReviewersAssigned:
        """Name the two people who answer the checklist, before any of them has submitted.

        Raises:
            SameReviewerTwice, StepNotPossible, AlreadySubmitted.
        """
        if self.state in OVER | {CaseState.RECOMMENDED, CaseState.DETERMINED}:
            raise StepNotPossible(step="assign-reviewers", state=self.state)
        if first == second:
            raise SameReviewerTwice(person=first)
        for person_id in self.submissions:
            raise AlreadySubmitted(person=person_id)
        self.reviewers = (first, second)
        return events.ReviewersAssigned(case_id=self.case_id, first=first, second=second)

    def state_release_date(self, new_on: date, *, today: date, reason: str) -> events.ReleaseDateRevised:
        """Record the date the developer states; the window follows, the government never extends it.

        Raises:
            ReleaseDatePast, CaseFieldMissing, StepNotPossible.
        """
        if self.state in OVER:
            raise StepNotPossible(step="state-release-date", state=self.state)
        if new_on <= today:
            raise ReleaseDatePast(planned_release_on=new_on, today=today)
        old_on = self.planned_release_on
        if old_on is not None and not reason.strip():
            raise CaseFieldMissing(field="reason")
        version = len(self.release_dates) + 1
        stated = ReleaseDate(version=version, planned_release_on=new_on, stated_on=today, reason=reason)
        self.release_dates += (stated,)
        if self.window is not None:
            self.window = revise_window(self.window, new_on)
        return events.ReleaseDateRevised(
            case_id=self.case_id,
            version=version,
            old_on=old_on,
            new_on=new_on,
            reason=reason,
            rule_id=stated.rule_id,
        )

    def state_authority(
        self, authority: AuthorityBlock | None, designation: CuiDesignation | None
    ) -> events.AuthorityStated:
        """Record by what authority documents of this case are marked; each document asks for it anew."""
        if self.state in OVER:
            raise StepNotPossible(step="state-authority", state=self.state)
        self.authority, self.designation = authority, designation
        lines = (*(authority.lines() if authority else ()), *(designation.lines() if designation else ()))
        return events.AuthorityStated(case_id=self.case_id, lines=lines)

    def begin_evaluation(self, *, today: date) -> events.EvaluationBegun:
        """Begin the review; with pre-release access this is the trigger day of the window.

        Raises:
            StepNotPossible, CaseFieldMissing (no release date or reviewers), WindowTooEarly, ReleaseDatePast.
        """
        self._require_state("begin-evaluation", CaseState.ACCEPTED)
        if not self.reviewers:
            raise CaseFieldMissing(field="reviewers")
        if self.case_type is CaseType.PRE_RELEASE_ACCESS:
            if self.planned_release_on is None:
                raise CaseFieldMissing(field="planned_release_on")
            self.window = open_window(self.planned_release_on, today)
        self.started_on = today
        self.state = CaseState.EVALUATION
        window = self.window
        return events.EvaluationBegun(
            case_id=self.case_id,
            started_on=today,
            planned_release_on=self.planned_release_on,
            total_days=window.total_days if window else None,
            rule_id=window.rule_id if window else "",
        )

    # --- answering -----------------------------------------------------------------------------

    def _require_open_checklist(self, person_id: PersonId) -> None:
        self._require_state("answer", CaseState.EVALUATION)
        if person_id not in self.reviewers:
            raise NotAssigned(person=person_id)
        if person_id in self.submissions:
            raise AlreadySubmitted(person=person_id)

    def require_answerable(
        self,
        person_id: PersonId,
        criterion_id: CriterionId,
        result: Result,
        detail: str,
        evidence: tuple[EvidenceLink, ...],
    ) -> None:
        """Refuse an answer from somebody not assigned, after submission, or without its support."""
        self._require_open_checklist(person_id)
        require_support(criterion_id, result, detail, evidence)

    def submit_checklist(
        self, person_id: PersonId, checklist: Checklist, *, at: datetime
    ) -> events.ChecklistSubmitted:
        """Submit the whole checklist; from then on it is fixed and, once both have, visible to the other.

        Raises:
            StepNotPossible, NotAssigned, AlreadySubmitted, CriteriaUnanswered.
        """
        self._require_open_checklist(person_id)
        missing = checklist.unanswered(person_id)
        if missing:
            raise CriteriaUnanswered(count=len(missing), first=missing[0])
        self.submissions[person_id] = at
        return events.ChecklistSubmitted(case_id=self.case_id, answered=len(checklist.criteria))

    def settle(self, settlement: Settlement, checklist: Checklist) -> events.DifferenceSettled:
        """Settle one difference after both have submitted, with a reason.

        Raises:
            StepNotPossible, NothingToSettle, OwnDifference, CaseFieldMissing.
        """
        self._require_state("settle", CaseState.EVALUATION)
        if not checklist.both_submitted or settlement.criterion_id not in checklist.differing():
            raise NothingToSettle(criterion_id=settlement.criterion_id)
        if checklist.took_part(settlement.settled_by):
            raise OwnDifference(criterion_id=settlement.criterion_id)
        if not settlement.reason.strip():
            raise CaseFieldMissing(field="reason")
        self.settlements[settlement.criterion_id] = settlement
        return events.DifferenceSettled(
            case_id=self.case_id,
            criterion_id=settlement.criterion_id,
            result=settlement.result,
            reason=settlement.reason,
        )

    # --- concluding ----------------------------------------------------------------------------

    def give_opinion(self, opinion: det.Opinion) -> events.OpinionGiven:
        """State an own conclusion; a later one by the same person replaces it until the recommendation.

        Raises:
            StepNotPossible, NotAssigned, ReasonsMissing, StepBlocked (a checklist not submitted: an opinion
            would tell the other reviewer what the answers are).
        """
        self._require_state("give-opinion", CaseState.EVALUATION)
        if opinion.person_id not in self.reviewers:
            raise NotAssigned(person=opinion.person_id)
        if not opinion.reasons.strip():
            raise det.ReasonsMissing(field="reasons")
        late = tuple(p for p in self.reviewers if p not in self.submissions)
        if late:
            blocked = det.Blocked(blocker=det.Blocker.NOT_SUBMITTED, subjects=late)
            raise det.StepBlocked(step="give-opinion", blockers=(blocked,))
        kept = tuple(o for o in self.opinions if o.person_id != opinion.person_id)
        self.opinions = (*kept, opinion)
        return events.OpinionGiven(
            case_id=self.case_id, conclusion=opinion.conclusion, dissents=opinion.dissents
        )

    def recommendation_blockers(self, checklist: Checklist) -> tuple[det.Blocked, ...]:
        """Everything that stands between this case and a recommendation."""
        found = []
        if len(set(self.reviewers)) < 2:  # noqa: PLR2004 - two people
            found.append(det.Blocked(blocker=det.Blocker.NO_REVIEWERS))
        late = tuple(p for p in self.reviewers if p not in self.submissions)
        if late:
            found.append(det.Blocked(blocker=det.Blocker.NOT_SUBMITTED, subjects=late))
        unsettled = checklist.unsettled() if checklist.both_submitted else ()
        if unsettled:
            found.append(det.Blocked(blocker=det.Blocker.DIFFERENCES_UNSETTLED, subjects=unsettled))
        silent = tuple(p for p in self.reviewers if p not in {o.person_id for o in self.opinions})
        if silent:
            found.append(det.Blocked(blocker=det.Blocker.TOO_FEW_OPINIONS, subjects=silent))
        return tuple(found)

    def recommend(self, recommendation: det.Recommendation, checklist: Checklist) -> events.Recommended:
        """Recommend a conclusion after two people's opinions.

        Raises:
            StepNotPossible, StepBlocked, ReasonsMissing.
        """
        self._require_state("recommend", CaseState.EVALUATION)
        blockers = self.recommendation_blockers(checklist)
        if blockers:
            raise det.StepBlocked(step="recommend", blockers=blockers)
        det.require_reasons(recommendation.conclusion, recommendation.reasons, recommendation.gaps)
        self.recommendation = recommendation
        self.state = CaseState.RECOMMENDED
        return events.Recommended(case_id=self.case_id, conclusion=recommendation.conclusion)

    def record_consultation(
        self, consultation: det.Consultation, *, today: date
    ) -> events.ConsultationRecorded:
        """Record that a party was asked, and its answer or silence; a later record replaces the earlier.

        Raises:
            StepNotPossible, ConsultationDates, DateBeforeReceipt.
        """
        self._require_state("consult", CaseState.EVALUATION, CaseState.RECOMMENDED)
        asked_on, answered_on = consultation.asked_on, consultation.answered_on
        if asked_on > today or (answered_on is not None and not asked_on <= answered_on <= today):
            raise ConsultationDates(asked_on=asked_on, answered_on=answered_on)
        opened_on = self.opened_at.date()
        if asked_on < opened_on:
            raise DateBeforeReceipt(field="asked_on", day=asked_on, opened_on=opened_on)
        kept = tuple(c for c in self.consultations if c.consultee is not consultation.consultee)
        self.consultations = (*kept, consultation)
        return events.ConsultationRecorded(
            case_id=self.case_id,
            consultee=consultation.consultee,
            asked_on=asked_on,
            answered_on=answered_on,
            answer=consultation.answer,
        )

    def determination_blockers(self) -> tuple[det.Blocked, ...]:
        """Everything that stands between this case and a determination."""
        found = []
        if self.recommendation is None:
            found.append(det.Blocked(blocker=det.Blocker.NO_RECOMMENDATION))
        asked = {c.consultee for c in self.consultations}
        missing = tuple(str(c) for c in det.Consultee if c not in asked)
        if missing:
            found.append(det.Blocked(blocker=det.Blocker.CONSULTATION_MISSING, subjects=missing))
        return tuple(found)

    def determine(
        self, *, conclusion: det.Conclusion, reasons: str, gaps: tuple[str, ...], by: PersonId, at: datetime
    ) -> events.Determined:
        """Determine, or correct by a superseding determination; nothing is ever erased.

        Raises:
            StepNotPossible, StepBlocked, ReasonsMissing.
        """
        if self.state in OVER or self.state in {CaseState.AWAITING_PACKAGE, CaseState.QUARANTINED}:
            raise StepNotPossible(step="determine", state=self.state)
        self.require_not_held("determine")
        blockers = self.determination_blockers()
        if blockers:
            raise det.StepBlocked(step="determine", blockers=blockers)
        det.require_reasons(conclusion, reasons, gaps)
        previous = self.determination
        determination = det.Determination(
            number=len(self.determinations) + 1,
            conclusion=conclusion,
            reasons=reasons,
            gaps=gaps,
            determined_by=by,
            determined_at=at,
            supersedes=previous.number if previous else None,
        )
        self.determinations += (determination,)
        self.state = CaseState.DETERMINED
        return events.Determined(
            case_id=self.case_id,
            number=determination.number,
            conclusion=conclusion,
            supersedes=determination.supersedes,
        )

    def withdraw(self, *, reason: str, disposition: str) -> events.CaseWithdrawn:
        """End participation, at any time; the record and any determination stay.

        ``disposition`` says what becomes of the material: return, destruction, or to be agreed.
        """
        if self.state in OVER:
            raise StepNotPossible(step="withdraw", state=self.state)
        if not disposition.strip():
            raise CaseFieldMissing(field="disposition")
        self.state, self.closing_reason, self.disposition = CaseState.WITHDRAWN, reason, disposition
        return events.CaseWithdrawn(case_id=self.case_id, reason=reason, disposition=disposition)

    def close(self, *, reason: str) -> events.CaseClosed:
        """Close a determined or deficient case."""
        self._require_state("close", CaseState.DETERMINED, CaseState.DEFICIENT)
        self.state, self.closing_reason = CaseState.CLOSED, reason
        return events.CaseClosed(case_id=self.case_id, reason=reason)
