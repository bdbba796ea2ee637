"""Readings of benchmark results against a profile: met, not met, or cannot be told, with the arithmetic.

A reading decides nothing and moves no case. Whatever could make a number mean something else (an interval
across the threshold, an unfinished log, errors, suspected cheating) makes the reading *cannot be told*.
Intervals are at 95 % throughout.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from enum import StrEnum

from workstation.core.benchmarks import BenchmarkCriterion, BenchmarkProfile, Direction, Rule
from workstation.core.results import BenchmarkResult, Concern, Measured, in_force

_Z = Decimal("1.959964")
# Student's t at 97.5 % for 1 to 30 degrees of freedom; beyond that the normal value is near enough.
_T_THOUSANDTHS = (
    12_706,
    4_303,
    3_182,
    2_776,
    2_571,
    2_447,
    2_365,
    2_306,
    2_262,
    2_228,
    2_201,
    2_179,
    2_160,
    2_145,
    2_131,
    2_120,
    2_110,
    2_101,
    2_093,
    2_086,
    2_080,
    2_074,
    2_069,
    2_064,
    2_060,
    2_056,
    2_052,
    2_048,
    2_045,
    2_042,
)
_PRECISION = Context(prec=40)
_SHOWN = Decimal("0.000001")


class Told(StrEnum):
    """What a reading says."""

    MET = "met"
    NOT_MET = "not-met"
    CANNOT_BE_TOLD = "cannot-be-told"


class Why(StrEnum):
    """Why a reading says what it says."""

    BEYOND = "beyond"  # the whole interval is on the meeting side
    SHORT = "short"  # the whole interval is on the other side
    STRADDLES = "straddles"
    NO_RESULT = "no-result"
    NO_INTERVAL = "no-interval"
    INCOMPLETE = "incomplete"
    ERRORS = "errors"
    CHEATING = "cheating"
    CONTAMINATED = "contaminated"
    TOO_FEW_RUNS = "too-few-runs"
    RESULTS_DISAGREE = "results-disagree"


class Method(StrEnum):
    """Where an interval comes from."""

    REPORTED = "reported"
    STANDARD_ERROR = "standard-error"
    RUNS = "runs"
    WILSON = "wilson"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Bounds with the method that gave them; without a method both are the value itself."""

    low: Decimal
    high: Decimal
    method: Method
    arithmetic: str


@dataclass(frozen=True, kw_only=True)
class ResultReading:
    """One result read by one criterion."""

    result: BenchmarkResult
    told: Told
    why: tuple[Why, ...]
    interval: Interval
    arithmetic: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CriterionReading:
    """One criterion read over every result in force."""

    criterion: BenchmarkCriterion
    told: Told
    why: tuple[Why, ...]
    results: tuple[ResultReading, ...]


@dataclass(frozen=True, kw_only=True)
class RuleReading:
    """How a rule combines: how many parts are met, are not, and cannot be told."""

    told: Told
    least: int
    parts: tuple[tuple[str, Told], ...]  # a criterion's identifier, or the arithmetic of a rule inside
    met: int
    not_met: int
    cannot_be_told: int

    @property
    def arithmetic(self) -> str:
        """In one line."""
        return (
            f"at least {self.least} of {len(self.parts)}: {self.met} met, {self.not_met} not met, "
            f"{self.cannot_be_told} cannot be told"
        )


@dataclass(frozen=True, kw_only=True)
class ProfileReading:
    """The whole profile read; no state of any case follows from it."""

    profile: BenchmarkProfile
    criteria: tuple[CriterionReading, ...]
    rule: RuleReading


def read_profile(profile: BenchmarkProfile, results: Iterable[BenchmarkResult]) -> ProfileReading:
    """Read every criterion, then the rule over them."""
    standing = in_force(results)
    criteria = tuple(read_criterion(criterion, standing) for criterion in profile.criteria)
    told = {reading.criterion.criterion_id: reading.told for reading in criteria}
    return ProfileReading(profile=profile, criteria=criteria, rule=combine(profile.rule, told))


