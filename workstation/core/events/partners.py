"""What happens when trusted partners are selected."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty


@dataclass(frozen=True, kw_only=True)
class PartnerNominated(Event):
    """Developer or government put a partner forward."""

    duty: ClassVar[Duty] = Duty.SELECT_PARTNERS
    number: int
    name: str
    sector: str
    nominated_by: str


@dataclass(frozen=True, kw_only=True)
class PartnerConsentRecorded(Event):
    """One side agreed to a partner."""

    duty: ClassVar[Duty] = Duty.SELECT_PARTNERS
    number: int
    side: str
    given_by: str
    given_on: date
    reference: str


@dataclass(frozen=True, kw_only=True)
class PartnerAccessPlanned(Event):
    """The day on which a selected partner is to have access."""

    duty: ClassVar[Duty] = Duty.SELECT_PARTNERS
    number: int
    early_access_on: date


@dataclass(frozen=True, kw_only=True)
class PartnerReleaseRecorded(Event):
    """The developer released the model to a selected partner."""

    duty: ClassVar[Duty] = Duty.SELECT_PARTNERS
    number: int
    released_on: date


@dataclass(frozen=True, kw_only=True)
class PartnerWithdrawn(Event):
    """A nomination was taken back; it stays on record."""

    duty: ClassVar[Duty] = Duty.SELECT_PARTNERS
    number: int
    reason: str
