"""What happens to a report and its export, until the medium has been read back."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import ExportId, ReportId


@dataclass(frozen=True, kw_only=True)
class ReportCertified(Event):
    """A reviewer certified a composed report by signature."""

    duty: ClassVar[Duty] = Duty.CERTIFY_REPORT
    report_id: ReportId
    marking: str
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class ExportRequested(Event):
    """Somebody asked the security officer to release a report."""

    duty: ClassVar[Duty] = Duty.REQUEST_EXPORT
    export_id: ExportId
    report_id: ReportId
    recipient: str


@dataclass(frozen=True, kw_only=True)
class ExportReturned(Event):
    """The security officer returned the request with a reason."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    reason: str


@dataclass(frozen=True, kw_only=True)
class ReleaseBegun(Event):
    """The security officer began a release; nothing is signed yet."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId


@dataclass(frozen=True, kw_only=True)
class ExportReleased(Event):
    """The security officer signed; the bundle may be written to the named medium."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    medium_name: str  # as on its label
    medium_marking: str
    manifest_sha384: str
    sealed_to: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExportWritten(Event):
    """How writing to the medium ended; every ending is a state of its own."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    export_id: ExportId
    medium: str
    ending: str
    file_count: int
    size_bytes: int
