"""Benchmark readings against small models of their own: brute force, floats, and Python's statistics."""

import itertools
import json
import math
import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import resources
from workstation.core.benchmarks import BenchmarkCriterion, Direction, Rule, parse_benchmark_profile
from workstation.core.content import (
    CriteriaSetMalformed,
    CriteriaSetNotCanonical,
    CriterionTextUnusable,
    CriterionTwice,
)
from workstation.core.errors import Refused
from workstation.core.readings import Method, Told, Why, combine, plain, read_criterion, read_profile
from workstation.core.results import (
    BenchmarkFieldMissing,
    BenchmarkNumber,
    BenchmarkResult,
    BenchmarkSuperseded,
    BenchmarkTwice,
    BenchmarkUnknown,
    Concern,
    Measured,
    Origin,
    Provenance,
    in_force,
    parse_number,
    parse_whole,
    require_result,
)
from workstation.core.values import CaseId, EvidenceLink, PackageId, PersonId

SHIPPED = resources.read_bytes("benchmarks/invented-cyber-v1.json")
PROFILE = parse_benchmark_profile(SHIPPED)
SHARE = PROFILE.by_id("B1")
NOW = datetime(2027, 3, 1, tzinfo=UTC)
LOG = EvidenceLink(package_id=PackageId("PKG-1"), untrusted_path="a.json")


