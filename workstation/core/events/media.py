"""The lists a release goes by, and the receipt that comes back."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import ExportId


@dataclass(frozen=True, kw_only=True)
class MediumListed(Event):
    """A medium was put on the list of those the office writes to."""

    duty: ClassVar[Duty] = Duty.KEEP_RELEASE_LISTS
    name: str
    identity: str
    marking: str


@dataclass(frozen=True, kw_only=True)
class MediumWithdrawn(Event):
    """A medium was taken out of use."""

    duty: ClassVar[Duty] = Duty.KEEP_RELEASE_LISTS
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class RecipientAdded(Event):
    """A recipient's public key was put on the list."""

    duty: ClassVar[Duty] = Duty.KEEP_RELEASE_LISTS
    name: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class RecipientConfirmed(Event):
    """The security officer compared the fingerprint with the recipient by another channel."""

    duty: ClassVar[Duty] = Duty.CONFIRM_RECIPIENT
    name: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class RecipientWithdrawn(Event):
    """Nothing is sealed to this recipient any more."""

    duty: ClassVar[Duty] = Duty.KEEP_RELEASE_LISTS
    name: str


@dataclass(frozen=True, kw_only=True)
class ReleasePolicySet(Event):
    """What every release must be was changed."""

    duty: ClassVar[Duty] = Duty.KEEP_RELEASE_LISTS
    encrypted_media_only: bool
    sealed_only: bool


@dataclass(frozen=True, kw_only=True)
class ReleaseSheetWritten(Event):
    """Label and custody receipt of a medium were written outside the vault, to be printed."""

    duty: ClassVar[Duty] = Duty.RECORD_RECEIPT
    export_id: ExportId
    path: str
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class CustodyReceiptRecorded(Event):
    """The recipient's countersigned receipt came back and was recorded."""

    duty: ClassVar[Duty] = Duty.RECORD_RECEIPT
    export_id: ExportId
    received_by: str
    received_on: str
