"""PAdES signatures on a report: the reviewer certifies first, the officer signs last and locks everything.

Order is the PDF standard's: a certifying signature must be the first, and the last one takes away every
further change. After each signature the document is reopened and verified; what does not verify is not
given out. Nothing here opens a network connection: revocation lists come in as arguments.
"""

import hashlib
import io
from datetime import datetime
from typing import Any

from asn1crypto import crl as asn1_crl  # type: ignore[import-untyped]  # ships no annotations
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers.pdf_byterange import BuildProps
from pyhanko.sign.signers.pdf_cms import Signer as PyHankoSigner
from pyhanko.sign.signers.pdf_signer import (
    DSSContentSettings,
    PdfSignatureMetadata,
    PdfSigner,
    PdfSigningSession,
    PdfTimeStamper,
    SigDSSPlacementPreference,
    TimestampDSSContentSettings,
)
from pyhanko.sign.validation.pdf_embedded import read_certification_data
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from reports.coroutines import run
from reports.signature_stamps import signature_lines, stamp_style
from reports.timestamps import LocalTimestamper
from reports.trust import Anchors, fingerprint, judge, person_of
from reports.verified import note
from reports.verifying_pdf import verify_pdf
from workstation.core.examination import Outcome
from workstation.core.signature_errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificationMissing,
    DocumentUnreadable,
    RevocationListUnusable,
    SameSigner,
    SignatureFieldFilled,
    SignatureFieldMissing,
    SignedDocumentInvalid,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import Signer, TrustStore

_DER = Encoding.DER
_LEAST_FIELD_PT = 18.0
_ID_BYTES = 16
_PROGRAM = "Frontier Review Workstation"


def certify(
    pdf: bytes,
    *,
    field: str,
    signer: Signer,
    trust: TrustStore,
    timestamper: LocalTimestamper,
    at: datetime,
    reason: str,
) -> bytes:
    """Sign first, as the author: afterwards only signing and form filling are allowed (DocMDP 2).

    Raises:
        SignatureFieldMissing, SignatureFieldFilled: ``field`` cannot take this signature.
        DocumentUnreadable: not a PDF, or one that already carries a signature.
        CertificateExpired, CertificateNotYetValid, SignerRevoked, SignerUnknown, RevocationListUnusable:
            the signer's or the timestamper's certificate cannot be used at ``at``.
        SignedDocumentInvalid: what was signed does not verify.
    """
    reader = _open(pdf)
    if reader.embedded_signatures:
        raise DocumentUnreadable(detail="already signed")
    _require_field(reader, field)
    return _sign(pdf, field, signer, trust, timestamper, at=at, reason=reason, certify_first=True, already=())


def release(
    pdf: bytes,
    *,
    field: str,
    signer: Signer,
    trust: TrustStore,
    timestamper: LocalTimestamper,
    at: datetime,
    reason: str,
) -> bytes:
    """Sign last: the field's lock covers everything, nothing may change afterwards (P 1).

    Revocation lists and certificates go inside this revision, so that the last signature covers the whole
    file. Raises as ``certify``, and:

    Raises:
        CertificationMissing: nobody certified the document before.
        SameSigner: the person who certified it would sign again.
        SignedDocumentInvalid: the certified document was changed or does not verify. Told after signing and
            before anything is given out: one look at the result judges the reviewer's signature as well.
    """
    reader = _open(pdf)
    if not reader.embedded_signatures:
        raise CertificationMissing(field_name=field)
    widget = _require_field(reader, field)
    _require_full_lock(widget, field)
    already = _require_certified(reader, signer)
    return _sign(
        pdf, field, signer, trust, timestamper, at=at, reason=reason, certify_first=False, already=already
    )


def _require_certified(reader: PdfFileReader, signer: Signer) -> tuple[str, ...]:
    """Fields signed so far; somebody certified the document, and it was not this signer."""
    if read_certification_data(reader) is None:
        raise SignedDocumentInvalid(detail="no certifying signature")
    own = {signer.person_id, person_of(x509.load_der_x509_certificate(signer.ec_certificate_der))[0]}
    for one in reader.embedded_signatures:
        person, _role = person_of(x509.load_der_x509_certificate(one.signer_cert.dump()))
        if person in own:
            raise SameSigner(untrusted_name=signer.display_name)
    return tuple(one.field_name for one in reader.embedded_signatures)


