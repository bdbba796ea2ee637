"""The audit trail on screen."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.audit.columns import TrailRows
from ui.audit.presenter import AuditPresenter
from ui.desk import Desk
from ui.page import Page, Room
from ui.widgets import basics
from workstation.core.ports import AuditRow


class AuditPage(Page):
    """Newest first, and the proof that the chain holds."""

    older = Signal(object)
    asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._rows = TrailRows("Audit trail", desk.dates, with_case=True)
        self._rows.older.connect(self.older)
        self._answer = basics.selectable("", "section")
        self._answer.setAccessibleName("Whether the chain holds")
        self._answer.hide()
        self._acts = basics.row(basics.button("Prove the chain", self.asked.emit, primary=True))
        about = basics.label("Every act and every refusal, each row hashed over the one before it.", "muted")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (basics.label("Audit trail", "title"), about, self._acts, self._answer):
            layout.addWidget(widget)
        layout.addWidget(basics.scrolling(self._rows), 1)

    def know_people(self, names: Mapping[str, str]) -> None:
        """Names to tell in the place of identifiers."""
        self._rows.know(names)

    def show_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """The newest rows."""
        self._rows.show_rows(rows, more=more)

    def add_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """Continue at the end."""
        self._rows.add_rows(rows, more=more)

    def show_answer(self, text: str) -> None:
        """Whether the chain holds."""
        basics.set_text(self._answer, text)
        self._answer.setVisible(bool(text))

    def focus_first(self) -> None:
        """The rows."""
        self._rows.table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """What can be done, and the rows."""
        return (self._acts, self._rows)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = AuditPage(desk)
    presenter = AuditPresenter(view, desk)
    view.older.connect(presenter.show_more)
    view.asked.connect(presenter.verify)
    return Room(view=view, presenter=presenter)
