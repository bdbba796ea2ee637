"""What the case workspace needs of every tab."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.desk import Desk
from workstation.app.queries import CaseView


class Tab(QWidget):
    """One part of a case. ``changed`` is called after an act, so that the whole workspace reads again."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        super().__init__()
        self.desk, self.changed = desk, changed

    def show_view(self, view: CaseView) -> None:
        """Show the case as just read."""

    def focus_first(self) -> None:
        """Put the keyboard where the person will want it."""
        self.setFocus()

    def act(self, work: Callable[[], object], told: str = "") -> bool:
        """Do something short, read the case again, and say that it was done."""
        if not self.desk.attempt(work):
            return False
        self.changed()
        if told:
            self.desk.notices.tell(told)
        return True