def combine(rule: Rule, told: Mapping[str, Told]) -> RuleReading:
    """Three-valued: met when enough parts are, not met when no completion could be, else cannot be told."""
    parts: list[tuple[str, Told]] = []
    for part in rule.parts:
        if isinstance(part, Rule):
            inner = combine(part, told)
            parts.append((f"({inner.arithmetic})", inner.told))
        else:
            parts.append((part, told.get(part, Told.CANNOT_BE_TOLD)))
    counts = {value: sum(1 for _name, said in parts if said is value) for value in Told}
    met, unsure = counts[Told.MET], counts[Told.CANNOT_BE_TOLD]
    if met >= rule.least:
        said = Told.MET
    elif met + unsure < rule.least:
        said = Told.NOT_MET
    else:
        said = Told.CANNOT_BE_TOLD
    return RuleReading(
        told=said,
        least=rule.least,
        parts=tuple(parts),
        met=met,
        not_met=counts[Told.NOT_MET],
        cannot_be_told=unsure,
    )


def read_criterion(criterion: BenchmarkCriterion, standing: Iterable[BenchmarkResult]) -> CriterionReading:
    """Each result is read on its own; only results that all say the same make a reading."""
    fitting = [one for one in standing if one.suite == criterion.suite and one.metric in criterion.metrics]
    readings = tuple(read_result(criterion, one) for one in fitting)
    runs = sum(max(one.measured.repeats, len(one.measured.runs), 1) for one in fitting)
    said = {reading.told for reading in readings}
    told, why = Told.CANNOT_BE_TOLD, Why.RESULTS_DISAGREE
    if not readings:
        why = Why.NO_RESULT
    elif runs < criterion.least_runs:
        why = Why.TOO_FEW_RUNS
    elif len(said) == 1:
        (told,) = said
        every = tuple(dict.fromkeys(one for reading in readings for one in reading.why))
        return CriterionReading(criterion=criterion, told=told, why=every, results=readings)
    return CriterionReading(criterion=criterion, told=told, why=(why,), results=readings)


def read_result(criterion: BenchmarkCriterion, result: BenchmarkResult) -> ResultReading:
    """One result against the threshold, with the arithmetic shown."""
    measured = result.measured
    bounds = interval_of(measured, criterion)
    doubts = _doubts(criterion, result, bounds)
    at_least = criterion.direction is Direction.AT_LEAST
    threshold = criterion.threshold
    beyond = bounds.low >= threshold if at_least else bounds.high <= threshold
    short = bounds.high < threshold if at_least else bounds.low > threshold
    sign = "\u2265" if at_least else "\u2264"
    compared = bounds.low if at_least else bounds.high
    lines = [f"value {plain(measured.value)} {criterion.unit}; {bounds.arithmetic}"]
    if doubts:
        told, why = Told.CANNOT_BE_TOLD, doubts
    elif beyond:
        told, why = Told.MET, (Why.BEYOND,)
        lines.append(f"{plain(compared)} {sign} {plain(threshold)}: the whole interval meets the threshold")
    elif short:
        told, why = Told.NOT_MET, (Why.SHORT,)
        nearest = bounds.high if at_least else bounds.low
        lines.append(
            f"not {plain(nearest)} {sign} {plain(threshold)}: the whole interval misses the threshold"
        )
    else:
        told, why = Told.CANNOT_BE_TOLD, (Why.STRADDLES,)
        inside = f"{plain(bounds.low)} to {plain(bounds.high)}"
        lines.append(f"{plain(threshold)} lies inside {inside}: the interval straddles the threshold")
    lines += _remarks(criterion, measured)
    return ResultReading(result=result, told=told, why=why, interval=bounds, arithmetic=tuple(lines))


def _doubts(criterion: BenchmarkCriterion, result: BenchmarkResult, bounds: Interval) -> tuple[Why, ...]:
    measured = result.measured
    found = []
    if measured.incomplete:
        found.append(Why.INCOMPLETE)
    if _too_many_errors(criterion, measured):
        found.append(Why.ERRORS)
    if result.cheating is Concern.SUSPECTED:
        found.append(Why.CHEATING)
    if result.contamination is Concern.SUSPECTED:
        found.append(Why.CONTAMINATED)
    if bounds.method is Method.NONE and not criterion.point_suffices:
        found.append(Why.NO_INTERVAL)
    return tuple(found)


