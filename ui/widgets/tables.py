"""Tables over frozen rows: read-only, keyboard-friendly, plain text only."""

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui import theme
from workstation.app.wording import visible

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex


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
        """Text for display, for screen readers and for the tooltip of what is cut."""
        wanted = {
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.AccessibleTextRole,
        }
        if not index.isValid() or role not in wanted:
            return None
        text = visible(self._columns[index.column()][1](self._rows[index.row()]))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{self._columns[index.column()][0]}: {text}"
        return text

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Column headers."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._columns[section][0]
        return None


class Table(QTableView, Generic[T]):
    """A read-only table; Enter or a double click opens a row, Tab leaves the table."""

    def __init__(
        self,
        name: str,
        columns: Sequence[tuple[str, Callable[[T], str]]],
        *,
        opened: Callable[[T], object] | None = None,
        stretch: int | None = None,
    ) -> None:
        super().__init__()
        self.rows = RowsModel[T](columns)
        self.setModel(self.rows)
        self.setAccessibleName(name)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setTabKeyNavigation(False)
        self.setAlternatingRowColors(True)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setMinimumSectionSize(theme.space(16))
        header.setHighlightSections(False)
        if stretch is not None:
            header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        self.setMinimumHeight(theme.space(40))
        if opened is not None:
            self.activated.connect(lambda index: opened(self.rows.row_at(index.row())))

    def show_rows(self, rows: Sequence[T]) -> None:
        """Replace all rows and keep the first one current, so that the keyboard has somewhere to start."""
        self.rows.show_rows(rows)
        self.resizeColumnsToContents()
        if rows:
            self.setCurrentIndex(self.rows.index(0, 0))

    def current(self) -> T | None:
        """The current row."""
        index = self.currentIndex()
        return self.rows.row_at(index.row()) if index.isValid() else None
