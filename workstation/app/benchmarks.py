"""Benchmark results and their reading: imports propose, people record, nothing follows by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from workstation.app import content
from workstation.app.services import Session
from workstation.core import events
from workstation.core.benchmarks import BenchmarkProfile
from workstation.core.case_errors import StepNotPossible
from workstation.core.cases import OVER, Case, CaseState
from workstation.core.exports import RecordUnknown
from workstation.core.finding_errors import MarkingBelowPortion
from workstation.core.log_results import LOG_KINDS, LogReading, propose_results
from workstation.core.markings import dominates
from workstation.core.packages import PackageFile
from workstation.core.people import Person
from workstation.core.ports import Work
from workstation.core.proposals import KINDS, Proposal, Submission, propose
from workstation.core.readings import ProfileReading, read_profile
from workstation.core.results import (
    BenchmarkResult,
    BenchmarkUnknown,
    Concern,
    Measured,
    Origin,
    Provenance,
    require_result,
)
from workstation.core.values import CaseId, CriterionId, PackageId, PersonId


@dataclass(frozen=True, kw_only=True)
class NewResult:
    """What a person typed."""

    suite: str
    metric: str
    measured: Measured
    provenance: Provenance
    cheating: Concern = Concern.NOT_ASSESSED
    contamination: Concern = Concern.NOT_ASSESSED
    note: str = ""
    portion_marking: str = "(U)"
    supersedes: str = ""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a person adds to a result that a log states."""

    cheating: Concern = Concern.NOT_ASSESSED
    contamination: Concern = Concern.NOT_ASSESSED
    note: str = ""
    portion_marking: str = "(U)"


@dataclass(frozen=True, kw_only=True)
class BenchmarksView:
    """Everything the page and the command show: the reading, and every result ever recorded."""

    profile: BenchmarkProfile
    reading: ProfileReading
    results: tuple[BenchmarkResult, ...]
    people: Mapping[PersonId, Person]
    may_record: bool


def view(session: Session, case_id: CaseId) -> BenchmarksView:
    """The case's results read by its profile; raises CaseUnknown."""
    with session.look() as work:
        case = work.cases.get(case_id)
        reading, results = read(work, case)
        return BenchmarksView(
            profile=reading.profile,
            reading=reading,
            results=results,
            people={person.person_id: person for person in work.people.all()},
            may_record=_is_open(case),
        )


def read(work: Work, case: Case) -> tuple[ProfileReading, tuple[BenchmarkResult, ...]]:
    """The reading, and every result it rests on or once rested on."""
    results = tuple(work.benchmarks.of_case(case.case_id))
    return read_profile(content.profile_of(work, case), results), results


def imports(session: Session, case_id: CaseId) -> LogReading:
    """What the logs of the case's package state; nothing is recorded."""
    with session.look() as work:
        return _imports(work, work.cases.get(case_id))


def _imports(work: Work, case: Case) -> LogReading:
    if case.package_id is None:
        return LogReading(proposals=(), unmatched=())
    return propose_results(
        content.profile_of(work, case),
        _with_facts(work.benchmarks.files(case.package_id, LOG_KINDS)),
        work.benchmarks.of_case(case.case_id),
        run_by=f"{case.developer}, by a log of the package",
    )


def _with_facts(files: Iterable[PackageFile]) -> list[tuple[PackageFile, Mapping[str, Any]]]:
    return [(file, msgspec.json.decode(file.facts_json, type=dict[str, Any])) for file in files]


def record(session: Session, case_id: CaseId, new: NewResult) -> BenchmarkResult:
    """Record what a person entered, or a correction of an earlier result with its reason in the note.

    Raises:
        NotAppointed, DutiesConflict, StepNotPossible, MarkingInvalid, RecordUnknown (a log that is not in the
        package), and the BMK errors.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        return _record(session, work, case, new, Origin.BY_HAND)


def take(
    session: Session, case_id: CaseId, path: str, suite: str, metric: str, judged: Judged
) -> BenchmarkResult:
    """Record a result exactly as a log of the package states it, with what the person adds.

    Raises:
        As ``record``; BenchmarkUnknown where no log of this path states this metric.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        for one in _imports(work, case).proposals:
            if (one.untrusted_path, one.suite, one.metric) == (path, suite, metric):
                new = NewResult(
                    suite=suite,
                    metric=metric,
                    measured=one.measured,
                    provenance=one.provenance,
                    cheating=judged.cheating,
                    contamination=judged.contamination,
                    note=judged.note,
                    portion_marking=judged.portion_marking,
                )
                return _record(session, work, case, new, Origin.IMPORTED)
        profile = content.profile_of(work, case).reference
        raise BenchmarkUnknown(field="log", value=path, profile=profile)


