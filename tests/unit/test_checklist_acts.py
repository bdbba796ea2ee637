"""Tailoring, returning and moving a checklist: nothing counts as met by it, and blindness is counted."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from workstation.core import checklist_acts as acts
from workstation.core.case_errors import AlreadySubmitted, CaseFieldMissing, StepNotPossible
from workstation.core.cases import Case, CaseState, CaseType
from workstation.core.checklists import (
    Answer,
    Checklist,
    CriterionUnknown,
    OwnDifference,
    Result,
    Settlement,
    Tailoring,
)
from workstation.core.criteria import CarryForward
from workstation.core.errors import Refused
from workstation.core.values import CaseId, CriterionId, PersonId

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ANN, BEN, LEAD = PersonId("ann"), PersonId("ben"), PersonId("lead")
FIRST, SECOND, THIRD = (CriterionId(name) for name in ("K1.1", "K1.2", "K1.3"))
ITEMS = (FIRST, SECOND, THIRD)


def new_case() -> Case:
    """A case in evaluation with two reviewers."""
    return Case(
        case_id=CaseId("CASE-1"),
        case_type=CaseType.DESIGNATION_INQUIRY,
        developer="d",
        model="m",
        checkpoint="c",
        marking="UNCLASSIFIED",
        criteria_set="set v1",
        opened_at=NOW,
        opened_by=ANN,
        state=CaseState.EVALUATION,
        reviewers=(ANN, BEN),
    )


def given_by(person: PersonId, criterion: CriterionId, result: Result) -> Answer:
    """One answer."""
    return Answer(
        case_id=CaseId("CASE-1"),
        criterion_id=criterion,
        person_id=person,
        revision=1,
        result=result,
        detail="seen",
        evidence=(),
        portion_marking="(U)",
        answered_at=NOW,
    )


def checklist(case: Case, answers: dict[tuple[CriterionId, PersonId], Result]) -> Checklist:
    """As the store would give it."""
    return Checklist(
        criteria=ITEMS,
        answers={(c, p): given_by(p, c, result) for (c, p), result in answers.items()},
        reviewers=case.reviewers,
        submitted=frozenset(case.submissions),
        settlements=case.settlements,
        tailored=case.tailored,
        disclosed=frozenset(case.disclosed),
        differed=frozenset(case.differed),
    )


def tailoring(criterion: CriterionId = FIRST, reason: str = "no weights were sent") -> Tailoring:
    """The lead's statement."""
    return Tailoring(criterion_id=criterion, reason=reason, by=LEAD, at=NOW)


ALL_MET = {(c, p): Result.MET for c in ITEMS for p in (ANN, BEN)}
DIFFERING = ALL_MET | {(SECOND, BEN): Result.NOT_MET}


def both_submitted() -> Case:
    """Both have submitted."""
    case = new_case()
    case.submissions = {ANN: NOW, BEN: NOW}
    return case


def test_what_is_tailored_out_counts_apart_and_never_as_met() -> None:
    """It is not asked, not differing, not met, and stands in a count of its own."""
    case = new_case()
    acts.tailor(case, tailoring(SECOND), ITEMS)
    case.submissions = {ANN: NOW, BEN: NOW}
    seen = checklist(case, DIFFERING)
    assert seen.tally() == {
        "met": 2,
        "not-met": 0,
        "not-applicable": 0,
        "cannot-tell": 0,
        "unanswered": 0,
        "tailored-out": 1,
    }
    assert seen.agreed(SECOND) is None
    assert seen.differing() == ()
    assert checklist(case, {}).unanswered(ANN) == (FIRST, THIRD)
    with pytest.raises(acts.CriterionTailoredOut):
        acts.require_asked(case, SECOND)


def test_tailoring_is_undone_and_the_answers_count_again() -> None:
    """Undoing asks the criterion again, by name and with a reason."""
    case = new_case()
    acts.tailor(case, tailoring(), ITEMS)
    with pytest.raises(CaseFieldMissing):
        acts.undo_tailoring(case, FIRST, reason=" ")
    event = acts.undo_tailoring(case, FIRST, reason="weights came later")
    assert event.reason == "weights came later"
    case.submissions = {ANN: NOW, BEN: NOW}
    assert checklist(case, ALL_MET).agreed(FIRST) is Result.MET


def test_tailoring_is_refused_where_it_would_bend_answers() -> None:
    """Not without a reason, not twice, not what the set has not, not once somebody has submitted."""
    case = new_case()
    for wrong, refusal in (
        (tailoring(reason=""), CaseFieldMissing),
        (tailoring(CriterionId("K9.9")), CriterionUnknown),
    ):
        with pytest.raises(refusal):
            acts.tailor(case, wrong, ITEMS)
    with pytest.raises(acts.TailoringNotThere):
        acts.undo_tailoring(case, FIRST, reason="x")
    acts.tailor(case, tailoring(), ITEMS)
    with pytest.raises(acts.CriterionTailoredOut):
        acts.tailor(case, tailoring(), ITEMS)
    case.submissions[ANN] = NOW
    with pytest.raises(AlreadySubmitted):
        acts.tailor(case, tailoring(SECOND), ITEMS)
    with pytest.raises(AlreadySubmitted):
        acts.undo_tailoring(case, FIRST, reason="x")
    case.state = CaseState.RECOMMENDED
    with pytest.raises(StepNotPossible):
        acts.tailor(case, tailoring(SECOND), ITEMS)


