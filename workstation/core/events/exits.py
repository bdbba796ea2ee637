"""What leads a case off its straight line, and what becomes of the material."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import CaseId, PersonId


@dataclass(frozen=True, kw_only=True)
class CaseHeldUp(Event):
    """An incident pauses the review; the window goes on."""

    duty: ClassVar[Duty] = Duty.HOLD_CASE
    reason: str


@dataclass(frozen=True, kw_only=True)
class HoldLifted(Event):
    """The review goes on."""

    duty: ClassVar[Duty] = Duty.HOLD_CASE
    reason: str
    held_since: datetime


@dataclass(frozen=True, kw_only=True)
class CaseLapsed(Event):
    """The planned release came and nothing was determined."""

    duty: ClassVar[Duty] = Duty.CLOSE_CASE
    planned_release_on: date
    state_before: str
    reason: str
    disposition: str


@dataclass(frozen=True, kw_only=True)
class CheckpointSuperseded(Event):
    """The developer sent a newer checkpoint, which has a case of its own."""

    duty: ClassVar[Duty] = Duty.KEEP_WINDOW
    by_case: CaseId
    checkpoint: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReviewerReplaced(Event):
    """Somebody else takes over a checklist that is not submitted."""

    duty: ClassVar[Duty] = Duty.REPLACE_REVIEWER
    leaves: PersonId
    comes: PersonId
    reason: str


@dataclass(frozen=True, kw_only=True)
class DispositionRecorded(Event):
    """Material of the developer was returned, destroyed, or kept by a legal hold."""

    duty: ClassVar[Duty] = Duty.CLOSE_CASE
    disposition: str
    material: str
    done_on: date
    reference: str


@dataclass(frozen=True, kw_only=True)
class DestructionRequested(Event):
    """Somebody asked for the case to be destroyed."""

    duty: ClassVar[Duty] = Duty.REQUEST_DESTRUCTION
    reason: str
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class DestructionTakenBack(Event):
    """The case is not to be destroyed after all."""

    duty: ClassVar[Duty] = Duty.REQUEST_DESTRUCTION
    reason: str


@dataclass(frozen=True, kw_only=True)
class DestructionBegun(Event):
    """Another person began to destroy the case: from here on it is not taken back."""

    duty: ClassVar[Duty] = Duty.CARRY_OUT_DESTRUCTION
    files: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class CaseErased(Event):
    """The case's key and its rows are overwritten."""

    duty: ClassVar[Duty] = Duty.CARRY_OUT_DESTRUCTION
    files: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class CaseDestroyed(Event):
    """The certificate of destruction is signed and kept."""

    duty: ClassVar[Duty] = Duty.CARRY_OUT_DESTRUCTION
    certificate: str
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class ReferencesRewrapped(Event):
    """Keys of objects that stood under the vault key were put under the keys of their cases."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    references: int
    cases: int
