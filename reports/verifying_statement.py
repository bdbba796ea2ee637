"""The signatures over a whole export: the statement's own and the two CMS files over the manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from asn1crypto import cms as asn1_cms  # type: ignore[import-untyped]  # ships no annotations
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms, extract_tst_data_iter

from reports.coroutines import run
from reports.dsse import Envelope, EnvelopeSignature, check_signature
from reports.manifest import MANIFEST_EC, STATEMENT
from reports.trust import Anchors, Judgement, common_name, fingerprint, judge, key_id, person_of
from reports.verifying_pdf import validation_context
from workstation.core.examination import Outcome
from workstation.core.verifications import Problem, SignatureReport

MAX_SIGNATURES = 64
_CMS_FORMS: dict[type, tuple[str, str]] = {
    ec.EllipticCurvePublicKey: ("sha384", "sha384_ecdsa"),
    rsa.RSAPublicKey: ("sha384", "sha384_rsa"),
    mldsa.MLDSA87PublicKey: ("sha512", "mldsa87"),
}


@dataclass(kw_only=True)
class StatementCheck:
    """What the envelope's signatures say."""

    reports: list[SignatureReport] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    signer_keys: set[str] = field(default_factory=set)
    demo: bool = False

    @property
    def authentic(self) -> bool:
        """Both kinds of signature stand, by keys that may be believed."""
        return bool(self.reports) and not any(one.severity is Outcome.REJECT for one in self.problems)


def check_envelope(
    envelope: Envelope,
    certificates: Mapping[str, x509.Certificate],
    anchors: Anchors,
    *,
    claimed_at: datetime,
    at: datetime,
    where: str = STATEMENT,
) -> StatementCheck:
    """Check every signature of the envelope; P-384 and ML-DSA-87 of the same person must both be there."""
    check = StatementCheck()
    if not 1 < len(envelope.signatures) <= MAX_SIGNATURES:
        check.problems.append(_reject("EXP-107", where, f"{len(envelope.signatures)} signatures"))
    kinds: dict[str, set[bool]] = {}
    for one in envelope.signatures[:MAX_SIGNATURES]:
        certificate = certificates.get(one.key_id)
        if certificate is None:
            check.problems.append(_reject("EXP-109", where, f"key {one.key_id[:16]}"))
            continue
        _check_one(check, one, certificate, envelope.pae, anchors, claimed_at=claimed_at, at=at, where=where)
        person = certificate.subject.rfc4514_string()
        kinds.setdefault(person, set()).add(isinstance(certificate.public_key(), mldsa.MLDSA87PublicKey))
    for person, found in kinds.items():
        if found != {False, True}:
            lacking = "P-384" if False not in found else "ML-DSA-87"
            check.problems.append(_reject("EXP-107", where, f"{lacking} of {person}"))
    return check


def _check_one(
    check: StatementCheck,
    one: EnvelopeSignature,
    certificate: x509.Certificate,
    pae: bytes,
    anchors: Anchors,
    *,
    claimed_at: datetime,
    at: datetime,
    where: str,
) -> None:
    if one.key_id in check.signer_keys:
        check.problems.append(_reject("EXP-108", where, "one key twice"))
    check.signer_keys.add(one.key_id)
    valid = check_signature(certificate, one.signature, pae)
    if not valid:
        check.problems.append(_reject("EXP-108", where, f"key {one.key_id[:16]}"))
    if not may_sign(certificate):
        check.problems.append(_reject("EXP-109", where, "the certificate is not meant for signing"))
    judgement = judge(certificate, anchors, claimed_at=claimed_at, at=at, path=where)
    check.problems += judgement.problems
    check.demo = check.demo or judgement.demo
    row = _report(certificate, where, "dsse", judgement, claimed_at=claimed_at, valid=valid)
    check.reports.append(row)


