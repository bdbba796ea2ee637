"""Choosing a folder or file: a dialog that carries the marking banners and is closed by the lock."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QVBoxLayout, QWidget

from ui.widgets import basics
from ui.widgets.frame import WATERMARK, MarkingBanner
from ui.widgets.text import Text


class Chooser(QDialog):
    """Qt's own file dialog between two banners; never the desktop's, which would carry none."""

    def __init__(
        self, parent: QWidget, title: str, chosen: Callable[[Path], object], *, folder: bool
    ) -> None:
        super().__init__(parent.window())
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setModal(True)
        self._chosen = chosen
        self._inner = QFileDialog(self, title)
        self._inner.setWindowFlags(Qt.WindowType.Widget)
        self._inner.setOptions(
            QFileDialog.Option.DontUseNativeDialog | QFileDialog.Option.DontUseCustomDirectoryIcons
        )
        mode = QFileDialog.FileMode.Directory if folder else QFileDialog.FileMode.ExistingFile
        self._inner.setFileMode(mode)
        if folder:
            self._inner.setOption(QFileDialog.Option.ShowDirsOnly)
        self._inner.setSizeGripEnabled(False)
        self._inner.accepted.connect(self._take)
        self._inner.rejected.connect(self.reject)
        frame_in_banners(self, parent, self._inner)
        self.resize(840, 520)

    def choose(self, path: Path) -> None:
        """Take a path as if the person had chosen it."""
        self.accept()
        self._chosen(path)

    def _take(self) -> None:
        files = self._inner.selectedFiles()
        self.accept()
        if files:
            self._chosen(Path(files[0]))


def frame_in_banners(dialog: QDialog, parent: QWidget, inner: QWidget) -> None:
    """A dialog carries the markings of the window it belongs to, and says what the window says of itself."""
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    banners = MarkingBanner("top"), MarkingBanner("bottom")
    for banner in banners:
        banner.show_marking(_banner_of(parent.window()))
    layout.addWidget(banners[0])
    if watermark := _watermark_of(parent.window()):
        strip = basics.label(watermark, "watermark")
        strip.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout.addWidget(strip)
    layout.addWidget(inner, 1)
    layout.addWidget(banners[1])


def _banner_of(window: QWidget) -> str:
    banner = window.findChild(MarkingBanner)
    return banner.banner if isinstance(banner, MarkingBanner) else ""


def _watermark_of(window: QWidget) -> str:
    """What the window says of itself below its banner; empty where the work is real."""
    return next((text.words for text in window.findChildren(Text) if text.property(WATERMARK)), "")


def folder(parent: QWidget, title: str, chosen: Callable[[Path], object]) -> None:
    """Ask for a folder; ``chosen`` is called with it, or never."""
    Chooser(parent, title, chosen, folder=True).open()


def file(parent: QWidget, title: str, chosen: Callable[[Path], object]) -> None:
    """Ask for a file; ``chosen`` is called with it, or never."""
    Chooser(parent, title, chosen, folder=False).open()
