"""After enrolment: roles, certificates, keys that are taken away, revocation lists."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from ui.people.presenter import ChangeFields
from ui.widgets import basics
from workstation.app.wording import sentence, word
from workstation.core.people import Person, Role
from workstation.core.signing_cards import CardChoice

_RENEW = (
    "Fresh signing keys and certificates, in this role from now on. The person types their passphrase, you "
    "confirm with yours. What they did before still counts as theirs."
)


class Changes(QWidget):
    """Forms about the person chosen in the list; hidden until one is."""

    renew_pressed = Signal(object)
    retire_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._person: Person | None = None
        self._name = basics.label("", "section")
        self._reason = basics.line()
        self._own = basics.line(secret=True)
        self._role = basics.choice((str(role), word("role", role)) for role in Role)
        self._theirs = basics.line(secret=True)
        self._by_card = QCheckBox("Signs with a smart card, which is inserted now")
        self._pin, self._card_key = basics.line(secret=True), basics.line("Only where the card has several")
        self._card = basics.form(
            (("PIN of the person's card", self._pin), ("Key on the card", self._card_key))
        )
        self._card.setVisible(False)
        self._by_card.toggled.connect(self._card.setVisible)
        self._revoke = QCheckBox("Also revoke the certificates")
        self._revoking = basics.label(sentence("people", "revoking"), "muted")
        self._revoking.setVisible(False)
        self._revoke.toggled.connect(self._revoking.setVisible)
        self._retire = basics.button("Take the key away", self._press_retire)
        both = basics.form((("Reason", self._reason), ("Your passphrase, for this change", self._own)))
        renew = basics.column(
            basics.label("Role and certificates", "strong"),
            basics.label(_RENEW, "muted"),
            basics.form((("Role from now on", self._role), ("Passphrase of the person", self._theirs))),
            self._by_card,
            self._card,
            basics.row(basics.button("Renew role and certificates", self._press_renew)),
        )
        retire = basics.column(
            basics.label("Leaving", "strong"),
            basics.label(sentence("people", "old-copies"), "muted"),
            self._revoke,
            self._revoking,
            basics.row(self._retire),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.card(self._name, both, renew, retire))
        self.hide()

    def show_person(self, person: Person | None, *, myself: bool) -> None:
        """Offer what can be done about this person; nothing about oneself or somebody who has left."""
        self._person = person
        if person is not None:
            basics.set_text(self._name, f"Change {person.display_name}")
            self._role.choose(str(person.role))
            self._retire.setText(f"Take the key of {person.login_name} away")
        self.setVisible(person is not None and person.active and not myself)

    def focus_first(self) -> None:
        """Where the person begins to type."""
        self._reason.setFocus()

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        for field in (self._reason, self._own, self._theirs, self._pin, self._card_key):
            field.clear()
        self._by_card.setChecked(False)
        self._revoke.setChecked(False)

    def _fields(self) -> ChangeFields | None:
        if self._person is None:
            return None
        return ChangeFields(
            person_id=self._person.person_id,
            role=self._role.value,
            reason=self._reason.text(),
            revoke_certificates=self._revoke.isChecked(),
            own=basics.take_secret(self._own),
            theirs=basics.take_secret(self._theirs),
            card=self._chosen_card(),
        )

    def _chosen_card(self) -> CardChoice | None:
        pin = basics.take_secret(self._pin)
        if not self._by_card.isChecked():
            return None
        return CardChoice(pin=pin, label=self._card_key.text().strip())

    def _press_renew(self) -> None:
        self.renew_pressed.emit(self._fields())

    def _press_retire(self) -> None:
        self.retire_pressed.emit(self._fields())


class Lists(QWidget):
    """When the revocation lists end, and making fresh ones."""

    issue_pressed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._ends = basics.label()
        self._own = basics.line(secret=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                basics.label("Revocation lists", "section"),
                self._ends,
                basics.form((("Your passphrase, for fresh lists", self._own),)),
                basics.row(
                    basics.button(
                        "Issue fresh lists", lambda: self.issue_pressed.emit(basics.take_secret(self._own))
                    )
                ),
            )
        )

    def show_end(self, day: str) -> None:
        """The day after which recipients refuse what rests on the present lists."""
        basics.set_text(
            self._ends,
            f"They end on {day}. After that nothing signed here verifies until there are fresh ones.",
        )
