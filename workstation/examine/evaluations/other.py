"""Evaluation results of other tools: recognised and named, not read."""

from workstation.examine.evaluations.jsonflow import JsonFlow, flow
from workstation.examine.reader import Notes, Source

MAX_CHECKED_BYTES = 256 << 20


def examine(source: Source, notes: Notes) -> None:
    """Say whose format it is; the brackets are checked so that a broken file is not called whole."""
    notes.facts["format"] = notes.kind
    notes.incomplete("EVAL_OTHER_FORMAT", notes.kind)
    if not source.name.endswith(".jsonl") and source.size_bytes <= MAX_CHECKED_BYTES:
        cursor: JsonFlow = flow(source)
        cursor.skip()
        cursor.finish()
