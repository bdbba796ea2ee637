"""Tags of a case on its overview: short words that everybody sees and can look for."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from ui.widgets import basics


class TagsCard(QFrame):
    """What stands on the case, and one field for adding a tag or taking one off."""

    added = Signal(str)
    removed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._tags = basics.label("")
        self._word = basics.line("One short word")
        self._word.setAccessibleName("Tag")
        self._word.returnPressed.connect(lambda: self.added.emit(self._word.text()))
        self._acts = basics.row(
            self._word,
            basics.button("Add this tag", lambda: self.added.emit(self._word.text())),
            basics.button("Take this tag off", lambda: self.removed.emit(self._word.text())),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.card(basics.label("Tags", "section"), self._tags, self._acts))

    def show_tags(self, tags: tuple[str, ...], *, offered: bool) -> None:
        """The tags, and whether this person may change them."""
        basics.set_text(self._tags, ", ".join(tags) or "This case has no tag.")
        self._acts.setVisible(offered)

    def forget_typed(self) -> None:
        """What was typed has been recorded."""
        self._word.clear()
