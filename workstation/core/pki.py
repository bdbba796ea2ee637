"""The public-key infrastructure an office has already: authorities it believes, and what they issue.

A custodian puts an issuing authority on the list, the security officer has its fingerprint read out by
another channel, and only then do its certificates count. A request carries a person's public keys there; what
comes back is checked before anybody signs with it. ``reports.own_pki`` reads and checks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final, Protocol

from workstation.core.errors import Refused
from workstation.core.people import Person
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, Signer, TrustStore
from workstation.core.values import PersonId

MAX_AUTHORITIES: Final = 100


@dataclass(frozen=True, kw_only=True)
class FoundAuthority:
    """A certificate that may issue others, as a file holds it."""

    der: bytes
    sha384: str
    untrusted_name: str


@dataclass(frozen=True, kw_only=True)
class ListedAuthority:
    """An issuing authority on the office's list; it counts once somebody else confirmed it."""

    der: bytes
    sha384: str  # fingerprint over the whole certificate, lower-case hex
    untrusted_name: str
    added_by: PersonId
    added_at: datetime
    confirmed_by: PersonId | None = None
    confirmed_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def counts(self) -> bool:
        """Whether its certificates are believed."""
        return self.confirmed_by is not None and self.withdrawn_at is None


@dataclass(frozen=True, kw_only=True)
class FoundList:
    """A revocation list whose issuer's signature was checked."""

    der: bytes
    issuer_sha384: str
    issued_at: datetime
    next_update: datetime


@dataclass(frozen=True, kw_only=True)
class CertificateFacts:
    """What a certificate says of itself."""

    untrusted_subject: str
    untrusted_issuer: str
    algorithm: str
    sha384: str
    not_before: datetime
    not_after: datetime


@dataclass(kw_only=True, eq=False)
class AuthorityUnsuitable(Refused):
    """The certificate cannot be an authority here. ``reason`` says why."""

    code: ClassVar[str] = "SIG-020"
    untrusted_name: str
    reason: str


@dataclass(kw_only=True, eq=False)
class AuthorityKnown(Refused):
    """The authority is on the list already."""

    code: ClassVar[str] = "SIG-021"
    untrusted_name: str


@dataclass(kw_only=True, eq=False)
class AuthorityNotListed(Refused):
    """No authority in use has this fingerprint."""

    code: ClassVar[str] = "SIG-022"
    value: str


@dataclass(kw_only=True, eq=False)
class AuthorityFingerprintDiffers(Refused):
    """The fingerprint that was read out is not that of the authority on the list."""

    code: ClassVar[str] = "SIG-023"
    untrusted_name: str


@dataclass(kw_only=True, eq=False)
class AuthorityByOneself(Refused):
    """Whoever put the authority on the list does not confirm it."""

    code: ClassVar[str] = "SIG-024"
    untrusted_name: str


@dataclass(kw_only=True, eq=False)
class ListUnsuitable(Refused):
    """The list cannot be used. ``reason`` says why."""

    code: ClassVar[str] = "SIG-025"
    reason: str


@dataclass(kw_only=True, eq=False)
class CertificateForAnotherKey(Refused):
    """Among the certificates is none for the signing key of this person."""

    code: ClassVar[str] = "SIG-026"
    display_name: str


@dataclass(kw_only=True, eq=False)
class CertificateUnsuitable(Refused):
    """Nobody can sign with it. ``reason`` says why."""

    code: ClassVar[str] = "SIG-027"
    untrusted_name: str
    reason: str


class OwnPki(Protocol):
    """Reads and checks what an office's own infrastructure gives; makes requests to it."""

    def requests(self, signer: Signer, *, office: str) -> Mapping[str, bytes]:
        """Certification requests (PKCS #10, PEM), each signed by its key: ``classical`` and ``ml-dsa-87``.

        Raises:
            CertificateNotOnCard, CardSignatureWrong, CRD errors of the card.
        """

    def read_authorities(self, content: bytes, *, at: datetime) -> tuple[FoundAuthority, ...]:
        """Every certificate of a PEM or DER file, each able to issue; raises AuthorityUnsuitable."""

    def read_lists(self, content: bytes, trust: TrustStore, *, at: datetime) -> tuple[FoundList, ...]:
        """Every revocation list of a file, signed by an authority of ``trust``; raises ListUnsuitable."""

    def adopt(
        self,
        identity: IssuedIdentity,
        content: bytes,
        *,
        trust: TrustStore,
        authority: AuthorityMaterial,
        at: datetime,
    ) -> IssuedIdentity:
        """The same keys under the certificates of ``content`` (PEM or DER).

        Where no certificate for the ML-DSA-87 key is among them, ``authority`` issues one in the same name.

        Raises:
            CertificateForAnotherKey, CertificateUnsuitable, SignerUnknown, SignerRevoked, CertificateExpired,
            CertificateNotYetValid, RevocationListUnusable.
        """

    def facts(self, certificate_der: bytes) -> CertificateFacts:
        """What a certificate says of itself."""


def list_authority(
    listed: Sequence[ListedAuthority], found: FoundAuthority, *, by: PersonId, at: datetime
) -> ListedAuthority:
    """Put an authority on the list; raises AuthorityKnown."""
    if any(one.sha384 == found.sha384 and one.withdrawn_at is None for one in listed):
        raise AuthorityKnown(untrusted_name=found.untrusted_name)
    return ListedAuthority(
        der=found.der,
        sha384=found.sha384,
        untrusted_name=found.untrusted_name,
        added_by=by,
        added_at=at,
    )


def authority_named(listed: Sequence[ListedAuthority], sha384: str) -> ListedAuthority:
    """The authority in use whose fingerprint begins so (at least 8 digits); raises AuthorityNotListed."""
    wanted = _digits(sha384)
    found = [one for one in listed if one.withdrawn_at is None and one.sha384.startswith(wanted)]
    if len(wanted) < 8 or len(found) != 1:  # noqa: PLR2004 - the digits a list shows
        raise AuthorityNotListed(value=sha384[:96])
    return found[0]


def confirm_authority(
    authority: ListedAuthority, *, fingerprint: str, by: Person, at: datetime
) -> ListedAuthority:
    """Somebody other than who listed it had the whole fingerprint read out.

    Raises:
        AuthorityByOneself, AuthorityFingerprintDiffers.
    """
    if authority.added_by == by.person_id:
        raise AuthorityByOneself(untrusted_name=authority.untrusted_name)
    if _digits(fingerprint) != authority.sha384:
        raise AuthorityFingerprintDiffers(untrusted_name=authority.untrusted_name)
    return replace(authority, confirmed_by=by.person_id, confirmed_at=at)


def _digits(fingerprint: str) -> str:
    return "".join(fingerprint.lower().replace(":", " ").split())
