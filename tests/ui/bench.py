"""A person at the window: finds things by the words on them, presses and types."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from tests.helpers.listed import listed_folder
from tests.ui.stages import Office
from ui.application import application
from ui.main_window import MainWindow
from ui.page import Page
from ui.widgets.tables import Table
from ui.widgets.text import Text
from workstation.core.people import Role
from workstation.demo.story import PASSPHRASE
from workstation.settings import Settings

W = TypeVar("W", bound=QWidget)
_DESKS = {Role.SECURITY_OFFICER: "releases", Role.CUSTODIAN: "people"}
WAIT_MS = 30_000
ROUND_MS = 10


@dataclass(kw_only=True)
class Bench:
    """One window at one office."""

    office: Office
    settings: Settings
    window: MainWindow = field(init=False)

    def __post_init__(self) -> None:
        application(self.settings)
        self.window = MainWindow(self.office.services, self.settings)
        self.window.resize(1366, 768)
        self.window.show()
        self.window.activateWindow()
        assert QTest.qWaitForWindowActive(self.window, WAIT_MS)

    def close(self) -> None:
        """Lock, close, and let the window go."""
        self.window.close()
        self.wait_done()
        self.window.deleteLater()
        QApplication.processEvents()

    @property
    def page(self) -> Page:
        """The page on top."""
        return self.window.router.page

    def arrive(self, login_name: str) -> None:
        """Unlock as somebody without typing, and go to the page where their work lies."""
        self.window.router.accept_consent()
        session = self.office.unlock(login_name)
        self.window.unlocked(session)
        self.window.router.show(_DESKS.get(session.person.role, "cases"))
        self.settle()

    def list_medium(self, folder: Path) -> None:
        """Have the custodian put a folder on the list of media; the person at the desk comes back."""
        who = self.window.desk.here.person.login_name
        self.window.lock("asked")
        listed_folder(self.office.services, folder)
        self.arrive(who)

    def wait_done(self) -> None:
        """Until no job and no read runs and its ending was told."""
        self.wait_until(lambda: not self.window.jobs.is_busy and not self.window.reads.is_busy)

    def settle(self) -> None:
        """Until every question to the store is answered; work in the strip may go on."""
        if self.window.reads.is_busy:
            self.wait_until(lambda: not self.window.reads.is_busy)

    @staticmethod
    def wait_until(holds: Callable[[], bool]) -> None:
        """Until something holds, while the window goes on living."""
        rounds = WAIT_MS // ROUND_MS
        while not holds():
            QTest.qWait(ROUND_MS)
            rounds -= 1
            assert rounds, "it never came true"

    def all(self, kind: type[W]) -> list[W]:
        """Visible widgets of a kind."""
        self.settle()
        return [widget for widget in self.window.findChildren(kind) if widget.isVisible()]

    def named(self, kind: type[W], name: str) -> W:
        """The visible widget with this accessible name."""
        found = [widget for widget in self.all(kind) if widget.accessibleName() == name]
        assert len(found) == 1, (name, [w.accessibleName() for w in self.all(kind)])
        return found[0]

    def button(self, words: str) -> QAbstractButton:
        """The visible button with these words; a mark for the Alt key and a key named in it are left out."""
        found = [b for b in self.all(QAbstractButton) if b.text().replace("&", "").split("  ")[0] == words]
        assert len(found) == 1, (words, [b.text() for b in self.all(QAbstractButton)])
        return found[0]

    def has_button(self, words: str) -> bool:
        """Whether such a button is visible."""
        return any(b.text().split("  ")[0] == words for b in self.all(QAbstractButton))

    def press(self, words: str) -> None:
        """Press a button and wait for what it started."""
        button = self.button(words)
        assert button.isEnabled(), words
        button.setFocus()
        QTest.keyClick(button, Qt.Key.Key_Space)
        self.wait_done()

    def type(self, name: str, text: str) -> None:
        """Type into the field of this name, replacing what is there."""
        found = [
            widget
            for widget in (*self.all(QLineEdit), *self.all(QPlainTextEdit))
            if widget.accessibleName() == name
        ]
        assert len(found) == 1, name
        found[0].setFocus()
        found[0].selectAll()
        QTest.keyClicks(found[0], text)

    def typed(self, name: str) -> str:
        """What a field holds."""
        for line in self.all(QLineEdit):
            if line.accessibleName() == name:
                return line.text()
        return self.named(QPlainTextEdit, name).toPlainText()

    def choose(self, name: str, words: str) -> None:
        """Choose from a list by its words."""
        box = self.named(QComboBox, name)
        index = box.findText(words, Qt.MatchFlag.MatchStartsWith)
        assert index >= 0, [box.itemText(i) for i in range(box.count())]
        box.setCurrentIndex(index)

    def choices(self, name: str) -> list[str]:
        """What a list offers, in words."""
        box = self.named(QComboBox, name)
        return [box.itemText(number) for number in range(box.count())]

    def table(self, name: str) -> Table[object]:
        """A table by name."""
        return self.named(Table, name)

    def is_at(self, name: str) -> bool:
        """Whether the table of this name can be seen."""
        return any(table.accessibleName() == name for table in self.all(Table))

    def cells(self, name: str) -> list[list[str]]:
        """What a table shows."""
        model = self.table(name).rows
        columns = range(model.columnCount())
        return [[model.data(model.index(r, c)) for c in columns] for r in range(model.rowCount())]

    def words(self) -> str:
        """All text that can be read now."""
        QApplication.processEvents()
        return "\n".join(text.words for text in self.all(Text))

    def notice(self) -> str:
        """The notice as a screen reader reads it; empty without one."""
        return self.window.notices.accessibleName() if self.window.notices.isVisible() else ""

    def banners(self) -> tuple[str, str]:
        """Top and bottom."""
        top, bottom = self.window.banners
        return top.words, bottom.words

    def key(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """Press a key where the focus is."""
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        QTest.keyClick(QApplication.focusWidget() or self.window, key, held)

    def passphrase(self, name: str) -> None:
        """Type the demonstration's passphrase."""
        self.type(name, PASSPHRASE)
