"""The editors of the checklist's panel. Made once and refilled, so that nothing typed is thrown away."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.checklist.presenter import NO_FILE, AnswerFields
from ui.widgets import basics
from ui.widgets.text import shown
from workstation.app.wording import word
from workstation.core.checklists import Result

_RESULTS = tuple((str(result), word("result", result)) for result in Result)


class AnswerEditor(QWidget):
    """Result, detail, evidence, portion mark."""

    typed = Signal(object)
    saved = Signal(object)
    place_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._result = basics.choice((("", "Choose a result"), *_RESULTS))
        self._detail = basics.TextBox("Detail", lines=5)
        self._evidence = basics.choice(((NO_FILE, "No file"),))
        self._anchor = basics.line("page=3, tensor=NAME, sample=ID, bytes=0-15, or words")
        self._portion = basics.line()
        rows = basics.form(
            (
                ("Result", self._result),
                ("Detail", self._detail),
                ("Evidence in the package", self._evidence),
                ("Place in the file", self._anchor),
                ("Portion mark", self._portion),
            )
        )
        self._noted = basics.label("", "muted")
        use = basics.button("Use the noted place", self.place_asked.emit)
        self._place = basics.row(use, self._noted, stretch_last=True)
        self._place.hide()
        self._ask = basics.label("Choose a result; without one nothing is saved.", "caution")
        self._draft = basics.label("Not saved yet; kept as your draft.", "muted")
        press = basics.button("Save answer  (Ctrl+Enter)", self.save, primary=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = basics.label("Your answer", "section")
        layout.addWidget(basics.card(title, rows, self._place, self._ask, basics.row(press, self._draft)))
        self._ask.hide()
        self._draft.hide()
        self._filling = False
        for choice in (self._result, self._evidence):
            choice.currentIndexChanged.connect(lambda _index: self._changed())
        self._detail.textChanged.connect(self._changed)
        for line in (self._anchor, self._portion):
            line.textEdited.connect(lambda _text: self._changed())

    def offer_files(self, paths: Sequence[str]) -> None:
        """What evidence can be chosen from."""
        self._evidence.offer(((NO_FILE, "No file"), *((path, path) for path in paths)))

    def offer_place(self, words: str) -> None:
        """A place noted while looking at a file; empty when there is none."""
        basics.set_text(self._noted, words)
        self._place.setVisible(bool(words))

    def put_place(self, path: str, anchor: str) -> None:
        """Make it the evidence of this answer."""
        if self._evidence.findData(path) < 0:
            self._evidence.addItem(shown(path), path)
        self._evidence.choose(path)
        self._anchor.setText(anchor)
        self._changed()

    def put_fields(self, fields: AnswerFields) -> None:
        """As if it had been typed."""
        if fields.evidence and self._evidence.findData(fields.evidence) < 0:
            self._evidence.addItem(shown(fields.evidence), fields.evidence)
        self.show_fields(fields, is_draft=True)
        self._changed()

    def show_fields(self, fields: AnswerFields, *, is_draft: bool) -> None:
        """Fill the editor; the cursor stays where nothing changed."""
        self._filling = True
        self._result.choose(fields.result)
        if self._detail.toPlainText() != fields.detail:
            self._detail.setPlainText(fields.detail)
        self._evidence.choose(fields.evidence)
        self._anchor.setText(fields.anchor)
        self._portion.setText(fields.portion)
        self._ask.hide()
        self._draft.setVisible(is_draft)
        self._filling = False

    @property
    def fields(self) -> AnswerFields:
        """What the editor holds."""
        return AnswerFields(
            result=self._result.value,
            detail=self._detail.toPlainText(),
            evidence=self._evidence.value,
            anchor=self._anchor.text(),
            portion=self._portion.text(),
        )

    def save(self) -> None:
        """Ask for the answer to be recorded."""
        self.saved.emit(self.fields)

    def ask_for_result(self) -> None:
        """Nothing was recorded: a result has to be chosen first."""
        self._ask.show()
        self._result.setFocus()

    def focus_first(self) -> None:
        """The result."""
        self._result.setFocus()

    def _changed(self) -> None:
        if not self._filling:
            self._ask.hide()
            self._draft.show()
            self.typed.emit(self.fields)


class SettleEditor(QWidget):
    """The lead's decision where the reviewers differ."""

    typed = Signal(str, str)
    saved = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._result, self._reason = basics.choice(_RESULTS), basics.TextBox("Reason for settling", lines=3)
        rows = basics.form((("Settled result", self._result), ("Reason for settling", self._reason)))
        press = basics.button(
            "Settle this difference",
            lambda: self.saved.emit(self._result.value, self._reason.toPlainText().strip()),
            primary=True,
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        title = basics.label("The reviewers differ", "section")
        layout.addWidget(basics.card(title, rows, basics.row(press)))
        self._filling = False
        self._result.currentIndexChanged.connect(lambda _index: self._changed())
        self._reason.textChanged.connect(self._changed)

    def show_fields(self, result: str, reason: str) -> None:
        """Fill the editor."""
        self._filling = True
        self._result.choose(result or str(Result.CANNOT_TELL))
        if self._reason.toPlainText() != reason:
            self._reason.setPlainText(reason)
        self._filling = False

    def _changed(self) -> None:
        if not self._filling:
            self.typed.emit(self._result.value, self._reason.toPlainText())
