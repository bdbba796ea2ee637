"""The case list, the most urgent first, and opening a case."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QVBoxLayout

from ui.desk import Desk
from ui.page import Page
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import queries, reviewing
from workstation.app.wording import word
from workstation.core.cases import Case, CaseType
from workstation.core.people import APPOINTED, Duty
from workstation.core.window import WindowStanding


def days_text(row: queries.CaseRow) -> str:
    """Days left, with the word that a colour would only repeat."""
    if row.days_left is None:
        return "-"
    if row.standing is WindowStanding.OVERDUE:
        return f"{-row.days_left} days over, {word('standing', row.standing).lower()}"
    return f"{row.days_left} days left, {word('standing', row.standing).lower()}"


class CasesPage(Page):
    """Every case of the vault."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._marking = ""
        self._about = basics.label("", "muted")
        self._table: Table[queries.CaseRow] = Table(
            "Cases",
            (
                ("Case", lambda row: row.case_id),
                ("Window", days_text),
                ("State", lambda row: word("state", row.state)),
                ("Next step", lambda row: word("next-step", row.next_step)),
                ("Model", lambda row: f"{row.model}, {row.checkpoint}"),
                ("Developer", lambda row: row.developer),
                ("Marking", lambda row: row.marking),
            ),
            opened=lambda row: desk.routes.show_case(row.case_id),
            stretch=3,
        )
        open_case = basics.button("Open case", self._open_current, primary=True)
        self._new = basics.button("New case", self._show_form)
        self._new.setEnabled(desk.here.person.role in APPOINTED[Duty.OPEN_CASE])
        self._form = NewCaseForm(desk, self._opened)
        self._form.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Cases", "title"))
        layout.addWidget(self._about)
        layout.addWidget(basics.row(open_case, self._new))
        layout.addWidget(self._form)
        layout.addWidget(self._table, 1)

    def refresh(self) -> None:
        """Read the list."""
        rows = queries.case_rows(self._desk.here)
        self._marking = queries.covering_marking(self._desk.here, [row.marking for row in rows])
        self._table.show_rows(rows)
        text = f"{len(rows)} cases, the fewest days left first. Participation is voluntary in each of them."
        basics.set_text(
            self._about, text if rows else "There is no case yet. Choose New case to open the first."
        )

    def focus_first(self) -> None:
        """The list."""
        self._table.setFocus()

    def marking(self) -> str:
        """Covers every case in the list."""
        return self._marking

    def _open_current(self) -> None:
        row = self._table.current()
        if row is not None:
            self._desk.routes.show_case(row.case_id)

    def _show_form(self) -> None:
        self._form.setVisible(not self._form.isVisible())
        if self._form.isVisible():
            self._form.focus_first()

    def _opened(self, case: Case) -> None:
        self._form.hide()
        self._desk.routes.show_case(case.case_id)


class NewCaseForm(Page):
    """What is known when a case is opened."""

    def __init__(self, desk: Desk, opened: Callable[[Case], None]) -> None:
        super().__init__()
        self._desk, self._opened = desk, opened
        self._type = basics.choice((str(kind), word("case-type", kind)) for kind in CaseType)
        self._type.setCurrentIndex(1)
        self._texts = {name: basics.line() for name in ("developer", "model", "checkpoint", "marking")}
        self._texts["marking"].setText("UNCLASSIFIED")
        self._release = QDateEdit()
        self._release.setCalendarPopup(True)
        self._release.setDisplayFormat("dd MMM yyyy")
        today = desk.here.today()
        self._release.setDate(QDate(today.year, today.month, today.day).addDays(40))
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
        create = basics.button("Open this case", self._create, primary=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.card(basics.label("New case", "section"), rows, basics.row(create)))

    def focus_first(self) -> None:
        """The first field."""
        self._type.setFocus()

    def _create(self) -> None:
        on = self._release.date()
        kind = CaseType(self._type.currentData())
        new = reviewing.NewCase(
            case_type=kind,
            developer=self._texts["developer"].text(),
            model=self._texts["model"].text(),
            checkpoint=self._texts["checkpoint"].text(),
            marking=self._texts["marking"].text().strip(),
            planned_release_on=date(on.year(), on.month(), on.day())
            if kind is CaseType.PRE_RELEASE_ACCESS
            else None,
        )
        self._desk.attempt(lambda: reviewing.open_case(self._desk.here, new), self._opened)
