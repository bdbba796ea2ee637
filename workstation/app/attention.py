"""What needs the person at the desk next, and how the workstation itself stands."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from workstation.app import clearinghouse, credentials, queries
from workstation.app.queries import CaseRow
from workstation.app.reviewing import checklist_of
from workstation.app.services import Session
from workstation.core.cases import CaseState
from workstation.core.events import BackupTaken, VaultChecked
from workstation.core.exports import Export, ExportState
from workstation.core.findings import FindingState
from workstation.core.people import APPOINTED, Duty, Role
from workstation.core.ports import AuditRow, Work
from workstation.core.referrals import ReceiptStanding
from workstation.core.summaries import WAITING
from workstation.core.values import CaseId, PackageId
from workstation.core.window import WindowStanding

MOST_NEEDS = 200
_FAR = 10_000
_OFTEN_ENOUGH = timedelta(days=30)
_BACKUP_DAYS = 7
_LISTS_SOON = timedelta(days=14)
_CLOCK_TOLERANCE = timedelta(minutes=2)
_LOOKED_INTO = frozenset({CaseState.QUARANTINED, CaseState.ACCEPTED, CaseState.EVALUATION})


class Opens(StrEnum):
    """The page that a line leads to."""

    OVERVIEW = "overview"
    PACKAGE = "package"
    CHECKLIST = "checklist"
    FINDINGS = "findings"
    REFERRALS = "referrals"
    DETERMINATION = "determination"
    EXPORT = "export"
    RELEASES = "releases"


@dataclass(frozen=True, kw_only=True)
class Need:
    """One thing to do. ``key`` is of the catalogue's [need], or of [next-step] where ``is_step``."""

    key: str
    opens: Opens
    row: CaseRow
    is_step: bool = False
    mine: bool = True
    count: int = 0
    total: int = 0
    untrusted_words: str = ""


class Health(StrEnum):
    """How a check of the workstation stands."""

    GOOD = "good"
    LOOK = "look"
    ACT = "act"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing about the workstation itself; ``key`` is of the catalogue's [check]."""

    key: str
    health: Health
    at: datetime | None = None
    count: int = 0


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Everything the start page shows, the most urgent first; ``left_out`` lines did not fit."""

    needs: tuple[Need, ...]
    left_out: int
    checks: tuple[Check, ...]
    marking: str


# Where the next step of a case is taken; every other one on the overview.
_TAKEN_AT = {
    "awaiting-package": Opens.PACKAGE,
    "quarantined": Opens.PACKAGE,
    "deficient": Opens.PACKAGE,
    "answer-checklist": Opens.CHECKLIST,
    "give-opinions": Opens.DETERMINATION,
    "recommend": Opens.DETERMINATION,
    "recommended": Opens.DETERMINATION,
    "determined": Opens.EXPORT,
    "request-export": Opens.EXPORT,
    "release-export": Opens.RELEASES,
}
_AFTER_SUBMISSION = frozenset({"give-opinions", "recommend"})
_PRESSING = frozenset({WindowStanding.AT_RISK, WindowStanding.OVERDUE})


def read(session: Session) -> Attention:
    """Read it all; may take a second with thousands of cases, so never in the window's thread."""
    rows = {row.case_id: row for row in queries.case_rows(session)}
    waiting = [*_referrals(session, rows), *_sign_offs(session, rows)]
    with session.look() as work:
        found = [*_steps(rows.values()), *_exports(session, work, rows), *_unfinished(work, rows), *waiting]
        for row in rows.values():
            # Most cases of an office of some years are over, and nothing of theirs waits inside.
            if row.case.state in _LOOKED_INTO:
                found += _differences(session, work, row)
                if session.person.person_id in row.reviewers:
                    found += _inside(session, work, row)
    found.sort(key=_urgency)
    shown = tuple(found[:MOST_NEEDS])
    return Attention(
        needs=shown,
        left_out=len(found) - len(shown),
        checks=station(session),
        marking=queries.covering_marking(session, [need.row.marking for need in shown]),
    )


def _urgency(need: Need) -> tuple[bool, int, str]:
    left = need.row.days_left
    return (not need.mine, _FAR if left is None else left, need.row.case_id)


def _steps(rows: Iterable[CaseRow]) -> Iterator[Need]:
    for row in rows:
        if row.waits_for_me and row.next_step != "release-export":  # each request has a line of its own
            opens = _TAKEN_AT.get(row.next_step, Opens.OVERVIEW)
            yield Need(key=row.next_step, is_step=True, opens=opens, row=row)
        elif row.standing in _PRESSING:
            yield Need(key=row.next_step, is_step=True, mine=False, opens=Opens.OVERVIEW, row=row)


def _exports(session: Session, work: Work, rows: Mapping[CaseId, CaseRow]) -> Iterator[Need]:
    me = session.person
    may_release = me.active and me.role in APPOINTED[Duty.RELEASE_EXPORT]
    exports = work.releases.exports_in(WAITING | {ExportState.RETURNED})
    for export in exports:
        if not queries.may_know(work, export, me.person_id):
            continue  # not even that somebody of an enforcement office is to get something
        row = rows[export.case_id]
        if may_release and export.state in WAITING and export.requested_by != me.person_id:
            key = "release" if export.state is ExportState.REQUESTED else "write-again"
            yield Need(key=key, opens=Opens.RELEASES, row=row, untrusted_words=export.recipient)
        elif export.requested_by == me.person_id and _waits_for_requester(work, export):
            yield Need(key="returned", opens=Opens.EXPORT, row=row, untrusted_words=export.reason)


