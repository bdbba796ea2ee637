"""Results of the lm-evaluation-harness: one object, task by task; and its samples, one object a line."""

import math
from typing import Any

from workstation.examine.evaluations import facts
from workstation.examine.evaluations.jsonflow import CutOff, JsonFlow, flow, value_of
from workstation.examine.reader import Notes, Source, Unreadable, pieces

MAX_RESULTS_BYTES = 32 << 20
MAX_LINE_BYTES = 32 << 20
MAX_TASKS = 200
MAX_METRICS = 20
_WANTED = frozenset(
    {
        "results",
        "groups",
        "versions",
        "n-shot",
        "n-samples",
        "config",
        "model_name",
        "model_source",
        "git_hash",
        "date",
        "start_time",
        "end_time",
        "lm_eval_version",
        "transformers_version",
        "total_evaluation_time_seconds",
        "task_hashes",
    }
)
_SHARES = frozenset({"acc", "acc_norm", "exact_match", "em"})


def examine(source: Source, notes: Notes) -> None:
    """Read every task's scores, or count the samples."""
    if notes.kind == "lm-eval-samples":
        _lines(source, notes)
        return
    found: dict[str, Any] = {}
    try:
        _walk(flow(source), found, notes)
    except CutOff as reason:
        notes.incomplete(reason.code, reason.detail)
    results = found.get("results")
    if not isinstance(results, dict):
        raise Unreadable("EVAL_INVALID", "results are no object")
    _report(results, found, notes)


def _walk(cursor: JsonFlow, found: dict[str, Any], notes: Notes) -> None:
    for name in cursor.names():
        if name in found:
            notes.caution("EVAL_AMBIGUOUS", f"name written twice: {name[:100]}")
        if name not in _WANTED:
            cursor.skip()
            continue
        raw = cursor.raw(MAX_RESULTS_BYTES)
        if raw is None:
            notes.incomplete("EVAL_TOO_LARGE", f"{name} is larger than {MAX_RESULTS_BYTES} bytes")
        else:
            found[name] = value_of(raw)
    cursor.finish()


def _report(results: dict[str, Any], found: dict[str, Any], notes: Notes) -> None:
    put = notes.facts
    put["tasks"] = len(results)
    scores: dict[str, dict[str, float | None]] = {}
    not_numbers = 0
    for task, values in results.items():
        if not isinstance(values, dict):
            notes.caution("EVAL_INVALID", f"results of {facts.text(task, 100)} are no object")
            continue
        metrics = _metrics(task, values, notes)
        not_numbers += sum(value is None for value in metrics.values())
        if len(scores) < MAX_TASKS:
            scores[facts.text(task, 100)] = dict(list(metrics.items())[:MAX_METRICS])
    put["scores"] = scores
    if not_numbers:
        notes.note("EVAL_NOT_A_NUMBER", f"{not_numbers}")
    _model(found, notes)
    _shots(found, notes)
    _counts(found, notes)


def _metrics(task: str, values: dict[str, Any], notes: Notes) -> dict[str, float | None]:
    metrics: dict[str, float | None] = {}
    for name, value in values.items():
        number = facts.number(value)
        if number is None:
            continue
        metrics[facts.text(name, 80)] = number if math.isfinite(number) else None
        if name.split(",", 1)[0] in _SHARES and not (0 <= number <= 1 or math.isnan(number)):
            notes.caution("EVAL_IMPOSSIBLE", f"{facts.text(task, 100)}: {facts.text(name, 80)} is {number}")
    return metrics


def _model(found: dict[str, Any], notes: Notes) -> None:
    config = facts.mapping(found.get("config"))
    for ours, value in (
        ("model", found.get("model_name") or config.get("model")),
        ("model_args", config.get("model_args")),
        ("commit", found.get("git_hash")),
        ("harness", found.get("lm_eval_version")),
    ):
        if value is not None:
            notes.facts[ours] = facts.text(value)
    if facts.number(found.get("date")) is not None:
        notes.facts["date"] = facts.number(found["date"])
    if config.get("limit") is not None:
        notes.note("EVAL_SUBSET", f"limit {facts.text(config['limit'], 50)}")


def _shots(found: dict[str, Any], notes: Notes) -> None:
    shots = {
        facts.text(task, 100): number
        for task, number in list(facts.mapping(found.get("n-shot")).items())[:MAX_TASKS]
        if facts.count(number) is not None
    }
    if shots:
        notes.facts["shots"] = shots


def _counts(found: dict[str, Any], notes: Notes) -> None:
    samples: dict[str, int] = {}
    for task, counts in list(facts.mapping(found.get("n-samples")).items())[:MAX_TASKS]:
        original = facts.count(facts.mapping(counts).get("original"))
        effective = facts.count(facts.mapping(counts).get("effective"))
        if effective is not None:
            samples[facts.text(task, 100)] = effective
        if original is not None and effective is not None and effective < original:
            notes.note("EVAL_SUBSET", f"{facts.text(task, 100)}: {effective} of {original} samples")
    if samples:
        notes.facts["task_samples"] = samples


def _lines(source: Source, notes: Notes) -> None:
    """Count samples, one JSON object a line; a line is read whole, and bounded."""
    samples, bad, left = 0, 0, b""
    for piece in pieces(source):
        *lines, left = (left + piece).split(b"\n")
        for line in lines:
            if line.strip():
                samples += 1
                bad += not _is_object(line)
        if len(left) > MAX_LINE_BYTES:
            raise Unreadable("EVAL_TOO_LARGE", f"a line is longer than {MAX_LINE_BYTES} bytes")
    if left.strip():
        samples += 1
        bad += not _is_object(left)
    notes.facts["samples"] = samples
    if bad:
        notes.incomplete("EVAL_INVALID", f"{bad} of {samples} lines are no JSON object")


def _is_object(line: bytes) -> bool:
    try:
        cursor = JsonFlow(iter([line]))
        if cursor.peek() != b"{":
            return False
        cursor.skip()
        cursor.finish()
    except Unreadable:
        return False
    return True
