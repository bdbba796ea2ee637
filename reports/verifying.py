"""Verify an export folder as a stranger would: trust comes from elsewhere, every byte here is doubted.

Order matters. Names and digests first, then the signatures over them; a PDF is opened by its parser only
after an authentic statement named its digest. Any changed, missing, added or swapped file is named.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from reports import certification
from reports.attached import differing
from reports.certification import CERTIFICATION, DOCUMENT
from reports.dsse import MAX_ENVELOPE_BYTES, StatementRefused, read_envelope, subjects
from reports.manifest import (
    ADDED_FILES,
    CERTIFICATES,
    COMPLETE,
    FORMAT,
    MANIFEST,
    MANIFEST_EC,
    MANIFEST_PQ,
    REVOCATION_EC,
    REVOCATION_PQ,
    SIGNATURE_FILES,
    STATEMENT,
    looks_like_export,
    name_fault,
    read_manifest,
    write_manifest,
)
from reports.trust import Anchors, is_demo, key_id, load_trust, parse_pem
from reports.verifying_folder import FolderListing, list_folder
from reports.verifying_pdf import MAX_PDF_BYTES, verify_pdf
from reports.verifying_statement import StatementCheck, check_envelope, check_manifest_signature
from workstation.core.examination import Outcome
from workstation.core.jobs import JobControl
from workstation.core.media import WrittenFile, completion_marker
from workstation.core.sealing import OPENING_NAME, SEALED_NAME
from workstation.core.signatures import TrustStore
from workstation.core.verifications import (
    ExportVerification,
    FileCheck,
    PdfVerification,
    Problem,
    SignatureReport,
    worst,
)

__all__ = ["load_trust", "looks_like_export", "verify_export", "verify_pdf"]

_MAX_SIGNATURE_BYTES = 1 << 20
_MAX_PEM_BYTES = 32 << 20
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm)


def verify_export(
    folder: Path,
    trust: TrustStore | Path,
    *,
    at: datetime,
    demo_allowed: bool = False,
    job: JobControl | None = None,
) -> ExportVerification:
    """Check everything in ``folder`` against roots that came by another channel, as looked at ``at``.

    Raises:
        NoTrustRoot, TrustUnreadable: ``trust`` is a path and holds nothing to trust.
        OSError: ``folder`` is no readable folder.
        JobCancelled: somebody asked to stop.
    """
    store = load_trust(trust) if isinstance(trust, Path) else trust
    look = _Look(listing=list_folder(folder), given=store, at=at, demo_allowed=demo_allowed)
    look.job = job or JobControl()
    _read_control_files(look)
    look.listing.digest_all(look.job)
    if SEALED_NAME in look.listing.sizes and not look.listing.sizes.keys() & {*SIGNATURE_FILES}:
        return _sealed(look)
    _authenticate(look)
    _compare(look)
    _check_manifest(look)
    _check_documents(look)
    _check_certification(look)
    return _answer(look)


def _sealed(look: "_Look") -> ExportVerification:
    """Nothing is proved of a sealed export before a recipient's key opened it; what lies there is told."""
    look.problems += look.listing.problems
    look.reject("EXP-133", SEALED_NAME)
    parts = dict.fromkeys((SEALED_NAME, OPENING_NAME), "")
    look.states = {name: "sealed" for name in (*parts, COMPLETE) if name in look.listing.sizes}
    if OPENING_NAME not in look.listing.sizes:
        _state(look, OPENING_NAME, "missing", "EXP-102")
    for name in look.listing.sizes.keys() - {*parts, COMPLETE}:
        _state(look, name, "added", "EXP-103")
    _check_complete(look, parts)
    return _answer(look)


@dataclass(kw_only=True)
class _Look:
    """One act of verifying, filled step by step."""

    listing: FolderListing
    given: TrustStore
    at: datetime
    demo_allowed: bool
    job: JobControl = field(default_factory=JobControl)
    control: dict[str, bytes] = field(default_factory=dict)
    anchors: Anchors = field(init=False)
    certificates: dict[str, x509.Certificate] = field(default_factory=dict)
    check: StatementCheck = field(default_factory=StatementCheck)
    statement: dict[str, object] = field(default_factory=dict)
    wanted: dict[str, str] = field(default_factory=dict)  # name to digest, as stated
    claimed_at: datetime | None = None
    problems: list[Problem] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    signatures: list[SignatureReport] = field(default_factory=list)
    documents: list[PdfVerification] = field(default_factory=list)

    def reject(self, code: str, path: str, detail: str = "") -> None:
        self.problems.append(Problem(code=code, severity=Outcome.REJECT, path=path, detail=detail))


_LIMITS = {
    STATEMENT: MAX_ENVELOPE_BYTES,
    MANIFEST: MAX_ENVELOPE_BYTES,
    MANIFEST_EC: _MAX_SIGNATURE_BYTES,
    MANIFEST_PQ: _MAX_SIGNATURE_BYTES,
    CERTIFICATES: _MAX_PEM_BYTES,
    REVOCATION_EC: _MAX_PEM_BYTES,
    REVOCATION_PQ: _MAX_PEM_BYTES,
    COMPLETE: _MAX_SIGNATURE_BYTES,
}


