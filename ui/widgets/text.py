"""Labels for text from anywhere: never markup, nothing invisible, nothing clipped, copied as it was."""

from functools import cache

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget
from shiboken6 import isValid

from workstation.app.wording import visible

_MOST_CHARS = 20_000
_LONG_WORD = 24
_PIECE = 8
# Qt may break a line here and draws nothing for it; taken out again when text is copied.
_BREAK = "\u200b"


def shown(text: str) -> str:
    """Text as it is put on screen: hostile characters visible, the length bounded and said."""
    if len(text) > _MOST_CHARS:
        text = f"{text[:_MOST_CHARS]} [{len(text) - _MOST_CHARS:,} more characters are not shown here]"
    return visible(text)


def breakable(text: str) -> str:
    """Let digests, paths and other long words run over several lines."""
    return " ".join(
        _BREAK.join(word[i : i + _PIECE] for i in range(0, len(word), _PIECE))
        if len(word) > _LONG_WORD
        else word
        for word in text.split(" ")
    )


class _Later(QObject):
    """Tells the layouts around labels of another height, all at once and after the event being handled.

    A label that listened for itself would see every event through Python, thousands while a page is made.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[QWidget] = []

    def tell(self, label: QWidget) -> None:
        """Its height has changed."""
        if not self._waiting:
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.User))
        self._waiting.append(label)

    def event(self, event: QEvent) -> bool:
        """Now is later."""
        if event.type() != QEvent.Type.User:
            return super().event(event)
        waiting, self._waiting = self._waiting, []
        for label in waiting:
            if isValid(label):  # its page may have gone meanwhile
                label.updateGeometry()
        return True


@cache
def _later() -> _Later:
    return _Later()


class Text(QLabel):
    """A plain-text label whose height always fits its words at its present width."""

    def __init__(self, text: str = "", style: str = "", *, wrap: bool = True) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setObjectName(style)
        self.setWordWrap(wrap)
        self._words = ""
        if wrap:
            policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)
        self.show_text(text)

    @property
    def words(self) -> str:
        """What is shown, without the places where a line may break."""
        return self._words

    def show_text(self, text: str) -> None:
        """Show text from anywhere."""
        words = shown(text)
        if words != self._words:
            self._words = words
            self.setText(breakable(words) if self.wordWrap() else words)
            self._fit()

    def sizeHint(self) -> QSize:
        """As high as the words are at the present width, not as Qt would fold them by itself."""
        natural = super().sizeHint()
        if self.wordWrap() and self.width() > 0:
            return QSize(natural.width(), max(self.heightForWidth(self.width()), 0))
        return natural

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrower label is a higher one."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """A larger type is a higher label."""
        super().changeEvent(event)
        if event.type() in {QEvent.Type.FontChange, QEvent.Type.StyleChange}:
            self._fit()

    def _fit(self) -> None:
        # Layouts inside scroll areas ask for the height at the wrong width; the label states it itself.
        if self.wordWrap() and self.width() > 0:
            before = self.minimumHeight()
            # Qt never answers less than the minimum, which may still be that of a narrower label.
            self.setMinimumHeight(0)
            self.setMinimumHeight(max(0, self.heightForWidth(self.width())))
            if self.minimumHeight() != before:
                # What a layout hears while it is at work it forgets, so it is told again afterwards.
                _later().tell(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy what is selected as it was."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        else:
            super().keyPressEvent(event)

    def copy_selection(self) -> None:
        """The selected text, or all of it."""
        chosen = self.selectedText() or self._words
        QGuiApplication.clipboard().setText(chosen.replace(_BREAK, ""))

    def show_menu(self, at: QPoint) -> None:
        """The only thing to do with a text."""
        menu = QMenu(self)
        menu.addAction("Copy", self.copy_selection)
        menu.exec(self.mapToGlobal(at))