def archive(pdf: bytes, *, trust: TrustStore, timestamper: LocalTimestamper, at: datetime) -> bytes:
    """Add a document timestamp over everything (PAdES B-LTA), to be repeated before algorithms or lists age.

    For an archive's own copy: the last line a reader shows is then the timestamp's.

    Raises:
        SignedDocumentInvalid: the document does not verify, before or after.
    """
    before = verify_pdf(pdf, trust, at=at, demo_allowed=True)
    fields = tuple(one.where.rpartition("#")[2] for one in before.signatures)
    if before.outcome is Outcome.REJECT:
        raise SignedDocumentInvalid(detail=", ".join(one.code for one in before.problems))
    anchors = Anchors(trust)
    require_usable(x509.load_der_x509_certificate(timestamper.tsa_cert.dump()), anchors, at=at)
    stamper = PdfTimeStamper(timestamper, field_name=f"ArchiveTime{len(fields)}")
    output = io.BytesIO()
    run(
        stamper.async_timestamp_pdf(
            IncrementalPdfFileWriter(io.BytesIO(pdf)),
            "sha384",
            _validation_context(anchors, at=at),
            output=output,
            # The lists go in before the timestamp, so that the last revision is covered as well.
            dss_settings=TimestampDSSContentSettings(include_vri=False, update_before_ts=True),
        )
    )
    after = verify_pdf(output.getvalue(), trust, at=at, demo_allowed=True, expected_fields=fields)
    if after.outcome is Outcome.REJECT or not after.unchanged:
        raise SignedDocumentInvalid(detail=", ".join(one.code for one in after.problems))
    return output.getvalue()


def _sign(
    pdf: bytes,
    field: str,
    signer: Signer,
    trust: TrustStore,
    timestamper: LocalTimestamper,
    *,
    at: datetime,
    reason: str,
    certify_first: bool,
    already: tuple[str, ...],
) -> bytes:
    anchors = Anchors(trust)
    certificate = x509.load_der_x509_certificate(signer.ec_certificate_der)
    require_usable(certificate, anchors, at=at)
    require_usable(x509.load_der_x509_certificate(timestamper.tsa_cert.dump()), anchors, at=at)
    metadata = PdfSignatureMetadata(
        field_name=field,
        md_algorithm="sha384",
        subfilter=SigSeedSubFilter.PADES,
        certify=certify_first,
        docmdp_permissions=MDPPerm.FILL_FORMS,
        name=signer.display_name,
        reason=reason,
        app_build_props=BuildProps(name=_PROGRAM),
        embed_validation_info=True,
        validation_context=_validation_context(anchors, at=at),
        dss_settings=DSSContentSettings(
            include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
        ),
    )
    width_pt, height_pt = _field_size(_open(pdf), field)
    lines = signature_lines(
        name=signer.display_name,
        role=signer.role,
        claimed_at=at,
        statement=reason,
        key=fingerprint(signer.ec_certificate_der)[:16],
    )
    pdf_signer = _TimedPdfSigner(
        metadata,
        signer=as_pyhanko(signer),
        timestamper=timestamper,
        stamp_style=stamp_style(lines, width_pt=width_pt, height_pt=height_pt),
    )
    pdf_signer.at = at
    signed = _write(pdf_signer, pdf)
    _require_valid(signed, trust, at=at, fields=(*already, field))
    return signed


def _write(pdf_signer: "_TimedPdfSigner", pdf: bytes) -> bytes:
    writer = _KeepingWriter(io.BytesIO(pdf))
    output = io.BytesIO()
    try:
        run(pdf_signer.async_sign_pdf(writer, existing_fields_only=True, output=output))
    except (SigningError, PdfError) as fault:
        raise DocumentUnreadable(detail=str(fault)) from fault
    return output.getvalue()


def _require_valid(signed: bytes, trust: TrustStore, *, at: datetime, fields: tuple[str, ...]) -> None:
    answer = verify_pdf(signed, trust, at=at, demo_allowed=True, expected_fields=fields)
    if answer.outcome is not Outcome.ACCEPT or not answer.unchanged:
        raise SignedDocumentInvalid(detail=", ".join(one.code for one in answer.problems))
    note(signed, trust, at=at, answer=answer)


class _KeepingWriter(IncrementalPdfFileWriter):
    """Leaves the metadata as drawn: pyHanko would date it by the wall clock and rename our properties."""

    @classmethod
    def _handle_id(cls, prev: PdfFileReader) -> generic.ArrayObject:
        """The second half of the identifier follows from the revision before; pyHanko would roll dice."""
        prev.stream.seek(0)
        digest = hashlib.sha384(prev.stream.read()).digest()[:_ID_BYTES]
        first = prev.trailer["/ID"][0] if "/ID" in prev.trailer else generic.ByteStringObject(digest)
        return generic.ArrayObject([first, generic.ByteStringObject(digest)])

    def _update_meta(self) -> None:
        """Write nothing; marking, digests and dates stay what the reviewer certified."""


class _TimedPdfSigner(PdfSigner):
    """pyHanko's signer with the time as an argument instead of the wall clock."""

    at: datetime

    def init_signing_session(self, pdf_out: Any, existing_fields_only: bool = False) -> PdfSigningSession:
        session = super().init_signing_session(pdf_out, existing_fields_only=existing_fields_only)
        session.system_time = self.at.replace(microsecond=0)
        return session


