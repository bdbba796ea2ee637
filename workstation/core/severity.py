"""CVSS: a vector in, a score out. The arithmetic is the library's, the bounds and the words are ours.

Versions 3.0, 3.1 and 4.0 of the Common Vulnerability Scoring System (FIRST). Scores are of the vector as it
stands; nobody's judgement is added.
"""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import Refused

MAX_VECTOR_CHARS = 512
_PREFIXES = ("CVSS:3.0/", "CVSS:3.1/", "CVSS:4.0/")


@dataclass(frozen=True, kw_only=True)
class Score:
    """What a vector comes to. ``base`` lies between 0.0 and 10.0 with one decimal."""

    version: str  # "3.0", "3.1", "4.0"
    vector: str  # in the library's order of metrics
    base: float
    severity: str  # "none", "low", "medium", "high", "critical"


@dataclass(kw_only=True, eq=False)
class VectorInvalid(Refused):
    """Not a CVSS vector of a version this workstation scores."""

    code: ClassVar[str] = "CAS-210"
    vector: str
    reason: str


def score(vector: str) -> Score:
    """Score one vector such as ``CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H``.

    Raises:
        VectorInvalid: another version, a metric missing, unknown or twice.
    """
    # Imported here: the tables of version 4.0 are large, and only scoring needs them.
    from cvss import CVSS3, CVSS4, CVSSError  # noqa: PLC0415

    text = vector.strip()
    if len(text) > MAX_VECTOR_CHARS or not text.startswith(_PREFIXES):
        raise VectorInvalid(vector=text[:MAX_VECTOR_CHARS], reason="not a vector of version 3.0, 3.1 or 4.0")
    version = text[5:8]
    try:
        scored = CVSS4(text) if version == "4.0" else CVSS3(text)
    except CVSSError as fault:
        raise VectorInvalid(vector=text, reason=str(fault)[:300]) from fault
    return Score(
        version=version,
        vector=scored.clean_vector(),
        base=float(scored.scores()[0]),
        severity=scored.severities()[0].lower(),
    )


def scores(vectors: tuple[str, ...]) -> tuple[Score, ...]:
    """Each vector scored; one a version, so that nobody has to guess which of two counts.

    Raises:
        VectorInvalid.
    """
    found = tuple(score(vector) for vector in vectors)
    versions = [one.version for one in found]
    for one in found:
        if versions.count(one.version) > 1:
            raise VectorInvalid(vector=one.vector, reason=f"a second vector of version {one.version}")
    return found
