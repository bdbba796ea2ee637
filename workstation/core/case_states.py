"""The two types of a case, never merged, and where one can stand."""

from enum import StrEnum


class CaseType(StrEnum):
    """Section 3(b)(i) and (ii) of the order."""

    DESIGNATION_INQUIRY = "designation-inquiry"
    PRE_RELEASE_ACCESS = "pre-release-access"


class CaseState(StrEnum):
    """Where the case stands."""

    AWAITING_PACKAGE = "awaiting-package"
    QUARANTINED = "quarantined"
    DEFICIENT = "deficient"
    ACCEPTED = "accepted"
    EVALUATION = "evaluation"
    RECOMMENDED = "recommended"
    DETERMINED = "determined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # the planned release came and nothing was determined
    SUPERSEDED = "superseded"  # the developer sent a newer checkpoint, which has a case of its own


OVER = frozenset({CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.LAPSED, CaseState.SUPERSEDED})
UNDETERMINED = frozenset(CaseState) - OVER - {CaseState.DETERMINED}
