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
        self._partly = basics.label("", "muted", wrap=False)
        self._partly.hide()
        table.reordered.connect(lambda _words: self._say_partly())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.space(2))
        layout.addWidget(table, 1)
        layout.addWidget(basics.row(self._more, self._partly))

    def show_rows(self, rows: Sequence[T], *, more: bool, keep: bool = False) -> None:
        """Replace all rows; ``more`` says whether others follow."""
        self.table.show_rows(rows, keep=keep)
        self._more.setVisible(more)
        self._say_partly()

    def add_rows(self, rows: Sequence[T], *, more: bool) -> None:
        """Continue at the end."""
        self.table.rows.append_rows(rows)
        self._more.setVisible(more)
        self._say_partly()

    def _say_partly(self) -> None:
        """An order over a part is told as one: the next row of the order may not have been read yet."""
        partly = self.table.rows.order is not None and not self._more.isHidden()
        basics.set_text(self._partly, f"Sorted among the {self.table.rows.rowCount():,} rows shown so far")
        self._partly.setVisible(partly)

    def _continue(self) -> None:
        last = self.table.rows.last_given()
        if last is not None:
            self.continued.emit(last)