class _Adapter(PyHankoSigner):
    """A signer of ours in pyHanko's clothes; no private key passes through."""

    def __init__(self, signer: Signer, *, post_quantum: bool) -> None:
        self._sign = signer.sign_pq if post_quantum else signer.sign_classical
        der = signer.pq_certificate_der if post_quantum else signer.ec_certificate_der
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko left it bare
        store.register_multiple(_issuers(der, signer.chain_der))
        # Roots are the recipient's business; carrying them would only suggest otherwise.
        super().__init__(signing_cert=asn1_x509.Certificate.load(der), cert_registry=store, embed_roots=False)
        self._dry_size = 4627 if post_quantum else 512

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        """Sign, or answer zeros of at least the right length while pyHanko measures."""
        del digest_algorithm  # fixed by the key: SHA-384 for the classical one, ML-DSA's own otherwise
        return bytes(self._dry_size) if dry_run else self._sign(data)


def as_pyhanko(signer: Signer, *, post_quantum: bool = False) -> PyHankoSigner:
    """Let pyHanko sign with one of a signer's two keys."""
    return _Adapter(signer, post_quantum=post_quantum)


def _issuers(certificate_der: bytes, chain_der: tuple[bytes, ...]) -> list[asn1_x509.Certificate]:
    issuer = asn1_x509.Certificate.load(certificate_der).issuer
    chain = [asn1_x509.Certificate.load(der) for der in chain_der]
    return [one for one in chain if one.subject == issuer]


# --- what must hold before ---------------------------------------------------------------------------


def require_usable(certificate: x509.Certificate, anchors: Anchors, *, at: datetime) -> None:
    """Raise the reason why ``certificate`` may not sign at ``at``; return when it may."""
    name = certificate.subject.rfc4514_string()
    if at < certificate.not_valid_before_utc:
        raise CertificateNotYetValid(untrusted_name=name, not_before=certificate.not_valid_before_utc, at=at)
    if at > certificate.not_valid_after_utc:
        raise CertificateExpired(untrusted_name=name, not_after=certificate.not_valid_after_utc, at=at)
    issuer = anchors.issuer_of(certificate)
    if issuer is None:
        raise SignerUnknown(untrusted_name=name)
    for listed in anchors.lists_of(issuer):
        entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None:
            raise SignerRevoked(untrusted_name=name, revoked_at=entry.revocation_date_utc)
    for problem in judge(certificate, anchors, claimed_at=at, at=at, path="").problems:
        raise RevocationListUnusable(
            issuer=issuer.subject.rfc4514_string(), detail=f"{problem.code} {problem.detail}"
        )


def _validation_context(anchors: Anchors, *, at: datetime) -> ValidationContext:
    classical = [
        one for one in anchors.certificates if not isinstance(one.public_key(), mldsa.MLDSA87PublicKey)
    ]
    lists = [one for anchor in classical for one in anchors.lists_of(anchor)[:1]]
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(one.public_bytes(_DER)) for one in classical],
        crls=[asn1_crl.CertificateList.load(one.public_bytes(_DER)) for one in lists],
        allow_fetching=False,
        revocation_mode="require",
        moment=at,
    )


def _open(pdf: bytes) -> PdfFileReader:
    try:
        reader = PdfFileReader(io.BytesIO(pdf))
        _ = reader.root, reader.embedded_signatures
    except (PdfError, ValueError, KeyError, TypeError, RecursionError) as fault:
        raise DocumentUnreadable(detail=str(fault)) from fault
    if reader.encrypted:
        raise DocumentUnreadable(detail="encrypted")
    return reader


def _require_field(reader: PdfFileReader, field: str) -> generic.DictionaryObject:
    for name, value, reference in enumerate_sig_fields(reader):
        if name == field:
            if value is not None:
                raise SignatureFieldFilled(field_name=field)
            widget: generic.DictionaryObject = reference.get_object()
            if "/Rect" not in widget:
                raise SignatureFieldMissing(field_name=field, detail="not on a page")
            return widget
    raise SignatureFieldMissing(field_name=field, detail="not in the document")


def _require_full_lock(widget: generic.DictionaryObject, field: str) -> None:
    lock = widget["/Lock"] if "/Lock" in widget else None  # noqa: SIM401 - only [] resolves references
    whole = isinstance(lock, generic.DictionaryObject) and lock.get("/Action") == "/All"
    if lock is None or not whole or int(lock.get("/P", 0)) != MDPPerm.NO_CHANGES.value:
        raise SignatureFieldMissing(field_name=field, detail="does not lock the whole document")


def _field_size(reader: PdfFileReader, field: str) -> tuple[float, float]:
    left, bottom, right, top = (float(edge) for edge in _require_field(reader, field)["/Rect"])
    width_pt, height_pt = abs(right - left), abs(top - bottom)
    if min(width_pt, height_pt) < _LEAST_FIELD_PT:
        raise SignatureFieldMissing(field_name=field, detail="too small for a visible signature")
    return width_pt, height_pt
