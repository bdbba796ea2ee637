"""Participation register, figures for oversight, and how cases with similar readings ended. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

import msgspec

from workstation.core.case_states import CaseState
from workstation.core.cases import Case
from workstation.core.summaries import CaseSummary
from workstation.core.values import CaseId


class RegisterEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One participation as the register lists it. Days are calendar days, the trigger day not counted.

    A struct, as ``CaseSummary`` is: the register of years is made of thousands of them.
    """

    case_id: CaseId
    case_type: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    opened_on: date
    started_on: date | None
    planned_release_on: date | None
    state: str
    conclusion: str  # empty while nothing is determined
    determined_on: date | None
    days_used: int | None  # from the begin of the review to the first determination


@dataclass(frozen=True, kw_only=True)
class Figures:
    """Counts over a register; ``median_days_used`` is ``None`` while nothing was determined."""

    received: int
    by_state: Mapping[str, int]
    by_conclusion: Mapping[str, int]
    withdrawn: int
    lapsed: int
    superseded: int
    corrected: int  # cases with more than one determination
    median_days_used: float | None


def register(cases: Iterable[CaseSummary], first: date, last: date) -> tuple[RegisterEntry, ...]:
    """Every case opened from ``first`` to ``last``, both included, by the day it was opened."""
    entries = (_entry(case) for case in cases if first <= case.opened_on <= last)
    return tuple(sorted(entries, key=lambda entry: (entry.opened_on, entry.case_id)))


def _entry(case: CaseSummary) -> RegisterEntry:
    return RegisterEntry(
        case_id=case.case_id,
        case_type=case.case_type,
        developer=case.developer,
        model=case.model,
        checkpoint=case.checkpoint,
        marking=case.marking,
        opened_on=case.opened_on,
        started_on=case.started_on,
        planned_release_on=case.planned_release_on,
        state=str(case.state),
        conclusion=case.conclusion,
        determined_on=case.determined_on,
        days_used=_days_used(case),
    )


def _days_used(case: CaseSummary) -> int | None:
    if case.determined_on is None or case.started_on is None:
        return None
    return (case.determined_on - case.started_on).days


def figures(cases: Iterable[CaseSummary], first: date, last: date) -> Figures:
    """The figures over the cases opened from ``first`` to ``last``."""
    kept = [case for case in cases if first <= case.opened_on <= last]
    states = Counter(str(case.state) for case in kept)
    used = [days for case in kept if (days := _days_used(case)) is not None]
    return Figures(
        received=len(kept),
        by_state=dict(sorted(states.items())),
        by_conclusion=dict(sorted(Counter(c.conclusion for c in kept if c.conclusion).items())),
        withdrawn=states[CaseState.WITHDRAWN],
        lapsed=states[CaseState.LAPSED],
        superseded=states[CaseState.SUPERSEDED],
        corrected=sum(case.determinations > 1 for case in kept),
        median_days_used=median(used) if used else None,
    )


@dataclass(frozen=True, kw_only=True)
class EarlierCase:
    """A case decided earlier: how many criteria of the profile read alike, of how many in common."""

    case_id: CaseId
    developer: str
    model: str
    marking: str
    conclusion: str
    determined_on: date
    reasons: str
    alike: int
    in_common: int
    differing: tuple[str, ...]


def similar(
    mine: Mapping[str, str], earlier: Sequence[tuple[Case, Mapping[str, str]]], *, most: int = 20
) -> tuple[EarlierCase, ...]:
    """Earlier determinations in order of likeness: the share of common criteria read alike, then how many.

    ``mine`` and each case's mapping say per criterion what its reading told. A case without a criterion in
    common is left out; nothing here says how this case should end.
    """
    found = []
    for case, told in earlier:
        common = sorted(mine.keys() & told.keys())
        in_force = case.determination
        if not common or in_force is None:
            continue
        differing = tuple(criterion for criterion in common if mine[criterion] != told[criterion])
        found.append(
            EarlierCase(
                case_id=case.case_id,
                developer=case.developer,
                model=case.model,
                marking=case.marking,
                conclusion=str(in_force.conclusion),
                determined_on=in_force.determined_at.date(),
                reasons=in_force.reasons,
                alike=len(common) - len(differing),
                in_common=len(common),
                differing=differing,
            )
        )
    found.sort(key=lambda one: (-one.alike / one.in_common, -one.alike, one.case_id))
    return tuple(found[:most])
