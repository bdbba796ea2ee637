"""Keys of cases: both readers give the published answers; a rotation and a destruction do what they say."""

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from typing import Any

import pytest

from storage.vault.keys import Keys
from storage.vault.reading import SealedReader
from tests.helpers.vault_folders import new_vault
from tests.storage.vault import independent_reader
from tests.storage.vault.make_case_keys import sealed
from workstation.core.vault import ContainerKind, ObjectRef
from workstation.core.vault_errors import CaseKeyDestroyed, EpochUnknown, ObjectTampered

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "case-keys.json").read_text())
_FORMAT = ">c16sQQI40s"


def case_of(vector: dict[str, Any]) -> tuple[str, dict[int, tuple[int, str]]]:
    """The reference and the rows, with the one defect."""
    rows = {int(number): (epoch, wrapped) for number, (epoch, wrapped) in VECTORS["case_keys"].items()}
    epoch, wrapped = rows[vector.get("use", 1)]
    content = bytearray.fromhex(wrapped)
    if "flip" in vector:
        content[vector["flip"]] ^= 1
    rows[1] = (vector.get("epoch", epoch), content.hex())
    text = VECTORS["reference"]
    parts = list(struct.unpack(_FORMAT, urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4))))
    parts[4] = vector.get("number", parts[4])
    packed = urlsafe_b64encode(struct.pack(_FORMAT, *parts)).decode().rstrip("=")
    return vector.get("version", text[0]) + packed, rows


def folder(root: Path) -> Path:
    """The container of the vectors where both readers look for it."""
    content = bytes.fromhex(VECTORS["container"])
    path = root / "packs" / f"{content[8:24].hex()}.frwp"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return root


@pytest.mark.parametrize("vector", VECTORS["cases"], ids=lambda vector: vector["claim"])
def test_a_case_vector(vector: dict[str, Any], tmp_path: Path) -> None:
    """The reader written from the page alone and ours give the outcome that is published."""
    text, rows = case_of(vector)
    root = folder(tmp_path)
    masters = {int(epoch): bytes.fromhex(key) for epoch, key in VECTORS["masters"].items()}
    stranger = independent_reader.Vault(
        root=root,
        id=VECTORS["vault"],
        person=VECTORS["person"],
        epoch=1,
        database_epoch=1,
        masters=masters,
        personal=b"",
    )
    case_keys = {number: (epoch, bytes.fromhex(wrapped)) for number, (epoch, wrapped) in rows.items()}
    try:
        found = hashlib.sha384(independent_reader.read(stranger, text, case_keys)).hexdigest()
        told = "opens" if found == VECTORS["sha384"] else "other content"
    except independent_reader.Outcome as outcome:
        told = outcome.name
    assert told == vector["outcome"]
    assert _ours(root, text, rows, masters, absent=9) == vector["outcome"]


def _ours(
    root: Path, text: str, rows: dict[int, tuple[int, str]], masters: dict[int, bytes], *, absent: int
) -> str:
    keys = Keys(
        vault_id=VECTORS["vault"],
        epoch=1,
        masters={epoch: bytearray(key) for epoch, key in masters.items()},
        case_keys=lambda number: sealed(*rows[number]) if number in rows else None,
    )
    ref = ObjectRef.parse(text)
    try:
        with SealedReader(root, keys, lambda: None, ref, "") as reader:
            content = b"".join(reader.stream())
    except CaseKeyDestroyed:
        # Ours cannot tell a number nobody ever gave from one that was destroyed; both open nothing.
        return "tampered" if ref.case_key == absent else "destroyed"
    except (ObjectTampered, EpochUnknown):
        return "tampered"
    return "opens" if hashlib.sha384(content).hexdigest() == VECTORS["sha384"] else "other content"


def test_references_say_under_what_their_key_stands() -> None:
    """Version 2 has a case key and no epoch, version 1 the reverse; each text reads back to itself."""
    ref = ObjectRef.parse(VECTORS["reference"])
    assert (ref.kind, ref.epoch, ref.case_key) == (ContainerKind.PACK, 0, 1)
    assert ref.text == VECTORS["reference"]
    assert len(ref.text) == 104


def test_a_rotation_leaves_references_and_wraps_the_keys_anew(tmp_path: Path) -> None:
    """After it, and after the old key of the vault was dropped, every object of the case opens as before."""
    vault = new_vault(tmp_path / "vault")
    rows = {1: vault.new_case_key()}
    vault.use_case_keys(rows.get)
    with vault.ingest(case_key=1) as batch:
        ref = batch.add([b"content"]).ref
        batch.flush()
    vault._keys.forget_case(1)
    rotated = Keys(vault_id=vault.vault_id, epoch=2, masters={**vault._keys.masters, 2: bytearray(range(32))})
    vault._keys.adopt(rotated)
    rows[1] = vault.rewrap_case_key(rows[1])
    assert rows[1].epoch == 2
    vault._keys.forget_below(2)
    vault.verify(ref, hashlib.sha384(b"content").hexdigest())
    vault.lock()
