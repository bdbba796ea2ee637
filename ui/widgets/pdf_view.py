"""Pages of a PDF that this workstation made itself, drawn as pictures. Never used for submitted files."""

import pypdfium2
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ui.widgets import basics

_WIDTH_PX = 820


class PdfView(QWidget):
    """One page at a time; Page Up and Page Down turn."""

    def __init__(self) -> None:
        super().__init__()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._pdf: bytes = b""
        self._number, self._count = 0, 0
        self._picture = QLabel()
        self._place = basics.label("", "muted", wrap=False)
        back = basics.button("Previous page", lambda: self.turn(-1))
        forth = basics.button("Next page", lambda: self.turn(1))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(basics.row(back, forth, self._place))
        layout.addWidget(self._picture)
        layout.addStretch(1)

    def show_pdf(self, pdf: bytes) -> None:
        """From the first page."""
        self._pdf, self._number = pdf, 0
        document = pypdfium2.PdfDocument(pdf)
        self._count = len(document)
        document.close()
        self._draw()

    def turn(self, by: int) -> None:
        """Forwards or backwards."""
        self._number = max(0, min(self._count - 1, self._number + by))
        self._draw()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys turn, everything else goes on."""
        steps = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.turn(step)

    def _draw(self) -> None:
        document = pypdfium2.PdfDocument(self._pdf)
        page = document[self._number]
        bitmap = page.render(scale=_WIDTH_PX / page.get_width(), rev_byteorder=True)
        text = page.get_textpage().get_text_range()
        image = QImage(
            bytes(bitmap.buffer), bitmap.width, bitmap.height, bitmap.stride, _format_of(bitmap.n_channels)
        ).copy()
        document.close()
        self._picture.setPixmap(QPixmap.fromImage(image))
        self._picture.setAccessibleName(f"Page {self._number + 1} of {self._count}")
        self._picture.setAccessibleDescription(text[:4000])
        basics.set_text(self._place, f"Page {self._number + 1} of {self._count}")


def _format_of(channels: int) -> QImage.Format:
    formats = {
        3: QImage.Format.Format_RGB888,
        4: QImage.Format.Format_RGBA8888,
        1: QImage.Format.Format_Grayscale8,
    }
    return formats[channels]
