"""Makes ``tests/vectors/checkpoints.json`` anew: run it as a module, by hand, when the format changes.

python -m tests.storage.vault.make_checkpoints tests/vectors/checkpoints.json
"""

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from storage.vault import trail_signatures
from workstation.core.checkpoints import Checkpoint, Occasion, SignedCheckpoint
from workstation.core.values import PersonId

VAULT = "VAULT-OF-THE-VECTORS"
HEADS = {number: hashlib.sha384(bytes([number])).hexdigest() for number in range(1, 8)}


def make(path: Path) -> None:
    """One checkpoint of row 5 of a trail of seven rows, and what may be wrong with it."""
    checkpoint = Checkpoint(
        vault_id=VAULT,
        seq=5,
        head_sha384=HEADS[5],
        at=datetime(2027, 3, 1, 14, 30, tzinfo=UTC),
        person_id=PersonId("PERSON-ADA"),
        occasion=Occasion.BACKUP,
    )
    public, signature = trail_signatures.sign(bytearray(range(32)), checkpoint.statement)
    other, _signature = trail_signatures.sign(bytearray(range(1, 33)), checkpoint.statement)
    signed = SignedCheckpoint(checkpoint=checkpoint, public_key=public, signature=signature).as_json()
    stranger = SignedCheckpoint(checkpoint=checkpoint, public_key=other, signature=signature).as_json()
    altered = {"seq": 4, "head_sha384": HEADS[4], "at": "2027-03-02T14:30:00+00:00", "vault_id": "ANOTHER"}
    facts = {
        "vault": VAULT,
        "heads": HEADS,
        "checkpoint": signed,
        "cases": [
            {"claim": "as it was signed", "outcome": "holds"},
            *(
                {"claim": f"{name} altered", "outcome": "signature-bad", "set": {name: value}}
                for name, value in (altered | {"person_id": "PERSON-EVE", "occasion": "lock"}).items()
            ),
            {
                "claim": "somebody else's key",
                "outcome": "signature-bad",
                "set": {"public_key": stranger["public_key"]},
            },
            {"claim": "the trail of another vault", "outcome": "other-vault", "vault": "ANOTHER"},
            {"claim": "the trail cut before the row", "outcome": "row-missing", "cut": 4},
            {"claim": "the trail written anew", "outcome": "row-differs", "rewrite": 5},
            {"claim": "no occasion of the format", "outcome": "unreadable", "set": {"occasion": "lunch"}},
            {
                "claim": "a later format",
                "outcome": "unreadable",
                "set": {"format": "frw-checkpoint/2"},
            },
            {"claim": "a signature that is no base64", "outcome": "unreadable", "set": {"signature": "*"}},
            {"claim": "no head", "outcome": "unreadable", "drop": "head_sha384"},
        ],
    }
    path.write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    make(Path(sys.argv[1]))
