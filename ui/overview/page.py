"""Where the case stands, what comes next, and the acts that move it."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QDateEdit, QFrame, QVBoxLayout

from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from workstation.app import queries, reviewing
from workstation.app.report_blocks import VOLUNTARY, day
from workstation.app.wording import moment, word
from workstation.core.cases import OVER, CaseState
from workstation.core.people import APPOINTED, Duty
from workstation.core.values import PersonId


class OverviewTab(Tab):
    """Facts on the left of reading order, then the next step."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 8, 8, 8)
        page = basics.column()
        page.layout().addLayout(self._body)  # type: ignore[union-attr]  # ``column`` has set one
        page.layout().addStretch(1)  # type: ignore[union-attr]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.scrolling(page))

    def show_view(self, view: queries.CaseView) -> None:
        """Everything anew: the page is short."""
        self._view = view
        basics.empty(self._body)
        self._body.addWidget(
            basics.card(
                basics.label("Next step", "section"), basics.label(word("next-step", view.row.next_step))
            )
        )
        case = view.case
        planned = day(view.row.planned_release_on) if view.row.planned_release_on else "-"
        reviewers = ", ".join(view.people[p].display_name for p in case.reviewers) or "not assigned"
        pairs = [
            ("State", word("state", view.row.state)),
            ("Kind of case", word("case-type", view.row.case_type)),
            ("Developer", view.row.developer),
            ("Model and checkpoint", f"{view.row.model}, {view.row.checkpoint}"),
            ("Planned release to trusted partners", planned),
            ("Reviewers", reviewers),
            ("Opened", f"{moment(case.opened_at)} by {view.people[case.opened_by].display_name}"),
        ]
        if case.determination:
            pairs.append(("Determination", word("conclusion", case.determination.conclusion)))
        elif case.recommendation:
            words = word("conclusion", case.recommendation.conclusion)
            pairs.append(("Recommendation", f"{words} (a recommendation until the official determines)"))
        self._body.addWidget(basics.card(basics.label("The case", "section"), basics.facts(pairs)))
        self._body.addWidget(basics.label(VOLUNTARY, "muted"))
        self._add_acts(view)

    def _add_acts(self, view: queries.CaseView) -> None:
        may = view.allowed
        if Duty.OPEN_CASE in may and not view.case.submissions and view.row.state not in OVER:
            self._body.addWidget(self._assign_card(view))
        if Duty.KEEP_WINDOW in may and view.row.state is CaseState.ACCEPTED:
            begin = basics.button("Begin the evaluation today", self._begin, primary=True)
            text = basics.label("For pre-release access this is the trigger day of the window.", "muted")
            self._body.addWidget(basics.card(basics.label("Begin", "section"), text, basics.row(begin)))
        if Duty.KEEP_WINDOW in may and view.row.state not in OVER:
            self._body.addWidget(self._date_card(view))
            self._body.addWidget(self._withdraw_card())

    def _assign_card(self, view: queries.CaseView) -> QFrame:
        able = [p for p in view.people.values() if p.role in APPOINTED[Duty.ANSWER] and p.active]
        options = [(p.person_id, f"{p.display_name}, {word('role', p.role)}") for p in able]
        first, second = basics.choice(options), basics.choice(options)
        second.setCurrentIndex(1 if len(options) > 1 else 0)
        for number, chosen in enumerate(view.case.reviewers):
            (first, second)[number].setCurrentIndex((first, second)[number].findData(chosen))
        assign = basics.button(
            "Assign these two",
            lambda: self._assign(PersonId(first.currentData()), PersonId(second.currentData())),
        )
        rows = basics.form((("First reviewer", first), ("Second reviewer", second)))
        return basics.card(basics.label("Reviewers", "section"), rows, basics.row(assign))

    def _date_card(self, view: queries.CaseView) -> QFrame:
        field = QDateEdit()
        field.setCalendarPopup(True)
        field.setDisplayFormat("dd MMM yyyy")
        planned = view.row.planned_release_on or self.desk.here.today()
        field.setDate(QDate(planned.year, planned.month, planned.day))
        reason = basics.line("As the developer states it")
        revise = basics.button("Record this date", lambda: self._revise(field.date(), reason.text()))
        rows = basics.form((("Planned release as the developer states it", field), ("Reason", reason)))
        return basics.card(basics.label("Release date", "section"), rows, basics.row(revise))

    def _withdraw_card(self) -> QFrame:
        disposition = basics.line("Return, destruction, or to be agreed")
        reason = basics.line("As the developer states it")
        withdraw = basics.button(
            "Record the withdrawal", lambda: self._withdraw(reason.text(), disposition.text())
        )
        about = basics.label("The developer may withdraw at any time. The record stays.", "muted")
        rows = basics.form((("What becomes of the material", disposition), ("Reason", reason)))
        return basics.card(basics.label("Withdrawal", "section"), about, rows, basics.row(withdraw))

    @property
    def _case(self) -> queries.CaseView:
        if self._view is None:
            raise RuntimeError("no case shown")
        return self._view

    def _assign(self, first: PersonId, second: PersonId) -> None:
        case_id = self._case.row.case_id
        self.act(
            lambda: reviewing.assign_reviewers(self.desk.here, case_id, first, second), "Reviewers assigned."
        )

    def _begin(self) -> None:
        case_id = self._case.row.case_id
        self.act(lambda: reviewing.begin_evaluation(self.desk.here, case_id), "The evaluation has begun.")

    def _revise(self, on: QDate, reason: str) -> None:
        case_id, new_on = self._case.row.case_id, date(on.year(), on.month(), on.day())
        self.act(
            lambda: reviewing.state_release_date(self.desk.here, case_id, new_on, reason=reason),
            "Date recorded.",
        )

    def _withdraw(self, reason: str, disposition: str) -> None:
        case_id = self._case.row.case_id
        self.act(
            lambda: reviewing.withdraw(self.desk.here, case_id, reason=reason, disposition=disposition),
            "Withdrawal recorded.",
        )
