"""Recovery keys on the page of the vault: how many, then one officer after the other alone at the screen."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QSpinBox, QVBoxLayout

from ui.widgets import basics, choosing
from workstation.app.wording import sentence
from workstation.core.recovery import RecoveryFacts

_MOST, _LEAST = 9, 2


class RecoveryPart(QFrame):
    """A form to begin by, and the turn of each officer."""

    begin_pressed = Signal(int, int, object)
    typed_back = Signal(str)
    sheet_wanted = Signal(object)
    abandoned = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._state = basics.label("", "muted")
        self._needed, self._officers = _number(3), _number(5)
        self._secret, self._back = basics.line(secret=True), basics.line(secret=True)
        self._key = basics.label("", "title", wrap=False)
        self._key.setAccessibleName("Recovery key")
        self._whose = basics.label("", "section")
        self._begin = basics.column(
            basics.label(sentence("recovery", "issue-about"), "muted"),
            basics.form(
                (
                    ("Officers needed", self._needed),
                    ("Officers in all", self._officers),
                    ("Your passphrase, for new keys", self._secret),
                )
            ),
            basics.row(basics.button("Make new recovery keys", self._press)),
        )
        self._turn = basics.column(
            self._whose,
            self._key,
            basics.form((("Type the key back", self._back),)),
            basics.row(
                basics.button("Confirm, next officer", self._confirm, primary=True),
                basics.button("Save the sheet to my medium", self._ask_folder),
                basics.button("Stop; the keys of before stay", self._stop),
            ),
        )
        self._back.returnPressed.connect(self._confirm)
        self.setObjectName("card")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        title = basics.label("Recovery keys", "section")
        basics.fill(QVBoxLayout(self), (title, self._state, self._begin, self._turn), gap=3, margin=4)
        self._turn.hide()

    def show_state(self, facts: RecoveryFacts | None) -> None:
        """Whether there are keys in force."""
        text = "No recovery keys are in force: who loses every way in cannot be helped."
        if facts is not None:
            text = f"In force: any {facts.needed} of {facts.officers} officers, set {facts.set_id}."
        basics.set_text(self._state, text)

    def show_officer(self, officer: int, officers: int, key: str) -> None:
        """One officer's turn: the key, and nothing of the others."""
        basics.set_text(self._whose, sentence("recovery", "screen", officer=officer, officers=officers))
        groups = key.split()
        half = len(groups) // 2
        basics.set_text(self._key, "\n".join("  ".join(row) for row in (groups[:half], groups[half:])))
        self._back.clear()
        self._begin.hide()
        self._turn.show()
        self._back.setFocus()

    def end(self) -> None:
        """Nobody's key is on screen any more."""
        basics.set_text(self._key, "")
        basics.take_secret(self._back)
        self._turn.hide()
        self._begin.show()

    def _press(self) -> None:
        self.begin_pressed.emit(
            self._needed.value(), self._officers.value(), basics.take_secret(self._secret)
        )

    def _confirm(self) -> None:
        self.typed_back.emit(basics.take_secret(self._back).decode(errors="replace"))

    def _ask_folder(self) -> None:
        choosing.folder(self, "Folder on the officer's own medium", self.sheet_wanted.emit)

    def _stop(self) -> None:
        self.end()
        self.abandoned.emit()


def _number(value: int) -> QSpinBox:
    made = QSpinBox()
    made.setRange(_LEAST, _MOST)
    made.setValue(value)
    return made
