"""What the window and the command line show, read in one go and frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

import msgspec

from workstation.app import auditing, content
from workstation.app.reviewing import checklist_of
from workstation.app.services import Session
from workstation.core.cases import OVER, Case, CaseState
from workstation.core.checklists import Answer, Checklist, Tailoring
from workstation.core.criteria import CriteriaSet, Criterion
from workstation.core.exports import Export, ExportState, Report
from workstation.core.finding_errors import ReferralLimited
from workstation.core.packages import Package, PackageFile
from workstation.core.people import APPOINTED, INCOMPATIBLE, Duty, Person
from workstation.core.ports import AuditRow, Work
from workstation.core.summaries import WAITING, CaseSummary, next_step
from workstation.core.values import CaseId, CriterionId, PackageId, PersonId
from workstation.core.window import WindowStanding

PAGE_ROWS = 200
_ALL_ROWS, _FAR = "every case", 10_000  # no case has such an identifier


class CaseRow(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One line of the case list: the case in short, and how it stands today for the person at the desk.

    Days are of the access window; ``None`` where no window runs. A struct, as ``CaseSummary`` is, and what
    the summary says is not copied: thousands of them are made for the first list.
    """

    case: CaseSummary
    standing: WindowStanding
    day_number: int | None
    days_left: int | None
    next_step: str  # key of the catalogue's [next-step]
    waits_for_me: bool  # the person at the desk can take the next step

    @property
    def case_id(self) -> CaseId:
        """Which case it is."""
        return self.case.case_id

    @property
    def case_type(self) -> str:
        """A ``CaseType``."""
        return self.case.case_type

    @property
    def developer(self) -> str:
        """Whose model it is."""
        return self.case.developer

    @property
    def model(self) -> str:
        """The model's name."""
        return self.case.model

    @property
    def checkpoint(self) -> str:
        """Which checkpoint of it."""
        return self.case.checkpoint

    @property
    def marking(self) -> str:
        """The banner of the case."""
        return self.case.marking

    @property
    def state(self) -> CaseState:
        """Where the case stands."""
        return self.case.state

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags everybody sees."""
        return self.case.tags

    @property
    def reviewers(self) -> tuple[PersonId, ...]:
        """Who answers the checklist."""
        return self.case.reviewers

    @property
    def package_id(self) -> str:
        """The submission; empty before there is one."""
        return self.case.package_id

    @property
    def planned_release_on(self) -> date | None:
        """The planned release to other trusted partners."""
        return self.case.planned_release_on

    @property
    def total_days(self) -> int | None:
        """Length of the window."""
        window = self.case.window
        return window.total_days if window else None

    @property
    def ended_on(self) -> date | None:
        """The first determination; the window is told as of that day."""
        return self.case.determined_on


@dataclass(frozen=True, kw_only=True)
class CaseView:
    """Everything a case page shows except files, history and answers' text."""

    row: CaseRow
    case: Case
    package: Package | None
    coverage: Mapping[str, int]
    tally: Mapping[str, int]
    people: Mapping[PersonId, Person]
    reports: Sequence[Report]
    exports: Sequence[Export]
    allowed: frozenset[Duty]  # what the person at the desk may do on this case, as of now


@dataclass(frozen=True, kw_only=True)
class CriterionView:
    """One criterion as the viewer may see it: own answer, the other's once both have submitted."""

    criterion_id: CriterionId
    section: str
    text: str
    evidence_wanted: str
    source: str
    mine: Answer | None
    others: tuple[Answer, ...]
    agreed: str  # a result, or "unanswered"
    differs: bool
    settled: bool
    tailored: Tailoring | None = None
    set_reference: str = ""  # of the version the case goes by; an answer given under another was carried


def case_rows(session: Session) -> tuple[CaseRow, ...]:
    """Every case: open ones first by days left, then the rest by identifier."""
    with session.look() as work:
        today = work.highest_time.date()
        me = work.people.get(session.person.person_id)
        summaries = work.search.summaries()
    kept = session.made.get(_ALL_ROWS)
    before: tuple[CaseRow, ...] = ()
    if kept is not None and kept[0][1:] == (today, me):
        before = cast("tuple[CaseRow, ...]", kept[1])
        if kept[0][0] is summaries:
            return before
    # A row of the last time serves again where neither the case nor the day nor the person has changed.
    known = {row.case.case_id: row for row in before}
    still_open: list[CaseRow] = []
    over: list[CaseRow] = []
    for case in summaries:
        row = known.get(case.case_id)
        if row is None or row.case is not case:
            row = _row(case, today, me)
        (over if case.state in OVER else still_open).append(row)
    # Those that are over have no days left, and the summaries come by identifier already.
    found = (*sorted(still_open, key=_order), *over)
    session.made[_ALL_ROWS] = ((summaries, today, me), found)
    return found