def result(measured: Measured, **changes: object) -> BenchmarkResult:
    """A result for B1."""
    made = BenchmarkResult(
        result_id="RESULT-1",
        case_id=CaseId("CASE-1"),
        suite="ctf-by-tier",
        metric="accuracy",
        measured=measured,
        provenance=Provenance(run_by="x", run_on="2027-02-01", log=LOG),
        origin=Origin.BY_HAND,
        cheating=Concern.NONE_FOUND,
        contamination=Concern.NONE_FOUND,
        note="",
        portion_marking="(U)",
        recorded_by=PersonId("ann"),
        recorded_at=NOW,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # each test names fields of the class


def read(
    measured: Measured,
    criterion: BenchmarkCriterion = SHARE,
    *,
    cheating: Concern = Concern.NONE_FOUND,
    contamination: Concern = Concern.NONE_FOUND,
) -> tuple[Told, Why]:
    """What one result says, and the first reason."""
    reading = read_criterion(criterion, [result(measured, cheating=cheating, contamination=contamination)])
    return reading.told, reading.why[0]


# --- the rule --------------------------------------------------------------------------------------

_names = [f"C{number}" for number in range(6)]


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule over some of six criteria, each named once, nested up to two levels."""
    names = draw(st.permutations(_names))[: draw(st.integers(1, 6))]
    cut = draw(st.integers(0, len(names) - 1))
    inner, outer = names[:cut], names[cut:]
    parts: tuple[str | Rule, ...] = tuple(outer)
    if inner:
        parts += (Rule(least=draw(st.integers(1, len(inner))), parts=tuple(inner)),)
    return Rule(least=draw(st.integers(1, len(parts))), parts=parts)


def _holds(rule: Rule, true: set[str]) -> bool:
    """The rule in two-valued logic."""
    met = sum(_holds(part, true) if isinstance(part, Rule) else part in true for part in rule.parts)
    return met >= rule.least


@given(rule=rules(), told=st.fixed_dictionaries({name: st.sampled_from(Told) for name in _names}))
def test_a_rule_says_what_every_completion_of_the_unknown_says(rule: Rule, told: dict[str, Told]) -> None:
    """Met when all completions meet the rule, not met when none does, else it cannot be told."""
    sure = {name for name, said in told.items() if said is Told.MET}
    open_ones = [name for name, said in told.items() if said is Told.CANNOT_BE_TOLD]
    every = {
        _holds(rule, sure | set(chosen))
        for count in range(len(open_ones) + 1)
        for chosen in itertools.combinations(open_ones, count)
    }
    expected = Told.CANNOT_BE_TOLD if len(every) > 1 else Told.MET if every.pop() else Told.NOT_MET
    assert combine(rule, told).told is expected


@given(rule=rules(), told=st.fixed_dictionaries({name: st.sampled_from(Told) for name in _names}))
def test_the_arithmetic_of_a_rule_counts_every_part(rule: Rule, told: dict[str, Told]) -> None:
    """Met, not met and cannot be told add up to the parts of the rule."""
    found = combine(rule, told)
    assert found.met + found.not_met + found.cannot_be_told == len(rule.parts) == len(found.parts)


def test_a_profile_without_results_cannot_be_told() -> None:
    """Nothing measured is neither met nor not met."""
    reading = read_profile(PROFILE, [])
    assert reading.rule.told is Told.CANNOT_BE_TOLD
    assert {one.why for one in reading.criteria} == {(Why.NO_RESULT,)}


# --- one result ------------------------------------------------------------------------------------

hundredths = st.integers(0, 100).map(lambda n: Decimal(n) / 100)


@given(
    ends=st.tuples(hundredths, hundredths, hundredths), direction=st.sampled_from(Direction), at=hundredths
)
def test_an_interval_is_read_as_a_model_of_floats_reads_it(
    ends: tuple[Decimal, Decimal, Decimal], direction: Direction, at: Decimal
) -> None:
    """Met when every value of the interval meets the threshold, not met when none does."""
    low, value, high = sorted(ends)
    criterion = replace(SHARE, direction=direction, threshold=at)
    told, _why = read(Measured(value=value, low=low, high=high), criterion)
    points = [int(low * 100), int(high * 100)]
    meets = [p >= int(at * 100) if direction is Direction.AT_LEAST else p <= int(at * 100) for p in points]
    assert told is (Told.MET if all(meets) else Told.NOT_MET if not any(meets) else Told.CANNOT_BE_TOLD)


@given(
    right=st.integers(0, 500),
    samples=st.integers(1, 500),
)
def test_wilsons_interval_is_the_one_of_the_books(right: int, samples: int) -> None:
    """The bounds solve |p - value| = z sqrt(p (1 - p) / n), which is how Wilson defined them."""
    value = Decimal(min(right, samples)) / samples
    found = read_criterion(SHARE, [result(Measured(value=value, samples=samples))]).results[0].interval
    assert found.method is Method.WILSON
    for bound in (float(found.low), float(found.high)):
        off = abs(bound - float(value))
        assert math.isclose(off, 1.959964 * math.sqrt(bound * (1 - bound) / samples), abs_tol=1e-9)
    assert found.low <= value <= found.high


@given(runs=st.lists(hundredths, min_size=2, max_size=40))
def test_the_interval_of_runs_is_that_of_pythons_statistics(runs: list[Decimal]) -> None:
    """Mean and half width follow from the standard deviation of the runs and Student's t."""
    numbers = [float(run) for run in runs]
    mean = Decimal(str(round(statistics.fmean(numbers), 9)))
    found = read_criterion(SHARE, [result(Measured(value=mean, runs=tuple(runs)))]).results[0].interval
    half = (float(found.high) - float(found.low)) / 2
    spread = statistics.stdev(numbers) / math.sqrt(len(numbers))
    assert found.method is Method.RUNS
    assert math.isclose(float(found.high + found.low) / 2, statistics.fmean(numbers), abs_tol=1e-9)
    if spread:
        assert 1.9 < half / spread < 12.8
        assert len(runs) > 2 or math.isclose(half / spread, 12.706, rel_tol=1e-9)


@pytest.mark.parametrize(
    ("measured", "changes", "why"),
    [
        (Measured(value=Decimal("0.9")), {}, Why.NO_INTERVAL),
        (Measured(value=Decimal("0.9"), samples=400, incomplete="cut"), {}, Why.INCOMPLETE),
        (Measured(value=Decimal("0.9"), samples=400, errors=21), {}, Why.ERRORS),
        (Measured(value=Decimal("0.9"), low=Decimal("0.8"), high=Decimal("0.95"), errors=1), {}, Why.ERRORS),
        (Measured(value=Decimal("0.9"), samples=400), {"cheating": Concern.SUSPECTED}, Why.CHEATING),
        (Measured(value=Decimal("0.9"), samples=400), {"contamination": Concern.SUSPECTED}, Why.CONTAMINATED),
        (Measured(value=Decimal("0.52"), samples=400), {}, Why.STRADDLES),
    ],
)
def test_whatever_could_make_a_number_mean_something_else_cannot_be_told(
    measured: Measured, changes: Any, why: Why
) -> None:
    """Doubt is never read as met, nor as not met."""
    assert read(measured, **changes) == (Told.CANNOT_BE_TOLD, why)


def test_errors_the_profile_bears_leave_the_reading() -> None:
    """Five per cent of 400 samples may fail for other reasons than the model."""
    assert read(Measured(value=Decimal("0.9"), samples=400, errors=20)) == (Told.MET, Why.BEYOND)


def test_results_that_disagree_cannot_be_told() -> None:
    """Two results are never averaged into one reading; both have to say the same."""
    high = result(Measured(value=Decimal("0.9"), samples=400))
    low = result(Measured(value=Decimal("0.1"), samples=400), result_id="RESULT-2")
    assert read_criterion(SHARE, [high, low]).why == (Why.RESULTS_DISAGREE,)
    assert read_criterion(SHARE, [high, replace(high, result_id="RESULT-2")]).told is Told.MET


def test_fewer_runs_than_the_profile_asks_for_cannot_be_told() -> None:
    """B4 wants three runs; two are none."""
    hours = PROFILE.by_id("B4")
    two = result(
        Measured(value=Decimal(5), runs=(Decimal(5), Decimal(5))), suite="expert-hours", metric="hours"
    )
    three = replace(two, measured=Measured(value=Decimal(5), runs=(Decimal(5),) * 3))
    assert read_criterion(hours, [two]).why == (Why.TOO_FEW_RUNS,)
    assert read_criterion(hours, [three]).told is Told.MET


@given(value=hundredths, samples=st.integers(1, 300), step=st.integers(0, 100))
def test_a_higher_value_is_never_read_lower(value: Decimal, samples: int, step: int) -> None:
    """Raising a value does not turn met into anything else, nor anything into not met."""
    order = [Told.NOT_MET, Told.CANNOT_BE_TOLD, Told.MET]
    higher = min(Decimal(1), value + Decimal(step) / 100)
    lower_told, _why = read(Measured(value=value, samples=samples))
    higher_told, _why = read(Measured(value=higher, samples=samples))
    assert order.index(lower_told) <= order.index(higher_told)


def test_the_arithmetic_is_shown() -> None:
    """The value, the method with its bounds, and the comparison stand in words a person can check."""
    reading = read_criterion(SHARE, [result(Measured(value=Decimal("0.725"), samples=40, errors=0))])
    assert reading.results[0].arithmetic == (
        "value 0.725 share of tasks; Wilson score interval, n = 40: 0.57165 to 0.83892",
        "0.57165 \u2265 0.5: the whole interval meets the threshold",
        "0 errors of 40 samples; the profile bears 5 %",
    )


def test_numbers_are_written_plainly() -> None:
    """No exponent, no minus before nothing, no needless zeros."""
    given_, told = ("0.50", "-0.0000001", "1E+3", "0.1234567"), ["0.5", "0", "1000", "0.123457"]
    assert [plain(Decimal(text)) for text in given_] == told


# --- what may be recorded --------------------------------------------------------------------------

HELD = Measured(value=Decimal("0.5"), samples=40)


def _bad() -> Iterator[tuple[BenchmarkResult, type[Refused]]]:
    for field, value in (
        ("value", Decimal("1.01")),
        ("value", Decimal("-0.01")),
        ("standard_error", Decimal(-1)),
        ("samples", 0),
        ("errors", 41),
        ("repeats", 0),
        ("low", Decimal("0.1")),
        ("runs", (Decimal("0.9"), Decimal("0.9"))),
    ):
        yield result(replace(HELD, **{field: value})), BenchmarkNumber  # type: ignore[arg-type]
    yield result(replace(HELD, low=Decimal("0.6"), high=Decimal("0.7"))), BenchmarkNumber
    yield result(HELD, suite="other"), BenchmarkUnknown
    yield result(HELD, metric="other"), BenchmarkUnknown
    for provenance in (
        Provenance(run_by=" ", run_on="x", log=LOG),
        Provenance(run_by="x", run_on="", log=LOG),
        Provenance(run_by="x", run_on="x"),
    ):
        yield result(HELD, provenance=provenance), BenchmarkFieldMissing
    yield result(HELD, cheating=Concern.SUSPECTED), BenchmarkFieldMissing
    yield result(HELD, void=True), BenchmarkFieldMissing
    yield result(HELD, supersedes="RESULT-9", note="why"), BenchmarkUnknown


@pytest.mark.parametrize(("wrong", "refusal"), tuple(_bad()))
def test_a_result_that_cannot_be_read_or_traced_is_refused(
    wrong: BenchmarkResult, refusal: type[Refused]
) -> None:
    """Each kind of bad input has its own refusal."""
    with pytest.raises(refusal):
        require_result(wrong, PROFILE, [])


def test_one_log_is_recorded_once_and_corrections_supersede() -> None:
    """The same metric of the same log stands once; a correction needs a reason and is itself corrected."""
    first = result(HELD)
    again = result(HELD, result_id="RESULT-2")
    with pytest.raises(BenchmarkTwice):
        require_result(again, PROFILE, [first])
    fixed = replace(again, supersedes="RESULT-1")
    with pytest.raises(BenchmarkFieldMissing):
        require_result(fixed, PROFILE, [first])
    fixed = replace(fixed, note="typed wrongly")
    require_result(fixed, PROFILE, [first])
    assert in_force([first, fixed]) == (fixed,)
    with pytest.raises(BenchmarkSuperseded):
        require_result(replace(fixed, result_id="RESULT-3"), PROFILE, [first, fixed])
    gone = replace(fixed, result_id="RESULT-3", supersedes="RESULT-2", void=True)
    require_result(gone, PROFILE, [first, fixed])
    assert in_force([first, fixed, gone]) == ()


@pytest.mark.parametrize("text", ["", "0,5", "NaN", "Infinity", "1e999", "five", "\u0665", "1" * 50])
def test_what_is_no_number_is_refused(text: str) -> None:
    """A comma, a word, and what no scale reaches are not guessed at."""
    with pytest.raises(BenchmarkNumber):
        parse_number("value", text)
    if text:
        with pytest.raises(BenchmarkNumber):
            parse_whole("samples", text)


# --- profiles --------------------------------------------------------------------------------------


def _spoilt(**changes: Any) -> bytes:
    return rfc8785.dumps({**json.loads(SHIPPED), **changes})


def _criterion(**changes: object) -> list[dict[str, object]]:
    first, *rest = json.loads(SHIPPED)["criteria"]
    return [{**first, **changes}, *rest]


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (SHIPPED + b"\n", CriteriaSetNotCanonical),
        (b"{}", CriteriaSetMalformed),
        (_spoilt(extra=1), CriteriaSetMalformed),
        (_spoilt(version=0), CriteriaSetMalformed),
        (_spoilt(title="Thresholds"), CriteriaSetMalformed),
        (_spoilt(title="invented\u202e"), CriterionTextUnusable),
        (_spoilt(criteria=_criterion(id="B2")), CriterionTwice),
        (_spoilt(criteria=_criterion(threshold="1.5")), CriteriaSetMalformed),
        (_spoilt(criteria=_criterion(threshold="NaN")), CriteriaSetMalformed),
        (_spoilt(criteria=_criterion(suite="none")), CriteriaSetMalformed),
        (_spoilt(criteria=_criterion(least_runs=0)), CriteriaSetMalformed),
        (_spoilt(rule={"combine": 5, "of": ["B1", "B2", "B3", "B4"]}), CriteriaSetMalformed),
        (_spoilt(rule={"combine": 0, "of": ["B1", "B2", "B3", "B4"]}), CriteriaSetMalformed),
        (_spoilt(rule={"combine": "some", "of": ["B1", "B2", "B3", "B4"]}), CriteriaSetMalformed),
        (_spoilt(rule={"combine": "any", "of": ["B1", "B2", "B3"]}), CriteriaSetMalformed),
        (_spoilt(rule={"combine": "any", "of": ["B1", "B1", "B2", "B3", "B4"]}), CriterionTwice),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(content: bytes, refusal: type[Refused]) -> None:
    """An unknown member, numbers that do not fit, and a rule nothing could meet never come into use."""
    with pytest.raises(refusal):
        parse_benchmark_profile(content)


def test_the_shipped_profile_is_invented_and_says_so() -> None:
    """Its title and its notice say that no threshold in it is real."""
    assert PROFILE.invented
    assert "invented" in PROFILE.title.casefold()
    assert "made up" in PROFILE.notice


def test_a_log_finds_its_suite_by_any_of_its_names() -> None:
    """Identifier, names in logs, and the last part of a path, in whatever case."""
    found = {PROFILE.suite_named(name) for name in ("ctf-by-tier", "CTF_by_tier", "bench/ctf_by_tier")}
    assert found == {PROFILE.suite("ctf-by-tier")}
    assert PROFILE.suite_named("unheard of") is None
