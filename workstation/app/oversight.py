"""Looking over everything: the participation register, its figures, and consistency between cases."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from workstation.app import benchmarks
from workstation.app.services import Session
from workstation.core.cases import Case
from workstation.core.markings import dominates
from workstation.core.oversight import EarlierCase, Figures, RegisterEntry, figures, register, similar
from workstation.core.ports import Work
from workstation.core.readings import Told, Why
from workstation.core.values import CaseId

_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Oversight:
    """The register of a span of days, and what it adds up to."""

    first: date
    last: date
    entries: tuple[RegisterEntry, ...]
    figures: Figures


def look_over(session: Session, first: date | None = None, last: date | None = None) -> Oversight:
    """Every case opened from ``first`` to ``last`` (both included; from the beginning, until today)."""
    with session.look() as work:
        cases = work.search.summaries()
        today = work.highest_time.date()
    first = first or min((case.opened_on for case in cases), default=today)
    last = last or today
    return Oversight(
        first=first, last=last, entries=register(cases, first, last), figures=figures(cases, first, last)
    )


def earlier_cases(session: Session, case_id: CaseId) -> tuple[EarlierCase, ...]:
    """How earlier cases with similar benchmark readings were determined; raises CaseUnknown.

    Only cases that this case's banner covers: what is marked higher is not shown under it.
    """
    parse = session.services.markings.parse
    with session.look() as work:
        mine = work.cases.get(case_id)
        banner = parse(mine.marking)
        others = [
            case
            for case in _all(work)
            if case.determination and case.case_id != case_id and dominates(banner, parse(case.marking))
        ]
        return similar(_told(work, mine), [(case, _told(work, case)) for case in others])


def _all(work: Work) -> Iterator[Case]:
    after: CaseId | None = None
    while page := work.cases.page(after=after, limit=_PAGE):
        yield from page
        after = page[-1].case_id


def _told(work: Work, case: Case) -> Mapping[str, str]:
    """What each criterion's reading told; criteria of which nothing is known at all are left out."""
    reading, _results = benchmarks.read(work, case)
    return {
        one.criterion.criterion_id: str(one.told)
        for one in reading.criteria
        if not (one.told is Told.CANNOT_BE_TOLD and one.why == (Why.NO_RESULT,))
    }
