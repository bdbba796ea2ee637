"""A bare Qt shell: the least that a window of this kind costs, to measure the desktop against.

Banners, a sidebar, a status strip and pages as plain as they can be: rows of an encrypted database in a
table, and fields beside it. Nothing is decided, marked or locked. Run as a program it prints
the seconds from ``--since`` (of the monotonic clock) until its first page is drawn and takes the keyboard.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from sqlcipher3 import dbapi2

from ui import theme
from workstation.settings import Settings

NAMES = ("Records", "Package", "Checklist", "Findings", "Export", "Trail")
ROWS, READ_ROWS, FIELDS = 2_000, 200, 12
_Index = QModelIndex | QPersistentModelIndex
_Row = tuple[object, ...]


class Rows(QAbstractTableModel):
    """What was read last."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[_Row] = []

    def show_rows(self, rows: list[_Row]) -> None:
        """Replace them."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else 5

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text."""
        return str(self.rows[index.row()][index.column()]) if role == Qt.ItemDataRole.DisplayRole else None


class BarePage(QWidget):
    """A table on the left, the chosen row on the right."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.model, self.table = Rows(self), QTableView()
        self.table.setModel(self.model)
        self.table.horizontalHeader().setStretchLastSection(True)
        self._fields = [QLabel() for _field in range(FIELDS)]
        form = QFormLayout()
        for number, field in enumerate(self._fields):
            form.addRow(f"Field {number}", field)
        form.addRow("Result", QComboBox())
        form.addRow("File", QLineEdit())
        form.addRow("Detail", QPlainTextEdit())
        form.addRow(QPushButton("Save"))
        right = QVBoxLayout()
        right.addWidget(QLabel(name))
        right.addLayout(form)
        across = QHBoxLayout(self)
        across.addWidget(self.table, 1)
        across.addLayout(right, 1)

    def show_rows(self, rows: list[_Row]) -> None:
        """As just read."""
        self.model.show_rows(rows)
        self.table.setCurrentIndex(self.model.index(0, 0))
        for number, field in enumerate(self._fields):
            field.setText(str(rows[0][number % len(rows[0])]))
        self.table.setFocus()


class BareShell(QWidget):
    """The window."""

    def __init__(self, database: Path) -> None:
        super().__init__()
        self._database = dbapi2.connect(str(database))
        self._database.execute(f"PRAGMA key = \"x'{'00' * 32}'\"")
        self.stack, self.buttons = QStackedWidget(), [QPushButton(name) for name in NAMES]
        self.pages = [BarePage(name) for name in NAMES]
        side = QVBoxLayout()
        for number, (button, page) in enumerate(zip(self.buttons, self.pages, strict=True)):
            button.clicked.connect(lambda _checked, number=number: self.show_page(number))
            side.addWidget(button)
            self.stack.addWidget(page)
        side.addStretch(1)
        across = QHBoxLayout()
        across.addLayout(side)
        across.addWidget(self.stack, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel("UNCLASSIFIED"))
        layout.addLayout(across, 1)
        layout.addWidget(QLabel("Status"))
        layout.addWidget(QLabel("UNCLASSIFIED"))
        self.setStyleSheet(theme.style_sheet(Settings()))
        self.resize(1366, 768)

    def show_page(self, number: int) -> None:
        """Read its rows and show them, as the desktop reads on each arrival."""
        found = self._database.execute(
            "SELECT * FROM records WHERE page = ? ORDER BY number LIMIT ?", (number, READ_ROWS)
        )
        self.stack.setCurrentIndex(number)
        self.pages[number].show_rows(found.fetchall())


def fill(database: Path) -> None:
    """An encrypted database with something to read."""
    made = dbapi2.connect(str(database))
    made.execute(f"PRAGMA key = \"x'{'00' * 32}'\"")
    made.execute("CREATE TABLE records (number INTEGER, page INTEGER, title TEXT, state TEXT, note TEXT)")
    rows = [(n, n % len(NAMES), f"Record {n} of the table", "open", "words " * 6) for n in range(ROWS)]
    made.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?)", rows)
    made.commit()
    made.close()


def application() -> QApplication:
    """Qt, with the same fonts and colours as the desktop."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(["bare"])
    theme.apply(qt, Settings())
    return qt


def main() -> int:
    """Start, and say when the first page was there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--since", type=float, required=True)
    since_s = parser.parse_args().since
    qt = application()
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder) / "db")
        shell = BareShell(Path(folder) / "db")
        shell.show()
        shell.show_page(0)
        while not (shell.isVisible() and shell.pages[0].table.viewport().visibleRegion().rectCount()):
            qt.processEvents()
        shell.repaint()
        print(time.monotonic() - since_s)
        shell.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
