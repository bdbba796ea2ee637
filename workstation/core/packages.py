"""The submission package as received: files, fixity, quarantine until a named person accepts."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused
from workstation.core.examination import Coverage, Finding, Outcome
from workstation.core.values import CaseId, PackageId, PersonId


class PackageState(StrEnum):
    """Where the package stands."""

    RECEIVING = "receiving"  # reading from the medium has begun and not ended
    QUARANTINED = "quarantined"  # stored and examined; nobody has accepted it
    ACCEPTED = "accepted"
    DEFICIENT = "deficient"  # returned to the developer with what is wrong


class Fixity(StrEnum):
    """How a file compares with the submission's own manifest."""

    MATCHES = "matches"
    ALTERED = "altered"
    MISSING = "missing"  # listed, not there
    EXTRA = "extra"  # there, not listed
    UNLISTED = "unlisted"  # the submission brought no manifest
    UNREADABLE = "unreadable"  # the medium did not give its bytes
    EVIDENCE = "evidence"  # the package is rejected as a whole; kept as read, no manifest of it relied on


@dataclass(frozen=True, kw_only=True)
class PackageFile:
    """One stored file of a package."""

    package_id: PackageId
    untrusted_path: str
    size_bytes: int
    sha384: str
    object_ref: str
    fixity: Fixity
    kind: str = "unknown"
    coverage: Coverage = Coverage.UNSEEN
    findings: tuple[Finding, ...] = ()
    facts_json: str = "{}"
    opened: bool = False  # a reviewer was shown it


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedFile:
    """What tells one stored file from another, and no more: packages hold up to a million."""

    untrusted_path: str
    size_bytes: int
    sha384: str
    unreadable: bool = False  # length and digest are of what the medium gave, zeros in its holes


@dataclass(frozen=True, kw_only=True)
class Package:
    """One submission package, from the first byte read to the acceptance."""

    package_id: PackageId
    case_id: CaseId
    untrusted_name: str
    state: PackageState
    begun_at: datetime
    received_by: PersonId
    kind: str = ""
    file_count: int = 0
    total_bytes: int = 0
    digest_sha384: str = ""
    container_sha384: str = ""
    outcome: Outcome = Outcome.WARN
    findings: tuple[Finding, ...] = ()
    isolation: tuple[str, ...] = ()
    received_at: datetime | None = None
    decided_by: PersonId | None = None
    decided_at: datetime | None = None
    decision_reason: str = ""


def package_digest(files: Iterable[tuple[str, str]]) -> str:
    """SHA-384 over the lines ``<sha384>  <path>``, each ended by a line feed, of files in order of path.

    The same number for a folder, a bag's payload listing, a zip and a tar with the same content and names.
    """
    digest = hashlib.sha384()
    last: str | None = None
    for path, sha384 in files:
        if last is not None and path <= last:
            raise ValueError(path)
        last = path
        digest.update(f"{sha384}  {path}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@dataclass(kw_only=True, eq=False)
class PackageNotQuarantined(Refused):
    """Only a quarantined package can be accepted or returned."""

    code: ClassVar[str] = "INT-001"
    package_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class PackageRejected(Refused):
    """The examination found the package broken or hostile; it can be returned, not accepted."""

    code: ClassVar[str] = "INT-002"
    package_id: str
    findings: int


@dataclass(kw_only=True, eq=False)
class DecisionReasonMissing(Refused):
    """Accepting with cautions, or returning, needs a reason."""

    code: ClassVar[str] = "INT-003"
    package_id: str


@dataclass(kw_only=True, eq=False)
class SourceMissing(EnvironmentFault):
    """Nothing at the path that should hold the submission."""

    code: ClassVar[str] = "INT-010"
    untrusted_path: str


@dataclass(kw_only=True, eq=False)
class SourceChanged(EnvironmentFault):
    """A receipt that was begun cannot go on: the medium shows another submission than before."""

    code: ClassVar[str] = "INT-012"
    untrusted_path: str


@dataclass(kw_only=True, eq=False)
class SourceUnsteady(EnvironmentFault):
    """A file had another length when read than when listed: the medium changes under the reader."""

    code: ClassVar[str] = "INT-013"
    untrusted_path: str
    listed_bytes: int
    read_bytes: int


@dataclass(frozen=True, kw_only=True)
class Hole:
    """Bytes that the medium did not give; zeros stand in their place."""

    first: int
    size_bytes: int
    reason: str


class Loss(StrEnum):
    """How much a failed read took away."""

    BYTES = "bytes"  # a bad sector, or bytes nobody may read: the medium is there, and its other files are
    FILE = "file"  # not the file that was listed, or none any more
    MEDIUM = "medium"  # the device no longer answers


@dataclass(kw_only=True, eq=False)
class SourceUnreadable(EnvironmentFault):
    """A file of the submission cannot be read from its medium."""

    code: ClassVar[str] = "EXA-002"
    path: str
    reason: str
    loss: Loss = Loss.FILE


@dataclass(kw_only=True, eq=False)
class PackageBroken(Refused):
    """Received whole and found broken or hostile; told at once, and nothing is undone: it is evidence."""

    code: ClassVar[str] = "INT-014"
    package_id: str
    seen: str  # the heaviest finding in words
    findings: int
    advice: str


def require_acceptable(package: Package, reason: str) -> None:
    """A named person may accept what is quarantined and not rejected; cautions ask for a reason.

    Raises:
        PackageNotQuarantined, PackageRejected, DecisionReasonMissing.
    """
    if package.state is not PackageState.QUARANTINED:
        raise PackageNotQuarantined(package_id=package.package_id, state=package.state)
    if package.outcome is Outcome.REJECT:
        raise PackageRejected(package_id=package.package_id, findings=len(package.findings))
    if package.outcome is Outcome.WARN and not reason.strip():
        raise DecisionReasonMissing(package_id=package.package_id)
