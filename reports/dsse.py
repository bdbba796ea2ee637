"""The export's statement: in-toto v1 in a DSSE envelope, signed with P-384 and ML-DSA-87 over the same bytes.

One form only. Payload and envelope are canonical JSON (RFC 8785) without numbers that have fractions, so
that a verifier can demand the very bytes a signer wrote, and no byte of the file is left uncovered.
"""

import base64
import binascii
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import rfc8785
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from reports.identities import P384_ORDER
from reports.trust import key_id
from workstation.core.signatures import Signer

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE = "urn:frontier-review-workstation:export:v1"
MAX_ENVELOPE_BYTES = 16 << 20
_MAX_DEPTH = 32
_MAX_NUMBER_CHARS = 20
_KEY_ID = re.compile(r"[0-9a-f]{96}")
_ML_DSA_87_BYTES = 4627
RSA_BITS, RSA_EXPONENT = range(3072, 4097), 65537


class StatementRefused(ValueError):
    """An envelope not in the one accepted form; the message says where."""


@dataclass(frozen=True, kw_only=True)
class EnvelopeSignature:
    """One signature with the key it names: SHA-384 over the SubjectPublicKeyInfo."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A parsed envelope; nothing in it is authentic yet."""

    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]
    statement: dict[str, object]

    @property
    def pae(self) -> bytes:
        """The bytes that are signed."""
        return pre_authentication(self.payload)


def pre_authentication(payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding, version 1."""
    return b"DSSEv1 %d %s %d %s" % (len(PAYLOAD_TYPE), PAYLOAD_TYPE.encode(), len(payload), payload)


def write_envelope(statement: Mapping[str, object], signers: Sequence[Signer]) -> bytes:
    """Sign ``statement`` with both keys of every signer."""
    payload = rfc8785.dumps(dict(statement))  # type: ignore[arg-type]  # JSON values by construction
    pae = pre_authentication(payload)
    signatures = []
    for signer in signers:
        for der, sign in (
            (signer.ec_certificate_der, signer.sign_classical),
            (signer.pq_certificate_der, signer.sign_pq),
        ):
            named = key_id(x509.load_der_x509_certificate(der))
            signatures.append({"keyid": named, "sig": _base64(sign(pae))})
    return _canonical(payload, signatures)


def read_envelope(content: bytes, *, predicate_type: str = PREDICATE_TYPE) -> Envelope:
    """Parse the one accepted form.

    Raises:
        StatementRefused: too large, not canonical, not this kind of statement.
    """
    if len(content) > MAX_ENVELOPE_BYTES:
        raise StatementRefused("too large")
    outer = _object(content)
    if set(outer) != {"payload", "payloadType", "signatures"} or outer["payloadType"] != PAYLOAD_TYPE:
        raise StatementRefused("envelope members")
    payload = _unbase64(outer["payload"])
    listed = outer["signatures"]
    if not isinstance(listed, list):
        raise StatementRefused("signatures")
    signatures = [_signature(one) for one in listed]
    again = [{"keyid": one.key_id, "sig": _base64(one.signature)} for one in signatures]
    if _canonical(payload, again) != content:
        raise StatementRefused("not the canonical form")
    statement = _object(payload)
    if statement.get("_type") != STATEMENT_TYPE or statement.get("predicateType") != predicate_type:
        raise StatementRefused("statement type")
    return Envelope(payload=payload, signatures=tuple(signatures), statement=statement)


def check_signature(certificate: x509.Certificate, signature: bytes, pae: bytes) -> bool:
    """Whether ``signature`` is the key's over ``pae``; of P-384 (low s), RSA from 3072 bits or ML-DSA-87."""
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
            _r, s = decode_dss_signature(signature)
            key.verify(signature, pae, ec.ECDSA(hashes.SHA384()))
            return s <= P384_ORDER // 2
        if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_BITS:
            key.verify(signature, pae, padding.PKCS1v15(), hashes.SHA384())
            return key.public_numbers().e == RSA_EXPONENT
        if isinstance(key, mldsa.MLDSA87PublicKey) and len(signature) == _ML_DSA_87_BYTES:
            key.verify(signature, pae)
            return True
    except (InvalidSignature, ValueError):
        return False
    return False


def subjects(statement: Mapping[str, object]) -> dict[str, str]:
    """File name to SHA-384, from an authentic statement.

    Raises:
        StatementRefused: another digest, a name twice, or members that are not there in format v1.
    """
    listed = statement.get("subject")
    if not isinstance(listed, list) or not listed:
        raise StatementRefused("no subjects")
    found: dict[str, str] = {}
    for one in listed:
        digest = one.get("digest") if isinstance(one, dict) else None
        if not isinstance(digest, dict) or set(one) != {"name", "digest"} or set(digest) != {"sha384"}:
            raise StatementRefused("subject digest other than sha384")
        name, value = one["name"], digest["sha384"]
        if not isinstance(name, str) or not isinstance(value, str) or name in found:
            raise StatementRefused("subject twice")
        found[name] = value
    return found


def _signature(one: object) -> EnvelopeSignature:
    if not isinstance(one, dict) or set(one) != {"keyid", "sig"}:
        raise StatementRefused("signature members")
    if not isinstance(one["keyid"], str) or not _KEY_ID.fullmatch(one["keyid"]):
        raise StatementRefused("key id")
    return EnvelopeSignature(key_id=one["keyid"], signature=_unbase64(one["sig"]))


def _canonical(payload: bytes, signatures: list[dict[str, str]]) -> bytes:
    outer = {"payload": _base64(payload), "payloadType": PAYLOAD_TYPE, "signatures": signatures}
    return rfc8785.dumps(outer)  # type: ignore[arg-type]  # nested lists and strings only


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")


def _unbase64(text: object) -> bytes:
    if not isinstance(text, str):
        raise StatementRefused("base64")
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise StatementRefused("base64") from fault


def _object(content: bytes) -> dict[str, object]:
    if _depth(content) > _MAX_DEPTH:
        raise StatementRefused("nested too deeply")
    try:
        parsed = json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_refuse_number,
            parse_int=_whole_number,
            parse_constant=_refuse_number,
        )
    except (ValueError, RecursionError) as fault:
        raise StatementRefused(f"JSON: {fault}"[:200]) from fault
    if not isinstance(parsed, dict):
        raise StatementRefused("JSON object expected")
    return parsed


def _depth(content: bytes) -> int:
    """Nesting, brackets inside strings counted too."""
    deepest = depth = 0
    for bracket in re.findall(rb"[\[\]{}]", content):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise StatementRefused("a member twice")
    return found


def _refuse_number(text: str) -> object:
    raise StatementRefused(f"number {text[:20]}")


def _whole_number(text: str) -> object:
    # Beyond 19 digits int() would take time an attacker chooses.
    return int(text) if len(text) < _MAX_NUMBER_CHARS else _refuse_number(text)
