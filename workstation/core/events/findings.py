"""What happens to findings: reported, judged by another person, scored, embargoed, patched, referred."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import FindingId, ReferralId


@dataclass(frozen=True, kw_only=True)
class FindingReported(Event):
    """Somebody wrote a finding down; what it says stays with the finding."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId
    kind: str
    origin: str
    portion_marking: str


@dataclass(frozen=True, kw_only=True)
class FindingRevised(Event):
    """Somebody said it better, before it was judged."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId
    portion_marking: str


@dataclass(frozen=True, kw_only=True)
class FindingScored(Event):
    """Its CVSS vectors were replaced."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId
    vectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FindingReopened(Event):
    """A judgement was taken back; it has to be judged again."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId


@dataclass(frozen=True, kw_only=True)
class EmbargoSet(Event):
    """An embargo was agreed, moved, or lifted (no date)."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId
    until: date | None


@dataclass(frozen=True, kw_only=True)
class PatchStateNoted(Event):
    """What is known of a correction."""

    duty: ClassVar[Duty] = Duty.RECORD_FINDING
    finding_id: FindingId
    patch: str


@dataclass(frozen=True, kw_only=True)
class FindingValidated(Event):
    """A person who wrote none of it saw it too."""

    duty: ClassVar[Duty] = Duty.VALIDATE_FINDING
    finding_id: FindingId


@dataclass(frozen=True, kw_only=True)
class FindingRejected(Event):
    """A person who wrote none of it found that it does not hold."""

    duty: ClassVar[Duty] = Duty.VALIDATE_FINDING
    finding_id: FindingId


@dataclass(frozen=True, kw_only=True)
class FindingMarkedDuplicate(Event):
    """A person who wrote none of it found that another finding tells it already."""

    duty: ClassVar[Duty] = Duty.VALIDATE_FINDING
    finding_id: FindingId
    duplicate_of: FindingId


@dataclass(frozen=True, kw_only=True)
class FindingReferred(Event):
    """It left the house with a referral."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    finding_id: FindingId
    referral_id: ReferralId
