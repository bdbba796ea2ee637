"""Tables over frozen rows: read-only, keyboard-friendly, plain text only."""

import html
import re
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar, cast

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from ui import theme
from ui.widgets.arranged import LEAST_TENTHS, MOST_TENTHS, Head, keeper_of, name_of, table_of, table_words
from ui.widgets.cells import Cells
from workstation.app.wording import visible

T = TypeVar("T")
_Index = QModelIndex | QPersistentModelIndex
_MOST_CELL_CHARS = 500
_WIDEST_CHARS = 34
_STRETCH_CHARS = 22
_FEWEST_ROWS = 3
_MEASURED_ROWS = 40  # what can be seen at first; further rows are cut where they are wider
_CELL_STEPS = 7  # around the words of a cell, in steps of 4 pixels
_HEADERS = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
_TOLD = frozenset({*_HEADERS, Qt.ItemDataRole.ToolTipRole})
_TENTHS, _STEP_TENTHS = 10, 20  # of the width of a letter
_WIDER = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_NUMBER = re.compile(r"(\d+)")

# A header, how a row reads in its column, and, where the words do not order themselves, what does.
Column = tuple[str, Callable[[T], str]] | tuple[str, Callable[[T], str], Callable[[T], object]]


class RowsModel(QAbstractTableModel, Generic[T]):
    """Rows of any frozen type; each column is a header and a function from row to text."""

    def __init__(self, columns: Sequence[Column[T]]) -> None:
        super().__init__()
        self._columns = columns
        self._rows: Sequence[T] = ()
        self._given: Sequence[T] = ()  # as the page gave them, which is an order of its own
        self.order: tuple[int, bool] | None = None  # column, and whether backwards

    def show_rows(self, rows: Sequence[T]) -> None:
        """Replace all rows; an order that was asked for holds."""
        self.beginResetModel()
        self._given = rows
        self._rows = self._ordered()
        self.endResetModel()

    def order_by(self, column: int, *, backwards: bool) -> None:
        """Put the rows that are here into the order of one column."""
        self.order = (column, backwards)
        self.show_rows(self._given)

    def order_as_given(self) -> None:
        """The page's own order again."""
        self.order = None
        self.show_rows(self._given)

    def _ordered(self) -> Sequence[T]:
        if self.order is None:
            return self._given
        column, backwards = self.order
        parts = self._columns[column]
        key = parts[2] if len(parts) > 2 else lambda row: _natural(parts[1](row))  # noqa: PLR2004 - the key
        # What a key answers for one column can be compared with itself; that is the column's promise.
        return sorted(self._given, key=cast("Callable[[T], Any]", key), reverse=backwards)

    def last_given(self) -> T | None:
        """The last row in the page's own order, after which a further page begins."""
        return self._given[-1] if self._given else None

    def position(self, row: T) -> int:
        """Where a row stands now; -1 where it is not here."""
        return next((number for number, here in enumerate(self._rows) if here is row), -1)

    def append_rows(self, rows: Sequence[T]) -> None:
        """Add a further page at the end."""
        if rows and self.order is not None:
            self.show_rows((*self._given, *rows))
        elif rows:
            first = len(self._rows)
            self.beginInsertRows(QModelIndex(), first, first + len(rows) - 1)
            self._rows = self._given = (*self._rows, *rows)
            self.endInsertRows()

    def first_words(self, column: int) -> list[str]:
        """How the first rows read in a column, as far as a cell can show it."""
        read = self._columns[column][1]
        return [_one_line(read(row)[:_WIDEST_CHARS]) for row in self._rows[:_MEASURED_ROWS]]

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
        if role not in _TOLD or not index.isValid() or index.row() >= len(self._rows):
            return None
        header, read = self._columns[index.column()][:2]
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
        if role not in _HEADERS or orientation != Qt.Orientation.Horizontal:
            return None
        name = self._columns[section][0]
        if role == Qt.ItemDataRole.AccessibleTextRole and self.order is not None and self.order[0] == section:
            return f"{name}, {order_words(backwards=self.order[1])}"
        return name


def order_words(*, backwards: bool) -> str:
    """How a sorted column is told."""
    return "sorted downwards" if backwards else "sorted upwards"


