"""Settings on screen: four lists, two buttons, and what an administrator has set."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.desk import Desk
from ui.page import Page, Room
from ui.settings.presenter import SettingsPresenter, SettingsShown
from ui.widgets import basics

_CAPTIONS = {
    "theme": "Theme",
    "text_percent": "Size of text",
    "dates": "Dates",
    "lock_after_minutes": "Lock the vault after",
}


class SettingsPage(Page):
    """What is one's own above, what is the workstation's below."""

    used = Signal(object)
    reset = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices = {name: basics.choice(()) for name in _CAPTIONS}
        self._fixed = basics.Facts()
        use = basics.button("Use these settings", self._use, primary=True)
        again = basics.button("As this workstation is set", self.reset.emit)
        own = basics.card(
            basics.label("Yours", "section"),
            basics.label("Kept in the vault under your name; nobody else is changed by them.", "muted"),
            basics.form((caption, self._choices[name]) for name, caption in _CAPTIONS.items()),
            basics.row(use, again),
        )
        station = basics.card(
            basics.label("The workstation's", "section"),
            basics.label("Only an administrator changes these, in the file named here.", "muted"),
            self._fixed,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Settings", "title"))
        layout.addWidget(basics.scrolling(basics.column(own, station, stretch=True)), 1)

    def show_settings(self, shown: SettingsShown) -> None:
        """Everything at once."""
        for name, box in self._choices.items():
            box.offer(shown.options[name])
            box.choose(shown.chosen[name])
        self._fixed.show_pairs(shown.fixed)

    def focus_first(self) -> None:
        """The theme."""
        self._choices["theme"].setFocus()

    def _use(self) -> None:
        self.used.emit({name: box.value for name, box in self._choices.items()})


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = SettingsPage()
    presenter = SettingsPresenter(view, desk)
    view.used.connect(presenter.use)
    view.reset.connect(presenter.reset)
    return Room(view=view, presenter=presenter)
