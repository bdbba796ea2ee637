"""What changed between two submissions of one case: counts, and every path with one of five words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.desk import Desk
from ui.widgets import basics
from ui.widgets.tables import Table
from workstation.app import amendments
from workstation.app.amendments import DIFFERING, Amendment, Change, ChangedFile
from workstation.app.wording import size, word
from workstation.core.packages import Package
from workstation.core.values import PackageId
from workstation.core.viewing import Place

_ALL_DIFFERING = "differing"
_KIND_CHARS = 22
Opened = Callable[[PackageId, str, Place | None], None]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What the panel shows: which packages there are to compare with, in words."""

    present: str
    earlier: tuple[tuple[str, str], ...]  # identifier and words, newest first


class ChangesView(Protocol):
    """The panel as the presenter sees it."""

    def show_compared(self, compared: Compared) -> None:
        """Another case, or another package."""

    def show_changes(self, found: Amendment) -> None:
        """The paths that were asked for."""

    def show_busy(self) -> None:
        """The comparison is under way."""


class ChangesPresenter:
    """Compares the present package with an earlier one, off the window's thread."""

    def __init__(self, view: ChangesView, desk: Desk, opened: Opened) -> None:
        self._page, self._desk, self._opened = view, desk, opened
        self._earlier: PackageId | None = None
        self._present: PackageId | None = None
        self._of, self._holding = _ALL_DIFFERING, ""

    def show(self, present: Package, earlier: Sequence[Package]) -> None:
        """Begin with the package before the present one."""
        self._present, self._earlier = present.package_id, earlier[0].package_id
        self._of, self._holding = _ALL_DIFFERING, ""
        self._page.show_compared(
            Compared(
                present=self.named(present),
                earlier=tuple((one.package_id, self.named(one)) for one in earlier),
            )
        )
        self._read()

    def named(self, package: Package) -> str:
        """A package in words."""
        received = f", received {self._desk.dates.moment(package.received_at)}" if package.received_at else ""
        return f"{package.untrusted_name}{received}, {word('package-state', package.state).lower()}"

    def compare_with(self, package_id: str) -> None:
        """Another earlier package."""
        self._earlier = PackageId(package_id)
        self._read()

    def filter(self, of: str, holding: str) -> None:
        """Only this kind of change, only paths that hold this."""
        self._of, self._holding = of, holding.strip()
        self._read()

    def open(self, file: ChangedFile, *, before: bool) -> None:
        """The file as it is now, or as it was; where it is in one package only, there."""
        before = file.change is Change.REMOVED or (before and file.change is not Change.ADDED)
        package_id = self._earlier if before else self._present
        if package_id is not None:
            self._opened(package_id, file.untrusted_path, None)

    def _read(self) -> None:
        earlier, present, holding = self._earlier, self._present, self._holding
        if earlier is None or present is None:
            return
        of = DIFFERING if self._of == _ALL_DIFFERING else frozenset({Change(self._of)})
        self._page.show_busy()
        self._desk.read(
            "changes",
            lambda session: amendments.difference(session, earlier, present, of=of, holding=holding),
            self._page.show_changes,
        )


class ChangesPanel(QWidget):
    """``opened`` carries a row and whether it is wanted as it was before."""

    left = Signal()
    chosen = Signal(str)
    filtered = Signal(str, str)
    opened = Signal(object, bool)

    def __init__(self) -> None:
        super().__init__()
        self._back = basics.button("Back to the package", self.left.emit)
        self._with = basics.choice(())
        self._with.setAccessibleName("Compare with")
        self._with.currentIndexChanged.connect(lambda _index: self.chosen.emit(self._with.value))
        self._present = basics.label("", "muted")
        self._counts = basics.label("", "section")
        self._kind = basics.choice(
            (
                (_ALL_DIFFERING, "All that is not unchanged"),
                *((change.value, word("change", change)) for change in Change),
            )
        )
        self._kind.setAccessibleName("Kind of change")
        self._kind.setMinimumContentsLength(_KIND_CHARS)
        self._kind.currentIndexChanged.connect(lambda _index: self._refilter())
        self._name = basics.line("Part of a path, then Enter")
        self._name.setAccessibleName("Filter by path")
        self._name.returnPressed.connect(self._refilter)
        self._shown = basics.label("", "muted", wrap=False)
        self.table: Table[ChangedFile] = Table(
            "Files that changed",
            (
                ("Change", lambda row: word("change", row.change)),
                ("File", lambda row: row.untrusted_path),
                ("Size before", lambda row: _size(row.old_bytes), lambda row: row.old_bytes or 0),
                ("Size now", lambda row: _size(row.new_bytes), lambda row: row.new_bytes or 0),
            ),
            opened=lambda row: self.opened.emit(row, False),
            stretch=1,
            rows=6,
        )
        self._open = basics.button("Open the chosen file  (Enter)", lambda: self._open_row(before=False))
        self._before = basics.button(
            "Open it as it was before  (Ctrl+Enter)", lambda: self._open_row(before=True)
        )
        self._lay_out()
        self._bind_keys()

    def _bind_keys(self) -> None:
        for keys, act in (
            ("Ctrl+Return", lambda: self._open_row(before=True)),
            ("Alt+Left", self.left.emit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _lay_out(self) -> None:
        compared = basics.form((("Compare with", self._with),))
        head = basics.card(basics.label("What changed", "section"), self._present, compared, self._counts)
        filters = basics.Columns((self._kind, 0), (self._name, 1), (self._shown, 0))
        made = basics.row(self._open, self._before)
        whole = basics.column(basics.row(self._back), head, filters, self.table, made, gap=2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.addWidget(basics.scrolling(whole))

    def show_compared(self, compared: Compared) -> None:
        """Another case, or another package."""
        basics.set_text(self._present, f"The present package: {compared.present}")
        for widget in (self._with, self._kind):
            widget.blockSignals(True)
        self._with.offer(compared.earlier)
        self._kind.choose(_ALL_DIFFERING)
        self._name.setText("")
        for widget in (self._with, self._kind):
            widget.blockSignals(False)

    def show_busy(self) -> None:
        """The comparison is under way."""
        basics.set_text(self._shown, "Comparing")

    def show_changes(self, found: Amendment) -> None:
        """The paths that were asked for."""
        counts = (f"{word('change', change)} {found.counts[change]:,}" for change in Change)
        basics.set_text(self._counts, "  \u00b7  ".join(counts))
        self.table.show_rows(found.changes, keep=True)
        more = "" if found.matching == len(found.changes) else f" of {found.matching:,}"
        basics.set_text(self._shown, f"{len(found.changes):,}{more} listed")

    def focus_first(self) -> None:
        """The list."""
        self.table.setFocus()

    def panes(self) -> Sequence[QWidget]:
        """The way back, the filter, the list."""
        return (self._back, self._kind, self.table)

    def _refilter(self) -> None:
        self.filtered.emit(self._kind.value, self._name.text())

    def _open_row(self, *, before: bool) -> None:
        row = self.table.current()
        if row is not None:
            self.opened.emit(row, before)


def _size(size_bytes: int | None) -> str:
    return "-" if size_bytes is None else size(size_bytes)


def make(desk: Desk, opened: Opened) -> tuple[ChangesPanel, ChangesPresenter]:
    """The panel with its presenter."""
    view = ChangesPanel()
    presenter = ChangesPresenter(view, desk, opened)
    view.chosen.connect(presenter.compare_with)
    view.filtered.connect(presenter.filter)
    view.opened.connect(lambda row, before: presenter.open(row, before=before))
    return view, presenter
