"""A case as a clerk would keep it on a card: the independent model of ``tests/unit/test_case_life.py``."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from workstation.core import determinations as det
from workstation.core.exits import Disposition, DispositionStep
from workstation.core.partners import Consent
from workstation.core.values import PersonId

ENDS = {"closed", "withdrawn", "lapsed", "superseded"}
LATE = {"recommended", "determined"}
CONSULTEES = {str(one) for one in det.Consultee}


@dataclass
class Nomination:
    """A partner as the model knows one."""

    name: str
    consents: set[str] = field(default_factory=set)
    gone: bool = False
    released: bool = False


@dataclass
class Model:
    """What a clerk would keep on a card."""

    state: str = "awaiting-package"
    held: bool = False
    planned: date = date(2027, 3, 31)
    reviewers: tuple[str, ...] = ()
    submitted: set[str] = field(default_factory=set)
    opined: set[str] = field(default_factory=set)
    tailored: set[str] = field(default_factory=set)
    returned: int = 0
    seen: bool = False  # both reviewers saw all answers once
    recommended: bool = False
    consulted: set[str] = field(default_factory=set)
    determined: int = 0
    disposed: int = 0
    partners: list[Nomination] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether the case has ended."""
        return self.state in ENDS

    @property
    def all_in(self) -> bool:
        """Whether both reviewers have submitted."""
        return bool(self.reviewers) and set(self.reviewers) <= self.submitted

    def standing(self, number: int) -> Nomination | None:
        """A nomination that was not taken back."""
        found = self.partners[number - 1] if number <= len(self.partners) else None
        return found if found is not None and not found.gone else None


_CLERK, _AT = PersonId("cara"), datetime(2027, 3, 1, 9, tzinfo=UTC)


def returned_on(day: date) -> DispositionStep:
    """Material that went back on this day."""
    return DispositionStep(
        disposition=Disposition.RETURNED,
        material="two media",
        done_on=day,
        reference="receipt 1",
        recorded_by=_CLERK,
        recorded_at=_AT,
    )


def consent_on(day: date) -> Consent:
    """Consent given on this day."""
    return Consent(given_by="X", given_on=day, reference="letter", recorded_by=_CLERK, recorded_at=_AT)
