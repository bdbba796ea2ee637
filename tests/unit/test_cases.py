"""The case: every act from every state is either done or refused with a reason."""

import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workstation.core import determinations as det
from workstation.core.case_errors import (
    AlreadySubmitted,
    CaseFieldMissing,
    ConsultationDates,
    CriteriaUnanswered,
    NotAssigned,
    NothingToSettle,
    SameReviewerTwice,
    StepNotPossible,
)
from workstation.core.cases import Case, CaseState, CaseType
from workstation.core.checklists import (
    Answer,
    AnswerNeedsSupport,
    Checklist,
    OwnDifference,
    Result,
    Settlement,
)
from workstation.core.errors import Refused
from workstation.core.values import CaseId, CriterionId, PersonId

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ANN, BEN, CARA = PersonId("ann"), PersonId("ben"), PersonId("cara")
ITEMS = (CriterionId("K1.1"), CriterionId("K1.2"))


def new_case(case_type: CaseType = CaseType.PRE_RELEASE_ACCESS) -> Case:
    """A case as opened, with a planned release where its type asks for one."""
    case = Case(
        case_id=CaseId("CASE-1"),
        case_type=case_type,
        developer="d",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
        criteria_set="set v1",
        opened_at=NOW,
        opened_by=ANN,
    )
    if case_type is CaseType.PRE_RELEASE_ACCESS:
        case.state_release_date(date(2027, 3, 31), today=date(2027, 2, 20), reason="")
    return case


def answer(criterion_id: CriterionId, person_id: PersonId, result: Result) -> Answer:
    """One answer."""
    return Answer(
        case_id=CaseId("CASE-1"),
        criterion_id=criterion_id,
        person_id=person_id,
        revision=1,
        result=result,
        detail="seen",
        evidence=(),
        portion_marking="(U)",
        answered_at=NOW,
    )


def checklist(case: Case, results: dict[tuple[CriterionId, PersonId], Result]) -> Checklist:
    """The checklist with these answers."""
    return Checklist(
        criteria=ITEMS,
        answers={key: answer(*key, result) for key, result in results.items()},
        reviewers=case.reviewers,
        submitted=frozenset(case.submissions),
        settlements=case.settlements,
    )


def in_evaluation(case_type: CaseType = CaseType.PRE_RELEASE_ACCESS) -> Case:
    """A case whose review has begun."""
    case = new_case(case_type)
    case.package_received()
    case.package_decided(accepted=True)
    case.assign_reviewers(ANN, BEN)
    case.begin_evaluation(today=date(2027, 3, 1))
    return case


FULL = {(item, who): Result.MET for item in ITEMS for who in (ANN, BEN)}


def submitted() -> Case:
    """Both reviewers have submitted without differing."""
    case = in_evaluation()
    for who in (ANN, BEN):
        case.submit_checklist(who, checklist(case, FULL), at=NOW)
    return case


def opinion(who: PersonId) -> det.Opinion:
    """A plain opinion."""
    return det.Opinion(
        person_id=who, conclusion=det.Conclusion.COVERED, reasons="because", dissents=False, given_at=NOW
    )


def recommended() -> Case:
    """Recommended after two opinions."""
    case = submitted()
    case.give_opinion(opinion(ANN))
    case.give_opinion(opinion(BEN))
    recommendation = det.Recommendation(
        conclusion=det.Conclusion.COVERED, reasons="because", gaps=(), recommended_by=ANN, recommended_at=NOW
    )
    case.recommend(recommendation, checklist(case, FULL))
    return case


def consult_all(case: Case) -> None:
    """Ask every party the order names."""
    for consultee in det.Consultee:
        consultation = det.Consultation(
            consultee=consultee,
            asked_on=date(2027, 3, 2),
            answered_on=None,
            answer="",
            recorded_by=CARA,
            recorded_at=NOW,
        )
        case.record_consultation(consultation, today=date(2027, 3, 2))


def determine(
    case: Case, conclusion: det.Conclusion = det.Conclusion.COVERED, gaps: tuple[str, ...] = ()
) -> None:
    """The official determines."""
    case.determine(conclusion=conclusion, reasons="because", gaps=gaps, by=CARA, at=NOW)


def test_the_whole_path() -> None:
    """A pre-release case goes from receipt to a determination that names its author."""
    case = recommended()
    consult_all(case)
    determine(case)
    assert case.state is CaseState.DETERMINED
    assert case.determination is not None
    assert case.determination.determined_by == CARA
    assert case.window is not None
    assert case.window.total_days == 30


def test_an_inquiry_runs_no_window() -> None:
    """A designation inquiry concerns a model under development: no release date, no window."""
    case = in_evaluation(CaseType.DESIGNATION_INQUIRY)
    assert case.window is None
    assert case.planned_release_on is None


def test_two_different_people_review() -> None:
    """The same person cannot be both reviewers."""
    with pytest.raises(SameReviewerTwice):
        new_case().assign_reviewers(ANN, ANN)


