"""What the logs of a package say as benchmark results: proposals from facts, which a person takes or leaves.

The facts come from the sandbox and are the submitter's words. Nothing here is recorded by itself.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from workstation.core.benchmarks import BenchmarkProfile, number
from workstation.core.content import CriteriaSetMalformed
from workstation.core.examination import Coverage
from workstation.core.packages import PackageFile
from workstation.core.results import MOST_SAMPLES, BenchmarkResult, Measured, Provenance, in_force
from workstation.core.values import EvidenceLink

INSPECT_KINDS = frozenset({"inspect-eval", "inspect-json"})
LM_EVAL_KINDS = frozenset({"lm-eval-results"})
LOG_KINDS = INSPECT_KINDS | LM_EVAL_KINDS
_SUBSET = "EVAL_SUBSET"
_UNSURE = {"EVAL_INVALIDATED", "EVAL_AMBIGUOUS", "EVAL_REPEATED_SAMPLE", "EVAL_IMPOSSIBLE", "EVAL_NO_SAMPLES"}


@dataclass(frozen=True, kw_only=True)
class ProposedResult:
    """One result a log states. ``recorded`` names what was taken from it, ``beside`` other results there."""

    suite: str
    metric: str
    measured: Measured
    provenance: Provenance
    untrusted_path: str
    recorded: str = ""
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Unmatched:
    """A log of a benchmark the profile does not name, or whose numbers cannot be."""

    untrusted_path: str
    untrusted_name: str


@dataclass(frozen=True, kw_only=True)
class LogReading:
    """Everything the logs of a package offer."""

    proposals: tuple[ProposedResult, ...]
    unmatched: tuple[Unmatched, ...]


def propose_results(
    profile: BenchmarkProfile,
    files: Iterable[tuple[PackageFile, Mapping[str, Any]]],
    known: Sequence[BenchmarkResult],
    *,
    run_by: str,
) -> LogReading:
    """Proposals for every metric of the profile that a log states, in the order of the files."""
    proposals: list[ProposedResult] = []
    unmatched: list[Unmatched] = []
    for file, facts in files:
        for name, scores in _scores(file.kind, facts):
            found = list(_of_task(profile, file, facts, name, scores))
            if not found:
                unmatched.append(Unmatched(untrusted_path=file.untrusted_path, untrusted_name=name))
            proposals += [_beside(_by(one, run_by), known) for one in found]
    return LogReading(proposals=tuple(proposals), unmatched=tuple(unmatched))


def _by(one: ProposedResult, run_by: str) -> ProposedResult:
    return replace(one, provenance=replace(one.provenance, run_by=run_by))


def _beside(one: ProposedResult, known: Sequence[BenchmarkResult]) -> ProposedResult:
    same = [r for r in in_force(known) if (r.suite, r.metric) == (one.suite, one.metric)]
    recorded = next((r.result_id for r in same if r.provenance.log == one.provenance.log), "")
    return replace(one, recorded=recorded, beside=tuple(r.result_id for r in same if r.result_id != recorded))


def _scores(kind: str, facts: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Task by task, metric to value."""
    scores = facts.get("scores")
    if kind in INSPECT_KINDS:
        found: dict[str, Any] = {}
        for score in scores if isinstance(scores, list) else ():
            if isinstance(score, dict):
                found.setdefault(str(score.get("metric", "")), score.get("value"))
        yield str(facts.get("task", "")), found
    elif kind in LM_EVAL_KINDS and isinstance(scores, dict):
        yield from ((str(task), values) for task, values in scores.items() if isinstance(values, dict))


def _of_task(
    profile: BenchmarkProfile,
    file: PackageFile,
    facts: Mapping[str, Any],
    name: str,
    scores: Mapping[str, Any],
) -> Iterator[ProposedResult]:
    suite = profile.suite_named(name)
    if suite is None:
        return
    wanted = {m: c for c in profile.criteria if c.suite == suite.suite_id for m in c.metrics}
    for metric, criterion in wanted.items():
        value = _exact(scores.get(metric))
        if value is None or not criterion.scale_from <= value <= criterion.scale_to:
            continue
        yield ProposedResult(
            suite=suite.suite_id,
            metric=metric,
            measured=_measured(file, facts, name, value, _error_of(metric, scores)),
            provenance=_provenance(file, facts),
            untrusted_path=file.untrusted_path,
        )


def _exact(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return number(repr(value))
    except CriteriaSetMalformed:
        return None


def _error_of(metric: str, scores: Mapping[str, Any]) -> Decimal | None:
    """Inspect calls it ``stderr``; the lm-evaluation-harness ``acc_stderr,none`` beside ``acc,none``."""
    head, comma, rest = metric.partition(",")
    error = _exact(scores.get(f"{head}_stderr{comma}{rest}" if comma else "stderr"))
    return error if error is not None and error >= 0 else None


def _measured(
    file: PackageFile,
    facts: Mapping[str, Any],
    name: str,
    value: Decimal,
    error: Decimal | None,
) -> Measured:
    epochs = _count(facts.get("epochs")) or 1
    total = _count(facts.get("samples_total")) or _count(facts.get("samples"))
    is_inspect = file.kind in INSPECT_KINDS
    samples = max(1, total // epochs) if total and is_inspect else None
    by_task = facts.get("task_samples")
    if not is_inspect and isinstance(by_task, dict):
        effective = _count(by_task.get(name)) or 0
        samples = effective if 0 < effective <= MOST_SAMPLES else None
    errors = min(_count(facts.get("sample_errors")) or 0, total or 0) if is_inspect and total else None
    return Measured(
        value=value,
        repeats=min(epochs, 1_000),
        standard_error=error,
        samples=samples,
        errors=min(errors, samples) if errors is not None and samples else errors,
        incomplete=_incomplete(file, facts)[:500],
    )


def _incomplete(file: PackageFile, facts: Mapping[str, Any]) -> str:
    """Why the log is not the whole run, in plain words; empty where nothing says so."""
    reasons = []
    status = facts.get("status")
    if file.kind in INSPECT_KINDS and status != "success":
        reasons.append(f"the log's status is {status}")
    if file.coverage is not Coverage.NOTHING_FOUND:
        reasons.append(f"its examination ended as {file.coverage}")
    total, done = _count(facts.get("samples_total")), _count(facts.get("samples_completed"))
    if total is not None and done is not None and done < total:
        reasons.append(f"{done} of {total} samples were completed")
    for finding in file.findings:
        if finding.code == _SUBSET:
            reasons.append(f"only a part was run ({finding.detail})")
        elif finding.code in _UNSURE:
            reasons.append(f"the examination found {finding.code}")
    return "; ".join(dict.fromkeys(reasons))


def _provenance(file: PackageFile, facts: Mapping[str, Any]) -> Provenance:
    packages = facts.get("packages")
    versions = packages if isinstance(packages, dict) else {}
    inspect = file.kind in INSPECT_KINDS
    return Provenance(
        run_by="",
        run_on=str(facts.get("created") or facts.get("date") or "not stated in the log")[:100],
        log=EvidenceLink(package_id=file.package_id, untrusted_path=file.untrusted_path),
        harness="Inspect" if inspect else "lm-evaluation-harness",
        harness_version=str(versions.get("inspect_ai", "") if inspect else facts.get("harness", ""))[:100],
        model_named=str(facts.get("model", ""))[:200],
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None
