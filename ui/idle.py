"""Locks after a time without keys or mouse, with a count-down before."""

import time

from PySide6.QtCore import QObject, QTimer, Signal

_WARN_S = 60
_SECONDS = 60


class IdleLock(QObject):
    """Counts seconds of absence on the monotonic clock: a clock change neither locks nor holds."""

    expired = Signal()
    counted = Signal(int)

    def __init__(self, minutes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._limit_s = minutes * _SECONDS
        self._last_s = time.monotonic()
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self.count)

    def limit(self, minutes: int) -> None:
        """Another time without input, from now on."""
        self._limit_s = minutes * _SECONDS

    def start(self) -> None:
        """Begin to count; somebody is here now."""
        self.touched()
        self._timer.start()

    def stop(self) -> None:
        """The vault is locked."""
        self._timer.stop()

    def touched(self) -> None:
        """Somebody pressed something."""
        self._last_s = time.monotonic()

    def left_s(self) -> int:
        """Seconds until the lock."""
        return max(0, int(self._limit_s - (time.monotonic() - self._last_s)))

    @property
    def is_ending(self) -> bool:
        """Whether the last minute runs."""
        return self.left_s() <= _WARN_S

    def left_text(self) -> str:
        """Words for the status strip; the last minute asks to press a key."""
        left = self.left_s()
        if self.is_ending:
            return f"Locks in {left} s: press any key to stay"
        return f"Locks after {left // _SECONDS + 1} min without input"

    def count(self) -> None:
        """Tell how many seconds are left; at nought that the time is over. Called every second."""
        left = self.left_s()
        self.counted.emit(left)
        if left == 0:
            self._timer.stop()
            self.expired.emit()
