"""Fields for dates: typed, never changed by the wheel."""

from datetime import date

from PySide6.QtCore import QDate, Qt
from PySide6.QtGui import QFont, QWheelEvent
from PySide6.QtWidgets import QDateEdit, QWidget

from ui import theme
from ui.dates import Dates


class DateField(QDateEdit):
    """A date, written as everywhere else."""

    def __init__(self, dates: Dates, on: date) -> None:
        super().__init__(QDate(on.year, on.month, on.day))
        self.setDisplayFormat(dates.entry_format)
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

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Tab leaves the field at once; the arrow keys go between day, month and year."""
        return QWidget.focusNextPrevChild(self, next)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel belongs to the page: a date is not changed by passing over it."""
        event.ignore()
