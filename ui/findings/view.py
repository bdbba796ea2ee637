"""Findings on the left, the chosen one or the form on the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.findings.forms import ActsForm, FindingForm
from ui.findings.presenter import FindingsPresenter
from ui.findings.shown import FindingFields, FindingLine, FindingShown, ToolLine
from ui.findings.tools import ToolReports
from ui.list_and_panel import ListAndForm, history_table
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.evidence import EvidenceLinks
from ui.widgets.tables import Table


class FindingsPage(ListAndForm):
    """The list and the panel."""

    reason_typed = Signal(str, str)
    acted = Signal(str, str, object)
    evidence_opened = Signal(object)

    form: FindingForm

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        table: Table[FindingLine] = Table(
            "Findings",
            (
                ("Finding", lambda row: row.finding_id),
                ("What", lambda row: row.title),
                ("State", lambda row: row.state),
                ("CVSS", lambda row: row.score),
            ),
            stretch=1,
        )
        self.form, self._acts = FindingForm(), ActsForm(desk)
        self._acts.reason_typed.connect(lambda text: self.reason_typed.emit(self._at, text))
        self._acts.pressed.connect(lambda name, fields: self.acted.emit(name, self._at, fields))
        self.lay_out_parts(
            table,
            lambda row: str(row.finding_id),
            new="Report a finding",
            detail=self._make_detail(),
            form=self.form,
        )
        self.reports = ToolReports()
        self.add_below_list(self.reports)

    def _make_detail(self) -> QWidget:
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._links = EvidenceLinks()
        self._links.opened.connect(self.evidence_opened)
        self._history = history_table("History of the finding")
        return basics.column(
            basics.card(self._title, self._facts, self._links),
            self._acts,
            basics.label("History", "section"),
            self._history,
            gap=2,
        )

    def show_rows(self, rows: Sequence[FindingLine], about: str, *, may_report: bool) -> None:
        """The list."""
        self.show_list(rows, about, may_begin=may_report)

    def show_sources(self, paths: Sequence[str], noted: Sequence[tuple[str, str]]) -> None:
        """Files evidence can be chosen from, and what the examination noted."""
        self.form.offer_sources(paths, noted)

    def show_reports(self, paths: Sequence[str]) -> None:
        """Tools' reports in the package; without one nothing is offered."""
        self.reports.show_reports(paths)

    def show_results(self, rows: Sequence[ToolLine], about: str) -> None:
        """What the chosen report lists."""
        self.reports.show_results(rows, about)

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""
        self.form.offer_place(words)

    def show_finding(self, shown: FindingShown) -> None:
        """One finding in the panel."""
        self.show_detail(shown.finding_id)
        basics.set_text(self._title, shown.title)
        self._facts.show_pairs(shown.facts)
        self._links.show_links(shown.links)
        self._acts.show_acts(shown)
        self._history.show_rows(shown.history)

    def show_form(self, fields: FindingFields, *, is_draft: bool) -> None:
        """The form for a new one."""
        self.show_written(lambda: self.form.show_fields(fields, is_draft=is_draft))


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = FindingsPage(desk)
    presenter = FindingsPresenter(view, desk, changed)
    view.chosen.connect(presenter.choose)
    view.begun.connect(presenter.begin)
    view.reason_typed.connect(presenter.type_reason)
    view.acted.connect(presenter.do)
    view.evidence_opened.connect(presenter.open_evidence)
    view.form.typed.connect(presenter.type_finding)
    view.form.saved.connect(presenter.report)
    view.form.left.connect(presenter.leave_form)
    view.form.place_asked.connect(presenter.use_noted)
    view.form.begun_from.connect(presenter.begin_from)
    view.reports.opened.connect(presenter.open_report)
    view.reports.begun.connect(presenter.begin_from_result)
    view.reports.taken.connect(presenter.take_result)
    return view, presenter
