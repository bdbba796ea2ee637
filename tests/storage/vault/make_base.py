"""Makes ``tests/vectors/vault/base`` anew: run it as a module, by hand, when the format gets a new version.

python -m tests.storage.vault.make_base tests/vectors/vault/base
"""

import hashlib
import json
import sys
from pathlib import Path

from storage.vault import LIGHT_COST
from tests.helpers.vault_folders import (
    LOGIN,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    PERSON,
    DictSecrets,
    new_vault,
)
from workstation.core.vault import ObjectRef, Pbkdf2Cost

DEVICE_LOGIN, FIPS_LOGIN = "eve", "bob"


def content(name: str) -> bytes:
    """What each object of the base holds, from its name alone."""
    sizes = {"empty": 0, "byte": 1, "page": 4_096, "later": 13_150, "large": 2 * 1_048_576 + 7}
    block = hashlib.sha384(name.encode()).digest()
    return (block * (sizes[name] // len(block) + 1))[: sizes[name]]


def make(root: Path) -> None:
    """Three ways in, a removed person, objects of two epochs, a personal blob."""
    secrets = DictSecrets()
    vault = new_vault(root, device_secrets=None)
    vault._entry.device_secrets = secrets
    cost = LIGHT_COST
    for person, login, device in (("PER-EVE", DEVICE_LOGIN, True), ("PER-GONE", "gone", False)):
        vault.add_slot(
            person_id=person,
            login_name=login,
            passphrase=bytearray(OTHER_PASSPHRASE),
            cost=cost,
            device_bound=device,
        )
    vault.add_slot(
        person_id="PER-BOB",
        login_name=FIPS_LOGIN,
        passphrase=bytearray(OTHER_PASSPHRASE),
        cost=Pbkdf2Cost(iterations=1_000),
    )
    refs: dict[str, ObjectRef] = {}
    with vault.ingest() as batch:
        for name in ("empty", "byte", "page", "large"):
            refs[name] = batch.add([content(name)]).ref
        batch.flush()
    vault.remove_slot("PER-GONE")
    with vault.ingest() as batch:
        refs["later"] = batch.add([content("later")]).ref
        batch.flush()
    facts = {
        "profile": "demo",
        "ways_in": [
            {"login": LOGIN, "passphrase": PASSPHRASE.decode(), "person": PERSON},
            {"login": FIPS_LOGIN, "passphrase": OTHER_PASSPHRASE.decode(), "person": "PER-BOB"},
            {
                "login": DEVICE_LOGIN,
                "passphrase": OTHER_PASSPHRASE.decode(),
                "person": "PER-EVE",
                "device": next(iter(secrets.kept.values())).hex(),
            },
        ],
        "device_slot": next(iter(secrets.kept)),
        "database_key": vault.database_key().hex(),
        "pending_database_key": (vault.pending_database_key() or b"").hex(),
        "audit_keys": [vault.audit_key(1).hex(), vault.audit_key(2).hex()],
        "objects": {
            name: {"ref": ref.text, "sha384": hashlib.sha384(content(name)).hexdigest()}
            for name, ref in refs.items()
        },
        "personal": {
            "blob": vault.seal_personal(PERSON, bytearray(PASSPHRASE), b"a signing key").hex(),
            "plaintext": b"a signing key".hex(),
        },
    }
    vault.lock()
    for name in ("vault.lock", "vault.json.previous"):
        (root / name).unlink()
    (root / "expected.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
