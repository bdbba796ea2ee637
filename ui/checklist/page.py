"""Criteria on the left, the chosen one in the middle, the evidence it rests on below."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.tab import Tab
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import queries, reviewing
from workstation.app.wording import moment, word
from workstation.core.cases import CaseState
from workstation.core.checklists import Answer, Result
from workstation.core.people import Duty
from workstation.core.values import EvidenceLink


class ChecklistTab(Tab):
    """Own answers until both have submitted; then both, with what differs."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__(desk, changed)
        self._view: queries.CaseView | None = None
        self._shown: queries.CriterionView | None = None
        self._about = basics.label("", "muted")
        self._table: Table[queries.CriterionView] = Table(
            "Criteria",
            (
                ("Item", lambda c: c.criterion_id),
                ("Mine", lambda c: word("result", c.mine.result if c.mine else "unanswered")),
                ("Agreed", lambda c: "Differs" if c.differs and not c.settled else word("result", c.agreed)),
                ("Question", lambda c: c.text),
            ),
            stretch=3,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._show_current())
        self._submit = basics.button("Submit my checklist", self._submit_checklist)
        left = basics.column(self._about, self._table, basics.row(self._submit))
        self._detail = QVBoxLayout()
        self._detail.setContentsMargins(8, 0, 0, 0)
        panel = QWidget()
        panel.setLayout(self._detail)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(basics.scrolling(panel))
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 4)
        split.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(split)
        save = QShortcut(
            QKeySequence("Ctrl+Return"), self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut
        )
        save.activated.connect(self._save)
        self._result, self._text = basics.choice(()), basics.TextBox("Detail")
        self._portion, self._evidence = basics.line(), basics.choice(())
        self._editable = False

    def focus_first(self) -> None:
        """The list of criteria."""
        self._table.setFocus()

    def show_view(self, view: queries.CaseView) -> None:
        """Read the criteria and keep the place."""
        keep = self._table.currentIndex().row()
        self._view = view
        rows = queries.criteria(self.desk.here, view.row.case_id)
        me = self.desk.here.person.person_id
        assigned = me in view.case.reviewers
        self._editable = (
            assigned
            and view.row.state is CaseState.EVALUATION
            and me not in view.case.submissions
            and Duty.ANSWER in view.allowed
        )
        self._submit.setEnabled(self._editable)
        basics.set_text(self._about, self._about_text(view, rows, assigned=assigned))
        self._table.show_rows(rows)
        if 0 <= keep < len(rows):
            self._table.setCurrentIndex(self._table.rows.index(keep, 0))
        self._show_current()

    def _about_text(
        self, view: queries.CaseView, rows: tuple[queries.CriterionView, ...], *, assigned: bool
    ) -> str:
        answered = sum(row.mine is not None for row in rows)
        who = [view.people[p].display_name for p in view.case.submissions]
        submitted = f"Submitted by {', '.join(who)}." if who else "Nobody has submitted yet."
        own = (
            f"You answered {answered} of {len(rows)}. "
            if assigned
            else "You are not a reviewer of this case. "
        )
        blind = (
            ""
            if set(view.case.reviewers) <= view.case.submissions.keys()
            else " Each reviewer answers without seeing the other until both have submitted."
        )
        return own + submitted + blind

    def _show_current(self) -> None:
        criterion = self._table.current()
        self._shown = criterion
        basics.empty(self._detail)
        if criterion is None or self._view is None:
            return
        add = self._detail.addWidget
        add(basics.label(f"{criterion.criterion_id}  {criterion.text}", "section"))
        add(
            basics.facts(
                (("Evidence wanted", criterion.evidence_wanted), ("Why it is asked", criterion.source))
            )
        )
        if self._editable:
            add(self._editor(criterion))
        elif criterion.mine is not None:
            add(self._answer_card("Your answer", criterion.mine))
        for answer in criterion.others:
            add(self._answer_card(self._view.people[answer.person_id].display_name, answer))
        if criterion.differs and Duty.SETTLE in self._view.allowed and not criterion.settled:
            add(self._settle_card(criterion))
        self._detail.addStretch(1)

    def _editor(self, criterion: queries.CriterionView) -> QWidget:
        mine = criterion.mine
        self._result = basics.choice((str(result), word("result", result)) for result in Result)
        self._text = basics.TextBox("Detail", lines=5)
        self._portion = basics.line()
        self._portion.setText(mine.portion_marking if mine else "(U)")
        self._evidence = basics.choice((("", "No file"), *((p, p) for p in self._paths())))
        if mine is not None:
            self._result.setCurrentIndex(self._result.findData(str(mine.result)))
            self._text.setPlainText(mine.detail)
            if mine.evidence:
                self._evidence.setCurrentIndex(
                    max(0, self._evidence.findData(mine.evidence[0].untrusted_path))
                )
        rows = basics.form(
            (
                ("Result", self._result),
                ("Detail", self._text),
                ("Evidence in the package", self._evidence),
                ("Portion mark", self._portion),
            )
        )
        save = basics.button("Save answer  (Ctrl+Enter)", self._save, primary=True)
        return basics.card(basics.label("Your answer", "section"), rows, basics.row(save))

    def _paths(self) -> list[str]:
        package = self._view.package if self._view else None
        if package is None:
            return []
        return [file.untrusted_path for file in queries.files(self.desk.here, package.package_id)]

    def _answer_card(self, title: str, answer: Answer) -> QWidget:
        evidence = (
            ", ".join(f"{link.untrusted_path} {link.anchor}".strip() for link in answer.evidence) or "-"
        )
        pairs = (
            ("Result", word("result", answer.result)),
            ("Detail", f"{answer.portion_marking} {answer.detail}".strip()),
            ("Evidence", evidence),
            ("Saved", f"{moment(answer.answered_at)}, revision {answer.revision}"),
        )
        return basics.card(basics.label(title, "section"), basics.facts(pairs))

    def _settle_card(self, criterion: queries.CriterionView) -> QWidget:
        result = basics.choice((str(r), word("result", r)) for r in Result)
        reason = basics.line()

        def settle() -> None:
            if self._view is not None:
                case_id, chosen = self._view.row.case_id, Result(result.currentData())
                self.act(
                    lambda: reviewing.settle(
                        self.desk.here, case_id, criterion.criterion_id, chosen, reason=reason.text()
                    ),
                    f"{criterion.criterion_id} settled.",
                )

        rows = basics.form((("Settled result", result), ("Reason", reason)))
        button = basics.button("Settle this difference", settle, primary=True)
        return basics.card(basics.label("The reviewers differ", "section"), rows, basics.row(button))

    def _save(self) -> None:
        criterion, view = self._shown, self._view
        if criterion is None or view is None or not self._editable:
            return
        path = self._evidence.currentData()
        package = view.package
        links = (
            (EvidenceLink(package_id=package.package_id, untrusted_path=path),) if path and package else ()
        )
        answer = reviewing.NewAnswer(
            criterion_id=criterion.criterion_id,
            result=Result(self._result.currentData()),
            detail=self._text.toPlainText(),
            evidence=links,
            portion_marking=self._portion.text().strip(),
        )
        if self.act(lambda: reviewing.answer(self.desk.here, view.row.case_id, answer)):
            following = self._table.currentIndex().row() + 1
            if following < self._table.rows.rowCount():
                self._table.setCurrentIndex(self._table.rows.index(following, 0))
            self._result.setFocus()

    def _submit_checklist(self) -> None:
        view = self._view
        if view is not None:
            self.act(
                lambda: reviewing.submit_checklist(self.desk.here, view.row.case_id),
                "Your checklist is submitted. It is fixed now.",
            )
