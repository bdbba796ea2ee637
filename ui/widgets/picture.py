"""A page drawn from pixels: scrolls, and turns at its edges."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from workstation.core.viewing import Picture

_SETTLE_MS = 300
_KEPT_PX = 32  # of the old view when paging, so that no line is lost
_SAME_WIDTH_PX = 24


class _Canvas(QWidget):
    """The pixels and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()

    def show_image(self, image: QImage) -> None:
        """Another page."""
        self._image = image
        self.setFixedSize(image.deviceIndependentSize().toSize() if not image.isNull() else QSize(1, 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw."""
        del event
        painter = QPainter(self)
        painter.drawImage(0, 0, self._image)
        painter.end()


class PicturePane(QScrollArea):
    """``turned`` asks for the next (1) or previous (-1) page, ``resized`` for the same at another width."""

    turned = Signal(int)
    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._canvas = _Canvas()
        self.setWidget(self._canvas)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setObjectName("picture")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setBackgroundRole(QPalette.ColorRole.Mid)
        self._to_end = False
        self._zoom = 1.0
        self._drawn_for_px = 0
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self._tell_width)

    @property
    def width_px(self) -> int:
        """How many pixels of the screen a page may be wide."""
        return max(1, int((self.viewport().width() - 4) * self.devicePixelRatioF() * self._zoom))

    def zoom(self, factor: float) -> None:
        """Fill the width (1), or more of it than there is."""
        self._zoom = factor
        self.resized.emit()

    def show_picture(self, picture: Picture, name: str) -> None:
        """A page from its top, or from its end when the person came backwards."""
        line = picture.width_px * 3
        image = QImage(
            picture.rgb, picture.width_px, picture.height_px, line, QImage.Format.Format_RGB888
        ).copy()
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._drawn_for_px = self.width_px
        self._canvas.show_image(image)
        self._canvas.setAccessibleName(name)
        self.setAccessibleName(f"{name}. Its words are under Shown as, Text.")
        bar = self.verticalScrollBar()
        bar.setValue(bar.maximum() if self._to_end else 0)
        self._to_end = False

    def forget(self) -> None:
        """No page."""
        self._canvas.show_image(QImage())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys scroll, and turn at the edge."""
        step = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_Space: 1, Qt.Key.Key_PageUp: -1}.get(Qt.Key(event.key()))
        if step is None or event.modifiers() not in {
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        }:
            super().keyPressEvent(event)
            return
        bar = self.verticalScrollBar()
        before = bar.value()
        bar.setValue(before + step * max(1, self.viewport().height() - _KEPT_PX))
        if bar.value() == before:
            self._to_end = step < 0
            self.turned.emit(step)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask for another drawing once the size has settled."""
        super().resizeEvent(event)
        if self._drawn_for_px:
            self._settle.start()

    def _tell_width(self) -> None:
        if self.isVisible() and abs(self.width_px - self._drawn_for_px) > _SAME_WIDTH_PX:
            self.resized.emit()
