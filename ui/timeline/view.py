"""The window of one case as a picture, in words, and as a table."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.calendar_file import CalendarButton
from ui.desk import Desk
from ui.page import Page
from ui.presenting import CasePart
from ui.timeline.picture import WindowPicture
from ui.timeline.presenter import Milestone, TimelinePresenter, WindowShown
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.core.window import RULE_ID

_RULE = (
    "Counted back from the planned release to other trusted partners: a ceiling of 30 calendar days, not an "
    "entitlement; the first day is not counted, weekends are. Only the developer revises the date. Days "
    f"change at 0000Z. Rule {RULE_ID}."
)


class TimelinePage(Page):
    """Words, picture, rule, days."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        dates = desk.dates
        self._words = basics.label("", "section")
        self._picture = WindowPicture(desk.settings.theme, dates)
        self._picture_card = basics.card(self._picture)
        self._table: Table[Milestone] = Table(
            "Days of the case",
            (
                (
                    "Day and hour",
                    lambda one: dates.moment(one.at) if one.at else dates.day(one.on),
                    lambda one: (one.on, one.at is not None, one.at),
                ),
                ("When", lambda milestone: "ahead" if milestone.ahead else "done"),
                ("What", lambda milestone: milestone.what),
            ),
            stretch=2,
            rows=5,
        )
        self.calendar = CalendarButton("Write a calendar file of this case")
        content = basics.column(
            self._words,
            self._picture_card,
            basics.label(_RULE, "muted"),
            self._table,
            basics.row(self.calendar),
            gap=2,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(content))

    def show_window(self, shown: WindowShown | None, words: str) -> None:
        """The picture, and the same in words."""
        basics.set_text(self._words, words)
        self._picture_card.setVisible(shown is not None)
        if shown is not None:
            self._picture.show_window(shown)

    def offer_calendar(self, *, offered: bool) -> None:
        """Whether this person may write days outside the vault."""
        self.calendar.setVisible(offered)

    def show_milestones(self, milestones: Sequence[Milestone]) -> None:
        """The days."""
        self._table.show_rows(milestones, keep=True)

    def focus_first(self) -> None:
        """The days."""
        self._table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The days."""
        return (self._table, self.calendar)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = TimelinePage(desk)
    presenter = TimelinePresenter(view, desk, changed)
    view.calendar.chosen.connect(presenter.write_calendar)
    return view, presenter
