"""The windows of all cases on one axis, without widgets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from ui import calendar_file
from ui.cases.presenter import next_text
from ui.dates import Dates
from ui.desk import Desk
from ui.window_words import counted, days_text
from workstation.app import queries
from workstation.app.queries import CaseRow
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.core.cases import OVER, CaseState
from workstation.core.people import APPOINTED, Duty
from workstation.core.values import CaseId
from workstation.core.window import WindowStanding

_BACK_DAYS, _AHEAD_DAYS, _LEAST_DAYS = 45, 90, 35
_MOST_SPOKEN = 10


@dataclass(frozen=True, kw_only=True)
class Lane:
    """One case: when access began, if it has, and the planned release that ends the window."""

    case_id: CaseId
    name: str
    standing: WindowStanding
    words: str  # of the standing and the days, as beside the bar
    start_on: date | None
    release_on: date
    next_step: str


@dataclass(frozen=True, kw_only=True)
class Axis:
    """From which day to which the picture reaches; what lies beyond is drawn at the edge."""

    first: date
    last: date
    today: date


class WindowsView(Protocol):
    """The page as the presenter sees it."""

    def show_lanes(self, about: str, lanes: Sequence[Lane], axis: Axis, spoken: str) -> None:
        """The sentence, the picture with its text alternative, and the table."""

    def offer_calendar(self, *, offered: bool) -> None:
        """Whether this person may write days outside the vault."""


class WindowsPresenter:
    """Reads off the window's thread, opens a case at its timeline."""

    def __init__(self, view: WindowsView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._marking = ""

    def refresh(self) -> None:
        """Read all cases again."""
        may = self._desk.here.person.role in APPOINTED[Duty.WRITE_CALENDAR]
        self._view.offer_calendar(offered=may)
        self._desk.read("windows", _read, self._show)

    def write_calendar(self, folder: Path) -> None:
        """Write the days of every open case to a new file in a folder; an older one stays as it is."""
        calendar_file.write(self._desk, folder)

    def _show(self, found: tuple[tuple[CaseRow, ...], date]) -> None:
        rows, today = found
        shown = [row for row in rows if _has_lane(row)]
        self._marking = queries.covering_marking(self._desk.here, [row.marking for row in shown])
        # The banner covers a case before the case is on screen.
        self._desk.routes.marking_changed()
        lanes = [_lane(row, today) for row in shown]
        self._view.show_lanes(
            _about(lanes, without=sum(row.state not in OVER for row in rows) - len(lanes)),
            lanes,
            axis(lanes, today),
            spoken(lanes, self._desk.dates),
        )

    def marking(self) -> str:
        """Covers every case shown."""
        return self._marking

    def open(self, lane: Lane) -> None:
        """The timeline of one case."""
        self._desk.routes.show_case(lane.case_id, "timeline")


def _read(session: Session) -> tuple[tuple[CaseRow, ...], date]:
    return queries.case_rows(session), session.today()


def _has_lane(row: CaseRow) -> bool:
    is_under_way = row.state not in OVER and row.state is not CaseState.DETERMINED
    return is_under_way and row.planned_release_on is not None


def _lane(row: CaseRow, today: date) -> Lane:
    if row.planned_release_on is None:
        raise ValueError
    start = None if row.day_number is None else today - timedelta(days=row.day_number)
    return Lane(
        case_id=row.case_id,
        name=f"{row.model}, {row.checkpoint}",
        standing=row.standing,
        words=days_text(row) if row.days_left is not None else "not begun",
        start_on=start,
        release_on=row.planned_release_on,
        next_step=next_text(row),
    )


def axis(lanes: Sequence[Lane], today: date) -> Axis:
    """As many days as the cases need, at most 45 back and 90 ahead of today."""
    first = min([today - timedelta(days=3), *(lane.start_on or lane.release_on for lane in lanes)])
    last = max([today, *(lane.release_on for lane in lanes)]) + timedelta(days=2)
    first = max(first, today - timedelta(days=_BACK_DAYS))
    last = min(max(last, first + timedelta(days=_LEAST_DAYS)), today + timedelta(days=_AHEAD_DAYS))
    return Axis(first=first, last=last, today=today)


_ORDER = (WindowStanding.OVERDUE, WindowStanding.AT_RISK, WindowStanding.OPEN)


def _about(lanes: Sequence[Lane], *, without: int) -> str:
    if not lanes:
        return "No case has a window. A window begins with the evaluation of a pre-release case."
    tally = Counter(lane.standing for lane in lanes)
    parts = [f"{tally[one]:,} {word('standing', one).lower()}" for one in _ORDER if tally[one]]
    waiting = len(lanes) - sum(tally[one] for one in _ORDER)
    parts += [f"{waiting:,} not begun"] if waiting else []
    words = f"{counted(len(lanes), 'case')} with a planned release: {', '.join(parts)}."
    return words + (f" {counted(without, 'case')} without one." if without else "")


def spoken(lanes: Sequence[Lane], dates: Dates) -> str:
    """The picture in words: the first lanes; the table has all of them."""
    lines = [
        f"{lane.name}: {lane.words}, planned release {dates.day(lane.release_on)}."
        for lane in lanes[:_MOST_SPOKEN]
    ]
    if len(lanes) > _MOST_SPOKEN:
        lines.append(f"{len(lanes) - _MOST_SPOKEN:,} more are in the table.")
    return " ".join(lines)