def test_only_the_assigned_answer() -> None:
    """Somebody who is not assigned is refused."""
    with pytest.raises(NotAssigned):
        in_evaluation().require_answerable(CARA, ITEMS[0], Result.MET, "seen", ())


def test_an_answer_needs_support() -> None:
    """Met without evidence or detail, and any other result without detail, is refused."""
    case = in_evaluation()
    for result in Result:
        with pytest.raises(AnswerNeedsSupport):
            case.require_answerable(ANN, ITEMS[0], result, "  ", ())


def test_a_checklist_is_submitted_whole_and_once() -> None:
    """Unanswered items block the submission, and a second submission is refused."""
    case = in_evaluation()
    with pytest.raises(CriteriaUnanswered) as missing:
        case.submit_checklist(ANN, checklist(case, {}), at=NOW)
    assert missing.value.count == len(ITEMS)
    case.submit_checklist(ANN, checklist(case, FULL), at=NOW)
    with pytest.raises(AlreadySubmitted):
        case.submit_checklist(ANN, checklist(case, FULL), at=NOW)


def test_the_second_reviewer_is_blind_until_both_have_submitted() -> None:
    """Neither sees the other's answers before both have submitted; afterwards each sees both."""
    case = in_evaluation()
    case.submit_checklist(ANN, checklist(case, FULL), at=NOW)
    assert {who for _c, who in checklist(case, FULL).visible_to(BEN)} == {BEN}
    assert {who for _c, who in checklist(case, FULL).visible_to(ANN)} == {ANN}
    assert checklist(case, FULL).agreed(ITEMS[0]) is None
    case.submit_checklist(BEN, checklist(case, FULL), at=NOW)
    assert {who for _c, who in checklist(case, FULL).visible_to(BEN)} == {ANN, BEN}
    assert checklist(case, FULL).agreed(ITEMS[0]) is Result.MET


def test_unanswered_never_counts_as_met() -> None:
    """An item nobody answered is counted as unanswered whatever the others say."""
    case = in_evaluation()
    tally = checklist(case, {}).tally()
    assert (tally["met"], tally["unanswered"]) == (0, len(ITEMS))


def test_differences_block_until_settled_with_a_reason() -> None:
    """A difference blocks the recommendation; settling it needs a reason and makes it the agreed result."""
    case = in_evaluation()
    differing = FULL | {(ITEMS[1], BEN): Result.NOT_MET}
    for who in (ANN, BEN):
        case.submit_checklist(who, checklist(case, differing), at=NOW)
    for who in (ANN, BEN):
        case.give_opinion(opinion(who))
    blockers = case.recommendation_blockers(checklist(case, differing))
    assert [b.blocker for b in blockers] == [det.Blocker.DIFFERENCES_UNSETTLED]
    other = Settlement(criterion_id=ITEMS[0], result=Result.MET, reason="x", settled_by=CARA, settled_at=NOW)
    with pytest.raises(NothingToSettle):
        case.settle(other, checklist(case, differing))
    reasoned = replace(other, criterion_id=ITEMS[1], result=Result.NOT_MET, reason="read again")
    with pytest.raises(CaseFieldMissing):
        case.settle(replace(reasoned, reason=""), checklist(case, differing))
    for party in (ANN, BEN):
        with pytest.raises(OwnDifference):
            case.settle(replace(reasoned, settled_by=party), checklist(case, differing))
    case.settle(reasoned, checklist(case, differing))
    assert not case.recommendation_blockers(checklist(case, differing))
    assert checklist(case, differing).agreed(ITEMS[1]) is Result.NOT_MET


def test_every_party_of_the_order_is_consulted_first() -> None:
    """A determination is blocked until each party was asked; silence counts as asked."""
    case = recommended()
    with pytest.raises(det.StepBlocked) as blocked:
        determine(case)
    assert set(blocked.value.blockers[0].subjects) == {str(c) for c in det.Consultee}
    consult_all(case)
    determine(case)


def test_consultation_dates_must_fit() -> None:
    """An answer before the question, or either in the future, is refused."""
    case = recommended()
    early = det.Consultation(
        consultee=det.Consultee.DIRECTOR_OF_CISA,
        asked_on=date(2027, 3, 5),
        answered_on=date(2027, 3, 4),
        answer="yes",
        recorded_by=CARA,
        recorded_at=NOW,
    )
    for today in (date(2027, 3, 5), date(2027, 3, 4)):
        with pytest.raises(ConsultationDates):
            case.record_consultation(early, today=today)


def test_insufficient_information_names_its_gaps() -> None:
    """The close-out for missing information is never a silent default."""
    case = recommended()
    consult_all(case)
    with pytest.raises(det.ReasonsMissing) as missing:
        determine(case, det.Conclusion.INSUFFICIENT_INFORMATION)
    assert missing.value.field == "gaps"
    determine(case, det.Conclusion.INSUFFICIENT_INFORMATION, ("no range logs",))


