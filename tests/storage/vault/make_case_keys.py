"""Makes ``tests/vectors/case-keys.json`` anew: run it as a module, by hand, when the format changes.

python -m tests.storage.vault.make_case_keys tests/vectors/case-keys.json
"""

import hashlib
import json
import sys
import tempfile
from pathlib import Path

from storage.vault.pieces import path_of
from tests.helpers.vault_folders import PERSON, new_vault
from workstation.core.vault import SealedCaseKey

CONTENT = hashlib.sha384(b"case").digest() * 20


def make(path: Path) -> None:
    """A vault of two epochs, two cases, one object under the key of the first."""
    with tempfile.TemporaryDirectory() as scratch:
        vault = new_vault(Path(scratch) / "vault")
        first, second = vault.new_case_key(), vault.new_case_key()
        keys = {1: first, 2: second}
        vault.use_case_keys(keys.get)
        with vault.ingest(case_key=1) as batch:
            ref = batch.add([CONTENT]).ref
            batch.flush()
        container = path_of(vault.root, ref.kind, ref.container_id).read_bytes()
        master = bytes(vault._keys.masters[1])
        vault.lock()
    facts = {
        "vault": vault.vault_id,
        "person": PERSON,
        "masters": {"1": master.hex()},
        "case_keys": {str(number): [key.epoch, key.wrapped.hex()] for number, key in keys.items()},
        "container": container.hex(),
        "reference": ref.text,
        "sha384": hashlib.sha384(CONTENT).hexdigest(),
        "cases": [
            {"claim": "as it was written", "outcome": "opens"},
            {"claim": "the row names another epoch", "outcome": "tampered", "epoch": 2},
            {"claim": "one bit of the wrapped key", "outcome": "tampered", "flip": 7},
            {"claim": "the key of another case in its row", "outcome": "tampered", "use": 2},
            {"claim": "the reference names another case's number", "outcome": "tampered", "number": 2},
            {"claim": "the reference names no case key", "outcome": "tampered", "number": 9},
            {"claim": "the reference says version 1", "outcome": "tampered", "version": "1"},
            {"claim": "the key was destroyed", "outcome": "destroyed", "epoch": 0},
        ],
    }
    path.write_text(json.dumps(facts, indent=1) + "\n")


def sealed(epoch: int, wrapped: str) -> SealedCaseKey | None:
    """As the database hands it out."""
    return SealedCaseKey(epoch=epoch, wrapped=bytes.fromhex(wrapped)) if epoch else None


if __name__ == "__main__":
    make(Path(sys.argv[1]))
