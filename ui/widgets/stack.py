"""The pages one over the other, as high as the one on top needs; where the window has less room they scroll.

Without it, doubled text and a notice together would ask for a window higher than a small screen.
"""

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QWidget

from ui.widgets import basics

_FEWEST_LINES = 2


class Stack(QStackedWidget):
    """Needs what its page on top needs, whatever the others would."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(lambda _number: self.updateGeometry())

    def minimumSizeHint(self) -> QSize:
        """Of the page on top."""
        page = self.currentWidget()
        return page.minimumSizeHint() if page is not None else QSize()

    def heightForWidth(self, width: int) -> int:
        """The least height at which nothing of the page on top is cut."""
        page = self.currentWidget()
        layout = page.layout() if page is not None else None
        if layout is None:
            return 0
        return layout.totalMinimumHeightForWidth(width) if layout.hasHeightForWidth() else 0


class PageRoom(basics.Scrolling):
    """The room for the pages: as wide as they need, as high as the window lets it be."""

    def __init__(self, pages: QWidget) -> None:
        super().__init__(pages)
        self._pages = pages

    def minimumSizeHint(self) -> QSize:
        """Two lines are seen at least, beside a notice and work under way."""
        lines = _FEWEST_LINES * self.fontMetrics().lineSpacing()
        least = self._pages.minimumSizeHint()
        return QSize(least.width(), min(lines, least.height()))
