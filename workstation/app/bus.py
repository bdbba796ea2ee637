"""Tells whoever listens that something was committed. A failing listener undoes nothing."""

import logging
from collections.abc import Callable

_log = logging.getLogger(__name__)


class Bus:
    """Listeners are called after every commit, in the thread that committed."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` after every commit; returns the way to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def publish(self) -> None:
        """Something was committed."""
        for listener in tuple(self._listeners):
            try:
                listener()
            except Exception:  # noqa: BLE001 - the commit stands whatever a listener does
                _log.exception("a listener failed after a commit")
