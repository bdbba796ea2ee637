"""The shape of most parts of a case: a list, and beside it what is chosen in it or being written."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.page import Page
from ui.shown import HistoryLine
from ui.widgets import basics
from ui.widgets.tables import Table

T = TypeVar("T")
_LIST_SHARE, _PANEL_SHARE = 10, 10


def show_quietly(table: Table[T], rows: Sequence[T]) -> None:
    """Show rows read anew; the row that stays chosen is not chosen once more."""
    model = table.selectionModel()
    model.blockSignals(True)
    table.show_rows(rows, keep=True)
    model.blockSignals(False)


def on_chosen(table: Table[T], act: Callable[[], object]) -> None:
    """Do something whenever another row is chosen."""
    table.selectionModel().currentRowChanged.connect(lambda _new, _old: act())


def on_save(page: QWidget, act: Callable[[], object]) -> None:
    """Ctrl+Enter anywhere in a page."""
    save = QShortcut(QKeySequence("Ctrl+Return"), page)
    save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    save.activated.connect(act)


def history_table(name: str, why: str = "Reason") -> Table[HistoryLine]:
    """When, who, what and ``why``."""
    return Table(
        name,
        (
            ("When", lambda row: row[0]),
            ("Who", lambda row: row[1]),
            ("What", lambda row: row[2]),
            (why, lambda row: row[3]),
        ),
        stretch=3,
    )


class Form(Protocol):
    """What is written in the panel."""

    def save(self) -> None:
        """Ask for it to be recorded."""

    def focus_first(self) -> None:
        """Its first field."""

    def isHidden(self) -> bool:
        """Whether something else is in the panel."""


class ListAndPanel(Page):
    """A list on the left and a panel on the right, or below it where there is no room."""

    chosen = Signal(str)
    begun = Signal()

    form: Form
    _list: QWidget
    _panel: QWidget

    def lay_out(self, listed: QWidget, panel: QWidget, below: QWidget | None = None) -> None:
        """Put both into the page, and what needs its whole width below; Ctrl+Enter records the form."""
        self._list, self._panel = listed, panel
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        columns = basics.Columns((listed, _LIST_SHARE), (panel, _PANEL_SHARE))
        content = basics.column(columns, below) if below is not None else columns
        layout.addWidget(basics.scrolling(content))
        on_save(self, self._save)

    def panes(self) -> Sequence[QWidget]:
        """The list, and the panel."""
        return (self._list, self._panel)

    def _save(self) -> None:
        if not self.form.isHidden():
            self.form.save()


class ListAndForm(ListAndPanel):
    """The panel holds one of: nothing yet, what is chosen, or the form for a new one."""

    _at = ""
    _nothing: basics.Text
    _detail: QWidget
    _about: basics.Text
    _table: Table[Any]
    _new: QWidget
    _form_part: QWidget

    def lay_out_parts(
        self,
        table: Table[Any],
        identifier: Callable[[Any], str],
        *,
        new: str,
        detail: QWidget,
        form: QWidget,
        below: QWidget | None = None,
    ) -> None:
        """``identifier`` tells which one a row stands for; ``new`` is what the button for another says."""
        self._table, self._detail, self._form_part = table, detail, form
        self._about, self._nothing = basics.label("", "muted"), basics.label("", "muted")
        self._new = basics.button(new, self.begun.emit)
        on_chosen(table, lambda: self._choose(identifier))
        for part in (detail, form):
            part.hide()
        self.lay_out(
            basics.column(self._about, table, basics.row(self._new), gap=2, stretch=True),
            basics.column(self._nothing, form, detail, stretch=True),
            below,
        )

    def add_below_list(self, widget: QWidget) -> None:
        """Something that belongs to the list, under what begins another."""
        rows = self._list.layout()
        if isinstance(rows, QVBoxLayout):
            rows.insertWidget(rows.count() - 1, widget)  # before the stretch

    def show_list(self, rows: Sequence[Any], about: str, *, may_begin: bool) -> None:
        """The list, and whether another can be begun."""
        basics.set_text(self._about, about)
        self._new.setVisible(may_begin)
        show_quietly(self._table, rows)

    def show_nothing(self, words: str) -> None:
        """An empty panel that says what to do next."""
        self._at = ""
        basics.set_text(self._nothing, words)
        self.show_part(self._nothing)

    def show_detail(self, identifier: str) -> bool:
        """What is chosen; returns whether it was on show already."""
        same, self._at = self._at == identifier, identifier
        self.show_part(self._detail)
        return same

    def show_written(self, fill: Callable[[], object]) -> None:
        """The form; the keyboard goes to it when it was not there before."""
        self._at = ""
        was_hidden = self._form_part.isHidden()
        self.show_part(self._form_part)
        fill()
        if was_hidden and self.isVisible():
            self.form.focus_first()
            basics.bring(self._form_part)

    def show_part(self, part: QWidget) -> None:
        """One of the three."""
        for one in (self._nothing, self._form_part, self._detail):
            one.setVisible(one is part)

    def go_to(self, number: int) -> None:
        """One of them by its place in the list."""
        self._table.sort_by(None)
        self._table.go_to(number)
        self._table.setFocus()

    def focus_first(self) -> None:
        """The form being written, else the list, else what begins one."""
        if not self._form_part.isHidden():
            self.form.focus_first()
        elif self._table.rows.rowCount() or self._new.isHidden():
            self._table.setFocus()
        else:
            self._new.setFocus()

    def _choose(self, identifier: Callable[[Any], str]) -> None:
        row = self._table.current()
        if row is not None and identifier(row) != self._at:
            self.chosen.emit(identifier(row))
