"""The window of one case as a picture. The page says the same in words and as a table."""

from datetime import date, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from ui.dates import Dates
from ui.timeline.presenter import WindowShown
from workstation.core.window import earliest_start


class WindowPicture(QWidget):
    """From the earliest possible day to the planned release: what has passed, today, the release."""

    def __init__(self, theme_name: str, dates: Dates) -> None:
        super().__init__()
        self._theme, self._dates = theme_name, dates
        self._shown: WindowShown | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_window(self, shown: WindowShown) -> None:
        """What to draw, and the same in words."""
        self._shown, window = shown, shown.window
        self.setAccessibleName("Picture of the access window")
        self.setAccessibleDescription(
            f"Window from {self._dates.day(window.start_on)} to "
            f"{self._dates.day(window.planned_release_on)}. {shown.words}."
        )
        self.update()

    def sizeHint(self) -> QSize:
        """Tall enough for two lines of text above and below the bar, whatever the text size."""
        return QSize(600, self.fontMetrics().lineSpacing() * 6)

    def minimumSizeHint(self) -> QSize:
        """Narrow windows keep the height."""
        return QSize(300, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Bar, elapsed part, today or the determination as a triangle, release as a line; all with words."""
        shown = self._shown
        if shown is None:
            return
        window, as_of = shown.window, shown.as_of
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text, muted = theme.colour(self._theme, "text"), theme.colour(self._theme, "muted")
        line_height = self.fontMetrics().lineSpacing()
        first = min(earliest_start(window.planned_release_on), window.start_on)
        last = max(window.planned_release_on, as_of) + timedelta(days=1)
        span = max(1, (last - first).days)
        left, width = 8.0, float(self.width() - 16)

        def x_of(on: date) -> float:
            return left + width * (on - first).days / span

        top, height = line_height * 2.2, line_height * 1.2
        start, release, today = x_of(window.start_on), x_of(window.planned_release_on), x_of(as_of)
        painter.setPen(QPen(theme.colour(self._theme, "control"), 1.5))
        painter.setBrush(theme.colour(self._theme, "surface"))
        painter.drawRect(QRectF(start, top, release - start, height))
        painter.fillRect(
            QRectF(start, top, max(0.0, min(today, release) - start), height),
            theme.colour(self._theme, "accent"),
        )
        painter.setPen(QPen(text, 2))
        painter.drawLine(QPointF(release, top - 6), QPointF(release, top + height + 6))
        painter.setBrush(text)
        painter.drawPolygon(_pointer(today, top))
        self._write(painter, today, top - 14 - line_height, shown.as_of_words)
        painter.setPen(muted)
        self._write(painter, start, top + height + 4, f"Access began {self._dates.day(window.start_on)}")
        self._write(
            painter,
            release,
            top + height + 4 + line_height,
            f"Planned release {self._dates.day(window.planned_release_on)}",
        )
        painter.end()

    def _write(self, painter: QPainter, x: float, top: float, words: str) -> None:
        """Centred on ``x`` and kept inside the picture."""
        width = self.fontMetrics().horizontalAdvance(words) + 4
        left = max(2.0, min(x - width / 2, self.width() - width - 2.0))
        painter.drawText(
            QRectF(left, top, width, self.fontMetrics().lineSpacing()), Qt.AlignmentFlag.AlignLeft, words
        )


def _pointer(x: float, top: float) -> QPolygonF:
    """A triangle that points down at a day."""
    return QPolygonF([QPointF(x, top - 2), QPointF(x - 6, top - 12), QPointF(x + 6, top - 12)])
