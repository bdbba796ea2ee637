"""What happens to a submission package: received, examined, decided on, looked at."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import PackageId


@dataclass(frozen=True, kw_only=True)
class ReceiptBegun(Event):
    """Reading a submission from a medium has begun."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    untrusted_name: str


@dataclass(frozen=True, kw_only=True)
class FilesStored(Event):
    """A batch of files is durable in the vault; of so many the case held the content already."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    size_bytes: int
    already_kept: int = 0


@dataclass(frozen=True, kw_only=True)
class FilesExamined(Event):
    """A batch of stored files went through the sandbox."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    dangerous: int
    inconclusive: int


@dataclass(frozen=True, kw_only=True)
class PackageReceived(Event):
    """All of it is stored and examined, and waits in quarantine."""

    duty: ClassVar[Duty] = Duty.RECEIVE_PACKAGE
    package_id: PackageId
    file_count: int
    size_bytes: int
    digest_sha384: str
    outcome: str
    isolation: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PackageAccepted(Event):
    """A named person accepted the package out of quarantine."""

    duty: ClassVar[Duty] = Duty.ACCEPT_PACKAGE
    package_id: PackageId
    digest_sha384: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PackageReturned(Event):
    """A named person found the package deficient."""

    duty: ClassVar[Duty] = Duty.ACCEPT_PACKAGE
    package_id: PackageId
    reason: str


@dataclass(frozen=True, kw_only=True)
class FileOpened(Event):
    """A reviewer was shown a file of the package: it is *opened by a reviewer*. Once per person and file."""

    duty: ClassVar[Duty] = Duty.ANSWER
    package_id: PackageId
    untrusted_path: str


@dataclass(frozen=True, kw_only=True)
class TextsIndexed(Event):
    """Whole documents and transcripts were read in the sandbox, and their words can be found."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    package_id: PackageId
    files: int
    passages: int


@dataclass(frozen=True, kw_only=True)
class FileLookedAt(Event):
    """Somebody who answers nothing on this case was shown a file: traced, but not a reviewer's opening."""

    package_id: PackageId
    untrusted_path: str
