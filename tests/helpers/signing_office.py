"""A signing office for tests: roots, people, a timestamper, lists, and a small document with fields."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import (
    FieldMDPAction,
    FieldMDPSpec,
    MDPPerm,
    SigFieldSpec,
    append_signature_field,
)
from reportlab.pdfgen.canvas import Canvas

from reports.authority import create_authority, crls, issue, issue_timestamper
from reports.bundle import compose, open_content
from reports.certification import attest
from reports.identities import SoftwareSigner
from reports.signing import certify, release
from reports.timestamps import LocalTimestamper
from workstation.core.media import COMPLETION_MARKER, WrittenFile, completion_marker
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TimestamperMaterial, TrustStore

FOUNDED = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
SIGNED = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
REVIEWER_FIELD, OFFICER_FIELD = "Reviewer", "SecurityOfficer"


@dataclass(kw_only=True)
class Office:
    """One authority with its people; ``trust`` is what a recipient got by another channel."""

    authority: AuthorityMaterial
    reviewer: IssuedIdentity
    officer: IssuedIdentity
    timestamper: TimestamperMaterial
    trust: TrustStore

    def sign_as(self, identity: IssuedIdentity) -> SoftwareSigner:
        """A fresh signer; the identity stays usable for the next one."""
        return SoftwareSigner(IssuedIdentity.unpack(identity.pack()))

    def clock(self, at: datetime = SIGNED) -> LocalTimestamper:
        """The timestamper at a moment."""
        return LocalTimestamper(self.timestamper, at=at)


def found_office(*, demo: bool = False, name: str = "Office for Tests", at: datetime = FOUNDED) -> Office:
    """Everything an office needs to sign."""
    authority = create_authority(name, at=at, demo=demo)
    lists = crls(authority, {}, at=at, next_update=at + timedelta(days=60))
    return Office(
        authority=authority,
        reviewer=issue(authority, "PER-REVIEWER", "Ann Reviewer", "Lead reviewer", at=at),
        officer=issue(authority, "PER-OFFICER", "Otto Officer", "Security officer", at=at),
        timestamper=issue_timestamper(authority, at=at),
        trust=TrustStore(roots_der=authority.roots_der, crls_der=lists),
    )


def document(text: str = "Determination report", *, pages: int = 2) -> bytes:
    """A small PDF with the reviewer's field and the officer's, the latter with a lock over everything."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842), invariant=1)
    for page in range(pages):
        canvas.drawString(72, 770, f"{text}, page {page + 1}")
        canvas.showPage()
    canvas.save()
    writer = IncrementalPdfFileWriter(io.BytesIO(buffer.getvalue()))
    append_signature_field(writer, SigFieldSpec(REVIEWER_FIELD, on_page=0, box=(72, 120, 292, 180)))
    lock = FieldMDPSpec(FieldMDPAction.ALL)
    officer = SigFieldSpec(
        OFFICER_FIELD,
        on_page=0,
        box=(302, 120, 522, 180),
        field_mdp_spec=lock,
        doc_mdp_update_value=MDPPerm.NO_CHANGES,
    )
    append_signature_field(writer, officer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def sign_step(
    step: Callable[..., bytes],
    office: Office,
    pdf: bytes,
    *,
    by: IssuedIdentity | None = None,
    field: str = "",
    trust: TrustStore | None = None,
    days: float = 0,
) -> bytes:
    """``certify`` by the reviewer or ``release`` by the officer, unless told otherwise."""
    at = SIGNED + timedelta(days=days)
    identity = by or (office.reviewer if step is certify else office.officer)
    with office.sign_as(identity) as signer:
        return step(
            pdf,
            field=field or (REVIEWER_FIELD if step is certify else OFFICER_FIELD),
            signer=signer,
            trust=trust or office.trust,
            timestamper=office.clock(at),
            at=at,
            reason="For the test.",
        )


def signed_document(office: Office, pdf: bytes | None = None, *, at: datetime = SIGNED) -> bytes:
    """A document certified by the reviewer and released by the officer."""
    common = {"trust": office.trust, "timestamper": office.clock(at), "at": at}
    with office.sign_as(office.reviewer) as reviewer:
        pdf = certify(pdf or document(), field=REVIEWER_FIELD, signer=reviewer, reason="Reviewed.", **common)
    with office.sign_as(office.officer) as officer:
        return release(pdf, field=OFFICER_FIELD, signer=officer, reason="Released.", **common)


def write_export(
    office: Office,
    folder: Path,
    *,
    report: bytes | None = None,
    at: datetime = SIGNED,
    certified: bool = True,
    **files: bytes,
) -> Path:
    """A whole export in ``folder``, completion marker included; ``certified``: with the reviewer's part."""
    content: dict[str, bytes] = {"report.pdf": report or signed_document(office, at=at)}
    content["determination.json"] = b'{"case": "CASE-TEST"}\n'
    content |= {name.replace("__", "."): body for name, body in files.items()}
    if certified:
        content |= certified_files(office, content["report.pdf"], content["determination.json"], at=at)
    with office.sign_as(office.officer) as officer:
        bundle = compose(
            content,
            signers=[officer],
            predicate={"case": "CASE-TEST"},
            trust=office.trust,
            timestamper=office.clock(at),
            at=at,
        )
    for entry in bundle.entries:
        (folder / entry.name).parent.mkdir(parents=True, exist_ok=True)
        (folder / entry.name).write_bytes(open_content(entry.content).read())
    complete(folder)
    return folder


def certified_files(office: Office, report: bytes, data: bytes, *, at: datetime = SIGNED) -> dict[str, bytes]:
    """What the reviewer signed at certifying, beside the report: over its first signed revision."""
    reader = PdfFileReader(io.BytesIO(report))
    signatures = reader.embedded_signatures
    spans = [int(number) for number in signatures[0].byte_range] if signatures else []
    end = sum(spans[2:]) if spans else len(report)
    with office.sign_as(office.reviewer) as reviewer:
        return attest(report[:end], {"determination.json": data}, signer=reviewer, at=at)


def complete(folder: Path) -> None:
    """Write the completion marker over what is in ``folder``, as whoever writes a medium does."""
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    files = [(name, (folder / name).read_bytes()) for name in names if name != COMPLETION_MARKER]
    written = [
        WrittenFile(name=name, size_bytes=len(content), sha384=hashlib.sha384(content).hexdigest())
        for name, content in files
    ]
    (folder / COMPLETION_MARKER).write_bytes(completion_marker(written))


def write_trust(office: Office, folder: Path) -> Path:
    """The roots and lists of ``office`` as PEM and DER files, as a recipient keeps them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, der in zip(("root-ec.pem", "root-pq.pem"), office.authority.roots_der, strict=True):
        pem = x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM)
        (folder / name).write_bytes(pem)
    for number, der in enumerate(office.trust.crls_der):
        (folder / f"list-{number}.crl").write_bytes(der)
    return folder


def this_machine_s_clock(folder: Path) -> datetime:
    """The moment tools of the system take for now: they cannot be told another."""
    return datetime.fromtimestamp(int(folder.stat().st_mtime), UTC)
