"""One case in one place: a header that says where it stands, and a tab for each kind of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QTabWidget, QToolButton, QVBoxLayout, QWidget

from ui.desk import Desk
from ui.page import Page
from ui.presenting import CasePart
from ui.widgets import basics
from ui.window_words import VOLUNTARY, day_of
from workstation.app import queries
from workstation.app.wording import word
from workstation.core.values import CaseId

_Maker = Callable[[Desk, Callable[[], None]], tuple[Page, CasePart]]


def _part(module: str) -> _Maker:
    """Makes a part of a case; its module is loaded then."""

    def make(desk: Desk, changed: Callable[[], None]) -> tuple[Page, CasePart]:
        return cast("tuple[Page, CasePart]", import_module(module).make(desk, changed))

    return make


_PARTS = (
    ("overview", "&Overview", "ui.overview.view"),
    ("package", "Pac&kage", "ui.package.view"),
    ("checklist", "C&hecklist", "ui.checklist.view"),
    ("benchmarks", "&Benchmarks", "ui.benchmarks.view"),
    ("findings", "&Findings", "ui.findings.view"),
    ("referrals", "Referrals", "ui.referrals.view"),
    ("timeline", "&Timeline", "ui.timeline.view"),
    ("determination", "&Determination", "ui.determination.view"),
    ("partners", "Part&ners", "ui.partners.view"),
    ("export", "&Export", "ui.export.view"),
    ("history", "H&istory", "ui.audit.history"),
)
TABS: tuple[tuple[str, str, _Maker], ...] = tuple(
    (name, text, _part(module)) for name, text, module in _PARTS
)
NAMES = tuple(name for name, _text, _maker in TABS)
MODULES = tuple(module for _name, _text, module in _PARTS)  # loaded beforehand, in no order


class WorkspaceView(Protocol):
    """The workspace as its presenter sees it."""

    def show_header(self, title: str, line: str) -> None:
        """Which case, and how it stands."""

    @property
    def part(self) -> Page:
        """The tab on top, made when it is first asked for."""


class CaseWorkspace(Page):
    """The header and the tabs."""

    turned = Signal(int)

    def __init__(self, made: Callable[[int], Page]) -> None:
        """``made`` makes the page of a tab; it is asked when the tab first comes on top, not before."""
        super().__init__()
        self._made = made
        self._title, self._line = basics.label("", "title"), basics.label("", "muted")
        self._parts: dict[int, Page] = {}
        self._tabs = QTabWidget()
        self._tabs.setAccessibleName("Parts of the case")
        self._tabs.tabBar().setAccessibleName("Parts of the case")
        self._tabs.setUsesScrollButtons(True)
        self._tabs.currentChanged.connect(self.turned)
        self._tabs.currentChanged.connect(lambda _number: self._enter())
        self._all = QToolButton()
        self._all.setText("All parts")
        self._all.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._all.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._menu = QMenu(self._all)
        self._all.setMenu(self._menu)
        self._tabs.setCornerWidget(self._all)
        self._all.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._title)
        layout.addWidget(self._line)
        layout.addWidget(self._tabs, 1)

    def add_tab(self, text: str) -> None:
        """A further tab, in order, empty until it is turned to."""
        holder = QWidget()
        QVBoxLayout(holder).setContentsMargins(0, 0, 0, 0)
        number = self._tabs.addTab(holder, text)
        self._menu.addAction(text, lambda: self._tabs.setCurrentIndex(number))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where not every tab has room, a list names all of them."""
        super().resizeEvent(event)
        bar = self._tabs.tabBar()
        needed = sum(bar.tabRect(number).width() for number in range(bar.count()))
        self._all.setVisible(needed > self.width())

    def show_header(self, title: str, line: str) -> None:
        """Which case, and how it stands."""
        basics.set_text(self._title, title)
        basics.set_text(self._line, line)

    def turn_to(self, name: str) -> None:
        """Put one tab on top; whoever asks for it reads the case, and shows it, next."""
        self._tabs.blockSignals(True)
        self._tabs.setCurrentIndex(NAMES.index(name))
        self._tabs.blockSignals(False)

    def _enter(self) -> None:
        """After Alt and a letter the keyboard goes along; with the arrows it stays in the row of tabs."""
        if self.isVisible() and not self._tabs.tabBar().hasFocus():
            self.focus_first()

    def turn_by(self, step: int) -> None:
        """The next or previous tab, round and round."""
        self._tabs.setCurrentIndex((self._tabs.currentIndex() + step) % self._tabs.count())
        self.focus_first()

    @property
    def tab_name(self) -> str:
        """Which tab is on top."""
        return NAMES[self._tabs.currentIndex()]

    @property
    def part(self) -> Page:
        """The tab on top."""
        number = self._tabs.currentIndex()
        self._place(number, self._part(number))
        return self._parts[number]

    def prepare_next(self) -> bool:
        """Make a part, or put it into its place, that was not asked for yet; False: all are there."""
        for number in range(self._tabs.count()):
            if number not in self._parts:
                self._part(number)
                return True
            if self._place(number, self._parts[number]):
                return True
        return False

    def _part(self, number: int) -> Page:
        if number not in self._parts:
            self._parts[number] = self._made(number)
        return self._parts[number]

    def _place(self, number: int, part: Page) -> bool:
        """Into its tab; False where it is there already."""
        holder = self._tabs.widget(number)
        layout = holder.layout() if holder is not None else None
        if layout is None or layout.count():
            return False
        # A part that needs more room than there is scrolls; it never widens the window.
        layout.addWidget(basics.scrolling(part))
        return True

    def focus_first(self) -> None:
        """The tab on top."""
        self.part.focus_first()

    def panes(self) -> Sequence[QWidget]:
        """The row of tabs, then the panes of the tab on top."""
        return (self._tabs.tabBar(), *self.part.panes())


