"""Opinions, recommendation, consultations, determination: what blocks is said before anybody presses."""

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QCheckBox, QComboBox, QDateEdit, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from workstation.app import determining, queries
from workstation.app.report_blocks import day
from workstation.app.wording import moment, sentence, word
from workstation.core.cases import CaseState
from workstation.core.determinations import Blocked, Blocker, Conclusion, Consultee
from workstation.core.people import Duty
from workstation.core.values import CaseId, PersonId


class DeterminationTab(Tab):
    """The record so far first, then what the person at the desk may add."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._body = QVBoxLayout()
        self._body.setContentsMargins(0, 8, 8, 8)
        page = QWidget()
        page.setLayout(self._body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.scrolling(page))

    def show_view(self, view: queries.CaseView) -> None:
        """Everything anew."""
        self._view = view
        basics.empty(self._body)
        while self._body.count():
            self._body.takeAt(0)
        blockers = determining.blockers(self.desk.here, view.row.case_id)
        self._show_record(view)
        state, may = view.row.state, view.allowed
        me = self.desk.here.person.person_id
        if state is CaseState.EVALUATION and Duty.GIVE_OPINION in may and me in view.case.submissions:
            self._body.addWidget(self._opinion_card())
        if state is CaseState.EVALUATION:
            self._body.addWidget(self._blockers_card("Before a recommendation", blockers.recommendation))
            if Duty.RECOMMEND in may:
                self._body.addWidget(self._conclude_card("Recommend", "Recommend this", self._recommend))
        if state in {CaseState.EVALUATION, CaseState.RECOMMENDED} and Duty.CONSULT in may:
            self._body.addWidget(self._consult_card())
        if state is CaseState.RECOMMENDED:
            self._body.addWidget(self._blockers_card("Before the determination", blockers.determination))
        if state in {CaseState.RECOMMENDED, CaseState.DETERMINED} and Duty.DETERMINE in may:
            title = "Determine" if state is CaseState.RECOMMENDED else "Supersede the determination"
            self._body.addWidget(self._conclude_card(title, "Determine this", self._determine))
        self._body.addStretch(1)

    def _show_record(self, view: queries.CaseView) -> None:
        case = view.case

        def name(person_id: PersonId) -> str:
            return view.people[person_id].display_name

        cards: list[tuple[str, list[tuple[str, str]]]] = []
        for determination in reversed(case.determinations):
            lineage = f", supersedes {determination.supersedes}" if determination.supersedes else ""
            cards.append(
                (
                    f"Determination {determination.number}{lineage}",
                    [
                        ("Determined", word("conclusion", determination.conclusion)),
                        ("Reasons", determination.reasons),
                        ("Gaps", "; ".join(determination.gaps) or "-"),
                        ("By", f"{name(determination.determined_by)}, {moment(determination.determined_at)}"),
                    ],
                )
            )
        if case.recommendation:
            r = case.recommendation
            pairs = [
                ("Recommended", word("conclusion", r.conclusion)),
                ("Reasons", r.reasons),
                ("Gaps", "; ".join(r.gaps) or "-"),
                ("By", f"{name(r.recommended_by)}, {moment(r.recommended_at)}"),
            ]
            cards.append(("Recommendation, until the official determines", pairs))
        if case.opinions:
            opinions = [
                (
                    name(o.person_id) + (", in dissent" if o.dissents else ""),
                    f"{word('conclusion', o.conclusion)}. {o.reasons}",
                )
                for o in case.opinions
            ]
            cards.append(("Opinions", opinions))
        if case.consultations:
            answers = [
                (
                    word("consultee", c.consultee),
                    f"asked {day(c.asked_on)}: {c.answer or 'no answer received'}",
                )
                for c in case.consultations
            ]
            cards.append(("Consultations", answers))
        if not cards:
            self._body.addWidget(
                basics.label("No opinion, recommendation or determination has been recorded.", "muted")
            )
        for title, pairs in cards:
            self._body.addWidget(basics.card(basics.label(title, "section"), basics.facts(pairs)))

    def _blockers_card(self, title: str, blockers: tuple[Blocked, ...]) -> QWidget:
        if not blockers:
            return basics.card(basics.label(title, "section"), basics.label("Nothing stands in the way."))
        lines = [basics.label("\u2022  " + self._blocker_text(blocked)) for blocked in blockers]
        return basics.card(basics.label(title, "section"), *lines)

    def _blocker_text(self, blocked: Blocked) -> str:
        subjects = list(blocked.subjects)
        if self._view and blocked.blocker in {Blocker.NOT_SUBMITTED, Blocker.TOO_FEW_OPINIONS}:
            names = {str(key): person.display_name for key, person in self._view.people.items()}
            subjects = [names.get(s, s) for s in subjects]
        if blocked.blocker is Blocker.CONSULTATION_MISSING:
            subjects = [word("consultee", s) for s in subjects]
        return sentence("blocker", blocked.blocker, subjects=", ".join(subjects))

    def _opinion_card(self) -> QWidget:
        conclusion, reasons = self._conclusion(), basics.TextBox("Reasons for your opinion")
        dissents = QCheckBox("This is a dissent; print it as one")

        def give() -> None:
            self._do(
                lambda case_id: determining.give_opinion(
                    self.desk.here,
                    case_id,
                    conclusion=Conclusion(conclusion.currentData()),
                    reasons=reasons.toPlainText(),
                    dissents=dissents.isChecked(),
                ),
                "Your opinion is recorded.",
            )

        rows = basics.form((("Conclusion", conclusion), ("Reasons for your opinion", reasons)))
        button = basics.button("Give this opinion", give, primary=True)
        return basics.card(basics.label("Your opinion", "section"), rows, dissents, basics.row(button))

    def _conclude_card(
        self, title: str, press: str, conclude: Callable[[Conclusion, str, tuple[str, ...]], None]
    ) -> QWidget:
        conclusion, reasons = self._conclusion(), basics.TextBox(f"Reasons: {title}")
        gaps = basics.TextBox(f"Gaps: {title}", lines=2)
        rows = basics.form(
            (
                ("Conclusion", conclusion),
                ("Reasons", reasons),
                ("Gaps, one a line (insufficient information)", gaps),
            )
        )

        def pressed() -> None:
            named = tuple(line.strip() for line in gaps.toPlainText().splitlines() if line.strip())
            conclude(Conclusion(conclusion.currentData()), reasons.toPlainText(), named)

        button = basics.button(press, pressed, primary=True)
        return basics.card(basics.label(title, "section"), rows, basics.row(button))

    def _consult_card(self) -> QWidget:
        party = basics.choice((str(c), word("consultee", c)) for c in Consultee)
        today = self.desk.here.today()
        asked, answered = _date_field(today), _date_field(today)
        answer = basics.line("Leave empty where no answer was received")

        def record() -> None:
            text = answer.text().strip()
            self._do(
                lambda case_id: determining.record_consultation(
                    self.desk.here,
                    case_id,
                    Consultee(party.currentData()),
                    asked_on=_date_of(asked),
                    answered_on=_date_of(answered) if text else None,
                    answer=text,
                ),
                "Consultation recorded.",
            )

        rows = basics.form(
            (("Party", party), ("Asked on", asked), ("Answer", answer), ("Answered on", answered))
        )
        button = basics.button("Record this consultation", record)
        return basics.card(
            basics.label("Consultation under section 3(a)", "section"), rows, basics.row(button)
        )

    @staticmethod
    def _conclusion() -> QComboBox:
        return basics.choice((str(c), word("conclusion", c)) for c in Conclusion)

    def _recommend(self, conclusion: Conclusion, reasons: str, gaps: tuple[str, ...]) -> None:
        self._do(
            lambda case_id: determining.recommend(
                self.desk.here, case_id, conclusion=conclusion, reasons=reasons, gaps=gaps
            ),
            "Recommended.",
        )

    def _determine(self, conclusion: Conclusion, reasons: str, gaps: tuple[str, ...]) -> None:
        self._do(
            lambda case_id: determining.determine(
                self.desk.here, case_id, conclusion=conclusion, reasons=reasons, gaps=gaps
            ),
            "Determined.",
        )

    def _do(self, act: Callable[[CaseId], object], told: str) -> None:
        if self._view is not None:
            case_id = self._view.row.case_id
            self.act(lambda: act(case_id), told)


def _date_field(on: date) -> QDateEdit:
    field = QDateEdit(QDate(on.year, on.month, on.day))
    field.setCalendarPopup(True)
    field.setDisplayFormat("dd MMM yyyy")
    return field


def _date_of(field: QDateEdit) -> date:
    on = field.date()
    return date(on.year(), on.month(), on.day())
