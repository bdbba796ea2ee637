"""What an Inspect log says of its run, made into facts and findings."""

import math
from dataclasses import dataclass, field
from typing import Any

import msgspec

from workstation.examine.evaluations.jsonflow import fields_of, value_of
from workstation.examine.reader import Notes, Unreadable

KNOWN_VERSIONS = (1, 2, 3)
MAX_HEADER_BYTES = 16 << 20
MAX_SAMPLE_BYTES = 32 << 20
MAX_SAMPLES = 1_000_000
MAX_TEXT_CHARS = 200
MAX_LISTED = 100
_STATUSES = {
    "success": "",
    "error": "EVAL_ERROR",
    "cancelled": "EVAL_CANCELLED",
    "started": "EVAL_STARTED",
}


class SampleHead(msgspec.Struct):
    """The few fields every sample is judged by; the rest is checked as JSON and left alone."""

    id: msgspec.Raw = msgspec.Raw(b"null")
    epoch: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")
    limit: msgspec.Raw = msgspec.Raw(b"null")


@dataclass(kw_only=True)
class Tally:
    """Counts over the samples of one log."""

    samples: int = 0
    errors: int = 0
    limited: int = 0
    repeated: int = 0
    not_numbers: int = 0
    seen: set[bytes] = field(default_factory=set)

    def take(self, raw: bytes) -> None:
        """Count one sample; raises ``Unreadable`` when it is none."""
        head, not_numbers = fields_of(raw, SampleHead)
        self.not_numbers += not_numbers
        self.errors += bytes(head.error) != b"null"
        self.limited += bytes(head.limit) != b"null"
        key = bytes(head.id)[:200] + b" " + bytes(head.epoch)[:20]
        self.repeated += key in self.seen
        if len(self.seen) < MAX_SAMPLES:
            self.seen.add(key)

    def into(self, notes: Notes) -> None:
        """Report the counts."""
        notes.facts["samples"] = self.samples
        if self.errors:
            notes.facts["sample_errors"] = self.errors
            notes.note("EVAL_SAMPLE_ERRORS", f"{self.errors} of {self.samples} samples")
        if self.limited:
            notes.facts["sample_limits"] = self.limited
            notes.note("EVAL_SAMPLE_LIMITS", f"{self.limited} of {self.samples} samples")
        if self.repeated:
            notes.caution("EVAL_REPEATED_SAMPLE", f"{self.repeated} samples")
        if self.not_numbers:
            notes.note("EVAL_NOT_A_NUMBER", f"{self.not_numbers}")


def is_sample_name(name: str) -> bool:
    """Whether a member of a zipped log is a sample."""
    return name.startswith("samples/") and name.endswith(".json") and len(name) > len("samples/.json")


def text(value: Any, limit: int = MAX_TEXT_CHARS) -> str:
    """An untrusted text that can be sent; anything else is written as JSON would be."""
    if not isinstance(value, str):
        value = repr(value)
    shown: str = value[:limit]
    return shown.encode("utf-8", "backslashreplace").decode()


def mapping(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def count(value: Any) -> int | None:
    """The value if it is a number of things."""
    return value if type(value) is int and 0 <= value < 1 << 53 else None


def number(value: Any) -> float | None:
    """The value if it is a number, infinite when it is too large to be one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf


def header(raw: bytes | None, notes: Notes) -> dict[str, Any]:
    """A header object.

    Raises:
        Unreadable: EVAL_INVALID when it is none.
    """
    value = value_of(raw) if raw is not None else None
    if not isinstance(value, dict):
        raise Unreadable("EVAL_INVALID", "no header")
    report(value, notes)
    return value


def report(log: dict[str, Any], notes: Notes) -> None:
    """Facts of the run from a log's outermost object without its samples."""
    run = mapping(log.get("eval"))
    facts = notes.facts
    version, status = log.get("version"), log.get("status", "started")
    facts["version"] = count(version)
    facts["status"] = text(status, 20)
    if version not in KNOWN_VERSIONS:
        notes.incomplete("EVAL_VERSION", text(version))
    if not run:
        notes.incomplete("EVAL_INVALID", "no description of the run")
    for name in ("task", "model", "created", "run_id", "solver"):
        if isinstance(run.get(name), str):
            facts[name] = text(run[name])
    _dataset(run, notes)
    packages = {
        text(key, 50): text(value, 50) for key, value in list(mapping(run.get("packages")).items())[:20]
    }
    if packages:
        facts["packages"] = packages
    _results(mapping(log.get("results")), notes)
    _status(log, status, notes)


def _dataset(run: dict[str, Any], notes: Notes) -> None:
    dataset, config = mapping(run.get("dataset")), mapping(run.get("config"))
    if isinstance(dataset.get("name"), str):
        notes.facts["dataset"] = text(dataset["name"])
    for name, value in (("dataset_samples", dataset.get("samples")), ("epochs", config.get("epochs"))):
        if count(value) is not None:
            notes.facts[name] = value
    if config.get("limit") is not None:
        notes.note("EVAL_SUBSET", f"limit {text(config['limit'], 50)}")
    if config.get("sample_id") is not None:
        notes.note("EVAL_SUBSET", f"samples {text(config['sample_id'], 100)}")


def _results(results: dict[str, Any], notes: Notes) -> None:
    for ours, theirs in (("samples_total", "total_samples"), ("samples_completed", "completed_samples")):
        if count(results.get(theirs)) is not None:
            notes.facts[ours] = results[theirs]
    scores: list[dict[str, object]] = []
    listed = results.get("scores")
    for score in listed if isinstance(listed, list) else []:
        for name, metric in mapping(mapping(score).get("metrics")).items():
            value = number(mapping(metric).get("value"))
            if value is not None and len(scores) < MAX_LISTED:
                scorer = text(mapping(score).get("name", ""), 80)
                scores.append({"scorer": scorer, "metric": text(name, 80), "value": value})
    if scores:
        notes.facts["scores"] = scores


def _status(log: dict[str, Any], status: Any, notes: Notes) -> None:
    code = _STATUSES.get(status) if isinstance(status, str) else None
    if code is None:
        notes.caution("EVAL_STATUS", text(status))
    elif code:
        notes.caution(code, text(mapping(log.get("error")).get("message", "")))
    elif log.get("error") is not None:
        notes.caution("EVAL_ERROR", text(mapping(log["error"]).get("message", "")))
    if log.get("invalidated") is True:
        notes.caution("EVAL_INVALIDATED", "")


def compare(notes: Notes, status: Any) -> None:
    """Say when the log holds other samples than it declares.

    A log that calls itself finished may leave samples out on purpose (they can be filtered or not be logged),
    so this is a fact to know; what an unfinished log lacks is part of its being unfinished.
    """
    facts = notes.facts
    held, total = count(facts.get("samples")), count(facts.get("samples_total"))
    completed = count(facts.get("samples_completed"))
    if total is not None and held is not None and held != total:
        notes.note("EVAL_SAMPLES_DIFFER", f"{held} samples in the log, {total} declared")
    if total is not None and completed is not None and completed != total:
        notes.note("EVAL_SAMPLES_DIFFER", f"{completed} completed of {total}")
    if status == "success" and not held and total:
        notes.incomplete("EVAL_NO_SAMPLES", f"0 of {total}")
