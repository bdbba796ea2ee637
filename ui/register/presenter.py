"""The participation register and its figures, without widgets."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from ui.desk import Desk
from workstation.app import oversight, queries
from workstation.app.oversight import Oversight
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.core.oversight import RegisterEntry


class RegisterView(Protocol):
    """The page as the presenter sees it."""

    def show_register(
        self,
        first: date,
        last: date,
        figures: Sequence[tuple[str, str]],
        entries: Sequence[RegisterEntry],
    ) -> None:
        """The span, what it adds up to, and every line."""


class RegisterPresenter:
    """Reads off the window's thread; a line opens its case."""

    def __init__(self, view: RegisterView, desk: Desk) -> None:
        self._view, self._desk = view, desk
        self._span: tuple[date | None, date | None] = (None, None)
        self._marking = ""

    def refresh(self) -> None:
        """Read again."""
        first, last = self._span

        def read(session: Session) -> Oversight:
            return oversight.look_over(session, first, last)

        self._desk.read("register", read, self._show)

    def narrow(self, first: date, last: date) -> None:
        """Only cases opened in this span."""
        self._span = (first, last)
        self.refresh()

    def _show(self, over: Oversight) -> None:
        self._marking = queries.covering_marking(self._desk.here, [entry.marking for entry in over.entries])
        # The banner covers a line before the line is on screen.
        self._desk.routes.marking_changed()
        self._view.show_register(over.first, over.last, figure_words(over), over.entries)

    def marking(self) -> str:
        """Covers every case shown."""
        return self._marking

    def open(self, entry: RegisterEntry) -> None:
        """The case of a line."""
        self._desk.routes.show_case(entry.case_id)


def figure_words(over: Oversight) -> tuple[tuple[str, str], ...]:
    """The figures in words; what is nought is said."""
    sums = over.figures
    median = "nothing determined" if sums.median_days_used is None else f"{sums.median_days_used:g} days"
    outcomes = "; ".join(f"{word('conclusion', name)} {count}" for name, count in sums.by_conclusion.items())
    return (
        ("Received", str(sums.received)),
        ("Determined", outcomes or "none"),
        ("Median of days used", median),
        ("Withdrawn", str(sums.withdrawn)),
        ("Lapsed, nothing determined", str(sums.lapsed)),
        ("Superseded by a newer checkpoint", str(sums.superseded)),
        ("Corrected by a later determination", str(sums.corrected)),
    )