def _waits_for_requester(work: Work, export: Export) -> bool:
    """Returned, and nobody has asked again for the same report since."""
    return export.state is ExportState.RETURNED and not any(
        other.report_id == export.report_id and other.requested_at > export.requested_at
        for other in work.releases.exports(export.case_id)
    )


def _unfinished(work: Work, rows: Mapping[CaseId, CaseRow]) -> Iterator[Need]:
    for package in work.packages.receiving():
        yield Need(key="unfinished", opens=Opens.PACKAGE, row=rows[package.case_id])


def _referrals(session: Session, rows: Mapping[CaseId, CaseRow]) -> Iterator[Need]:
    """What left for a recipient who has not said that it came, for whoever drafted it or reviews the case."""
    me = session.person.person_id
    for view in clearinghouse.awaiting(session):
        row = rows[view.referral.case_id]
        if me == view.referral.drafted_by or me in row.reviewers:
            key = "receipt-overdue" if view.standing is ReceiptStanding.OVERDUE else "receipt"
            words = view.referral.text.recipient
            yield Need(key=key, opens=Opens.REFERRALS, row=row, untrusted_words=words)


def _sign_offs(session: Session, rows: Mapping[CaseId, CaseRow]) -> Iterator[Need]:
    """Drafts of enforcement referrals, for the counsel named on each and for nobody else."""
    for draft in clearinghouse.for_counsel(session):
        yield Need(key="sign-off", opens=Opens.REFERRALS, row=rows[draft.case_id])


def _differences(session: Session, work: Work, row: CaseRow) -> Iterator[Need]:
    """Answers that differ wait for a lead who gave none of them."""
    me = session.person
    may_settle = me.active and me.role in APPOINTED[Duty.SETTLE] and me.person_id not in row.reviewers
    if not may_settle or row.state is not CaseState.EVALUATION or row.next_step not in _AFTER_SUBMISSION:
        return
    checklist = checklist_of(session, work, work.cases.get(row.case_id))
    unsettled = len(checklist.unsettled())
    if unsettled and not checklist.took_part(me.person_id):
        yield Need(key="settle", opens=Opens.CHECKLIST, row=row, count=unsettled)


def _inside(session: Session, work: Work, row: CaseRow) -> Iterator[Need]:
    """What waits within a case of mine: files nobody opened, findings of somebody else's."""
    me = session.person
    if row.package_id:
        seen = dict(work.packages.coverage(PackageId(row.package_id)))
        opened = seen.pop("opened")
        if opened < (total := sum(seen.values())):
            yield Need(key="unopened", opens=Opens.PACKAGE, row=row, count=total - opened, total=total)
    reported = [
        finding
        for finding in work.findings.of_case(row.case_id)
        if finding.state is FindingState.REPORTED
        and finding.reported_by != me.person_id
        and finding.is_visible_to(me.person_id, blind=row.case.blind)
    ]
    if reported:
        yield Need(key="validate", opens=Opens.FINDINGS, row=row, count=len(reported))


def station(session: Session) -> tuple[Check, ...]:
    """How the workstation itself stands: clock, check of the vault, backup, lists, a custodian's way back."""
    now = session.services.clock.now()
    with session.look() as work:
        highest, checked = work.highest_time, work.audit.newest(VaultChecked.__name__)
        backed_up = work.audit.newest(BackupTaken.__name__)
    ways_back = _way_back(session)
    return (
        _clock(now, highest),
        _checked(now, checked),
        _backed_up(now, backed_up),
        _lists(session, now),
        *ways_back,
    )


def _way_back(session: Session) -> tuple[Check, ...]:
    """A line for a custodian while no officers' keys are in force: nobody else can change that."""
    if session.person.role is not Role.CUSTODIAN or session.services.vaults.status().recovery is not None:
        return ()
    return (Check(key="recovery-none", health=Health.LOOK),)


def _clock(now: datetime, highest: datetime) -> Check:
    if highest - now > _CLOCK_TOLERANCE:
        return Check(key="clock-back", health=Health.ACT, at=highest)
    return Check(key="clock-good", health=Health.GOOD, at=now)


def _backed_up(now: datetime, row: AuditRow | None) -> Check:
    if row is None:
        return Check(key="backup-never", health=Health.LOOK)
    days = max(0, (now - row.at).days)
    if days <= _BACKUP_DAYS:
        return Check(key="backup-good", health=Health.GOOD, at=row.at, count=days)
    return Check(key="backup-old", health=Health.LOOK, at=row.at, count=days)


def _checked(now: datetime, row: AuditRow | None) -> Check:
    if row is None:
        return Check(key="vault-never", health=Health.LOOK)
    days = max(0, (now - row.at).days)
    body = msgspec.json.decode(row.body_json, type=dict[str, object])
    if body["broken_files"] or body["database_problems"] or not body["audit_holds"]:
        return Check(key="vault-broken", health=Health.ACT, at=row.at, count=days)
    is_old = now - row.at > _OFTEN_ENOUGH
    return Check(
        key="vault-old" if is_old else "vault-good",
        health=Health.LOOK if is_old else Health.GOOD,
        at=row.at,
        count=days,
    )


def _lists(session: Session, now: datetime) -> Check:
    ends_at = credentials.lists_end_at(session)
    days = (ends_at - now).days
    if ends_at <= now:
        return Check(key="lists-ended", health=Health.ACT, at=ends_at, count=-days)
    if ends_at - now <= _LISTS_SOON:
        return Check(key="lists-ending", health=Health.LOOK, at=ends_at, count=days)
    return Check(key="lists-good", health=Health.GOOD, at=ends_at, count=days)
