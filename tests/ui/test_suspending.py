"""Sleep waits for the lock, a locked screen locks, and where nobody would tell that is said."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QElapsedTimer
from PySide6.QtDBus import QDBusConnection, QDBusMessage
from PySide6.QtWidgets import QApplication, QDialog

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from tests.ui.system_buses import PATH, Logind, connected, private_bus
from ui.suspending import SystemLocks
from workstation.core.vault_errors import VaultLocked

pytestmark = pytest.mark.skipif(shutil.which("dbus-daemon") is None, reason="dbus-daemon is not installed")
_WAIT_MS = 20_000


@dataclass
class Buses:
    """A private bus with a stand-in for logind, and the listener under test."""

    logind: Logind
    there: QDBusConnection
    locks: SystemLocks
    qt: QApplication

    def until(self, reached: Callable[[], bool]) -> None:
        """Let events pass until it is so."""
        timer = QElapsedTimer()
        timer.start()
        while not reached():
            assert timer.elapsed() < _WAIT_MS
            self.qt.processEvents()


@pytest.fixture
def buses(qapp: QApplication) -> Iterator[Buses]:
    """Nothing of the machine's own buses."""
    with private_bus() as address, connected(address) as there, connected(address) as here:
        logind = Logind(there)
        locks = SystemLocks(here, here, session_id="2")
        made = Buses(logind, there, locks, qapp)
        made.until(lambda: locks.holds_sleep)
        yield made
        locks.deleteLater()
        logind.close()
        qapp.processEvents()


def test_sleep_waits_until_the_vault_is_locked(buses: Buses, open_at: Open) -> None:
    """The window locks over an open dialog, and only then is the sleep let go; afterwards held anew."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    vault = bench.window.desk.here.vault
    dialog = QDialog(bench.window)
    dialog.setModal(True)
    dialog.show()
    held_at_lock: list[int] = []
    buses.locks.asked.connect(bench.window.lock)
    buses.locks.asked.connect(lambda _reason: held_at_lock.append(buses.logind.held))
    assert buses.logind.held == 1
    assert buses.logind.asked[0][0] == "sleep"
    assert buses.logind.asked[0][3] == "delay"
    buses.logind.tell("PrepareForSleep", True)
    buses.until(lambda: vault.is_locked and buses.logind.held == 0)
    assert held_at_lock == [1]
    assert not dialog.isVisible()
    with pytest.raises(VaultLocked):
        vault.database_key()
    assert bench.window.desk.session is None
    buses.logind.tell("PrepareForSleep", False)
    buses.until(lambda: buses.logind.held == 1)


def test_a_locked_screen_locks(buses: Buses) -> None:
    """By logind for this session and not for another, and by each screen saver when it comes on."""
    told: list[str] = []
    buses.locks.asked.connect(told.append)
    session = f"{PATH}/session/"
    buses.logind.tell("Lock", path=f"{session}_35", of="Session")
    buses.logind.tell("Lock", path=f"{session}_32", of="Session")
    buses.until(lambda: told == ["screen-lock"])
    for name in ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver"):
        for active in (False, True):
            message = QDBusMessage.createSignal("/any", name, "ActiveChanged")
            message.setArguments([active])
            buses.there.send(message)
    buses.until(lambda: told == ["screen-lock"] * 3)


def test_logind_that_comes_later_is_asked_then(qapp: QApplication) -> None:
    """And one that goes is said to be gone."""
    with private_bus() as address, connected(address) as there, connected(address) as here:
        locks = SystemLocks(here, here, session_id="")
        assert any("tells of no sleep" in words for words in locks.words)
        logind = Logind(there)
        made = Buses(logind, there, locks, qapp)
        made.until(lambda: locks.holds_sleep)
        assert "Sleep waits until the vault is locked" in locks.words
        logind.close()
        made.until(lambda: not locks.holds_sleep)
        locks.deleteLater()
        qapp.processEvents()


def test_where_there_is_no_bus_it_is_said(qapp: QApplication) -> None:
    """Plainly, and nothing is tried."""
    locks = SystemLocks(QDBusConnection("none"), QDBusConnection("none"))
    assert not locks.holds_sleep
    assert all(words.startswith("No s") for words in locks.words)
    locks.deleteLater()
    qapp.processEvents()
