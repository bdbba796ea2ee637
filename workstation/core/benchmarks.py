"""Benchmark profiles: which results are read against which thresholds, as signed, versioned content.

The format is ``docs/format/content-set-v1.md``. No profile decides anything: it says what is read
(``core.readings``), people determine. The shipped profile is invented and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import msgspec

from workstation.core.content import (
    CriteriaSetMalformed,
    CriterionNotInSet,
    canonical_json,
    refuse_bad_texts,
    refuse_repeats,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT: Literal["frw-benchmark-profile-1"] = "frw-benchmark-profile-1"
MOST_CRITERIA = 500
_MOST_DEPTH = 8
_MOST_NUMBER_CHARS = 40
_MOST_DIGITS = 30


class Direction(StrEnum):
    """On which side of its threshold a value meets the criterion."""

    AT_LEAST = "at-least"
    AT_MOST = "at-most"


@dataclass(frozen=True, kw_only=True)
class Suite:
    """A benchmark; ``names`` are what evaluation logs call it."""

    suite_id: str
    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BenchmarkCriterion:
    """One metric of one suite against one threshold, all in ``unit``.

    ``most_errors`` is the share of samples that may have failed for other reasons than the model;
    ``least_runs`` how many runs a reading asks for; ``point_suffices`` whether a value without an interval
    can be read.
    """

    criterion_id: str
    title: str
    suite: str
    metrics: tuple[str, ...]
    unit: str
    scale_from: Decimal
    scale_to: Decimal
    direction: Direction
    threshold: Decimal
    most_errors: Decimal
    least_runs: int
    point_suffices: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """At least ``least`` of ``parts`` are met. A part is a criterion's identifier or a rule."""

    least: int
    parts: tuple[str | Rule, ...]

    def criteria(self) -> Iterator[str]:
        """Every criterion named anywhere below."""
        for part in self.parts:
            if isinstance(part, Rule):
                yield from part.criteria()
            else:
                yield part


@dataclass(frozen=True, kw_only=True)
class BenchmarkProfile:
    """One version of a profile. ``invented`` is shown wherever anything of it is."""

    set_id: str
    version: int
    title: str
    notice: str
    invented: bool
    suites: tuple[Suite, ...]
    criteria: tuple[BenchmarkCriterion, ...]
    rule: Rule

    @property
    def reference(self) -> str:
        """Name and version, as cases and reports cite the profile."""
        return f"{self.set_id} v{self.version}"

    @cached_property
    def _suites(self) -> Mapping[str, Suite]:
        return {suite.suite_id: suite for suite in self.suites}

    def suite(self, suite_id: str) -> Suite | None:
        """The suite of this identifier, if the profile has one."""
        return self._suites.get(suite_id)

    def by_id(self, criterion_id: str) -> BenchmarkCriterion:
        """The criterion of this identifier; raises ``CriterionNotInSet``."""
        for criterion in self.criteria:
            if criterion.criterion_id == criterion_id:
                return criterion
        raise CriterionNotInSet(criterion_id=criterion_id, set_reference=self.reference)

    def suite_named(self, name: str) -> Suite | None:
        """The suite a log calls so, by its identifier or one of its names; a path's last part counts."""
        wanted = {name.casefold(), name.rsplit("/", 1)[-1].casefold()}
        for suite in self.suites:
            if wanted & {known.casefold() for known in (suite.suite_id, *suite.names)}:
                return suite
        return None


class _SuiteData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    names: tuple[str, ...]


class _CriterionData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str
    suite: str
    metrics: tuple[str, ...]
    unit: str
    scale_from: str
    scale_to: str
    direction: Direction
    threshold: str
    most_errors: str
    least_runs: int
    point_suffices: bool


class _RuleData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    of: tuple[str | _RuleData, ...]
    combine: Literal["any", "all"] | int


class _ProfileData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["frw-benchmark-profile-1"]
    id: str
    version: int
    title: str
    notice: str
    invented: bool
    suites: tuple[_SuiteData, ...]
    criteria: tuple[_CriterionData, ...]
    rule: _RuleData


