"""Checkpoints, rows of the trail and journals: a reader written from the page alone agrees with ours."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from storage import audit_log
from storage.vault import resuming, trail_signatures
from storage.vault.people import trail_seed
from tests.helpers.vault_folders import new_vault
from tests.storage.vault import independent_reader
from workstation.app import checkpoints
from workstation.core.checkpoints import CheckpointUnreadable, SignedCheckpoint
from workstation.core.vault import PIECE_BYTES, ContainerKind, ObjectRef

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "checkpoints.json").read_text())


def case_of(vector: dict[str, Any]) -> tuple[bytes, str, dict[int, str]]:
    """File, vault and trail with the one defect."""
    facts = {**VECTORS["checkpoint"], **vector.get("set", {})}
    facts.pop(vector.get("drop", ""), None)
    heads = {int(number): head for number, head in VECTORS["heads"].items()}
    heads = {number: head for number, head in heads.items() if number <= vector.get("cut", len(heads))}
    if "rewrite" in vector:
        heads[vector["rewrite"]] = "0" * 96
    return json.dumps(facts).encode(), vector.get("vault", VECTORS["vault"]), heads


@pytest.mark.parametrize("vector", VECTORS["cases"], ids=lambda vector: vector["claim"])
def test_a_checkpoint_vector(vector: dict[str, Any]) -> None:
    """The reader written from the page alone and ours give the outcome that is published."""
    content, vault, heads = case_of(vector)
    try:
        independent_reader.check_checkpoint(content, vault, heads)
        told = "holds"
    except independent_reader.Outcome as outcome:
        told = outcome.name
    assert told == vector["outcome"]
    assert _ours(content, vault, heads) == vector["outcome"]


def _ours(content: bytes, vault: str, heads: dict[int, str]) -> str:
    try:
        signed = SignedCheckpoint.parse(content, name="vector")
    except CheckpointUnreadable:
        return "unreadable"

    def page(*, before: int, limit: int) -> list[SimpleNamespace]:
        numbers = sorted((n for n in heads if n < before), reverse=True)[:limit]
        return [SimpleNamespace(seq=n, hash_sha384=heads[n]) for n in numbers]

    session = SimpleNamespace(vault=SimpleNamespace(vault_id=vault, checkpoint_holds=trail_signatures.holds))
    work = SimpleNamespace(audit=SimpleNamespace(page=page))
    return str(checkpoints.against(cast("Any", session), cast("Any", work), signed) or "holds")


def test_rows_of_the_trail_are_hashed_as_the_page_says() -> None:
    """Nine values and the hash of the row before, as canonical JSON, under SHA-384."""
    words = ("at", "actor_id", "actor_name", "role", "duty", "event", "case_id", "body")
    row: dict[str, Any] = {"seq": 7} | {name: f"{name} äß\u2028" for name in words}
    assert independent_reader.row_hash(row, "ab" * 48) == audit_log._row_hash(row, "ab" * 48)
    assert independent_reader.row_hash(row, "cd" * 48) != audit_log._row_hash(row, "ab" * 48)


def test_the_key_of_a_person_is_derived_as_the_page_says() -> None:
    """The seed of the signing key comes from the personal key and the vault's name, for both."""
    personal = bytes(range(32))
    assert independent_reader.trail_key(personal, "V-1") == bytes(trail_seed("V-1", bytearray(personal)))
    assert independent_reader.trail_key(personal, "V-2") != bytes(trail_seed("V-1", bytearray(personal)))


def test_a_journal_is_sealed_as_the_page_says(tmp_path: Path) -> None:
    """A stranger with the key opens it, and one changed byte is refused."""
    vault = new_vault(tmp_path / "vault")
    ref = ObjectRef(
        kind=ContainerKind.OBJECT,
        container_id=bytes(16),
        offset=32,
        size_bytes=PIECE_BYTES,
        epoch=1,
        wrapped_key=bytes(40),
    )
    journals = resuming.Journals(vault.root, vault._keys)
    journals.write(resuming.Unfinished(group="PKG-1", untrusted_name="ä.bin", ref=ref))
    (path,) = (vault.root / "objects").glob("*.journal")
    master = bytes(vault._keys.masters[1])
    key = independent_reader.hkdf("ingest-journal", master, {"epoch": 1, "vault": vault.vault_id})
    content = path.read_bytes()
    told = independent_reader.open_journal(key, bytes(16), content)
    assert told == {"group": "PKG-1", "name": "ä.bin", "ref": ref.text}
    for place in (0, 8, 12, 30, len(content) - 1):
        changed = bytearray(content)
        changed[place] ^= 1
        with pytest.raises(independent_reader.Outcome):
            independent_reader.open_journal(key, bytes(16), bytes(changed))
    vault.lock()
