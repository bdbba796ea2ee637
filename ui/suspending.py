"""Hears from the system that the computer is going to sleep or its screen was locked, and holds the sleep
back until the vault is locked.

Only signals of the buses are listened to, and nothing is waited for: where there is no bus, or nobody on it
who would tell, that is said in words, and the time without input locks all the same.
"""

import os
import re
from pathlib import Path
from typing import Any

from PySide6.QtCore import SLOT, QObject, Signal, Slot
from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusPendingCallWatcher, QDBusServiceWatcher

from ui.theming import TITLE

_LOGIND, _LOGIND_PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_MANAGER, _SESSION = f"{_LOGIND}.Manager", f"{_LOGIND}.Session"
_SESSIONS = f"{_LOGIND_PATH}/session/"
_SCREEN_SAVERS = ("org.freedesktop.ScreenSaver", "org.gnome.ScreenSaver", "org.mate.ScreenSaver")
_WHY = "The vault is being locked"


class SystemLocks(QObject):
    """Emits ``asked`` with the reason: ``suspend``, ``screen-lock``. Call ``locked`` when it is done."""

    asked = Signal(str)
    changed = Signal()

    def __init__(
        self,
        system: QDBusConnection | None = None,
        session: QDBusConnection | None = None,
        *,
        session_id: str | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._system = system or QDBusConnection.systemBus()
        self._session = session or _session_bus()
        named = os.environ.get("XDG_SESSION_ID", "") if session_id is None else session_id
        self._path = _SESSIONS + _escaped(named) if named else ""
        # The reply holds the descriptor; the sleep goes on when the last reference to it is gone.
        self._inhibitor: QDBusMessage | None = None
        self._call: QDBusPendingCallWatcher | None = None
        self._watchers: list[QDBusServiceWatcher] = []
        self._sleeping = False
        self._listen()

    def _listen(self) -> None:
        if self._system.isConnected():
            hear = self._system.connect
            hear(_LOGIND, _LOGIND_PATH, _MANAGER, "PrepareForSleep", self, _slot("_prepare(bool)"))
            hear(_LOGIND, "", _SESSION, "Lock", self, _slot("_lock(QDBusMessage)"))
            # Also where logind comes up, or comes again, after this program.
            watcher = QDBusServiceWatcher(_LOGIND, self._system, parent=self)
            watcher.serviceRegistered.connect(lambda _name: self._hold_sleep())
            watcher.serviceUnregistered.connect(lambda _name: self._lost())
            self._watchers.append(watcher)
            self._hold_sleep()
        if self._session.isConnected():
            for name in _SCREEN_SAVERS:
                self._session.connect("", "", name, "ActiveChanged", self, _slot("_screen(bool)"))

    @property
    def holds_sleep(self) -> bool:
        """Whether the system waits for the vault before it sleeps."""
        return self._inhibitor is not None

    @property
    def words(self) -> tuple[str, ...]:
        """What locks the vault besides time, and plainly what does not."""
        told = []
        if self.holds_sleep:
            told.append("Sleep waits until the vault is locked")
        elif self._system.isConnected():
            told.append("The system tells of no sleep: lock before the computer sleeps")
        else:
            told.append("No system bus: lock before the computer sleeps")
        screen = self._session.isConnected() or self._system.isConnected()
        seen, unseen = "A locked screen locks the vault", "No session bus: a locked screen is not seen"
        told.append(seen if screen else unseen)
        return tuple(told)

    def locked(self) -> None:
        """The vault is locked: a sleep that waited may go on."""
        if self._sleeping:
            self._let_sleep()

    @Slot(bool)
    def _prepare(self, begins: bool) -> None:
        self._sleeping = begins
        if begins:
            try:
                self.asked.emit("suspend")
            finally:
                self._let_sleep()
        else:
            self._hold_sleep()

    @Slot(QDBusMessage)
    def _lock(self, message: QDBusMessage) -> None:
        # Without a session of its own the program takes every one for its own: it locks once too often.
        if self._path in {"", message.path()}:
            self.asked.emit("screen-lock")

    @Slot(bool)
    def _screen(self, active: bool) -> None:
        if active:
            self.asked.emit("screen-lock")

    def _hold_sleep(self) -> None:
        if self._inhibitor is not None or self._call is not None:
            return
        message = QDBusMessage.createMethodCall(_LOGIND, _LOGIND_PATH, _MANAGER, "Inhibit")
        message.setAutoStartService(False)
        message.setArguments(["sleep", TITLE, _WHY, "delay"])
        self._call = QDBusPendingCallWatcher(self._system.asyncCall(message), self)
        self._call.finished.connect(self._held)

    @Slot(QDBusPendingCallWatcher)
    def _held(self, call: QDBusPendingCallWatcher) -> None:
        reply = call.reply()
        self._call = None
        call.deleteLater()
        if reply.type() is QDBusMessage.MessageType.ReplyMessage and not self._sleeping:
            self._inhibitor = reply
        self.changed.emit()

    def _let_sleep(self) -> None:
        self._inhibitor = None
        self.changed.emit()

    def _lost(self) -> None:
        self._inhibitor = None
        self.changed.emit()


def _slot(signature: str) -> Any:
    """The name of a slot for a bus: the stubs ask for bytes, the binding takes what SLOT gives, text."""
    return SLOT(signature)


def _session_bus() -> QDBusConnection:
    """The bus of the desktop, where there is one: asking for it elsewhere would start a program."""
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    there = os.environ.get("DBUS_SESSION_BUS_ADDRESS") or (runtime and Path(runtime, "bus").exists())
    return QDBusConnection.sessionBus() if there else QDBusConnection("none")


def _escaped(name: str) -> str:
    """As systemd writes a name into an object path: what is no letter as ``_`` and two hex digits."""

    def hexed(text: str) -> str:
        return "".join(f"_{byte:02x}" for byte in text.encode())

    first, rest = hexed(name[:1]) if not name[:1].isalpha() else name[:1], name[1:]
    return first + re.sub(r"[^A-Za-z0-9]", lambda match: hexed(match[0]), rest)