def _read_control_files(look: _Look) -> None:
    for name, limit in _LIMITS.items():
        content = look.listing.read(name, limit)
        if content is not None:
            look.control[name] = content
        elif name in look.listing.sizes:
            look.reject("EXP-121", name, f"more than {limit} bytes")
    lists: list[bytes] = []
    for name in (REVOCATION_EC, REVOCATION_PQ, CERTIFICATES):
        try:
            certificates, listed = parse_pem(look.control.get(name, b""))
        except _UNREADABLE:
            if name in look.control:
                look.reject("EXP-106", name)
            continue
        lists += [one.public_bytes(Encoding.DER) for one in listed]
        for one in certificates:
            _register(look, one)
    look.anchors = Anchors(look.given).with_crls(lists)


def _register(look: _Look, certificate: x509.Certificate) -> None:
    try:
        look.certificates[key_id(certificate)] = certificate
    except _UNREADABLE:
        look.reject("EXP-106", CERTIFICATES, "a certificate with an unknown kind of key")


def _authenticate(look: _Look) -> None:
    """Read the statement and decide whether it is authentic."""
    if STATEMENT not in look.control:
        return
    try:
        envelope = read_envelope(look.control[STATEMENT])
        look.wanted = subjects(envelope.statement)
        look.statement = envelope.statement
        predicate = _predicate(look)
        claimed_at = datetime.fromisoformat(str(predicate["claimedAt"]))
        if predicate["format"] != FORMAT or claimed_at.utcoffset() is None:
            raise StatementRefused("format")
        look.claimed_at = claimed_at
    except _UNREADABLE as fault:
        look.reject("EXP-106", STATEMENT, str(fault)[:200])
        return
    look.check = check_envelope(envelope, look.certificates, look.anchors, claimed_at=claimed_at, at=look.at)
    look.problems += look.check.problems
    look.signatures += look.check.reports


def _predicate(look: _Look) -> dict[str, object]:
    predicate = look.statement.get("predicate")
    if not isinstance(predicate, dict):
        raise StatementRefused("predicate")
    return predicate


def _compare(look: _Look) -> None:
    """Every file against what was stated; without a statement against the manifest, to name what differs."""
    look.problems += look.listing.problems
    look.states = {problem.path: "refused" for problem in look.listing.problems}
    wanted = look.wanted or _manifest_names(look)
    for name in (*SIGNATURE_FILES, *ADDED_FILES):
        if name not in look.listing.sizes and name not in look.states:
            _state(look, name, "missing", "EXP-102")
    for name, digest in wanted.items():
        if name in look.states:
            continue
        if name_fault(name) or name in {STATEMENT, COMPLETE}:
            look.reject("EXP-106", STATEMENT, f"subject {name}"[:200])
        elif name not in look.listing.sizes:
            _state(look, name, "missing", "EXP-102")
        elif look.listing.digests.get(name) != digest:
            _state(look, name, "changed", "EXP-101")
        else:
            look.states[name] = "as-signed"
    for name in look.listing.sizes:
        if name in {*SIGNATURE_FILES, COMPLETE}:
            look.states.setdefault(name, "signature")
        elif name not in wanted and name not in look.states:
            _state(look, name, "added", "EXP-103")
    _check_complete(look, wanted)


def _state(look: _Look, name: str, state: str, code: str) -> None:
    look.states[name] = state
    look.reject(code, name)


def _manifest_names(look: _Look) -> dict[str, str]:
    try:
        return read_manifest(look.control.get(MANIFEST, b""))
    except ValueError as fault:
        look.reject("EXP-105", MANIFEST, str(fault)[:100])
        return {}


def _check_complete(look: _Look, wanted: Mapping[str, str]) -> None:
    """The marker is written last, after everything was on the medium; it follows from the other files."""
    if COMPLETE not in look.listing.sizes:
        detail = "writing was perhaps interrupted"
        look.problems.append(Problem(code="EXP-102", severity=Outcome.WARN, path=COMPLETE, detail=detail))
        return
    sizes, digests = look.listing.sizes, look.listing.digests
    names = sorted({*wanted, *SIGNATURE_FILES} & digests.keys())
    written = [WrittenFile(name=name, size_bytes=sizes[name], sha384=digests[name]) for name in names]
    if look.control.get(COMPLETE) != completion_marker(written):
        _state(look, COMPLETE, "changed", "EXP-101")