def check_manifest_signature(
    manifest: bytes, signature: bytes, anchors: Anchors, *, path: str, at: datetime, signer_keys: set[str]
) -> tuple[SignatureReport | None, list[Problem]]:
    """Check one detached CMS file; its signer must be one of the statement's."""
    try:
        return _check_cms(manifest, signature, anchors, path=path, at=at, signer_keys=signer_keys)
    except Exception as fault:  # noqa: BLE001 - a hostile file may make a parser raise anything; all of it is "no"
        return None, [_reject("EXP-108", path, f"{type(fault).__name__}: {fault}"[:200])]


def _check_cms(
    manifest: bytes, signature: bytes, anchors: Anchors, *, path: str, at: datetime, signer_keys: set[str]
) -> tuple[SignatureReport, list[Problem]]:
    signed_data = asn1_cms.ContentInfo.load(signature, strict=True)["content"]
    (info,) = signed_data["signer_infos"]
    token = next(extract_tst_data_iter(info, signed=False))
    claimed_at: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    context = validation_context(anchors, claimed_at)
    status = run(async_validate_detached_cms(manifest, signed_data, context, context))
    certificate = x509.load_der_x509_certificate(status.signing_cert.dump())
    judgement = judge(certificate, anchors, claimed_at=claimed_at, at=at, path=path)
    problems = list(judgement.problems)
    valid = bool(status.valid and status.intact)
    if not valid:
        problems.append(_reject("EXP-108", path, "the signature is not over SHA384SUMS"))
    if judgement.trusted and not (status.trusted and may_sign(certificate)):
        problems.append(_reject("EXP-109", path, "the certificate is not meant for this signature"))
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.valid and stamp.intact and stamp.trusted):
        problems.append(_reject("EXP-108", path, "the timestamp"))
    else:
        tsa = x509.load_der_x509_certificate(stamp.signing_cert.dump())
        problems += judge(tsa, anchors, claimed_at=claimed_at, at=at, path=path).problems
    problems += _form(info, certificate, path)
    if key_id(certificate) not in signer_keys:
        problems.append(_reject("EXP-127", path, common_name(certificate)))
    return _report(certificate, path, "cms", judgement, claimed_at=claimed_at, valid=valid), problems


def _form(info: asn1_cms.SignerInfo, certificate: x509.Certificate, path: str) -> Iterator[Problem]:
    found = info["digest_algorithm"]["algorithm"].native, info["signature_algorithm"]["algorithm"].native
    key = certificate.public_key()
    wanted = next((form for kind, form in _CMS_FORMS.items() if isinstance(key, kind)), None)
    if found != wanted or isinstance(key, mldsa.MLDSA87PublicKey) != (path != MANIFEST_EC):
        yield _reject("EXP-123", path, f"{found[0]} {found[1]}")


def _report(
    certificate: x509.Certificate,
    where: str,
    kind: str,
    judgement: Judgement,
    *,
    claimed_at: datetime,
    valid: bool,
) -> SignatureReport:
    person, role = person_of(certificate)
    return SignatureReport(
        where=where,
        kind=kind,
        algorithm=algorithm_of(certificate),
        valid=valid,
        trusted=valid and judgement.trusted,
        untrusted_name=common_name(certificate),
        person_id=person,
        role=role,
        certificate_sha384=fingerprint(certificate.public_bytes(Encoding.DER)),
        key_id=key_id(certificate),
        issuer_sha384=judgement.issuer_sha384,
        claimed_at=claimed_at,
    )


def algorithm_of(certificate: x509.Certificate) -> str:
    """What signatures of this key are called in an answer."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        return f"rsa-{key.key_size}-sha384"
    return "ml-dsa-87" if isinstance(key, mldsa.MLDSA87PublicKey) else "ecdsa-p384-sha384"


def may_sign(certificate: x509.Certificate) -> bool:
    """Whether the certificate is for signing documents and no authority's."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return False
    return usage.content_commitment and not constraints.ca


def _reject(code: str, path: str, detail: str) -> Problem:
    return Problem(code=code, severity=Outcome.REJECT, path=path, detail=detail)