def _return(
    case: Case, who: PersonId, by: PersonId, answers: dict[tuple[CriterionId, PersonId], Result]
) -> None:
    acts.return_checklist(case, who, checklist(case, answers), feedback="say where", by=by, at=NOW)


def test_a_checklist_returned_before_the_other_submitted_stays_blind() -> None:
    """Nobody has seen anything, so nothing is disclosed and everything may be answered anew."""
    case = new_case()
    case.submissions = {ANN: NOW}
    _return(case, ANN, LEAD, DIFFERING)
    assert case.submissions == {}
    assert (case.disclosed, case.differed) == ((), ())
    assert not case.returns[0].after_disclosure
    assert set(checklist(case, DIFFERING).visible_to(BEN)) == {(c, BEN) for c in ITEMS}


def test_after_both_saw_both_answers_a_difference_is_still_settled_by_the_lead() -> None:
    """A reviewer who follows the other after seeing the answer makes no agreement of two."""
    case = both_submitted()
    _return(case, BEN, LEAD, DIFFERING)
    assert case.disclosed == ITEMS
    assert case.returns[0].after_disclosure
    followed = checklist(case, ALL_MET)
    assert followed.visible_to(BEN) == followed.answers
    case.submissions[BEN] = NOW
    again = checklist(case, ALL_MET)
    assert again.agreed(SECOND) is None
    assert again.unsettled() == (SECOND,)
    assert again.agreed(FIRST) is Result.MET
    case.settle(
        Settlement(
            criterion_id=SECOND,
            result=Result.NOT_MET,
            reason="as first read",
            settled_by=LEAD,
            settled_at=NOW,
        ),
        again,
    )
    assert checklist(case, ALL_MET).agreed(SECOND) is Result.NOT_MET


def test_a_lead_who_reviews_cannot_return_the_others_checklist_blind() -> None:
    """Feedback from somebody who still answers would tell what that person thinks."""
    case = new_case()
    case.submissions = {BEN: NOW}
    with pytest.raises(acts.ReturnWouldTell):
        _return(case, BEN, ANN, DIFFERING)
    case.submissions[ANN] = NOW
    _return(case, BEN, ANN, DIFFERING)
    assert list(case.submissions) == [ANN]


def test_a_return_is_refused_where_it_makes_no_sense() -> None:
    """Not to oneself, not what was not submitted, not without feedback, not after settling or opinions."""
    case = new_case()
    with pytest.raises(acts.NothingToReturn):
        _return(case, ANN, LEAD, {})
    case = both_submitted()
    with pytest.raises(acts.OwnChecklist):
        _return(case, ANN, ANN, ALL_MET)
    with pytest.raises(CaseFieldMissing):
        acts.return_checklist(case, ANN, checklist(case, ALL_MET), feedback=" ", by=LEAD, at=NOW)
    seen = checklist(case, DIFFERING)
    case.settle(
        Settlement(criterion_id=SECOND, result=Result.MET, reason="x", settled_by=LEAD, settled_at=NOW), seen
    )
    with pytest.raises(acts.TooLateToReopen):
        _return(case, ANN, LEAD, DIFFERING)
    case.state = CaseState.RECOMMENDED
    with pytest.raises(StepNotPossible):
        _return(case, ANN, LEAD, DIFFERING)


CARRY = CarryForward(kept=(FIRST, SECOND), changed=(THIRD,), added=(), removed=())


def test_moving_asks_changed_questions_again_and_keeps_what_was_seen() -> None:
    """Who had submitted has the checklist open; what both saw of unchanged questions stays seen."""
    case = both_submitted()
    case.tailored = {THIRD: tailoring(THIRD)}
    event = acts.move_to_set(case, checklist(case, DIFFERING), CARRY, reference="set v2", reason="reworded")
    assert (case.criteria_set, event.old, event.changed) == ("set v2", "set v1", (THIRD,))
    assert case.submissions == {}
    assert (case.disclosed, case.differed) == ((FIRST, SECOND), (SECOND,))
    assert case.tailored == {}


def test_moving_to_a_set_that_asks_nothing_new_leaves_submissions() -> None:
    """Nobody submits twice for a set whose questions are the same."""
    case = both_submitted()
    same = replace(CARRY, kept=ITEMS, changed=())
    acts.move_to_set(case, checklist(case, ALL_MET), same, reference="set v2", reason="sources corrected")
    assert set(case.submissions) == {ANN, BEN}


