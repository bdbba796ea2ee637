"""How the cells of a table are drawn: text alone, in one step.

Qt's own way asks the rows ten things a cell and has the style sheet lay out each anew; with a window full
of cells that takes longer than a frame has.
"""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionFocusRect, QStyleOptionViewItem

_MARGIN_PX = 6
_FLAGS = int(
    Qt.AlignmentFlag.AlignLeft
    | Qt.AlignmentFlag.AlignVCenter
    | Qt.AlignmentFlag.AlignAbsolute
    | Qt.TextFlag.TextSingleLine
)
_SELECTED, _FOCUSED = QStyle.StateFlag.State_Selected.value, QStyle.StateFlag.State_HasFocus.value
_Role = QPalette.ColorRole


class Cells(QStyledItemDelegate):
    """One line of text, cut with an ellipsis; the chosen row filled, a frame around the keyboard's cell."""

    _font: QFont | None = None
    _metrics: QFontMetrics
    _widest: int
    _line: tuple[int, int]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt's call, once a cell."""
        rect, state, palette = option.rect, option.state.value, option.palette
        chosen = state & _SELECTED
        if chosen:
            painter.fillRect(rect, palette.brush(_Role.Highlight))
        painter.setPen(palette.color(_Role.HighlightedText if chosen else _Role.Text))
        self._write(painter, option, str(index.data() or ""))
        if state & _FOCUSED:
            frame = QStyleOptionFocusRect()
            frame.rect, frame.state = rect, option.state
            widget = option.widget
            widget.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameFocusRect, frame, painter, widget)

    def _write(self, painter: QPainter, option: QStyleOptionViewItem, text: str) -> None:
        rect = option.rect
        if self._font != option.font:
            self._measure(option.font)
        room = rect.width() - 2 * _MARGIN_PX
        if text.isascii() and len(text) * self._widest <= room:
            height, ascent = self._line
            top = rect.y() + (rect.height() - height) // 2
            painter.drawText(rect.x() + _MARGIN_PX, top + ascent, text)
            return
        cut = self._metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        painter.drawText(rect.adjusted(_MARGIN_PX, 0, -_MARGIN_PX, 0), _FLAGS, cut)

    def _measure(self, font: QFont) -> None:
        """What is asked once a font, not once a cell."""
        self._font, self._metrics = QFont(font), QFontMetrics(font)
        self._widest = max(self._metrics.horizontalAdvance(chr(code)) for code in range(32, 127)) + 1
        self._line = self._metrics.height(), self._metrics.ascent()
