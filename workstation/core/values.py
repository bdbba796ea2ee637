"""Identifiers and small values that several rules share."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

PersonId = NewType("PersonId", str)
CaseId = NewType("CaseId", str)
PackageId = NewType("PackageId", str)
ReportId = NewType("ReportId", str)
ExportId = NewType("ExportId", str)
FindingId = NewType("FindingId", str)
ReferralId = NewType("ReferralId", str)
CriterionId = NewType("CriterionId", str)


class Profile(StrEnum):
    """What a vault may be used for; a demonstration never opens as real nor the reverse."""

    REAL = "real"
    DEMO = "demo"


@dataclass(frozen=True, kw_only=True)
class EvidenceLink:
    """Where in the package an answer rests: a file, and a place in it such as a page, tensor or sample."""

    package_id: PackageId
    untrusted_path: str
    anchor: str = ""
