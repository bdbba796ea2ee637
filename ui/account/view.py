"""The person's own page on screen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout

from ui.account.card import CardPart
from ui.account.presenter import AccountPresenter, PassphraseFields
from ui.desk import Desk
from ui.page import Page, Room
from ui.widgets import basics
from workstation.app.wording import word
from workstation.core.people import Person
from workstation.core.vault import SlotFacts

_ABOUT = (
    "Four or five words, or more. Nobody can recover a forgotten passphrase. A copy of the vault made before "
    "still opens with the old one."
)


class AccountPage(Page):
    """Who is at the desk, and a form for another passphrase."""

    submitted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._dates = desk.dates
        self._facts = basics.Facts()
        self._secrets = [basics.line(secret=True) for _ in range(3)]
        rows = basics.form(
            (
                ("Present passphrase", self._secrets[0]),
                ("New passphrase", self._secrets[1]),
                ("The same again", self._secrets[2]),
            )
        )
        self._form = basics.card(
            basics.label("Change my passphrase", "section"),
            basics.label(_ABOUT, "muted"),
            rows,
            basics.row(basics.button("Change my passphrase", self._press, primary=True)),
        )
        self._secrets[2].returnPressed.connect(self._press)
        self.card = CardPart()
        person = basics.card(basics.label("Enrolled here as", "section"), self._facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("My key", "title"))
        left, right = basics.column(self._form, self.card, stretch=True), basics.column(person, stretch=True)
        layout.addWidget(basics.scrolling(basics.Columns((left, 5), (right, 5))), 1)

    def show_person(self, person: Person) -> None:
        """Whose page it is."""
        self._facts.show_pairs(
            (
                ("Name", person.display_name),
                ("Role", word("role", person.role)),
                ("Login name", person.login_name),
                ("Staff number", person.staff_number),
                ("Enrolled", self._dates.day(person.enrolled_at.date())),
            )
        )

    def set_busy(self, *, busy: bool) -> None:
        """While the key is being made."""
        self._form.setEnabled(not busy)
        self.card.setEnabled(not busy)

    def show_card(self, card: SlotFacts | None, *, has_passphrase: bool, needs_beside: bool) -> None:
        """The person's card."""
        self.card.show_card(card, has_passphrase=has_passphrase, needs_beside=needs_beside)

    def show_cards(self, cards: tuple[tuple[str, str], ...]) -> None:
        """The cards that are inserted."""
        self.card.show_cards(cards)

    def _press(self) -> None:
        old, first, again = (basics.take_secret(field) for field in self._secrets)
        self.submitted.emit(PassphraseFields(old=old, first=first, again=again))


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = AccountPage(desk)
    presenter = AccountPresenter(view, desk)
    view.submitted.connect(presenter.change)
    view.card.submitted.connect(presenter.enrol_card)
    view.card.removal_pressed.connect(presenter.remove_card)
    view.card.cards_wanted.connect(presenter.look_for_cards)
    return Room(view=view, presenter=presenter)
