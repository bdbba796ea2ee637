"""Training on screen: what the cases are for; let days pass, or begin again."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page, Room
from ui.training.presenter import CASES, TrainingPresenter, TrainingShown
from ui.widgets import basics

_ABOUT = "Only in a demonstration. Both lock the vault; whoever unlocks it next finds it as it then is."
_EVERYBODY = "Everybody unlocks with the passphrase that was printed when the demonstration began."


class TrainingPage(Page):
    """What to let a class do, and two controls; the one that throws away asks a second time."""

    passed = Signal(int)
    begun_again = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._now, self._days = basics.Facts(), basics.choice(())
        self._thrown = basics.label("")
        self._ask = basics.button("Begin the demonstration again", lambda: self._asking(asked=True))
        self._keep = basics.button("Keep it", lambda: self._asking(asked=False))
        self._throw = basics.button("Throw it away and begin again", self.begun_again.emit)
        time = basics.card(
            basics.label("The demonstration's clock", "section"),
            self._now,
            basics.form([("Let pass", self._days)]),
            basics.row(basics.button("Let these days pass", self._pass, primary=True)),
        )
        again = basics.card(
            basics.label("Begin again", "section"),
            self._thrown,
            basics.row(self._ask, self._keep, self._throw),
        )
        cases = basics.card(
            basics.label("The three cases it begins with", "section"),
            basics.label(_EVERYBODY, "muted"),
            *(_case(*one) for one in CASES),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Training", "title"))
        layout.addWidget(basics.label(_ABOUT, "muted"))
        layout.addWidget(basics.scrolling(basics.column(time, cases, again, stretch=True)), 1)
        self._asking(asked=False)

    def show_training(self, shown: TrainingShown) -> None:
        """Everything at once."""
        self._now.show_pairs((("Now", shown.now),))
        self._days.offer(shown.days)
        basics.set_text(self._thrown, shown.thrown_away)
        self._asking(asked=False)

    def focus_first(self) -> None:
        """The days."""
        self._days.setFocus()

    def _pass(self) -> None:
        self.passed.emit(int(self._days.value))

    def _asking(self, *, asked: bool) -> None:
        """The keyboard goes to what keeps everything."""
        held = self._ask.hasFocus() or self._keep.hasFocus()
        self._keep.setVisible(asked)
        self._throw.setVisible(asked)
        self._ask.setVisible(not asked)
        if held:
            (self._keep if asked else self._ask).setFocus()


def _case(title: str, what: str, steps: Sequence[str]) -> QWidget:
    numbered = (basics.label(f"{number}. {step}") for number, step in enumerate(steps, start=1))
    return basics.column(basics.label(title, "strong"), basics.label(what, "muted"), *numbered, gap=1)


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = TrainingPage()
    presenter = TrainingPresenter(view, desk)
    view.passed.connect(presenter.pass_days)
    view.begun_again.connect(presenter.begin_again)
    return Room(view=view, presenter=presenter)
