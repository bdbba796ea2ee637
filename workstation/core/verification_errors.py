"""What a verification can find, as errors that say it: one class for each code ``EXP-1xx``.

A verification answers with every problem at once; ``require`` raises the first that stands in the way.
"""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered, WorkstationError
from workstation.core.examination import Outcome
from workstation.core.verifications import ExportVerification, PdfVerification, Problem


@dataclass(kw_only=True, eq=False)
class VerificationProblem(WorkstationError):
    """One thing a verification found, about one file or signature."""

    path: str = ""  # untrusted
    detail: str = ""


@dataclass(kw_only=True, eq=False)
class ExportFileChanged(VerificationProblem, Tampered):
    """A file is not the one that was signed."""

    code: ClassVar[str] = "EXP-101"


@dataclass(kw_only=True, eq=False)
class ExportFileMissing(VerificationProblem, Tampered):
    """Something the export must hold is not there."""

    code: ClassVar[str] = "EXP-102"


@dataclass(kw_only=True, eq=False)
class ExportFileAdded(VerificationProblem, Tampered):
    """Something is there that nobody signed."""

    code: ClassVar[str] = "EXP-103"


@dataclass(kw_only=True, eq=False)
class ExportEntryOdd(VerificationProblem, Tampered):
    """An entry that no export contains: a link, a device, a name that misleads."""

    code: ClassVar[str] = "EXP-104"


@dataclass(kw_only=True, eq=False)
class ManifestNotAsSigned(VerificationProblem, Tampered):
    """SHA384SUMS is not the list the statement implies."""

    code: ClassVar[str] = "EXP-105"


@dataclass(kw_only=True, eq=False)
class StatementUnreadable(VerificationProblem, Tampered):
    """A file that proves others is not in the one accepted form."""

    code: ClassVar[str] = "EXP-106"


@dataclass(kw_only=True, eq=False)
class SignatureMissing(VerificationProblem, Tampered):
    """A signature an export must carry was left out."""

    code: ClassVar[str] = "EXP-107"


@dataclass(kw_only=True, eq=False)
class SignatureWrong(VerificationProblem, Tampered):
    """A signature does not match what it is said to cover."""

    code: ClassVar[str] = "EXP-108"


@dataclass(kw_only=True, eq=False)
class SignerNotTrusted(VerificationProblem, Refused):
    """The certificate was not issued for signing by a root in the trust folder."""

    code: ClassVar[str] = "EXP-109"


@dataclass(kw_only=True, eq=False)
class SignerWasRevoked(VerificationProblem, Refused):
    """A revocation list names the signer."""

    code: ClassVar[str] = "EXP-110"


@dataclass(kw_only=True, eq=False)
class SignedOutsideValidity(VerificationProblem, Refused):
    """The claimed time lies outside of the certificate's validity, or the clock here does."""

    code: ClassVar[str] = "EXP-111"


@dataclass(kw_only=True, eq=False)
class CertificateEndedSince(VerificationProblem, Refused):
    """The certificate was valid at the claimed time and has ended since."""

    code: ClassVar[str] = "EXP-112"


@dataclass(kw_only=True, eq=False)
class NoRevocationList(VerificationProblem, Refused):
    """No revocation list of the issuer was current at the claimed time."""

    code: ClassVar[str] = "EXP-113"


@dataclass(kw_only=True, eq=False)
class RevocationListEnded(VerificationProblem, Refused):
    """The newest revocation list has ended."""

    code: ClassVar[str] = "EXP-114"


@dataclass(kw_only=True, eq=False)
class RevocationListTooOld(VerificationProblem, Refused):
    """The newest revocation list is older than policy allows."""

    code: ClassVar[str] = "EXP-115"


@dataclass(kw_only=True, eq=False)
class MadeByDemonstration(VerificationProblem, Refused):
    """A demonstration made it."""

    code: ClassVar[str] = "EXP-116"


@dataclass(kw_only=True, eq=False)
class LaterBytesNotCovered(VerificationProblem, Tampered):
    """The last signature of a document does not cover the entire file."""

    code: ClassVar[str] = "EXP-117"


@dataclass(kw_only=True, eq=False)
class ChangedAfterSigning(VerificationProblem, Tampered):
    """A change after a signature that this signature does not allow."""

    code: ClassVar[str] = "EXP-118"


@dataclass(kw_only=True, eq=False)
class DocumentSignatureMissing(VerificationProblem, Tampered):
    """A document lacks a signature it must carry."""

    code: ClassVar[str] = "EXP-119"


@dataclass(kw_only=True, eq=False)
class DocumentSignatureWrong(VerificationProblem, Tampered):
    """A signature inside a document does not match, or the document cannot be read."""

    code: ClassVar[str] = "EXP-120"


@dataclass(kw_only=True, eq=False)
class BeyondBounds(VerificationProblem, Tampered):
    """Larger or more numerous than any export."""

    code: ClassVar[str] = "EXP-121"


@dataclass(kw_only=True, eq=False)
class WeakAlgorithm(VerificationProblem, Tampered):
    """Another algorithm than an export uses."""

    code: ClassVar[str] = "EXP-123"


@dataclass(kw_only=True, eq=False)
class ClaimedTimeAhead(VerificationProblem, Refused):
    """The claimed time lies in the future."""

    code: ClassVar[str] = "EXP-125"


@dataclass(kw_only=True, eq=False)
class SignersDiffer(VerificationProblem, Tampered):
    """Signatures that must be one person's are by different ones."""

    code: ClassVar[str] = "EXP-127"


@dataclass(kw_only=True, eq=False)
class ExportFileUnreadable(VerificationProblem, EnvironmentFault):
    """A file could not be read from the medium."""

    code: ClassVar[str] = "EXP-128"


@dataclass(kw_only=True, eq=False)
class NoTimestamp(VerificationProblem, Refused):
    """A signature without the local timestamp."""

    code: ClassVar[str] = "EXP-129"


@dataclass(kw_only=True, eq=False)
class StatementOfAnotherExport(VerificationProblem, Tampered):
    """Files and manifest fit each other, but the statement was made for other files."""

    code: ClassVar[str] = "EXP-130"


@dataclass(kw_only=True, eq=False)
class AttachmentDiffers(VerificationProblem, Tampered):
    """A signed document carries another edition of a file that lies beside it."""

    code: ClassVar[str] = "EXP-131"


@dataclass(kw_only=True, eq=False)
class CertificationDiffers(VerificationProblem, Tampered):
    """What the reviewer's own statement names is not in the export, or another person made it."""

    code: ClassVar[str] = "EXP-132"


@dataclass(kw_only=True, eq=False)
class StillSealed(VerificationProblem, Refused):
    """The export is sealed to its recipients: nothing about it is proved before it was opened."""

    code: ClassVar[str] = "EXP-133"


_CLASSES: dict[str, type[VerificationProblem]] = {
    one.code: one for one in VerificationProblem.__subclasses__()
}


def as_error(problem: Problem) -> VerificationProblem:
    """The error that tells ``problem`` to a person."""
    return _CLASSES[problem.code](path=problem.path, detail=problem.detail)


def require(answer: ExportVerification | PdfVerification) -> None:
    """Return when nothing stands in the way; otherwise raise the first refusal."""
    for problem in answer.problems:
        if problem.severity is Outcome.REJECT:
            raise as_error(problem)
