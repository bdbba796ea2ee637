"""The field for a passphrase: what is typed for it never lands in a field that shows it."""

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFormLayout, QLineEdit, QWidget

from ui.widgets.text import Text

OPENED_BY = "opened_by"
"""The property of the window that names the card by which the person came in; empty for a passphrase."""
_OWN = ("Your passphrase", "Your own passphrase")


class PassphraseField(QLineEdit):
    """A passphrase, hidden. After each use the keyboard waits here again, and nowhere else."""

    def __init__(self) -> None:
        super().__init__()
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhHiddenText)
        self._used = False

    def take(self) -> bytearray:
        """The typed passphrase, and the field emptied at once."""
        secret = bytearray(self.text().encode())
        self.clear()
        # What is disabled while a job runs hands the keyboard to its neighbour, often a field in the open,
        # and a person who is refused types the passphrase again without looking.
        self._used = True
        self.window().setFocus()
        QTimer.singleShot(0, self, self._return)
        return secret

    def showEvent(self, event: QShowEvent) -> None:
        """Whoever came in by card is asked for its PIN, and the field says so."""
        super().showEvent(event)
        name = self.accessibleName()
        own = next((words for words in _OWN if name.startswith(words)), "")
        if own and (serial := _opened_by(self)):
            self.setAccessibleName(f"PIN of your card {serial}{name.removeprefix(own)}")
            caption = _caption_of(self)
            if caption is not None:
                caption.show_text(self.accessibleName())

    def changeEvent(self, event: QEvent) -> None:
        """The job is over."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.EnabledChange:
            self._return()

    def _return(self) -> None:
        if not (self._used and self.isEnabled()):
            return
        self._used = False
        window = self.window()
        if window.focusWidget() in {None, window}:  # else somebody chose another place meanwhile
            self.setFocus()


def _opened_by(field: QWidget) -> str:
    widget: QWidget | None = field
    while widget is not None:
        if serial := widget.property(OPENED_BY):
            return str(serial)
        widget = widget.parentWidget()
    return ""


def _caption_of(field: QWidget) -> Text | None:
    parent = field.parentWidget()
    layout = parent.layout() if parent is not None else None
    caption = layout.labelForField(field) if isinstance(layout, QFormLayout) else None
    return caption if isinstance(caption, Text) else None
