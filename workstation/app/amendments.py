"""An amended submission against the one before: what was added, removed, changed, and what stayed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workstation.app.services import Session
from workstation.core.packages import ListedFile, Package, PackageState
from workstation.core.values import CaseId, PackageId


class Change(StrEnum):
    """How one path differs between two submissions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    NOT_COMPARABLE = "not-comparable"  # of one of them the medium did not give all bytes


DIFFERING = frozenset({Change.ADDED, Change.REMOVED, Change.CHANGED, Change.NOT_COMPARABLE})


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One path in two submissions; of what is not there the digest is empty and the size ``None``."""

    untrusted_path: str
    change: Change
    old_sha384: str
    new_sha384: str
    old_bytes: int | None
    new_bytes: int | None


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """Two submissions of one case.

    ``counts`` is of all paths; ``matching`` of those that were asked for, whose first ``MOST_SHOWN`` in order
    of path are ``changes``.
    """

    earlier: PackageId
    later: PackageId
    counts: dict[Change, int]
    matching: int
    changes: tuple[ChangedFile, ...]


MOST_SHOWN = 10_000
_PAGE = 2_000


def received(session: Session, case_id: CaseId) -> tuple[Package, ...]:
    """Every wholly received package of a case, newest first."""
    with session.look() as work:
        packages = work.packages.of_case(case_id)
    # They come in the order in which they were begun; a clock that was set back changes nothing of it.
    return tuple(package for package in reversed(packages) if package.received_at is not None)


def coverage(session: Session, package_id: PackageId) -> Mapping[str, int]:
    """How many files of a package have each coverage, plus ``opened``."""
    with session.look() as work:
        return work.packages.coverage(package_id)


def earlier_packages(session: Session, case_id: CaseId) -> tuple[Package, ...]:
    """Every wholly received package of a case but the present one, newest first."""
    with session.look() as work:
        present = work.cases.get(case_id).package_id
        packages = work.packages.of_case(case_id)
    received = (p for p in reversed(packages) if p.state is not PackageState.RECEIVING)
    return tuple(package for package in received if package.package_id != present)


def difference(
    session: Session,
    earlier: PackageId,
    later: PackageId,
    *,
    of: Collection[Change] = DIFFERING,
    holding: str = "",
) -> Amendment:
    """Compare path by path and digest by digest; both lists are read a page at a time.

    ``of`` and ``holding`` (a part of the path, whatever its case) choose the paths that are listed.

    Raises:
        RecordUnknown: no such package.
    """
    with session.look() as work:
        for package_id in (earlier, later):
            work.packages.get(package_id)
    counts = dict.fromkeys(Change, 0)
    changes: list[ChangedFile] = []
    matching, wanted = 0, holding.casefold()
    for found in _walk(_listed(session, earlier), _listed(session, later)):
        counts[found.change] += 1
        if found.change in of and (not wanted or wanted in found.untrusted_path.casefold()):
            matching += 1
            if len(changes) < MOST_SHOWN:
                changes.append(found)
    return Amendment(earlier=earlier, later=later, counts=counts, matching=matching, changes=tuple(changes))


def _listed(session: Session, package_id: PackageId) -> Iterator[ListedFile]:
    after = ""
    while True:
        with session.look() as work:
            page = work.packages.listed(package_id, after=after, limit=_PAGE)
        yield from page
        if not page:
            return
        after = page[-1].untrusted_path


def _walk(earlier: Iterator[ListedFile], later: Iterator[ListedFile]) -> Iterator[ChangedFile]:
    """Both lists come in order of path, so one step at a time is enough."""
    old, new = next(earlier, None), next(later, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old.untrusted_path < new.untrusted_path):
            yield _changed(old, None)
            old = next(earlier, None)
        elif old is None or new.untrusted_path < old.untrusted_path:
            yield _changed(None, new)
            new = next(later, None)
        else:
            yield _changed(old, new)
            old, new = next(earlier, None), next(later, None)


def _changed(old: ListedFile | None, new: ListedFile | None) -> ChangedFile:
    old_digest, new_digest = (file.sha384 if file else "" for file in (old, new))
    change = Change.UNCHANGED if old_digest == new_digest else Change.CHANGED
    if any(file is not None and file.unreadable for file in (old, new)):
        change = Change.NOT_COMPARABLE
    if old is None or new is None:
        change = Change.ADDED if old is None else Change.REMOVED
    either = new or old
    return ChangedFile(
        untrusted_path=either.untrusted_path if either else "",
        change=change,
        old_sha384=old_digest,
        new_sha384=new_digest,
        old_bytes=old.size_bytes if old else None,
        new_bytes=new.size_bytes if new else None,
    )
