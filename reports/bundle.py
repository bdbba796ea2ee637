"""An export as a folder that carries its own evidence: manifest, two CMS signatures, one statement.

Files may be large: each is read once as a stream to take its digest. Formats: ``docs/format/export-v1.md``.
"""

import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from string import Template
from typing import BinaryIO

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import mldsa
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

import resources
from reports import certification
from reports.attached import differing
from reports.coroutines import run
from reports.dsse import PREDICATE_TYPE, STATEMENT_TYPE, StatementRefused, read_envelope, write_envelope
from reports.manifest import (
    CERTIFICATES,
    FORMAT,
    INSTRUCTIONS,
    MANIFEST,
    MANIFEST_EC,
    MANIFEST_PQ,
    REVOCATION_EC,
    REVOCATION_PQ,
    STATEMENT,
    require_names,
    write_manifest,
)
from reports.signing import as_pyhanko, require_usable
from reports.timestamps import LocalTimestamper
from reports.trust import Anchors, is_demo, key_id, parse_pem
from reports.verified import verified
from workstation.core.examination import Outcome
from workstation.core.jobs import JobControl, Progress
from workstation.core.signature_errors import (
    BundleContentUnreadable,
    BundleIncomplete,
    SignedDocumentInvalid,
)
from workstation.core.signatures import Signer, TrustStore
from workstation.core.verifications import Bundle, BundleEntry, Content, PdfVerification

_PIECE_BYTES = 4 << 20


def compose(
    files: Mapping[str, Content | Path],
    *,
    signers: Sequence[Signer],
    predicate: Mapping[str, object],
    trust: TrustStore,
    timestamper: LocalTimestamper,
    at: datetime,
    signed_documents: Sequence[str] = ("report.pdf",),
    job: JobControl | None = None,
) -> Bundle:
    """Put ``files`` (name to content) together with everything that proves them.

    ``signers`` sign the statement; the last one, the releasing officer, signs the manifest. ``predicate`` is
    the workflow's own part of the statement: JSON without fractions. ``signed_documents`` name the PDFs
    whose signatures a verifier will demand.

    Raises:
        BundleNameRefused: a name cannot go on a medium.
        BundleIncomplete: no signer, a named document absent, or a predicate that is not plain JSON.
        BundleContentUnreadable: a file could not be read.
        SignedDocumentInvalid: a named document does not verify, or carries another edition of a file that
            lies beside it.
        Refused: a signer's certificate cannot be used, as for ``signing.certify``.
    """
    require_names(files)
    anchors = Anchors(trust)
    _require_signers(signers, anchors, at=at)
    job = job or JobControl()
    contents = {name: _as_content(content) for name, content in files.items()}
    documents = _verified_documents(contents, signed_documents, trust, at=at)
    demo = any(is_demo(one) for one in anchors.certificates)
    contents[CERTIFICATES] = _certificates(signers, timestamper, anchors)
    contents[REVOCATION_EC] = _lists(anchors, post_quantum=False)
    contents[REVOCATION_PQ] = _lists(anchors, post_quantum=True)
    certified = _certifiers(contents)
    contents[INSTRUCTIONS] = _instructions(documents, signers, certified, at=at, demo=demo)
    entries = [_entry(name, content, job) for name, content in contents.items()]
    _require_same_attachments(entries, signed_documents)
    manifest = write_manifest({entry.name: entry.sha384 for entry in entries})
    for name, post_quantum in ((MANIFEST_EC, False), (MANIFEST_PQ, True)):
        signed = _sign_manifest(manifest, signers[-1], timestamper, post_quantum=post_quantum)
        entries.append(_entry(name, signed, job))
    entries.append(_entry(MANIFEST, manifest, job))
    statement = _statement(entries, documents, signers, predicate, at=at, demo=demo)
    entries.append(_entry(STATEMENT, _write_statement(statement, signers), job))
    return Bundle(entries=tuple(entries), statement=statement)


def open_content(content: Content) -> BinaryIO:
    """A fresh stream over the content."""
    return io.BytesIO(content) if isinstance(content, bytes) else content()


# --- parts -------------------------------------------------------------------------------------------


def _as_content(content: Content | Path) -> Content:
    if isinstance(content, Path):
        return lambda: content.open("rb")
    return content


