"""Small building blocks: labels that never read markup, buttons, cards, rows of a form."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
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

from ui import theme
from workstation.app.wording import visible


def label(text: str = "", style: str = "", *, wrap: bool = True) -> QLabel:
    """Plain text only; ``style`` is an object name of the style sheet."""
    made = QLabel()
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setObjectName(style)
    made.setWordWrap(wrap)
    set_text(made, text)
    return made


def set_text(made: QLabel, text: str) -> None:
    """Show text from anywhere: control and bidirectional characters are made visible."""
    made.setText(visible(text))


def selectable(text: str = "", style: str = "") -> QLabel:
    """A label whose text can be selected and copied with the keyboard."""
    made = label(text, style)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    made.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
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
    layout = QVBoxLayout(made)
    layout.setContentsMargins(*(theme.space(margin),) * 4)
    layout.setSpacing(theme.space(gap))
    for widget in widgets:
        layout.addWidget(widget)
    if stretch:
        layout.addStretch(1)
    return made


def card(*widgets: QWidget, gap: int = 3) -> QFrame:
    """A bordered group."""
    made = QFrame()
    made.setObjectName("card")
    layout = QVBoxLayout(made)
    layout.setContentsMargins(*(theme.space(4),) * 4)
    layout.setSpacing(theme.space(gap))
    for widget in widgets:
        layout.addWidget(widget)
    return made


def form(rows: Iterable[tuple[str, QWidget]]) -> QWidget:
    """Labels and inputs; each input has its label as buddy and as accessible name."""
    made = QWidget()
    layout = QFormLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(theme.space(4))
    layout.setVerticalSpacing(theme.space(2))
    layout.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
    for text, field in rows:
        caption = label(text, wrap=False)
        caption.setBuddy(field)
        field.setAccessibleName(text)
        layout.addRow(caption, field)
    return made


def line(placeholder: str = "", *, secret: bool = False) -> QLineEdit:
    """One line of input."""
    made = QLineEdit()
    made.setPlaceholderText(placeholder)
    if secret:
        made.setEchoMode(QLineEdit.EchoMode.Password)
        made.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhHiddenText)
    return made


def take_secret(field: QLineEdit) -> bytearray:
    """The typed passphrase, and the field emptied at once."""
    secret = bytearray(field.text().encode())
    field.clear()
    return secret


class TextBox(QPlainTextEdit):
    """Several lines of plain text; Tab leaves it, so nobody is caught inside."""

    def __init__(self, name: str, lines: int = 4) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() * lines + theme.space(4))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+Enter belongs to the page."""
        if (
            event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
            return
        super().keyPressEvent(event)


def choice(options: Iterable[tuple[str, str]]) -> QComboBox:
    """Pairs of value and words; read the value with ``currentData``."""
    made = QComboBox()
    for value, words in options:
        made.addItem(words, value)
    return made


def scrolling(content: QWidget) -> QScrollArea:
    """A page that scrolls when the window is small or the text large."""
    made = QScrollArea()
    made.setWidgetResizable(True)
    made.setWidget(content)
    made.setFrameShape(QFrame.Shape.NoFrame)
    return made


def facts(pairs: Iterable[tuple[str, str]]) -> QWidget:
    """Labels and values to read."""
    made = QWidget()
    layout = QFormLayout(made)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setHorizontalSpacing(theme.space(5))
    layout.setVerticalSpacing(theme.space(1))
    for name, value in pairs:
        layout.addRow(label(name, "muted", wrap=False), selectable(value))
    return made


def empty(layout: QVBoxLayout) -> None:
    """Remove every widget of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.setParent(None)
            widget.deleteLater()
