"""A bare Qt shell, the least that a window of this kind costs: what the desktop is measured against.

It is the prototype that the targets were set by, built again from its description: banners above and below, a
sidebar with line icons, a hundred thousand records of an encrypted database (one query for their order, then
blocks of 256), a painted timeline of thirty days, a checklist, a page of a PDF drawn by pypdfium2, a job with
progress that can be cancelled, a lock after fifteen idle minutes, light and dark colours, one bundled font in
three weights, Fusion, some forty lines of style sheet. Nothing of the program is used but its fonts.

Run as a program it prints the seconds from ``--since`` (of the monotonic clock) until its first page is drawn
and takes the keyboard, and the seconds of the processor. With ``--empty`` that is an empty window: the
prototype took 1.6 to 2.5 times as long as one, which tells whether this is still the same shell.
"""

import argparse
import sys
import threading
import time
from collections import OrderedDict
from pathlib import Path

import pypdfium2
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QIcon,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)
from sqlcipher3 import dbapi2

FONTS = Path(__file__).resolve().parents[2] / "resources" / "fonts"
NAMES = ("Records", "Timeline", "Checklist", "Document", "Work", "Settings")
ROWS, BLOCK, BLOCKS, IDLE_MS = 100_000, 256, 64, 15 * 60 * 1000
COLUMNS = ("number", "case_name", "title", "state", "due", "note")
_KEY = f"PRAGMA key = \"x'{'00' * 32}'\""
_LIGHT = {"window": "#f4f5f7", "base": "#ffffff", "text": "#1b1f24", "accent": "#1d4f91", "line": "#c4cad2"}
_DARK = {"window": "#1b1f24", "base": "#22272e", "text": "#e6e9ed", "accent": "#6ea8fe", "line": "#444c56"}
_SHEET = """
QWidget { font-size: 10pt; }
QLabel[banner="true"] { background: #007a33; color: white; font-weight: 600; padding: 3px; }
QLabel[title="true"] { font-size: 15pt; font-weight: 600; }
QPushButton { border: 1px solid @line; border-radius: 4px; padding: 5px 12px; background: @base; }
QPushButton:hover { border-color: @accent; }
QPushButton:focus { border: 2px solid @accent; }
QPushButton:disabled { color: @line; }
QPushButton[nav="true"] { border: none; text-align: left; padding: 8px 14px; background: transparent; }
QPushButton[nav="true"]:checked { background: @base; border-left: 3px solid @accent; font-weight: 600; }
QLineEdit, QPlainTextEdit, QComboBox { border: 1px solid @line; padding: 4px; background: @base; }
QLineEdit:focus, QPlainTextEdit:focus, QComboBox:focus { border: 2px solid @accent; }
QTableView { border: 1px solid @line; background: @base; gridline-color: transparent; }
QTableView::item { padding: 4px 8px; }
QTableView::item:selected { background: @accent; color: @base; }
QHeaderView::section { border: none; border-bottom: 1px solid @line; padding: 5px 8px; background: @window; }
QProgressBar { border: 1px solid @line; border-radius: 4px; text-align: center; }
QProgressBar::chunk { background: @accent; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid @line; background: @base; }
QCheckBox::indicator:checked { background: @accent; }
QScrollBar:vertical { width: 12px; background: @window; }
QScrollBar::handle:vertical { background: @line; border-radius: 4px; min-height: 30px; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; }
"""
_ICON = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="black">'
    b'<rect x="3" y="3" width="18" height="18" rx="2"/><path d="M7 %d h10"/></svg>'
)
_Index = QModelIndex | QPersistentModelIndex
_Row = tuple[object, ...]


