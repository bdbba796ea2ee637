"""A table that is read a page at a time, with the way to the next page below it."""

from collections.abc import Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui import theme
from ui.widgets import basics
from ui.widgets.tables import Table

T = TypeVar("T")


class PagedTable(QWidget, Generic[T]):
    """``continued`` carries the last row shown, after which the next page begins."""

    continued = Signal(object)

    def __init__(self, table: Table[T], noun: str) -> None:
        super().__init__()
        self.table = table
        self._more = basics.button(f"Show more {noun}", self._continue)
        self._more.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(table, 1)
        layout.addWidget(basics.row(self._more))

    def show_rows(self, rows: Sequence[T], *, more: bool, keep: bool = False) -> None:
        """Replace all rows; ``more`` says whether others follow."""
        self.table.show_rows(rows, keep=keep)
        self._more.setVisible(more)

    def add_rows(self, rows: Sequence[T], *, more: bool) -> None:
        """Continue at the end."""
        self.table.rows.append_rows(rows)
        self._more.setVisible(more)

    def _continue(self) -> None:
        last = self.table.rows.rowCount() - 1
        if last >= 0:
            self.continued.emit(self.table.rows.row_at(last))