def _too_many_errors(criterion: BenchmarkCriterion, measured: Measured) -> bool:
    if not measured.errors:
        return False
    # Errors of nobody knows how many samples could be all of them.
    return measured.samples is None or measured.errors > criterion.most_errors * measured.samples


def _remarks(criterion: BenchmarkCriterion, measured: Measured) -> list[str]:
    lines = []
    if measured.errors is not None:
        of = f"of {measured.samples} samples" if measured.samples else "of an unstated number of samples"
        limit = plain(criterion.most_errors * 100)
        lines.append(f"{measured.errors} errors {of}; the profile bears {limit} %")
    if measured.incomplete:
        lines.append(f"not the whole run: {measured.incomplete}")
    return lines


def interval_of(measured: Measured, criterion: BenchmarkCriterion) -> Interval:
    """The interval as reported, else computed: from runs, from the standard error, from the count."""
    with localcontext(_PRECISION):
        found = _reported(measured) or _from_runs(measured) or _from_error(measured)
        found = found or _wilson(measured, criterion)
    return found or Interval(
        low=measured.value, high=measured.value, method=Method.NONE, arithmetic="no interval is known"
    )


def _reported(measured: Measured) -> Interval | None:
    if measured.low is None or measured.high is None:
        return None
    words = f"interval as reported, {plain(measured.low)} to {plain(measured.high)}"
    return Interval(low=measured.low, high=measured.high, method=Method.REPORTED, arithmetic=words)


def _from_runs(measured: Measured) -> Interval | None:
    runs: Sequence[Decimal] = measured.runs
    if len(runs) < 2:  # noqa: PLR2004 - one run has no spread
        return None
    count = len(runs)
    mean = sum(runs, Decimal(0)) / count
    squares = sum(((run - mean) ** 2 for run in runs), Decimal(0))
    spread = (squares / (count - 1)).sqrt()
    factor = _Z
    if count - 2 < len(_T_THOUSANDTHS):
        factor = Decimal(_T_THOUSANDTHS[count - 2]).scaleb(-3)
    half = factor * spread / Decimal(count).sqrt()
    words = (
        f"mean of {count} runs {plain(mean)}, t {factor} \u00d7 s {plain(spread)} / \u221a{count} = "
        f"\u00b1 {plain(half)}: {plain(mean - half)} to {plain(mean + half)}"
    )
    return Interval(low=mean - half, high=mean + half, method=Method.RUNS, arithmetic=words)


def _from_error(measured: Measured) -> Interval | None:
    if measured.standard_error is None:
        return None
    half = _Z * measured.standard_error
    low, high = measured.value - half, measured.value + half
    words = (
        f"1.96 \u00d7 standard error {plain(measured.standard_error)} = \u00b1 {plain(half)}: "
        f"{plain(low)} to {plain(high)}"
    )
    return Interval(low=low, high=high, method=Method.STANDARD_ERROR, arithmetic=words)


def _wilson(measured: Measured, criterion: BenchmarkCriterion) -> Interval | None:
    """Wilson's score interval, only where the value is a share of counted samples."""
    count = measured.samples
    if count is None or criterion.scale_from != 0 or criterion.scale_to != 1:
        return None
    share, square = measured.value, _Z * _Z
    below = 1 + square / count
    middle = (share + square / (2 * count)) / below
    half = _Z * ((share * (1 - share) + square / (4 * count)) / count).sqrt() / below
    # At the ends the interval touches them exactly; the square root of an inexact number does not.
    low = Decimal(0) if share == 0 else max(Decimal(0), middle - half)
    high = Decimal(1) if share == 1 else min(Decimal(1), middle + half)
    words = f"Wilson score interval, n = {count}: {plain(low)} to {plain(high)}"
    return Interval(low=low, high=high, method=Method.WILSON, arithmetic=words)


def plain(value: Decimal) -> str:
    """Six decimal places at most, without needless zeros or an exponent."""
    shown = value.quantize(_SHOWN) if abs(value) < Decimal(10**12) else value
    text = f"{shown:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
