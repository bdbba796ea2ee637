"""Every signature of a PDF: what it covers, what came after it, and whether its signer may be believed.

Stricter than ``pdfsig`` on purpose: "unchanged" needs a last signature that covers the entire file, and
nothing after an earlier one but what that one allows. Bytes no signature covers (the padding of a
signature's own container) must be zeros.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from asn1crypto import parser as asn1_parser  # type: ignore[import-untyped]  # ships no annotations
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel, SuspiciousModification
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
    read_certification_data,
)
from pyhanko.sign.validation.status import (
    ModificationInfo,
    SignatureCoverageLevel,
    SignatureStatus,
    TimestampSignatureStatus,
)
from pyhanko_certvalidator import ValidationContext

from reports.coroutines import run
from reports.trust import Anchors, common_name, fingerprint, judge, key_id, load_trust, person_of
from workstation.core.examination import Outcome
from workstation.core.signatures import TrustStore
from workstation.core.verifications import PdfVerification, Problem, Revision, SignatureReport, worst

MAX_PDF_BYTES = 512 << 20
MAX_SIGNATURES = 32
MAX_REVISIONS = 128

_COVERS = {
    SignatureCoverageLevel.ENTIRE_FILE: "entire-file",
    SignatureCoverageLevel.ENTIRE_REVISION: "revision",
    SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START: "part",
    SignatureCoverageLevel.UNCLEAR: "unclear",
}
_CHANGES = {
    ModificationLevel.NONE: "none",
    ModificationLevel.LTA_UPDATES: "validation-data",
    ModificationLevel.FORM_FILLING: "signing",
    ModificationLevel.ANNOTATIONS: "annotations",
    ModificationLevel.OTHER: "not-permitted",
}
_PERMISSION = {
    MDPPerm.NO_CHANGES: "no-changes",
    MDPPerm.FILL_FORMS: "fill-forms",
    MDPPerm.ANNOTATE: "annotate",
}
_HARMLESS = {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING}


def verify_pdf(
    pdf: bytes | Path,
    trust: TrustStore | Path,
    *,
    at: datetime,
    demo_allowed: bool = False,
    path: str = "",
    expected_fields: tuple[str, ...] = (),
) -> PdfVerification:
    """Verify every signature of ``pdf`` as looked at ``at``.

    ``expected_fields`` name signatures that must be there, in this order. Whatever is wrong with the file
    becomes a problem in the answer.

    Raises:
        NoTrustRoot, TrustUnreadable: ``trust`` is a path and holds nothing to trust.
        OSError: ``pdf`` is a path and cannot be read.
    """
    store = load_trust(trust) if isinstance(trust, Path) else trust
    name = path or (pdf.name if isinstance(pdf, Path) else "")
    if isinstance(pdf, Path):
        with pdf.open("rb") as stream:
            pdf = stream.read(MAX_PDF_BYTES + 1)
    if len(pdf) > MAX_PDF_BYTES:
        problem = _reject("EXP-121", name, f"more than {MAX_PDF_BYTES} bytes")
        return _refused(name, len(pdf), problem)
    look = _Look(pdf=pdf, path=name, trust=store, at=at, demo_allowed=demo_allowed)
    try:
        return _verify(look, expected_fields)
    except Exception as fault:  # noqa: BLE001 - a hostile file may make a parser raise anything; all of it is "no"
        return _refused(name, len(pdf), _reject("EXP-120", name, f"{type(fault).__name__}: {fault}"[:300]))


@dataclass(frozen=True, kw_only=True)
class _Look:
    """One act of verifying."""

    pdf: bytes
    path: str
    trust: TrustStore
    at: datetime
    demo_allowed: bool


@dataclass(frozen=True, kw_only=True)
class _Seen:
    """One signature's row with what is wrong about it."""

    report: SignatureReport
    problems: tuple[Problem, ...]
    demo: bool = False


