"""The signature of a content set: made here, and verified against the roots that are kept for content.

Beside ``eo14409-v2.json`` stand ``eo14409-v2.json.dsse.json`` and ``eo14409-v2.json.certificates.pem``. The
format is ``docs/format/content-set-v1.md``; the envelope is the one of an export, with another predicate.
"""

import base64
import hashlib
import textwrap
from collections.abc import Mapping
from datetime import datetime

from cryptography.exceptions import UnsupportedAlgorithm

from reports.dsse import STATEMENT_TYPE, Envelope, StatementRefused, read_envelope, subjects, write_envelope
from reports.trust import Anchors, key_id, parse_pem
from reports.verifying_statement import StatementCheck, check_envelope
from workstation.core.content import ContentSignatureBad, ContentSigner, ContentTrustMissing
from workstation.core.examination import Outcome
from workstation.core.signatures import Signer, TrustStore

PREDICATE_TYPE = "urn:frontier-review-workstation:content-set:v1"
_MOST_ENVELOPE_BYTES = 1 << 20


def sign(
    name: str, content: bytes, *, predicate: Mapping[str, object], signer: Signer
) -> tuple[bytes, bytes]:
    """The envelope over one set, and the certificates of its signer as PEM."""
    digest = hashlib.sha384(content).hexdigest()
    statement = {
        "_type": STATEMENT_TYPE,
        "predicateType": PREDICATE_TYPE,
        "subject": [{"name": name, "digest": {"sha384": digest}}],
        "predicate": dict(predicate),
    }
    certificates = (signer.ec_certificate_der, signer.pq_certificate_der)
    return write_envelope(statement, (signer,)), b"".join(_pem(der) for der in certificates)


def verify(
    name: str,
    content: bytes,
    envelope: bytes,
    certificates: bytes,
    *,
    predicate: Mapping[str, object],
    trust: TrustStore,
    at: datetime,
    demo_allowed: bool,
) -> tuple[ContentSigner, ...]:
    """Return who signed exactly these bytes as exactly this set.

    The moment of signing is not in the envelope, so certificates are judged as of ``at``: a set whose
    signer's certificate has ended is signed anew.

    Raises:
        ContentTrustMissing: no root to believe.
        ContentSignatureBad: anything else, with the code of the reason.
    """
    if not trust.roots_der:
        raise ContentTrustMissing
    try:
        parsed = _read(name, content, envelope, predicate)
        known = {key_id(one): one for one in parse_pem(certificates)[0]}
    except (StatementRefused, ValueError, UnsupportedAlgorithm) as fault:
        raise ContentSignatureBad(file=name, problem="EXP-106", reason=str(fault)[:200]) from fault
    check = check_envelope(parsed, known, Anchors(trust), claimed_at=at, at=at)
    _require_authentic(name, check, demo_allowed=demo_allowed)
    return tuple(
        ContentSigner(
            untrusted_name=row.untrusted_name,
            certificate_sha384=row.certificate_sha384,
            algorithm=row.algorithm,
        )
        for row in check.reports
    )


def _read(name: str, content: bytes, envelope: bytes, predicate: Mapping[str, object]) -> Envelope:
    if len(envelope) > _MOST_ENVELOPE_BYTES:
        raise StatementRefused("too large")
    parsed = read_envelope(envelope, predicate_type=PREDICATE_TYPE)
    if set(parsed.statement) != {"_type", "predicateType", "subject", "predicate"}:
        raise StatementRefused("statement members")
    if subjects(parsed.statement) != {name: hashlib.sha384(content).hexdigest()}:
        raise StatementRefused("signed is another file, or another name")
    if parsed.statement["predicate"] != dict(predicate):
        raise StatementRefused("the statement is about another set or version")
    return parsed


def _require_authentic(name: str, check: StatementCheck, *, demo_allowed: bool) -> None:
    for problem in check.problems:
        if problem.severity is Outcome.REJECT:
            raise ContentSignatureBad(file=name, problem=problem.code, reason=problem.detail)
    trusted = all(row.valid and row.trusted for row in check.reports)
    if not check.reports or not trusted:
        raise ContentSignatureBad(file=name, problem="EXP-109", reason="")
    if check.demo and not demo_allowed:
        raise ContentSignatureBad(file=name, problem="EXP-116", reason="a demonstration's")


def _pem(der: bytes) -> bytes:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n".encode()
