"""The form for a result entered by hand. Made once and refilled, so that nothing typed is thrown away."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.benchmarks.shown import FIELDS, Options
from ui.widgets import basics

_HINTS = {
    "value": "with a point, such as 0.65",
    "run_on": "a date, as the log states it",
    "runs": "0.61 0.66 0.64",
    "standard_error": "as reported",
}
_MEASURED = {"samples", "errors", "repeats", "runs", "standard_error", "low", "high", "incomplete"}
_JUDGED = {"cheating", "contamination", "corrects", "note", "portion"}


class ResultForm(QWidget):
    """Every field of a result, in three groups."""

    typed = Signal(object)
    saved = Signal(object)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._widgets: dict[str, basics.Choice | basics.TextBox | QLineEdit] = {}
        self._filling = False
        for name, label, kind in FIELDS:
            self._widgets[name] = self._field(name, label, kind)
        self._draft = basics.label("Not recorded yet; kept as your draft.", "muted")
        press = basics.button("Record result  (Ctrl+Enter)", self.save, primary=True)
        back = basics.button("Back to the reading", self.left.emit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        first = [name for name, _label, _kind in FIELDS if name not in _MEASURED | _JUDGED]
        measured = [name for name, _label, _kind in FIELDS if name in _MEASURED]
        judged = [name for name, _label, _kind in FIELDS if name in _JUDGED]
        layout.addWidget(
            basics.card(
                basics.label("Enter a result", "section"),
                self._group(first),
                basics.label("How sure it is", "section"),
                self._group(measured),
                basics.label("What is known against it", "section"),
                self._group(judged),
                basics.row(press, back, self._draft),
            )
        )
        self._draft.hide()

    def _group(self, names: list[str]) -> QWidget:
        labels = {name: label for name, label, _kind in FIELDS}
        return basics.form((labels[name], self._widgets[name]) for name in names)

    def _field(self, name: str, label: str, kind: str) -> basics.Choice | basics.TextBox | QLineEdit:
        if kind == "choice":
            choice = basics.choice(())
            choice.currentIndexChanged.connect(lambda _index: self._changed())
            return choice
        if kind == "text":
            box = basics.TextBox(label, lines=3)
            box.textChanged.connect(self._changed)
            return box
        line = basics.line(_HINTS.get(name, ""))
        line.textEdited.connect(lambda _text: self._changed())
        return line

    def offer(self, options: Mapping[str, Options]) -> None:
        """What the choices offer."""
        self._filling = True
        for name, pairs in options.items():
            widget = self._widgets[name]
            if isinstance(widget, basics.Choice):
                widget.offer(pairs)
        self._filling = False

    def show_fields(self, fields: Mapping[str, str], *, is_draft: bool) -> None:
        """Fill the form; the cursor stays where nothing changed."""
        self._filling = True
        for name, widget in self._widgets.items():
            text = fields.get(name, "")
            if isinstance(widget, basics.Choice):
                widget.choose(text)
            elif isinstance(widget, basics.TextBox):
                if widget.toPlainText() != text:
                    widget.setPlainText(text)
            elif widget.text() != text:
                widget.setText(text)
        self._draft.setVisible(is_draft)
        self._filling = False

    @property
    def fields(self) -> dict[str, str]:
        """What the form holds."""
        found = {}
        for name, widget in self._widgets.items():
            if isinstance(widget, basics.Choice):
                found[name] = widget.value
            elif isinstance(widget, basics.TextBox):
                found[name] = widget.toPlainText()
            else:
                found[name] = widget.text()
        return found

    def save(self) -> None:
        """Ask for the result to be recorded."""
        self.saved.emit(self.fields)

    def focus_first(self) -> None:
        """Which benchmark it is."""
        self._widgets["what"].setFocus()

    def _changed(self) -> None:
        if not self._filling:
            self._draft.show()
            self.typed.emit(self.fields)