def test_a_correction_supersedes_and_erases_nothing() -> None:
    """A second determination names the first, and both stay."""
    case = recommended()
    consult_all(case)
    determine(case)
    determine(case, det.Conclusion.NOT_COVERED)
    assert [d.conclusion for d in case.determinations] == [det.Conclusion.COVERED, det.Conclusion.NOT_COVERED]
    assert case.determinations[1].supersedes == 1


def test_withdrawal_is_always_possible_and_keeps_the_determination() -> None:
    """From every state that is not over, withdrawal works and erases nothing."""
    for make in (new_case, in_evaluation, submitted, recommended):
        case = make()
        case.withdraw(reason="", disposition="destruction")
        assert case.state is CaseState.WITHDRAWN
    case = recommended()
    consult_all(case)
    determine(case)
    case.withdraw(reason="", disposition="return")
    assert case.determination is not None


class CaseMachine(RuleBasedStateMachine):
    """Any order of acts leaves the case in a state that its record explains."""

    def __init__(self) -> None:
        super().__init__()
        self.case = new_case()
        self.today = date(2027, 2, 20)

    def _try(self, act: Callable[[], object]) -> None:
        with contextlib.suppress(Refused):
            act()

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        """Days go by."""
        self.today += timedelta(days=days)

    @rule(accepted=st.booleans())
    def package(self, accepted: bool) -> None:
        """A package comes and is decided on."""
        self._try(self.case.package_received)
        self._try(lambda: self.case.package_decided(accepted=accepted))

    @rule(first=st.sampled_from([ANN, BEN, CARA]), second=st.sampled_from([ANN, BEN, CARA]))
    def assign(self, first: PersonId, second: PersonId) -> None:
        """Reviewers are named."""
        self._try(lambda: self.case.assign_reviewers(first, second))

    @rule()
    def begin(self) -> None:
        """Evaluation begins."""
        self._try(lambda: self.case.begin_evaluation(today=self.today))

    @rule(ahead=st.integers(-5, 60))
    def revise(self, ahead: int) -> None:
        """The developer revises the date."""
        on = self.today + timedelta(days=ahead)
        self._try(lambda: self.case.state_release_date(on, today=self.today, reason="asked"))

    @rule(who=st.sampled_from([ANN, BEN, CARA]))
    def review(self, who: PersonId) -> None:
        """Somebody submits and gives an opinion."""
        full = {(item, person): Result.MET for item in ITEMS for person in (ANN, BEN, CARA)}
        self._try(lambda: self.case.submit_checklist(who, checklist(self.case, full), at=NOW))
        self._try(lambda: self.case.give_opinion(opinion(who)))

    @rule()
    def conclude(self) -> None:
        """Recommendation, consultations, determination, in that order, each where possible."""
        full = {(item, person): Result.MET for item in ITEMS for person in (ANN, BEN, CARA)}
        recommendation = det.Recommendation(
            conclusion=det.Conclusion.COVERED, reasons="r", gaps=(), recommended_by=ANN, recommended_at=NOW
        )
        self._try(lambda: self.case.recommend(recommendation, checklist(self.case, full)))
        self._try(lambda: consult_all(self.case))
        self._try(lambda: determine(self.case))

    @rule(disposition=st.sampled_from(["", "return"]))
    def withdraw(self, disposition: str) -> None:
        """The developer withdraws."""
        self._try(lambda: self.case.withdraw(reason="", disposition=disposition))

    @rule()
    def close(self) -> None:
        """Somebody closes the case."""
        self._try(lambda: self.case.close(reason=""))

    @invariant()
    def the_record_explains_the_state(self) -> None:
        """Nothing is recommended or determined without what must come first."""
        case = self.case
        if case.window is not None:
            assert 0 <= case.window.total_days <= 30
        if case.recommendation is not None:
            assert len({o.person_id for o in case.opinions}) >= 2
            assert set(case.reviewers) <= set(case.submissions)
        if case.determinations:
            assert case.recommendation is not None
            assert {c.consultee for c in case.consultations} == set(det.Consultee)
        if case.state is CaseState.DETERMINED:
            assert case.determination is not None
        assert [r.version for r in case.release_dates] == list(range(1, len(case.release_dates) + 1))


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=25)
TestCaseMachine = CaseMachine.TestCase


def test_nothing_moves_after_the_end() -> None:
    """A withdrawn case refuses every further step."""
    case = new_case()
    case.withdraw(reason="", disposition="return")
    for act in (
        lambda: case.assign_reviewers(ANN, BEN),
        lambda: case.begin_evaluation(today=date(2027, 3, 1)),
        lambda: case.state_release_date(date(2027, 4, 1), today=date(2027, 3, 1), reason="x"),
        lambda: case.close(reason=""),
        lambda: determine(case),
    ):
        with pytest.raises(StepNotPossible):
            act()