def _verify(look: _Look, expected_fields: tuple[str, ...]) -> PdfVerification:
    reader = PdfFileReader(io.BytesIO(look.pdf))
    revisions_found = reader.xrefs.total_revisions
    embedded = reader.embedded_signatures
    if revisions_found > MAX_REVISIONS or len(embedded) > MAX_SIGNATURES:
        return _refused(look.path, len(look.pdf), _reject("EXP-121", look.path, "revisions or signatures"))
    anchors = Anchors(look.trust).with_crls(_lists_inside(reader))
    seen = [_signature(one, reader, anchors, look) for one in embedded]
    filled = [name for name, value, _ in enumerate_sig_fields(reader) if value is not None]
    unsigned = tuple(name for name, value, _ in enumerate_sig_fields(reader) if value is None)
    names = [one.field_name for one in embedded]
    problems = [problem for one in seen for problem in one.problems]
    problems += [
        _reject("EXP-120", look.path, f"{name}: kind not supported") for name in filled if name not in names
    ]
    problems += _completeness(look, seen, names, expected_fields)
    if any(one.demo for one in seen) and not look.demo_allowed:
        problems.append(_reject("EXP-116", look.path, ""))
    outcome = worst(problems)
    return PdfVerification(
        path=look.path,
        outcome=outcome,
        size_bytes=len(look.pdf),
        problems=tuple(problems),
        signatures=tuple(one.report for one in seen),
        revisions=tuple(_revisions(reader, look.pdf, embedded)),
        unsigned_fields=unsigned,
        unchanged=bool(seen) and not any(p.code in {"EXP-117", "EXP-118", "EXP-120"} for p in problems),
        demo=any(one.demo for one in seen),
        crls=anchors.ages(at=look.at, given=look.trust),
        roots_sha384=anchors.fingerprints,
    )


def _completeness(
    look: _Look, seen: list[_Seen], names: list[str], expected: tuple[str, ...]
) -> Iterator[Problem]:
    if not seen:
        yield _reject("EXP-119", look.path, ", ".join(expected))
        return
    if seen[-1].report.covers != "entire-file":
        yield _reject("EXP-117", look.path, f"{seen[-1].report.covered_bytes} of {len(look.pdf)} bytes")
    for name in expected:
        if name not in names:
            yield _reject("EXP-119", look.path, name)
    present = [name for name in names if name in expected]
    if present != [name for name in expected if name in names]:
        yield _reject("EXP-118", look.path, "order of signatures")


def _signature(embedded: EmbeddedPdfSignature, reader: PdfFileReader, anchors: Anchors, look: _Look) -> _Seen:
    where = f"{look.path}#{embedded.field_name}"
    stamped = embedded.sig_object_type == "/DocTimeStamp"
    claimed_at = _claimed_time(embedded, stamped=stamped) or look.at
    context = validation_context(anchors, claimed_at)
    status: SignatureStatus
    if stamped:
        status = run(async_validate_pdf_timestamp(embedded, context))
    else:
        status = run(async_validate_pdf_signature(embedded, context, context))
    certificate = x509.load_der_x509_certificate(embedded.signer_cert.dump())
    judgement = judge(certificate, anchors, claimed_at=claimed_at, at=look.at, path=where)
    problems = [*judgement.problems, *_integrity(embedded, status, where, look)]
    if not stamped:
        problems += _timestamp(status, anchors, where, look, claimed_at=claimed_at)
    if judgement.trusted and not status.trusted:
        problems.append(_reject("EXP-109", where, "the certificate is not meant for this signature"))
    person, role = person_of(certificate)
    valid = bool(status.valid and status.intact)
    report = SignatureReport(
        where=where,
        kind="pdf-timestamp" if stamped else "pdf",
        algorithm=f"{embedded.signer_info['signature_algorithm']['algorithm'].native}",
        valid=valid,
        trusted=valid and all(problem.severity is not Outcome.REJECT for problem in problems),
        untrusted_name=common_name(certificate),
        person_id=person,
        role=role,
        certificate_sha384=fingerprint(certificate.public_bytes(Encoding.DER)),
        key_id=key_id(certificate),
        issuer_sha384=judgement.issuer_sha384,
        claimed_at=claimed_at,
    )
    return _Seen(
        report=_with_coverage(report, embedded, status, reader), problems=tuple(problems), demo=judgement.demo
    )


def _with_coverage(
    report: SignatureReport, embedded: EmbeddedPdfSignature, status: SignatureStatus, reader: PdfFileReader
) -> SignatureReport:
    byte_range = tuple(int(number) for number in embedded.byte_range)
    author = read_certification_data(reader)
    certifies = author is not None and author.author_sig.get("/Contents") == embedded.sig_object["/Contents"]
    permission = embedded.docmdp_level
    covers = status.coverage if isinstance(status, ModificationInfo) else None
    level = status.modification_level if isinstance(status, ModificationInfo) else None
    return replace(
        report,
        reason=_reason(embedded),
        covers=_COVERS.get(covers, "unclear") if covers else "unclear",
        covered_bytes=byte_range[2] + byte_range[3] if len(byte_range) == 4 else 0,  # noqa: PLR2004
        revision=embedded.signed_revision + 1,
        later_changes=_CHANGES[level] if level is not None else "not-permitted",
        certifies=certifies,
        permission=_PERMISSION[permission] if permission is not None else "",
        byte_range=byte_range,
    )


