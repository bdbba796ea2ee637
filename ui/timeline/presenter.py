"""How the window runs, and what happened on which day, without widgets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from ui.cases.presenter import counted
from ui.dates import Dates
from ui.desk import Desk
from ui.presenting import CasePart
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.window import Window, earliest_start


@dataclass(frozen=True, kw_only=True)
class Milestone:
    """What happened, or is planned, on a day."""

    on: date
    what: str
    ahead: bool


class TimelineView(Protocol):
    """The page as the presenter sees it."""

    def show_window(self, window: Window | None, today: date, words: str) -> None:
        """The picture, and the same in words."""

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
        window = view.case.window
        self._page.show_window(window, today, _words(view, window, today, dates))
        self._page.show_milestones(milestones(view, today, dates))


def _words(view: queries.CaseView, window: Window | None, today: date, dates: Dates) -> str:
    if window is None:
        planned = view.row.planned_release_on
        if planned is None:
            return "No window is running: a designation inquiry has none."
        begin = dates.day(earliest_start(planned))
        return f"No window is running. Planned release {dates.day(planned)}; access may begin on {begin}."
    left = window.days_left(today)
    words = f"{counted(left, 'day')} left" if left >= 0 else f"{counted(-left, 'day')} over"
    standing = word("standing", window.standing(today)).lower()
    return f"Day {window.day_number(today)} of {window.total_days}, {words}: {standing}"


def milestones(view: queries.CaseView, today: date, dates: Dates) -> list[Milestone]:
    """What happened, and is planned, on which day."""
    case = view.case
    found: list[tuple[date, str]] = [(case.opened_at.date(), "Case opened")]
    for stated in case.release_dates:
        on = dates.day(stated.planned_release_on)
        words = f"Developer stated the planned release {on} (version {stated.version})"
        found.append((stated.stated_on, f"{words}. {stated.reason}".strip()))
    package = view.package
    if package and package.received_at:
        found.append((package.received_at.date(), "Package received"))
    if package and package.decided_at:
        found.append((package.decided_at.date(), f"Package: {word('package-state', package.state).lower()}"))
    if case.started_on:
        found.append((case.started_on, "Evaluation begun: trigger day, not counted"))
    found += [
        (at.date(), f"{view.people[who].display_name} submitted the checklist")
        for who, at in case.submissions.items()
    ]
    if case.recommendation:
        found.append((case.recommendation.recommended_at.date(), "Recommended"))
    found += [(d.determined_at.date(), f"Determination {d.number}") for d in case.determinations]
    found += [(r.composed_at.date(), f"Report {r.report_id} signed by a reviewer") for r in view.reports]
    found += [(e.released_at.date(), f"Export {e.export_id} released") for e in view.exports if e.released_at]
    if case.planned_release_on:
        found.append((case.planned_release_on, "Planned release to other trusted partners"))
    ordered = sorted(found, key=lambda one: one[0])
    return [Milestone(on=on, what=what, ahead=on > today) for on, what in ordered]
