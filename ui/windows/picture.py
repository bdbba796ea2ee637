"""All windows as bars on one axis; only what is in view is drawn: thousands of cases scroll as one does."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QSizePolicy

from ui import theme
from ui.dates import Dates
from ui.windows.presenter import Axis, Lane
from workstation.core.window import WindowStanding

_NAME_SHARE, _WORDS_CHARS = 0.24, 26
_LEAST_LANES, _MOST_LANES = 3, 9
_TONES = {
    WindowStanding.OVERDUE: "danger",
    WindowStanding.AT_RISK: "caution",
    WindowStanding.OPEN: "accent",
}


class WindowsPicture(QAbstractScrollArea):
    """One lane a case. A standing is told by a shape and by words; colour only repeats it."""

    chosen = Signal(int)

    def __init__(self, theme_name: str, dates: Dates) -> None:
        super().__init__()
        self._theme, self._dates = theme_name, dates
        self._lanes: Sequence[Lane] = ()
        self._axis: Axis | None = None
        self._at = -1
        self.setObjectName("picture")
        self.setAccessibleName("Picture of all windows")
        # The table below it is the same for the keyboard; what is chosen there is in view here.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_lanes(self, lanes: Sequence[Lane], axis: Axis, spoken: str) -> None:
        """What to draw, and the same in words."""
        self._lanes, self._axis, self._at = lanes, axis, -1
        self.setAccessibleDescription(spoken)
        self.setFixedHeight(self.sizeHint().height())
        self._fit()
        self.viewport().update()

    def choose(self, lane: Lane | None) -> None:
        """Bring one lane into view and mark it."""
        self._at = next((i for i, one in enumerate(self._lanes) if one is lane), -1)
        self._reveal()

    def _reveal(self) -> None:
        if self._at >= 0:
            bar, height = self.verticalScrollBar(), self._lane_height
            shown = self.viewport().height() - self._head_height
            top = self._at * height
            bar.setValue(min(max(bar.value(), top + height - shown), top))
        self.viewport().update()

    @property
    def _lane_height(self) -> int:
        return self.fontMetrics().lineSpacing() + theme.space(3)

    @property
    def _head_height(self) -> int:
        return self.fontMetrics().lineSpacing() * 2 + theme.space(2)

    def sizeHint(self) -> QSize:
        """The head and up to nine lanes; the rest scrolls."""
        lanes = min(max(len(self._lanes), _LEAST_LANES), _MOST_LANES)
        return QSize(600, self._head_height + lanes * self._lane_height + theme.space(2))

    def minimumSizeHint(self) -> QSize:
        """It can be narrow."""
        return QSize(300, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The scroll bar follows."""
        super().resizeEvent(event)
        self._fit()
        self._reveal()

    def _fit(self) -> None:
        shown = self.viewport().height() - self._head_height
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, len(self._lanes) * self._lane_height - shown))
        bar.setPageStep(max(1, shown))
        bar.setSingleStep(self._lane_height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A press chooses the lane in the table as well."""
        below = event.position().y() - self._head_height
        number = int((below + self.verticalScrollBar().value()) // self._lane_height)
        if below >= 0 and 0 <= number < len(self._lanes):
            self.chosen.emit(number)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The axis above, and the lanes in view."""
        axis = self._axis
        if axis is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.viewport().rect(), theme.colour(self._theme, "surface"))
        offset, height = self.verticalScrollBar().value(), self._lane_height
        painter.save()
        painter.setClipRect(
            QRect(0, self._head_height, self.viewport().width(), self.viewport().height() - self._head_height)
        )
        for number in range(offset // height, len(self._lanes)):
            top = self._head_height + number * height - offset
            if top > self.viewport().height():
                break
            self._draw_lane(painter, axis, number, float(top))
        painter.restore()
        self._draw_axis(painter, axis)
        painter.end()

    # --- places ---------------------------------------------------------------------------------

    def _span(self) -> tuple[float, float]:
        """Where the days begin and end, in pixels: names to the left, words to the right."""
        words = self.fontMetrics().averageCharWidth() * _WORDS_CHARS
        left = self.viewport().width() * _NAME_SHARE
        return left, max(left + 60.0, self.viewport().width() - words - theme.space(2))

    def _x_of(self, axis: Axis, on: date) -> float:
        left, right = self._span()
        share = (on - axis.first).days / max(1, (axis.last - axis.first).days)
        return left + (right - left) * min(1.0, max(0.0, share))

    def ends(self, axis: Axis) -> tuple[tuple[float, float], tuple[float, float]]:
        """From where to where the first and the last day are written: the last never over the first."""
        (left, right), advance = self._span(), self.fontMetrics().horizontalAdvance
        first, last = (float(advance(self._dates.day(on)) + 2) for on in (axis.first, axis.last))
        begin = max(right - last, left + first + theme.space(2))
        return (left, left + first), (begin, begin + last)

    # --- drawing --------------------------------------------------------------------------------

    def _draw_axis(self, painter: QPainter, axis: Axis) -> None:
        line, text = self.fontMetrics().lineSpacing(), theme.colour(self._theme, "text")
        left, right = self._span()
        painter.setPen(theme.colour(self._theme, "muted"))
        for (begin, end), on in zip(self.ends(axis), (axis.first, axis.last), strict=True):
            box = QRectF(begin, theme.space(1), end - begin, line)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, self._dates.day(on))
        today = self._x_of(axis, axis.today)
        words = f"Today {self._dates.day(axis.today)}"
        width = self.fontMetrics().horizontalAdvance(words) + 4
        painter.setPen(QPen(text, 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(today, self._head_height - 2), QPointF(today, self.viewport().height()))
        painter.setPen(text)
        begin = max(left, min(today - width / 2, right - width))
        painter.drawText(QRectF(begin, theme.space(1) + line, width, line), Qt.AlignmentFlag.AlignLeft, words)

    def _draw_lane(self, painter: QPainter, axis: Axis, number: int, top: float) -> None:
        lane, height = self._lanes[number], float(self._lane_height)
        if number == self._at:
            box = QRectF(0, top, self.viewport().width(), height)
            painter.fillRect(box, theme.colour(self._theme, "selection"))
        left, right = self._span()
        painter.setPen(theme.colour(self._theme, "text"))
        edge = theme.space(2)
        name = self.fontMetrics().elidedText(lane.name, Qt.TextElideMode.ElideRight, int(left) - 2 * edge)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(edge, top, left - 2 * edge, height), middle, name)
        painter.drawText(
            QRectF(right + edge * 2, top, self.viewport().width() - right - edge * 2, height),
            middle,
            lane.words,
        )
        self._draw_bar(painter, axis, lane, QRectF(left, top + height * 0.28, right - left, height * 0.44))

    def _draw_bar(self, painter: QPainter, axis: Axis, lane: Lane, room: QRectF) -> None:
        tone = theme.colour(self._theme, _TONES.get(lane.standing, "control"))
        end = self._x_of(axis, lane.release_on)
        if lane.start_on is not None:
            start = self._x_of(axis, lane.start_on)
            reached = self._x_of(axis, min(axis.today, lane.release_on))
            painter.setPen(QPen(tone, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(start, room.top(), max(1.0, end - start), room.height()))
            painter.fillRect(QRectF(start, room.top(), max(0.0, reached - start), room.height()), tone)
            if lane.standing is WindowStanding.OVERDUE:
                over = QRectF(end, room.top(), self._x_of(axis, axis.today) - end, room.height())
                painter.setBrush(QBrush(tone, Qt.BrushStyle.BDiagPattern))
                painter.drawRect(over)
        self._draw_mark(painter, lane.standing, QPointF(end, room.center().y()), room.height() * 0.75)
        if lane.release_on > axis.last:
            painter.setPen(theme.colour(self._theme, "text"))
            painter.drawText(
                QRectF(room.right() - 200, room.top() - 4, 196, room.height() + 8),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
                f"{self._dates.day(lane.release_on)} \u2192",
            )

    def _draw_mark(self, painter: QPainter, standing: WindowStanding, at: QPointF, size: float) -> None:
        """Overdue a triangle, at risk a diamond, open a disc, not begun a ring: at the planned release."""
        painter.setPen(QPen(theme.colour(self._theme, "text"), 1.5))
        painter.setBrush(theme.colour(self._theme, "surface"))
        x, y = at.x(), at.y()
        if standing is WindowStanding.OVERDUE:
            corners = [QPointF(x, y - size), QPointF(x + size, y + size), QPointF(x - size, y + size)]
            painter.drawPolygon(QPolygonF(corners))
            painter.drawText(
                QRectF(x - size, y - size, 2 * size, 2 * size), Qt.AlignmentFlag.AlignCenter, "!"
            )
        elif standing is WindowStanding.AT_RISK:
            corners = [QPointF(x, y - size), QPointF(x + size, y), QPointF(x, y + size), QPointF(x - size, y)]
            painter.drawPolygon(QPolygonF(corners))
        else:
            if standing is WindowStanding.OPEN:
                painter.setBrush(theme.colour(self._theme, "text"))
            painter.drawEllipse(at, size * 0.7, size * 0.7)
