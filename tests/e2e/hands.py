"""Hands at the real window: keys and clicks through the X server, as a person's are.

What is on the screen is read from the widgets; what is done goes through ``xdotool`` and the X server alone.
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLineEdit,
    QPlainTextEdit,
    QTabBar,
    QTableView,
    QWidget,
)
from shiboken6 import isValid

from ui.main_window import MainWindow

W = TypeVar("W", bound=QWidget)
_GIVE_UP_S, _MOST_STOPS, _ROUND_MS = 40.0, 150, 4
TRIES, _TYPED_S, _SOON_S, _READING_S = 3, 4.0, 2.0, 4.0


class Lost(AssertionError):
    """The person at the window cannot go on."""


def _length(field: QWidget) -> int:
    """How many letters stand in it; a passphrase is not looked at."""
    if isinstance(field, QPlainTextEdit):
        return len(field.toPlainText())
    return len(field.text()) if isinstance(field, QLineEdit) else 0


class Hands:
    """What both kinds of hands share: finding by words, waiting, and the X server."""

    def __init__(self, window: MainWindow, left: Path) -> None:
        """``left`` is where a picture goes of a window at which nobody could go on."""
        self.window, self._left = window, left
        self._xdotool = subprocess.Popen(["xdotool", "-"], stdin=subprocess.PIPE, text=True)
        self.keys_pressed = self.clicks = 0
        self.beside = ""

    def close(self) -> None:
        """Take the hands away."""
        if self._xdotool.stdin is not None:
            self._xdotool.stdin.close()
        self._xdotool.wait()

    def _do(self, line: str) -> None:
        if self._xdotool.stdin is not None:
            self._xdotool.stdin.write(line + "\n")
            self._xdotool.stdin.flush()

    def key(self, name: str) -> None:
        """Press one key, as ``xdotool`` names it."""
        self.keys_pressed += 1
        self._do(f"key --delay 0 {name}")

    def write(self, text: str) -> None:
        """Type letters where the focus is."""
        self.keys_pressed += len(text)
        self._do(f'type --delay 1 "{text}"')

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for something that is bound to come."""
        end_s = time.monotonic() + _GIVE_UP_S
        while not holds():
            QTest.qWait(_ROUND_MS)
            if time.monotonic() > end_s:
                self.window.grab().save(str(self._left / "lost.png"))
                now = QApplication.focusWidget()
                raise Lost(
                    f"{what}; the keyboard is at {now and (now.accessibleName() or now)}; {self.notice()}"
                )

    def soon(self, holds: Callable[[], object]) -> bool:
        """Wait a little; whether it came. Who sees nothing happen does it once more."""
        end_s = time.monotonic() + _SOON_S
        while not holds() and time.monotonic() < end_s:
            QTest.qWait(_ROUND_MS)
        return bool(holds())

    def look_round(self) -> None:
        """Read the page that is there, as anybody does who has just come in."""
        end_s = time.monotonic() + _READING_S
        while not self.window.warmer.is_done and time.monotonic() < end_s:
            QTest.qWait(_ROUND_MS)

    def at_rest(self) -> None:
        """Until nothing is under way."""
        QTest.qWait(_ROUND_MS)
        window = self.window
        self.until(lambda: not (window.jobs.is_busy or window.reads.is_busy), "it never came to rest")

    def notice(self) -> str:
        """The notice that is shown."""
        return self.window.notices.accessibleName() if self.window.notices.isVisible() else ""

    def told(self, words: str) -> None:
        """Wait for words of a notice."""
        self.until(lambda: words in self.notice(), f"the notice never said {words!r}")

    def _on_top(self) -> QWidget:
        dialog = QApplication.activeModalWidget()
        return dialog if isinstance(dialog, QDialog) else self.window

    def _find(self, kind: type[W], fits: Callable[[W], bool], what: str) -> W:
        found: list[W] = []

        def look() -> bool:
            found[:] = [one for one in self._on_top().findChildren(kind) if one.isVisible() and fits(one)]
            return bool(found)

        self.at_rest()
        self.until(look, f"there is no {what}")
        return found[0]

    def field(self, name: str) -> QWidget:
        """A line, a box or a list by its caption; in the form of the button in ``beside``, if that is set."""
        kinds = (QLineEdit, QPlainTextEdit, QComboBox)
        form: QWidget = self._on_top()
        if self.beside:
            button: QWidget | None = self.button(self.beside)
            while button is not None and button.objectName() != "card":
                button = button.parentWidget()
            form = button or form
        return self._find(
            QWidget,
            lambda one: isinstance(one, kinds) and one.accessibleName() == name and form.isAncestorOf(one),
            f"field {name!r}",
        )

    def button(self, words: str) -> QAbstractButton:
        """A button that can be pressed, by its words."""
        return self._find(
            QAbstractButton,
            lambda one: one.text().replace("&", "").split("  ")[0] == words and one.isEnabled(),
            f"button {words!r}",
        )

    def _has_focus(self, widget: QWidget) -> bool:
        now = QApplication.focusWidget()
        return now is not None and (now is widget or widget.isAncestorOf(now))

    def lock(self) -> None:
        """Lock the vault."""
        raise Lost

    def press(self, words: str) -> None:
        """Press a button."""
        raise Lost

    def type(self, name: str, text: str) -> None:
        """Fill a field."""
        raise Lost

    def choose(self, name: str, words: str) -> None:
        """Choose from a list."""
        raise Lost

    def tab(self, words: str) -> None:
        """Turn to a part of the case."""
        raise Lost

    def row(self, table: str, words: str) -> None:
        """Open the row of a table that begins with these words."""
        raise Lost

    def table_row(self, table: str, words: str) -> tuple[QTableView, int]:
        """A table, and which of its rows begins with these words."""
        found = self._find(QTableView, lambda one: one.accessibleName() == table, f"table {table!r}")
        model = found.model()

        def rows() -> list[str]:
            return [str(model.index(number, 0).data()) for number in range(model.rowCount())]

        self.until(lambda: any(one.startswith(words) for one in rows()), f"{words!r} is not in {table!r}")
        return found, next(number for number, one in enumerate(rows()) if one.startswith(words))

    def answer(self, detail: str) -> None:
        """Answer the chosen criterion with "met", and have the next one chosen."""
        raise Lost

    def folder(self, path: str) -> None:
        """Choose a folder in the dialog that is open."""
        raise Lost

    def _fill(self, field: QWidget, text: str) -> None:
        """Type until it stands there: who sees a letter missing types it again."""
        for _try in range(TRIES):
            self.key("ctrl+a")
            self.write(text)
            end_s = time.monotonic() + _TYPED_S
            while time.monotonic() < end_s:
                QTest.qWait(_ROUND_MS)
                if _length(field) == len(text):
                    return
        raise Lost(f"{text!r} was never in {field.accessibleName()!r}")

    def _closed(self, dialog: QWidget) -> None:
        """Wait until a dialog is gone. Where no window manager runs, nobody gives the keyboard back."""
        self.until(lambda: not (isValid(dialog) and dialog.isVisible()), "the dialog never closed")
        QTest.qWait(100)
        if QApplication.activeWindow() is None:
            self.window.activateWindow()
        self.until(lambda: QApplication.activeWindow() is self.window, "the keyboard never came back")

    def _index(self, name: str, words: str) -> tuple[QComboBox, int]:
        box = self.field(name)
        if not isinstance(box, QComboBox):
            raise Lost(name)
        index = box.findText(words, Qt.MatchFlag.MatchStartsWith)
        if index < 0:
            raise Lost(f"{name} does not offer {words!r}")
        return box, index


