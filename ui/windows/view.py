"""The windows of all cases: a sentence, the picture, and the table behind it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.calendar_file import CalendarButton
from ui.desk import Desk
from ui.page import Page, Room
from ui.widgets import basics
from ui.widgets.tables import Table
from ui.window_words import VOLUNTARY
from ui.windows.picture import WindowsPicture
from ui.windows.presenter import Axis, Lane, WindowsPresenter
from workstation.app.wording import word

_LEGEND = (
    "The shape at the planned release: triangle overdue, diamond at risk, disc open, ring not begun. The "
    "filled part of a bar has passed; hatching is what ran over."
)


class WindowsPage(Page):
    """What is chosen in the table is marked in the picture, and the other way round."""

    opened = Signal(object)
    calendar_chosen = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        dates = desk.dates
        self._about = basics.label("Reading the windows.", "muted")
        self._picture = WindowsPicture(desk.settings.theme, dates)
        self._table: Table[Lane] = Table(
            "All windows",
            (
                ("Standing", lambda lane: word("standing", lane.standing), lambda lane: lane.release_on),
                ("Days", lambda lane: lane.words, lambda lane: lane.release_on),
                ("Planned release", lambda lane: dates.day(lane.release_on), lambda lane: lane.release_on),
                ("Model", lambda lane: lane.name),
                ("Case", lambda lane: lane.case_id),
                ("Next step", lambda lane: lane.next_step),
            ),
            opened=self.opened.emit,
            stretch=5,
            rows=4,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._mark())
        self._picture.chosen.connect(self._choose)
        self._lanes: Sequence[Lane] = ()
        legend = basics.label(_LEGEND, "muted")
        self._calendar = CalendarButton("Write a calendar file")
        self._calendar.chosen.connect(self.calendar_chosen)
        self._shown = basics.column(self._picture, legend, self._table, basics.row(self._calendar), gap=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("All windows", "title"))
        layout.addWidget(basics.label(f"{VOLUNTARY}.", "muted"))
        layout.addWidget(self._about)
        layout.addWidget(basics.scrolling(self._shown), 1)
        self._shown.hide()

    def show_lanes(self, about: str, lanes: Sequence[Lane], axis: Axis, spoken: str) -> None:
        """The sentence, the picture with its text alternative, and the table."""
        first = self._shown.isHidden()
        self._lanes = lanes
        basics.set_text(self._about, about)
        self._picture.show_lanes(lanes, axis, spoken)
        self._table.show_rows(lanes, keep=True)
        self._shown.setVisible(bool(lanes))
        self._mark()
        if first and lanes and self.isVisible():
            self.focus_first()

    def offer_calendar(self, *, offered: bool) -> None:
        """Whether this person may write days outside the vault."""
        self._calendar.setVisible(offered)

    def _mark(self) -> None:
        self._picture.choose(self._table.current())

    def _choose(self, number: int) -> None:
        self._table.go_to(self._table.rows.position(self._lanes[number]))
        self._table.setFocus()

    def focus_first(self) -> None:
        """The table, in which the picture can be gone through."""
        (self if self._shown.isHidden() else self._table).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The table."""
        return (self._table, self._calendar)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = WindowsPage(desk)
    presenter = WindowsPresenter(view, desk)
    view.opened.connect(presenter.open)
    view.calendar_chosen.connect(presenter.write_calendar)
    return Room(view=view, presenter=presenter)
