"""Referrals on the left, the chosen one or the form on the right, the memo as pages below."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from ui.list_and_panel import ListAndForm, history_table
from ui.page import Page
from ui.presenting import CasePart
from ui.referrals.forms import ReferralActs, ReferralForm
from ui.referrals.presenter import ReferralsPresenter
from ui.referrals.shown import Offers, ReferralFields, ReferralLine, ReferralShown
from ui.widgets import basics
from ui.widgets.pdf_view import PdfView
from ui.widgets.tables import Table


class ReferralsPage(ListAndForm):
    """The list and the panel."""

    form: ReferralForm

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        table: Table[ReferralLine] = Table(
            "Referrals",
            (
                ("Referral", lambda row: row.referral_id),
                ("Kind", lambda row: row.kind),
                ("State", lambda row: row.state),
                ("Receipt", lambda row: row.receipt),
            ),
            stretch=2,
        )
        self.form, self.acts = ReferralForm(), ReferralActs(desk)
        self._pages = PdfView()
        self._pages.hide()
        self.lay_out_parts(
            table,
            lambda row: str(row.referral_id),
            new="Draft a referral",
            detail=self._make_detail(),
            form=self.form,
            below=self._pages,
        )

    def _make_detail(self) -> QWidget:
        self._title, self._facts = basics.selectable("", "section"), basics.Facts()
        self._history = history_table("History of the referral", "Detail")
        return basics.column(
            basics.card(self._title, self._facts),
            self.acts,
            basics.label("History", "section"),
            self._history,
            gap=2,
        )

    def show_rows(self, rows: Sequence[ReferralLine], about: str, *, may_draft: bool) -> None:
        """The list."""
        self.show_list(rows, about, may_begin=may_draft)

    def show_offers(self, offers: Offers) -> None:
        """What the form can choose from."""
        self.form.show_offers(offers)

    def show_referral(self, shown: ReferralShown) -> None:
        """One referral in the panel."""
        same = self.show_detail(shown.referral_id)
        if not same:
            self._pages.hide()
        basics.set_text(self._title, shown.title)
        self._facts.show_pairs(shown.facts)
        self.acts.show_acts(shown, same=same)
        self._history.show_rows(shown.history)

    def show_form(self, fields: ReferralFields, *, is_draft: bool) -> None:
        """The form for a new one."""
        self._pages.hide()
        self.show_written(lambda: self.form.show_fields(fields, is_draft=is_draft))

    def show_pdf(self, pdf: bytes) -> None:
        """The memo as pages."""
        self._pages.show_pdf(pdf)
        self._pages.show()
        self._pages.setFocus()
        basics.bring(self._pages)

    def set_busy(self, *, busy: bool) -> None:
        """While a memo is being made."""
        self.acts.set_busy(busy=busy)


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
