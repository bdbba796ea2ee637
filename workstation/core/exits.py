"""Values of what leads a case off its straight line: holds, a newer checkpoint, return of material."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from workstation.core.values import CaseId, PersonId


@dataclass(frozen=True, kw_only=True)
class Hold:
    """An incident pauses the work on a case; the window goes on, because nothing in the order stops it."""

    reason: str
    held_by: PersonId
    held_at: datetime
    lifted_by: PersonId | None = None
    lifted_at: datetime | None = None
    lifted_reason: str = ""


class Disposition(StrEnum):
    """What was done with a part of the developer's material once the case was over."""

    RETURNED = "returned"
    DESTROYED = "destroyed"
    KEPT_ON_HOLD = "kept-on-hold"  # a legal hold forbids both


@dataclass(frozen=True, kw_only=True)
class DispositionStep:
    """One return or destruction, with the receipt or certificate that shows it."""

    disposition: Disposition
    material: str
    done_on: date
    reference: str
    recorded_by: PersonId
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Exits:
    """Everything of this kind that happened to one case, oldest first."""

    holds: tuple[Hold, ...] = ()
    supersedes: CaseId | None = None
    superseded_by: CaseId | None = None
    disposition_steps: tuple[DispositionStep, ...] = ()

    @property
    def hold(self) -> Hold | None:
        """The hold in force."""
        last = self.holds[-1] if self.holds else None
        return last if last is not None and last.lifted_at is None else None
