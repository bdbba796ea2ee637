"""The custodian's page on screen: a list and a form."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page, Room
from ui.people.changes import Changes, Lists
from ui.people.confirming import Confirming
from ui.people.presenter import EnrolFields, PeoplePresenter
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app.wording import word
from workstation.core.people import APPOINTED, Duty, Person, Role

_ABOUT = (
    "The new person sits down here and types a passphrase of their own: four or five words, or more. You "
    "confirm with yours. Nobody can recover a forgotten passphrase."
)


_HINTS = {
    True: "Enter on a person: confirming, another role, fresh certificates, leaving.",
    False: "Enter on a person who waits for a confirmation.",
}


def _standing(person: Person) -> str:
    if not person.active:
        return "Has left"
    role = word("role", person.role)
    return role if person.confirmed else f"{role}, waits for a confirmation"


class PeoplePage(Page):
    """Who is enrolled, enrolling somebody, and what comes after."""

    submitted = Signal(object)

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._dates = desk.dates
        self._myself = desk.here.person.person_id
        self.changes, self.lists = Changes(), Lists()
        self.confirming = Confirming(desk.here.person)
        self._manages = desk.here.person.role in APPOINTED[Duty.MANAGE_PEOPLE]
        self._table = self._people_table()
        self._roots = basics.Facts()
        roots = basics.card(
            basics.label("Roots of this office", "section"),
            basics.label("To be told to recipients by another channel.", "muted"),
            self._roots,
        )
        self._form = self._make_form()
        left = basics.column(self._form, stretch=True)
        hint = basics.label(_HINTS[self._manages], "muted")
        if not self._manages:
            for part in (self._form, self.lists):
                part.hide()
        right = basics.column(
            self._table, hint, self.confirming, self.changes, self.lists, roots, stretch=True
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("People", "title"))
        layout.addWidget(basics.scrolling(basics.Columns((left, 4), (right, 6))), 1)

    def _people_table(self) -> Table[Person]:
        return Table(
            "People",
            (
                ("Name", lambda person: person.display_name),
                ("Role", _standing),
                ("Login name", lambda person: person.login_name),
                ("Staff number", lambda person: person.staff_number),
                (
                    "Enrolled",
                    lambda person: self._dates.day(person.enrolled_at.date()),
                    lambda person: person.enrolled_at,
                ),
            ),
            opened=self._open,
            rows=6,
        )

    def _make_form(self) -> QFrame:
        self._texts = {name: basics.line() for name in ("display_name", "staff_number", "login_name")}
        self._role = basics.choice((str(role), word("role", role)) for role in Role)
        self._secrets = [basics.line(secret=True) for _ in range(3)]
        rows = basics.form(
            (
                ("Name", self._texts["display_name"]),
                ("Staff number", self._texts["staff_number"]),
                ("Login name", self._texts["login_name"]),
                ("Role", self._role),
                ("Passphrase of the new person", self._secrets[0]),
                ("The same again", self._secrets[1]),
                ("Your own passphrase", self._secrets[2]),
            )
        )
        self._enrol = basics.button("Enrol this person", self._press, primary=True)
        self._secrets[2].returnPressed.connect(self._press)
        return basics.card(
            basics.label("Enrol a person", "section"),
            basics.label(_ABOUT, "muted"),
            rows,
            basics.row(self._enrol),
        )

    def show_people(self, people: Sequence[Person], roots: Sequence[str], lists_end_at: datetime) -> None:
        """Who is enrolled, the office's roots, and when its revocation lists end."""
        self.lists.show_end(self._dates.day(lists_end_at.date()))
        self._table.show_rows(people, keep=True)
        names = ("P-384, SHA-384", "ML-DSA-87, SHA-384")
        self._roots.show_pairs(zip(names, roots, strict=False))

    def set_busy(self, *, busy: bool) -> None:
        """While keys are being made."""
        for part in (self._form, self.changes, self.lists):
            part.setEnabled(not busy)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for field in self._texts.values():
            field.clear()
        self._role.setCurrentIndex(0)
        self.changes.forget_typed()
        self.changes.hide()
        self.confirming.hide()
        self.focus_first()

    def focus_first(self) -> None:
        """The first field."""
        (self._texts["display_name"] if self._manages else self._table).setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The form and the list."""
        if not self._manages:
            return (self._table, self.confirming)
        return (self._form, self._table, self.confirming, self.changes, self.lists)

    def _open(self, person: Person) -> None:
        self.confirming.show_person(person)
        if self._manages:
            self.changes.show_person(person, myself=person.person_id == self._myself)
        shown = next((part for part in (self.confirming, self.changes) if part.isVisible()), None)
        if shown is not None:
            shown.focus_first()

    def _press(self) -> None:
        first, again, own = (basics.take_secret(field) for field in self._secrets)
        texts = {name: field.text() for name, field in self._texts.items()}
        self.submitted.emit(EnrolFields(role=self._role.value, first=first, again=again, own=own, **texts))


def make(desk: Desk) -> Room:
    """The page with its presenter."""
    view = PeoplePage(desk)
    presenter = PeoplePresenter(view, desk)
    view.submitted.connect(presenter.enrol)
    view.confirming.pressed.connect(presenter.confirm)
    view.changes.renew_pressed.connect(presenter.renew)
    view.changes.retire_pressed.connect(presenter.retire)
    view.lists.issue_pressed.connect(presenter.issue_lists)
    return Room(view=view, presenter=presenter)
