"""Keys, certificates and the check of one signature.

No clock is read here: a chain is judged at the moment the signer's certificate began, as the reference
implementation does, and its end is reported as a fact for whoever knows the date.
"""

import hashlib
import re
import warnings
from dataclasses import dataclass, field
from typing import Any

from workstation.examine.signatures.bundle import Bundle, Invalid

MAX_CHAIN = 8
MIN_RSA_BITS = 2_048
_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_ML_DSA_BYTES = {1_312: "44", 1_952: "65", 2_592: "87"}
_ED25519_BYTES = 32


@dataclass(kw_only=True)
class Trust:
    """What came by another channel."""

    keys: list[Any] = field(default_factory=list)
    certificates: list[Any] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.keys or self.certificates)


def read_trust(contents: tuple[bytes, ...]) -> Trust:
    """Certificates and public keys in trust files: PEM (several in one file), DER, or raw points."""
    trust = Trust()
    for content in contents:
        blocks = [(match[1], match[0]) for match in _PEM.finditer(content)]
        for label, block in blocks:
            if label in {b"CERTIFICATE", b"TRUSTED CERTIFICATE", b"X509 CERTIFICATE"}:
                _append(trust.certificates, certificate_from_pem(block))
            elif label.endswith(b"PUBLIC KEY"):
                _append(trust.keys, key_from(block))
        if not blocks:
            certificate = certificate_from_der(content)
            _append(trust.certificates, certificate)
            if certificate is None:
                _append(trust.keys, key_from(content))
    return trust


def _append(to: list[Any], value: Any) -> None:
    if value is not None:
        to.append(value)


def certificate_from_pem(block: bytes) -> Any:
    """A certificate, or None."""
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox

    try:
        return x509.load_pem_x509_certificate(block)
    except (ValueError, TypeError):
        return None


def certificate_from_der(content: bytes) -> Any:
    """A certificate, or None."""
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox

    try:
        return x509.load_der_x509_certificate(content)
    except (ValueError, TypeError):
        return None


def key_from(content: bytes) -> Any:
    """A public key in PEM, DER, or as the bare bytes of an ML-DSA, Ed25519 or compressed EC key; or None."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - only inside the sandbox
    from cryptography.hazmat.primitives import serialization as forms  # noqa: PLC0415

    load = forms.load_pem_public_key if content.lstrip().startswith(b"-----") else forms.load_der_public_key
    try:
        raw = _raw_key(content)
        return load(content) if raw is None else raw
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _raw_key(content: bytes) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa  # noqa: PLC0415

    curves: dict[int, ec.EllipticCurve] = {33: ec.SECP256R1(), 49: ec.SECP384R1(), 67: ec.SECP521R1()}
    if len(content) in curves and content[:1] in {b"\x02", b"\x03"}:
        return ec.EllipticCurvePublicKey.from_encoded_point(curves[len(content)], content)
    if len(content) == _ED25519_BYTES:
        return ed25519.Ed25519PublicKey.from_public_bytes(content)
    if len(content) in _ML_DSA_BYTES:
        return getattr(mldsa, f"MLDSA{_ML_DSA_BYTES[len(content)]}PublicKey").from_public_bytes(content)
    return None


def family(key: Any) -> str:
    """What kind of key it is."""
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa  # noqa: PLC0415

    if isinstance(key, ec.EllipticCurvePublicKey):
        return "elliptic-key"
    if isinstance(key, rsa.RSAPublicKey):
        return "rsa-key"
    if isinstance(key, ed25519.Ed25519PublicKey):
        return "ed25519-key"
    return "ml-dsa" if type(key).__name__.startswith("MLDSA") else "other-key"


def fingerprint(key: Any) -> str:
    """SHA-256 of the key's SubjectPublicKeyInfo, in hexadecimal."""
    from cryptography.hazmat.primitives import serialization as forms  # noqa: PLC0415

    body = key.public_bytes(forms.Encoding.DER, forms.PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(body).hexdigest()


def fits_hint(key: Any, hint: str) -> bool:
    """Whether a bundle's hint names this key: SHA-256 of its PEM, or of its bare bytes (ML-DSA)."""
    from cryptography.hazmat.primitives import serialization as forms  # noqa: PLC0415

    if family(key) == "ml-dsa":
        raw = key.public_bytes(forms.Encoding.Raw, forms.PublicFormat.Raw)
        return hint.rpartition(":")[2].lower() == hashlib.sha256(raw).hexdigest()
    pem = key.public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo)
    return hint.lower() == hashlib.sha256(pem).hexdigest()


def pre_authentication(bundle: Bundle) -> bytes:
    """What DSSE signs."""
    kind = bundle.payload_type.encode("utf-8", "backslashreplace")
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(bundle.payload), bundle.payload)


