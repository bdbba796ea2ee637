"""What happens to content sets, and to a checklist when its set changes, is tailored or goes back."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import CriterionId, PersonId


@dataclass(frozen=True, kw_only=True)
class ContentTrusted(Event):
    """These roots vouch for content sets from here on; their SHA-384."""

    duty: ClassVar[Duty] = Duty.TRUST_CONTENT
    roots_sha384: tuple[str, ...]
    replaced_sha384: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContentSetAdded(Event):
    """A signed set was verified and is offered from here on; no case moved."""

    duty: ClassVar[Duty] = Duty.ADD_CONTENT
    kind: str
    reference: str
    sha384: str
    signers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ContentSetSigned(Event):
    """Somebody signed a content set for others to take into use."""

    duty: ClassVar[Duty] = Duty.ADD_CONTENT
    kind: str
    reference: str
    sha384: str


@dataclass(frozen=True, kw_only=True)
class CriteriaSetMoved(Event):
    """A case is reviewed by another version of the criteria."""

    duty: ClassVar[Duty] = Duty.SETTLE
    old: str
    new: str
    reason: str
    kept: int
    changed: tuple[CriterionId, ...]
    added: tuple[CriterionId, ...]
    removed: tuple[CriterionId, ...]


@dataclass(frozen=True, kw_only=True)
class BenchmarkProfileMoved(Event):
    """The results of a case are read by another profile."""

    duty: ClassVar[Duty] = Duty.SETTLE
    old: str
    new: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class CriterionTailored(Event):
    """The lead stated that a criterion does not apply to this case."""

    duty: ClassVar[Duty] = Duty.SETTLE
    criterion_id: CriterionId
    reason: str


@dataclass(frozen=True, kw_only=True)
class TailoringUndone(Event):
    """The criterion is asked again."""

    duty: ClassVar[Duty] = Duty.SETTLE
    criterion_id: CriterionId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ChecklistReturned(Event):
    """The lead gave a submitted checklist back to its reviewer."""

    duty: ClassVar[Duty] = Duty.SETTLE
    person_id: PersonId
    feedback: str
    after_disclosure: bool


@dataclass(frozen=True, kw_only=True)
class BenchmarkRecorded(Event):
    """A benchmark result was recorded, corrected, or taken back; nothing follows from it."""

    duty: ClassVar[Duty] = Duty.RECORD_BENCHMARK
    result_id: str
    suite: str
    metric: str
    value: str
    origin: str
    supersedes: str
    void: bool
    note: str
