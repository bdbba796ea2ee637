"""What tools' reports in the package say (SARIF): each result can become a finding, none does by itself."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.findings.shown import ToolLine
from ui.widgets import basics
from ui.widgets.tables import Table

_ABOUT = "Nothing is recorded before you press a button, and nothing twice."


class ToolReports(QWidget):
    """A report, its results, and two ways to take one over."""

    opened = Signal(str)
    begun = Signal(int)
    taken = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._report = basics.choice(())
        self._report.currentIndexChanged.connect(lambda _index: self.opened.emit(self._report.value))
        self._about = basics.label("", "muted")
        self._table: Table[ToolLine] = Table(
            "Results of the report",
            (
                ("No.", lambda row: str(row.number), lambda row: row.number),
                ("Level", lambda row: row.level),
                ("Rule", lambda row: row.rule),
                ("Says", lambda row: row.says),
                ("Finding", lambda row: row.known),
            ),
            stretch=3,
        )
        self._table.selectionModel().currentRowChanged.connect(lambda _new, _old: self._offer())
        self._begin = basics.button("Begin a finding from it", lambda: self._act(self.begun.emit))
        self._take = basics.button("Record it as the tool states it", lambda: self._act(self.taken.emit))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(
            basics.card(
                basics.label("From tools' reports in the package", "section"),
                basics.label(_ABOUT, "muted"),
                basics.form((("Report", self._report),)),
                self._about,
                self._table,
                basics.row(self._begin, self._take),
            )
        )
        self.hide()

    def show_reports(self, paths: Sequence[str]) -> None:
        """The reports of the package; without one there is nothing to show."""
        self._report.offer((path, path) for path in paths)
        self.setVisible(bool(paths))

    def show_results(self, rows: Sequence[ToolLine], about: str) -> None:
        """What the chosen one lists."""
        basics.set_text(self._about, about)
        self._table.show_rows(rows, keep=True)
        self._offer()

    def _offer(self) -> None:
        row = self._table.current()
        for button in (self._begin, self._take):
            button.setEnabled(row is not None and row.known == "-")

    def _act(self, tell: Callable[[int], object]) -> None:
        row = self._table.current()
        if row is not None:
            tell(row.number)