def _entry(name: str, content: Content, job: JobControl) -> BundleEntry:
    digest, size_bytes = hashlib.sha384(), 0
    try:
        with open_content(content) as stream:
            while piece := stream.read(_PIECE_BYTES):
                digest.update(piece)
                size_bytes += len(piece)
                job.tick(Progress(stage="export-digest", done_bytes=size_bytes, untrusted_detail=name))
    except OSError as fault:
        raise BundleContentUnreadable(untrusted_name=name, detail=fault.strerror or "") from fault
    return BundleEntry(name=name, size_bytes=size_bytes, sha384=digest.hexdigest(), content=content)


def _require_signers(signers: Sequence[Signer], anchors: Anchors, *, at: datetime) -> None:
    if not signers:
        raise BundleIncomplete(detail="nobody signs")
    for signer in signers:
        for der in (signer.ec_certificate_der, signer.pq_certificate_der):
            require_usable(x509.load_der_x509_certificate(der), anchors, at=at)


def _verified_documents(
    contents: Mapping[str, Content], names: Sequence[str], trust: TrustStore, *, at: datetime
) -> list[PdfVerification]:
    documents = []
    for name in names:
        if name not in contents:
            raise BundleIncomplete(detail=f"{name} is not among the files")
        with open_content(contents[name]) as stream:
            answer = verified(stream.read(), trust, at=at, path=name)
        if answer.outcome is not Outcome.ACCEPT or not answer.unchanged:
            raise SignedDocumentInvalid(detail=", ".join(f"{one.path} {one.code}" for one in answer.problems))
        documents.append(answer)
    return documents


def _require_same_attachments(entries: Sequence[BundleEntry], documents: Sequence[str]) -> None:
    """A report and the data beside it are of one make: nobody can release the one with another's other."""
    beside = {entry.name: entry.sha384 for entry in entries}
    for entry in entries:
        if entry.name in documents:
            with open_content(entry.content) as stream:
                others = differing(stream.read(), beside)
            if others:
                raise SignedDocumentInvalid(detail=f"{entry.name} carries another {', '.join(others)}")


def _certificates(signers: Sequence[Signer], timestamper: LocalTimestamper, anchors: Anchors) -> bytes:
    ders: dict[bytes, None] = {}
    for signer in signers:
        ders |= dict.fromkeys((signer.ec_certificate_der, signer.pq_certificate_der))
    ders[timestamper.tsa_cert.dump()] = None
    for signer in signers:
        ders |= dict.fromkeys(signer.chain_der)
    # The reviewer may have another issuer than who releases; a recipient knows it by its fingerprint.
    ders |= dict.fromkeys(anchors.trust.roots_der)
    pems = [x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM) for der in ders]
    return b"".join(pems)


def _lists(anchors: Anchors, *, post_quantum: bool) -> bytes:
    pems = [
        listed.public_bytes(Encoding.PEM)
        for anchor in anchors.certificates
        if isinstance(anchor.public_key(), mldsa.MLDSA87PublicKey) == post_quantum
        for listed in anchors.lists_of(anchor)[:1]
    ]
    if not pems:
        raise BundleIncomplete(detail="no current revocation list")
    return b"".join(pems)


def _sign_manifest(
    manifest: bytes, signer: Signer, timestamper: LocalTimestamper, *, post_quantum: bool
) -> bytes:
    """Detached CMS. RFC 9882 pairs ML-DSA-87 with SHA-512 as the message digest."""
    work = as_pyhanko(signer, post_quantum=post_quantum).async_sign_general_data(
        manifest,
        "sha512" if post_quantum else "sha384",
        detached=True,
        timestamper=timestamper,
        signed_attr_settings=PdfCMSSignedAttributes(signing_time=timestamper.at),
    )
    signed: bytes = run(work).dump()
    return signed


