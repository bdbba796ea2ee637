"""The case list, the most urgent first, and the form of a new case."""

from collections.abc import Mapping, Sequence
from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.cases.presenter import CaseFields, CasesPresenter, next_text
from ui.cases.sieve import FilterRow
from ui.desk import Desk
from ui.page import Page, Room
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.widgets.marking_field import MarkingField
from ui.widgets.tables import Table
from ui.window_words import VOLUNTARY, days_text
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.cases import CaseType

_DAYS_AHEAD = 30  # the earliest release before which access may begin today
_MARKING = "UNCLASSIFIED"
_FAR = 1_000_000


class CasesPage(Page):
    """Every case of the vault."""

    opened = Signal(str)
    created = Signal(object)
    typed = Signal(dict)
    form_asked = Signal(bool)
    filtered = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._about = basics.label(f"Reading the cases. {VOLUNTARY}.", "muted")
        self._table: Table[queries.CaseRow] = Table(
            "Cases",
            (
                ("Case", lambda row: row.case_id),
                ("Model", lambda row: f"{row.model}, {row.checkpoint}"),
                ("Window", days_text, lambda row: _FAR if row.days_left is None else row.days_left),
                ("State", lambda row: word("state", row.state)),
                ("Next step", next_text),
                ("Tags", lambda row: ", ".join(row.tags)),
                ("Marking", lambda row: row.marking),
                ("Developer", lambda row: row.developer),
            ),
            opened=lambda row: self.opened.emit(row.case_id),
            stretch=4,
        )
        self._open = basics.button("Open case", self._open_current, primary=True)
        self._new = basics.button("New case", lambda: self.form_asked.emit(True))
        self._acts = basics.row(self._open, self._new)
        self.sieve = FilterRow()
        self.sieve.applied.connect(self.filtered)
        self._is_filtered = False
        self._form = NewCaseForm(desk)
        self._form.submitted.connect(self.created)
        self._form.typed.connect(self.typed)
        self._form.left.connect(lambda: self.form_asked.emit(False))
        self._form_page = basics.scrolling(basics.column(self._form, stretch=True))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Cases", "title"))
        for widget in (self._about, self._acts, self.sieve):
            layout.addWidget(widget)
        layout.addWidget(self._form_page, 1)
        layout.addWidget(self._table, 1)
        self._end = QWidget()
        layout.addWidget(self._end, 1)
        self.show_form(shown=False)

    def show_rows(self, rows: tuple[queries.CaseRow, ...], about: str, *, filtered: bool = False) -> None:
        """The list and what is said above it; the keyboard goes to it when the page has just opened."""
        self._is_filtered = filtered
        first = bool(rows) and self._table.isHidden() and self._form_page.isHidden()
        basics.set_text(self._about, f"{about} {VOLUNTARY}.")
        self._table.show_rows(rows, keep=True)
        self._open.setEnabled(bool(rows))
        self._arrange()
        if first and self.isVisible():
            self.focus_first()

    def show_form(self, *, shown: bool) -> None:
        """The form for a new case instead of the list."""
        self._form_page.setVisible(shown)
        self._arrange()
        if shown:
            self._form.focus_first()
        elif self.isVisible():
            self.focus_first()

    def show_typed(self, fields: Mapping[str, str]) -> None:
        """What was typed into the form earlier."""
        self._form.show_typed(fields)

    def offer_new(self, *, offered: bool) -> None:
        """Whether this person may open cases."""
        self._new.setVisible(offered)

    def show_kept(self, kept: Mapping[str, str], name: str = "") -> None:
        """The kept filters; ``name`` was kept just now."""
        self.sieve.show_kept(kept)
        if name:
            self.sieve.was_kept(name)

    def _arrange(self) -> None:
        has_form, has_rows = not self._form_page.isHidden(), self._table.rows.rowCount() > 0
        self._acts.setVisible(not has_form)
        self.sieve.setVisible(not has_form and (has_rows or self._is_filtered))
        self._table.setVisible(has_rows and not has_form)
        self._end.setVisible(not has_rows and not has_form)
        self._open.setVisible(has_rows)

    def focus_first(self) -> None:
        """The list, or what can be done where there is none."""
        if not self._form_page.isHidden():
            self._form.focus_first()
        else:
            (self._table if self._table.rows.rowCount() else self._new).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """What can be done, and the list or the form."""
        return (self._acts, self.sieve, self._table, self._form_page)

    def _open_current(self) -> None:
        row = self._table.current()
        if row is not None:
            self.opened.emit(row.case_id)