@dataclass
class WorkspacePresenter:
    """Reads the case once per refresh and hands the same frozen view to the part on top."""

    view: WorkspaceView
    desk: Desk
    case_id: CaseId
    parts: dict[int, CasePart]
    _read: queries.CaseView | None = None
    _top: int = 0

    def refresh(self) -> None:
        """Read the case again."""
        self._read = queries.case_view(self.desk.here, self.case_id)
        row = self._read.row
        day = day_of(row)
        parts = [row.case_id, row.developer, word("case-type", row.case_type), word("state", row.state), day]
        parts.append(VOLUNTARY)
        self.view.show_header(f"{row.model}, {row.checkpoint}", "  \u00b7  ".join(parts))
        self.desk.attempt(self._show_part, dismiss=False)
        self.desk.routes.marking_changed()

    def aim(self, case_id: CaseId, name: str) -> None:
        """The case, and the part of it, that the next reading is for."""
        self.case_id, self._top = case_id, NAMES.index(name)

    def turn(self, number: int) -> None:
        """Another part is on top."""
        self._top = number
        if self._read is not None:
            self.desk.attempt(self._show_part)

    def _show_part(self) -> None:
        if self._read is not None and self.view.part is not None:
            self.parts[self._top].show(self._read)

    def marking(self) -> str:
        """The case's own banner."""
        return self._read.row.marking if self._read else ""


def make(desk: Desk, case_id: CaseId) -> tuple[CaseWorkspace, WorkspacePresenter]:
    """The workspace of one case; all parts at once would keep the window waiting: each comes when asked."""

    def made(number: int) -> Page:
        _name, _text, maker = TABS[number]
        part, presenter.parts[number] = maker(desk, presenter.refresh)
        return part

    view = CaseWorkspace(made)
    presenter = WorkspacePresenter(view=view, desk=desk, case_id=case_id, parts={})
    for _name, text, _maker in TABS:
        view.add_tab(text)
    view.turned.connect(presenter.turn)
    return view, presenter
