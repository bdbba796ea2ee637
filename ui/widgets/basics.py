"""Small building blocks: labels that never read markup, buttons, cards, rows of a form."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent, QShowEvent, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QComboBox,
    QFormLayout,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui import theme
from ui.widgets.passphrase import PassphraseField
from ui.widgets.text import Text, shown

_CAPTION_CHARS = 26
_LAID_OUT_MS = 50


def label(text: str = "", style: str = "", *, wrap: bool = True) -> Text:
    """Plain text only; ``style`` is an object name of the style sheet."""
    return Text(text, style, wrap=wrap)


def set_text(made: Text, text: str) -> None:
    """Show text from anywhere: control and bidirectional characters are made visible."""
    made.show_text(text)


def selectable(text: str = "", style: str = "") -> Text:
    """A label whose text can be selected and copied."""
    made = label(text, style)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    made.customContextMenuRequested.connect(made.show_menu)
    return made


def button(text: str, pressed: Callable[[], object], *, primary: bool = False) -> QPushButton:
    """A button; at most one on a page is primary. Enter presses it when it has the focus."""
    made = QPushButton(text)
    made.setProperty("primary", primary)
    made.setAutoDefault(True)
    made.clicked.connect(lambda _checked: pressed())
    return made


def row(*widgets: QWidget, stretch_last: bool = False, gap: int = 2) -> QWidget:
    """Side by side."""
    made = QWidget()
    layout = QHBoxLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(theme.space(gap))
    for widget in widgets:
        layout.addWidget(widget)
    if not stretch_last:
        layout.addStretch(1)
    return made


def column(*widgets: QWidget, gap: int = 3, margin: int = 0, stretch: bool = False) -> QWidget:
    """One under the other."""
    made = QWidget()
    fill(QVBoxLayout(made), widgets, gap=gap, margin=margin, stretch=stretch)
    return made


def fill(
    layout: QVBoxLayout, widgets: Iterable[QWidget], *, gap: int = 3, margin: int = 0, stretch: bool = False
) -> None:
    """Put widgets one under the other into a layout."""
    layout.setContentsMargins(*(theme.space(margin),) * 4)
    layout.setSpacing(theme.space(gap))
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)


class Columns(QWidget):
    """Side by side where there is room, one under the other where there is not."""

    def __init__(self, *parts: tuple[QWidget, int], narrow_chars: int = 110) -> None:
        super().__init__()
        self._narrow_chars = narrow_chars
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._across.setContentsMargins(0, 0, 0, 0)
        self._across.setSpacing(theme.space(4))
        for part, stretch in parts:
            self._across.addWidget(part, stretch)
        self._minimum = 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Turn when the width asks for it."""
        super().resizeEvent(event)
        narrow = self.width() < self.fontMetrics().averageCharWidth() * self._narrow_chars
        direction = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        if self._across.direction() is not direction:
            self._across.setDirection(direction)


def card(*widgets: QWidget, gap: int = 3) -> QFrame:
    """A bordered group."""
    made = QFrame()
    made.setObjectName("card")
    fill(QVBoxLayout(made), widgets, gap=gap, margin=4)
    made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
    return made


def form(rows: Iterable[tuple[str, QWidget]], *, below: bool = False) -> QWidget:
    """Labels and inputs, beside or ``below`` their labels, which are their buddies and accessible names."""
    made = QWidget()
    layout = QFormLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(theme.space(4))
    layout.setVerticalSpacing(theme.space(2))
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    wrapping = QFormLayout.RowWrapPolicy.WrapAllRows if below else QFormLayout.RowWrapPolicy.WrapLongRows
    layout.setRowWrapPolicy(wrapping)
    for text, field in rows:
        caption = label(text, wrap=False)
        caption.setBuddy(field)
        field.setAccessibleName(text)
        layout.addRow(caption, field)
    return made


def line(placeholder: str = "", *, secret: bool = False) -> QLineEdit:
    """One line of input."""
    made = PassphraseField() if secret else QLineEdit()
    made.setPlaceholderText(placeholder)
    made.setMinimumWidth(theme.space(30))
    return made


def take_secret(field: QLineEdit) -> bytearray:
    """The typed passphrase, and the field emptied at once."""
    if isinstance(field, PassphraseField):
        return field.take()
    raise TypeError(field)


