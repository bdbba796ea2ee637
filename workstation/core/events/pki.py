"""The office's own public-key infrastructure: whom it believes, and whose certificates came from there."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import PersonId


@dataclass(frozen=True, kw_only=True)
class IssuerListed(Event):
    """An issuing authority of the office's own infrastructure was put on the list."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    name: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class IssuerConfirmed(Event):
    """The security officer had the authority's fingerprint read out by another channel."""

    duty: ClassVar[Duty] = Duty.CONFIRM_AUTHORITY
    name: str
    fingerprint: str


@dataclass(frozen=True, kw_only=True)
class IssuerWithdrawn(Event):
    """Nothing of this authority is believed any more."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    name: str
    fingerprint: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class IssuersListTaken(Event):
    """A revocation list of a listed authority was taken over."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    issuer_sha384: str
    issued_at: datetime
    next_update: datetime


@dataclass(frozen=True, kw_only=True)
class CertificateRequested(Event):
    """Somebody made requests for certificates of their own signing keys."""

    duty: ClassVar[Duty] = Duty.USE_WORKSTATION
    card_serial: str


@dataclass(frozen=True, kw_only=True)
class CertificateAdopted(Event):
    """A person signs under certificates of the office's own infrastructure from now on."""

    duty: ClassVar[Duty] = Duty.MANAGE_PEOPLE
    person_id: PersonId
    reason: str
    certificates_sha384: tuple[str, ...]
