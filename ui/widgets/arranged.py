"""Widths, orders and shares that a person gave to tables and panes, as names and words that can be kept.

A table or a pair of panes asks the window it comes into what is kept for it, and tells it what changed.
What is kept counts letters and shares, not pixels, so that it holds for another text size and screen.
"""

from collections.abc import Callable, Mapping
from typing import Protocol, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QMouseEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHeaderView, QSplitter, QWidget

_MOST_CHARS, _MOST_NUMBER = 400, 6
LEAST_TENTHS, MOST_TENTHS = 30, 4000  # of the width of a letter: how narrow and wide a column may be
_WHOLE, _STEP = 1000, 50
_KEYS = (("Ctrl+Alt+Left", -1), ("Ctrl+Alt+Up", -1), ("Ctrl+Alt+Right", 1), ("Ctrl+Alt+Down", 1))
Order = tuple[int, bool]


class Keeper(Protocol):
    """What a window keeps for the person at it."""

    def kept(self, name: str) -> str:
        """What was kept under a name; empty when nothing was."""

    def keep(self, name: str, words: str) -> None:
        """Keep it from now on; empty words forget it."""


def keeper_of(widget: QWidget) -> Keeper | None:
    """The keeper of the window that a widget is in, if that window has one."""
    return cast("Keeper | None", getattr(widget.window(), "arrangement", None))


def name_of(widget: QWidget, own: str) -> str:
    """A name that is the same each time the program runs: the page's kind and the part's own name."""
    page: QWidget | None = widget
    while page is not None and not hasattr(page, "focus_first"):
        page = page.parentWidget()
    return f"{type(page).__name__}/{own}" if page is not None else own


def numbers(words: str, *, most: int) -> tuple[int, ...]:
    """Whole numbers between commas; nothing at all when one of them is none or too large."""
    parts = words.split(",") if len(words) <= _MOST_CHARS else []
    if not all(part.isascii() and part.isdecimal() and len(part) <= _MOST_NUMBER for part in parts):
        return ()
    found = tuple(map(int, parts))
    return found if all(number <= most for number in found) else ()


def table_words(widths: Mapping[int, int], order: Order | None) -> str:
    """Own widths by column, in tenths of a letter, and the order: ``0:120,3:80;2-``."""
    own = ",".join(f"{column}:{width}" for column, width in sorted(widths.items()))
    sorted_by = f"{order[0]}{'-' if order[1] else '+'}" if order is not None else ""
    return f"{own};{sorted_by}" if own or sorted_by else ""


def table_of(words: str, columns: int) -> tuple[dict[int, int], Order | None]:
    """What such words say of a table of so many columns; what cannot be read is left out."""
    own, _mark, sorted_by = words[:_MOST_CHARS].partition(";")
    widths: dict[int, int] = {}
    for part in own.split(","):
        found = numbers(part.replace(":", ","), most=MOST_TENTHS)
        if len(found) == 2 and found[0] < columns and found[1] >= LEAST_TENTHS:  # noqa: PLR2004 - column and width
            widths[found[0]] = found[1]
    column = numbers(sorted_by[:-1], most=columns - 1)
    known = sorted_by[-1:] in {"+", "-"} and len(column) == 1
    return widths, (column[0], sorted_by[-1] == "-") if known else None


class Head(QHeaderView):
    """The header of a table; tells when the mouse let go of it."""

    let_go = Signal()

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """After Qt has moved what was held."""
        super().mouseReleaseEvent(event)
        self.let_go.emit()


class Split(QSplitter):
    """Two panes whose shares a person sets by mouse or by Ctrl+Alt and an arrow, kept by name."""

    def __init__(self, name: str, orientation: Qt.Orientation, usual: Callable[[], tuple[int, int]]) -> None:
        """``usual`` answers the shares of the two panes, as they lie now, while nobody set others."""
        super().__init__(orientation)
        self._own, self._usual = name, usual
        self.setChildrenCollapsible(False)
        self.splitterMoved.connect(lambda _at, _number: self._note())
        for keys, step in _KEYS:
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda step=step: self._move(step))

    def showEvent(self, event: QShowEvent) -> None:
        """What is kept holds whenever the panes come on screen."""
        super().showEvent(event)
        self.share()

    def share(self) -> None:
        """The shares that are kept for panes that lie like this, or the usual ones."""
        keeper = keeper_of(self)
        own = numbers(keeper.kept(self._name()), most=_WHOLE) if keeper is not None else ()
        shares = own if len(own) == self.count() and any(own) else self._usual()
        across = self.orientation() is Qt.Orientation.Horizontal
        room, total = max(_WHOLE, self.width() if across else self.height()), 0
        for share in shares:
            total += share
        self.setSizes([share * room // total for share in shares])

    def _name(self) -> str:
        lying = "beside" if self.orientation() is Qt.Orientation.Horizontal else "below"
        return f"panes/{name_of(self, self._own)}/{lying}"

    def _move(self, step: int) -> None:
        sizes = self.sizes()
        by = step * max(1, sum(sizes) * _STEP // _WHOLE)
        self.setSizes([sizes[0] + by, sizes[1] - by])
        self._note()

    def _note(self) -> None:
        sizes, keeper = self.sizes(), keeper_of(self)
        total = sum(sizes)
        if keeper is not None and total:
            keeper.keep(self._name(), ",".join(str(size * _WHOLE // total) for size in sizes))
