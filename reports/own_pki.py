"""An office's own public-key infrastructure: requests to it, and what it issues, checked before use.

What is believed here is what the verifiers of an export believe, and no more: P-384 or RSA of 3072 to 4096
bits with SHA-384, and ML-DSA-87; a signer's certificate directly from a listed authority, for signing, in
time, and not on a current revocation list.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from asn1crypto import algos, csr, keys, pem  # type: ignore[import-untyped]  # ships no annotations
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from reports import authority as offices
from reports.signing import require_usable
from reports.trust import Anchors, fingerprint, is_demo, parse_any
from reports.verifying_statement import algorithm_of, may_sign
from workstation.core.pki import (
    AuthorityUnsuitable,
    CertificateFacts,
    CertificateForAnotherKey,
    CertificateUnsuitable,
    FoundAuthority,
    FoundList,
    ListUnsuitable,
)
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, Signer, TrustStore

_RSA_BITS, _RSA_EXPONENT = range(3072, 4097), 65537
_MLDSA87 = "2.16.840.1.101.3.4.3.19"
_LONGEST = 64
_PURPOSES = {
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),  # documents (RFC 9336)
    ExtendedKeyUsageOID.EMAIL_PROTECTION,  # what signing certificates of most cards say
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}


class OfficePki:
    """Satisfies ``core.pki.OwnPki``; ``demo`` is decided once, in ``bootstrap``."""

    def __init__(self, *, demo: bool) -> None:
        """A demonstration believes authorities named DEMO only, and real work none of those."""
        self._demo = demo

    def requests(self, signer: Signer, *, office: str) -> Mapping[str, bytes]:
        """Two certification requests (PEM), each proved by its key; raises as the port says."""
        made = {}
        for name, certificate_der in (
            ("classical", signer.ec_certificate_der),
            ("ml-dsa-87", signer.pq_certificate_der),
        ):
            certificate = x509.load_der_x509_certificate(certificate_der)
            info = _request_info(certificate, _subject(signer, office))
            post_quantum = isinstance(certificate.public_key(), mldsa.MLDSA87PublicKey)
            signature = (signer.sign_pq if post_quantum else signer.sign_classical)(info.dump())
            request = csr.CertificationRequest(
                {
                    "certification_request_info": info,
                    "signature_algorithm": algos.SignedDigestAlgorithm(_algorithm(certificate)),
                    "signature": signature,
                }
            )
            made[name] = pem.armor("CERTIFICATE REQUEST", request.dump())
        return made

    def read_authorities(self, content: bytes, *, at: datetime) -> tuple[FoundAuthority, ...]:
        """The authorities of a file; raises AuthorityUnsuitable for whatever else is in it."""
        try:
            certificates, _lists = parse_any(content)
        except ValueError:
            certificates = []
        if not certificates:
            raise AuthorityUnsuitable(untrusted_name="", reason="the file holds no certificate")
        return tuple(self._authority(one, at=at) for one in certificates)

    def _authority(self, certificate: x509.Certificate, *, at: datetime) -> FoundAuthority:
        name = certificate.subject.rfc4514_string()[:200]
        for reason, wrong in (
            ("it may not issue certificates and revocation lists", not _issues(certificate)),
            ("its key is none of P-384, RSA-3072 to 4096, ML-DSA-87", not _strong(certificate)),
            ("demonstrations and real work share no authority", is_demo(certificate) is not self._demo),
            (
                "it is not valid today",
                not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc,
            ),
        ):
            if wrong:
                raise AuthorityUnsuitable(untrusted_name=name, reason=reason)
        der = certificate.public_bytes(Encoding.DER)
        return FoundAuthority(der=der, sha384=fingerprint(der), untrusted_name=name)

    def read_lists(self, content: bytes, trust: TrustStore, *, at: datetime) -> tuple[FoundList, ...]:
        """The revocation lists of a file; raises ListUnsuitable."""
        try:
            _certificates, lists = parse_any(content)
        except ValueError:
            lists = []
        if not lists:
            raise ListUnsuitable(reason="the file holds no revocation list")
        anchors = Anchors(trust)
        return tuple(_found_list(one, anchors, at=at) for one in lists)

    def adopt(
        self,
        identity: IssuedIdentity,
        content: bytes,
        *,
        trust: TrustStore,
        authority: AuthorityMaterial,
        at: datetime,
    ) -> IssuedIdentity:
        """The same keys under other certificates; raises as the port says."""
        try:
            certificates, _lists = parse_any(content)
        except ValueError:
            raise CertificateUnsuitable(untrusted_name="", reason="the file cannot be read") from None
        anchors = Anchors(trust)
        classical = _for_key_of(identity.ec_certificate_der, certificates)
        if classical is None:
            raise CertificateForAnotherKey(display_name=identity.display_name)
        if not list(classical.subject):
            raise CertificateUnsuitable(untrusted_name="", reason="it names nobody")
        post_quantum = _for_key_of(identity.pq_certificate_der, certificates)
        self._require_fit(classical, anchors, at=at)
        if post_quantum is None:
            post_quantum = offices.issue_beside(authority, classical, identity.pq_certificate_der, at=at)
        elif post_quantum.subject.public_bytes() != classical.subject.public_bytes():
            raise CertificateUnsuitable(
                untrusted_name=_name(post_quantum), reason="its subject is another one"
            )
        self._require_fit(post_quantum, anchors, at=at)
        issuers = [anchors.issuer_of(one) for one in (classical, post_quantum)]
        chain = (one.public_bytes(Encoding.DER) for one in (*issuers, *_chain(certificates)) if one)
        return replace(
            identity,
            ec_certificate_der=classical.public_bytes(Encoding.DER),
            pq_certificate_der=post_quantum.public_bytes(Encoding.DER),
            chain_der=tuple(dict.fromkeys((*chain, *authority.roots_der))),
        )

    def _require_fit(self, certificate: x509.Certificate, anchors: Anchors, *, at: datetime) -> None:
        for reason, wrong in (
            ("its key usage is not non-repudiation", not may_sign(certificate)),
            ("its purposes leave out documents and mail", not _for_documents(certificate)),
            (
                "its algorithms are weaker than P-384 with SHA-384",
                not _strong(certificate) or not _by_sha384(certificate),
            ),
        ):
            if wrong:
                raise CertificateUnsuitable(untrusted_name=_name(certificate), reason=reason)
        require_usable(certificate, anchors, at=at)
        issuer = anchors.issuer_of(certificate)
        if issuer is not None and is_demo(issuer) is not self._demo:
            raise CertificateUnsuitable(
                untrusted_name=_name(certificate), reason="demonstrations and real work share no authority"
            )

    def facts(self, certificate_der: bytes) -> CertificateFacts:
        """What a certificate says of itself."""
        one = x509.load_der_x509_certificate(certificate_der)
        return CertificateFacts(
            untrusted_subject=one.subject.rfc4514_string()[:200],
            untrusted_issuer=one.issuer.rfc4514_string()[:200],
            algorithm=algorithm_of(one),
            sha384=fingerprint(certificate_der),
            not_before=one.not_valid_before_utc,
            not_after=one.not_valid_after_utc,
        )


# --- requests ----------------------------------------------------------------------------------------


def _request_info(certificate: x509.Certificate, subject: asn1_x509.Name) -> csr.CertificationRequestInfo:
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": subject,
            "subject_pk_info": keys.PublicKeyInfo.load(public),
            "attributes": csr.CRIAttributes([]),
        }
    )


def _subject(signer: Signer, office: str) -> asn1_x509.Name:
    """A proposal: the issuing authority names people as it does."""
    parts = {
        "organization_name": office,
        "organizational_unit_name": signer.role,
        "common_name": signer.display_name,
        "serial_number": signer.person_id,
    }
    return asn1_x509.Name.build({name: value[:_LONGEST] for name, value in parts.items() if value})


def _algorithm(certificate: x509.Certificate) -> dict[str, str]:
    key = certificate.public_key()
    if isinstance(key, mldsa.MLDSA87PublicKey):
        return {"algorithm": _MLDSA87}
    return {"algorithm": "sha384_rsa" if isinstance(key, rsa.RSAPublicKey) else "sha384_ecdsa"}


# --- what is believed --------------------------------------------------------------------------------


def _name(certificate: x509.Certificate) -> str:
    return certificate.subject.rfc4514_string()[:200]


def _issues(certificate: x509.Certificate) -> bool:
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return constraints.ca and usage.key_cert_sign and usage.crl_sign


def _strong(certificate: x509.Certificate) -> bool:
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size in _RSA_BITS and key.public_numbers().e == _RSA_EXPONENT
    if isinstance(key, ec.EllipticCurvePublicKey):
        return isinstance(key.curve, ec.SECP384R1)
    return isinstance(key, mldsa.MLDSA87PublicKey)


def _by_sha384(signed: x509.Certificate | x509.CertificateRevocationList) -> bool:
    """Signed over SHA-384 with PKCS #1 v1.5 or ECDSA, or by ML-DSA-87: what both verifiers read."""
    oid = signed.signature_algorithm_oid
    if oid.dotted_string == _MLDSA87:
        return True
    known = {x509.SignatureAlgorithmOID.ECDSA_WITH_SHA384, x509.SignatureAlgorithmOID.RSA_WITH_SHA384}
    return oid in known and isinstance(signed.signature_hash_algorithm, hashes.SHA384)