class Keyboard(Hands):
    """Never touches the mouse."""

    def reach(self, widget: QWidget) -> None:
        """Tab until the keyboard is there."""
        for _stop in range(_MOST_STOPS):
            if self._has_focus(widget):
                return
            before = QApplication.focusWidget()
            self.key("Tab")
            self.until(lambda before=before: QApplication.focusWidget() is not before, "Tab goes nowhere")
        raise Lost(f"Tab never reaches {widget.accessibleName() or getattr(widget, 'text', str)()!r}")

    def press(self, words: str) -> None:
        """Reach it and press Space; a place by its letter, or by the arrows from the place that is open."""
        button = self.button(words)
        if button.property("nav") and "&" in button.text():
            self.key("alt+" + button.text()[button.text().index("&") + 1].lower())
            self.until(button.isChecked, f"the place {words} never came")
            return
        while button.property("nav") and not self._is_open(button):
            place = self.window.sidebar.current
            self.reach(place)
            self.key("Down" if place.y() < button.y() else "Up")
            self.until(lambda place=place: self.window.sidebar.current is not place, "the arrows go nowhere")
        if button.property("nav"):
            return
        self.reach(button)
        self.key("space")
        QTest.qWait(30)

    def _is_open(self, place: QAbstractButton) -> bool:
        return self.window.sidebar.current is place

    def lock(self) -> None:
        """Its key."""
        self.key("ctrl+l")

    def type(self, name: str, text: str) -> None:
        """Reach it and type."""
        field = self.field(name)
        self.reach(field)
        self._fill(field, text)

    def choose(self, name: str, words: str) -> None:
        """Home, and down as often as need be."""
        box, index = self._index(name, words)
        self.reach(box)
        for key in ["Home", *["Down"] * index]:
            self.key(key)
        self.until(lambda: box.currentIndex() == index, f"{words!r} was never chosen")

    def tab(self, words: str) -> None:
        """Alt and its letter."""
        bar = self._find(QTabBar, lambda one: one.accessibleName() == "Parts of the case", "tabs")
        (number,) = (n for n in range(bar.count()) if bar.tabText(n).replace("&", "") == words)
        text = bar.tabText(number)
        self.key("alt+" + text[text.index("&") + 1].lower())
        self.until(lambda: bar.currentIndex() == number, f"the tab {words} never came")

    def row(self, table: str, words: str) -> None:
        """Up or down to it, and Enter."""
        found, number = self.table_row(table, words)
        self.reach(found)
        while (now := found.currentIndex().row()) != number:
            self.key("Down" if now < number else "Up")
            self.until(lambda now=now: found.currentIndex().row() != now, "the arrows go nowhere")
        self.key("Return")

    def answer(self, detail: str) -> None:
        """From the result to the detail, and Ctrl+Enter."""
        box, index = self._index("Result", "Met")
        self.reach(box)
        for _row in range(index):
            self.key("Down")
        self.until(lambda: box.currentIndex() == index, "Met was never chosen")
        self.type("Detail", detail)
        self.key("ctrl+Return")

    def folder(self, path: str) -> None:
        """The dialog opens with the keyboard in the line for the name."""
        line = self._find(QLineEdit, lambda one: one.objectName() == "fileNameEdit", "line for the folder")
        dialog = line.window()
        self.reach(line)
        self._fill(line, path)
        self.key("Escape")  # the list of completions, not the dialog
        QTest.qWait(60)
        self.key("Return")
        self._closed(dialog)
