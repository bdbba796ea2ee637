"""The profile's criteria with their readings on the left; arithmetic, picture and results on the right."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from ui.benchmarks.editor import ResultForm
from ui.benchmarks.picture import ReadingPicture
from ui.benchmarks.presenter import BenchmarksPresenter
from ui.benchmarks.shown import CriterionLine, CriterionShown, Options, ProposedLine, ResultLine
from ui.desk import Desk
from ui.list_and_panel import ListAndPanel, on_chosen, show_quietly
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.tables import Table


class BenchmarksPage(ListAndPanel):
    """The list and the panel."""

    taken = Signal(object)
    taken_back = Signal(object, str)
    correction_begun = Signal(object)

    form: ResultForm

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._at = ""
        self.form = ResultForm()
        self.lay_out(self._make_list(), self._make_panel(desk))

    def _make_list(self) -> QWidget:
        self._title, self._notice = basics.label("", "section"), basics.label("", "muted")
        self._invented, self._rule = basics.label("", "caution"), basics.selectable("")
        self._table: Table[CriterionLine] = Table(
            "Criteria of the profile",
            (
                ("Item", lambda row: row.criterion_id),
                ("Reading", lambda row: row.told),
                ("Criterion", lambda row: row.title),
                ("Threshold", lambda row: row.asked),
            ),
            stretch=2,
        )
        on_chosen(self._table, self._choose)
        self._new = basics.button("Enter a result", self.begun.emit)
        return basics.column(
            self._invented,
            self._title,
            self._rule,
            self._table,
            basics.row(self._new),
            self._notice,
            gap=2,
            stretch=True,
        )

    def _make_panel(self, desk: Desk) -> QWidget:
        self._heading, self._told = basics.selectable("", "section"), basics.selectable("")
        self._arithmetic = basics.selectable("", "muted")
        self._picture = ReadingPicture(desk.settings.theme)
        self._results: Table[ResultLine] = Table(
            "Results for this criterion",
            (
                ("Result", lambda row: row.result_id),
                ("Value", lambda row: row.value),
                ("Counts", lambda row: row.counts),
                ("Where it comes from", lambda row: row.source),
                ("Notes", lambda row: row.note),
            ),
            stretch=3,
        )
        on_chosen(self._results, self._offer_back)
        self._reason = basics.line("Why it should not count")
        self._reason.setAccessibleName("Reason for taking the chosen result back")
        self._back = basics.button("Take the chosen result back", self._take_back)
        self._correct = basics.button("Correct the chosen result", self._begin_correction)
        self._backs = basics.column(
            basics.row(self._correct), basics.row(self._back, self._reason, stretch_last=True), gap=2
        )
        self._make_proposals()
        self._detail = basics.column(
            basics.card(self._heading, self._told, self._picture, self._arithmetic),
            self._results,
            self._backs,
            gap=2,
        )
        self.form.hide()
        return basics.column(self._detail, self.form, self._proposals, stretch=True)

    def _make_proposals(self) -> None:
        self._offered: Table[ProposedLine] = Table(
            "Results that logs of the package state",
            (
                ("Log", lambda row: row.path),
                ("Suite", lambda row: row.suite),
                ("Metric", lambda row: row.metric),
                ("Value", lambda row: row.value),
                ("Remark", lambda row: row.remark),
            ),
            stretch=0,
        )
        self._offers = basics.label("", "muted")
        self._take = basics.button("Record the chosen one as the log states it", self._take_chosen)
        self._proposals = basics.card(
            basics.label("From the logs of the package", "section"),
            self._offers,
            self._offered,
            basics.row(self._take),
        )

    def show_profile(self, title: str, notice: str, invented: str, rule: str) -> None:
        """The profile and the reading of its rule; ``invented`` is empty where it is not."""
        basics.set_text(self._title, title)
        basics.set_text(self._notice, notice)
        basics.set_text(self._rule, rule)
        basics.set_text(self._invented, invented)
        self._invented.setVisible(bool(invented))

    def show_rows(self, rows: Sequence[CriterionLine], *, may_record: bool) -> None:
        """The criteria with their readings."""
        self._new.setVisible(may_record)
        show_quietly(self._table, rows)

    def show_criterion(self, shown: CriterionShown | None) -> None:
        """One criterion."""
        if shown is None:
            return
        self._at = shown.reading.criterion.criterion_id
        basics.set_text(self._heading, shown.title)
        basics.set_text(self._told, shown.told)
        basics.set_text(self._arithmetic, "\n".join(shown.arithmetic))
        self._arithmetic.setVisible(bool(shown.arithmetic))
        self._picture.show_reading(shown.reading)
        self._results.setVisible(bool(shown.results))
        self._results.show_rows(shown.results, keep=True)
        self._reason.clear()
        self._offer_back()

    def show_proposals(self, rows: Sequence[ProposedLine], about: str) -> None:
        """What logs state; none where nothing is to be taken."""
        basics.set_text(self._offers, about)
        self._offered.show_rows(rows, keep=True)
        self._offered.setVisible(bool(rows))
        self._take.setVisible(bool(rows))
        self._proposals.setVisible(bool(about))

    def offer(self, options: Mapping[str, Options]) -> None:
        """What the choices of the form offer."""
        self.form.offer(options)

    def show_form(self, fields: Mapping[str, str], *, is_draft: bool) -> None:
        """The form as it was left."""
        was_hidden = self.form.isHidden()
        self._detail.hide()
        self.form.show()
        self.form.show_fields(fields, is_draft=is_draft)
        if was_hidden and self.isVisible():
            self.form.focus_first()

    def hide_form(self) -> None:
        """The criterion again."""
        self.form.hide()
        self._detail.show()

    def focus_first(self) -> None:
        """The list of criteria, or the form being written."""
        if self.form.isHidden():
            self._table.setFocus()
        else:
            self.form.focus_first()

    def _choose(self) -> None:
        row = self._table.current()
        if row is not None and row.criterion_id != self._at:
            self.chosen.emit(row.criterion_id)

    def _offer_back(self) -> None:
        row = self._results.current()
        self._backs.setVisible(row is not None and row.may_take_back)

    def _take_chosen(self) -> None:
        row = self._offered.current()
        if row is not None:
            self.taken.emit(row)

    def _take_back(self) -> None:
        row = self._results.current()
        if row is not None:
            self.taken_back.emit(row, self._reason.text().strip())

    def _begin_correction(self) -> None:
        row = self._results.current()
        if row is not None:
            self.correction_begun.emit(row)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = BenchmarksPage(desk)
    presenter = BenchmarksPresenter(view, desk, changed)
    view.chosen.connect(presenter.choose)
    view.begun.connect(presenter.begin)
    view.taken.connect(presenter.take)
    view.taken_back.connect(presenter.take_back)
    view.correction_begun.connect(presenter.correct)
    view.form.typed.connect(presenter.type_fields)
    view.form.saved.connect(presenter.record)
    view.form.left.connect(presenter.leave_form)
    return view, presenter
