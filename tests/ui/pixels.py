"""Contrast as it is drawn: measured in the picture of the window, not in the table of colours."""

from collections import Counter

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QTabBar,
    QWidget,
)

TEXT, CONTROL = 4.5, 3.0
_FEWEST_PIXELS, _SMALLEST, _FRAME, _BOX = 2, 6, 4, 8
_WORDED = (QLabel, QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox)
_BORDERED = (QLineEdit, QPlainTextEdit, QComboBox, QAbstractButton)


def _luminance(rgb: int) -> float:
    def part(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = ((rgb >> shift & 255) / 255 for shift in (16, 8, 0))
    return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)


def ratio(one: int, other: int) -> float:
    """The contrast of WCAG 2.0 of two colours, each 0xRRGGBB."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def colours(image: QImage, within: QRect) -> Counter[int]:
    """How many pixels of each colour a part of a picture has."""
    part = image.copy(within).convertToFormat(QImage.Format.Format_RGB32)
    return Counter(pixel & 0xFFFFFF for pixel in memoryview(bytes(part.constBits())).cast("I"))


def of_text(image: QImage, within: QRect) -> float:
    """The commonest colour against the farthest that has at least two pixels: stems of letters are thin."""
    found = colours(image, within)
    ground, _count = found.most_common(1)[0]
    others = [ratio(ground, colour) for colour, count in found.items() if count >= _FEWEST_PIXELS]
    return max(others, default=1.0)


def _words(widget: QWidget) -> str:
    if isinstance(widget, QComboBox):
        return widget.currentText()
    if isinstance(widget, QPlainTextEdit):
        return widget.toPlainText() or widget.placeholderText()
    if isinstance(widget, QLineEdit):
        return widget.text() or widget.placeholderText()
    return widget.text() if isinstance(widget, QLabel | QAbstractButton) else ""


def _shown(widget: QWidget, window: QWidget) -> QRect:
    """Where a widget is seen in the window, whatever scrolls around it."""
    seen = widget.visibleRegion().boundingRect()
    return QRect(widget.mapTo(window, seen.topLeft()), seen.size())


def low(window: QWidget) -> list[str]:
    """Every text below 4.5 to 1, and every control whose edge is below 3 to 1, in the window as drawn."""
    image = window.grab().toImage()
    found: list[str] = []
    for widget in window.findChildren(QWidget):
        where = _shown(widget, window)
        if not widget.isVisible() or not widget.isEnabled() or where.height() < _SMALLEST:
            continue
        if isinstance(widget, QTabBar):
            found += _low_tabs(image, widget, window, where)
        elif _is_whole(widget, where):
            found += _low_widget(image, widget, where)
    return found


def _low_tabs(image: QImage, bar: QTabBar, window: QWidget, where: QRect) -> list[str]:
    tabs = [bar.tabRect(number) for number in range(bar.count())]
    parts = [QRect(bar.mapTo(window, tab.topLeft()), tab.size()) & where for tab in tabs]
    return [f"tab {bar.tabText(n)}" for n, part in enumerate(parts) if _is_low(image, part)]


def _low_widget(image: QImage, widget: QWidget, where: QRect) -> list[str]:
    found, words = [], _words(widget)[:40]
    if isinstance(widget, _WORDED) and words.strip():
        inner = where.adjusted(_FRAME, _FRAME, -_FRAME, -_FRAME)
        inside = inner if isinstance(widget, _BORDERED) else where
        if _is_low(image, inside):
            found.append(f"{type(widget).__name__} {words!r}: {of_text(image, inside):.2f}")
    if isinstance(widget, _BORDERED) and not widget.property("nav"):
        edge = _edge(image, widget, where)
        if edge < CONTROL:
            found.append(f"edge of {type(widget).__name__} {words!r}: {edge:.2f}")
    return found


def _is_low(image: QImage, where: QRect) -> bool:
    wide_enough = where.width() >= _SMALLEST and where.height() >= _SMALLEST
    return wide_enough and of_text(image, where) < TEXT


def _is_whole(widget: QWidget, where: QRect) -> bool:
    """What is half scrolled away is measured on another page or not at all."""
    return where.size() == widget.size()


def _edge(image: QImage, widget: QWidget, where: QRect) -> float:
    """The edge, or the fill within it, against what lies beside it."""
    middle = where.center().y()
    outside = where.left() - 3
    if outside < 0 or isinstance(widget.parentWidget(), QComboBox | QAbstractButton):
        return CONTROL
    beside = QColor(image.pixel(QPoint(outside, middle))).rgb() & 0xFFFFFF
    # The edge of what is ticked is that of its box, which stands within a frame only drawn for the keyboard.
    deep = _BOX if isinstance(widget, QCheckBox | QRadioButton) else _FRAME
    inner = [QColor(image.pixel(QPoint(where.left() + x, middle))).rgb() & 0xFFFFFF for x in range(deep)]
    return max(ratio(beside, colour) for colour in inner)
