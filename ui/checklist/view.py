"""Criteria on the left, the chosen one on the right, with its editor and what was answered."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.checklist.editor import AnswerEditor, SettleEditor
from ui.checklist.hints import LeadEditor, Proposals, ProposalShown
from ui.checklist.presenter import AnswerFields, ChecklistPresenter, CriterionShown
from ui.desk import Desk
from ui.list_and_panel import on_chosen, on_save, show_quietly
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.arranged import Split
from ui.widgets.evidence import EvidenceLinks
from ui.widgets.tables import Table
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.checklists import TAILORED_OUT, UNANSWERED
from workstation.core.values import CriterionId

_MINE = 2
_LIST_SHARE, _PANEL_SHARE = 45, 55
_NARROW_CHARS = 100
_PANEL_LINES = 14


def _mine(row: queries.CriterionView) -> str:
    if row.mine is None:
        return word("result", TAILORED_OUT if row.tailored else UNANSWERED)
    carried = row.mine.set_reference and row.mine.set_reference != row.set_reference
    return word("result", row.mine.result) + (", carried over" if carried else "")


def _agreed(row: queries.CriterionView) -> str:
    if row.differs and not row.settled:
        return "Differs"
    return "-" if row.agreed == UNANSWERED else word("result", row.agreed)


class ChecklistPage(Page):
    """The list and the panel."""

    chosen = Signal(str)
    answer_typed = Signal(str, object)
    answer_saved = Signal(str, object)
    submitted = Signal()
    settlement_typed = Signal(str, str, str)
    settled = Signal(str, str, str)
    place_asked = Signal()
    proposal_used = Signal(str, int)
    lead_typed = Signal(str, str)
    lead_acted = Signal(str, str, str)
    evidence_opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        del desk
        self._at = CriterionId("")
        self._about = basics.label("", "muted")
        self._table: Table[queries.CriterionView] = Table(
            "Criteria",
            (
                ("Item", lambda row: row.criterion_id),
                ("Question", lambda row: row.text),
                ("Mine", _mine),
                ("Agreed", _agreed),
            ),
            stretch=1,
        )
        on_chosen(self._table, self._choose)
        self._submit = basics.button("Submit my checklist", self.submitted.emit)
        self._list = basics.column(self._about, self._table, basics.row(self._submit), gap=2)
        self._panel = basics.scrolling(self._make_panel())
        self._split = Split("checklist", Qt.Orientation.Horizontal, lambda: (_LIST_SHARE, _PANEL_SHARE))
        self._split.addWidget(self._list)
        self._split.addWidget(self._panel)
        self._share()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(self._split))
        on_save(self, self._save)

    def _make_panel(self) -> QWidget:
        self._editor, self._settle = AnswerEditor(), SettleEditor()
        self._editor.typed.connect(lambda fields: self.answer_typed.emit(self._at, fields))
        self._editor.place_asked.connect(self.place_asked)
        self._editor.saved.connect(lambda fields: self.answer_saved.emit(self._at, fields))
        self._settle.typed.connect(lambda result, why: self.settlement_typed.emit(self._at, result, why))
        self._settle.saved.connect(lambda result, why: self.settled.emit(self._at, result, why))
        self._proposals, self._lead = Proposals(), LeadEditor()
        self._proposals.used.connect(lambda number: self.proposal_used.emit(self._at, number))
        self._lead.typed.connect(lambda reason: self.lead_typed.emit(self._at, reason))
        self._lead.pressed.connect(lambda name, reason: self.lead_acted.emit(self._at, name, reason))
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._links = EvidenceLinks()
        self._links.opened.connect(self.evidence_opened)
        self._answers = QVBoxLayout()
        self._answers.setContentsMargins(0, 0, 0, 0)
        answers = QWidget()
        answers.setLayout(self._answers)
        return basics.column(
            self._title,
            self._facts,
            self._proposals,
            self._editor,
            self._settle,
            self._links,
            answers,
            self._lead,
            stretch=True,
            margin=1,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room, else one above the other."""
        super().resizeEvent(event)
        narrow = self.width() < self.fontMetrics().averageCharWidth() * _NARROW_CHARS
        orientation = Qt.Orientation.Vertical if narrow else Qt.Orientation.Horizontal
        if self._split.orientation() is not orientation:
            self._split.setOrientation(orientation)
            self._panel.setMinimumHeight(self.fontMetrics().lineSpacing() * _PANEL_LINES if narrow else 0)
            self._share()

    def _share(self) -> None:
        self._split.share()
        self._split.setStretchFactor(0, _LIST_SHARE)
        self._split.setStretchFactor(1, _PANEL_SHARE)

    def show_rows(
        self, rows: Sequence[queries.CriterionView], about: str, *, submittable: bool, mine: bool = True
    ) -> None:
        """The list, and whether the checklist can be submitted; ``mine`` for whoever answers."""
        self._table.setColumnHidden(_MINE, not mine)
        basics.set_text(self._about, about)
        self._submit.setVisible(submittable)
        show_quietly(self._table, rows)

    def show_files(self, paths: Sequence[str]) -> None:
        """What evidence can be chosen from."""
        self._editor.offer_files(paths)

    def show_criterion(self, shown: CriterionShown | None) -> None:
        """One criterion."""
        for widget in (self._editor, self._settle, self._facts, self._proposals, self._lead):
            widget.setVisible(False)
        basics.empty(self._answers)
        self._links.show_links(())
        basics.set_text(self._title, shown.title if shown else "Choose a criterion in the list.")
        if shown is None:
            return
        self._at = shown.criterion_id
        self._facts.show_pairs(shown.facts)
        self._facts.show()
        if shown.editor is not None:
            self._editor.show_fields(shown.editor, is_draft=shown.is_draft)
            self._editor.show()
        if shown.may_settle:
            self._settle.show_fields(*shown.settle)
            self._settle.show()
        self._proposals.show_proposals(shown.proposals)
        if shown.lead is not None:
            self._lead.show_lead(shown.lead)
            self._lead.show()
        self._links.show_links(shown.links)
        for whose, pairs in shown.answers:
            self._answers.addWidget(basics.card(basics.label(whose, "section"), basics.facts(pairs)))

    def show_proposals(self, proposals: Sequence[ProposalShown]) -> None:
        """What imports propose for the criterion shown."""
        self._proposals.show_proposals(tuple(proposals))

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""
        self._editor.offer_place(words)

    def put_place(self, path: str, anchor: str) -> None:
        """Make it the evidence of the answer being written."""
        self._editor.put_place(path, anchor)

    def go_to(self, number: int) -> None:
        """A criterion by its place among all of them."""
        self._table.sort_by(None)
        self._table.go_to(number)

    def put_fields(self, fields: AnswerFields) -> None:
        """Fill the editor as if it had been typed."""
        self._editor.put_fields(fields)

    def go_to_next(self) -> None:
        """The criterion after this one, and its result."""
        self._table.go_to(self._table.currentIndex().row() + 1)
        self._editor.focus_first()

    def ask_for_result(self) -> None:
        """Nothing was recorded: a result has to be chosen first."""
        self._editor.ask_for_result()

    def focus_first(self) -> None:
        """The list of criteria."""
        self._table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The list, and the panel."""
        return (self._list, self._panel)

    def _choose(self) -> None:
        row = self._table.current()
        if row is not None and row.criterion_id != self._at:
            self.chosen.emit(row.criterion_id)

    def _save(self) -> None:
        if not self._editor.isHidden():
            self._editor.save()


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = ChecklistPage(desk)
    presenter = ChecklistPresenter(view, desk, changed)
    view.chosen.connect(presenter.choose)
    view.answer_typed.connect(presenter.type_answer)
    view.answer_saved.connect(presenter.save)
    view.place_asked.connect(presenter.use_noted)
    view.proposal_used.connect(presenter.use_proposal)
    view.lead_typed.connect(presenter.type_lead)
    view.lead_acted.connect(presenter.lead)
    view.evidence_opened.connect(presenter.open_evidence)
    view.submitted.connect(presenter.submit)
    view.settlement_typed.connect(presenter.type_settlement)
    view.settled.connect(presenter.settle)
    return view, presenter


__all__ = ["AnswerFields", "ChecklistPage", "make"]
