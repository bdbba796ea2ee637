"""The reviewer's own quantum-safe signature: a statement over the certified revision, beside the report.

The reviewer is not there when the officer signs the manifest. So at certifying, both keys of the reviewer
sign the digests of the document as certified and of the data that belong to it. The officer's signature is
appended to those very bytes; a verifier finds them at the beginning of the released document again.
Format: ``docs/format/export-v1.md``.
"""

import hashlib
import textwrap
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import UnsupportedAlgorithm

from reports.dsse import STATEMENT_TYPE, Envelope, StatementRefused, read_envelope, subjects, write_envelope
from reports.trust import Anchors, key_id, parse_pem
from reports.verifying_statement import StatementCheck, check_envelope
from workstation.core.examination import Outcome
from workstation.core.signatures import Signer
from workstation.core.verifications import PdfVerification, Problem

PREDICATE_TYPE = "urn:frontier-review-workstation:certification:v1"
CERTIFICATION = "certification.dsse.json"
CERTIFICATES = "certification.certificates.pem"
DOCUMENT = "report.pdf"
MAX_BYTES = 1 << 20
_MEMBERS = {"_type", "predicateType", "subject", "predicate"}


def attest(pdf: bytes, others: Mapping[str, bytes], *, signer: Signer, at: datetime) -> dict[str, bytes]:
    """The statement and its certificates, by the names they have in an export.

    ``pdf`` is the document as certified, ``others`` the files that leave beside it as they are.
    """
    digests = {name: hashlib.sha384(content).hexdigest() for name, content in others.items()}
    digests[DOCUMENT] = hashlib.sha384(pdf).hexdigest()
    statement = {
        "_type": STATEMENT_TYPE,
        "predicateType": PREDICATE_TYPE,
        "subject": [{"name": name, "digest": {"sha384": digests[name]}} for name in sorted(digests)],
        "predicate": {"claimedAt": at.replace(microsecond=0).isoformat(), "certifiedBytes": len(pdf)},
    }
    ders = (signer.ec_certificate_der, signer.pq_certificate_der)
    pem = b"".join(_pem(der) for der in ders)
    return {CERTIFICATION: write_envelope(statement, (signer,)), CERTIFICATES: pem}


@dataclass(frozen=True, kw_only=True)
class Certification:
    """What the reviewer's statement says; nothing of it is believed before ``check``."""

    envelope: Envelope
    claimed_at: datetime
    certified_bytes: int
    digests: Mapping[str, str]


def read(content: bytes) -> Certification:
    """Parse the one accepted form.

    Raises:
        StatementRefused, ValueError, KeyError, TypeError: any other.
    """
    if len(content) > MAX_BYTES:
        raise StatementRefused("too large")
    envelope = read_envelope(content, predicate_type=PREDICATE_TYPE)
    predicate = envelope.statement.get("predicate")
    if set(envelope.statement) != _MEMBERS or not isinstance(predicate, dict):
        raise StatementRefused("members")
    moment = datetime.fromisoformat(str(predicate["claimedAt"]))
    size = predicate["certifiedBytes"]
    plain = moment.astimezone(UTC).replace(microsecond=0).isoformat()
    if set(predicate) != {"claimedAt", "certifiedBytes"} or predicate["claimedAt"] != plain:
        raise StatementRefused("predicate")
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise StatementRefused("certifiedBytes")
    digests = subjects(envelope.statement)
    if DOCUMENT not in digests:
        raise StatementRefused("no document")
    return Certification(envelope=envelope, claimed_at=moment, certified_bytes=size, digests=digests)


def check(
    content: bytes, certificates: bytes, *, anchors: Anchors, at: datetime
) -> tuple[Certification | None, StatementCheck]:
    """Whether somebody who may be believed signed it, with both kinds of key."""
    try:
        found = read(content)
        known = {key_id(one): one for one in parse_pem(certificates)[0]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnsupportedAlgorithm) as fault:
        check = StatementCheck()
        check.problems.append(_reject("EXP-106", CERTIFICATION, str(fault)[:200]))
        return None, check
    return found, check_envelope(
        found.envelope, known, anchors, claimed_at=found.claimed_at, at=at, where=CERTIFICATION
    )


def fits(
    found: Certification, pdf: bytes, wanted: Mapping[str, str], documents: list[PdfVerification]
) -> Iterator[Problem]:
    """What of the export is not what the reviewer certified, or was certified by somebody else."""
    certified = hashlib.sha384(pdf[: found.certified_bytes]).hexdigest()
    if len(pdf) < found.certified_bytes or certified != found.digests[DOCUMENT]:
        yield _reject("EXP-132", CERTIFICATION, DOCUMENT)
    for name, digest in found.digests.items():
        if name != DOCUMENT and wanted.get(name) != digest:
            yield _reject("EXP-132", CERTIFICATION, name)
    certifiers = {row.key_id for one in documents for row in one.signatures if row.certifies}
    keys = {one.key_id for one in found.envelope.signatures}
    if certifiers and not certifiers & keys:
        yield _reject("EXP-132", CERTIFICATION, "signed by somebody else than the document")


def _pem(der: bytes) -> bytes:
    body = "\n".join(textwrap.wrap(b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()


def _reject(code: str, path: str, detail: str) -> Problem:
    return Problem(code=code, severity=Outcome.REJECT, path=path, detail=detail)
