"""What lists, filters and figures need of a case, kept beside it so that no list reads whole cases. Pure."""

from collections.abc import Iterable
from datetime import date

import msgspec

from workstation.core.case_states import OVER, UNDETERMINED, CaseState
from workstation.core.cases import Case
from workstation.core.exports import Export, ExportState, Report
from workstation.core.values import CaseId, CriterionId, PersonId
from workstation.core.window import Window

# What a security officer can still release: new requests, and those whose writing failed or was cut short.
WAITING = frozenset({ExportState.REQUESTED, ExportState.FAILED, ExportState.RELEASED})


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True, array_like=True, gc=False):
    """One case in short. ``release_step`` is what comes after the determination in force.

    A struct and no dataclass: thousands of them are decoded when the first list is read, which takes a fifth
    of the time this way. The order of the fields is the order in which they are kept, so a change of it is a
    change of ``storage.indexing.VERSION``.
    """

    case_id: CaseId
    case_type: str
    developer: str
    model: str
    checkpoint: str
    marking: str
    state: CaseState
    opened_on: date
    held: bool
    blind: bool
    submitted_by_all: bool
    planned_release_on: date | None = None
    started_on: date | None = None
    # The window in plain fields: a dataclass in each of thousands took longer to decode than all the rest.
    window_start_on: date | None = None
    window_release_on: date | None = None
    window_rule: str = ""
    package_id: str = ""
    reviewers: tuple[PersonId, ...] = ()
    submitted: tuple[PersonId, ...] = ()
    opined: tuple[PersonId, ...] = ()
    disclosed: tuple[CriterionId, ...] = ()
    tags: tuple[str, ...] = ()
    conclusion: str = ""
    determinations: int = 0
    release_versions: int = 0
    determined_on: date | None = None
    release_step: str = ""
    criteria_set: str = ""  # empty where the summary was kept before it told of content sets
    benchmark_profile: str = ""

    @property
    def window(self) -> Window | None:
        """The access window; ``None`` where none was opened."""
        if self.window_start_on is None or self.window_release_on is None:
            return None
        return Window(
            planned_release_on=self.window_release_on, start_on=self.window_start_on, rule_id=self.window_rule
        )


def summarise(case: Case, reports: Iterable[Report] = (), exports: Iterable[Export] = ()) -> CaseSummary:
    """The case in short; its reports and exports decide what comes after a determination."""
    first = case.determinations[0] if case.determinations else None
    in_force = case.determination
    window = case.window
    return CaseSummary(
        case_id=case.case_id,
        case_type=str(case.case_type),
        developer=case.developer,
        model=case.model,
        checkpoint=case.checkpoint,
        marking=case.marking,
        state=case.state,
        opened_on=case.opened_at.date(),
        held=case.exits.hold is not None,
        blind=case.is_blind,
        submitted_by_all=len(set(case.reviewers)) >= 2 and set(case.reviewers) <= set(case.submissions),  # noqa: PLR2004 - two people
        planned_release_on=case.planned_release_on,
        started_on=case.started_on,
        window_start_on=window.start_on if window else None,
        window_release_on=window.planned_release_on if window else None,
        window_rule=window.rule_id if window else "",
        package_id=case.package_id or "",
        reviewers=case.reviewers,
        submitted=tuple(case.submissions),
        opined=tuple(opinion.person_id for opinion in case.opinions),
        disclosed=tuple(case.disclosed),
        tags=case.tags,
        conclusion=str(in_force.conclusion) if in_force else "",
        determinations=len(case.determinations),
        release_versions=len(case.release_dates),
        determined_on=first.determined_at.date() if first else None,
        release_step=_release_step(case, reports, exports),
        criteria_set=case.criteria_set,
        benchmark_profile=case.benchmark_profile,
    )


def _release_step(case: Case, reports: Iterable[Report], exports: Iterable[Export]) -> str:
    number = case.determination.number if case.determination else 0
    made = {report.report_id for report in reports if report.determination_number == number}
    asked = [export for export in exports if export.report_id in made]
    if any(export.state in WAITING for export in asked):
        return "release-export"
    if any(export.state is ExportState.WRITTEN for export in asked):
        return "close"
    return "request-export" if made else ""


def next_step(case: CaseSummary, today: date) -> str:
    """What comes next; a key of the catalogue's [next-step]."""
    if case.held and case.state not in OVER:
        return "held"
    planned = case.planned_release_on
    if case.state in UNDETERMINED and planned is not None and planned <= today:
        return "lapse"
    if case.state is CaseState.DETERMINED:
        return case.release_step or str(case.state)
    return _in_line(case)


def _in_line(case: CaseSummary) -> str:
    """The next step on the straight line, up to the determination."""
    if case.state is CaseState.ACCEPTED and not case.reviewers:
        return "assign-reviewers"
    if case.state is CaseState.EVALUATION:
        if len(case.submitted) < len(case.reviewers):
            return "answer-checklist"
        return "give-opinions" if len(case.opined) < len(case.reviewers) else "recommend"
    return str(case.state)


def answer_is_visible(
    case: CaseSummary, criterion_id: CriterionId, author: PersonId, viewer: PersonId
) -> bool:
    """The rule of ``Checklist.visible_to`` for one answer: a test holds the two to each other."""
    return author == viewer or case.submitted_by_all or criterion_id in case.disclosed
