"""The participation register and its figures on screen."""

from collections.abc import Callable, Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page, Room
from ui.register.presenter import RegisterPresenter
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.tables import Table
from workstation.app.report_blocks import VOLUNTARY
from workstation.app.wording import word
from workstation.core.oversight import RegisterEntry


class RegisterPage(Page):
    """The span, the figures, the lines."""

    narrowed = Signal(object, object)
    opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        day = desk.dates.day
        today = desk.here.today()
        self._first, self._last = DateField(desk.dates, today), DateField(desk.dates, today)
        self._figures = basics.Facts()
        self._table: Table[RegisterEntry] = Table(
            "Register",
            (
                ("Received", lambda line: day(line.opened_on), lambda line: line.opened_on),
                ("Case", lambda line: line.case_id),
                ("Developer", lambda line: line.developer),
                ("Model and checkpoint", lambda line: f"{line.model}, {line.checkpoint}"),
                ("State", lambda line: word("state", line.state)),
                (
                    "Determination",
                    lambda line: word("conclusion", line.conclusion) if line.conclusion else "-",
                ),
                ("Determined", lambda line: _or_dash(line.determined_on, day)),
                ("Days used", lambda line: _or_dash(line.days_used, str), lambda line: line.days_used or 0),
                ("Kind", lambda line: word("case-type", line.case_type)),
            ),
            opened=self.opened.emit,
            stretch=2,
            rows=6,
        )
        figures = basics.card(basics.label("Figures", "section"), self._figures)
        top = basics.Columns((figures, 6), (basics.column(self._make_span(), stretch=True), 4))
        content = basics.column(top, basics.label(VOLUNTARY, "muted"), self._table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Register", "title"))
        layout.addWidget(basics.scrolling(content), 1)

    def _make_span(self) -> QWidget:
        return basics.card(
            basics.label("Opened", "section"),
            basics.form((("From", self._first), ("To", self._last))),
            basics.row(
                basics.button(
                    "Show this span", lambda: self.narrowed.emit(self._first.value, self._last.value)
                )
            ),
        )

    def show_register(
        self,
        first: date,
        last: date,
        figures: Sequence[tuple[str, str]],
        entries: Sequence[RegisterEntry],
    ) -> None:
        """The span, what it adds up to, and every line."""
        self._first.show_date(first)
        self._last.show_date(last)
        self._figures.show_pairs(tuple(figures))
        self._table.show_rows(entries, keep=True)

    def focus_first(self) -> None:
        """The lines."""
        self._table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The span and the lines."""
        return (self._first, self._table)


def _or_dash(value: object, words: Callable[..., str]) -> str:
    return "-" if value is None else words(value)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = RegisterPage(desk)
    presenter = RegisterPresenter(view, desk)
    view.narrowed.connect(presenter.narrow)
    view.opened.connect(presenter.open)
    return Room(view=view, presenter=presenter)
