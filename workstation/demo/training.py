"""What a trainer's controls do: the demonstration's clock, its folders, and its story told once more."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from workstation.app import administering
from workstation.core.jobs import JobControl
from workstation.core.ports import Clock
from workstation.demo import sample
from workstation.demo.clock import SettableClock
from workstation.demo.story import RELEASE_AHEAD, TAKES, Story

FOLDERS = ("profile", "medium-in", "medium-out", "trust", "screens")
_CLOCK, _MOST_CHARS, _FARTHEST = "clock-ahead-s", 10, timedelta(days=3660)


def fresh(out: Path) -> None:
    """An empty place; only folders that an earlier demonstration made are removed."""
    for name in FOLDERS:
        shutil.rmtree(out / name, ignore_errors=True)
    for name in FOLDERS[1:]:
        (out / name).mkdir(parents=True)
    (out / _CLOCK).unlink(missing_ok=True)


def invented(out: Path, clock: Clock) -> Path:
    """The sample package as it would be sent the day before, for a release some weeks ahead."""
    today = clock.now().date()
    return sample.write_sample(
        out / "medium-in", sent_on=today - timedelta(days=1), planned_release_on=today + RELEASE_AHEAD
    )


def clock_of(out: Path, real: Clock) -> SettableClock:
    """The clock of an earlier demonstration; the machine's own where no day was let pass."""
    path, ahead = out / _CLOCK, timedelta(0)
    if path.is_file():
        with path.open(encoding="ascii", errors="replace") as file:
            text = file.read(_MOST_CHARS)
        if text.isascii() and text.isdecimal():
            ahead = min(timedelta(seconds=int(text)), _FARTHEST)
    return SettableClock(real, real.now() + ahead)


@dataclass(kw_only=True)
class DemoTraining:
    """Satisfies ``core.training.Training``. ``story`` is whose services the window has; it is told anew."""

    real: Clock
    clock: SettableClock
    out: Path
    own_package: Path | None = None  # somebody's own, which is not made anew
    story: Callable[[], Story]

    def pass_days(self, days: int) -> None:
        """Ahead, and still so when the demonstration is opened again."""
        self.clock.advance(timedelta(days=days))
        self._keep()

    def begin_again(self, job: JobControl) -> None:
        """The folders emptied, the clock put back to before the story, and the story told."""
        fresh(self.out)
        self.clock.put(self.real.now() - TAKES)
        source = self.own_package or invented(self.out, self.clock)
        story = replace(self.story(), source=source, job=job)
        story.tell()
        with story.acting("abara") as session:
            administering.write_roots(session, self.out / "trust")
        self._keep()

    def _keep(self) -> None:
        ahead_s = max(0, round(self.clock.ahead.total_seconds()))
        (self.out / _CLOCK).write_text(f"{ahead_s}", encoding="ascii")
