"""Figures and likeness, against sums done by hand and by a slow model."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_cases import ANN, NOW, new_case
from workstation.core import determinations as det
from workstation.core.cases import Case, CaseState
from workstation.core.oversight import figures, register, similar
from workstation.core.summaries import summarise
from workstation.core.values import CaseId

FIRST = date(2027, 1, 1)


def case(number: int, *, opened: int, days: int | None, state: CaseState, conclusions: int = 1) -> Case:
    """Opened so many days after FIRST; determined so many days after its begin."""
    made = new_case()
    made.case_id = CaseId(f"CASE-{number:04}")
    made.opened_at = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(days=opened)
    made.state = state
    if days is not None:
        made.started_on = FIRST
        made.determinations = tuple(
            det.Determination(
                number=index + 1,
                conclusion=det.Conclusion.COVERED if number % 2 else det.Conclusion.NOT_COVERED,
                reasons="r",
                gaps=(),
                determined_by=ANN,
                determined_at=datetime.combine(FIRST, datetime.min.time(), UTC)
                + timedelta(days=days + index),
                supersedes=index or None,
            )
            for index in range(conclusions)
        )
    return made


CASES = st.lists(
    st.tuples(
        st.integers(0, 100),
        st.none() | st.integers(0, 30),
        st.sampled_from(sorted(CaseState)),
        st.integers(1, 3),
    ),
    max_size=25,
).map(
    lambda rows: [
        case(number, opened=opened, days=days, state=state, conclusions=conclusions)
        for number, (opened, days, state, conclusions) in enumerate(rows)
    ]
)


@given(CASES, st.integers(0, 100), st.integers(0, 100))
def test_the_figures_are_the_register_added_up(cases: list[Case], low: int, high: int) -> None:
    """Every figure is a plain sum over the register's lines, and those are the span's cases only."""
    first, last = FIRST + timedelta(days=low), FIRST + timedelta(days=high)
    short = [summarise(one) for one in cases]
    lines, sums = register(short, first, last), figures(short, first, last)
    assert {line.case_id for line in lines} == {
        one.case_id for one in cases if first <= one.opened_at.date() <= last
    }
    assert sums.received == len(lines) == sum(sums.by_state.values())
    assert sums.withdrawn == [line.state for line in lines].count("withdrawn")
    assert sums.lapsed == [line.state for line in lines].count("lapsed")
    assert sum(sums.by_conclusion.values()) == sum(bool(line.conclusion) for line in lines)
    used = [line.days_used for line in lines if line.days_used is not None]
    assert sums.median_days_used == (median(used) if used else None)


def test_days_are_counted_to_the_first_determination() -> None:
    """A correction made later does not make the review longer, and is counted as one."""
    corrected = case(1, opened=0, days=12, state=CaseState.DETERMINED, conclusions=3)
    assert register([summarise(corrected)], FIRST, FIRST)[0].days_used == 12
    assert figures([summarise(corrected)], FIRST, FIRST).corrected == 1


READING = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["met", "not-met", "cannot-be-told"]))


@given(READING, st.lists(READING, max_size=8))
def test_likeness_is_counted_and_ordered(mine: dict[str, str], others: list[dict[str, str]]) -> None:
    """What is said of each case is what counting by hand says; the likest stands first."""
    decided = [
        (case(number, opened=0, days=5, state=CaseState.DETERMINED), told)
        for number, told in enumerate(others)
    ]
    found = similar(mine, decided)
    by_id = {one.case_id: told for one, told in decided}
    assert {one.case_id for one in found} == {key for key, told in by_id.items() if set(told) & set(mine)}
    for one in found:
        told = by_id[one.case_id]
        assert one.in_common == sum(key in told for key in mine)
        assert one.alike == sum(told.get(key) == value for key, value in mine.items())
        assert set(one.differing) == {key for key in mine if key in told and told[key] != mine[key]}
    shares = [one.alike / one.in_common for one in found]
    assert shares == sorted(shares, reverse=True)


def test_an_undetermined_case_is_no_precedent() -> None:
    """Only what the official determined is shown."""
    open_case = replace(case(1, opened=0, days=None, state=CaseState.EVALUATION), opened_at=NOW)
    assert similar({"a": "met"}, [(open_case, {"a": "met"})]) == ()