def test_moving_needs_a_reason_and_answers_nobody_built_upon() -> None:
    """Not without a reason, not after settling, not after the recommendation."""
    case = both_submitted()
    seen = checklist(case, DIFFERING)
    with pytest.raises(CaseFieldMissing):
        acts.move_to_set(case, seen, CARRY, reference="set v2", reason="")
    case.settle(
        Settlement(criterion_id=SECOND, result=Result.MET, reason="x", settled_by=LEAD, settled_at=NOW), seen
    )
    with pytest.raises(acts.TooLateToReopen):
        acts.move_to_set(case, seen, CARRY, reference="set v2", reason="x")
    case.state = CaseState.DETERMINED
    with pytest.raises(StepNotPossible):
        acts.move_to_set(case, seen, CARRY, reference="set v2", reason="x")


class Reviewing(RuleBasedStateMachine):
    """Two reviewers and a lead in any order, beside a model that notes who saw what while answering."""

    def __init__(self) -> None:
        super().__init__()
        self.case = new_case()
        self.answers: dict[tuple[CriterionId, PersonId], Result] = {}
        self.seen: set[CriterionId] = set()  # both answers were on both screens once
        self.split: set[CriterionId] = set()  # and they differed then
        self.settled: dict[CriterionId, Result] = {}

    @property
    def now(self) -> Checklist:
        """The checklist as it stands."""
        return checklist(self.case, self.answers)

    @rule(who=st.sampled_from((ANN, BEN)), what=st.sampled_from(ITEMS), result=st.sampled_from(Result))
    def answer(self, who: PersonId, what: CriterionId, result: Result) -> None:
        """Answer what is asked and open."""
        if who not in self.case.submissions and what not in self.case.tailored:
            self.answers[what, who] = result

    @rule(who=st.sampled_from((ANN, BEN)))
    def submit(self, who: PersonId) -> None:
        """Submit; once both have, the model notes what is seen."""
        try:
            self.case.submit_checklist(who, self.now, at=NOW)
        except Refused:
            return
        if len(self.case.submissions) == 2:
            self.seen |= set(ITEMS)
            asked = [c for c in ITEMS if c not in self.case.tailored]
            self.split |= {c for c in asked if self.answers[c, ANN] is not self.answers[c, BEN]}

    @rule(who=st.sampled_from((ANN, BEN)), by=st.sampled_from((LEAD, ANN, BEN)))
    def give_back(self, who: PersonId, by: PersonId) -> None:
        """Return a checklist, where the rules let it."""
        try:
            _return(self.case, who, by, self.answers)
        except Refused:
            return

    @rule(what=st.sampled_from(ITEMS))
    def tailor(self, what: CriterionId) -> None:
        """Tailor out, or undo."""
        try:
            if what in self.case.tailored:
                acts.undo_tailoring(self.case, what, reason="x")
            else:
                acts.tailor(self.case, tailoring(what), ITEMS)
        except Refused:
            return

    @rule(what=st.sampled_from(ITEMS), by=st.sampled_from((LEAD, ANN, BEN)), result=st.sampled_from(Result))
    def settle(self, what: CriterionId, by: PersonId, result: Result) -> None:
        """Settle a difference: possible for whoever took no part, of what both were seen to differ in."""
        in_both = len(self.case.submissions) == 2
        differs = what not in self.case.tailored and what in self.split
        possible = in_both and differs and by == LEAD
        settlement = Settlement(
            criterion_id=what, result=result, reason="as I read it", settled_by=by, settled_at=NOW
        )
        if possible:
            self.case.settle(settlement, self.now)
            self.settled[what] = result
            return
        with pytest.raises(Refused) as refusal:
            self.case.settle(settlement, self.now)
        if in_both and differs:
            assert isinstance(refusal.value, OwnDifference)

    @rule()
    def both_submit_and_differ(self) -> None:
        """The shortest way to a difference, so that settling is reached often."""
        for who, result in ((ANN, Result.MET), (BEN, Result.NOT_MET)):
            for what in ITEMS:
                self.answer(who, what, result)
            self.submit(who)

    @invariant()
    def nobody_settled_an_own_difference(self) -> None:
        """What stands settled is what somebody said who gave neither answer, and nothing else."""
        kept = self.case.settlements
        assert {what: one.result for what, one in kept.items()} == self.settled
        assert not {one.settled_by for one in kept.values()} & {who for _what, who in self.answers}

    @invariant()
    def nobody_sees_what_was_never_shown_to_both(self) -> None:
        """Another's answer is visible only where the model says that both were seen."""
        for me in (ANN, BEN):
            others = {c for c, who in self.now.visible_to(me) if who != me}
            assert others <= self.seen

    @invariant()
    def a_difference_once_seen_is_never_agreed_without_the_lead(self) -> None:
        """No order of returns and new answers makes two opinions out of one."""
        assert not any(self.now.agreed(c) for c in self.split - self.settled.keys())

    @invariant()
    def every_criterion_is_counted_once(self) -> None:
        """The tally adds up, whatever was tailored out."""
        assert sum(self.now.tally().values()) == len(ITEMS)
        assert self.now.tally()["tailored-out"] == len(self.case.tailored)


TestReviewing = Reviewing.TestCase
TestReviewing.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