class Rows(QAbstractTableModel):
    """All numbers in one query, the rows themselves in blocks when they are looked at."""

    def __init__(self, database: dbapi2.Connection, parent: QObject) -> None:
        super().__init__(parent)
        self._database, self._order = database, list[int]()
        self._blocks: OrderedDict[int, list[_Row]] = OrderedDict()

    def sort_by(self, column: str) -> None:
        """Ask for the order anew."""
        self.beginResetModel()
        found = self._database.execute(f"SELECT number FROM records ORDER BY {column}")
        self._order = [number for (number,) in found]
        self._blocks.clear()
        self.endResetModel()

    def _row(self, row: int) -> _Row:
        block = row // BLOCK
        if block not in self._blocks:
            wanted = self._order[block * BLOCK : (block + 1) * BLOCK]
            marks = ",".join("?" * len(wanted))
            found = self._database.execute(f"SELECT * FROM records WHERE number IN ({marks})", wanted)
            by_number = {one[0]: one for one in found}
            self._blocks[block] = [by_number[number] for number in wanted]
            if len(self._blocks) > BLOCKS:
                self._blocks.popitem(last=False)
        return self._blocks[block][row % BLOCK]

    def rowCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else len(self._order)

    def columnCount(self, parent: _Index | None = None) -> int:
        """Qt's question."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, way: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """The names of the columns."""
        across = way is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if across else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Text."""
        return str(self._row(index.row())[index.column()]) if role == Qt.ItemDataRole.DisplayRole else None


class BarePage(QWidget):
    """A title and what stands below it."""

    def __init__(self, name: str, content: QWidget) -> None:
        super().__init__()
        title = QLabel(name)
        title.setProperty("title", True)
        layout = QVBoxLayout(self)
        layout.addWidget(title)
        layout.addWidget(content, 1)
        self.content = content

    def arrive(self) -> None:
        """Whatever a page reads each time it is shown."""
        self.content.setFocus()


class Records(BarePage):
    """A filter above the table."""

    def __init__(self, database: dbapi2.Connection) -> None:
        self.table = QTableView()
        super().__init__(NAMES[0], self.table)
        self.model = Rows(database, self)
        self.table.setModel(self.model)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)

    def arrive(self) -> None:
        """The order is read anew."""
        self.model.sort_by("due")
        self.table.setCurrentIndex(self.model.index(0, 0))
        super().arrive()


class Timeline(QWidget):
    """Thirty days, painted."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A column a day, a bar a case."""
        painter = QPainter(self)
        step = self.width() / 30
        for day in range(30):
            painter.drawLine(int(day * step), 20, int(day * step), self.height())
            painter.drawText(int(day * step) + 2, 14, str(day + 1))
        for case in range(12):
            painter.fillRect(int(case * step), 40 + case * 24, int(12 * step), 16, QColor("#1d4f91"))


class Document(QWidget):
    """The first page of a document, drawn each time the page is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()

    def setFocus(self) -> None:  # type: ignore[override]  # the one of Qt that takes no reason
        """Draw it."""
        document = pypdfium2.PdfDocument.new()
        bitmap = document.new_page(595, 842).render(scale=1.5, rev_byteorder=True)
        line = bitmap.stride
        self._image = QImage(
            bytes(bitmap.buffer), bitmap.width, bitmap.height, line, QImage.Format.Format_RGB888
        )
        super().setFocus()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The picture."""
        QPainter(self).drawImage(0, 0, self._image)


def _fields(count: int) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    for number in range(count):
        form.addRow(f"Field {number}", QLineEdit())
    form.addRow("Theme", QComboBox())
    form.addRow("Detail", QPlainTextEdit())
    return page


def _checklist() -> QWidget:
    page = QWidget()
    layout = QVBoxLayout(page)
    for number in range(12):
        layout.addWidget(QCheckBox(f"Criterion {number + 1} is met, and the record says where that is shown"))
    layout.addWidget(QPlainTextEdit())
    return page


