"""The access window of section 3(b)(ii): up to 30 days before the planned release to other trusted partners.

Counted back from the planned release, a ceiling and not an entitlement. Calendar days, trigger day
excluded, no weekend roll (Congressional Research Service reads the order's 30 and 60 days so). The order
knows no tolling: only the developer revises the release date. The rule id is stored with every date.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused

RULE_ID = "EO14409-3(b)(ii)/calendar-days/1"
CEILING_DAYS = 30
# How many days before the planned release the workstation begins to call an open case "at risk".
AT_RISK_DAYS = 7


class WindowStanding(StrEnum):
    """Where today lies."""

    NOT_OPEN = "not-open"
    BEFORE = "before"
    OPEN = "open"
    AT_RISK = "at-risk"
    OVERDUE = "overdue"


@dataclass(kw_only=True, eq=False)
class ReleaseDatePast(Refused):
    """The planned release lies on or before the day it is stated."""

    code: ClassVar[str] = "CAS-010"
    planned_release_on: date
    today: date


@dataclass(kw_only=True, eq=False)
class WindowTooEarly(Refused):
    """Access would begin more than 30 days before the planned release."""

    code: ClassVar[str] = "CAS-011"
    earliest_on: date
    asked_on: date


@dataclass(frozen=True, kw_only=True)
class ReleaseDate:
    """One version of the planned release date, as the developer stated it."""

    version: int
    planned_release_on: date
    stated_on: date
    reason: str
    rule_id: str = RULE_ID


@dataclass(frozen=True, kw_only=True)
class Window:
    """The window of one case. ``start_on`` is the trigger day; day 1 is the day after."""

    planned_release_on: date
    start_on: date
    rule_id: str = RULE_ID

    @property
    def total_days(self) -> int:
        """Length in calendar days, at most 30."""
        return (self.planned_release_on - self.start_on).days

    def day_number(self, today: date) -> int:
        """Day n of the window; 0 on the trigger day, never negative; may exceed ``total_days``."""
        return max(0, (today - self.start_on).days)

    def days_left(self, today: date) -> int:
        """Calendar days until the planned release; negative when it has passed."""
        return (self.planned_release_on - today).days

    def standing(self, today: date) -> WindowStanding:
        """Before, open, at risk (7 days or fewer left) or overdue (release day passed)."""
        left = self.days_left(today)
        if today < self.start_on:
            return WindowStanding.BEFORE
        if left < 0:
            return WindowStanding.OVERDUE
        return WindowStanding.AT_RISK if left <= AT_RISK_DAYS else WindowStanding.OPEN


def earliest_start(planned_release_on: date) -> date:
    """The first day on which access may begin: 31 March gives 1 March."""
    return planned_release_on - timedelta(days=CEILING_DAYS)


def open_window(planned_release_on: date, start_on: date) -> Window:
    """The window that begins on ``start_on``; a late start shortens it.

    Raises:
        WindowTooEarly: more than 30 days before the release.
        ReleaseDatePast: not a single day would be left.
    """
    if start_on < earliest_start(planned_release_on):
        raise WindowTooEarly(earliest_on=earliest_start(planned_release_on), asked_on=start_on)
    if start_on >= planned_release_on:
        raise ReleaseDatePast(planned_release_on=planned_release_on, today=start_on)
    return Window(planned_release_on=planned_release_on, start_on=start_on)


def revise_window(window: Window, planned_release_on: date) -> Window:
    """The window after the developer revised the date: never over 30 days.

    A later release moves the earliest start forward; days of access already had are not taken back, they
    only no longer count as within the ceiling, so the start becomes the later of the two.
    """
    start_on = max(window.start_on, earliest_start(planned_release_on))
    return Window(planned_release_on=planned_release_on, start_on=min(start_on, planned_release_on))