def take_back(session: Session, case_id: CaseId, result_id: str, *, reason: str) -> BenchmarkResult:
    """A result no longer counts; it stays in the record with the reason.

    Raises:
        NotAppointed, StepNotPossible, BenchmarkUnknown, BenchmarkFieldMissing, BenchmarkSuperseded.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        for one in work.benchmarks.of_case(case_id):
            if one.result_id == result_id:
                new = NewResult(
                    suite=one.suite,
                    metric=one.metric,
                    measured=one.measured,
                    provenance=one.provenance,
                    note=reason,
                    portion_marking=one.portion_marking,
                    supersedes=result_id,
                )
                return _record(session, work, case, new, Origin.BY_HAND, void=True)
        profile = content.profile_of(work, case).reference
        raise BenchmarkUnknown(field="result", value=result_id, profile=profile)


def _portion(session: Session, case: Case, text: str) -> str:
    """The mark as the rules spell it; raises MarkingInvalid, MarkingBelowPortion."""
    rules = session.services.markings
    portion, banner = rules.portion(text), rules.parse(case.marking)
    if not dominates(banner, portion):
        raise MarkingBelowPortion(marking=str(banner), portion=portion.portion())
    return portion.portion()


def _record(
    session: Session, work: Work, case: Case, new: NewResult, origin: Origin, *, void: bool = False
) -> BenchmarkResult:
    result = BenchmarkResult(
        result_id=session.services.ids.new("RESULT"),
        case_id=case.case_id,
        suite=new.suite,
        metric=new.metric,
        measured=new.measured,
        provenance=new.provenance,
        origin=origin,
        cheating=new.cheating,
        contamination=new.contamination,
        note=new.note.strip(),
        portion_marking=_portion(session, case, new.portion_marking),
        recorded_by=session.person.person_id,
        recorded_at=work.now,
        supersedes=new.supersedes,
        void=void,
    )
    work.record(_recorded(result))
    if not _is_open(case):
        raise StepNotPossible(step="record-benchmark", state=case.state)
    require_result(result, content.profile_of(work, case), work.benchmarks.of_case(case.case_id))
    if result.provenance.log is not None:
        work.packages.file(result.provenance.log.package_id, result.provenance.log.untrusted_path)
    work.benchmarks.add(result)
    return result


def holds(session: Session, package_id: PackageId, path: str) -> bool:
    """Whether the package has a file of this path."""
    with session.look() as work:
        try:
            work.packages.file(package_id, path)
        except RecordUnknown:
            return False
    return True


def _recorded(result: BenchmarkResult) -> events.BenchmarkRecorded:
    return events.BenchmarkRecorded(
        case_id=result.case_id,
        result_id=result.result_id,
        suite=result.suite,
        metric=result.metric,
        value=str(result.measured.value),
        origin=str(result.origin),
        supersedes=result.supersedes,
        void=result.void,
        note=result.note,
    )


def _is_open(case: Case) -> bool:
    return case.state not in OVER | {CaseState.DETERMINED}


# --- proposals for the checklist -------------------------------------------------------------------


def proposals(session: Session, case_id: CaseId) -> Mapping[CriterionId, tuple[Proposal, ...]]:
    """What imports of the case's package propose as answers; nothing is recorded, nobody overwritten."""
    with session.look() as work:
        case = work.cases.get(case_id)
        if case.package_id is None:
            return {}
        asked = content.criteria_of(session, work, case)
        submission = Submission(
            files=_with_facts(work.benchmarks.files(PackageId(case.package_id), KINDS)),
            fixities=work.benchmarks.fixities(case.package_id),
            checkpoint=case.checkpoint,
        )
    found: dict[CriterionId, tuple[Proposal, ...]] = {}
    for one in propose(asked, session.services.criteria, submission):
        found[one.criterion_id] = (*found.get(one.criterion_id, ()), one)
    return found
