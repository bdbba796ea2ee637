"""The field for a passphrase: what is typed for it never lands in a field that shows it."""

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QLineEdit


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
