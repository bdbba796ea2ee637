"""Referrals on the left, the chosen one or the form on the right, the memo as pages below."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page
from ui.presenting import CasePart
from ui.referrals.forms import ReferralActs, ReferralForm
from ui.referrals.presenter import ReferralsPresenter
from ui.referrals.shown import Offers, ReferralFields, ReferralLine, ReferralShown
from ui.widgets import basics
from ui.widgets.pdf_view import PdfView
from ui.widgets.tables import Table


class ReferralsPage(Page):
    """The list and the panel."""

    chosen = Signal(str)
    begun = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._at = ""
        self._about = basics.label("", "muted")
        self._table: Table[ReferralLine] = Table(
            "Referrals",
            (
                ("Referral", lambda row: row.referral_id),
                ("Kind", lambda row: row.kind),
                ("State", lambda row: row.state),
                ("Receipt", lambda row: row.receipt),
            ),
            stretch=2,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._choose())
        self._new = basics.button("Draft a referral", self.begun.emit)
        self._list = basics.column(self._about, self._table, basics.row(self._new), gap=2, stretch=True)
        self.form, self.acts = ReferralForm(), ReferralActs(desk)
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
        self._pages = PdfView()
        self._pages.hide()
        self._history: Table[tuple[str, str, str, str]] = Table(
            "History of the referral",
            (
                ("When", lambda row: row[0]),
                ("Who", lambda row: row[1]),
                ("What", lambda row: row[2]),
                ("Detail", lambda row: row[3]),
            ),
            stretch=3,
        )
        self._detail = basics.column(
            basics.card(self._title, self._facts),
            self.acts,
            self._pages,
            basics.label("History", "section"),
            self._history,
            gap=2,
        )
        for part in (self._detail, self.form):
            part.hide()
        return basics.column(self._nothing, self.form, self._detail, stretch=True)

    def show_rows(self, rows: Sequence[ReferralLine], about: str, *, may_draft: bool) -> None:
        """The list."""
        basics.set_text(self._about, about)
        self._new.setVisible(may_draft)
        model = self._table.selectionModel()
        model.blockSignals(True)
        self._table.show_rows(rows, keep=True)
        model.blockSignals(False)

    def show_offers(self, offers: Offers) -> None:
        """What the form can choose from."""
        self.form.show_offers(offers)

    def show_referral(self, shown: ReferralShown) -> None:
        """One referral in the panel."""
        same, self._at = self._at == shown.referral_id, shown.referral_id
        self._show_part(self._detail)
        if not same:
            self._pages.hide()
        basics.set_text(self._title, shown.title)
        self._facts.show_pairs(shown.facts)
        self.acts.show_acts(shown, same=same)
        self._history.show_rows(shown.history)

    def show_form(self, fields: ReferralFields, *, is_draft: bool) -> None:
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
        basics.set_text(self._nothing, words)
        self._show_part(self._nothing)

    def _show_part(self, part: QWidget) -> None:
        for one in (self._nothing, self.form, self._detail):
            one.setVisible(one is part)

    def show_pdf(self, pdf: bytes) -> None:
        """The memo as pages."""
        self._pages.show_pdf(pdf)
        self._pages.show()
        self._pages.setFocus()

    def set_busy(self, *, busy: bool) -> None:
        """While a memo is being made."""
        self.acts.set_busy(busy=busy)

    def go_to(self, number: int) -> None:
        """A referral by its place in the list."""
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
        if row is not None and row.referral_id != self._at:
            self.chosen.emit(row.referral_id)

    def _save(self) -> None:
        if not self.form.isHidden():
            self.form.save()


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = ReferralsPage(desk)
    presenter = ReferralsPresenter(view, desk, changed)
    view.chosen.connect(presenter.choose)
    view.begun.connect(presenter.begin)
    view.form.typed.connect(presenter.type_referral)
    view.form.saved.connect(presenter.save)
    view.form.left.connect(presenter.leave_form)
    view.acts.previewed.connect(presenter.preview)
    view.acts.signed.connect(presenter.sign)
    view.acts.requested.connect(presenter.request)
    view.acts.acknowledged.connect(presenter.acknowledge)
    view.acts.withdrawn.connect(presenter.withdraw)
    view.acts.reader_named.connect(presenter.name_reader)
    return view, presenter