def _pre_authentication_of_0_2(bundle: Bundle) -> bytes:
    """What releases before 1.0 of model signing signed by mistake: Python's spelling of the bytes."""
    kind = bundle.payload_type
    text = f"DSSEV1 {len(kind)} {kind} {len(bundle.payload)} {bundle.payload!r}"
    return text.encode("utf-8", "backslashreplace")


def holds(key: Any, bundle: Bundle) -> str:
    """How the signature holds under a key: ``yes``, ``old`` (as before 1.0), or nothing."""
    if _verifies(key, bundle.signature, pre_authentication(bundle)):
        return "yes"
    old = _pre_authentication_of_0_2(bundle)
    # Release 0.2 hashed with SHA-256 whatever the curve; 0.3 did not.
    holds_as_old = _verifies(key, bundle.signature, old) or _verifies(
        key, bundle.signature, old, always_sha256=True
    )
    return "old" if holds_as_old else ""


def _verifies(key: Any, signature: bytes, message: bytes, *, always_sha256: bool = False) -> bool:
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, padding  # noqa: PLC0415

    try:
        if family(key) == "elliptic-key":
            by_size = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
            size = 256 if always_sha256 and key.curve.key_size in by_size else key.curve.key_size
            key.verify(signature, message, ec.ECDSA(by_size[size]))
        elif family(key) == "rsa-key":
            if key.key_size < MIN_RSA_BITS:
                return False
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
        elif family(key) in {"ed25519-key", "ml-dsa"}:
            key.verify(signature, message)
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return False
    return True


def load_chain(bundle: Bundle) -> list[Any]:
    """The certificates of a bundle, the signer's first.

    Raises:
        Invalid: one cannot be read.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        chain = [certificate_from_der(body) for body in bundle.certificates]
    if not chain or None in chain:
        raise Invalid("certificate", "a certificate cannot be read")
    return chain


def require_path(chain: list[Any], anchors: list[Any]) -> None:
    """Find a path from the signer's certificate to an anchor.

    Raises:
        Invalid: there is none, or the signer's certificate is not for signatures.
    """
    leaf = chain[0]
    _require_signing(leaf)
    if leaf in anchors:
        return
    current, rest = leaf, list(chain[1:])
    for depth in range(MAX_CHAIN):
        for anchor in anchors:
            if _issued(current, anchor, leaf, depth):
                return
        following = next((issuer for issuer in rest if _issued(current, issuer, leaf, depth)), None)
        if following is None:
            break
        rest.remove(following)
        current = following
    raise Invalid("certificate", "the certificate does not lead to a trusted one")


def _issued(certificate: Any, issuer: Any, leaf: Any, depth: int) -> bool:
    """Whether ``issuer`` may issue, did issue ``certificate``, and both were valid when the leaf began."""
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415

    at = leaf.not_valid_before_utc
    if not all(each.not_valid_before_utc <= at <= each.not_valid_after_utc for each in (certificate, issuer)):
        return False
    try:
        certificate.verify_directly_issued_by(issuer)
        extensions = issuer.extensions
        basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm, x509.ExtensionNotFound):
        return False
    except x509.DuplicateExtension:
        return False
    if not basic.ca or (basic.path_length is not None and basic.path_length < depth):
        return False
    return _may_issue(extensions) and not _unknown_critical(certificate) and not _unknown_critical(issuer)


def _may_issue(extensions: Any) -> bool:
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox

    try:
        usage = extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return bool(usage.key_cert_sign)


def _unknown_critical(certificate: Any) -> bool:
    """Critical extensions that are not evaluated here make a certificate unusable (RFC 5280, 4.2)."""
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox

    known = (
        x509.BasicConstraints,
        x509.KeyUsage,
        x509.ExtendedKeyUsage,
        x509.SubjectAlternativeName,
        x509.CertificatePolicies,
    )
    try:
        return any(e.critical and not isinstance(e.value, known) for e in certificate.extensions)
    except (ValueError, x509.DuplicateExtension):
        return True


def _require_signing(leaf: Any) -> None:
    from cryptography import x509  # noqa: PLC0415 - only inside the sandbox
    from cryptography.x509.oid import ExtendedKeyUsageOID  # noqa: PLC0415

    usage = purposes = None
    try:
        for extension in leaf.extensions:
            if isinstance(extension.value, x509.KeyUsage):
                usage = extension.value
            elif isinstance(extension.value, x509.ExtendedKeyUsage):
                purposes = extension.value
    except (ValueError, x509.DuplicateExtension):
        raise Invalid("certificate", "the certificate's extensions cannot be read") from None
    code_signing = purposes is not None and ExtendedKeyUsageOID.CODE_SIGNING in purposes
    if not code_signing and not (usage is not None and usage.digital_signature):
        raise Invalid("certificate", "the certificate is not for signatures")
