"""The office's own offline signing authority: two roots, people's certificates, revocation lists.

One chain on P-384 with SHA-384 for tools of today, one on ML-DSA-87 (CNSA 2.0) beside it. Roots issue
people directly; there is no intermediate. What a demo authority issues says DEMO in every subject and
carries a policy of its own, so that it can never be taken for a real one.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from workstation.core.signature_errors import CardKeyUnsuitable, IdentityDamaged
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TimestamperMaterial

# Arcs below 2.25 are free for anyone who rolled a UUID; these were rolled for this project.
POLICY_DEMO = "2.25.102947213361203497532873162208934716418"
POLICY_PERSON = "2.25.311837284407912604518366740921534880653"
POLICY_CLAIMED_TIME = "2.25.187340029164538207718823995067241135907"
DEMO_WORD = "DEMO"
CLAIMED_TIME_WORD = "CLAIMED TIME"

ROOT_VALIDITY = timedelta(days=20 * 365)
LEAF_VALIDITY = timedelta(days=3 * 365)

PrivateKey = ec.EllipticCurvePrivateKey | mldsa.MLDSA87PrivateKey
PublicKey = ec.EllipticCurvePublicKey | mldsa.MLDSA87PublicKey | rsa.RSAPublicKey
_RSA_BITS, _RSA_EXPONENT = range(3072, 4097), 65537


def create_authority(office: str, *, at: datetime, demo: bool) -> AuthorityMaterial:
    """New P-384 and ML-DSA-87 roots for ``office``, valid 20 years from ``at``."""
    ec_key, pq_key = ec.generate_private_key(ec.SECP384R1()), mldsa.MLDSA87PrivateKey.generate()
    return AuthorityMaterial(
        office=office,
        demo=demo,
        ec_certificate_der=_root(office, "P-384", ec_key, at=at, demo=demo),
        pq_certificate_der=_root(office, "ML-DSA-87", pq_key, at=at, demo=demo),
        ec_key_der=_private_der(ec_key),
        pq_key_der=_private_der(pq_key),
    )


def issue(
    authority: AuthorityMaterial, person_id: str, display_name: str, role: str, *, at: datetime
) -> IssuedIdentity:
    """Fresh keys and certificates for one person, valid three years from ``at``."""
    ec_root, pq_root = _issuers(authority)
    ec_key, pq_key = ec.generate_private_key(ec.SECP384R1()), mldsa.MLDSA87PrivateKey.generate()
    subject = _person_name(authority, person_id, display_name, role)
    return IssuedIdentity(
        person_id=person_id,
        display_name=display_name,
        role=role,
        ec_certificate_der=_leaf(
            subject, ec_key.public_key(), ec_root, _signing_profile(demo=authority.demo), at=at
        ),
        pq_certificate_der=_leaf(
            subject, pq_key.public_key(), pq_root, _signing_profile(demo=authority.demo), at=at
        ),
        ec_key_der=_private_der(ec_key),
        pq_key_der=_private_der(pq_key),
        chain_der=authority.roots_der,
    )


def issue_for_card(
    authority: AuthorityMaterial,
    request_der: bytes,
    *,
    person_id: str,
    display_name: str,
    role: str,
    card_serial: str,
    at: datetime,
) -> IssuedIdentity:
    """A certificate for a card's key, and a fresh ML-DSA-87 key beside it, valid three years from ``at``.

    ``request_der`` is a PKCS #10 request signed by that key; of its names nothing is taken over.

    Raises:
        CardKeyUnsuitable: not P-384 or RSA of 3072 to 4096 bits, or the request is not signed by its key.
    """
    ec_root, pq_root = _issuers(authority)
    card_key, pq_key = _requested_key(request_der, card_serial), mldsa.MLDSA87PrivateKey.generate()
    subject = _person_name(authority, person_id, display_name, role)
    profile = _signing_profile(demo=authority.demo)
    return IssuedIdentity(
        person_id=person_id,
        display_name=display_name,
        role=role,
        ec_certificate_der=_leaf(subject, card_key, ec_root, profile, at=at),
        pq_certificate_der=_leaf(subject, pq_key.public_key(), pq_root, profile, at=at),
        ec_key_der=bytearray(),
        pq_key_der=_private_der(pq_key),
        chain_der=authority.roots_der,
        card_serial=card_serial,
    )


def issue_beside(
    authority: AuthorityMaterial, classical: x509.Certificate, pq_certificate_der: bytes, *, at: datetime
) -> x509.Certificate:
    """A certificate for a person's ML-DSA-87 key in the very name of a classical one, and no longer valid.

    For an infrastructure that issues no ML-DSA certificates yet: both signatures are then one person's.
    """
    _ec_root, pq_root = _issuers(authority)
    public = x509.load_der_x509_certificate(pq_certificate_der).public_key()
    if not isinstance(public, mldsa.MLDSA87PublicKey):
        raise IdentityDamaged(detail="a signing key is of another kind")
    profile, ends = _signing_profile(demo=authority.demo), classical.not_valid_after_utc
    der = _leaf(classical.subject, public, pq_root, profile, at=at, ends=ends)
    return x509.load_der_x509_certificate(der)


def _requested_key(request_der: bytes, card_serial: str) -> ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    try:
        request = x509.load_der_x509_csr(request_der)
        key, proven = request.public_key(), request.is_signature_valid
    except (ValueError, UnsupportedAlgorithm):
        raise CardKeyUnsuitable(serial=card_serial, reason="proof") from None
    if not proven:
        raise CardKeyUnsuitable(serial=card_serial, reason="proof")
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return key
    usual = isinstance(key, rsa.RSAPublicKey) and key.public_numbers().e == _RSA_EXPONENT
    if usual and isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        return key
    raise CardKeyUnsuitable(serial=card_serial, reason="kind")


def issue_timestamper(authority: AuthorityMaterial, *, at: datetime) -> TimestamperMaterial:
    """A local timestamper on P-384. Its name says that the time is claimed, not proved."""
    ec_root, _pq_root = _issuers(authority)
    key = ec.generate_private_key(ec.SECP384R1())
    subject = _name(authority, unit=CLAIMED_TIME_WORD, common=f"{CLAIMED_TIME_WORD} of this workstation")
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    profile = [
        (_usage(digital_signature=True), True),
        (usage, True),  # RFC 3161: critical, and the only purpose
        (_policies(POLICY_CLAIMED_TIME, demo=authority.demo), False),
    ]
    return TimestamperMaterial(
        certificate_der=_leaf(subject, key.public_key(), ec_root, profile, at=at),
        key_der=_private_der(key),
        chain_der=(authority.ec_certificate_der,),
    )


def crls(
    authority: AuthorityMaterial,
    revoked: Mapping[int, datetime],
    *,
    at: datetime,
    next_update: datetime,
    number: int | None = None,
) -> tuple[bytes, bytes]:
    """Revocation lists (DER) of the P-384 and the ML-DSA-87 root.

    ``revoked`` maps certificate serial numbers to the moment of revocation; both roots list all of them.
    ``number`` must grow from list to list; without it the seconds of ``at`` serve.
    """
    lists = []
    for certificate, key in _issuers(authority):
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(certificate.subject)
            .last_update(_second(at))
            .next_update(_second(next_update))
            .add_extension(x509.CRLNumber(int(at.timestamp()) if number is None else number), critical=False)
            .add_extension(_authority_key_id(certificate), critical=False)
        )
        for serial, moment in sorted(revoked.items()):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(_second(moment))
            builder = builder.add_revoked_certificate(entry.build())
        signed = builder.sign(key, _hash_for(key), ecdsa_deterministic=_deterministic(key))
        lists.append(signed.public_bytes(serialization.Encoding.DER))
    return lists[0], lists[1]


def serial(certificate_der: bytes) -> int:
    """The serial number by which a certificate is revoked."""
    return x509.load_der_x509_certificate(certificate_der).serial_number


def end_of_lists(lists_der: Sequence[bytes]) -> datetime:
    """The earliest next update of revocation lists made by ``crls``; every one of those has it."""
    ends = (x509.load_der_x509_crl(der).next_update_utc for der in lists_der)
    return min(end for end in ends if end is not None)


def serials(identity: IssuedIdentity) -> tuple[int, int]:
    """The serial numbers to revoke when ``identity`` must no longer sign."""
    return serial(identity.ec_certificate_der), serial(identity.pq_certificate_der)


# --- certificates ----------------------------------------------------------------------------------

Issuer = tuple[x509.Certificate, PrivateKey]
Profile = list[tuple[x509.ExtensionType, bool]]


def _issuers(authority: AuthorityMaterial) -> tuple[Issuer, Issuer]:
    try:
        ec_key = serialization.load_der_private_key(authority.ec_key_der, None)
        pq_key = serialization.load_der_private_key(authority.pq_key_der, None)
    except ValueError as fault:
        raise IdentityDamaged(detail="a root's private key cannot be read") from fault
    ec_root = x509.load_der_x509_certificate(authority.ec_certificate_der)
    pq_root = x509.load_der_x509_certificate(authority.pq_certificate_der)
    if not isinstance(ec_key, ec.EllipticCurvePrivateKey) or not isinstance(pq_key, mldsa.MLDSA87PrivateKey):
        raise IdentityDamaged(detail="a root's private key is of another kind")
    if ec_key.public_key() != ec_root.public_key() or pq_key.public_key() != pq_root.public_key():
        raise IdentityDamaged(detail="a root's private key belongs to another certificate")
    return (ec_root, ec_key), (pq_root, pq_key)


def _root(office: str, algorithm: str, key: PrivateKey, *, at: datetime, demo: bool) -> bytes:
    name = _compose(office, demo=demo, unit="Signing Authority", common=f"{office} Root {algorithm}")
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_second(at))
        .not_valid_after(_second(at) + ROOT_VALIDITY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(key_id, critical=False)
    )
    certificate = builder.sign(key, _hash_for(key), ecdsa_deterministic=_deterministic(key))
    return certificate.public_bytes(serialization.Encoding.DER)


def _leaf(
    subject: x509.Name,
    key: PublicKey,
    issuer: Issuer,
    profile: Profile,
    *,
    at: datetime,
    ends: datetime | None = None,
) -> bytes:
    root, root_key = issuer
    last = min(_second(at) + LEAF_VALIDITY, root.not_valid_after_utc, ends or root.not_valid_after_utc)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(root.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_second(at))
        .not_valid_after(last)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(_authority_key_id(root), critical=False)
        .add_extension(_where_lists_are(root), critical=False)
    )
    for extension, critical in profile:
        builder = builder.add_extension(extension, critical=critical)
    certificate = builder.sign(root_key, _hash_for(root_key), ecdsa_deterministic=_deterministic(root_key))
    return certificate.public_bytes(serialization.Encoding.DER)


def _signing_profile(*, demo: bool) -> Profile:
    # id-kp-documentSigning (RFC 9336) is the true purpose; NSS, and with it pdfsig, wants emailProtection.
    purposes = [ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION]
    return [
        (_usage(digital_signature=True, content_commitment=True), True),
        (x509.ExtendedKeyUsage(purposes), False),
        (_policies(POLICY_PERSON, demo=demo), False),
    ]


def _policies(policy: str, *, demo: bool) -> x509.CertificatePolicies:
    wanted = [policy, POLICY_DEMO] if demo else [policy]
    return x509.CertificatePolicies([x509.PolicyInformation(ObjectIdentifier(oid), None) for oid in wanted])


def _where_lists_are(root: x509.Certificate) -> x509.CRLDistributionPoints:
    # A directory name, not an address: nothing can be fetched. poppler takes a leftover "extension not
    # found" of NSS for a failure when a certificate names no distribution point at all.
    point = x509.DistributionPoint([x509.DirectoryName(root.subject)], None, None, None)
    return x509.CRLDistributionPoints([point])


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _person_name(authority: AuthorityMaterial, person_id: str, display_name: str, role: str) -> x509.Name:
    return _name(authority, unit=role, common=display_name, serial=person_id)


def _name(authority: AuthorityMaterial, *, unit: str, common: str, serial: str = "") -> x509.Name:
    return _compose(authority.office, demo=authority.demo, unit=unit, common=common, serial=serial)


_LONGEST = 64  # ub-common-name and its sisters, RFC 5280 appendix A


def _compose(office: str, *, demo: bool, unit: str, common: str, serial: str = "") -> x509.Name:
    mark = f"{DEMO_WORD} " if demo else ""
    parts = [
        (NameOID.ORGANIZATION_NAME, f"{mark}{office}"),
        (NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
        (NameOID.COMMON_NAME, f"{mark}{common}"),
    ]
    if serial:
        parts.append((NameOID.SERIAL_NUMBER, serial))
    return x509.Name([x509.NameAttribute(oid, value[:_LONGEST]) for oid, value in parts if value])


def _authority_key_id(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    key_id = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(key_id)


def _hash_for(key: PrivateKey) -> hashes.SHA384 | None:
    return hashes.SHA384() if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _deterministic(key: PrivateKey) -> bool | None:
    # RFC 6979: a weak random source at signing time cannot give an EC key away.
    return True if isinstance(key, ec.EllipticCurvePrivateKey) else None


def _private_der(key: PrivateKey) -> bytearray:
    return bytearray(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
