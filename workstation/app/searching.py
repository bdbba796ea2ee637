"""Finding anything in the vault by words: cases, files, criteria, findings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from workstation.app import findings, queries
from workstation.app.queries import CaseRow, CriterionView
from workstation.app.services import Session
from workstation.core.cases import CaseState
from workstation.core.findings import Finding
from workstation.core.values import CaseId, CriterionId, FindingId, PackageId

MOST_OF_A_KIND = 40
_MOST_PARTS = 8
_WITH_FINDINGS = frozenset({CaseState.EVALUATION, CaseState.RECOMMENDED, CaseState.DETERMINED})


class HitKind(StrEnum):
    """What was found."""

    CASE = "case"
    FILE = "file"
    CRITERION = "criterion"
    FINDING = "finding"


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


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is read once when somebody begins to look, and looked through with each letter."""

    cases: tuple[CaseRow, ...]
    findings: tuple[tuple[Finding, CaseRow], ...]
    criteria: tuple[CriterionView, ...]
    criteria_of: CaseId | None


def known(session: Session, case_id: CaseId | None) -> Known:
    """Cases, findings as far as the person may see them, and the questions of one case, where one is open."""
    rows = queries.case_rows(session)
    seen: list[tuple[Finding, CaseRow]] = []
    with session.look() as work:
        for row in rows:
            if row.state in _WITH_FINDINGS:
                visible = findings.visible_of(work, row.case_id, session.person.person_id)
                seen += [(finding, row) for finding in visible]
    criteria = queries.criteria(session, case_id) if case_id else ()
    return Known(cases=rows, findings=tuple(seen), criteria=criteria, criteria_of=case_id)


def search(session: Session, here: Known, text: str) -> tuple[Hit, ...]:
    """Everything that holds every word of ``text``, at most 40 of each kind. An empty text finds nothing."""
    parts = text.casefold().split()[:_MOST_PARTS]
    if not parts:
        return ()
    rows = {row.case_id: row for row in here.cases}
    return (
        *_first(_cases(here.cases, parts)),
        *_first(_criteria(here, rows, parts)),
        *_first(_findings(here, parts)),
        *_files(session, rows, text.split()[:_MOST_PARTS]),
    )


def _first(hits: Iterable[Hit]) -> Sequence[Hit]:
    return [hit for _number, hit in zip(range(MOST_OF_A_KIND), hits, strict=False)]


def _holds(parts: Sequence[str], *texts: str) -> bool:
    whole = " ".join(texts).casefold()
    return all(part in whole for part in parts)


def _cases(rows: Iterable[CaseRow], parts: Sequence[str]) -> Iterable[Hit]:
    for row in rows:
        if _holds(parts, row.case_id, row.model, row.checkpoint, row.developer):
            yield Hit(
                kind=HitKind.CASE,
                untrusted_words=f"{row.model}, {row.checkpoint}",
                untrusted_about=f"{row.case_id}, {row.developer}",
                marking=row.marking,
                case_id=row.case_id,
            )


def _criteria(here: Known, rows: dict[CaseId, CaseRow], parts: Sequence[str]) -> Iterable[Hit]:
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


def _findings(here: Known, parts: Sequence[str]) -> Iterable[Hit]:
    for finding, row in here.findings:
        text = finding.text
        if _holds(parts, finding.finding_id, text.title, text.component, text.cwe):
            yield Hit(
                kind=HitKind.FINDING,
                untrusted_words=text.title,
                untrusted_about=f"{finding.finding_id} of {row.case_id}, {row.model}",
                marking=row.marking,
                case_id=row.case_id,
                finding_id=finding.finding_id,
            )


def _files(session: Session, rows: dict[CaseId, CaseRow], parts: Sequence[str]) -> Iterable[Hit]:
    with session.look() as work:
        found = work.search.files(parts, limit=MOST_OF_A_KIND)
    for file in found:
        row = rows.get(file.case_id)
        if row is not None:  # a case opened since the words were first typed is found the next time
            yield Hit(
                kind=HitKind.FILE,
                untrusted_words=file.untrusted_path,
                untrusted_about=f"{row.case_id}, {row.model}",
                marking=row.marking,
                case_id=file.case_id,
                package_id=file.package_id,
            )
