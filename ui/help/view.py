"""The user guide as plain text inside the window; shown with the vault open or locked."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QVBoxLayout, QWidget

import resources
from ui import keys
from ui.page import Page
from ui.widgets import basics

KEYS_TOPIC = "keys"
# Which chapter of the guide belongs to which page or tab.
CHAPTERS: tuple[tuple[str, str], ...] = (
    ("start", "Starting, unlocking, locking"),
    ("home", "What needs me next"),
    ("search", "Finding things"),
    ("cases", "Cases"),
    ("windows", "All windows"),
    ("overview", "A case: overview"),
    ("package", "A case: package"),
    ("checklist", "A case: checklist"),
    ("benchmarks", "A case: benchmarks"),
    ("findings", "A case: findings"),
    ("referrals", "A case: referrals"),
    ("timeline", "A case: timeline"),
    ("determination", "A case: determination"),
    ("partners", "A case: trusted partners"),
    ("export", "A case: report and export"),
    ("history", "A case: history"),
    ("releases", "Releases"),
    ("media", "Media and recipients"),
    ("verify", "Verify an export"),
    ("people", "People"),
    ("audit", "Audit trail"),
    ("register", "Register"),
    ("content", "Content sets"),
    ("vault", "Vault"),
    ("account", "My key"),
    ("certificates", "Certificates"),
    ("settings", "Settings"),
    ("training", "Training"),
    (KEYS_TOPIC, "Keys"),
)


def text_of(chapter: str) -> str:
    """The words of one chapter."""
    if chapter == KEYS_TOPIC:
        return f"Keys\n\n{keys.sheet()}\n"
    return resources.read_text(f"guide/{chapter}.md")


class HelpPage(Page):
    """A list of chapters and the text of one."""

    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._chapter = basics.choice(CHAPTERS)
        self._chapter.setAccessibleName("Chapter")
        self._text = basics.TextBox("Text of the chapter", lines=4)
        self._text.setObjectName("guide")
        self._text.setReadOnly(True)
        self._chapter.currentIndexChanged.connect(lambda _index: self._show())
        back = basics.button("Back to work  (Esc)", self.left.emit, primary=True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.label("Help", "title"))
        layout.addWidget(basics.row(back, self._chapter, stretch_last=True))
        layout.addWidget(self._text, 1)

    def show_chapter(self, chapter: str) -> None:
        """One chapter by name."""
        self._chapter.choose(chapter)
        self._show()

    def _show(self) -> None:
        self._text.setPlainText(text_of(self._chapter.value))
        self._text.moveCursor(QTextCursor.MoveOperation.Start)

    def focus_first(self) -> None:
        """The text, to be read with the arrow keys."""
        self._text.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The chapters and the text."""
        return (self._chapter, self._text)
