"""A private bus, and on it a stand-in for logind: it tells of sleep and counts who holds it back."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from PySide6.QtDBus import QDBusConnection, QDBusMessage, QDBusUnixFileDescriptor, QDBusVirtualObject

LOGIND, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
_NAMES = count()


@contextmanager
def private_bus() -> Iterator[str]:
    """The address of a bus of our own."""
    command = ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as daemon:
        assert daemon.stdout is not None
        try:
            yield daemon.stdout.readline().strip()
        finally:
            daemon.terminate()


@contextmanager
def connected(address: str) -> Iterator[QDBusConnection]:
    """One more connection to it."""
    name = f"test-{next(_NAMES)}"
    connection = QDBusConnection.connectToBus(address, name)
    assert connection.isConnected()
    try:
        yield connection
    finally:
        del connection
        QDBusConnection.disconnectFromBus(name)


class Logind(QDBusVirtualObject):
    """Answers ``Inhibit`` with the writing end of a pipe; who holds it is seen at the other end."""

    def __init__(self, connection: QDBusConnection) -> None:
        super().__init__()
        self._connection = connection
        self.asked: list[list[object]] = []
        self._pipes: list[int] = []
        assert connection.registerVirtualObject(PATH, self)
        assert connection.registerService(LOGIND)

    def introspect(self, _path: str) -> str:
        """Nothing."""
        return ""

    def handleMessage(self, message: QDBusMessage, connection: QDBusConnection) -> bool:
        """``Inhibit``."""
        if message.member() != "Inhibit":
            return False
        self.asked.append(list(message.arguments()))
        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._pipes.append(reading)
        connection.send(message.createReply([QDBusUnixFileDescriptor(writing)]))
        os.close(writing)
        return True

    @property
    def held(self) -> int:
        """How many hold the sleep back now."""
        return sum(_is_held(pipe) for pipe in self._pipes)

    def tell(self, name: str, *arguments: object, path: str = PATH, of: str = "Manager") -> None:
        """Send a signal."""
        message = QDBusMessage.createSignal(path, f"{LOGIND}.{of}", name)
        message.setArguments(list(arguments))
        assert self._connection.send(message)

    def close(self) -> None:
        """Leave the bus."""
        self._connection.unregisterService(LOGIND)
        self._connection.unregisterObject(PATH)
        for pipe in self._pipes:
            os.close(pipe)


def _is_held(pipe: int) -> bool:
    try:
        return bool(os.read(pipe, 1))
    except BlockingIOError:
        return True