def _reason(embedded: EmbeddedPdfSignature) -> str:
    if "/Reason" not in embedded.sig_object:
        return ""
    return str(embedded.sig_object["/Reason"])[:500]


def _integrity(
    embedded: EmbeddedPdfSignature, status: SignatureStatus, where: str, look: _Look
) -> Iterator[Problem]:
    if not (status.valid and status.intact):
        yield _reject("EXP-120", where, "digest" if not status.intact else "signature")
    if embedded.signer_info["digest_algorithm"]["algorithm"].native not in {"sha384", "sha512"}:
        yield _reject("EXP-123", where, str(embedded.signer_info["digest_algorithm"]["algorithm"].native))
    if not isinstance(status, ModificationInfo):
        return
    forbidden = status.modification_level not in _HARMLESS
    if forbidden or status.docmdp_ok is False:
        change = status.diff_result
        yield _reject(
            "EXP-118", where, str(change)[:300] if isinstance(change, SuspiciousModification) else ""
        )
    if not _container_tight(embedded, look.pdf):
        yield _reject("EXP-118", where, "bytes in the signature container that no signature covers")


def _timestamp(
    status: SignatureStatus, anchors: Anchors, where: str, look: _Look, *, claimed_at: datetime
) -> Iterator[Problem]:
    token = getattr(status, "timestamp_validity", None)
    if not isinstance(token, TimestampSignatureStatus):
        yield Problem(code="EXP-129", severity=Outcome.WARN, path=where)
        return
    if not (token.valid and token.intact):
        yield _reject("EXP-120", where, "timestamp")
    certificate = x509.load_der_x509_certificate(token.signing_cert.dump())
    yield from judge(certificate, anchors, claimed_at=claimed_at, at=look.at, path=where).problems


def _container_tight(embedded: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the hole in the signed range holds one hexadecimal CMS object and zeros, nothing else."""
    if len(embedded.byte_range) != 4:  # noqa: PLR2004 - two spans
        return False
    _, first, second, _ = embedded.byte_range
    hole = pdf[first:second]
    if hole[:1] != b"<" or hole[-1:] != b">":
        return False
    digits = hole[1:-1]
    if digits not in {digits.lower(), digits.upper()}:
        return False
    content = bytes.fromhex(digits.decode("ascii"))
    _class, _method, _tag, header, body, trailer = asn1_parser.parse(content)
    size = len(header) + len(body) + len(trailer)
    return not any(content[size:])


def _claimed_time(embedded: EmbeddedPdfSignature, *, stamped: bool) -> datetime | None:
    tokens = (
        [embedded.signed_data] if stamped else list(extract_tst_data_iter(embedded.signer_info, signed=False))
    )
    token = tokens[0] if tokens else None
    if token is None:
        return embedded.self_reported_timestamp
    moment = token["encap_content_info"]["content"].parsed["gen_time"].native
    return moment if isinstance(moment, datetime) else None


def validation_context(anchors: Anchors, moment: datetime) -> ValidationContext:
    """Chain and usage at ``moment``, offline; revocation is judged by ``reports.trust``."""
    return ValidationContext(
        trust_roots=[
            asn1_x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in anchors.certificates
        ],
        allow_fetching=False,
        revocation_mode="soft-fail",
        moment=moment,
    )


def _lists_inside(reader: PdfFileReader) -> tuple[bytes, ...]:
    store = DocumentSecurityStore.read_dss(reader) if "/DSS" in reader.root else None
    if store is None:
        return ()
    return tuple(reference.get_object().data for reference in store.crls)


def _revisions(reader: PdfFileReader, pdf: bytes, embedded: list[EmbeddedPdfSignature]) -> Iterator[Revision]:
    for number in range(reader.xrefs.total_revisions):
        end = pdf.find(b"%%EOF", reader.xrefs.get_xref_container_info(number).end_location)
        signed = tuple(one.field_name for one in embedded if one.signed_revision == number)
        yield Revision(number=number + 1, end_byte=end + 5 if end >= 0 else len(pdf), signed_by=signed)


def _refused(path: str, size_bytes: int, problem: Problem) -> PdfVerification:
    return PdfVerification(path=path, outcome=Outcome.REJECT, size_bytes=size_bytes, problems=(problem,))


def _reject(code: str, path: str, detail: str) -> Problem:
    return Problem(code=code, severity=Outcome.REJECT, path=path, detail=detail)
