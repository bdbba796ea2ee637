"""What a screen reader is told: the window on a private bus of its own, read from outside the toolkit.

Run as a program inside ``dbus-run-session`` on a screen of its own: opens the sample case, walks the tree of
AT-SPI with the plain tool ``dbus-send``, and prints one JSON line for each node.
"""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

_NODE = re.compile(r'string "([^"]*)"\s+object path "([^"]*)"')
_TEXT = re.compile(r'string "((?:[^"\\]|\\.)*)"')
_NUMBER = re.compile(r"uint32 (\d+)")
_VISIBLE = 30  # ATSPI_STATE_VISIBLE: on the page that is on top, scrolled into view or not
_MOST_NODES, _DEEPEST = 400, 25
_TIMEOUT_S = 20
_LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")


def launcher() -> str:
    """The program that opens the bus of screen readers; empty where it is not installed."""
    return next((name for name in _LAUNCHERS if Path(name).exists()), "")


def _send(address: str, target: str, path: str, method: str, *words: str) -> str:
    where = ["--session"] if not address else [f"--bus={address}"]
    command = ["dbus-send", *where, "--print-reply", f"--dest={target}", path, method, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False)
    return done.stdout


def _name_of(address: str, target: str, path: str) -> str:
    words = ("string:org.a11y.atspi.Accessible", "string:Name")
    found = _TEXT.search(_send(address, target, path, "org.freedesktop.DBus.Properties.Get", *words))
    return found[1] if found else ""


def _role_of(address: str, target: str, path: str) -> str:
    found = _TEXT.search(_send(address, target, path, "org.a11y.atspi.Accessible.GetRoleName"))
    return found[1] if found else ""


def _is_visible(address: str, target: str, path: str) -> bool:
    states = _NUMBER.findall(_send(address, target, path, "org.a11y.atspi.Accessible.GetState"))
    return bool(states) and bool(int(states[0]) >> _VISIBLE & 1)


def walk(address: str) -> Iterator[dict[str, str]]:
    """Every node below the desktop, in order, its name and role as a screen reader gets them."""
    waiting = [("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root", 0)]
    seen = 0
    while waiting and seen < _MOST_NODES:
        target, path, depth = waiting.pop(0)
        if depth:
            if depth > 1 and not _is_visible(address, target, path):
                continue  # a page or part that is not on top
            seen += 1
            name, role = _name_of(address, target, path), _role_of(address, target, path)
            yield {"name": name, "role": role, "depth": str(depth)}
            if role == "table":  # its cells are read one by one when somebody goes through them
                continue
        if depth < _DEEPEST:
            children = _send(address, target, path, "org.a11y.atspi.Accessible.GetChildren")
            waiting += [(where, child, depth + 1) for where, child in _NODE.findall(children)]


def main(folder: Path) -> None:
    """Open the window on the vault in ``folder`` and print its tree."""
    os.environ |= {"QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    with subprocess.Popen([launcher(), "--launch-immediately"], stderr=subprocess.DEVNULL) as bus:
        try:
            _show_and_read(folder)
        finally:
            bus.terminate()


def _show_and_read(folder: Path) -> None:
    from datetime import UTC, datetime

    from PySide6.QtCore import QTimer

    from tests.ui.stages import CASE, Office, services_at
    from ui.application import application
    from ui.main_window import MainWindow
    from workstation.settings import Settings

    services, clock = services_at(folder, datetime(2027, 3, 4, 14, 30, tzinfo=UTC), ids_from=100)
    qt = application(Settings())
    window = MainWindow(services, Settings())
    window.show()
    window.router.accept_consent()
    window.unlocked(Office(services=services, clock=clock, folder=folder).unlock("osei"))
    window.show_case(CASE, "checklist")

    def read() -> None:
        reply = _send("", "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus.GetAddress")
        address = _TEXT.search(reply)
        for node in walk(address[1]) if address else ():
            print(json.dumps(node), flush=True)
        finished.set()

    finished = threading.Event()
    look = QTimer()
    look.timeout.connect(lambda: qt.quit() if finished.is_set() else None)
    look.start(100)
    QTimer.singleShot(1500, lambda: threading.Thread(target=read, daemon=True).start())
    qt.exec()
    window.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
