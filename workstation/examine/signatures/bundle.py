"""Signature bundles as sigstore writes them: an envelope (DSSE) around a statement, and how to check it.

https://docs.sigstore.dev/about/bundle/ and https://github.com/secure-systems-lab/dsse. Only what a verifier
needs is taken; anything ambiguous (a name twice, two signatures, two kinds of key material) is refused.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

MAX_CERTIFICATES = 16
PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MEDIA_TYPE = "application/vnd.dev.sigstore.bundle"


class Invalid(Exception):
    """The signature does not hold. ``how`` says in one word what is wrong."""

    def __init__(self, how: str, detail: str) -> None:
        super().__init__(detail)
        self.how, self.detail = how, detail


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One signature over one statement."""

    payload: bytes
    payload_type: str
    signature: bytes
    certificates: tuple[bytes, ...] = ()  # DER, the signer's first
    key_hint: str = ""
    embedded_key: bytes = b""
    has_log: bool = False  # entries of a transparency log are part of it


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Invalid("ambiguous", "a name is written twice")
    return found


def _no_constant(name: str) -> object:
    raise Invalid("trunc", f"{name} is no JSON")


def strict_json(raw: bytes, what: str) -> dict[str, Any]:
    """A JSON object without repeated names.

    Raises:
        Invalid: it is none.
    """
    try:
        value = json.loads(raw, object_pairs_hook=_distinct, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Invalid("trunc", f"{what} is no JSON: {str(error)[:100]}") from None
    if not isinstance(value, dict):
        raise Invalid("trunc", f"{what} is no object")
    return value


def decoded(value: Any, what: str) -> bytes:
    """Base64 as protobuf writes it in JSON, in either alphabet."""
    if not isinstance(value, str):
        raise Invalid("encoding", f"{what} is no text")
    try:
        return base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
    except (ValueError, binascii.Error):
        raise Invalid("encoding", f"{what} is no base64") from None


def is_bundle(content: dict[str, Any]) -> bool:
    """Whether an object is a bundle or a bare envelope."""
    return "dsseEnvelope" in content or {"payload", "payloadType", "signatures"} <= set(content)


def parse(content: dict[str, Any]) -> Bundle:
    """Take a bundle, or a bare envelope, apart.

    Raises:
        Invalid: a part is missing, twice there or of the wrong kind.
    """
    if "dsseEnvelope" not in content:
        return _bundle(content, {})
    media_type = content.get("mediaType")
    if not isinstance(media_type, str) or not media_type.startswith(_MEDIA_TYPE):
        raise Invalid("mediatype", f"media type {str(media_type)[:80]}")
    envelope, material = content["dsseEnvelope"], content.get("verificationMaterial", {})
    if not isinstance(envelope, dict) or not isinstance(material, dict):
        raise Invalid("structure", "envelope and material must be objects")
    return _bundle(envelope, material)


def _bundle(envelope: dict[str, Any], material: dict[str, Any]) -> Bundle:
    signatures = envelope.get("signatures")
    if not isinstance(signatures, list) or not signatures:
        raise Invalid("nosig", "the envelope holds no signature")
    if len(signatures) > 1 or not isinstance(signatures[0], dict):
        raise Invalid("structure", f"{len(signatures)} signatures where one belongs")
    payload_type = envelope.get("payloadType")
    if not isinstance(payload_type, str):
        raise Invalid("payloadtype", "no payload type")
    kinds = [name for name in ("publicKey", "certificate", "x509CertificateChain") if material.get(name)]
    if len(kinds) > 1:
        raise Invalid("structure", "more than one kind of key material")
    hint, key = _public_key(material.get("publicKey"))
    return Bundle(
        payload=decoded(envelope.get("payload"), "payload"),
        payload_type=payload_type,
        signature=decoded(signatures[0].get("sig"), "signature"),
        certificates=_certificates(material),
        key_hint=hint,
        embedded_key=key,
        has_log=bool(material.get("tlogEntries")),
    )


def _public_key(value: Any) -> tuple[str, bytes]:
    """Hint and bytes of a public key; either may be empty."""
    if value is None:
        return "", b""
    if not isinstance(value, dict):
        raise Invalid("structure", "public key is no object")
    hint = value.get("hint") or ""
    raw = value.get("rawBytes")
    return str(hint)[:200], decoded(raw, "public key") if raw else b""


def _certificates(material: dict[str, Any]) -> tuple[bytes, ...]:
    single, chain = material.get("certificate"), material.get("x509CertificateChain")
    rows: Any = [single] if single else []
    if chain:
        rows = chain.get("certificates") if isinstance(chain, dict) else None
    if not isinstance(rows, list) or len(rows) > MAX_CERTIFICATES:
        raise Invalid("structure", f"more than {MAX_CERTIFICATES} certificates, or none where they belong")
    if not all(isinstance(row, dict) for row in rows):
        raise Invalid("structure", "a certificate is no object")
    return tuple(decoded(row.get("rawBytes"), "certificate") for row in rows)
