"""Days of cases as a file for calendars: the button that asks where, and what is said afterwards."""

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton

from ui.desk import Desk
from ui.widgets import choosing
from ui.window_words import counted
from workstation.app import calendars
from workstation.core.values import CaseId


class CalendarButton(QPushButton):
    """Asks for a folder; the file in it is not encrypted, and the dialog says so."""

    chosen = Signal(object)

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.setAutoDefault(True)
        self.setToolTip("Cases and days, not encrypted; a row of the trail names the file")
        self.clicked.connect(lambda _checked: self._ask())

    def _ask(self) -> None:
        choosing.folder(self, "Folder for the calendar, which is not encrypted", self.chosen.emit)


def write(desk: Desk, folder: Path, case_id: CaseId | None = None) -> None:
    """Write the days of one case, or of every open one, to a new file; an older one stays as it is."""
    here = desk.here
    name = f"case-days-{case_id}-" if case_id else "case-days-"
    path = folder / f"{name}{here.services.clock.now():%Y%m%dT%H%M%SZ}.ics"

    def wrote(done: calendars.WrittenCalendar) -> None:
        desk.notices.tell(
            f"{counted(done.days, 'day')} of {counted(done.cases, 'case')} written to {done.path}, marked "
            f"{done.marking}. The file is not encrypted."
        )

    desk.attempt(lambda: calendars.write(here, path, case_id), wrote)
