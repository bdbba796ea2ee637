"""What the presenters of a case's parts share. No widget here."""

from collections.abc import Callable, Mapping

from ui.desk import Desk
from workstation.app.queries import CaseView
from workstation.core.values import CaseId


class CasePart:
    """One part of a case. ``changed`` is called after an act, so that the whole workspace reads again."""

    def __init__(self, desk: Desk, changed: Callable[[], None]) -> None:
        self.desk, self.changed = desk, changed
        self._view: CaseView | None = None

    @property
    def case(self) -> CaseView:
        """The case as last read; a part is asked for nothing before it was shown."""
        if self._view is None:
            raise RuntimeError("no case shown")
        return self._view

    @property
    def case_id(self) -> CaseId:
        """The case shown."""
        return self.case.row.case_id

    def show(self, view: CaseView) -> None:
        """Show the case as just read."""
        self._view = view

    def act(self, work: Callable[[], object], told: str = "") -> bool:
        """Do something short, read the case again, and say that it was done."""
        if not self.desk.attempt(work):
            return False
        self.changed()
        if told:
            self.desk.notices.tell(told)
        return True

    def typed(self, part: str, fields: Mapping[str, str]) -> None:
        """Keep what was typed and not yet recorded; it survives lock and crash."""
        self.desk.drafts.put(self.case_id, part, fields)

    def draft(self, part: str) -> Mapping[str, str]:
        """What was typed earlier; empty when nothing was."""
        return self.desk.drafts.get(self.case_id, part)