def _order(row: CaseRow) -> tuple[int, str]:
    return (_FAR if row.days_left is None else row.days_left, row.case_id)


def _row(case: CaseSummary, today: date, me: Person) -> CaseRow:
    state, began_on = case.state, case.window_start_on
    day_number = None
    if began_on is not None:
        day_number = max(0, ((case.determined_on or today) - began_on).days)
    if state in OVER:
        # Most cases of an office of some years are over: no step of theirs is looked for.
        return CaseRow(
            case=case,
            standing=WindowStanding.NOT_OPEN,
            day_number=day_number,
            days_left=None,
            next_step=state,
            waits_for_me=False,
        )
    step, window = next_step(case, today), case.window
    runs = window is not None and state is not CaseState.DETERMINED
    return CaseRow(
        case=case,
        standing=window.standing(today) if window and runs else WindowStanding.NOT_OPEN,
        day_number=day_number,
        days_left=window.days_left(today) if window and runs else None,
        next_step=step,
        waits_for_me=_waits_for(case, step, me),
    )


# Who takes the step that comes next, where the state alone decides it.
_STEP_DUTIES: Mapping[str, Duty] = {
    "awaiting-package": Duty.RECEIVE_PACKAGE,
    "quarantined": Duty.ACCEPT_PACKAGE,
    "deficient": Duty.RECEIVE_PACKAGE,
    "assign-reviewers": Duty.OPEN_CASE,
    "accepted": Duty.KEEP_WINDOW,
    "recommend": Duty.RECOMMEND,
    "recommended": Duty.DETERMINE,
    "determined": Duty.CERTIFY_REPORT,
    "request-export": Duty.REQUEST_EXPORT,
    "release-export": Duty.RELEASE_EXPORT,
    "close": Duty.CLOSE_CASE,
    "lapse": Duty.CLOSE_CASE,
    "held": Duty.HOLD_CASE,
}


def _waits_for(case: CaseSummary, step: str, me: Person) -> bool:
    if step == "answer-checklist":
        return me.person_id in case.reviewers and me.person_id not in case.submitted
    if step == "give-opinions":
        return me.person_id in case.reviewers and me.person_id not in case.opined
    duty = _STEP_DUTIES.get(step)
    return duty is not None and me.active and me.role in APPOINTED[duty]


def case_view(session: Session, case_id: CaseId) -> CaseView:
    """One case; raises CaseUnknown."""
    today = session.today()
    with session.look() as work:
        case = work.cases.get(case_id)
        me = work.people.get(session.person.person_id)
        return CaseView(
            row=_row(work.search.summary(case_id), today, me),
            case=case,
            package=work.packages.get(case.package_id) if case.package_id else None,
            coverage=work.packages.coverage(case.package_id) if case.package_id else {},
            tally=checklist_of(session, work, case).tally(),
            people={person.person_id: person for person in work.people.all()},
            reports=[one for one in work.releases.reports(case_id) if one.referral_id is None],
            exports=[one for one in work.releases.exports(case_id) if one.referral_id is None],
            allowed=_allowed_on(work, me, case),
        )


def duties_allowed(session: Session, case_id: CaseId) -> frozenset[Duty]:
    """What the person at the desk may do on this case, as of now."""
    with session.look() as work:
        return _allowed_on(work, work.people.get(session.person.person_id), work.cases.get(case_id))


def _allowed_on(work: Work, me: Person, case: Case) -> frozenset[Duty]:
    """Whoever answers does not settle, though the role would allow it."""
    allowed = _allowed(me, work.audit.duties_done(me.person_id, case.case_id))
    return allowed - {Duty.SETTLE} if me.person_id in case.reviewers else allowed