class TextBox(QPlainTextEdit):
    """Several lines of plain text; Tab leaves it, so nobody is caught inside."""

    def __init__(self, name: str, lines: int = 4) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self._lines = lines
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMinimumHeight(self.sizeHint().height())

    def sizeHint(self) -> QSize:
        """So many lines, not Qt's own idea of a text."""
        height = self.fontMetrics().lineSpacing() * self._lines + theme.space(5)
        return QSize(super().sizeHint().width(), height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter belongs to the page."""
        if (
            event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return
        super().keyPressEvent(event)


class Choice(QComboBox):
    """Pairs of value and words. The wheel scrolls the page."""

    def __init__(self, options: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(10)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.offer(options)

    def offer(self, options: Iterable[tuple[str, str]]) -> None:
        """Replace what can be chosen, keeping the choice where it is still there."""
        kept = self.value
        self.blockSignals(True)
        self.clear()
        for value, words in options:
            self.addItem(shown(words), value)
        self.choose(kept)
        self.blockSignals(False)

    def setAccessibleName(self, name: str) -> None:
        """Said as the description too: on Linux Qt tells a screen reader the chosen words as the name."""
        super().setAccessibleName(name)
        super().setAccessibleDescription(name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A choice is not changed by passing over it."""
        event.ignore()

    @property
    def value(self) -> str:
        """The chosen value; empty when there is nothing to choose."""
        return str(self.currentData() or "")

    def choose(self, value: str) -> None:
        """Choose a value; one that is not offered leaves the first."""
        self.setCurrentIndex(max(0, self.findData(value)) if self.count() else -1)


def choice(options: Iterable[tuple[str, str]]) -> Choice:
    """Pairs of value and words; read the value with ``value``."""
    return Choice(options)


def scrolling(content: QWidget) -> QScrollArea:
    """A page that scrolls when the window is small or the text large."""
    return Scrolling(content)


class Scrolling(QScrollArea):
    """Gives its content the height that the content's labels turn out to need at the present width."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setWidget(content)
        self._content = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content.installEventFilter(self)
        qt = QApplication.instance()
        if isinstance(qt, QApplication):
            qt.focusChanged.connect(self._follow)

    def _follow(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Tab scrolls by itself; keys that go elsewhere, as after Alt and a letter, are followed here."""
        if now is not None and self._content.isAncestorOf(now):
            QTimer.singleShot(_LAID_OUT_MS, now, lambda: self._reveal(now))

    def _reveal(self, now: QWidget) -> None:
        if not (isValid(self) and isValid(now)):
            return  # the page went while it waited
        content, bar = self._content, self.verticalScrollBar()
        if now.hasFocus() and content.isAncestorOf(now):
            top, enough = now.mapTo(content, QPoint(0, 0)).y(), min(now.height(), theme.space(8))
            seen_to = bar.value() + self.viewport().height()
            if top + enough > seen_to or top + now.height() - enough < bar.value():
                bar.setValue(top)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Measure again after the content was laid out anew."""
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))
        return super().eventFilter(watched, event)

    def showEvent(self, event: QShowEvent) -> None:
        """Nothing was measured while it was hidden."""
        super().showEvent(event)
        QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))


def bring(widget: QWidget) -> None:
    """Scroll to a part that was just shown, once it has been laid out."""
    QTimer.singleShot(_LAID_OUT_MS, widget, lambda: _bring(widget))


def _bring(widget: QWidget) -> None:
    around = widget.parentWidget()
    while around is not None:
        content = around.widget() if isinstance(around, QScrollArea) else None
        if isinstance(around, QScrollArea) and content is not None:
            # Its beginning, even where it is longer than the window.
            top = widget.mapTo(content, QPoint(0, 0)).y()
            around.verticalScrollBar().setValue(top)
        around = around.parentWidget()


class Facts(QWidget):
    """Captions and values to read; values are text from anywhere."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.space(4))
        self._grid.setVerticalSpacing(theme.space(1))
        self._grid.setColumnStretch(1, 1)
        self._pairs: tuple[tuple[str, str], ...] = ()
        self._rows: list[tuple[tuple[bool, bool], Text, Text]] = []
        self.show_pairs(pairs)

    def show_pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Replace everything; the same once more costs nothing."""
        pairs = tuple(pairs)
        if pairs == self._pairs:
            return
        self._pairs = pairs
        for number, (name, value) in enumerate(pairs):
            kind = _fact_kind(name)
            known = number < len(self._rows) and self._rows[number][0] == kind
            if not known:
                self._make_row(number, kind)
            _kind, caption, content = self._rows[number]
            caption.show_text(name)
            content.show_text(value)
            content.setAccessibleName(f"{name}: {content.words}")
            if known:  # what is new is shown by its layout
                caption.show()
                content.show()
        for _kind, *unused in self._rows[len(pairs) :]:
            for part in unused:
                part.hide()

    def _make_row(self, number: int, kind: tuple[bool, bool]) -> None:
        """Labels are used again for other facts of the same kind: making and styling them takes most time."""
        is_long, is_digest = kind
        caption, content = label("", "muted", wrap=is_long), selectable("", "digest" if is_digest else "")
        if is_long:
            caption.setMinimumWidth(caption.fontMetrics().averageCharWidth() * _CAPTION_CHARS)
            caption.setMaximumWidth(caption.fontMetrics().averageCharWidth() * (_CAPTION_CHARS + 6))
        for _kind, *replaced in self._rows[number : number + 1]:
            for part in replaced:
                discard(part)
        self._rows[number : number + 1] = [(kind, caption, content)]
        self._grid.addWidget(caption, number, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(content, number, 1, Qt.AlignmentFlag.AlignTop)


def _fact_kind(name: str) -> tuple[bool, bool]:
    """Whether its caption is long, and whether its value is a digest."""
    return len(name) > _CAPTION_CHARS, name.endswith("SHA-384")


def facts(pairs: Iterable[tuple[str, str]]) -> Facts:
    """Captions and values to read."""
    return Facts(pairs)


def discard(widget: QWidget | None) -> None:
    """Take a widget off the screen for good."""
    if widget is not None:
        widget.hide()
        widget.setParent(None)
        widget.deleteLater()


def empty(layout: QBoxLayout) -> None:
    """Remove every widget of a layout."""
    while (item := layout.takeAt(0)) is not None:
        discard(item.widget())


__all__ = [
    "Choice",
    "Columns",
    "Facts",
    "QLabel",
    "Text",
    "TextBox",
    "bring",
    "button",
    "card",
    "choice",
    "column",
    "discard",
    "empty",
    "facts",
    "fill",
    "form",
    "label",
    "line",
    "row",
    "scrolling",
    "selectable",
    "set_text",
    "take_secret",
]
