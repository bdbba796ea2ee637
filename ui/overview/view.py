"""Where the case stands, what comes next, and the acts that move it, on screen."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.overview.authority import AuthorityCard
from ui.overview.destroying import DestroyCard
from ui.overview.destroying_presenter import DestroyPresenter
from ui.overview.exits import ExitsCard
from ui.overview.presenter import OverviewPresenter, Standing
from ui.overview.tags import TagsCard
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.widgets.fields import DateField
from ui.window_words import VOLUNTARY

_VOLUNTARY = f"{VOLUNTARY}. Section 3(c) of Executive Order 14409 makes nothing in this review mandatory."


class OverviewPage(Page):
    """Next step and facts first, then what the person at the desk can do."""

    went = Signal()
    assigned = Signal(str, str)
    begun = Signal()
    revised = Signal(object, str)
    withdrawn = Signal(str, str)
    closed = Signal(str)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._next, self._turn = basics.label(""), basics.label("", "good")
        self._go = basics.button("Go", self.went.emit, primary=True)
        self._begin = basics.button("Begin the evaluation today", self.begun.emit, primary=True)
        self._about_begin = basics.label(
            "For pre-release access today becomes the trigger day of the window, which is not counted.",
            "muted",
        )
        self._facts = basics.Facts()
        next_card = basics.card(
            basics.label("Next step", "section"),
            self._next,
            self._turn,
            self._about_begin,
            basics.row(self._go, self._begin),
        )
        facts = basics.card(
            basics.label("The case", "section"), self._facts, basics.label(_VOLUNTARY, "muted")
        )
        self._assign_card, self._date_card = self._assign(), self._date(desk)
        self._withdraw_card, self._close_card = self._withdraw(), self._close()
        self.exits, self.destroying = ExitsCard(desk), DestroyCard()
        self.tags, self.authority = TagsCard(), AuthorityCard()
        left = basics.column(next_card, facts, self.authority, self.tags, stretch=True)
        self._acts = basics.column(
            self._assign_card,
            self._date_card,
            self._close_card,
            self._withdraw_card,
            self.exits,
            self.destroying,
            stretch=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(basics.Columns((left, 3), (self._acts, 2))))

    def _assign(self) -> QFrame:
        self._first, self._second = basics.choice(()), basics.choice(())
        press = basics.button(
            "Assign these two", lambda: self.assigned.emit(self._first.value, self._second.value)
        )
        rows = basics.form((("First reviewer", self._first), ("Second reviewer", self._second)))
        return basics.card(basics.label("Reviewers", "section"), rows, basics.row(press))

    def _date(self, desk: Desk) -> QFrame:
        self._planned = DateField(desk.dates, desk.here.today())
        self._date_reason = basics.line("As the developer states it")
        press = basics.button(
            "Record this date",
            lambda: self.revised.emit(self._planned.value, self._date_reason.text().strip()),
        )
        rows = basics.form((("Planned release", self._planned), ("Reason for the change", self._date_reason)))
        about = basics.label("The date is the developer's; the window follows it.", "muted")
        return basics.card(basics.label("Release date", "section"), about, rows, basics.row(press))

    def _withdraw(self) -> QFrame:
        self._disposition = basics.line("Returned, or destroyed")
        self._withdraw_reason = basics.line("As the developer states it")
        press = basics.button(
            "Record the withdrawal",
            lambda: self.withdrawn.emit(
                self._disposition.text().strip(), self._withdraw_reason.text().strip()
            ),
        )
        about = basics.label("The developer may withdraw at any time. The record stays.", "muted")
        rows = basics.form(
            (("What becomes of the material", self._disposition), ("Reason given", self._withdraw_reason))
        )
        return basics.card(basics.label("Withdrawal", "section"), about, rows, basics.row(press))

    def _close(self) -> QFrame:
        self._close_reason = basics.line()
        press = basics.button("Close this case", lambda: self.closed.emit(self._close_reason.text().strip()))
        about = basics.label("Nothing more is expected; the record stays.", "muted")
        rows = basics.form((("Reason for closing", self._close_reason),))
        return basics.card(basics.label("Closing", "section"), about, rows, basics.row(press))

    def show_standing(self, standing: Standing) -> None:
        """Facts, next step, and the acts on offer."""
        offer, began = standing.offer, self._begin.hasFocus()
        basics.set_text(self._next, standing.next_step)
        basics.set_text(self._turn, standing.turn)
        self._turn.setVisible(bool(standing.turn))
        self._go.setText(standing.next_words or "Go")
        self._go.setVisible(bool(standing.next_words))
        self._begin.setVisible(offer.begin)
        self._about_begin.setVisible(offer.begin)
        if began and not offer.begin and standing.next_words:
            self._go.setFocus()
        self._facts.show_pairs(standing.facts)
        self.tags.show_tags(standing.tags, offered=offer.tag)
        self.authority.offer(standing.authority, cui=standing.is_cui, may=offer.authority)
        for number, chosen in enumerate((self._first, self._second)):
            chosen.offer(standing.able)
            named = standing.reviewers[number : number + 1]
            chosen.choose(named[0] if named else standing.able[min(number, len(standing.able) - 1)][0])
        if not self._date_reason.text():
            self._planned.show_date(standing.planned_on)
        shown = (offer.assign, offer.revise, offer.close, offer.withdraw)
        cards = (self._assign_card, self._date_card, self._close_card, self._withdraw_card)
        for card, is_shown in zip(cards, shown, strict=True):
            card.setVisible(is_shown)
        self.exits.offer(standing.exits, standing.replaceable, standing.able)
        ending = not self.destroying.isHidden()
        self._acts.setVisible(any(shown) or bool(standing.exits) or ending)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for field in (self._date_reason, self._withdraw_reason, self._disposition, self._close_reason):
            field.clear()
        self.exits.forget_typed()

    def forget_tag(self) -> None:
        """The tag that was typed has been recorded."""
        self.tags.forget_typed()

    def forget_authority(self) -> None:
        """The authority that was typed has been recorded."""
        self.authority.forget_typed()

    def restore_authority(self, kept: Mapping[str, str]) -> None:
        """What was typed about the authority before a lock or a crash."""
        self.authority.restore(kept)

    def restore_exit(self, kept: Mapping[str, str]) -> None:
        """What was typed about an exit before a lock or a crash."""
        self.exits.restore(kept)

    def show_closing(self) -> None:
        """Scroll to the card that closes the case and enter it."""
        basics.bring(self._close_card)
        self._close_reason.setFocus()

    def focus_first(self) -> None:
        """The next step's button, or the page."""
        shown = [button for button in (self._begin, self._go) if not button.isHidden()]
        if shown:
            shown[0].setFocus()
        else:
            super().focus_first()

    def panes(self) -> Sequence[QWidget]:
        """The next step, and the acts."""
        return (self._go, self._begin, self.authority, self.tags, self._acts)


def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
    """The tab with its presenter."""
    view = OverviewPage(desk)
    presenter = OverviewPresenter(view, desk, changed)
    view.went.connect(presenter.go)
    view.assigned.connect(presenter.assign)
    view.begun.connect(presenter.begin)
    view.revised.connect(presenter.revise)
    view.withdrawn.connect(presenter.withdraw)
    view.closed.connect(presenter.close)
    view.exits.pressed.connect(presenter.leave_the_line)
    view.exits.typed.connect(presenter.keep_exit)
    view.authority.stated.connect(presenter.state_authority)
    view.authority.typed.connect(presenter.keep_authority)
    view.tags.added.connect(presenter.tag)
    view.tags.removed.connect(presenter.untag)
    ending = DestroyPresenter(view.destroying, desk, changed)
    presenter.beside(ending)
    view.destroying.looked.connect(ending.look)
    view.destroying.asked.connect(ending.ask)
    view.destroying.taken_back.connect(ending.take_back)
    view.destroying.ended.connect(ending.carry_out)
    view.destroying.typed.connect(ending.keep)
    return view, presenter
