"""The start page: what needs the person next on top, the workstation itself below."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.home.presenter import HomePresenter, Line, State
from ui.page import Page, Room
from ui.widgets import basics
from ui.widgets.tables import Table

_MOST_ROWS = 12


class HomePage(Page):
    """Two tables and a sentence above them."""

    opened = Signal(object)
    state_opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._about = basics.label("Reading what waits for you.", "muted")
        self._needs: Table[Line] = Table(
            "What needs me next",
            (
                ("Window", lambda line: line.when, lambda line: line.order),
                ("What", lambda line: line.what),
                ("Model", lambda line: line.about),
                ("Case", lambda line: line.case_id),
            ),
            opened=self.opened.emit,
            stretch=1,
        )
        self._states: Table[State] = Table(
            "The workstation itself",
            (
                ("Check", lambda state: state.name),
                ("State", lambda state: state.health, lambda state: state.order),
                ("What to know", lambda state: state.words),
            ),
            opened=self.state_opened.emit,
            stretch=2,
        )
        self._open = basics.button("Open", self._open_current, primary=True)
        self._work = basics.column(self._needs, basics.row(self._open), gap=2)
        station = basics.column(
            basics.label("The workstation itself", "section"),
            basics.label("Enter opens the page where something can be done about a line.", "muted"),
            self._states,
            gap=2,
        )
        self._station = station
        content = basics.column(self._about, self._work, station, gap=3, stretch=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("What needs me next", "title"))
        layout.addWidget(basics.scrolling(content), 1)
        self._work.hide()
        self._station.hide()

    def show_attention(self, about: str, lines: tuple[Line, ...], states: tuple[State, ...]) -> None:
        """Everything at once; the keyboard goes to the first line when the page has just opened."""
        first = self._station.isHidden()
        basics.set_text(self._about, about)
        self._needs.show_rows(lines, keep=True)
        self._needs.fit_rows(_MOST_ROWS)
        self._states.show_rows(states, keep=True)
        self._states.fit_rows(len(states))
        self._work.setVisible(bool(lines))
        self._station.show()
        if first and self.isVisible():
            self.focus_first()

    def focus_first(self) -> None:
        """The first thing to do, or the state of the workstation."""
        if self._station.isHidden():
            self.setFocus()
        else:
            (self._states if self._work.isHidden() else self._needs).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """What waits, and the workstation."""
        return (self._work, self._station)

    def _open_current(self) -> None:
        line = self._needs.current()
        if line is not None:
            self.opened.emit(line)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = HomePage()
    presenter = HomePresenter(view, desk)
    view.opened.connect(presenter.open)
    view.state_opened.connect(presenter.open_state)
    return Room(view=view, presenter=presenter)
