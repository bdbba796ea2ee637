"""Documents of a press without PDF: fields, seals one after the other, whether they hold. For tests only."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime

from tests.helpers.memory_identities import dumped, holds, mac, require_usable
from workstation.core.signature_errors import (
    DocumentUnreadable,
    SignatureFieldFilled,
    SignatureFieldMissing,
    SignedDocumentInvalid,
)
from workstation.core.signatures import Signer, TrustStore


def read(pdf: bytes) -> tuple[dict[str, bool], list[dict[str, object]]]:
    """Fields, each with whether it locks the document, and the seals so far."""
    if not pdf.startswith(b"%PDF-memory\n"):
        raise DocumentUnreadable(detail="not one of these")
    lines = pdf.splitlines()
    try:
        return json.loads(lines[1])["fields"], [json.loads(line) for line in lines[2:]]
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise DocumentUnreadable(detail=str(error)) from error


def require_field(fields: dict[str, bool], seals: list[dict[str, object]], name: str) -> None:
    """There and not filled."""
    if name not in fields:
        raise SignatureFieldMissing(field_name=name, detail="not in the document")
    if any(seal["field"] == name for seal in seals):
        raise SignatureFieldFilled(field_name=name)


def seal(pdf: bytes, name: str, signer: Signer, trust: TrustStore, at: datetime) -> bytes:
    """One more seal over all that stands before it."""
    require_usable(signer, trust, at=at)
    seal = {
        "field": name,
        "person": signer.person_id,
        "certificate": signer.ec_certificate_der.decode(),
        "at": at.isoformat(),
    }
    return pdf + dumped(seal | {"seal": signer.sign_classical(pdf + dumped(seal)).hex()}) + b"\n"


def require_document(pdf: bytes, trust: TrustStore, *, at: datetime) -> None:
    """Every seal is over all that stands before it, by somebody known."""
    _fields, seals = read(pdf)
    lines = pdf.splitlines(keepends=True)
    roots = {json.loads(root)["public"] for root in trust.roots_der}
    for number, seal in enumerate(seals):
        said = {name: value for name, value in seal.items() if name != "seal"}
        certificate = str(said["certificate"]).encode()
        facts, before = json.loads(certificate), b"".join(lines[: 2 + number])
        known = facts["issuer"] in roots and holds(facts["issuer"], certificate)
        if seal.get("seal") != mac(facts["public"], before + dumped(said)) or not known:
            raise SignedDocumentInvalid(detail=str(said["field"]))
    if not seals or not pdf.endswith(b"}\n"):
        raise SignedDocumentInvalid(detail="not signed")


def attested(pdf: bytes, others: Mapping[str, bytes], signer: Signer, at: datetime) -> bytes:
    """What the reviewer says of a document as certified."""
    files = {**others, "report.pdf": pdf}
    digests = {name: hashlib.sha384(data).hexdigest() for name, data in files.items()}
    said = dumped({"digests": digests, "at": at.isoformat(), "by": signer.pq_certificate_der.decode()})
    return dumped({"said": said.decode(), "seal": signer.sign_pq(said).hex()})
