"""Keys and certificates that are none, for ``tests/helpers/memory_signing.py``."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from workstation.core.signature_errors import (
    CertificateExpired,
    CertificateNotYetValid,
    IdentityDamaged,
    RevocationListUnusable,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import Signer, TrustStore

_SECRETS: dict[str, bytes] = {}
_YEARS = timedelta(days=3 * 365)
LIST_DAYS = timedelta(days=60)


def dumped(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def signed(key: bytes, facts: Mapping[str, object]) -> bytes:
    """Facts with a signature over all of them."""
    return dumped({**facts, "signature": hmac.new(key, dumped(dict(facts)), "sha384").hexdigest()})


def holds(public: str, body: bytes) -> dict[str, object] | None:
    """The facts, if this key signed them."""
    facts: dict[str, object] = json.loads(body)
    signature = str(facts.pop("signature", ""))
    key = _SECRETS.get(public, b"")
    right = key and hmac.compare_digest(signature, hmac.new(key, dumped(facts), "sha384").hexdigest())
    return facts if right else None


def mac(public: str, data: bytes) -> str:
    return hmac.new(_SECRETS.get(public, b""), data, "sha384").hexdigest()


def new_key() -> tuple[bytes, str]:
    key = os.urandom(32)
    public = hashlib.sha384(key).hexdigest()
    _SECRETS[public] = key
    return key, public


@dataclass
class MemorySigner:
    """``Signer`` until the block it was made for ends."""

    person_id: str
    display_name: str
    role: str
    ec_certificate_der: bytes
    pq_certificate_der: bytes
    keys: tuple[bytes, bytes] = field(repr=False)
    chain_der: tuple[bytes, ...] = ()

    def sign_classical(self, data: bytes) -> bytes:
        """See the port."""
        return self._sign(0, data)

    def sign_pq(self, data: bytes) -> bytes:
        """See the port."""
        return self._sign(1, data)

    def _sign(self, number: int, data: bytes) -> bytes:
        if not self.keys:
            raise IdentityDamaged(detail="the signer is closed")
        return hmac.digest(self.keys[number], data, "sha384")


def certificate_of(key: bytes, public: str, issuer: str, subject: str, at: datetime, *, demo: bool) -> bytes:
    facts = {"public": public, "issuer": issuer, "subject": subject, "demo": demo}
    return signed(key, facts | {"from": at.isoformat(), "until": (at + _YEARS).isoformat()})


def require_usable(signer: Signer, trust: TrustStore, *, at: datetime) -> None:
    """Both certificates chain to a root, are in time, and no current list names them."""
    roots = {json.loads(root)["public"] for root in trust.roots_der}
    for der in (signer.ec_certificate_der, signer.pq_certificate_der):
        facts = json.loads(der)
        name, begin = facts["subject"], datetime.fromisoformat(facts["from"])
        end = datetime.fromisoformat(facts["until"])
        if at < begin:
            raise CertificateNotYetValid(untrusted_name=name, not_before=begin, at=at)
        if at > end:
            raise CertificateExpired(untrusted_name=name, not_after=end, at=at)
        if facts["issuer"] not in roots or holds(facts["issuer"], der) is None:
            raise SignerUnknown(untrusted_name=name)
        lists = [one for one in map(json.loads, trust.crls_der) if one["issuer"] == facts["issuer"]]
        for one in lists:
            if facts["public"] in one["revoked"]:
                moment = datetime.fromisoformat(one["revoked"][facts["public"]])
                raise SignerRevoked(untrusted_name=name, revoked_at=moment)
        if not any(datetime.fromisoformat(one["until"]) >= at for one in lists):
            raise RevocationListUnusable(issuer=facts["issuer"], detail="no current list")
