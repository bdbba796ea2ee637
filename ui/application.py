"""Starts Qt, the theme and the window."""

import sys

from PySide6.QtCore import QtMsgType, qInstallMessageHandler

from ui.main_window import MainWindow
from ui.theming import application
from workstation.app.services import Services
from workstation.core.errors import WorkstationError
from workstation.settings import Settings


def quieten() -> None:
    """Keep Qt's own remarks off the terminal. Left out in tests, where each of them is a fault."""
    qInstallMessageHandler(_quiet)


def run(services: Services, settings: Settings, told: WorkstationError | None = None) -> int:
    """Show the window until it is closed, with what went wrong before; returns the exit status."""
    quieten()
    qt = application(settings)
    window = MainWindow(services, settings)
    window.open()
    if told is not None:
        window.notices.explain(told)
    return int(qt.exec())


def _quiet(kind: QtMsgType, _context: object, text: str) -> None:
    """Qt's own warnings go to standard error, one line each, without content of any case."""
    if kind in {QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg}:
        print(text, file=sys.stderr)  # noqa: T201 - Qt's last words


__all__ = ["application", "quieten", "run"]