class NewCaseForm(QWidget):
    """What is known when a case is opened."""

    submitted = Signal(object)
    typed = Signal(dict)
    left = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._type = basics.choice((str(kind), word("case-type", kind)) for kind in CaseType)
        self._type.choose(str(CaseType.PRE_RELEASE_ACCESS))
        self._type.currentIndexChanged.connect(lambda _index: self._arrange())
        self._texts: dict[str, QLineEdit | MarkingField] = {
            name: basics.line() for name in ("developer", "model", "checkpoint")
        }
        self._texts["marking"] = MarkingField(lambda: desk.services.markings.vocabulary)
        self._texts["marking"].setText(_MARKING)
        today = desk.here.today()
        ahead = self._usual = QDate(today.year, today.month, today.day).addDays(_DAYS_AHEAD)
        self._release = DateField(desk.dates, date(ahead.year(), ahead.month(), ahead.day()))
        for field in self._texts.values():
            field.textEdited.connect(lambda _text: self._tell())
        self._type.activated.connect(lambda _index: self._tell())
        self._release.dateChanged.connect(lambda _on: self._tell())
        rows = basics.form(
            (
                ("Kind of case", self._type),
                ("Developer", self._texts["developer"]),
                ("Model", self._texts["model"]),
                ("Checkpoint", self._texts["checkpoint"]),
                ("Classification banner", self._texts["marking"]),
                ("Planned release to trusted partners", self._release),
            )
        )
        create = basics.button("Open this case", self._submit, primary=True)
        leave = basics.button("Back to the list", self.left.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        about = basics.label(
            "The date is the developer's. Access may begin at most 30 days before it. Participation is "
            "voluntary and recorded so.",
            "muted",
        )
        title = basics.label("New case", "section")
        layout.addWidget(basics.card(title, about, rows, basics.row(create, leave)))

    def _tell(self) -> None:
        texts = {name: field.text() for name, field in self._texts.items()}
        self.typed.emit(texts | {"type": self._type.value, "release": self._release.value.isoformat()})

    def show_typed(self, fields: Mapping[str, str]) -> None:
        """What was typed earlier; a date that does not read as one is left as it is."""
        for name, field in self._texts.items():
            field.setText(fields.get(name, _MARKING if name == "marking" else ""))
        self._type.choose(fields.get("type", str(CaseType.PRE_RELEASE_ACCESS)))
        on = QDate.fromString(fields.get("release", ""), Qt.DateFormat.ISODate)
        self._release.blockSignals(True)
        self._release.setDate(on if on.isValid() else self._usual)
        self._release.blockSignals(False)
        self._arrange()

    def focus_first(self) -> None:
        """The first field."""
        self._type.setFocus()

    def _arrange(self) -> None:
        self._release.setEnabled(self._type.value == CaseType.PRE_RELEASE_ACCESS)

    def _submit(self) -> None:
        texts = {name: field.text() for name, field in self._texts.items()}
        self.submitted.emit(
            CaseFields(case_type=self._type.value, planned_release_on=self._release.value, **texts)
        )


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = CasesPage(desk)
    presenter = CasesPresenter(view, desk)
    view.opened.connect(presenter.open)
    view.created.connect(presenter.create)
    view.typed.connect(presenter.typed)
    view.form_asked.connect(lambda shown: presenter.show_form(shown=shown))
    view.filtered.connect(presenter.filter)
    view.sieve.kept.connect(presenter.keep_filter)
    view.sieve.dropped.connect(presenter.drop_filter)
    return Room(view=view, presenter=presenter)
