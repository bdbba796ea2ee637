"""Audit rows as a table with the chosen row in full below: who did what, in words, with the facts."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.audit.telling import Teller, event_words
from ui.dates import Dates
from ui.list_and_panel import on_chosen
from ui.widgets import basics
from ui.widgets.paging import PagedTable
from ui.widgets.tables import Table
from workstation.app.wording import word
from workstation.core.ports import AuditRow


class TrailRows(QWidget):
    """Newest first, uncapped; what does not fit into a cell is read below."""

    older = Signal(object)

    def __init__(self, name: str, dates: Dates, *, with_case: bool) -> None:
        super().__init__()
        self._dates, self._teller = dates, Teller(dates=dates)
        self.table = _table(name, self._teller, with_case=with_case)
        self._rows = PagedTable[AuditRow](self.table, "older rows")
        self._rows.continued.connect(self.older)
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._chosen = basics.card(self._title, self._facts)
        self._chosen.hide()
        on_chosen(self.table, self._show_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._rows, 1)
        layout.addWidget(self._chosen)

    def know(self, people: Mapping[str, str]) -> None:
        """Names to tell in the place of identifiers."""
        self._teller.people = people

    def show_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """The newest rows."""
        self._rows.show_rows(rows, more=more)
        self._show_chosen()

    def add_rows(self, rows: Sequence[AuditRow], *, more: bool) -> None:
        """Continue at the end."""
        self._rows.add_rows(rows, more=more)

    def _show_chosen(self) -> None:
        row = self.table.current()
        self._chosen.setVisible(row is not None)
        if row is not None:
            when = self._dates.moment(row.at)
            basics.set_text(self._title, f"{row.seq}: {event_words(row.event)}, {row.actor_name}, {when}")
            facts = self._teller.pairs(row.body_json)
            told = tuple((name[0].upper() + name[1:], value) for name, value in facts)
            self._facts.show_pairs(told or (("Facts", "none beside who and when"),))


def _table(name: str, teller: Teller, *, with_case: bool) -> Table[AuditRow]:
    case = (("Case", lambda row: row.case_id or "-"),) if with_case else ()
    columns = (
        ("Row", lambda row: str(row.seq), lambda row: row.seq),
        ("When", lambda row: teller.dates.moment(row.at), lambda row: (row.at, row.seq)),
        ("Who", lambda row: row.actor_name),
        ("Role", lambda row: word("role", row.role)),
        ("What", lambda row: event_words(row.event)),
        *case,
        ("Facts", lambda row: teller.line(row.body_json)),
    )
    return Table(name, columns, stretch=len(columns) - 1)
