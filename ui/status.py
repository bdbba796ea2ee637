"""The strip at the bottom: person and role, vault, lock, media, clock, network; each told in words."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from ui.clock import TOLERANCE, ClockTrust
from ui.desk import Desk
from ui.idle import IdleLock
from ui.reading import BackgroundReads
from ui.suspending import SystemLocks
from ui.widgets import basics
from ui.widgets.frame import StatusStrip
from workstation.app.wording import visible, word

if TYPE_CHECKING:  # the window is drawn before it is loaded
    from workstation.app.services import Session
    from workstation.core.media import Medium

_TICK_MS, _MEDIA_EVERY = 1000, 5
_JOIN_S = 1.0
_MOST_LABEL_CHARS = 24


class Status(QObject):
    """Keeps the strip true, second by second; what may wait on a device is asked in a thread of its own."""

    def __init__(
        self, desk: Desk, idle: IdleLock, locks: SystemLocks, strip: StatusStrip, countdown: basics.Text
    ) -> None:
        super().__init__()
        self._locks = locks
        self._desk, self._idle, self._strip, self._countdown = desk, idle, strip, countdown
        self._clock = ClockTrust(desk.services.clock)
        self._watch = BackgroundReads(self)
        self._media: tuple[Medium, ...] | None = None
        self._ticks, self._noted = 0, timedelta()
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def arrived(self, session: Session) -> None:
        """Somebody sat down: from now on a clock that jumps is told, and media are watched."""
        self._clock.begin()
        self._noted = timedelta()
        with session.look() as work:
            self._clock.saw(work.highest_time)
        self._ask_media()
        self.refresh()

    def left(self) -> None:
        """The vault is locked."""
        self._clock.saw(None)
        self._clock.begin()
        self._watch.forget(_JOIN_S)
        self._media = None
        self.refresh()

    def _tick(self) -> None:
        self._ticks += 1
        if self._desk.session is not None and self._ticks % _MEDIA_EVERY == 0:
            self._ask_media()
        self._note_jump()
        self.refresh()

    def _note_jump(self) -> None:
        """Once for each jump, so that the trail tells it too; the strip goes on showing it."""
        session, jump = self._desk.session, self._clock.jump
        if session is None or session.vault.is_locked or abs(jump - self._noted) <= TOLERANCE:
            return
        from workstation.app import auditing  # noqa: PLC0415 - the window is drawn before it is loaded

        self._noted = jump
        ahead_s = int(jump.total_seconds())
        self._desk.attempt(lambda: auditing.note_clock_jump(session, ahead_s=ahead_s), dismiss=False)

    def _ask_media(self) -> None:
        media = self._desk.services.media
        self._watch.read("media", media.list_media, done=self._saw_media, failed=lambda _error: None)

    def _saw_media(self, found: tuple[Medium, ...]) -> None:
        self._media = found
        self.refresh()

    def refresh(self) -> None:
        """Say how everything stands now."""
        session, walls = self._desk.session, self._desk.services.isolation
        network = "Network blocked" if "network" in walls else "NETWORK NOT BLOCKED"
        clock = f"{self._clock.words()}, {self._desk.dates.moment(self._desk.services.clock.now())}"
        ending = session is not None and self._idle.is_ending
        if ending:
            basics.set_text(self._countdown, self._idle.left_text())
        self._countdown.setVisible(ending)
        # The words follow the keys themselves, not what the window believes of them.
        if session is None or session.vault.is_locked:
            self._strip.show_status("Vault locked", "F1 for help", system=(network, clock))
            return
        person = f"{session.person.display_name}, {word('role', session.person.role)}"
        here = (person, "Vault open", self._idle.left_text())
        sleep = () if self._locks.holds_sleep else ("No sleep lock",)
        self._strip.show_status(*here, system=(_media_words(self._media), network, *sleep, clock))

    def stop(self) -> None:
        """The window closes."""
        self._timer.stop()
        self._watch.forget(_JOIN_S)


def _media_words(media: tuple[Medium, ...] | None) -> str:
    if media is None:
        return ""
    if not media:
        return "No medium"
    from workstation.core.media import MediumKind  # noqa: PLC0415 - the window is drawn before it is loaded

    if len(media) > 1:
        return f"{len(media)} media plugged in"
    label = visible(media[0].untrusted_label[:_MOST_LABEL_CHARS], lines=False) or media[0].device
    kind = "Disc" if media[0].kind is MediumKind.OPTICAL else "Medium"
    only = ", read only" if media[0].read_only and media[0].kind is not MediumKind.OPTICAL else ""
    return f"{kind} {label} plugged in{only}"
