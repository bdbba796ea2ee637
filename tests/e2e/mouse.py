"""Hands that click."""

from contextlib import suppress

from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QScrollArea, QTabBar, QWidget

from tests.e2e.hands import TRIES, Hands, Lost


class Mouse(Hands):
    """Clicks; letters still have to be typed."""

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Scroll to it with the wheel where need be, and click into its middle."""
        point = at or widget.rect().center()
        self._bring(widget, point)
        where = widget.mapToGlobal(point)
        self.clicks += 1
        self._do(f"mousemove {where.x()} {where.y()} click 1")
        QTest.qWait(30)

    def _bring(self, widget: QWidget, point: QPoint) -> None:
        for _turn in range(60):
            if widget.visibleRegion().contains(point):
                return
            around = widget.parentWidget()
            while around is not None and not (
                isinstance(around, QScrollArea) and around.verticalScrollBar().maximum()
            ):
                around = around.parentWidget()
            if not isinstance(around, QScrollArea):
                return
            view = around.viewport()
            middle = view.mapToGlobal(QPoint(4, view.height() // 2))
            up = widget.mapTo(view, point).y() < 0
            self._do(f"mousemove {middle.x()} {middle.y()} click {4 if up else 5}")
            QTest.qWait(40)
        raise Lost(f"{widget.accessibleName() or getattr(widget, 'text', str)()!r} cannot be scrolled to")

    def lock(self) -> None:
        """Its button."""
        self.press("Lock")

    def press(self, words: str) -> None:
        """Click it, once more where a page that was just changing moved it away."""
        for _try in range(TRIES):
            pressed: list[bool] = []
            button = self.button(words)
            button.clicked.connect(lambda _checked=False, pressed=pressed: pressed.append(True))
            self.click(button)
            if self.soon(lambda pressed=pressed: pressed):
                return
        raise Lost(f"{words!r} was never pressed")

    def type(self, name: str, text: str) -> None:
        """Click into it and type."""
        for _try in range(TRIES):  # a page that has just changed may move under the pointer
            field = self.field(name)
            self.click(field)
            if self.soon(lambda field=field: self._has_focus(field)):
                with suppress(Lost, RuntimeError):  # a page made anew has another field of this name
                    self._fill(field, text)
                    return
        raise Lost(f"{name!r} never had the keyboard")

    def choose(self, name: str, words: str) -> None:
        """Open the list, once more where a page that was just changing moved it away, and click the line."""
        for _try in range(TRIES):
            box, index = self._index(name, words)
            view: QAbstractItemView = box.view()
            self.click(box)
            if self.soon(view.isVisible):
                break
        else:
            raise Lost(f"the list of {name!r} never opened")
        QTest.qWait(100)
        line = view.visualRect(box.model().index(index, 0)).center()
        self.click(view.viewport(), line)
        self.until(lambda: box.currentIndex() == index, f"{words!r} was never chosen")

    def tab(self, words: str) -> None:
        """Click it."""
        bar = self._find(QTabBar, lambda one: one.accessibleName() == "Parts of the case", "tabs")
        (number,) = (n for n in range(bar.count()) if bar.tabText(n).replace("&", "") == words)
        self.click(bar, bar.tabRect(number).center())
        self.until(lambda: bar.currentIndex() == number, f"the tab {words} never came")

    def row(self, table: str, words: str) -> None:
        """Two clicks."""
        found, number = self.table_row(table, words)
        where = found.visualRect(found.model().index(number, 0)).center()
        self.click(found.viewport(), where)
        at = found.viewport().mapToGlobal(where)
        self._do(f"mousemove {at.x()} {at.y()} click --repeat 2 --delay 60 1")
        QTest.qWait(100)

    def answer(self, detail: str) -> None:
        """List, field, button."""
        self.choose("Result", "Met")
        self.type("Detail", detail)
        self.press("Save answer")

    def folder(self, path: str) -> None:
        """Into the line, then the button beside it."""
        line = self._find(QLineEdit, lambda one: one.objectName() == "fileNameEdit", "line for the folder")
        dialog = line.window()
        self.click(line)
        self._fill(line, path)
        QTest.qWait(60)
        self.click(line, QPoint(3, 3))  # the list of completions goes
        self.click(self.button("Choose"))
        self._closed(dialog)
