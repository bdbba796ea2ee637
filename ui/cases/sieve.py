"""The row above the case list: words that keep fewer cases, and the filters kept under a name."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets import basics

_WORDS = "state:evaluation  tag:cyber  days:<=7  or words of a case"
_HELP = (
    "state:, type:, standing:, tag:, reviewer: (login name), marking:, days: (such as days:<=7), turn:mine. "
    "Words without a colon are looked for in identifier, model, checkpoint and developer. Enter applies."
)


class FilterRow(QWidget):
    """Enter in the field applies what is typed; a kept filter applies when it is chosen."""

    applied = Signal(str)
    kept = Signal(str, str)
    dropped = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._kept: Mapping[str, str] = {}
        self._words = basics.line(_WORDS)
        self._words.setAccessibleName("Show only these cases")
        self._words.setAccessibleDescription(_HELP)
        self._words.setToolTip(_HELP)
        self._words.setClearButtonEnabled(True)
        self._words.returnPressed.connect(self._apply)
        self._choice = basics.choice((("", "Kept filters"),))
        self._choice.setAccessibleName("Kept filters")
        self._choice.activated.connect(lambda _index: self._choose())
        self._keep = basics.button("Keep this filter", self._ask_name)
        self._drop = basics.button("Forget it", lambda: self.dropped.emit(self._choice.value))
        self._name = basics.line("Name of the filter")
        self._name.setAccessibleName("Name under which the filter is kept")
        self._name.returnPressed.connect(self._keep_named)
        self._named = basics.row(
            self._name,
            basics.button("Keep under this name", self._keep_named),
            basics.button("Do not keep", self._leave_name),
        )
        self._named.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.row(self._words, self._choice, self._keep, self._drop, stretch_last=True))
        layout.addWidget(self._named)
        self._offer()

    def show_kept(self, kept: Mapping[str, str]) -> None:
        """The person's filters by name; the one in use stays chosen."""
        chosen = self._choice.value
        self._kept = kept
        self._choice.offer((("", "Kept filters"), *((name, name) for name in sorted(kept))))
        self._choice.choose(chosen if chosen in kept else "")
        self._offer()

    def _offer(self) -> None:
        self._choice.setVisible(bool(self._kept))
        self._drop.setVisible(self._choice.value in self._kept)

    def _choose(self) -> None:
        self._words.setText(self._kept.get(self._choice.value, ""))
        self._apply()

    def _apply(self) -> None:
        if self._kept.get(self._choice.value) != " ".join(self._words.text().split()):
            self._choice.choose("")
        self._offer()
        self.applied.emit(self._words.text())

    def _ask_name(self) -> None:
        self._named.show()
        self._name.setFocus()

    def _leave_name(self) -> None:
        self._named.hide()
        self._words.setFocus()

    def _keep_named(self) -> None:
        self.kept.emit(self._name.text(), self._words.text())

    def was_kept(self, name: str) -> None:
        """The name was taken: the row of it goes, and the filter is the chosen one."""
        self._name.clear()
        self._named.hide()
        self._choice.choose(name)
        self._offer()
        self._words.setFocus()
