"""What stands beside an answer: what imports propose, and what the lead can do to the checklist."""

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets import basics
from ui.widgets.text import shown


@dataclass(frozen=True, kw_only=True)
class ProposalShown:
    """One proposal in words; ``usable`` where nothing of the person's own stands in the editor."""

    words: str
    usable: bool


@dataclass(frozen=True, kw_only=True)
class LeadShown:
    """What the lead can do now. Each act is a pair of its name and the words on its button."""

    criterion_acts: tuple[tuple[str, str], ...]
    checklist_acts: tuple[tuple[str, str], ...]
    about: str
    reason: str  # as typed earlier


class Proposals(QWidget):
    """Proposals of imports, each with a button that fills the editor and records nothing."""

    used = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._rows = QVBoxLayout()
        self._rows.setContentsMargins(0, 0, 0, 0)
        rows = QWidget()
        rows.setLayout(self._rows)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        about = basics.label("Nothing is recorded before you save an answer of your own.", "muted")
        layout.addWidget(basics.card(basics.label("Proposed by import", "section"), rows, about))

    def show_proposals(self, proposals: tuple[ProposalShown, ...]) -> None:
        """Replace everything."""
        basics.empty(self._rows)
        self.setVisible(bool(proposals))
        for number, one in enumerate(proposals):
            self._rows.addWidget(basics.selectable(one.words))
            if one.usable:
                self._rows.addWidget(basics.row(self._button(number, one)))

    def _button(self, number: int, one: ProposalShown) -> QWidget:
        made = basics.button("Use it", lambda: self.used.emit(number))
        made.setAccessibleName(f"Use the proposal: {shown(one.words)}")
        return made


class LeadEditor(QWidget):
    """A reason, and the acts it is for: tailoring, returning a checklist, moving to newer criteria."""

    typed = Signal(str)
    pressed = Signal(str, str)

    def __init__(self) -> None:
        super().__init__()
        self._about = basics.label("", "muted")
        self._reason = basics.TextBox("Reason, or feedback to the reviewer", lines=3)
        rows = basics.form((("Reason, or feedback to the reviewer", self._reason),))
        self._acts = QVBoxLayout()
        self._acts.setContentsMargins(0, 0, 0, 0)
        acts = QWidget()
        acts.setLayout(self._acts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.card(basics.label("As lead", "section"), self._about, rows, acts))
        self._filling = False
        self._reason.textChanged.connect(self._changed)

    def show_lead(self, lead: LeadShown) -> None:
        """What can be done now."""
        self._filling = True
        basics.set_text(self._about, lead.about)
        self._about.setVisible(bool(lead.about))
        if self._reason.toPlainText() != lead.reason:
            self._reason.setPlainText(lead.reason)
        self._filling = False
        basics.empty(self._acts)
        for name, words in (*lead.criterion_acts, *lead.checklist_acts):
            self._acts.addWidget(basics.row(self._button(name, words)))

    def _button(self, name: str, words: str) -> QWidget:
        return basics.button(
            words.replace("&", "&&"), lambda: self.pressed.emit(name, self._reason.toPlainText().strip())
        )

    def _changed(self) -> None:
        if not self._filling:
            self.typed.emit(self._reason.toPlainText())
