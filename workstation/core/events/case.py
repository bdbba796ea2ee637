"""What happens to a case: opened, staffed, dated, begun, ended."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import PersonId


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case exists; participation is voluntary and recorded as such."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    case_type: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    planned_release_on: date | None
    criteria_set: str
    benchmark_profile: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewersAssigned(Event):
    """Two different people review this case."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    first: PersonId
    second: PersonId


@dataclass(frozen=True, kw_only=True)
class AuthorityStated(Event):
    """By what authority the documents of the case are classified or controlled."""

    duty: ClassVar[Duty] = Duty.OPEN_CASE
    lines: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ReleaseDateRevised(Event):
    """The developer stated another planned release date."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    version: int
    old_on: date | None
    new_on: date
    reason: str
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class EvaluationBegun(Event):
    """Review begins; for pre-release access this is the trigger day of the window."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    started_on: date
    planned_release_on: date | None
    total_days: int | None
    rule_id: str


@dataclass(frozen=True, kw_only=True)
class CaseWithdrawn(Event):
    """The developer withdrew; the record stays and a determination made stays."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    reason: str
    disposition: str


@dataclass(frozen=True, kw_only=True)
class CaseTagged(Event):
    """A word by which the office finds the case again."""

    duty: ClassVar[Duty] = Duty.TAG_CASE
    tag: str


@dataclass(frozen=True, kw_only=True)
class CaseUntagged(Event):
    """A tag was taken off."""

    duty: ClassVar[Duty] = Duty.TAG_CASE
    tag: str


@dataclass(frozen=True, kw_only=True)
class CaseClosed(Event):
    """Nothing more is expected on this case."""

    duty: ClassVar[Duty] = Duty.CLOSE_CASE
    reason: str
