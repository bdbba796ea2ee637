"""Getting a custodian back in: the officers' keys, one line each, and a new passphrase."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from ui.unlock.view import CentredPage
from ui.widgets import basics
from workstation.app.wording import sentence
from workstation.core.recovery import RecoveryFacts


class RecoverPage(CentredPage):
    """As many keys as are needed. What is typed stays hidden, as a passphrase does."""

    submitted = Signal(str, list, object, object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._name = basics.line()
        self._about, self._set = (
            basics.label(sentence("recovery", "about"), "muted"),
            basics.label("", "muted"),
        )
        self._keys = basics.column()
        self._lines: list[QLineEdit] = []
        self._first, self._again = basics.line(secret=True), basics.line(secret=True)
        self._recover = basics.button("Recover", self._submit, primary=True)
        self._back = basics.button("Back", self.left.emit)
        self._again.returnPressed.connect(self._submit)
        self.compose(
            "Recover with officers' keys",
            self._about,
            self._set,
            basics.form((("Login name of the custodian", self._name),)),
            self._keys,
            basics.form((("New passphrase", self._first), ("The same again", self._again))),
            basics.row(self._recover, self._back),
            chars=90,
        )

    def ask_for(self, facts: RecoveryFacts | None) -> None:
        """One line for each key that is needed."""
        needed = 0 if facts is None else facts.needed
        layout = self._keys.layout()
        if layout is not None and len(self._lines) != needed:
            while (item := layout.takeAt(0)) is not None:
                basics.discard(item.widget())
            self._lines = [basics.line(secret=True) for _ in range(needed)]
            rows = [(f"Recovery key {number}", line) for number, line in enumerate(self._lines, start=1)]
            layout.addWidget(basics.form(rows))
        text = "" if facts is None else f"{facts.needed} of {facts.officers} keys of the set {facts.set_id}"
        basics.set_text(self._set, text)

    def set_busy(self, *, busy: bool) -> None:
        """While the vault is being opened."""
        for widget in (self._name, *self._lines, self._first, self._again, self._recover, self._back):
            widget.setEnabled(not busy)
        self._recover.setText("Recovering" if busy else "Recover")

    def focus_first(self) -> None:
        """Where the keyboard begins: the first line that is still empty."""
        empty = [line for line in (self._name, *self._lines, self._first) if not line.text()]
        (empty[0] if empty else self._recover).setFocus()

    def _submit(self) -> None:
        texts = [basics.take_secret(line).decode(errors="replace") for line in self._lines]
        secrets = (basics.take_secret(line) for line in (self._first, self._again))
        self.submitted.emit(self._name.text().strip(), texts, *secrets)
