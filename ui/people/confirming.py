"""Saying that somebody whom another enrolled is who the badge says."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets import basics
from workstation.core.confirmations import may_confirm
from workstation.core.people import Person

_ABOUT = (
    "Somebody else enrolled this person. Look at the badge and type the staff number that stands on it. "
    "Until somebody has, this person can look and do nothing."
)


class Confirming(QWidget):
    """About the person chosen in the list; hidden unless whoever is here can confirm that one."""

    pressed = Signal(str, str)  # who, and the number on the badge

    def __init__(self, myself: Person) -> None:
        super().__init__()
        self._myself, self._person_id = myself, ""
        self._name = basics.label("", "section")
        self._number = basics.line()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                self._name,
                basics.label(_ABOUT, "muted"),
                basics.form((("Staff number on the badge", self._number),)),
                basics.row(basics.button("Confirm this person", self._press, primary=True)),
            )
        )
        self.hide()

    def show_person(self, person: Person) -> None:
        """Offer it where it is for this person to say."""
        self._person_id = person.person_id
        basics.set_text(self._name, f"Confirm {person.display_name}")
        self._number.clear()
        self.setVisible(person.active and not person.confirmed and may_confirm(self._myself, person))

    def focus_first(self) -> None:
        """Where the person begins to type."""
        self._number.setFocus()

    def _press(self) -> None:
        self.pressed.emit(self._person_id, self._number.text())
