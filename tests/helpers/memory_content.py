"""Signed content sets and trust folders without certificates, for ``tests/helpers/memory_signing.py``."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tests.helpers.memory_identities import MemorySigner, dumped, mac, require_usable
from workstation.core.content import ContentSignatureBad, ContentSigner, ContentTrustMissing
from workstation.core.errors import Refused
from workstation.core.signature_errors import NoTrustRoot, TrustUnreadable
from workstation.core.signatures import Signer, TrustStore

_SUFFIXES = {".pem", ".crt", ".cer", ".der", ".crl"}


def sign(
    name: str, content: bytes, *, predicate: Mapping[str, object], signer: Signer
) -> tuple[bytes, bytes]:
    """An envelope over all of it, and the two certificates."""
    stated = dumped(_stated(name, content, predicate))
    signatures = [signer.sign_classical(stated).hex(), signer.sign_pq(stated).hex()]
    certificates = b"\n".join((signer.ec_certificate_der, signer.pq_certificate_der))
    return dumped({"stated": json.loads(stated), "signatures": signatures}), certificates


def _stated(name: str, content: bytes, predicate: Mapping[str, object]) -> dict[str, object]:
    return {"name": name, "sha384": hashlib.sha384(content).hexdigest(), "predicate": dict(predicate)}


def verify(
    name: str,
    content: bytes,
    envelope: bytes,
    certificates: bytes,
    *,
    predicate: Mapping[str, object],
    trust: TrustStore,
    at: datetime,
) -> tuple[ContentSigner, ...]:
    """See the port."""
    if not trust.roots_der:
        raise ContentTrustMissing
    try:
        made, (ec, pq) = json.loads(envelope), certificates.split(b"\n")
        stated = _stated(name, content, predicate)
        right = [mac(json.loads(der)["public"], dumped(stated)) for der in (ec, pq)]
        if made != {"stated": stated, "signatures": right}:
            raise ContentSignatureBad(file=name, problem="EXP-108", reason="")
        require_usable(MemorySigner("", "", "", ec, pq, (b"", b"")), trust, at=at)
    except (ValueError, KeyError, TypeError) as fault:
        raise ContentSignatureBad(file=name, problem="EXP-106", reason=str(fault)) from fault
    except Refused as refusal:
        raise ContentSignatureBad(file=name, problem="EXP-109", reason=refusal.code) from refusal
    return tuple(
        ContentSigner(
            untrusted_name=json.loads(der)["subject"],
            certificate_sha384=hashlib.sha384(der).hexdigest(),
            algorithm=algorithm,
        )
        for der, algorithm in ((ec, "ecdsa-p384-sha384"), (pq, "ml-dsa-87"))
    )


def load_trust(path: Path) -> TrustStore:
    """See the port: each file holds one root or one list."""
    files = sorted(one for one in path.iterdir() if one.suffix in _SUFFIXES) if path.is_dir() else [path]
    roots, lists = [], []
    for file in files:
        try:
            content = file.read_bytes()
            facts = json.loads(content)
            is_list, is_root = "revoked" in facts, facts.get("public") == facts["issuer"]
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise TrustUnreadable(source=str(file), detail=str(fault)) from fault
        if not is_list and not is_root:
            raise TrustUnreadable(source=str(file), detail="a certificate that may not issue others")
        (lists if is_list else roots).append(content)
    if not roots:
        raise NoTrustRoot(source=str(path))
    return TrustStore(roots_der=tuple(roots), crls_der=tuple(lists))
