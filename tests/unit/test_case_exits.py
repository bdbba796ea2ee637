"""Holds, lapse, newer checkpoints, replaced reviewers and disposition, against a small model of their own."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_cases import ANN, BEN, CARA, ITEMS, NOW, checklist, in_evaluation, new_case
from workstation.core import case_exits
from workstation.core import determinations as det
from workstation.core.case_errors import (
    AlreadySubmitted,
    CaseFieldMissing,
    CaseHeld,
    DispositionDateWrong,
    NotAssigned,
    NotHeld,
    NotLapsed,
    SameCheckpoint,
    SameReviewerTwice,
    StepNotPossible,
)
from workstation.core.case_states import OVER, UNDETERMINED, CaseState
from workstation.core.cases import HELD_STEPS, Case
from workstation.core.checklists import Result
from workstation.core.errors import Refused
from workstation.core.exits import Disposition, DispositionStep
from workstation.core.values import CaseId

RELEASE = date(2027, 3, 31)
STATES = st.sampled_from(sorted(CaseState))
DAYS = st.integers(min_value=-40, max_value=40).map(lambda days: RELEASE + timedelta(days=days))


def at(state: CaseState) -> Case:
    """A case put into a state from outside, as if read from the store."""
    case = new_case()
    case.state = state
    return case


@given(STATES, DAYS)
def test_a_case_lapses_exactly_when_nothing_was_determined_by_the_release(
    state: CaseState, today: date
) -> None:
    """Neither a day early, nor after a determination, nor twice; what is refused changes nothing."""
    case = at(state)
    allowed = state not in OVER and state is not CaseState.DETERMINED and today >= RELEASE
    try:
        event = case_exits.lapse(case, reason="nothing heard", disposition="return", today=today)
    except (StepNotPossible, NotLapsed):
        assert not allowed
        assert case.state is state
    else:
        assert allowed
        assert case.state is CaseState.LAPSED
        assert (event.planned_release_on, event.state_before) == (RELEASE, state)


def test_without_a_stated_date_nothing_lapses() -> None:
    """A designation inquiry without a planned release has no day on which it could lapse."""
    case = at(CaseState.EVALUATION)
    case.release_dates = ()
    with pytest.raises(NotLapsed):
        case_exits.lapse(case, reason="r", disposition="d", today=RELEASE)


@given(STATES)
def test_a_newer_checkpoint_ends_only_what_is_undetermined(state: CaseState) -> None:
    """The old case names the newer one and why; a determination is never superseded this way."""
    case = at(state)
    try:
        case_exits.supersede(case, by_case=CaseId("CASE-2"), checkpoint="c2", reason="retrained")
    except StepNotPossible:
        assert state not in UNDETERMINED
        assert case.exits.superseded_by is None
    else:
        assert state in UNDETERMINED
        assert (case.state, case.exits.superseded_by) == (CaseState.SUPERSEDED, "CASE-2")


def test_a_case_is_not_superseded_by_itself() -> None:
    """The same checkpoint, with blanks around it or not, is refused."""
    with pytest.raises(SameCheckpoint):
        case_exits.supersede(at(CaseState.EVALUATION), by_case=CaseId("X"), checkpoint=" c ", reason="r")


@given(st.lists(st.sampled_from(["hold", "lift"]), max_size=8))
def test_holds_follow_each_other_and_none_is_forgotten(acts: list[str]) -> None:
    """A hold begins only when none is in force and is lifted only when one is; all stay on record."""
    case, held, done = in_evaluation(), False, 0
    for number, act in enumerate(acts):
        moment = NOW + timedelta(hours=number)
        try:
            if act == "hold":
                case_exits.hold(case, reason="spill", by=CARA, at=moment)
            else:
                case_exits.lift_hold(case, reason="contained", by=CARA, at=moment)
        except (StepNotPossible, NotHeld):
            assert held is (act == "hold")
            continue
        assert held is (act == "lift")
        held, done = act == "hold", done + (act == "hold")
    assert len(case.exits.holds) == done
    assert (case.exits.hold is not None) is held


def test_every_judging_step_waits_while_an_incident_holds() -> None:
    """Answering, submitting, settling, opinions, recommending and determining are refused by name."""
    case = in_evaluation()
    answers = checklist(case, {(item, who): Result.MET for item in ITEMS for who in (ANN, BEN)})
    case_exits.hold(case, reason="spill", by=CARA, at=NOW)
    opinion = det.Opinion(
        person_id=ANN, conclusion=det.Conclusion.COVERED, reasons="r", dissents=False, given_at=NOW
    )
    recommendation = det.Recommendation(
        conclusion=det.Conclusion.COVERED, reasons="r", gaps=(), recommended_by=ANN, recommended_at=NOW
    )
    acts = {
        "answer": lambda: case.require_answerable(ANN, ITEMS[0], Result.MET, "d", ()),
        "submit": lambda: case.submit_checklist(ANN, answers, at=NOW),
        "give-opinion": lambda: case.give_opinion(opinion),
        "recommend": lambda: case.recommend(recommendation, answers),
        "determine": lambda: case.determine(
            conclusion=det.Conclusion.COVERED, reasons="r", gaps=(), by=CARA, at=NOW
        ),
    }
    for act in acts.values():
        with pytest.raises(CaseHeld) as refused:
            act()
        assert refused.value.step in HELD_STEPS
    case_exits.lift_hold(case, reason="contained", by=CARA, at=NOW)
    acts["answer"]()


def test_a_hold_stops_neither_the_window_nor_the_developer() -> None:
    """The window is what it was, the developer may revise the date and withdraw."""
    case = in_evaluation()
    window = case.window
    case_exits.hold(case, reason="spill", by=CARA, at=NOW)
    assert case.window == window
    case.state_release_date(RELEASE + timedelta(days=5), today=date(2027, 3, 2), reason="slipped")
    case.withdraw(reason="asked", disposition="return")
    assert case.state is CaseState.WITHDRAWN


def test_a_reviewer_is_replaced_before_submitting_and_not_after() -> None:
    """The one who leaves must be assigned and not have submitted; the one who comes must be somebody else."""
    case = in_evaluation()
    with pytest.raises(NotAssigned):
        case_exits.replace_reviewer(case, leaves=CARA, comes=ANN, reason="r")
    with pytest.raises(SameReviewerTwice):
        case_exits.replace_reviewer(case, leaves=ANN, comes=BEN, reason="r")
    answers = checklist(case, {(item, ANN): Result.MET for item in ITEMS})
    case.submit_checklist(ANN, answers, at=NOW)
    with pytest.raises(AlreadySubmitted):
        case_exits.replace_reviewer(case, leaves=ANN, comes=CARA, reason="r")
    case_exits.replace_reviewer(case, leaves=BEN, comes=CARA, reason="moved")
    assert case.reviewers == (ANN, CARA)
    assert case.is_blind


@given(STATES, DAYS)
def test_disposition_is_recorded_once_the_case_is_over_or_determined(state: CaseState, done_on: date) -> None:
    """Never before, and never for a day to come."""
    case = at(state)
    step = DispositionStep(
        disposition=Disposition.DESTROYED,
        material="the weights",
        done_on=done_on,
        reference="certificate 7",
        recorded_by=ANN,
        recorded_at=NOW,
    )
    allowed = (state in OVER or state is CaseState.DETERMINED) and done_on <= RELEASE
    try:
        case_exits.record_disposition(case, step, today=RELEASE)
    except (StepNotPossible, DispositionDateWrong):
        assert not allowed
    else:
        assert allowed
    assert len(case.exits.disposition_steps) == allowed


def test_nobody_leaves_the_line_without_saying_why() -> None:
    """An empty reason, disposition or reference is refused by the name of the field, and nothing happened."""
    when: datetime = NOW
    acts = (
        (lambda c: case_exits.hold(c, reason=" ", by=ANN, at=when), "reason"),
        (lambda c: case_exits.lapse(c, reason="", disposition="d", today=RELEASE), "reason"),
        (lambda c: case_exits.lapse(c, reason="r", disposition=" ", today=RELEASE), "disposition"),
        (lambda c: case_exits.supersede(c, by_case=CaseId("X"), checkpoint="c2", reason=""), "reason"),
        (lambda c: case_exits.supersede(c, by_case=CaseId("X"), checkpoint=" ", reason="r"), "checkpoint"),
        (lambda c: case_exits.replace_reviewer(c, leaves=ANN, comes=CARA, reason=" "), "reason"),
    )
    for act, field in acts:
        case = in_evaluation()
        before = repr(case)
        with pytest.raises(CaseFieldMissing) as refused:
            act(case)
        assert refused.value.field == field
        assert repr(case) == before


@given(STATES, st.sampled_from(["hold", "lapse", "supersede", "replace"]))
def test_a_case_that_is_over_stays_over(state: CaseState, act: str) -> None:
    """No exit leads out of an end."""
    case = at(state)
    if state not in OVER:
        return
    with pytest.raises(Refused):
        {
            "hold": lambda: case_exits.hold(case, reason="r", by=ANN, at=NOW),
            "lapse": lambda: case_exits.lapse(case, reason="r", disposition="d", today=RELEASE),
            "supersede": lambda: case_exits.supersede(case, by_case=CaseId("X"), checkpoint="2", reason="r"),
            "replace": lambda: case_exits.replace_reviewer(case, leaves=ANN, comes=BEN, reason="r"),
        }[act]()
    assert case.state is state
