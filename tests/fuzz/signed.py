"""Model signatures made on the spot, and a reader that is given the statement inside one."""

import base64
import hashlib
import json
from contextlib import suppress
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.fuzz.readers import StrictSource, hold_notes, notes_for
from workstation.examine.reader import Unreadable
from workstation.examine.signatures import bundle as bundles
from workstation.examine.signatures import model
from workstation.examine.signatures import statement as statements


@cache
def _key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(b"fuzzing, protects nothing at all")


def sealed(payload: bytes) -> bytes:
    """A bundle over this payload, with a signature that holds and the key beside it."""
    kind = bundles.PAYLOAD_TYPE
    pae = b"DSSEv1 %d %s %d %s" % (len(kind), kind.encode(), len(payload), payload)
    public = _key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    written = {"rawBytes": base64.b64encode(public).decode(), "keyDetails": "PKIX_ED25519"}
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "payloadType": kind,
        "signatures": [{"sig": base64.b64encode(_key().sign(pae)).decode(), "keyid": ""}],
    }
    outer = {
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {"publicKey": written, "tlogEntries": []},
        "dsseEnvelope": envelope,
    }
    return json.dumps(outer).encode()


def statements_made() -> list[bytes]:
    """A statement of each kind about the files that lie beside every input."""
    hello = hashlib.sha256(b"hello").hexdigest()
    one = {"name": "a/b.txt", "algorithm": "sha256", "digest": hello}
    part = {
        "name": "weights.bin:0:64",
        "algorithm": "sha256",
        "digest": hashlib.sha256(bytes(64)).hexdigest(),
    }
    made = []
    for method, resource in (("files", one), ("shards", part)):
        predicate = {
            "serialization": {"method": method, "hash_type": "sha256", "ignore_paths": [".git"]},
            "resources": [resource],
        }
        said = {"_type": statements.STATEMENT_TYPE, "subject": [{"name": "m", "digest": {"sha256": ""}}]}
        made.append(_summed({**said, "predicateType": statements.PREDICATE, "predicate": predicate}))
    old = [
        {
            "name": "a/b.txt",
            "digest": {"sha256": hello},
            "annotations": {"actual_hash_algorithm": "file-sha256"},
        }
    ]
    head = {"_type": statements.STATEMENT_TYPE, "predicateType": statements.OLD_PREDICATE}
    return [*made, _summed({**head, "subject": old, "predicate": {}})]


def _summed(content: Any) -> bytes:
    """The statement with the digest of its digests set right, where it has the shape for that."""
    with suppress(KeyError, TypeError, ValueError, IndexError, AttributeError):
        total = hashlib.sha256(
            b"".join(bytes.fromhex(row["digest"]) for row in content["predicate"]["resources"])
        )
        content["subject"][0]["digest"]["sha256"] = total.hexdigest()
    return json.dumps(content).encode()


def model_signatures() -> list[bytes]:
    """Whole bundles and a bare envelope."""
    whole = [sealed(statement) for statement in statements_made()]
    return [*whole, json.dumps(json.loads(whole[0])["dsseEnvelope"]).encode()]


def statement(content: bytes) -> None:
    """The input is what was signed: its sums and its signature are made to hold."""
    with suppress(ValueError, RecursionError):
        content = _summed(json.loads(content))
    raw = sealed(content)
    notes = notes_for(raw, "model.sig")
    with suppress(Unreadable):
        model.examine(StrictSource(raw, "model.sig"), notes)
    hold_notes(notes, len(raw))
