"""Finding anything in the vault by words: cases, files and what was read in them, and what people wrote.

Who may see what is decided where the index is (``core.search_ports``).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import cast

from workstation.app import queries
from workstation.app.queries import CaseRow, CriterionView
from workstation.app.services import Session
from workstation.core import events
from workstation.core.search_ports import Indexed, IndexKind
from workstation.core.values import CaseId, CriterionId, FindingId, PackageId
from workstation.core.viewing import Place, inner_path

MOST_OF_A_KIND = 40
_MOST_PARTS = 8
_FOLDED = "words of every case"  # no case has such an identifier


class HitKind(StrEnum):
    """What was found."""

    CASE = "case"
    FILE = "file"
    TEXT = "text"
    CRITERION = "criterion"
    ANSWER = "answer"
    FINDING = "finding"
    BENCHMARK = "benchmark"
    REFERRAL = "referral"
    PASSAGE = "passage"


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One thing found. ``marking`` covers everything it says; text in it may be of the developer."""

    kind: HitKind
    untrusted_words: str
    untrusted_about: str
    marking: str
    case_id: CaseId
    package_id: PackageId | None = None
    criterion_id: CriterionId | None = None
    finding_id: FindingId | None = None
    untrusted_path: str = ""
    anchor: str = ""  # the page or sample of a passage, as evidence names it


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is read once when somebody begins to look, and looked through with each letter."""

    cases: tuple[CaseRow, ...]
    folded: tuple[str, ...]  # what each case is found by, in small letters
    criteria: tuple[CriterionView, ...]
    criteria_of: CaseId | None
    people: Mapping[str, str]


def known(session: Session, case_id: CaseId | None) -> Known:
    """The cases, and the questions of one case, where one is open."""
    criteria = queries.criteria(session, case_id) if case_id else ()
    names = {str(person.person_id): person.display_name for person in queries.people(session)}
    cases = queries.case_rows(session)
    return Known(
        cases=cases, folded=_folded(session, cases), criteria=criteria, criteria_of=case_id, people=names
    )


def _folded(session: Session, cases: tuple[CaseRow, ...]) -> tuple[str, ...]:
    """Made once for a list of cases, not for each letter typed."""
    kept = session.made.get(_FOLDED)
    if kept is not None and kept[0][0] is cases:
        return cast("tuple[str, ...]", kept[1])
    folded = tuple(
        " ".join((row.case_id, row.model, row.checkpoint, row.developer, *row.tags)).casefold()
        for row in cases
    )
    session.made[_FOLDED] = ((cases,), folded)
    return folded


def search(session: Session, here: Known, text: str) -> tuple[Hit, ...]:
    """Everything that holds every word of ``text``, at most 40 of each kind. An empty text finds nothing."""
    parts = text.casefold().split()[:_MOST_PARTS]
    if not parts:
        return ()
    rows = {row.case_id: row for row in here.cases}
    return (
        *_first(_cases(here, parts)),
        *_first(_criteria(here, rows, parts)),
        *_indexed(session, here, rows, text),
    )


def rebuild(session: Session) -> int:
    """Make the index of words anew from what the vault holds; returns how many things are in it."""
    with session.work() as work:
        count = work.search.rebuild()
        work.record(events.IndexRebuilt(indexed=count))
    return count


# What is told first: a reviewer looks for what somebody wrote more often than for a name.
_ORDER = (
    IndexKind.FINDING,
    IndexKind.ANSWER,
    IndexKind.BENCHMARK,
    IndexKind.REFERRAL,
    IndexKind.FILE,
    IndexKind.TEXT,
    IndexKind.PASSAGE,
)


def _indexed(session: Session, here: Known, rows: Mapping[CaseId, CaseRow], text: str) -> Iterable[Hit]:
    me = session.person.person_id
    with session.look() as work:
        found = [one for kind in _ORDER for one in work.search.find(kind, text, me, limit=MOST_OF_A_KIND)]
    banners: dict[tuple[str, ...], str] = {}  # few of them are different, and each takes its time
    for one in found:
        row = rows.get(one.case_id)
        if row is not None:  # a case opened since the words were first typed is found the next time
            stated = (row.marking, one.portion_marking, one.marking)
            if stated not in banners:
                banners[stated] = _covering(session, *stated)
            yield _hit(here, row, one, banners[stated])


def _hit(here: Known, row: CaseRow, one: Indexed, marking: str) -> Hit:
    of_package = one.kind in {IndexKind.FILE, IndexKind.TEXT, IndexKind.PASSAGE}
    where = f"{row.case_id}, {row.model}"
    about = {
        IndexKind.TEXT: f"{one.part}, {where}",
        IndexKind.PASSAGE: f"{_place(one)}, {where}",
        IndexKind.ANSWER: f"{one.record} by {here.people.get(one.part, one.part)}, {where}",
        IndexKind.FINDING: f"{one.record} of {where}",
        IndexKind.REFERRAL: f"{one.record} of {where}",
    }.get(one.kind, where)
    return Hit(
        kind=HitKind(str(one.kind)),
        untrusted_words=one.untrusted_words,
        untrusted_about=about,
        marking=marking,
        case_id=one.case_id,
        package_id=PackageId(one.record) if of_package else None,
        criterion_id=CriterionId(one.record) if one.kind is IndexKind.ANSWER else None,
        finding_id=FindingId(one.record) if one.kind is IndexKind.FINDING else None,
        untrusted_path=one.part if of_package else "",
        anchor=one.place,
    )


def _place(one: Indexed) -> str:
    """The way to a passage as a person reads it: ``a.zip!/b.pdf, page=3``."""
    place = Place.parse(one.place)
    if place is None:
        return f"{one.part}, {one.place}"
    way = inner_path((one.part, *place.inside))
    return ", ".join(part for part in (way, replace(place, inside=()).anchor) if part)


def _covering(session: Session, case: str, portion: str, own: str) -> str:
    """The case's banner rolled up with what the thing itself is marked: a portion may stand above it."""
    of_portion = str(session.services.markings.portion(portion)) if portion else ""
    return queries.covering_marking(session, [one for one in (case, of_portion, own) if one])


def _first(hits: Iterable[Hit]) -> Sequence[Hit]:
    return [hit for _number, hit in zip(range(MOST_OF_A_KIND), hits, strict=False)]


def _holds(parts: Sequence[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(part in whole for part in parts)


def _cases(here: Known, parts: Sequence[str]) -> Iterable[Hit]:
    for row, folded in zip(here.cases, here.folded, strict=True):
        if all(part in folded for part in parts):
            yield Hit(
                kind=HitKind.CASE,
                untrusted_words=f"{row.model}, {row.checkpoint}",
                untrusted_about=f"{row.case_id}, {row.developer}",
                marking=row.marking,
                case_id=row.case_id,
            )


def _criteria(here: Known, rows: Mapping[CaseId, CaseRow], parts: Sequence[str]) -> Iterable[Hit]:
    row = rows.get(here.criteria_of) if here.criteria_of else None
    if row is None:
        return
    for criterion in here.criteria:
        if _holds(parts, criterion.criterion_id, criterion.section, criterion.text):
            yield Hit(
                kind=HitKind.CRITERION,
                untrusted_words=f"{criterion.criterion_id}  {criterion.text}",
                untrusted_about=f"{row.case_id}, {row.model}",
                marking=row.marking,
                case_id=row.case_id,
                criterion_id=criterion.criterion_id,
            )
