"""Destroying a case: its key, its objects and its rows. What stays: tombstone, certificate, trail, figures.

Two people: one asks for it, another carries it out. Each step can be repeated after a crash.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core import events
from workstation.core.case_errors import CaseFieldMissing, StepNotPossible
from workstation.core.case_states import OVER, CaseState
from workstation.core.cases import Case
from workstation.core.errors import Refused
from workstation.core.exits import DESTROYING, Destruction, Disposition, Holdings, Progress
from workstation.core.values import PersonId


class Ground(StrEnum):
    """Why a case may not be destroyed now."""

    NOT_OVER = "not-over"
    LEGAL_HOLD = "legal-hold"
    NO_DISPOSITION = "no-disposition"
    EXPORT_OPEN = "export-open"
    REFERRAL_OPEN = "referral-open"
    RECEIVING = "receiving"
    SAME_PERSON = "same-person"


@dataclass(kw_only=True, eq=False)
class DestructionBlocked(Refused):
    """Something stands in the way of destroying the case."""

    code: ClassVar[str] = "CAS-240"
    case_id: str
    ground: str


@dataclass(kw_only=True, eq=False)
class DestructionNotRequested(Refused):
    """Nobody asked for the case to be destroyed, or the request was taken back."""

    code: ClassVar[str] = "CAS-241"
    case_id: str


@dataclass(kw_only=True, eq=False)
class HoldingsChanged(Refused):
    """What the case holds is not what was shown to the person who confirmed it."""

    code: ClassVar[str] = "CAS-242"
    case_id: str
    shown_files: int
    found_files: int


@dataclass(kw_only=True, eq=False)
class CaseDestroyedAlready(Refused):
    """The case was destroyed; what is left of it only tells that it was."""

    code: ClassVar[str] = "CAS-243"
    case_id: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What else stands around a case when somebody wants it destroyed."""

    open_exports: int = 0
    open_referrals: int = 0
    receiving: bool = False


def ground_against(case: Case, standing: Standing) -> Ground | None:
    """What stands in the way; ``None`` when nothing does."""
    steps = case.exits.disposition_steps
    grounds = (
        (case.state not in OVER | {CaseState.DETERMINED}, Ground.NOT_OVER),
        (bool(steps) and steps[-1].disposition is Disposition.KEPT_ON_HOLD, Ground.LEGAL_HOLD),
        (not any(step.disposition in DESTROYING for step in steps), Ground.NO_DISPOSITION),
        (standing.open_exports > 0, Ground.EXPORT_OPEN),
        (standing.open_referrals > 0, Ground.REFERRAL_OPEN),
        (standing.receiving, Ground.RECEIVING),
    )
    return next((ground for applies, ground in grounds if applies), None)


def request(
    case: Case, standing: Standing, holdings: Holdings, *, reason: str, by: PersonId, at: datetime
) -> events.DestructionRequested:
    """Ask for the case to be destroyed by somebody else.

    Raises:
        DestructionBlocked, CaseDestroyedAlready, CaseFieldMissing.
    """
    require_kept(case)
    ground = ground_against(case, standing)
    if ground is not None:
        raise DestructionBlocked(case_id=case.case_id, ground=ground)
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    destruction = Destruction(reason=reason.strip(), requested_by=by, requested_at=at)
    case.exits = replace(case.exits, destruction=destruction)
    return events.DestructionRequested(
        case_id=case.case_id, reason=destruction.reason, files=holdings.files, size_bytes=holdings.size_bytes
    )


def take_back(case: Case, *, reason: str) -> events.DestructionTakenBack:
    """Take the request back, before anybody began.

    Raises:
        DestructionNotRequested, StepNotPossible (begun), CaseFieldMissing.
    """
    destruction = case.exits.destruction
    if destruction is None:
        raise DestructionNotRequested(case_id=case.case_id)
    if destruction.progress is not Progress.REQUESTED:
        raise StepNotPossible(step="take-back-destruction", state=destruction.progress)
    if not reason.strip():
        raise CaseFieldMissing(field="reason")
    case.exits = replace(case.exits, destruction=None)
    return events.DestructionTakenBack(case_id=case.case_id, reason=reason.strip())


def begin(
    case: Case, standing: Standing, found: Holdings, shown: Holdings, *, by: PersonId, at: datetime
) -> events.DestructionBegun | None:
    """Write down what is about to be destroyed; ``None`` when that was written before a crash.

    Raises:
        DestructionNotRequested, DestructionBlocked, HoldingsChanged, CaseDestroyedAlready.
    """
    destruction = case.exits.destruction
    if destruction is None:
        raise DestructionNotRequested(case_id=case.case_id)
    require_kept(case)
    if destruction.requested_by == by:
        raise DestructionBlocked(case_id=case.case_id, ground=Ground.SAME_PERSON)
    if destruction.progress is not Progress.REQUESTED:
        return None
    ground = ground_against(case, standing)
    if ground is not None:
        raise DestructionBlocked(case_id=case.case_id, ground=ground)
    if found != shown:
        raise HoldingsChanged(case_id=case.case_id, shown_files=shown.files, found_files=found.files)
    begun = replace(
        destruction, progress=Progress.BEGUN, carried_out_by=by, carried_out_at=at, destroyed=found
    )
    case.exits = replace(case.exits, destruction=begun)
    return events.DestructionBegun(case_id=case.case_id, files=found.files, size_bytes=found.size_bytes)


def bury(case: Case) -> events.CaseErased | None:
    """Reduce the case to its tombstone, its key and rows gone in the same transaction; ``None``: done before.

    Raises:
        DestructionNotRequested: nobody began.
    """
    destruction = case.exits.destruction
    if destruction is None or destruction.progress is Progress.REQUESTED:
        raise DestructionNotRequested(case_id=case.case_id)
    if destruction.progress is not Progress.BEGUN:
        return None
    case.exits = replace(case.exits, destruction=replace(destruction, progress=Progress.ERASED))
    # What was concluded stays: the destruction of material erases no determination and no dissent.
    case.settlements, case.tailored, case.returns = {}, {}, ()
    case.package_id = None
    held = destruction.destroyed
    return events.CaseErased(case_id=case.case_id, files=held.files, rows=held.rows)


def certified(case: Case, *, report_id: str, pdf_sha384: str) -> events.CaseDestroyed:
    """The certificate is signed and kept: the destruction has come to its end."""
    destruction = case.exits.destruction
    if destruction is None or destruction.progress is not Progress.ERASED:
        raise DestructionNotRequested(case_id=case.case_id)
    ended = replace(destruction, progress=Progress.ENDED, certificate=report_id)
    case.exits = replace(case.exits, destruction=ended)
    return events.CaseDestroyed(case_id=case.case_id, certificate=report_id, pdf_sha384=pdf_sha384)


def require_kept(case: Case) -> None:
    """Refuse where the case's end was written down already.

    Raises:
        CaseDestroyedAlready.
    """
    destruction = case.exits.destruction
    if destruction is not None and destruction.progress is Progress.ENDED:
        raise CaseDestroyedAlready(case_id=case.case_id)
