"""The history of one case on screen."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.audit.columns import TrailRows
from ui.audit.presenter import HistoryPresenter
from ui.desk import Desk
from ui.page import Page
from ui.presenting import CasePart
from workstation.core.ports import AuditRow


class HistoryPage(Page):
    """Newest first, uncapped."""

    older = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._rows = TrailRows("History of the case", desk.dates, with_case=False)
        self._rows.older.connect(self.older)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(self._rows, 1)

    def know_people(self, names: Mapping[str, str]) -> None:
        """Names to tell in the place of identifiers."""
        self._rows.know(names)

    def show_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """The newest rows of the case."""
        self._rows.show_rows(rows, more=more)

    def add_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """Continue at the end."""
        self._rows.add_rows(rows, more=more)

    def focus_first(self) -> None:
        """The rows."""
        self._rows.table.setFocus()


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = HistoryPage(desk)
    presenter = HistoryPresenter(view, desk, changed)
    view.older.connect(presenter.show_more)
    return view, presenter
