"""What happened, in the past tense. Each event names the duty it belongs to and is one audit row.

A newcomer reads this room to learn everything the workstation can do to a case.
"""

from workstation.core.events.base import NO_CASE, Event
from workstation.core.events.case import (
    AuthorityStated,
    CaseClosed,
    CaseOpened,
    CaseWithdrawn,
    EvaluationBegun,
    ReleaseDateRevised,
    ReviewersAssigned,
)
from workstation.core.events.package import (
    FileLookedAt,
    FileOpened,
    FilesExamined,
    FilesStored,
    PackageAccepted,
    PackageReceived,
    PackageReturned,
    ReceiptBegun,
)
from workstation.core.events.release import (
    ExportReleased,
    ExportRequested,
    ExportReturned,
    ExportWritten,
    ReleaseBegun,
    ReportCertified,
)
from workstation.core.events.review import (
    AnswerSaved,
    ChecklistSubmitted,
    ConsultationRecorded,
    Determined,
    DifferenceSettled,
    OpinionGiven,
    Recommended,
)
from workstation.core.events.station import (
    ActRefused,
    ClockWentBack,
    DraftsSaved,
    Locked,
    OrphansSwept,
    PersonEnrolled,
    Unlocked,
    VaultChecked,
    VaultCreated,
)

__all__ = [
    "NO_CASE",
    "ActRefused",
    "AnswerSaved",
    "AuthorityStated",
    "CaseClosed",
    "CaseOpened",
    "CaseWithdrawn",
    "ChecklistSubmitted",
    "ClockWentBack",
    "ConsultationRecorded",
    "Determined",
    "DifferenceSettled",
    "DraftsSaved",
    "EvaluationBegun",
    "Event",
    "ExportReleased",
    "ExportRequested",
    "ExportReturned",
    "ExportWritten",
    "FileLookedAt",
    "FileOpened",
    "FilesExamined",
    "FilesStored",
    "Locked",
    "OpinionGiven",
    "OrphansSwept",
    "PackageAccepted",
    "PackageReceived",
    "PackageReturned",
    "PersonEnrolled",
    "ReceiptBegun",
    "Recommended",
    "ReleaseBegun",
    "ReleaseDateRevised",
    "ReportCertified",
    "ReviewersAssigned",
    "Unlocked",
    "VaultChecked",
    "VaultCreated",
]
