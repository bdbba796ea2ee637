"""What a verifier trusts, and whether a certificate may be believed at a claimed moment.

Trust anchors and revocation lists come by another channel than the thing to verify. A signer's certificate
must be issued directly by an anchor. Because the time of a signature is only claimed, a revoked
certificate is refused whatever the date of its revocation.
"""

import hashlib
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reports.authority import DEMO_WORD
from workstation.core.examination import Outcome
from workstation.core.signature_errors import NoTrustRoot, TrustUnreadable
from workstation.core.signatures import TrustStore
from workstation.core.verifications import CrlAge, Problem

CLOCK_TOLERANCE = timedelta(minutes=5)
_MAX_TRUST_FILES = 500
_MAX_PEM_BLOCKS = 256
_MAX_TRUST_FILE_BYTES = 8 << 20
_SUFFIXES = {".pem", ".crt", ".cer", ".der", ".crl"}
_UNPARSED = (ValueError, TypeError, UnsupportedAlgorithm, OverflowError)


def fingerprint(certificate_der: bytes) -> str:
    """SHA-384 over the whole certificate, as lower-case hex."""
    return hashlib.sha384(certificate_der).hexdigest()


def key_id(certificate: x509.Certificate) -> str:
    """SHA-384 over the public key (SubjectPublicKeyInfo), as lower-case hex."""
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha384(public).hexdigest()


def common_name(certificate: x509.Certificate) -> str:
    """The subject's name as its issuer wrote it; empty when there is none."""
    return _subject(certificate, x509.NameOID.COMMON_NAME)


def person_of(certificate: x509.Certificate) -> tuple[str, str]:
    """Person id and role as the issuer wrote them; without a number the whole subject is the id."""
    serial = _subject(certificate, x509.NameOID.SERIAL_NUMBER) or certificate.subject.rfc4514_string()
    return serial, _subject(certificate, x509.NameOID.ORGANIZATIONAL_UNIT_NAME)


def is_demo(certificate: x509.Certificate) -> bool:
    """Whether the certificate belongs to a demonstration; decided by the organisation in its subject."""
    return _subject(certificate, x509.NameOID.ORGANIZATION_NAME).split(" ")[0] == DEMO_WORD


