"""Certified reports and their release: requested by one person, released by the officer, each ending told."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered
from workstation.core.report import DocumentKind
from workstation.core.values import CaseId, ExportId, PersonId, ReferralId, ReportId


@dataclass(frozen=True, kw_only=True)
class Report:
    """A composed document, certified and sealed in the vault.

    Only the determination report, whole, has a ``determination_number``; what else tells a determination
    names the one it ``rests_on``. A memo names its referral. ``annex`` maps the names of further files beside
    it to where they are sealed. Of a releasable variant, ``removed`` items are not in the files.
    """

    report_id: ReportId
    case_id: CaseId
    determination_number: int
    marking: str
    composed_at: datetime
    certified_by: PersonId
    pdf_sha384: str
    pdf_ref: str
    statement_ref: str  # determination.json as attached to the PDF
    audit_head: str
    statement_name: str = "determination.json"
    referral_id: ReferralId | None = None
    annex: tuple[tuple[str, str], ...] = ()
    kind: DocumentKind = DocumentKind.DETERMINATION_REPORT
    rests_on: int = 0
    releasable_to: str = ""
    removed: int = 0

    @property
    def tells_determination(self) -> int:
        """The determination that must be in force when this leaves; nought for what tells none."""
        return self.determination_number or self.rests_on


class ExportState(StrEnum):
    """Where an export stands. What follows RELEASED mirrors the endings of writing to a medium."""

    REQUESTED = "requested"
    RETURNED = "returned"
    RELEASED = "released"
    WRITTEN = "written"  # read back and compared; see ``ending`` for whether it may be removed
    FAILED = "failed"  # see ``ending``


@dataclass(frozen=True, kw_only=True)
class CustodyReceipt:
    """The recipient's countersignature on paper, as an officer of this office recorded it."""

    received_by: str
    received_on: date
    recorded_by: PersonId
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class Export:
    """One request to carry a report out."""

    export_id: ExportId
    case_id: CaseId
    report_id: ReportId
    recipient: str
    requested_by: PersonId
    requested_at: datetime
    state: ExportState = ExportState.REQUESTED
    reason: str = ""
    released_by: PersonId | None = None
    released_at: datetime | None = None
    medium_marking: str = ""
    medium: str = ""
    folder: str = ""
    ending: str = ""
    manifest_sha384: str = ""
    referral_id: ReferralId | None = None
    medium_name: str = ""  # as it stands on the label and on the office's list
    sealed_to: tuple[str, ...] = ()
    file_count: int = 0
    size_bytes: int = 0
    receipt: CustodyReceipt | None = None
    limited: bool = False  # of an enforcement referral: shown to the people named on it only


@dataclass(kw_only=True, eq=False)
class ExportNotOpen(Refused):
    """The request has already been decided."""

    code: ClassVar[str] = "EXP-050"
    export_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class MediumBelowContent(Refused):
    """The medium's marking does not cover the report's marking."""

    code: ClassVar[str] = "EXP-051"
    medium_marking: str
    content_marking: str


@dataclass(kw_only=True, eq=False)
class NothingToReport(Refused):
    """A determination report needs a determination."""

    code: ClassVar[str] = "EXP-052"
    case_id: str


@dataclass(kw_only=True, eq=False)
class DocumentNotOffered(Refused):
    """The case does not stand where this document could be made of it."""

    code: ClassVar[str] = "EXP-057"
    document: str
    needs: str


@dataclass(kw_only=True, eq=False)
class RecordUnknown(Refused):
    """No report, export or package of this identifier in the vault."""

    code: ClassVar[str] = "EXP-053"
    record_id: str


@dataclass(kw_only=True, eq=False)
class RootsNotWritten(EnvironmentFault):
    """The office's root certificates could not be written; what was there is as it was."""

    code: ClassVar[str] = "EXP-056"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class ReportSuperseded(Refused):
    """A later determination supersedes the one this report tells."""

    code: ClassVar[str] = "EXP-054"
    report_id: str
    determination_number: int
    in_force: int


@dataclass(kw_only=True, eq=False)
class ReportSwapped(Tampered):
    """The data kept with a report speaks of another report."""

    code: ClassVar[str] = "EXP-055"
    report_id: str


def require_in_force(report: Report, in_force: int) -> None:
    """Only the determination in force leaves the house as the determination; other documents at any time.

    Raises:
        ReportSuperseded.
    """
    told = report.tells_determination
    if told and told != in_force:
        raise ReportSuperseded(report_id=report.report_id, determination_number=told, in_force=in_force)


def require_open(export: Export) -> None:
    """Only an undecided request, or one whose writing failed or was cut short, can be released.

    Raises:
        ExportNotOpen.
    """
    if export.state not in {ExportState.REQUESTED, ExportState.RELEASED, ExportState.FAILED}:
        raise ExportNotOpen(export_id=export.export_id, state=export.state)
