"""Whether the clock is to be trusted: against the trail, and against the machine's own steady count."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workstation.core.ports import Clock

TOLERANCE = timedelta(minutes=2)
_HOUR_S, _MINUTE_S, _TWO_DAYS_S = 3600, 60, 172_800


class ClockTrust:
    """What the wall clock did while the window was open, and how it stands to the newest row in the trail."""

    def __init__(self, clock: Clock, steady_s: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._steady_s = clock, steady_s
        self._highest: datetime | None = None
        self.begin()

    def begin(self) -> None:
        """From now on a jump counts: somebody has just sat down."""
        self._wall, self._steady = self._clock.now(), self._steady_s()

    def saw(self, highest: datetime | None) -> None:
        """The latest moment in the trail; None when the vault is locked."""
        self._highest = highest

    @property
    def is_trusted(self) -> bool:
        """Whether nothing is wrong."""
        return self.words() == _TRUSTED

    @property
    def jump(self) -> timedelta:
        """By how much the clock jumped since somebody sat down, negative when back; nothing within bounds."""
        drift = self._drift()
        return drift if abs(drift) > TOLERANCE else timedelta()

    def _drift(self) -> timedelta:
        return (self._clock.now() - self._wall) - timedelta(seconds=self._steady_s() - self._steady)

    def words(self) -> str:
        """A few words for the status strip; what is wrong in capitals."""
        now = self._clock.now()
        if self._highest is not None and self._highest - now > TOLERANCE:
            return f"CLOCK SET BACK {_span(self._highest - now)} BEFORE THE TRAIL"
        jumped = self._drift()
        if jumped > TOLERANCE:
            return f"CLOCK JUMPED {_span(jumped)} AHEAD"
        if -jumped > TOLERANCE:
            return f"CLOCK JUMPED {_span(-jumped)} BACK"
        return _TRUSTED


_TRUSTED = "Clock in order"


def _span(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    if seconds >= _TWO_DAYS_S:
        return f"{seconds // (24 * _HOUR_S):,} DAYS"
    return f"{seconds // _HOUR_S} H {seconds % _HOUR_S // _MINUTE_S} MIN"