def _subject(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    value = found[0].value if found else ""
    return value if isinstance(value, str) else ""


# --- reading a trust folder ------------------------------------------------------------------------


def load_trust(path: Path, *, max_crl_age: timedelta | None = None) -> TrustStore:
    """Read CA certificates and revocation lists (PEM or DER) from one file or one flat folder.

    Raises:
        NoTrustRoot: nothing there is a CA certificate.
        TrustUnreadable: it cannot be read, is too large, or holds something else.
    """
    roots: dict[bytes, None] = {}
    lists: dict[bytes, None] = {}
    for file in _trust_files(path):
        content = _bounded(file)
        for kind, der in _objects(content, str(file)):
            (roots if kind == "certificate" else lists)[der] = None
    if not roots:
        raise NoTrustRoot(source=str(path))
    return TrustStore(roots_der=tuple(roots), crls_der=tuple(lists), max_crl_age=max_crl_age)


def _trust_files(path: Path) -> list[Path]:
    try:
        if not path.is_dir():
            return [path]
        found = sorted(file for file in path.iterdir() if file.suffix.lower() in _SUFFIXES and file.is_file())
    except OSError as fault:
        raise TrustUnreadable(source=str(path), detail=fault.strerror or "") from fault
    if len(found) > _MAX_TRUST_FILES:
        raise TrustUnreadable(source=str(path), detail=f"more than {_MAX_TRUST_FILES} files")
    return found


def _bounded(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(_MAX_TRUST_FILE_BYTES + 1)
    except OSError as fault:
        raise TrustUnreadable(source=str(file), detail=fault.strerror or "") from fault
    if len(content) > _MAX_TRUST_FILE_BYTES:
        raise TrustUnreadable(source=str(file), detail=f"larger than {_MAX_TRUST_FILE_BYTES} bytes")
    return content


def _objects(content: bytes, source: str) -> Iterator[tuple[str, bytes]]:
    try:
        certificates, lists = parse_any(content)
    except ValueError as fault:
        raise TrustUnreadable(source=source, detail="neither certificate nor revocation list") from fault
    for certificate in certificates:
        if not _may_issue(certificate):
            raise TrustUnreadable(source=source, detail="a certificate that may not issue others")
        yield "certificate", certificate.public_bytes(Encoding.DER)
    for listed in lists:
        yield "crl", listed.public_bytes(Encoding.DER)


def parse_any(content: bytes) -> tuple[list[x509.Certificate], list[x509.CertificateRevocationList]]:
    """What a PEM file holds, or the one object of a DER file; ``ValueError`` for anything else."""
    try:
        return parse_pem(content) if b"-----BEGIN" in content else _parse_der(content)
    except _UNPARSED as fault:
        raise ValueError(str(fault)) from fault


def _parse_der(content: bytes) -> tuple[list[x509.Certificate], list[x509.CertificateRevocationList]]:
    try:
        found = [x509.load_der_x509_certificate(content)], list[x509.CertificateRevocationList]()
    except ValueError:
        found = list[x509.Certificate](), [x509.load_der_x509_crl(content)]
    _require_readable(*found)
    return found


_PEM_CERTIFICATE = (b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----")
_PEM_CRL = (b"-----BEGIN X509 CRL-----", b"-----END X509 CRL-----")


def parse_pem(content: bytes) -> tuple[list[x509.Certificate], list[x509.CertificateRevocationList]]:
    """Every certificate and revocation list of a PEM file; ``ValueError`` for anything unreadable in it."""
    if content.count(b"-----BEGIN") > _MAX_PEM_BLOCKS:
        raise ValueError("too many certificates and lists")
    certificates = [_certificate(block) for block in _blocks(content, *_PEM_CERTIFICATE)]
    lists = [x509.load_pem_x509_crl(block) for block in _blocks(content, *_PEM_CRL)]
    if not certificates and not lists:
        raise ValueError("nothing")
    _require_readable(certificates, lists)
    return certificates, lists


def _certificate(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except x509.InvalidVersion as fault:
        raise ValueError(str(fault)) from fault


def _require_readable(
    certificates: list[x509.Certificate], lists: list[x509.CertificateRevocationList]
) -> None:
    """``ValueError`` for what the library would find only when a name, a date or an extension is read."""
    try:
        # A name of an odd length is the library's warning; whether to believe it is decided elsewhere.
        with warnings.catch_warnings(action="ignore"):
            for certificate in certificates:
                _ = certificate.subject, certificate.issuer, certificate.extensions
                _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            for listed in lists:
                _ = listed.issuer, listed.extensions, listed.last_update_utc, listed.next_update_utc
                _ = [(entry.revocation_date_utc, entry.extensions) for entry in listed]
    except (TypeError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as fault:
        raise ValueError(str(fault)) from fault


def _blocks(content: bytes, begin: bytes, end: bytes) -> Iterator[bytes]:
    at = content.find(begin)
    while at >= 0:
        stop = content.find(end, at)
        if stop < 0:
            raise ValueError("cut short")
        yield content[at : stop + len(end)] + b"\n"
        at = content.find(begin, stop)


# --- judging a certificate -------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Whether a signer's certificate may be believed, and on whose word."""

    problems: tuple[Problem, ...]
    issuer_sha384: str = ""
    demo: bool = False

    @property
    def trusted(self) -> bool:
        """No reason to refuse was found."""
        return all(problem.severity is not Outcome.REJECT for problem in self.problems)


class Anchors:
    """A trust store, parsed once."""

    def __init__(self, trust: TrustStore) -> None:
        self.trust = trust
        self.certificates = [x509.load_der_x509_certificate(der) for der in trust.roots_der]
        self.lists = list(_crls(trust.crls_der))
        self._usable: dict[bytes, list[x509.CertificateRevocationList]] = {}

    def with_crls(self, crls_der: Iterable[bytes]) -> "Anchors":
        """The same anchors, with lists that came along with the thing to verify."""
        return Anchors(self.trust.with_crls(tuple(crls_der)))

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """SHA-384 of each anchor."""
        return tuple(fingerprint(der) for der in self.trust.roots_der)

    def issuer_of(self, certificate: x509.Certificate) -> x509.Certificate | None:
        """The anchor that issued ``certificate``, its signature checked.

        A key of ML-DSA-87 is believed on the word of an anchor of ML-DSA-87 only: else whoever breaks the
        P-384 root would vouch for a quantum-safe key of their own, and both kinds would rest on the one.
        """
        for anchor in self.certificates:
            named = anchor.subject == certificate.issuer and _may_issue(anchor)
            if named and _as_strong(anchor, certificate) and _issued(certificate, anchor):
                return anchor
        return None

    def lists_of(self, anchor: x509.Certificate) -> list[x509.CertificateRevocationList]:
        """Revocation lists the anchor signed, newest first; lists of unknown scope are left out."""
        known = anchor.public_bytes(Encoding.DER)
        if known not in self._usable:
            fitting = [one for one in self.lists if one.issuer == anchor.subject and _usable(one, anchor)]
            self._usable[known] = sorted(fitting, key=lambda one: one.last_update_utc, reverse=True)
        return self._usable[known]

    def ages(self, *, at: datetime, given: TrustStore) -> tuple[CrlAge, ...]:
        """Every usable list with its age; ``given`` tells which came by the other channel."""
        rows = []
        for anchor in self.certificates:
            for listed in self.lists_of(anchor):
                own = listed.public_bytes(Encoding.DER) in given.crls_der
                row = CrlAge(
                    issuer_sha384=fingerprint(anchor.public_bytes(Encoding.DER)),
                    issued_at=listed.last_update_utc,
                    next_update=listed.next_update_utc,
                    age=at - listed.last_update_utc,
                    source="trust" if own else "export",
                )
                rows.append(row)
        return tuple(rows)


def judge(
    certificate: x509.Certificate, anchors: Anchors, *, claimed_at: datetime, at: datetime, path: str
) -> Judgement:
    """Believe ``certificate`` for a signature claimed at ``claimed_at``, looked at ``at``, or say why not."""
    anchor = anchors.issuer_of(certificate)
    if anchor is None:
        return Judgement(problems=(_reject("EXP-109", path, f"certificate {_short(certificate)}"),))
    problems = [
        *_validity(certificate, anchor, claimed_at=claimed_at, at=at, path=path),
        *_revocation(certificate, anchor, anchors, claimed_at=claimed_at, at=at, path=path),
    ]
    issuer = fingerprint(anchor.public_bytes(Encoding.DER))
    return Judgement(problems=tuple(problems), issuer_sha384=issuer, demo=is_demo(anchor))


def _validity(
    certificate: x509.Certificate, anchor: x509.Certificate, *, claimed_at: datetime, at: datetime, path: str
) -> Iterator[Problem]:
    for one in (certificate, anchor):
        first, last = one.not_valid_before_utc - CLOCK_TOLERANCE, one.not_valid_after_utc
        if not first <= claimed_at <= last or at < first:
            yield _reject("EXP-111", path, f"{_short(one)} valid {_day(one)}, signed {claimed_at:%F %T}")
        elif at > last:
            yield _warn("EXP-112", path, f"{_short(one)} valid {_day(one)}")
    if claimed_at > at + CLOCK_TOLERANCE:
        yield _warn("EXP-125", path, f"{claimed_at:%F %T}")


def _revocation(
    certificate: x509.Certificate,
    anchor: x509.Certificate,
    anchors: Anchors,
    *,
    claimed_at: datetime,
    at: datetime,
    path: str,
) -> Iterator[Problem]:
    lists = anchors.lists_of(anchor)
    for listed in lists:
        entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None:
            yield _reject("EXP-110", path, f"{_short(certificate)} {entry.revocation_date_utc:%F}")
            return
    current = [one for one in lists if one.last_update_utc <= at + CLOCK_TOLERANCE]
    ends = current[0].next_update_utc if current else None
    if not current or ends is None or ends < claimed_at:
        yield _reject("EXP-113", path, _short(anchor))
        return
    age, limit = at - current[0].last_update_utc, anchors.trust.max_crl_age
    if limit is not None and age > limit:
        yield _reject("EXP-115", path, f"{age.days} days, policy {limit.days}")
    elif ends < at:
        yield _warn("EXP-114", path, f"{current[0].last_update_utc:%F} to {ends:%F}")


def _reject(code: str, path: str, detail: str) -> Problem:
    return Problem(code=code, severity=Outcome.REJECT, path=path, detail=detail)


def _warn(code: str, path: str, detail: str) -> Problem:
    return Problem(code=code, severity=Outcome.WARN, path=path, detail=detail)


def _short(certificate: x509.Certificate) -> str:
    return fingerprint(certificate.public_bytes(Encoding.DER))[:16]


def _day(certificate: x509.Certificate) -> str:
    return f"{certificate.not_valid_before_utc:%F} to {certificate.not_valid_after_utc:%F}"


def _crls(crls_der: Iterable[bytes]) -> Iterator[x509.CertificateRevocationList]:
    for der in crls_der:
        try:
            yield x509.load_der_x509_crl(der)
        except _UNPARSED:
            continue  # an unreadable list proves nothing; its absence is what gets reported


def _may_issue(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return constraints.ca and usage.key_cert_sign


def _as_strong(anchor: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the anchor's key is quantum-safe where the certificate's claims to be."""
    pq = mldsa.MLDSA87PublicKey
    return isinstance(anchor.public_key(), pq) or not isinstance(certificate.public_key(), pq)


def _issued(certificate: x509.Certificate, anchor: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(anchor)
    except (InvalidSignature, *_UNPARSED):
        return False
    return True


def _usable(listed: x509.CertificateRevocationList, anchor: x509.Certificate) -> bool:
    try:
        partial = any(extension.critical for extension in listed.extensions)
        return not partial and listed.is_signature_valid(anchor.public_key())  # type: ignore[arg-type]  # any key the library loads; others raise
    except (*_UNPARSED, x509.DuplicateExtension):
        return False
