"""The access window: counted back, a ceiling, calendar days, trigger day excluded."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.core.window import (
    CEILING_DAYS,
    ReleaseDatePast,
    WindowStanding,
    WindowTooEarly,
    earliest_start,
    open_window,
    revise_window,
)

_DAYS = st.dates(date(2026, 6, 2), date(2040, 1, 1))


def test_the_example_of_the_brief_holds() -> None:
    """A release on 31 March lets access begin on 1 March, and not a day earlier."""
    assert earliest_start(date(2027, 3, 31)) == date(2027, 3, 1)
    with pytest.raises(WindowTooEarly):
        open_window(date(2027, 3, 31), date(2027, 2, 28))


def test_thirty_days_from_the_signing_end_on_the_second_of_july() -> None:
    """Calendar days with the trigger day excluded: 2 June plus 30 is 2 July, as the order is read."""
    window = open_window(date(2026, 7, 2), date(2026, 6, 2))
    assert (window.total_days, window.day_number(date(2026, 6, 3))) == (30, 1)


def test_a_saturday_is_not_rolled() -> None:
    """1 August 2026 is a Saturday and stays the last day."""
    window = open_window(date(2026, 8, 1), date(2026, 7, 2))
    assert window.standing(date(2026, 8, 1)) is WindowStanding.AT_RISK
    assert window.standing(date(2026, 8, 2)) is WindowStanding.OVERDUE


@given(release=_DAYS, late=st.integers(0, CEILING_DAYS - 1))
def test_a_late_start_shortens_and_never_lengthens(release: date, late: int) -> None:
    """Whenever access begins, the window ends on the release day and has at most 30 days."""
    window = open_window(release, earliest_start(release) + timedelta(days=late))
    assert window.total_days == CEILING_DAYS - late
    assert window.start_on + timedelta(days=window.total_days) == release


@given(release=_DAYS, start=_DAYS)
def test_every_start_is_a_window_or_a_refusal(release: date, start: date) -> None:
    """A start gives 1 to 30 days, or one of two refusals that name the dates."""
    refusal: type[Exception] | None = None
    if start < earliest_start(release):
        refusal = WindowTooEarly
    elif start >= release:
        refusal = ReleaseDatePast
    if refusal is not None:
        with pytest.raises(refusal):
            open_window(release, start)
    else:
        assert 1 <= open_window(release, start).total_days <= CEILING_DAYS


@given(release=_DAYS, late=st.integers(0, 29), revised=_DAYS)
def test_a_revision_never_exceeds_the_ceiling(release: date, late: int, revised: date) -> None:
    """However the developer revises the date, the window keeps at most 30 days and ends on the new date."""
    window = open_window(release, earliest_start(release) + timedelta(days=late))
    new = revise_window(window, revised)
    assert 0 <= new.total_days <= CEILING_DAYS
    assert new.planned_release_on == revised


@given(release=_DAYS, late=st.integers(0, 29), offset=st.integers(-60, 60))
def test_standing_follows_the_days_left(release: date, late: int, offset: int) -> None:
    """Before, open, at risk and overdue partition time in that order."""
    window = open_window(release, earliest_start(release) + timedelta(days=late))
    today = window.start_on + timedelta(days=offset)
    left = (release - today).days
    expected = WindowStanding.OPEN
    if offset < 0:
        expected = WindowStanding.BEFORE
    elif left < 0:
        expected = WindowStanding.OVERDUE
    elif left <= 7:
        expected = WindowStanding.AT_RISK
    assert window.standing(today) is expected
    assert window.day_number(today) == max(0, offset)
