"""Fields for dates: typed as they are written, never changed by the wheel."""

from datetime import date

from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QFont, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QDateEdit, QWidget

from ui import theme
from ui.dates import Dates

_BETWEEN = frozenset(" -/.,")
_ONWARD = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}


class DateField(QDateEdit):
    """A date, written as everywhere else."""

    def __init__(self, dates: Dates, on: date) -> None:
        super().__init__(QDate(on.year, on.month, on.day))
        self.setDisplayFormat(dates.entry_format)
        self._was_taken_on = False
        capitals = self.font()
        capitals.setCapitalization(QFont.Capitalization.AllUppercase)
        self.setFont(capitals)  # the month as everywhere else
        self.lineEdit().setTextMargins(theme.space(2), 0, 0, 0)
        self.setToolTip("Type the date; the arrow keys change day, month or year")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def value(self) -> date:
        """The date shown."""
        on = self.date()
        return date(on.year(), on.month(), on.day())

    def show_date(self, on: date) -> None:
        """Show another date."""
        self.setDate(QDate(on.year, on.month, on.day))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Day, month and year are typed one after the other, with or without something between them.

        Qt itself drops what is typed into a part that is not selected, so a part that is gone to is selected.
        """
        typed, section, was_taken_on = event.text(), self.currentSection(), self._was_taken_on
        self._was_taken_on = False
        plain = event.modifiers() in {Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier}
        if plain and event.key() in _ONWARD:
            step = _ONWARD[Qt.Key(event.key())]
            self._go(0 if was_taken_on and step > 0 else step)
        elif typed and typed in _BETWEEN:
            self._go(0 if was_taken_on else 1)
        else:
            in_words = section is QDateEdit.Section.MonthSection and "MMM" in self.displayFormat()
            if (typed.isalpha() and not in_words and self._words_follow) or (typed.isdigit() and in_words):
                self._go(1)
            index = self.currentSectionIndex()
            super().keyPressEvent(event)
            # A full part takes the person on by itself; what they press to go on is no second step.
            self._was_taken_on = typed.isalnum() and self.currentSectionIndex() > index

    @property
    def _words_follow(self) -> bool:
        return "MMM" in self.displayFormat() and self.currentSectionIndex() + 1 < self.sectionCount()

    def _go(self, step: int) -> None:
        index = min(max(self.currentSectionIndex() + step, 0), self.sectionCount() - 1)
        self.interpretText()  # what was typed so far counts
        self.setCurrentSectionIndex(index)
        self.setSelectedSection(self.sectionAt(index))

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Tab leaves the field at once; the arrow keys go between day, month and year."""
        return QWidget.focusNextPrevChild(self, next)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the page: a date is not changed by passing over it."""
        event.ignore()
