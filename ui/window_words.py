"""How the access window of a case is told: one truth for the header, the lists and the timeline.

A window runs until the determination. After it the days no longer go on: every page tells the day of the
window on which the case was determined. A case that ended without one tells that its window is over.
"""

from workstation.app.queries import CaseRow
from workstation.app.wording import word
from workstation.core.cases import OVER, CaseState
from workstation.core.window import WindowStanding

VOLUNTARY = "Participation is voluntary"  # section 3(c): on every screen about participations


def counted(number: int, noun: str) -> str:
    """``1 case``, ``2 cases``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def is_running(row: CaseRow) -> bool:
    """Whether days of the window still pass."""
    return row.total_days is not None and row.state not in OVER and row.state is not CaseState.DETERMINED


def day_of(row: CaseRow) -> str:
    """``day 12 of 30``, the day of the determination, or why there is none."""
    if row.total_days is None:
        return "no window"
    if is_running(row):
        return f"day {row.day_number} of {row.total_days}"
    if row.ended_on is not None:
        return f"determined on day {row.day_number} of {row.total_days}"
    return f"window over, {row.total_days} days long"


def days_text(row: CaseRow) -> str:
    """Days left with the word that a colour would only repeat; how it ended where no day is left."""
    if row.days_left is None:
        return day_of(row) if row.total_days is not None else "-"
    standing = word("standing", row.standing).lower()
    if row.standing is WindowStanding.OVERDUE:
        return f"{counted(-row.days_left, 'day')} over, {standing}"
    return f"{counted(row.days_left, 'day')} left, {standing}"


def whole(row: CaseRow) -> str:
    """Both: which day it is, and how many are left."""
    words = day_of(row)
    words = f"{words}, {days_text(row)}" if is_running(row) else words
    return words[0].upper() + words[1:]
