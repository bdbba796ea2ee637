"""A clock that the story sets: it runs at the machine's pace from the day it was last put to."""

from datetime import UTC, datetime, timedelta

from workstation.core.ports import Clock


class SettableClock:
    """``core.ports.Clock`` for demonstrations."""

    def __init__(self, real: Clock, start: datetime) -> None:
        self._real = real
        self._offset = start - real.now()

    def now(self) -> datetime:
        """The demonstration's instant."""
        return (self._real.now() + self._offset).astimezone(UTC)

    @property
    def ahead(self) -> timedelta:
        """How far it is before the machine's."""
        return self._offset

    def put(self, at: datetime) -> None:
        """Begin anew at another day."""
        self._offset = at - self._real.now()

    def advance(self, step: timedelta) -> None:
        """Let time pass."""
        self._offset += step
