"""Makes ``tests/vectors/vault/base`` anew: run it as a module, by hand, when the format gets a new version.

python -m tests.storage.vault.make_base tests/vectors/vault/base
"""

import hashlib
import json
import sys
from pathlib import Path

from storage.vault import LIGHT_COST, OpenVault
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
    vault = new_vault(root)
    vault._entry.device_secrets = secrets
    add_people(vault)
    refs = put(vault, "empty", "byte", "page", "large")
    vault.remove_slot("PER-GONE")
    refs |= put(vault, "later")
    text = json.dumps(expected(vault, refs, secrets), indent=1)
    vault.lock()
    for name in ("vault.lock", "vault.json.previous"):
        (root / name).unlink()
    (root / "expected.json").write_text(text + "\n")


def add_people(vault: OpenVault) -> None:
    """One bound to a device, one who will go, one of FIPS mode."""
    for person, login, device, cost in (
        ("PER-EVE", DEVICE_LOGIN, True, LIGHT_COST),
        ("PER-GONE", "gone", False, LIGHT_COST),
        ("PER-BOB", FIPS_LOGIN, False, Pbkdf2Cost(iterations=1_000)),
    ):
        vault.add_slot(
            person_id=person,
            login_name=login,
            passphrase=bytearray(OTHER_PASSPHRASE),
            cost=cost,
            device_bound=device,
        )


def put(vault: OpenVault, *names: str) -> dict[str, ObjectRef]:
    """The named objects in one batch."""
    with vault.ingest() as batch:
        refs = {name: batch.add([content(name)]).ref for name in names}
        batch.flush()
    return refs


def expected(vault: OpenVault, refs: dict[str, ObjectRef], secrets: DictSecrets) -> dict[str, object]:
    """What a reader must find."""
    other = OTHER_PASSPHRASE.decode()
    ((user, device),) = secrets.kept.items()
    return {
        "profile": "demo",
        "ways_in": [
            {"login": LOGIN, "passphrase": PASSPHRASE.decode(), "person": PERSON},
            {"login": FIPS_LOGIN, "passphrase": other, "person": "PER-BOB"},
            {"login": DEVICE_LOGIN, "passphrase": other, "person": "PER-EVE", "device": device.hex()},
        ],
        "device_slot": user,
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


if __name__ == "__main__":
    make(Path(sys.argv[1]))
