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


DESTROYING = frozenset({Disposition.RETURNED, Disposition.DESTROYED})


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """What the vault holds of a case, counted."""

    packages: int = 0
    files: int = 0
    size_bytes: int = 0
    loose: int = 0  # of the files: wrapped under the vault key, from before cases had keys of their own
    answers: int = 0
    findings: int = 0
    referrals: int = 0
    results: int = 0
    documents: int = 0  # certified documents whose bytes are kept
    drafts: int = 0
    index_items: int = 0

    @property
    def rows(self) -> int:
        """Rows of the database, those of its index included."""
        own = self.packages + self.files + self.answers + self.findings + self.referrals + self.results
        return own + self.drafts + self.index_items


class Progress(StrEnum):
    """How far a destruction is."""

    REQUESTED = "requested"
    BEGUN = "begun"
    ERASED = "erased"  # key and rows are gone; objects may still have to be removed
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class Destruction:
    """The destruction of a case: asked for by one person, carried out by another."""

    reason: str
    requested_by: PersonId
    requested_at: datetime
    progress: Progress = Progress.REQUESTED
    carried_out_by: PersonId | None = None
    carried_out_at: datetime | None = None
    destroyed: Holdings = Holdings()
    certificate: str = ""


@dataclass(frozen=True, kw_only=True)
class Exits:
    """Everything of this kind that happened to one case, oldest first."""

    holds: tuple[Hold, ...] = ()
    supersedes: CaseId | None = None
    superseded_by: CaseId | None = None
    disposition_steps: tuple[DispositionStep, ...] = ()
    destruction: Destruction | None = None

    @property
    def hold(self) -> Hold | None:
        """The hold in force."""
        last = self.holds[-1] if self.holds else None
        return last if last is not None and last.lifted_at is None else None
