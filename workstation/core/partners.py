"""Values of trusted partners, whom developer and government select together (section 3(b)(iii))."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.values import PersonId


class Side(StrEnum):
    """Who must agree; neither can select alone."""

    DEVELOPER = "developer"
    GOVERNMENT = "government"


@dataclass(frozen=True, kw_only=True)
class Consent:
    """One side's agreement: who gave it, and the letter or minute that shows it."""

    given_by: str
    given_on: date
    reference: str
    recorded_by: PersonId
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Partner:
    """One nomination and what became of it; never removed, only withdrawn."""

    number: int  # within the case, from 1
    name: str
    sector: str
    nominated_by: Side
    nominated_on: date
    developer_consent: Consent | None = None
    government_consent: Consent | None = None
    early_access_on: date | None = None
    released_on: date | None = None
    withdrawn_reason: str = ""

    @property
    def is_selected(self) -> bool:
        """Whether both sides agree and nobody withdrew."""
        return bool(self.developer_consent and self.government_consent) and not self.withdrawn_reason


@dataclass(kw_only=True, eq=False)
class PartnerUnknown(Refused):
    """The case has no nomination of this number."""

    code: ClassVar[str] = "CAS-060"
    number: int


@dataclass(kw_only=True, eq=False)
class PartnerNominatedTwice(Refused):
    """A nomination of this name stands already."""

    code: ClassVar[str] = "CAS-061"
    name: str
    number: int


@dataclass(kw_only=True, eq=False)
class PartnerNotSelected(Refused):
    """Both sides' consent comes before any access."""

    code: ClassVar[str] = "CAS-062"
    name: str
    missing: str


@dataclass(kw_only=True, eq=False)
class PartnerDateWrong(Refused):
    """A day that lies in the future where it should not, or before what it follows."""

    code: ClassVar[str] = "CAS-063"
    field: str
    day: date
    today: date
