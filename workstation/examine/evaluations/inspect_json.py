"""Inspect AI logs in JSON: one object with the run's description and all samples."""

from typing import Any

from workstation.examine.evaluations import facts
from workstation.examine.evaluations.jsonflow import CutOff, JsonFlow, flow, value_of
from workstation.examine.reader import Notes, Source

_HEADER_NAMES = frozenset(
    {"version", "status", "eval", "results", "error", "stats", "invalidated", "tags", "metadata"}
)


def examine(source: Source, notes: Notes) -> None:
    """Read the run's description and count the samples, whatever the log's length."""
    notes.facts["compression"] = "none"
    log: dict[str, Any] = {}
    tally = facts.Tally()
    try:
        _walk(flow(source), log, tally, notes)
    except CutOff as reason:
        notes.incomplete(reason.code, reason.detail)
        log.setdefault("status", "started")
    facts.report(log, notes)
    tally.into(notes)
    facts.compare(notes, log.get("status"))


def _walk(cursor: JsonFlow, log: dict[str, Any], tally: facts.Tally, notes: Notes) -> None:
    seen: set[str] = set()
    for name in cursor.names():
        if name in seen:
            notes.caution("EVAL_AMBIGUOUS", f"name written twice: {name[:100]}")
        if len(seen) < facts.MAX_LISTED:
            seen.add(name)
        if name == "samples" and cursor.peek() == b"[":
            _samples(cursor, tally, notes)
        elif name in _HEADER_NAMES:
            raw = cursor.raw(facts.MAX_HEADER_BYTES)
            if raw is None:
                notes.incomplete("EVAL_TOO_LARGE", f"{name} is larger than {facts.MAX_HEADER_BYTES} bytes")
            else:
                log[name] = value_of(raw)
        else:
            cursor.skip()
    cursor.finish()


def _samples(cursor: JsonFlow, tally: facts.Tally, notes: Notes) -> None:
    for number in cursor.items():
        raw = cursor.raw(facts.MAX_SAMPLE_BYTES)
        tally.samples += 1
        if raw is None:
            notes.incomplete(
                "EVAL_TOO_LARGE", f"sample {number + 1} is larger than {facts.MAX_SAMPLE_BYTES} bytes"
            )
        else:
            tally.take(raw)
