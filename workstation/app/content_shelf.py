"""Which content sets stand here, by whom and for which cases; what a folder offers; which cases could move.

Nothing is changed here: ``app.content`` takes sets into use and ``app.leading`` moves cases.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workstation.app import content
from workstation.app.content import ContentRow
from workstation.app.services import Session
from workstation.app.wording import word
from workstation.core.checklist_acts import BEFORE_CONCLUSION
from workstation.core.content import (
    MAX_SET_BYTES,
    ContentKind,
    ContentRecord,
    ContentSigner,
    ContentUnreadable,
    CriteriaSetMalformed,
    head_of,
)
from workstation.core.jobs import JobControl, Progress
from workstation.core.ports import Work
from workstation.core.summaries import CaseSummary
from workstation.core.values import CaseId, PersonId

MAX_OFFERED = 200
_MOST_LOOKED_AT = 20_000


@dataclass(frozen=True, kw_only=True)
class Shelved:
    """One version of a set. ``added_at`` is empty for what came with the program.

    A vocabulary is of no case: the newest one holds for all of them.
    """

    kind: ContentKind
    reference: str
    title: str
    notice: str
    kind_words: str
    entries: int
    sha384: str
    signers: tuple[ContentSigner, ...]
    newest: bool
    added_at: datetime | None
    added_by: str
    cases: tuple[CaseId, ...]  # that go by it


@dataclass(frozen=True, kw_only=True)
class Movable:
    """A case that could go by a version it does not go by yet."""

    case_id: CaseId
    goes_by: str


@dataclass(frozen=True, kw_only=True)
class Offered:
    """A set that lies in a folder, as far as it says so itself; nothing of it is believed yet."""

    untrusted_name: str
    untrusted_reference: str
    kind_words: str
    size_bytes: int
    signature_beside: bool
    path: Path


def shelf(session: Session) -> tuple[Shelved, ...]:
    """Every version of every set and vocabulary, with the cases that go by it."""
    rows = content.rows(session)
    with session.look() as work:
        kept = {(one.kind, one.reference): one for one in work.content.all()}
        names = {person.person_id: person.display_name for person in work.people.all()}
        used = _used(work)
    found = []
    for row in rows:
        record = kept.get((row.kind, row.reference))
        found.append(_shelved(row, record, used.get(row.reference, ()), names))
    return tuple(found)


def _shelved(
    row: ContentRow, record: ContentRecord | None, cases: Sequence[CaseId], names: Mapping[PersonId, str]
) -> Shelved:
    return Shelved(
        kind=row.kind,
        reference=row.reference,
        title=row.title,
        notice=row.notice,
        kind_words=word("content-kind", row.kind),
        entries=row.entries,
        sha384=row.sha384,
        signers=record.signers if record else (),
        newest=row.newest,
        added_at=record.added_at if record else None,
        added_by=names.get(record.added_by, record.added_by) if record else "",
        cases=tuple(cases),
    )


def _used(work: Work) -> Mapping[str, Sequence[CaseId]]:
    """Reference to the cases that go by it."""
    used: dict[str, list[CaseId]] = defaultdict(list)
    for case in work.search.summaries():
        for reference in _goes_by(work, case):
            used[reference].append(case.case_id)
    return used


def _goes_by(work: Work, case: CaseSummary) -> tuple[str, str]:
    """Criteria and profile of a case."""
    criteria, profile = case.criteria_set, case.benchmark_profile
    if not criteria:
        whole = work.cases.get(case.case_id)
        criteria, profile = whole.criteria_set, whole.benchmark_profile
    return criteria, profile or content.shipped_profile().reference


def movable(session: Session, reference: str) -> tuple[Movable, ...]:
    """Cases before their conclusion that could go by this version from here on.

    A criteria set follows only a lower version of itself; a profile any other. Raises ``ContentUnknown``.
    """
    row, _made = content.show(session, reference)
    if row.kind is ContentKind.VOCABULARY:
        return ()
    found = []
    with session.look() as work:
        for case in work.search.summaries():
            if case.state not in BEFORE_CONCLUSION or case.opined:
                continue
            criteria, profile = _goes_by(work, case)
            goes_by = criteria if row.kind is ContentKind.CRITERIA else profile
            if _could_follow(row, goes_by):
                found.append(Movable(case_id=case.case_id, goes_by=goes_by))
    return tuple(found)


def _could_follow(row: ContentRow, goes_by: str) -> bool:
    if row.kind is not ContentKind.CRITERIA:
        return goes_by != row.reference
    set_id, _space, version = goes_by.rpartition(" v")
    return set_id == row.set_id and version.isdecimal() and int(version) < row.version


def offered(folder: Path, job: JobControl) -> tuple[Offered, ...]:
    """The sets that lie in a folder, by their own words; other files are passed over.

    Raises:
        ContentUnreadable: the folder cannot be read.
    """
    found: list[Offered] = []
    try:
        for number, path in enumerate(sorted(folder.iterdir())[:_MOST_LOOKED_AT]):
            job.tick(Progress(stage="content.look", done_items=number, untrusted_detail=path.name))
            if path.suffix == ".json" and not path.name.endswith(content.SIGNATURE):
                one = _offered(path)
                if one is not None:
                    found.append(one)
            if len(found) == MAX_OFFERED:
                break
    except OSError as error:
        raise ContentUnreadable(file=folder.name, reason=error.strerror or "") from error
    return tuple(found)


def _offered(path: Path) -> Offered | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as stream:
        said = stream.read(MAX_SET_BYTES + 1)
    try:
        head = head_of(said)
    except CriteriaSetMalformed:
        return None
    sides = (path.with_name(path.name + suffix) for suffix in (content.SIGNATURE, content.CERTIFICATES))
    return Offered(
        untrusted_name=path.name,
        untrusted_reference=f"{head.id} v{head.version}",
        kind_words=word("content-kind", head.format),
        size_bytes=len(said),
        signature_beside=all(side.is_file() for side in sides),
        path=path,
    )
