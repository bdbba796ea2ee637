"""Findings on the left, the chosen one or the form on the right."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.findings.forms import ActsForm, FindingForm
from ui.findings.presenter import FindingsPresenter
from ui.findings.shown import FindingFields, FindingLine, FindingShown
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.tables import Table
from ui.widgets.text import shown as visible_text
from workstation.core.values import EvidenceLink

_MOST_NAME_CHARS = 50


class FindingsPage(Page):
    """The list and the panel."""

    chosen = Signal(str)
    begun = Signal()
    reason_typed = Signal(str, str)
    acted = Signal(str, str, object)
    evidence_opened = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._at = ""
        self._about = basics.label("", "muted")
        self._table: Table[FindingLine] = Table(
            "Findings",
            (
                ("Finding", lambda row: row.finding_id),
                ("What", lambda row: row.title),
                ("State", lambda row: row.state),
                ("CVSS", lambda row: row.score),
            ),
            stretch=1,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._choose())
        self._new = basics.button("Report a finding", self.begun.emit)
        self._list = basics.column(self._about, self._table, basics.row(self._new), gap=2, stretch=True)
        self.form, self._acts = FindingForm(), ActsForm(desk)
        self._acts.reason_typed.connect(lambda text: self.reason_typed.emit(self._at, text))
        self._acts.pressed.connect(lambda name, fields: self.acted.emit(name, self._at, fields))
        self._panel = self._make_panel()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((self._list, 9), (self._panel, 11))))
        save = QShortcut(QKeySequence("Ctrl+Return"), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(self._save)

    def _make_panel(self) -> QWidget:
        self._nothing = basics.label("", "muted")
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._links = QVBoxLayout()
        self._links.setContentsMargins(0, 0, 0, 0)
        links = QWidget()
        links.setLayout(self._links)
        self._history: Table[tuple[str, str, str, str]] = Table(
            "History of the finding",
            (
                ("When", lambda row: row[0]),
                ("Who", lambda row: row[1]),
                ("What", lambda row: row[2]),
                ("Reason", lambda row: row[3]),
            ),
            stretch=3,
        )
        self._detail = basics.column(
            basics.card(self._title, self._facts, links),
            self._acts,
            basics.label("History", "section"),
            self._history,
            gap=2,
        )
        for part in (self._detail, self.form):
            part.hide()
        return basics.column(self._nothing, self.form, self._detail, stretch=True)

    def show_rows(self, rows: Sequence[FindingLine], about: str, *, may_report: bool) -> None:
        """The list."""
        basics.set_text(self._about, about)
        self._new.setVisible(may_report)
        model = self._table.selectionModel()
        model.blockSignals(True)
        self._table.show_rows(rows, keep=True)
        model.blockSignals(False)

    def show_sources(self, paths: Sequence[str], noted: Sequence[tuple[str, str]]) -> None:
        """Files evidence can be chosen from, and what the examination noted."""
        self.form.offer_sources(paths, noted)

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""
        self.form.offer_place(words)

    def show_finding(self, shown: FindingShown) -> None:
        """One finding in the panel."""
        self._at = shown.finding_id
        self._show_part(self._detail)
        basics.set_text(self._title, shown.title)
        self._facts.show_pairs(shown.facts)
        basics.empty(self._links)
        for link in shown.links:
            self._links.addWidget(basics.row(self._evidence_button(link)))
        self._acts.show_acts(shown)
        self._history.show_rows(shown.history)

    def _evidence_button(self, link: EvidenceLink) -> QWidget:
        name = f"{link.untrusted_path} {link.anchor}".strip()
        words = visible_text(name if len(name) <= _MOST_NAME_CHARS else f"\u2026{name[-_MOST_NAME_CHARS:]}")
        # An ampersand would be read as the mark of a key.
        made = basics.button(f"Open {words.replace('&', '&&')}", lambda: self.evidence_opened.emit(link))
        made.setAccessibleName(f"Open the evidence {words}")
        return made

    def show_form(self, fields: FindingFields, *, is_draft: bool) -> None:
        """The form for a new one."""
        self._at = ""
        was_hidden = self.form.isHidden()
        self._show_part(self.form)
        self.form.show_fields(fields, is_draft=is_draft)
        if was_hidden and self.isVisible():
            self.form.focus_first()
            basics.bring(self.form)

    def show_nothing(self, words: str) -> None:
        """An empty panel that says what to do next."""
        self._at = ""
        basics.set_text(self._nothing, words)
        self._show_part(self._nothing)

    def _show_part(self, part: QWidget) -> None:
        for one in (self._nothing, self.form, self._detail):
            one.setVisible(one is part)

    def go_to(self, number: int) -> None:
        """A finding by its place in the list."""
        self._table.sort_by(None)
        self._table.go_to(number)
        self._table.setFocus()

    def focus_first(self) -> None:
        """The form being written, else the list, else what begins one."""
        if not self.form.isHidden():
            self.form.focus_first()
        elif self._table.rows.rowCount() or self._new.isHidden():
            self._table.setFocus()
        else:
            self._new.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The list, and the panel."""
        return (self._list, self._panel)

    def _choose(self) -> None:
        row = self._table.current()
        if row is not None and row.finding_id != self._at:
            self.chosen.emit(row.finding_id)

    def _save(self) -> None:
        if not self.form.isHidden():
            self.form.save()


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
    return view, presenter