class Work(QWidget):
    """A job that can be cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self._stop = threading.Event()
        self._bar, start, cancel = QProgressBar(), QPushButton("Start"), QPushButton("Cancel")
        start.clicked.connect(
            lambda: threading.Thread(target=self._stop.wait, args=(5,), daemon=True).start()
        )
        cancel.clicked.connect(self._stop.set)
        layout = QVBoxLayout(self)
        for widget in (self._bar, start, cancel):
            layout.addWidget(widget)
        layout.addStretch(1)


def _icon(number: int, colour: str) -> QIcon:
    picture = QPixmap(QSize(20, 20))
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    QSvgRenderer(_ICON % number).render(painter)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(picture.rect(), QColor(colour))
    painter.end()
    return QIcon(picture)


def _banner(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("banner", True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


class BareShell(QWidget):
    """The window."""

    def __init__(self, database: Path, colours: dict[str, str] | None = None) -> None:
        super().__init__()
        colours = colours or _LIGHT
        self._database = dbapi2.connect(str(database))
        self._database.execute(_KEY)
        self.stack, self.buttons = QStackedWidget(), [QPushButton(name) for name in NAMES]
        contents = (Timeline(), _checklist(), Document(), Work(), _fields(12))
        others = [BarePage(name, content) for name, content in zip(NAMES[1:], contents, strict=True)]
        self.pages: list[BarePage] = [Records(self._database), *others]
        side = QVBoxLayout()
        for number, (button, page) in enumerate(zip(self.buttons, self.pages, strict=True)):
            button.setProperty("nav", True)
            button.setCheckable(True)
            button.setAutoExclusive(True)
            button.setIcon(_icon(number, colours["text"]))
            button.clicked.connect(lambda _checked, number=number: self.show_page(number))
            side.addWidget(button)
            self.stack.addWidget(page)
        side.addStretch(1)
        across = QHBoxLayout()
        across.addLayout(side)
        across.addWidget(self.stack, 1)
        layout = QVBoxLayout(self)
        layout.addWidget(_banner("UNCLASSIFIED"))
        layout.addLayout(across, 1)
        layout.addWidget(QLabel("Nobody has locked this"))
        layout.addWidget(_banner("UNCLASSIFIED"))
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self.stack.hide)
        self._idle.start()
        sheet = _SHEET
        for name, colour in colours.items():
            sheet = sheet.replace(f"@{name}", colour)
        self.setStyleSheet(sheet)
        self.resize(1366, 768)

    def event(self, event: QEvent) -> bool:
        """Whoever does something is there."""
        if event.type() in {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress}:
            self._idle.start()
        return super().event(event)

    def show_page(self, number: int) -> None:
        """Bring it on top; it reads what it shows."""
        self.stack.setCurrentIndex(number)
        self.buttons[number].setChecked(True)
        self.pages[number].arrive()


def fill(database: Path) -> None:
    """An encrypted database with something to read."""
    made = dbapi2.connect(str(database))
    made.execute(_KEY)
    made.execute(f"CREATE TABLE records ({COLUMNS[0]} INTEGER PRIMARY KEY, {', '.join(COLUMNS[1:])})")
    rows = [
        (n, f"case {n % 997}", f"Record {n}", "open", f"2026-{n % 12:02d}", "words " * 6) for n in range(ROWS)
    ]
    made.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", rows)
    for column in COLUMNS[1:]:
        made.execute(f"CREATE INDEX by_{column} ON records ({column})")
    made.commit()
    made.close()


def application() -> QApplication:
    """Qt in the look of the prototype."""
    existing = QApplication.instance()
    qt = existing if isinstance(existing, QApplication) else QApplication(["bare"])
    for file in sorted(FONTS.glob("*.ttf"))[:3]:
        QFontDatabase.addApplicationFontFromData(file.read_bytes())
    qt.setStyle("Fusion")
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, name in (
        (roles.Window, "window"),
        (roles.Base, "base"),
        (roles.Text, "text"),
        (roles.WindowText, "text"),
        (roles.Highlight, "accent"),
    ):
        palette.setColor(role, QColor(_LIGHT[name]))
    qt.setPalette(palette)
    font = QFont("IBM Plex Sans")
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    qt.setFont(font)
    return qt


def empty(since_s: float) -> int:
    """A window with nothing in it."""
    qt, window = QApplication(["empty"]), QWidget()
    window.show()
    while window.visibleRegion().isEmpty():
        qt.processEvents()
    print(time.monotonic() - since_s, time.process_time())
    return 0


def main() -> int:
    """Start, and say when the first page was there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--since", type=float, required=True)
    parser.add_argument("--database", type=Path)
    parser.add_argument("--empty", action="store_true")
    options = parser.parse_args()
    if options.empty:
        return empty(options.since)
    qt = application()
    shell = BareShell(options.database)
    shell.show()
    shell.show_page(0)
    while shell.stack.visibleRegion().isEmpty() or not isinstance(qt.focusWidget(), QTableView):
        qt.processEvents()
    shell.repaint()
    print(time.monotonic() - options.since, time.process_time())
    shell.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