def _check_manifest(look: _Look) -> None:
    """The manifest is the one the statement implies, and both its CMS signatures stand."""
    manifest = look.control.get(MANIFEST)
    if manifest is None:
        return
    if look.wanted:
        content = {name: digest for name, digest in look.wanted.items() if name not in SIGNATURE_FILES}
        try:
            expected = write_manifest(content)
        except UnicodeEncodeError:
            expected = b""
        if manifest != expected:
            look.reject("EXP-105", MANIFEST)
            _blame_statement(look)
        for name in (MANIFEST, MANIFEST_EC, MANIFEST_PQ):
            if name not in look.wanted:
                look.reject("EXP-107", STATEMENT, f"does not name {name}")
    for name in (MANIFEST_EC, MANIFEST_PQ):
        if name in look.control:
            report, problems = check_manifest_signature(
                manifest,
                look.control[name],
                look.anchors,
                path=name,
                at=look.at,
                signer_keys=look.check.signer_keys,
            )
            look.problems += problems
            look.signatures += [report] if report else []


def _blame_statement(look: _Look) -> None:
    """When manifest and files fit each other, the odd one out is the statement: another export's."""
    listed = _manifest_names(look)
    if listed and all(look.listing.digests.get(name) == digest for name, digest in listed.items()):
        look.reject("EXP-130", STATEMENT)


def _check_documents(look: _Look) -> None:
    """Open the signed PDFs, but only those an authentic statement vouches for."""
    if not look.check.authentic:
        return
    for name, fields in _signed_documents(look):
        if look.states.get(name) != "as-signed":
            continue  # named already
        content = look.listing.read(name, MAX_PDF_BYTES)
        if content is None or hashlib.sha384(content).hexdigest() != look.wanted[name]:
            look.reject("EXP-101", name, "changed while it was read")
            continue
        document = verify_pdf(
            content,
            look.given.with_crls(look.anchors.trust.crls_der),
            at=look.at,
            demo_allowed=True,
            path=name,
            expected_fields=fields,
        )
        look.documents.append(document)
        look.problems += document.problems
        if document.outcome is not Outcome.REJECT:
            _check_two_people(look, document)
            for other in differing(content, look.wanted):
                look.reject("EXP-131", other, f"attached to {name}")


def _check_certification(look: _Look) -> None:
    """The reviewer's own statement, where the export carries one: over the beginning of the very report."""
    if CERTIFICATION not in look.wanted or not look.check.authentic:
        return
    parts = (CERTIFICATION, certification.CERTIFICATES, DOCUMENT)
    if any(look.states.get(name) != "as-signed" for name in parts if name in look.wanted):
        return  # named already
    content = look.listing.read(CERTIFICATION, certification.MAX_BYTES) or b""
    certificates = look.listing.read(certification.CERTIFICATES, certification.MAX_BYTES) or b""
    found, check = certification.check(content, certificates, anchors=look.anchors, at=look.at)
    look.problems += check.problems
    look.signatures += check.reports
    look.check.demo |= check.demo
    if found is not None:
        pdf = look.listing.read(DOCUMENT, MAX_PDF_BYTES) or b""
        look.problems += certification.fits(found, pdf, look.wanted, look.documents)


def _signed_documents(look: _Look) -> Iterator[tuple[str, tuple[str, ...]]]:
    listed = _predicate(look).get("signedDocuments")
    if not isinstance(listed, list) or not listed:
        look.reject("EXP-119", STATEMENT, "of any document")
        return
    for one in listed:
        name, fields = (one.get("name"), one.get("fields")) if isinstance(one, dict) else ("", None)
        if not isinstance(name, str) or name not in look.wanted or not isinstance(fields, list):
            look.reject("EXP-106", STATEMENT, "signedDocuments")
            continue
        yield name, tuple(str(each) for each in fields)


def _who(row: SignatureReport) -> str:
    """By whom: the person id of our own certificates; others, of an agency's authority, have a name alone."""
    return row.person_id or row.untrusted_name


def _check_two_people(look: _Look, document: PdfVerification) -> None:
    """Who certified a document is not who released it: one person's keys alone make no export."""
    released = {_who(row) for row in look.check.reports}
    if not {_who(row) for row in document.signatures if row.certifies} - released:
        look.reject("EXP-119", document.path, "of a second person")


def _answer(look: _Look) -> ExportVerification:
    demo = look.check.demo or any(is_demo(one) for one in look.certificates.values())
    if demo and not look.demo_allowed:
        look.reject("EXP-116", "")
    problems = tuple(dict.fromkeys(look.problems))
    outcome = worst(problems)
    authentic = look.check.authentic
    return ExportVerification(
        outcome=outcome,
        problems=problems,
        files=tuple(_rows(look)),
        signatures=tuple(look.signatures),
        documents=tuple(look.documents),
        crls=look.anchors.ages(at=look.at, given=look.given),
        roots_sha384=look.anchors.fingerprints,
        claimed_at=look.claimed_at,
        demo=demo,
        predicate=_predicate(look) if authentic else {},
    )


def _rows(look: _Look) -> Iterator[FileCheck]:
    for name in sorted({*look.states, *look.listing.sizes}):
        yield FileCheck(
            path=name,
            size_bytes=look.listing.sizes.get(name, 0),
            sha384=look.listing.digests.get(name, ""),
            state=look.states.get(name, "refused"),
        )
