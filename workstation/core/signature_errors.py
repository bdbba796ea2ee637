"""What can go wrong while signing, trusting and composing an export; texts in ``messages/signing.toml``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered


@dataclass(kw_only=True, eq=False)
class CertificateExpired(Refused):
    """The signer's certificate ended before the moment of signing."""

    code: ClassVar[str] = "SIG-001"
    untrusted_name: str
    not_after: datetime
    at: datetime


@dataclass(kw_only=True, eq=False)
class CertificateNotYetValid(Refused):
    """The clock stands before the certificate's validity."""

    code: ClassVar[str] = "SIG-002"
    untrusted_name: str
    not_before: datetime
    at: datetime


@dataclass(kw_only=True, eq=False)
class SignerRevoked(Refused):
    """A revocation list of the office names the signer's certificate."""

    code: ClassVar[str] = "SIG-003"
    untrusted_name: str
    revoked_at: datetime


@dataclass(kw_only=True, eq=False)
class NoTrustRoot(Refused):
    """Nothing to trust was given."""

    code: ClassVar[str] = "SIG-004"
    source: str


@dataclass(kw_only=True, eq=False)
class RevocationListUnusable(Refused):
    """No revocation list of the issuer is current at the moment of signing."""

    code: ClassVar[str] = "SIG-005"
    issuer: str
    detail: str


@dataclass(kw_only=True, eq=False)
class SignatureFieldMissing(Refused):
    """The document has no such signature field, or not of the form the signature needs."""

    code: ClassVar[str] = "SIG-006"
    field_name: str
    detail: str


@dataclass(kw_only=True, eq=False)
class SignatureFieldFilled(Refused):
    """Somebody signed there already."""

    code: ClassVar[str] = "SIG-007"
    field_name: str


@dataclass(kw_only=True, eq=False)
class CertificationMissing(Refused):
    """The officer signs last; nobody certified the document yet."""

    code: ClassVar[str] = "SIG-008"
    field_name: str


@dataclass(kw_only=True, eq=False)
class SignedDocumentInvalid(Tampered):
    """What was just signed, or was to be signed next, does not verify."""

    code: ClassVar[str] = "SIG-009"
    detail: str


@dataclass(kw_only=True, eq=False)
class IdentityDamaged(Tampered):
    """A sealed identity does not open as one, or its key is not the certificate's."""

    code: ClassVar[str] = "SIG-010"
    detail: str


@dataclass(kw_only=True, eq=False)
class DocumentUnreadable(Refused):
    """The bytes to sign are not a PDF that can be signed."""

    code: ClassVar[str] = "SIG-011"
    detail: str


@dataclass(kw_only=True, eq=False)
class SameSigner(Refused):
    """One person would fill both signatures of a document."""

    code: ClassVar[str] = "SIG-012"
    untrusted_name: str


@dataclass(kw_only=True, eq=False)
class TrustUnreadable(EnvironmentFault):
    """The trust folder or file cannot be read, or holds something that is neither certificate nor list."""

    code: ClassVar[str] = "SIG-013"
    source: str
    detail: str


@dataclass(kw_only=True, eq=False)
class SignerUnknown(Refused):
    """The signer's certificate was not issued by a trusted root."""

    code: ClassVar[str] = "SIG-014"
    untrusted_name: str


@dataclass(kw_only=True, eq=False)
class CertificateNotOnCard(Refused):
    """The card is the right one by its number, and the key of the certificate is not on it."""

    code: ClassVar[str] = "SIG-015"
    untrusted_name: str
    serial: str


@dataclass(kw_only=True, eq=False)
class PinNeeded(Refused):
    """The person's signing key lies on a card, and no PIN was given."""

    code: ClassVar[str] = "SIG-016"
    serial: str


@dataclass(kw_only=True, eq=False)
class CardSignatureWrong(Tampered):
    """The card answered with something that is not this key's signature over these bytes."""

    code: ClassVar[str] = "SIG-017"
    serial: str


@dataclass(kw_only=True, eq=False)
class CardKeyUnsuitable(Refused):
    """No certificate can be had for this key. ``reason`` is one of none, several, kind, proof."""

    code: ClassVar[str] = "SIG-018"
    serial: str
    reason: str


@dataclass(kw_only=True, eq=False)
class RequestNotWritten(EnvironmentFault):
    """A request for a certificate could not be written; nothing that was there was replaced."""

    code: ClassVar[str] = "SIG-019"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class BundleNameRefused(Refused):
    """A file name cannot go on an export medium."""

    code: ClassVar[str] = "EXP-150"
    untrusted_name: str
    detail: str


@dataclass(kw_only=True, eq=False)
class BundleIncomplete(Refused):
    """An export without something it must carry."""

    code: ClassVar[str] = "EXP-151"
    detail: str


@dataclass(kw_only=True, eq=False)
class BundleContentUnreadable(EnvironmentFault):
    """A file of the export could not be read while its digest was taken."""

    code: ClassVar[str] = "EXP-152"
    untrusted_name: str
    detail: str
