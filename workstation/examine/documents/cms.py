"""Cryptographic Message Syntax (RFC 5652): detached and enveloping signatures, certificate bundles."""

import hashlib
from typing import TYPE_CHECKING, Any

from workstation.examine.documents import plain
from workstation.examine.reader import BytesSource, Notes, Source, Unreadable, pieces

if TYPE_CHECKING:
    from asn1crypto import cms, x509  # type: ignore[import-untyped]  # ships no types

MAX_BYTES = 16 << 20
MAX_LISTED = 50


def _der(content: bytes) -> list[bytes]:
    """DER bodies in a PEM or DER file."""
    from asn1crypto import pem  # noqa: PLC0415 - only inside the sandbox

    if pem.detect(content):
        return [body for _kind, _headers, body in pem.unarmor(content, multiple=True)]
    return [content]


def certificates(content: bytes) -> "list[x509.Certificate]":
    """Certificates in a trust file, PEM or DER; whatever is none is left out."""
    from asn1crypto import x509  # noqa: PLC0415 - only inside the sandbox

    found = []
    try:
        bodies = _der(content)
    except ValueError:
        return []
    for body in bodies:
        try:
            certificate = x509.Certificate.load(body, strict=True)
            _loaded = certificate.native
        except (ValueError, TypeError, KeyError):
            continue
        found.append(certificate)
    return found


def examine(source: Source, notes: Notes) -> None:
    """Say who signed, with what, and whether the signed content is inside."""
    from asn1crypto import cms as asn  # noqa: PLC0415 - only inside the sandbox

    if source.size_bytes > MAX_BYTES:
        raise Unreadable("CMS_INVALID", f"{source.size_bytes} bytes")
    content = source.read_at(0, MAX_BYTES)
    try:
        body = _der(content)[0]
        info = asn.ContentInfo.load(body, strict=True)
        kind = info["content_type"].native
        notes.facts["cms_content"] = kind
        if kind == "signed_data":
            _signed(info["content"], source, notes)
        elif kind in {"enveloped_data", "encrypted_data", "authenticated_enveloped_data"}:
            notes.incomplete("CMS_ENCRYPTED", kind)
        else:
            notes.incomplete("CMS_UNREAD", str(kind))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise Unreadable("CMS_INVALID", type(error).__name__) from error


def _signed(data: "cms.SignedData", source: Source, notes: Notes) -> None:
    signers = []
    held = {c.chosen.dump(): c.chosen for c in data["certificates"]} if data["certificates"] else {}
    for signer in data["signer_infos"]:
        certificate = _signer_certificate(signer, list(held.values()))
        signers.append(
            {
                "signer": plain.visible(certificate.subject.human_friendly)[:300]
                if certificate
                else "unknown",
                "digest": signer["digest_algorithm"]["algorithm"].native,
            }
        )
    detached = data["encap_content_info"]["content"].native is None
    notes.facts |= {"signers": signers[:MAX_LISTED], "certificates": len(held), "detached": detached}
    if not signers:
        notes.note("CMS_CERTIFICATES", f"{len(held)} certificates, no signature")
    elif detached:
        _detached(data, source, notes)
    else:
        _attached(data, notes)


def _signer_certificate(signer: Any, held: "list[x509.Certificate]") -> "x509.Certificate | None":
    sid = signer["sid"].chosen
    for certificate in held:
        if signer["sid"].name == "issuer_and_serial_number":
            same = certificate.serial_number == sid["serial_number"].native
            if same and certificate.issuer.dump() == sid["issuer"].dump():
                return certificate
        elif certificate.key_identifier == sid.native:
            return certificate
    return None


def _detached(data: "cms.SignedData", source: Source, notes: Notes) -> None:
    """Check a detached signature against the file of the same name beside it, if there is one."""
    named = source.name.rpartition(".")[0]
    folder, _slash, _name = notes.member.rpartition("/")
    path = f"{folder}/{named}" if folder else named
    content = notes.folder.open(path) if notes.folder and named else None
    if content is None:
        notes.caution("CMS_CONTENT_MISSING", plain.visible(named))
        return
    _verify(data, content, notes)


def _attached(data: "cms.SignedData", notes: Notes) -> None:
    content = data["encap_content_info"]["content"].native
    if not isinstance(content, bytes):
        notes.incomplete("CMS_UNREAD", "the signed content is no octet string")
        return
    _verify(data, BytesSource(content), notes)


def _verify(data: "cms.SignedData", content: Source, notes: Notes) -> None:
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity  # noqa: PLC0415 - sandbox only

    held = [c.chosen for c in data["certificates"]] if data["certificates"] else []
    expected = data["encap_content_info"]["content_type"].native
    for number, signer in enumerate(data["signer_infos"], 1):
        certificate = _signer_certificate(signer, held)
        algorithm = signer["digest_algorithm"]["algorithm"].native
        if certificate is None:
            notes.caution("CMS_SIGNER_UNKNOWN", f"signer {number}: its certificate is not in the file")
            continue
        digest = _digest(content, algorithm)
        if digest is None:
            notes.incomplete("CMS_UNREAD", f"digest {algorithm}")
            continue
        try:
            intact, valid = validate_sig_integrity(signer, certificate, expected, digest)
        except Exception as error:  # noqa: BLE001 - hostile structures make it raise nearly everything
            notes.danger("CMS_SIG_BROKEN", f"signer {number}: {type(error).__name__}")
            continue
        who = plain.visible(certificate.subject.human_friendly)[:200]
        if intact and valid:
            notes.note("CMS_SIG_INTACT", f"{who}; identity not verified")
        else:
            notes.danger("CMS_SIG_BROKEN", f"signer {number}: {who}")


def _digest(content: Source, algorithm: str) -> bytes | None:
    if algorithm not in {"sha1", "sha224", "sha256", "sha384", "sha512"}:
        return None
    work = hashlib.new(algorithm)
    for piece in pieces(content):
        work.update(piece)
    return work.digest()
