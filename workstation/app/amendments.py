"""An amended submission against the one before: what was added, removed, changed, and what stayed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from workstation.app.examining import stored_files
from workstation.app.services import Session
from workstation.core.packages import Package, PackageFile, PackageState
from workstation.core.values import CaseId, PackageId


class Change(StrEnum):
    """How one path differs between two submissions."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, kw_only=True)
class ChangedFile:
    """One path that is not the same in both."""

    untrusted_path: str
    change: Change
    old_sha384: str
    new_sha384: str


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """Two submissions of one case. ``changes`` holds the first ``MOST_SHOWN`` differing paths in order."""

    earlier: PackageId
    later: PackageId
    counts: dict[Change, int]
    changes: tuple[ChangedFile, ...]


MOST_SHOWN = 10_000


def earlier_packages(session: Session, case_id: CaseId) -> tuple[Package, ...]:
    """Every wholly received package of a case but the present one, newest first."""
    with session.look() as work:
        present = work.cases.get(case_id).package_id
        packages = work.packages.of_case(case_id)
    received = (p for p in packages if p.package_id != present and p.state is not PackageState.RECEIVING)
    return tuple(sorted(received, key=lambda package: package.begun_at, reverse=True))


def difference(session: Session, earlier: PackageId, later: PackageId) -> Amendment:
    """Compare path by path and digest by digest; both lists are read a page at a time.

    Raises:
        RecordUnknown: no such package.
    """
    with session.look() as work:
        for package_id in (earlier, later):
            work.packages.get(package_id)
    counts = dict.fromkeys(Change, 0)
    changes: list[ChangedFile] = []
    for found in _walk(stored_files(session, earlier), stored_files(session, later)):
        counts[found.change] += 1
        if found.change is not Change.UNCHANGED and len(changes) < MOST_SHOWN:
            changes.append(found)
    return Amendment(earlier=earlier, later=later, counts=counts, changes=tuple(changes))


def _walk(earlier: Iterator[PackageFile], later: Iterator[PackageFile]) -> Iterator[ChangedFile]:
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


def _changed(old: PackageFile | None, new: PackageFile | None) -> ChangedFile:
    old_digest, new_digest = (file.sha384 if file else "" for file in (old, new))
    change = Change.UNCHANGED if old_digest == new_digest else Change.CHANGED
    if old is None or new is None:
        change = Change.ADDED if old is None else Change.REMOVED
    either = new or old
    path = either.untrusted_path if either else ""
    return ChangedFile(untrusted_path=path, change=change, old_sha384=old_digest, new_sha384=new_digest)