def _statement(
    entries: Sequence[BundleEntry],
    documents: Sequence[PdfVerification],
    signers: Sequence[Signer],
    predicate: Mapping[str, object],
    *,
    at: datetime,
    demo: bool,
) -> dict[str, object]:
    ordered = sorted(entries, key=lambda entry: entry.name)
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": entry.name, "digest": {"sha384": entry.sha384}} for entry in ordered],
        "predicateType": PREDICATE_TYPE,
        "predicate": {
            "format": FORMAT,
            "claimedAt": at.replace(microsecond=0).isoformat(),
            "demo": demo,
            "sizes": {entry.name: entry.size_bytes for entry in ordered},
            "signedDocuments": [
                {"name": one.path, "fields": [_field(row.where) for row in one.signatures]}
                for one in documents
            ],
            "signers": [_signer_facts(signer) for signer in signers],
            "export": dict(predicate),
        },
    }


def _write_statement(statement: dict[str, object], signers: Sequence[Signer]) -> bytes:
    try:
        envelope = write_envelope(statement, signers)
        if read_envelope(envelope).statement != statement:
            raise BundleIncomplete(detail="the predicate is not plain JSON")
    except (StatementRefused, ValueError, TypeError) as fault:
        raise BundleIncomplete(detail=f"the predicate is not plain JSON: {fault}"[:200]) from fault
    return envelope


def _signer_facts(signer: Signer) -> dict[str, object]:
    return {
        "person": signer.person_id,
        "name": signer.display_name,
        "role": signer.role,
        "ecKeyId": key_id(x509.load_der_x509_certificate(signer.ec_certificate_der)),
        "pqKeyId": key_id(x509.load_der_x509_certificate(signer.pq_certificate_der)),
    }


def _field(where: str) -> str:
    return where.rpartition("#")[2]


# --- instructions for a recipient without our software ------------------------------------------------


def _certifiers(contents: Mapping[str, Content]) -> str:
    """The keys of the reviewer's own statement, for the instructions; empty without one."""
    content = contents.get(certification.CERTIFICATES)
    if not isinstance(content, bytes):
        return ""
    keys = [f"      {key_id(one)}" for one in parse_pem(content)[0]]
    return "\n".join(
        ["", "  Keys of the reviewer, which signed certification.dsse.json at certifying:", *keys]
    )


def _instructions(
    documents: Iterable[PdfVerification],
    signers: Iterable[Signer],
    certified: str,
    *,
    at: datetime,
    demo: bool,
) -> bytes:
    template = Template(resources.read_text("verify/VERIFY.txt"))
    warning = (
        "\n*** DEMO. Made by a demonstration; it proves nothing and must never verify as real. Verifiers\n"
        "    refuse it unless they are told --demo, which is for training alone. ***\n"
    )
    text = template.substitute(
        demo=warning if demo else "",
        demo_option="--demo " if demo else "",
        claimed_at=f"{at:%Y-%m-%d %H:%M:%S} UTC",
        documents="\n".join(_document_commands(one) for one in documents),
        signers="\n".join(_signer_lines(one) for one in signers) + certified,
    )
    return text.encode("ascii", "replace")


def _document_commands(document: PdfVerification) -> str:
    file = f'"$E"/"{document.path}"'
    lines = [f"    pdfsig -nssdir nss -no-ocsp {file}", ""]
    lines.append(
        f"  Signatures of {document.path} ({document.size_bytes} bytes), and how to check each by hand:"
    )
    for number, row in enumerate(document.signatures):
        _start, first, second, length = row.byte_range
        end = second + length
        rest = f"tail -c +{second + 1} {file} | head -c {length}"
        cms = f"{Path(document.path).name}.sig{number}"
        covers = "the whole file" if end == document.size_bytes else f"the first {end} bytes, one revision"
        lines += [
            f"    {_field(row.where)}: signed ranges [0 - {first}], [{second} - {end}]; covers {covers}.",
            "    The gap between the ranges is the signature itself; pdfsig writes it to a file.",
            f"      pdfsig -nssdir nss -no-ocsp -dump {file}",
            f"      {{ head -c {first} {file}; {rest}; }} > signed.bin",
            f'      openssl cms -verify -binary -inform DER -in "{cms}" -content signed.bin \\',
            "          -CAfile ec.pem -crl_check -purpose any -out /dev/null",
        ]
    return "\n".join(lines) + "\n"


def _signer_lines(signer: Signer) -> str:
    facts = _signer_facts(signer)
    return (
        f"    {facts['name']}, {facts['role']}\n      P-384      {facts['ecKeyId']}\n"
        f"      ML-DSA-87  {facts['pqKeyId']}"
    )