def _natural(text: str) -> list[tuple[int, int, str]]:
    """Words by letter, numbers by size: ``K1.2`` before ``K1.10``."""
    return [
        (0, int(part), "") if part.isdecimal() else (1, 0, part.casefold())
        for part in _NUMBER.split(text[:_MOST_CELL_CHARS])
        if part
    ]


def _one_line(text: str) -> str:
    return visible(text[:_MOST_CELL_CHARS].replace("\n", " \u00b7 "))


class Table(QTableView, Generic[T]):
    """A read-only table; Enter or a double click opens a row, a header or F8 sorts, Tab leaves the table."""

    reordered = Signal(str)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column[T]],
        *,
        opened: Callable[[T], object] | None = None,
        stretch: int = 0,
        rows: int = _FEWEST_ROWS,
    ) -> None:
        super().__init__()
        self.rows = RowsModel[T](columns)
        self.setModel(self.rows)
        self.setItemDelegate(Cells(self))
        self.setAccessibleName(name)
        self._name, self._stretch, self._opened = name, stretch, opened
        self._widths: tuple[int, ...] = ()
        self._own: dict[int, int] = {}  # columns as the person set them, in tenths of a letter
        self._set: tuple[int, ...] = ()  # as wide as the program made each
        self._is_arranged = False
        self._head()
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
        line = self.fontMetrics().lineSpacing()
        self.verticalHeader().setDefaultSectionSize(line + theme.space(3))
        self.setMinimumHeight((line + theme.space(3)) * (rows + 1) + theme.space(4))
        self.doubleClicked.connect(lambda index: self._open(index.row()))

    def _head(self) -> None:
        header = Head()
        self.setHorizontalHeader(header)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(False)
        header.sectionClicked.connect(self._turn_order)
        header.let_go.connect(self._note_widths)
        header.sectionHandleDoubleClicked.connect(self._as_usual)

    def show_rows(self, rows: Sequence[T], *, keep: bool = False) -> None:
        """Replace all rows; the first one, or the one at the kept place, is current for the keyboard."""
        place = self.currentIndex().row() if keep else 0
        self.rows.show_rows(rows)
        self._widths = ()
        self._fit_columns()
        if rows:
            self.go_to(min(max(place, 0), len(rows) - 1))

    def go_to(self, number: int) -> None:
        """Make a row current, if there is such a row."""
        if 0 <= number < self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(number, 0))

    def fit_rows(self, most: int) -> None:
        """As high as its rows, up to so many, with no empty space below them."""
        rows = max(1, min(self.rows.rowCount(), most))
        line = self.verticalHeader().defaultSectionSize()
        bar = self.horizontalScrollBar().sizeHint().height()
        height = line * rows + self.horizontalHeader().sizeHint().height() + bar + theme.space(2)
        self.setFixedHeight(height)

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
        if event.modifiers() == _WIDER and event.key() in _STEPS:
            self._widen(_STEPS[Qt.Key(event.key())])
            return
        if event.key() == Qt.Key.Key_F8:
            self._order_by_key(turned=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return
        super().keyPressEvent(event)

    def _turn_order(self, column: int) -> None:
        """Upwards, downwards, and then as the page has it: what pressing a header does."""
        order = self.rows.order
        if order is None or order[0] != column:
            self.sort_by((column, False))
        else:
            self.sort_by(None if order[1] else (column, True))
        self._keep()

    def _order_by_key(self, *, turned: bool) -> None:
        """F8 goes on to the next column and at the end to the page's order; with Shift it turns the order."""
        order = self.rows.order
        if turned and order is not None:
            self.sort_by((order[0], not order[1]))
        elif order is None:
            self.sort_by((self.rows.columnCount() - 1, True) if turned else (0, False))
        elif order[0] + 1 < self.rows.columnCount():
            self.sort_by((order[0] + 1, False))
        else:
            self.sort_by(None)
        self._keep()

    def sort_by(self, order: tuple[int, bool] | None) -> None:
        """A column and whether backwards, or the page's own order; the chosen row stays chosen."""
        chosen, header = self.current(), self.horizontalHeader()
        header.setSortIndicatorShown(order is not None)
        if order is None:
            self.rows.order_as_given()
            words = "In the order of the page"
        else:
            column, backwards = order
            self.rows.order_by(column, backwards=backwards)
            header.setSortIndicator(
                column, Qt.SortOrder.DescendingOrder if backwards else Qt.SortOrder.AscendingOrder
            )
            name = self.rows.headerData(column, Qt.Orientation.Horizontal)
            words = f"{name}, {order_words(backwards=backwards)}"
        if chosen is not None:
            self.go_to(max(0, self.rows.position(chosen)))
        self.reordered.emit(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Columns share the new width."""
        super().resizeEvent(event)
        self._fit_columns()

    def showEvent(self, event: QShowEvent) -> None:
        """On coming into its window the table is as this person left it."""
        super().showEvent(event)
        keeper = keeper_of(self)
        if self._is_arranged or keeper is None:
            return
        self._is_arranged = True
        self._own, order = table_of(keeper.kept(self._kept_as), self.rows.columnCount())
        self._fit_columns()
        if order is not None and order != self.rows.order:
            self.sort_by(order)

    @property
    def _kept_as(self) -> str:
        return f"table/{name_of(self, self._name)}"

    def _keep(self) -> None:
        keeper = keeper_of(self)
        if keeper is not None:
            keeper.keep(self._kept_as, table_words(self._own, self.rows.order))

    def _note_widths(self) -> None:
        """What the mouse left otherwise than the program had it is the person's own."""
        header, char = self.horizontalHeader(), max(1, self.fontMetrics().averageCharWidth())
        for column, was in enumerate(self._set):
            if header.sectionSize(column) != was:
                wide = header.sectionSize(column) * _TENTHS // char
                self._own[column] = min(max(LEAST_TENTHS, wide), MOST_TENTHS)
        self._fit_columns()
        self._keep()

    def _widen(self, step: int) -> None:
        """The column of the keyboard's cell by one step."""
        column, char = self.currentIndex().column(), max(1, self.fontMetrics().averageCharWidth())
        if column >= 0:
            now = self.horizontalHeader().sectionSize(column) * _TENTHS // char
            self._own[column] = min(max(LEAST_TENTHS, now + step * _STEP_TENTHS), MOST_TENTHS)
            self._fit_columns()
            self._keep()

    def _as_usual(self, column: int) -> None:
        """A double click on its edge gives a column back to the program."""
        self._own.pop(column, None)
        self._fit_columns()
        self._keep()

    def _open(self, number: int) -> None:
        if self._opened is not None and 0 <= number < self.rows.rowCount():
            self._opened(self.rows.row_at(number))

    def changeEvent(self, event: QEvent) -> None:
        """Larger type wants wider columns and higher rows."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._widths = ()

    def _fit_columns(self) -> None:
        """As wide as the content up to a bound; one column takes what is left and is never squeezed."""
        header, char = self.horizontalHeader(), self.fontMetrics().averageCharWidth()
        if not self._widths:
            self._widths = tuple(self._wanted(column) for column in range(self.rows.columnCount()))
        own = {column: width * char // _TENTHS for column, width in self._own.items()}
        wide = [own.get(column, wanted) for column, wanted in enumerate(self._widths)]
        if self._stretch not in own:
            rest = self.viewport().width() - sum(wide) + wide[self._stretch]
            wide[self._stretch] = max(char * _STRETCH_CHARS, self._widths[self._stretch], rest)
        for column, width in enumerate(wide):
            header.resizeSection(column, width)
        self._set = tuple(map(header.sectionSize, range(len(wide))))

    def _wanted(self, column: int) -> int:
        """The header's width, or the widest of the first cells' if that is more, up to a bound."""
        metrics, head = self.fontMetrics(), self.horizontalHeader().sectionSizeHint(column)
        if column == self._stretch:
            return head
        widest = max(map(metrics.horizontalAdvance, self.rows.first_words(column)), default=0)
        wanted = max(widest + theme.space(_CELL_STEPS), head + theme.space(2))
        return min(wanted, max(metrics.averageCharWidth() * _WIDEST_CHARS, head))
