"""Starts Qt, the theme and the window."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from ui import theme
from ui.main_window import MainWindow
from ui.theming import application
from workstation.core.errors import WorkstationError
from workstation.settings import LookDamaged, Settings

if TYPE_CHECKING:
    from workstation.app.services import Services

Load = Callable[[], Iterator[None]]


def quieten() -> None:
    """Keep Qt's own remarks off the terminal. Left out in tests, where each of them is a fault."""
    qInstallMessageHandler(_quiet)


def run(services: Services, settings: Settings, told: WorkstationError | None = None, *, load: Load) -> int:
    """Show the window until it is closed, with what went wrong before; returns the exit status."""
    window = opened(services, settings, load=load)
    if told is None and (names := theme.damaged()):
        told = LookDamaged(names=", ".join(names))
    if told is not None:
        window.notices.explain(told)
    return int(application().exec())


def opened(services: Services, settings: Settings, *, load: Load) -> MainWindow:
    """The window, shown; ``load`` loads, one after another, the pieces that ``services`` promise."""
    quieten()
    application(settings)
    window = MainWindow(services, settings)
    window.open()
    window.load_soon(load)
    return window


def _quiet(kind: QtMsgType, _context: object, text: str) -> None:
    """Qt's own warnings go to standard error, one line each, without content of any case."""
    if kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}:
        print(text, file=sys.stderr)  # noqa: T201 - Qt's last words


__all__ = ["application", "opened", "quieten", "run"]
