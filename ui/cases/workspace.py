"""One case in one place: a header that says where it stands, and a tab for each kind of work."""

from collections.abc import Callable

from PySide6.QtWidgets import QTabWidget, QVBoxLayout

from ui.audit.page import HistoryTab
from ui.checklist.page import ChecklistTab
from ui.desk import Desk
from ui.determination.page import DeterminationTab
from ui.export.page import ExportTab
from ui.overview.page import OverviewTab
from ui.package.page import PackageTab
from ui.page import Page
from ui.tab import Tab
from ui.timeline.page import TimelineTab
from ui.widgets import basics
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.values import CaseId

TABS: tuple[tuple[str, str, Callable[[Desk, Callable[[], None]], Tab]], ...] = (
    ("overview", "&Overview", OverviewTab),
    ("package", "Pac&kage", PackageTab),
    ("checklist", "C&hecklist", ChecklistTab),
    ("timeline", "&Timeline", TimelineTab),
    ("determination", "&Determination", DeterminationTab),
    ("export", "&Export", ExportTab),
    ("history", "H&istory", HistoryTab),
)


class CaseWorkspace(Page):
    """Reads the case once per refresh and hands the same frozen view to the tab on top."""

    def __init__(self, desk: Desk, case_id: CaseId) -> None:
        super().__init__()
        self._desk, self.case_id = desk, case_id
        self._view: queries.CaseView | None = None
        self._title, self._line = basics.label("", "title"), basics.label("", "muted")
        self._tabs = QTabWidget()
        self._tabs.setAccessibleName("Parts of the case")
        self._made: list[Tab] = []
        for _name, text, maker in TABS:
            tab = maker(desk, self.refresh)
            self._made.append(tab)
            self._tabs.addTab(tab, text)
        self._tabs.currentChanged.connect(lambda _index: self._show_view())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(self._line)
        layout.addWidget(self._tabs, 1)

    def show_tab(self, name: str) -> None:
        """Put one tab on top."""
        names = [tab_name for tab_name, _text, _maker in TABS]
        self._tabs.setCurrentIndex(names.index(name))

    def refresh(self) -> None:
        """Read the case again."""
        self._view = queries.case_view(self._desk.here, self.case_id)
        row = self._view.row
        basics.set_text(self._title, f"{row.model}, {row.checkpoint}")
        day = f"day {row.day_number} of {row.total_days}" if row.total_days else "no window running"
        parts = [row.case_id, row.developer, word("case-type", row.case_type), word("state", row.state), day]
        basics.set_text(self._line, "  \u00b7  ".join(parts))
        self._show_view()

    def _show_view(self) -> None:
        tab = self._made[self._tabs.currentIndex()]
        if self._view is not None:
            view = self._view
            self._desk.attempt(lambda: tab.show_view(view))

    def focus_first(self) -> None:
        """The tab on top."""
        self._made[self._tabs.currentIndex()].focus_first()

    def marking(self) -> str:
        """The case's own banner."""
        return self._view.row.marking if self._view else ""