def number(text: str, where: str = "") -> Decimal:
    """An exact decimal as written, such as ``0.65``; raises ``CriteriaSetMalformed`` naming ``where``."""
    try:
        value = Decimal(text) if len(text) <= _MOST_NUMBER_CHARS and text.isascii() else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
        raise CriteriaSetMalformed(reason=f"no number: {where}")
    return value


def parse_benchmark_profile(content: bytes) -> BenchmarkProfile:
    """Read the bytes of a profile, strictly.

    Raises:
        CriteriaSetMalformed, CriteriaSetNotCanonical, CriterionTwice, CriterionTextUnusable.
    """
    data = canonical_json(content, _ProfileData)
    if data.version < 1 or not 1 <= len(data.criteria) <= MOST_CRITERIA:
        raise CriteriaSetMalformed(reason="a version below 1, no criterion, or too many")
    refuse_repeats([suite.id for suite in data.suites])
    refuse_repeats([criterion.id for criterion in data.criteria])
    refuse_repeats(
        name for suite in data.suites for name in {text.casefold() for text in (suite.id, *suite.names)}
    )
    refuse_bad_texts(_texts(data))
    known = {suite.id for suite in data.suites}
    criteria = tuple(_criterion(one, known) for one in data.criteria)
    rule = _rule(data.rule, depth=0)
    refuse_repeats(rule.criteria())
    if set(rule.criteria()) != {criterion.criterion_id for criterion in criteria}:
        raise CriteriaSetMalformed(reason="the rule does not name every criterion, or one that is not there")
    if data.invented and "invented" not in data.title.casefold():
        raise CriteriaSetMalformed(reason="an invented profile says so in its title")
    return BenchmarkProfile(
        set_id=data.id,
        version=data.version,
        title=data.title,
        notice=data.notice,
        invented=data.invented,
        suites=tuple(Suite(suite_id=s.id, title=s.title, names=s.names) for s in data.suites),
        criteria=criteria,
        rule=rule,
    )


def _texts(data: _ProfileData) -> Iterator[tuple[str, str]]:
    yield from ((data.id, text) for text in (data.id, data.title, data.notice))
    for suite in data.suites:
        yield from ((suite.id, text) for text in (suite.id, suite.title, *suite.names))
    for one in data.criteria:
        yield from ((one.id, text) for text in (one.id, one.title, one.unit, *one.metrics))


def _criterion(data: _CriterionData, suites: set[str]) -> BenchmarkCriterion:
    low, high = number(data.scale_from, data.id), number(data.scale_to, data.id)
    threshold, errors = number(data.threshold, data.id), number(data.most_errors, data.id)
    if data.suite not in suites or not data.metrics:
        raise CriteriaSetMalformed(reason=f"{data.id} names no suite of the profile, or no metric")
    if not low < high or not low <= threshold <= high or not 0 <= errors <= 1 or data.least_runs < 1:
        raise CriteriaSetMalformed(reason=f"the numbers of {data.id} do not fit together")
    return BenchmarkCriterion(
        criterion_id=data.id,
        title=data.title,
        suite=data.suite,
        metrics=data.metrics,
        unit=data.unit,
        scale_from=low,
        scale_to=high,
        direction=data.direction,
        threshold=threshold,
        most_errors=errors,
        least_runs=data.least_runs,
        point_suffices=data.point_suffices,
    )


def _rule(data: _RuleData, *, depth: int) -> Rule:
    parts = tuple(part if isinstance(part, str) else _rule(part, depth=depth + 1) for part in data.of)
    least = {"any": 1, "all": len(parts)}.get(str(data.combine), data.combine)
    if depth > _MOST_DEPTH or not isinstance(least, int) or not 1 <= least <= len(parts):
        raise CriteriaSetMalformed(
            reason="a rule that nothing, or everything, would meet; or nested too deep"
        )
    return Rule(least=least, parts=parts)