def _allowed(person: Person, done: frozenset[str]) -> frozenset[Duty]:
    if not person.active:
        return frozenset()
    return frozenset(
        duty
        for duty in Duty
        if person.role in APPOINTED[duty]
        and not INCOMPATIBLE.get(duty, frozenset()) & frozenset(map(Duty, done))
    )


def criteria(session: Session, case_id: CaseId) -> tuple[CriterionView, ...]:
    """The checklist as the person at the desk may see it."""
    me = session.person.person_id
    with session.look() as work:
        case = work.cases.get(case_id)
        checklist = checklist_of(session, work, case)
        asked = content.criteria_of(session, work, case)
    visible = checklist.visible_to(me)
    differing = frozenset(checklist.differing() if checklist.both_submitted else ())
    return tuple(_criterion(me, asked, one, checklist, visible, differing) for one in asked.criteria)


def _criterion(
    me: PersonId,
    asked: CriteriaSet,
    criterion: Criterion,
    checklist: Checklist,
    visible: Mapping[tuple[CriterionId, PersonId], Answer],
    differing: frozenset[CriterionId],
) -> CriterionView:
    criterion_id = criterion.criterion_id
    others = tuple(a for (c, who), a in visible.items() if c == criterion_id and who != me)
    return CriterionView(
        criterion_id=criterion_id,
        section=criterion.section,
        text=criterion.text,
        evidence_wanted=criterion.evidence_wanted,
        source=criterion.source,
        mine=visible.get((criterion_id, me)),
        others=others,
        agreed=checklist.standing(criterion_id),
        differs=criterion_id in differing,
        settled=criterion_id in checklist.settlements,
        tailored=checklist.tailored.get(criterion_id),
        set_reference=asked.reference,
    )


def files(
    session: Session, package_id: PackageId, *, after: str = "", limit: int = PAGE_ROWS
) -> Sequence[PackageFile]:
    """Files of a package by path, a page at a time."""
    with session.look() as work:
        return work.packages.files(package_id, after=after, limit=limit)


def paths(session: Session, package_id: PackageId, *, limit: int) -> Sequence[str]:
    """The first paths of a package, for choosing one."""
    found: list[str] = []
    while len(found) < limit:
        page = files(session, package_id, after=found[-1] if found else "", limit=PAGE_ROWS)
        found += [file.untrusted_path for file in page]
        if len(page) < PAGE_ROWS:
            break
    return found[:limit]


def history(session: Session, case_id: CaseId, *, before: int | None = None) -> Sequence[AuditRow]:
    """What happened on a case, newest first, a page at a time."""
    return auditing.page(session, case_id=case_id, before=before, limit=PAGE_ROWS)


def people(session: Session) -> Sequence[Person]:
    """Everybody enrolled."""
    with session.look() as work:
        return work.people.all()


@dataclass(frozen=True, kw_only=True)
class WaitingExport:
    """One request as the security officer sees it."""

    export: Export
    model: str
    marking: str
    requester: str


def waiting_exports(session: Session) -> tuple[WaitingExport, ...]:
    """Requests that wait for the security officer, or whose writing failed or was cut short."""
    with session.look() as work:
        names = {person.person_id: person.display_name for person in work.people.all()}
        models = {case.case_id: case.model for case in work.search.summaries()}
        return tuple(
            WaitingExport(
                export=export,
                model=models[export.case_id],
                marking=work.releases.report(export.report_id).marking,
                requester=names[export.requested_by],
            )
            for export in work.releases.exports_in(WAITING)
            if may_know(work, export, session.person.person_id)
        )


def outstanding_receipts(session: Session) -> tuple[Export, ...]:
    """Exports on a medium whose countersigned receipt has not come back, oldest first."""
    with session.look() as work:
        return tuple(
            export
            for export in work.releases.exports_in({ExportState.WRITTEN})
            if export.receipt is None and may_know(work, export, session.person.person_id)
        )


def may_know(work: Work, export: Export, me: PersonId) -> bool:
    """Whether the person is named, where an export is of an access-limited referral."""
    if not export.limited or export.referral_id is None:
        return True
    try:
        work.referrals.get(export.referral_id, me)
    except ReferralLimited:
        return False
    return True


def covering_marking(session: Session, markings: Sequence[str]) -> str:
    """The banner that covers all of these; the workstation shows nothing under a lower one."""
    distinct = sorted(set(markings))
    if not distinct:
        return ""
    return str(session.services.markings.roll_up(distinct))
