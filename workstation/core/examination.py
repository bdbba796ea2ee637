"""What an examination of untrusted bytes found, and what it did not look at.

Produced by ``workstation.examine`` inside the sandbox, schema-checked by the parent, shown on screen,
kept with the package and printed in the report. Nothing here is a verdict on the model.
"""

from dataclasses import dataclass, field
from enum import StrEnum

SMALL_FILE_BYTES = 1 << 20  # up to here a file may be examined in one process with others


class Outcome(StrEnum):
    """What intake does with the material."""

    ACCEPT = "accept"  # nothing found that stands in the way
    WARN = "warn"  # kept; a person must decide
    REJECT = "reject"  # quarantined; nothing is unpacked


class Severity(StrEnum):
    """How much one note weighs; the outcome is the heaviest of them."""

    NOTE = "note"  # a fact worth knowing; the outcome stays
    CAUTION = "caution"  # inconclusive or unusual: at least WARN
    DANGER = "danger"  # hostile or broken: REJECT


class Coverage(StrEnum):
    """Five different words, never merged (issue: coverage honesty)."""

    SEEN = "seen"  # a person has opened it; set by reviewing, never by a scanner
    UNSEEN = "unseen"  # nobody and nothing has looked at it yet
    NOTHING_FOUND = "nothing-found"  # a reader for its format read all it claims to read
    INCONCLUSIVE = "inconclusive"  # skipped, too large, timed out, unreadable, unknown format
    DANGEROUS = "dangerous"  # at least one DANGER note


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing noticed. ``detail`` holds untrusted text as typed; show it as plain text only."""

    code: str
    severity: Severity
    path: str = ""  # inside the container, "/" separated; "" is the examined thing itself
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExaminedFile:
    """One member of a container or the single examined file."""

    path: str
    size_bytes: int
    kind: str  # reader that claimed it: "safetensors", "pdf", ...; "unknown" otherwise
    coverage: Coverage
    facts: dict[str, object] = field(default_factory=dict)  # JSON values only


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The whole answer for one path."""

    outcome: Outcome
    kind: str
    findings: tuple[Finding, ...] = ()
    facts: dict[str, object] = field(default_factory=dict)  # JSON values only
    files: tuple[ExaminedFile, ...] = ()
    isolation: tuple[str, ...] = ()  # which walls held: "bubblewrap", "seccomp", "rlimits", ...


_WEIGHT = {Severity.NOTE: Outcome.ACCEPT, Severity.CAUTION: Outcome.WARN, Severity.DANGER: Outcome.REJECT}
_ORDER = (Outcome.ACCEPT, Outcome.WARN, Outcome.REJECT)


def outcome_of(findings: tuple[Finding, ...] | list[Finding]) -> Outcome:
    """The heaviest finding decides."""
    return max((_WEIGHT[f.severity] for f in findings), key=_ORDER.index, default=Outcome.ACCEPT)