def _for_documents(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(_PURPOSES & set(found))


def _for_key_of(certificate_der: bytes, offered: list[x509.Certificate]) -> x509.Certificate | None:
    """The one certificate for this key; of several the one that lasts longest."""
    own = x509.load_der_x509_certificate(certificate_der).public_key()
    fitting = [one for one in offered if _same(one, own)]
    return max(fitting, key=lambda one: one.not_valid_after_utc, default=None)


def _same(certificate: x509.Certificate, own: object) -> bool:
    try:
        return certificate.public_key() == own
    except ValueError:  # a key of a kind nobody here knows
        return False


def _chain(certificates: list[x509.Certificate]) -> Iterator[x509.Certificate]:
    return (one for one in certificates if _issues(one))


def _found_list(listed: x509.CertificateRevocationList, anchors: Anchors, *, at: datetime) -> FoundList:
    der = listed.public_bytes(Encoding.DER)
    own = Anchors(replace(anchors.trust, crls_der=(der,)))
    issuer = next((one for one in own.certificates if own.lists_of(one)), None)
    if issuer is None:
        named = any(one.subject == listed.issuer for one in own.certificates)
        critical = any(extension.critical for extension in listed.extensions)
        raise ListUnsuitable(
            reason="it is a partial list" if named and critical else "no authority on the list signed it"
        )
    if not _by_sha384(listed):
        raise ListUnsuitable(reason="it is not signed over SHA-384")
    if listed.next_update_utc is None:
        raise ListUnsuitable(reason="it does not say when the next one comes")
    if listed.next_update_utc < at:
        raise ListUnsuitable(reason="the next one was due before today")
    return FoundList(
        der=der,
        issuer_sha384=fingerprint(issuer.public_bytes(Encoding.DER)),
        issued_at=listed.last_update_utc,
        next_update=listed.next_update_utc,
    )
