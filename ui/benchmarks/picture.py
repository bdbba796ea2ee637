"""One criterion's results on its scale, with their intervals and the threshold. The table says the same."""

from decimal import Decimal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui import theme
from workstation.app.wording import word
from workstation.core.readings import CriterionReading, plain

_MOST_BARS = 12
_EDGE = 12.0


class ReadingPicture(QWidget):
    """A line for each result: a dot, its interval as a bar with ends, the threshold as a thick line."""

    def __init__(self, theme_name: str) -> None:
        super().__init__()
        self._theme = theme_name
        self._reading: CriterionReading | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_reading(self, reading: CriterionReading) -> None:
        """What to draw, and the same in words."""
        self._reading = reading
        criterion = reading.criterion
        told = [
            f"{one.result.result_id}: {plain(one.result.measured.value)}, from {plain(one.interval.low)} to "
            f"{plain(one.interval.high)}"
            for one in reading.results
        ]
        self.setAccessibleName(f"Picture of the results for {criterion.criterion_id}")
        self.setAccessibleDescription(
            f"Scale from {plain(criterion.scale_from)} to {plain(criterion.scale_to)} {criterion.unit}, "
            f"threshold {word('direction', criterion.direction)} {plain(criterion.threshold)}. "
            f"{'. '.join(told) or 'No result'}."
        )
        self.updateGeometry()
        self.update()

    @property
    def _bars(self) -> int:
        return min(_MOST_BARS, len(self._reading.results)) if self._reading else 0

    def sizeHint(self) -> QSize:
        """A line of text for each result, one for the threshold, two for the scale."""
        return QSize(500, int(self.fontMetrics().lineSpacing() * (3.4 + 2.0 * max(1, self._bars))))

    def minimumSizeHint(self) -> QSize:
        """Narrow windows keep the height."""
        return QSize(260, self.sizeHint().height())

    def _x(self, value: Decimal) -> float:
        if self._reading is None:
            return _EDGE
        criterion = self._reading.criterion
        share = float((value - criterion.scale_from) / (criterion.scale_to - criterion.scale_from))
        return _EDGE + (self.width() - 2 * _EDGE) * min(max(share, 0.0), 1.0)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Scale, threshold, results; every one with words."""
        reading = self._reading
        if reading is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        criterion, line = reading.criterion, float(self.fontMetrics().lineSpacing())
        text, muted = theme.colour(self._theme, "text"), theme.colour(self._theme, "muted")
        top, bottom = line * 1.4, line * (1.4 + 2.0 * max(1, self._bars))
        painter.setPen(QPen(theme.colour(self._theme, "control"), 1))
        painter.drawLine(QPointF(_EDGE, bottom), QPointF(self.width() - _EDGE, bottom))
        painter.setPen(QPen(muted, 1))
        for end in (criterion.scale_from, criterion.scale_to):
            self._write(painter, self._x(end), bottom + 4, plain(end))
        threshold = self._x(criterion.threshold)
        painter.setPen(QPen(text, 3))
        painter.drawLine(QPointF(threshold, top - 2), QPointF(threshold, bottom + 5))
        said = f"Threshold: {word('direction', criterion.direction)} {plain(criterion.threshold)}"
        self._write(painter, threshold, 0.0, said)
        if not reading.results:
            painter.setPen(QPen(muted, 1))
            # Beside the line of the threshold, where there is more room.
            left = threshold > self.width() / 2
            self._write(painter, self.width() * (0.25 if left else 0.75), top + line * 0.5, "No result")
        self._results(painter, reading, top, line)
        painter.end()

    def _results(self, painter: QPainter, reading: CriterionReading, top: float, line: float) -> None:
        accent, text = theme.colour(self._theme, "accent"), theme.colour(self._theme, "text")
        for number, one in enumerate(reading.results[:_MOST_BARS]):
            middle = top + line * (1.4 + 2.0 * number)
            low, high = self._x(one.interval.low), self._x(one.interval.high)
            painter.setPen(QPen(accent, 2))
            painter.drawLine(QPointF(low, middle), QPointF(high, middle))
            for end in (low, high):
                painter.drawLine(QPointF(end, middle - 5), QPointF(end, middle + 5))
            painter.setBrush(accent)
            value = one.result.measured.value
            painter.drawEllipse(QPointF(self._x(value), middle), 4.5, 4.5)
            painter.setPen(QPen(text, 1))
            self._write(painter, self._x(value), middle - line * 1.15, plain(value))

    def _write(self, painter: QPainter, x: float, top: float, words: str) -> None:
        """Centred on ``x`` and kept inside the picture."""
        width = self.fontMetrics().horizontalAdvance(words) + 4
        left = max(2.0, min(x - width / 2, self.width() - width - 2.0))
        painter.drawText(
            QRectF(left, top, width, self.fontMetrics().lineSpacing()), Qt.AlignmentFlag.AlignLeft, words
        )
