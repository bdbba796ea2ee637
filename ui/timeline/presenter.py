"""How the window runs, and what happened on which day, without widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from ui import calendar_file
from ui.dates import Dates
from ui.desk import Desk
from ui.presenting import CasePart
from ui.window_words import is_running, whole
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.people import APPOINTED, Duty
from workstation.core.window import Window, earliest_start


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """What happened, or is planned, on a day."""

    on: date
    what: str
    ahead: bool
    at: datetime | None = None  # of what happened at a known hour; what is planned is of a whole day


@dataclass(frozen=True, kw_only=True)
class WindowShown:
    """The window as drawn; ``as_of`` is today while it runs, else the day of the determination."""

    window: Window
    as_of: date
    as_of_words: str
    words: str


class TimelineView(Protocol):
    """The page as the presenter sees it."""

    def show_window(self, shown: WindowShown | None, words: str) -> None:
        """The picture, and the same in words."""

    def offer_calendar(self, *, offered: bool) -> None:
        """Whether this person may write days outside the vault."""

    def show_milestones(self, milestones: Sequence[Milestone]) -> None:
        """The days."""


class TimelinePresenter(CasePart):
    """Draws and lists."""

    def __init__(self, view: TimelineView, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._page = view

    def show(self, view: queries.CaseView) -> None:
        """As just read."""
        super().show(view)
        today, dates = self.desk.here.today(), self.desk.dates
        with self.desk.here.look() as work:
            now = dates.moment(work.highest_time)
        words = f"{_words(view, dates)}. Now {now}; hours and days are those of UTC (Z)."
        self._page.show_window(_window(view, today, dates), words)
        may = self.desk.here.person.role in APPOINTED[Duty.WRITE_CALENDAR]
        self._page.offer_calendar(offered=may)
        self._page.show_milestones(milestones(view, today, dates))

    def write_calendar(self, folder: Path) -> None:
        """Write the days of this case to a new file in a folder; an older one stays as it is."""
        calendar_file.write(self.desk, folder, self.case_id)


def _window(view: queries.CaseView, today: date, dates: Dates) -> WindowShown | None:
    window, ended_on = view.case.window, view.row.ended_on
    if window is None:
        return None
    as_of = today if ended_on is None else ended_on
    return WindowShown(
        window=window,
        as_of=as_of,
        as_of_words=f"{'Today' if ended_on is None else 'Determined'} {dates.day(as_of)}",
        words=whole(view.row),
    )


def _words(view: queries.CaseView, dates: Dates) -> str:
    if view.case.window is None:
        planned = view.row.planned_release_on
        if planned is None:
            return "No window is running: a designation inquiry has none"
        begin = dates.day(earliest_start(planned))
        return f"No window is running. Planned release {dates.day(planned)}; access may begin on {begin}"
    words = whole(view.row)
    return words if is_running(view.row) else f"{words}. The days no longer go on"


def milestones(view: queries.CaseView, today: date, dates: Dates) -> list[Milestone]:
    """What happened, and is planned, on which day."""
    case = view.case
    found: list[tuple[date | datetime, str]] = [(case.opened_at, "Case opened")]
    for stated in case.release_dates:
        on = dates.day(stated.planned_release_on)
        words = f"Developer stated the planned release {on} (version {stated.version})"
        found.append((stated.stated_on, f"{words}. {stated.reason}".strip()))
    package = view.package
    if package and package.received_at:
        found.append((package.received_at, "Package received"))
    if package and package.decided_at:
        found.append((package.decided_at, f"Package: {word('package-state', package.state).lower()}"))
    if case.started_on:
        found.append((case.started_on, "Evaluation begun: trigger day, not counted"))
    found += [
        (at, f"{view.people[who].display_name} submitted the checklist")
        for who, at in case.submissions.items()
    ]
    if case.recommendation:
        found.append((case.recommendation.recommended_at, "Recommended"))
    found += [(d.determined_at, f"Determination {d.number}") for d in case.determinations]
    found += [(r.composed_at, f"Report {r.report_id} signed by a reviewer") for r in view.reports]
    found += [(e.released_at, f"Export {e.export_id} released") for e in view.exports if e.released_at]
    if case.planned_release_on:
        found.append((case.planned_release_on, "Planned release to other trusted partners"))
    made = [_milestone(when, what, today) for when, what in found]
    return sorted(made, key=lambda one: (one.on, one.at is not None, one.at or _NO_HOUR))


_NO_HOUR = datetime.min.replace(tzinfo=UTC)


def _milestone(when: date | datetime, what: str, today: date) -> Milestone:
    at = when if isinstance(when, datetime) else None
    on = at.date() if at else when
    return Milestone(on=on, what=what, ahead=on > today, at=at)
