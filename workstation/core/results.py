"""Benchmark results: what was measured, by whom, and how sure it is. Append-only; corrections supersede."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from workstation.core.benchmarks import BenchmarkCriterion, BenchmarkProfile
from workstation.core.benchmarks import number as exact
from workstation.core.content import CriteriaSetMalformed
from workstation.core.errors import Refused
from workstation.core.values import CaseId, EvidenceLink, PersonId

MOST_RUNS = 1_000
MOST_SAMPLES = 10**12
_MOST_TEXT_CHARS = 2_000


class Origin(StrEnum):
    """How a result came in."""

    IMPORTED = "imported"  # proposed from a log of the package, taken by a person
    BY_HAND = "by-hand"


class Concern(StrEnum):
    """What is known of cheating, or of contamination."""

    NOT_ASSESSED = "not-assessed"
    NONE_FOUND = "none-found"
    SUSPECTED = "suspected"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a result comes from, as stated; a log of the package is linked, another one is named."""

    run_by: str
    run_on: str  # as the log or the person states it
    log: EvidenceLink | None = None
    log_named: str = ""
    harness: str = ""
    harness_version: str = ""
    model_named: str = ""  # the model as the log names it


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The numbers of one result. ``runs`` are the values of single runs where there were several.

    ``low`` and ``high`` are an interval as reported; ``standard_error`` as reported. ``samples`` are distinct
    tasks, not repetitions of them; ``errors`` those that failed for other reasons than the model.
    """

    value: Decimal
    runs: tuple[Decimal, ...] = ()
    repeats: int = 1
    standard_error: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    samples: int | None = None
    errors: int | None = None
    incomplete: str = ""  # why the log is not the whole run; empty where it is


@dataclass(frozen=True, kw_only=True)
class BenchmarkResult:
    """One result as recorded. ``void`` takes a superseded one back without another in its place."""

    result_id: str
    case_id: CaseId
    suite: str
    metric: str
    measured: Measured
    provenance: Provenance
    origin: Origin
    cheating: Concern
    contamination: Concern
    note: str
    portion_marking: str
    recorded_by: PersonId
    recorded_at: datetime
    supersedes: str = ""
    void: bool = False


@dataclass(kw_only=True, eq=False)
class BenchmarkNumber(Refused):
    """A number of a result is missing, no number, or cannot be."""

    code: ClassVar[str] = "BMK-001"
    field: str
    value: str


@dataclass(kw_only=True, eq=False)
class BenchmarkFieldMissing(Refused):
    """A result without where it comes from, or a correction without a reason."""

    code: ClassVar[str] = "BMK-002"
    field: str


@dataclass(kw_only=True, eq=False)
class BenchmarkUnknown(Refused):
    """The profile of the case has no such suite or metric, or the case no such result."""

    code: ClassVar[str] = "BMK-003"
    field: str
    value: str
    profile: str


@dataclass(kw_only=True, eq=False)
class BenchmarkTwice(Refused):
    """The same metric of the same log is recorded already; a correction names what it supersedes."""

    code: ClassVar[str] = "BMK-004"
    result_id: str


@dataclass(kw_only=True, eq=False)
class BenchmarkSuperseded(Refused):
    """The result to correct was corrected already."""

    code: ClassVar[str] = "BMK-005"
    result_id: str
    by: str


def in_force(results: Iterable[BenchmarkResult]) -> tuple[BenchmarkResult, ...]:
    """Results nothing supersedes, without those taken back, oldest first."""
    every = tuple(results)
    gone = {one.supersedes for one in every}
    return tuple(one for one in every if one.result_id not in gone and not one.void)


def require_result(new: BenchmarkResult, profile: BenchmarkProfile, known: Iterable[BenchmarkResult]) -> None:
    """Refuse a result that could not be read or traced, or that would stand beside itself.

    Raises:
        BenchmarkUnknown, BenchmarkNumber, BenchmarkFieldMissing, BenchmarkTwice, BenchmarkSuperseded.
    """
    every = tuple(known)
    if new.supersedes:
        _require_correctable(new, every, profile)
    if new.void:
        if not new.supersedes:
            raise BenchmarkFieldMissing(field="supersedes")
        return
    criteria = criteria_for(profile, new.suite, new.metric)
    _require_numbers(new.measured, criteria)
    for field in ("run_by", "run_on"):
        if not getattr(new.provenance, field).strip():
            raise BenchmarkFieldMissing(field=field)
    if new.provenance.log is None and not new.provenance.log_named.strip():
        raise BenchmarkFieldMissing(field="log")
    if Concern.SUSPECTED in {new.cheating, new.contamination} and not new.note.strip():
        raise BenchmarkFieldMissing(field="note")
    texts = (new.note, *vars(new.provenance).values())
    if any(isinstance(text, str) and len(text) > _MOST_TEXT_CHARS for text in texts):
        raise BenchmarkFieldMissing(field="note")
    for one in in_force(every):
        same = (one.suite, one.metric, one.provenance.log) == (new.suite, new.metric, new.provenance.log)
        if same and new.provenance.log is not None and one.result_id != new.supersedes:
            raise BenchmarkTwice(result_id=one.result_id)


def criteria_for(profile: BenchmarkProfile, suite: str, metric: str) -> tuple[BenchmarkCriterion, ...]:
    """The criteria a result of this suite and metric is read by; raises ``BenchmarkUnknown``."""
    if profile.suite(suite) is None:
        raise BenchmarkUnknown(field="suite", value=suite, profile=profile.reference)
    found = tuple(c for c in profile.criteria if c.suite == suite and metric in c.metrics)
    if not found:
        raise BenchmarkUnknown(field="metric", value=metric, profile=profile.reference)
    return found


def parse_number(field: str, text: str) -> Decimal:
    """A number as typed; raises ``BenchmarkNumber``. A comma is no decimal point."""
    try:
        return exact(text.strip(), field)
    except CriteriaSetMalformed:
        raise BenchmarkNumber(field=field, value=text[:80]) from None


def _require_correctable(
    new: BenchmarkResult, every: tuple[BenchmarkResult, ...], profile: BenchmarkProfile
) -> None:
    if not new.note.strip():
        raise BenchmarkFieldMissing(field="note")
    if new.supersedes not in {one.result_id for one in every}:
        raise BenchmarkUnknown(field="result", value=new.supersedes, profile=profile.reference)
    for one in every:
        if one.supersedes == new.supersedes:
            raise BenchmarkSuperseded(result_id=new.supersedes, by=one.result_id)


def _require_numbers(measured: Measured, criteria: tuple[BenchmarkCriterion, ...]) -> None:
    def require(field: str, value: object, *, holds: bool) -> None:
        if not holds:
            raise BenchmarkNumber(field=field, value=str(value))

    for criterion in criteria:
        low, high = criterion.scale_from, criterion.scale_to
        for field, value in (
            ("value", measured.value),
            ("low", measured.low),
            ("high", measured.high),
            *(("runs", run) for run in measured.runs),
        ):
            # A reported interval may reach past the end of the scale; the value itself cannot.
            reaches = field in {"low", "high"}
            require(field, value, holds=value is None or reaches or low <= value <= high)
    error, samples, errors = measured.standard_error, measured.samples, measured.errors
    require("standard_error", error, holds=error is None or error >= 0)
    require("samples", samples, holds=samples is None or 0 < samples <= MOST_SAMPLES)
    require("errors", errors, holds=errors is None or (errors >= 0 and errors <= (samples or MOST_SAMPLES)))
    require("repeats", measured.repeats, holds=1 <= measured.repeats <= MOST_RUNS)
    require("runs", len(measured.runs), holds=len(measured.runs) <= MOST_RUNS)
    both = (measured.low is None) == (measured.high is None)
    require("low", measured.low, holds=both)
    if measured.low is not None and measured.high is not None:
        require("low", measured.low, holds=measured.low <= measured.value <= measured.high)
    if measured.runs:
        mean = sum(measured.runs, Decimal(0)) / len(measured.runs)
        # What was written down may be rounded to three places.
        require(
            "runs", mean, holds=abs(mean - measured.value) <= Decimal("0.0005") * max(Decimal(1), abs(mean))
        )


def parse_whole(field: str, text: str) -> int | None:
    """A whole number as typed, none where nothing is; raises ``BenchmarkNumber``."""
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) <= 15):  # noqa: PLR2004
        raise BenchmarkNumber(field=field, value=text[:80])
    return int(text)
