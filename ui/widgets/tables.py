"""Tables over frozen rows: read-only, keyboard-friendly, plain text only."""

import html
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui import theme
from workstation.app.wording import visible

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_MOST_CELL_CHARS = 500
_WIDEST_CHARS = 34
_STRETCH_CHARS = 22
_FEWEST_ROWS = 3
_HEADERS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)


class RowsModel(QAbstractTableModel, Generic[T]):
    """Rows of any frozen type; each column is a header and a function from row to text."""

    def __init__(self, columns: Sequence[tuple[str, Callable[[T], str]]]) -> None:
        super().__init__()
        self._columns = columns
        self._rows: Sequence[T] = ()

    def show_rows(self, rows: Sequence[T]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def append_rows(self, rows: Sequence[T]) -> None:
        """Add a further page at the end."""
        if rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows = (*self._rows, *rows)
            self.endInsertRows()

    def row_at(self, number: int) -> T:
        """One row."""
        return self._rows[number]

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else len(self._columns)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for display, for screen readers, and for the tooltip of what is cut."""
        if not index.isValid() or index.row() >= len(self._rows):
            return None
        header, read = self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _one_line(read(self._rows[index.row()]))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{header}: {_one_line(read(self._rows[index.row()]))}"
        if role == Qt.ItemDataRole.ToolTipRole:
            # Qt guesses whether a tooltip is markup; escaped inside one paragraph it never is text's own.
            return f"<p>{html.escape(visible(read(self._rows[index.row()])[:_MOST_CELL_CHARS]))}</p>"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column headers."""
        if role in _HEADERS and orientation == Qt.Orientation.Horizontal:
            return self._columns[section][0]
        return None


def _one_line(text: str) -> str:
    return visible(text[:_MOST_CELL_CHARS].replace("\n", " \u00b7 "))


class Table(QTableView, Generic[T]):
    """A read-only table; Enter or a double click opens a row, Tab leaves the table."""

    def __init__(
        self,
        name: str,
        columns: Sequence[tuple[str, Callable[[T], str]]],
        *,
        opened: Callable[[T], object] | None = None,
        stretch: int = 0,
        rows: int = _FEWEST_ROWS,
    ) -> None:
        super().__init__()
        self.rows = RowsModel[T](columns)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self._stretch, self._opened = stretch, opened
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        line = self.fontMetrics().lineSpacing()
        self.verticalHeader().setDefaultSectionSize(line + theme.space(3))
        self.setMinimumHeight((line + theme.space(3)) * (rows + 1) + theme.space(4))
        self.doubleClicked.connect(lambda index: self._open(index.row()))

    def show_rows(self, rows: Sequence[T], *, keep: bool = False) -> None:
        """Replace all rows; the first one, or the one at the kept place, is current for the keyboard."""
        place = self.currentIndex().row() if keep else 0
        self.rows.show_rows(rows)
        self._fit_columns()
        if rows:
            self.go_to(min(max(place, 0), len(rows) - 1))

    def go_to(self, number: int) -> None:
        """Make a row current, if there is such a row."""
        if 0 <= number < self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(number, 0))

    def current(self) -> T | None:
        """The current row."""
        index = self.currentIndex()
        return self.rows.row_at(index.row()) if index.isValid() else None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, everything else moves."""
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if plain and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._opened is not None:
            self._open(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns share the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def _open(self, number: int) -> None:
        if self._opened is not None and 0 <= number < self.rows.rowCount():
            self._opened(self.rows.row_at(number))

    def _fit_columns(self) -> None:
        """As wide as the content up to a bound; one column takes what is left and is never squeezed."""
        header, char = self.horizontalHeader(), self.fontMetrics().averageCharWidth()
        used = 0
        for column in range(self.rows.columnCount()):
            if column == self._stretch:
                continue
            wanted = max(self.sizeHintForColumn(column), header.sectionSizeHint(column)) + theme.space(2)
            width = min(wanted, max(char * _WIDEST_CHARS, header.sectionSizeHint(column)))
            header.resizeSection(column, width)
            used += width
        least = max(char * _STRETCH_CHARS, header.sectionSizeHint(self._stretch))
        header.resizeSection(self._stretch, max(least, self.viewport().width() - used))
