"""Signed models built for the tests, in every mode, after the format's own description."""

import base64
import datetime as dt
import hashlib
import json
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.reader import BytesSource, Notes

IN_TOTO = "application/vnd.in-toto+json"
MEDIA = "application/vnd.dev.sigstore.bundle.v0.3+json"
FILES = {"a.bin": b"alpha", "sub/b.bin": b"beta" * 100, "sub/c.txt": b"gamma"}
FROM = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


class FolderOf:
    """Files in memory as a folder."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def paths(self) -> Any:
        return iter(self.files)

    def size_of(self, path: str) -> int | None:
        return len(self.files[path]) if path in self.files else None

    def open(self, path: str) -> BytesSource | None:
        return BytesSource(self.files[path], path.rsplit("/", 1)[-1]) if path in self.files else None


def statement(files: dict[str, bytes], **serialization_more: Any) -> dict[str, Any]:
    """A v1.0 statement over whole files."""
    resources = [
        {"name": name, "algorithm": "sha256", "digest": hashlib.sha256(body).hexdigest()}
        for name, body in sorted(files.items())
    ]
    return v1(
        resources, {"method": "files", "hash_type": "sha256", "allow_symlinks": False, **serialization_more}
    )


def v1(resources: list[dict[str, str]], how: dict[str, Any], name: str = "model") -> dict[str, Any]:
    """A v1.0 statement over given resources."""
    total = hashlib.sha256(b"".join(bytes.fromhex(row["digest"]) for row in resources)).hexdigest()
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": total}}],
        "predicateType": "https://model_signing/signature/v1.0",
        "predicate": {"serialization": how, "resources": resources},
    }


def v0(files: dict[str, bytes]) -> dict[str, Any]:
    """A statement as release 0.2 wrote it."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [
            {"name": name, "digest": {"sha256": hashlib.sha256(body).hexdigest()}}
            for name, body in files.items()
        ],
        "predicateType": "https://model_signing/Digests/v0.1",
        "predicate": {"unused": "x"},
    }


def sign(key: Any, message: bytes, *, always_sha256: bool = False) -> bytes:
    """Sign as the format asks for the kind of key; release 0.2 used SHA-256 for every curve."""
    if isinstance(key, ec.EllipticCurvePrivateKey) and always_sha256:
        return key.sign(message, ec.ECDSA(hashes.SHA256()))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        by_size = {256: hashes.SHA256(), 384: hashes.SHA384(), 521: hashes.SHA512()}
        return key.sign(message, ec.ECDSA(by_size[key.curve.key_size]))
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return bytes(key.sign(message))


def bundle(
    said: dict[str, Any],
    key: Any,
    material: dict[str, Any],
    *,
    old: bool = False,
    always_sha256: bool = False,
) -> dict[str, Any]:
    """A whole bundle."""
    payload = json.dumps(said).encode()
    message = b"DSSEv1 28 application/vnd.in-toto+json %d %b" % (len(payload), payload)
    if old:
        message = f"DSSEV1 28 {IN_TOTO} {len(payload)} {payload!r}".encode()
    signature = {
        "sig": base64.b64encode(sign(key, message, always_sha256=always_sha256)).decode(),
        "keyid": "",
    }
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": IN_TOTO,
        "signatures": [signature],
    }
    return {"mediaType": MEDIA, "verificationMaterial": material, "dsseEnvelope": envelope}


def pem(key: Any) -> bytes:
    """The public half in PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def hint(key: Any) -> dict[str, Any]:
    """Key material as release 1.1 writes it."""
    if isinstance(key, mldsa.MLDSA65PrivateKey):
        raw = key.public_key().public_bytes_raw()
        return {"publicKey": {"hint": "ML_DSA_65:" + hashlib.sha256(raw).hexdigest()}, "tlogEntries": []}
    return {"publicKey": {"hint": hashlib.sha256(pem(key)).hexdigest()}, "tlogEntries": []}


def embedded(key: Any) -> dict[str, Any]:
    """Key material as releases before 1.1 write it."""
    return {"publicKey": {"rawBytes": base64.b64encode(pem(key)).decode(), "keyDetails": "PKIX"}}


def keys() -> dict[str, Any]:
    """One private key of each kind."""
    return {
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "rsa": rsa.generate_private_key(65537, 2048),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "mldsa": mldsa.MLDSA65PrivateKey.generate(),
    }


def certificate(
    subject: str,
    key: Any,
    issuer: str,
    issuer_key: Any,
    *,
    ca: bool = False,
    path_length: int | None = None,
    signing: bool = True,
    start: dt.datetime = FROM,
    days: int = 365,
) -> x509.Certificate:
    """One certificate."""

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    usage = dict.fromkeys(
        (
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(
            x509.KeyUsage(digital_signature=signing and not ca, key_cert_sign=ca, **usage), critical=True
        )
    )
    if signing and not ca:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False
        )
    return builder.sign(issuer_key, hashes.SHA256())


def chain_material(*certificates: x509.Certificate) -> dict[str, Any]:
    """Certificates as a bundle carries them."""
    rows = [
        {"rawBytes": base64.b64encode(each.public_bytes(serialization.Encoding.DER)).decode()}
        for each in certificates
    ]
    return {"x509CertificateChain": {"certificates": rows}}


def examined(
    content: dict[str, Any] | bytes,
    files: dict[str, bytes] | None = None,
    trust: tuple[bytes, ...] = (),
    *,
    root: str = "",
) -> tuple[Outcome, Notes]:
    """Examine a signature beside its files, as the walk does."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    member = f"{root}model.sig"
    folder = None if files is None else FolderOf({member: raw, **files})
    notes = Notes(folder=folder, trust=trust, verifying=True, member=member)
    dispatch.examine(BytesSource(raw, "model.sig"), notes)
    return outcome_of(notes.findings), notes


def codes(notes: Notes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in notes.findings}
