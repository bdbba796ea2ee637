"""Long work: one call per piece reports progress and is the place where cancelling takes effect."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_REPORT_INTERVAL_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a job is; ``stage`` is a key of the message catalogue, never prose."""

    stage: str
    done_bytes: int = 0
    total_bytes: int | None = None
    done_items: int = 0
    total_items: int | None = None
    untrusted_detail: str = ""


class JobCancelled(Exception):
    """Raised out of ``tick`` once somebody asked the job to stop."""


class JobControl:
    """Shared between the worker that ticks and the window or terminal that watches and may cancel."""

    def __init__(self, report: Callable[[Progress], None] | None = None) -> None:
        self._report = report
        self._cancelled = threading.Event()
        self._running = threading.Event()
        self._running.set()
        self._last_report_s = float("-inf")
        self._last_stage = ""

    def tick(self, progress: Progress) -> None:
        """Report at most ten times a second (every new stage at once); wait while paused.

        Raises:
            JobCancelled: somebody called ``cancel``.
        """
        while not self._running.wait(timeout=0.2):
            if self._cancelled.is_set():
                break
        if self._cancelled.is_set():
            raise JobCancelled
        now_s = time.monotonic()
        if progress.stage != self._last_stage or now_s - self._last_report_s >= _REPORT_INTERVAL_S:
            self._last_stage, self._last_report_s = progress.stage, now_s
            if self._report is not None:
                self._report(progress)

    def cancel(self) -> None:
        """Ask the job to stop at its next tick."""
        self._cancelled.set()

    def pause(self) -> None:
        """Hold the job at its next tick until ``resume``."""
        self._running.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._running.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody asked the job to stop."""
        return self._cancelled.is_set()
