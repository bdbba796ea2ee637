"""Vectors of cards and recovery keys, read by the vault and by an independent reader of the format."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key

from storage.vault.entering import Door, unlock_by_card, unlock_by_officers
from storage.vault.header import parse
from storage.vault.header_values import HeaderDamaged
from tests.helpers.databases import HandClock
from tests.helpers.fake_cards import PIN, FakeCard, FakeReader
from tests.helpers.vault_folders import DictSecrets
from tests.storage.vault import independent_reader, vectors
from workstation.core.recovery import RecoveryKeyMistyped, RecoveryKeysWrong, RecoveryNotSet, read
from workstation.core.vault import CardCredential, Profile
from workstation.core.vault_errors import CredentialsRefused, DeviceSecretMissing

FOLDER = vectors.FOLDER / "ways"
VECTORS = sorted(FOLDER.glob("*.vector"))
REFUSED = (CredentialsRefused, RecoveryKeysWrong, RecoveryNotSet, RecoveryKeyMistyped)


@dataclass
class Case:
    """One vector, applied; a vault folder with the way in that the vector says."""

    root: Path
    facts: Any
    way: Any
    said: dict[str, str]

    def file(self, name: str) -> Path:
        """For the steps of ``vectors``."""
        return self.root / name

    @property
    def key(self) -> Any:
        """The private key on the card in the reader."""
        holder = self.facts["ways_in"][int(self.said["card"])] if "card" in self.said else self.way
        return load_der_private_key(bytes.fromhex(holder["card_key_pkcs8"]), None)

    @property
    def passphrase(self) -> bytes:
        """Beside the card; empty where none is."""
        return self.said.get("passphrase", self.way.get("passphrase", "")).encode()

    @property
    def device(self) -> bytes | None:
        """The device's secret, where there is one."""
        text = self.said.get("device", self.way.get("device", "none"))
        return None if text == "none" else bytes.fromhex(text)

    @property
    def sheets(self) -> list[str]:
        """The officers' keys as typed."""
        texts = [self.way["keys"][int(number) - 1] for number in self.said["officers"].split()]
        if "mistyped" in self.said:
            number = int(self.said["mistyped"]) - 1
            first = texts[number][0]
            texts[number] = ("1" if first == "0" else "0") + texts[number][1:]
        return texts


def apply(path: Path, root: Path) -> Case:
    """The case of one file."""
    shutil.copytree(FOLDER / "base", root)
    for folder in ("objects", "packs"):
        (root / folder).mkdir()
    lines = [line.split(": ", 1) for line in path.read_text().splitlines()]
    said = {key: value for key, value in lines if key != "do"}
    facts = json.loads((root / "expected.json").read_text())
    case = Case(root=root, facts=facts, way=facts["ways_in"][int(said["way"])], said=said)
    for verb, *rest in (value.split(" ", 1) for key, value in lines if key == "do"):
        vectors._STEPS[verb](case, rest[0])
    return case


def ours(case: Case) -> str:
    """What the vault answers: the database key, or an outcome."""
    try:
        vault = _officers(case) if case.way["kind"] == "recovery" else _card(case)
    except DeviceSecretMissing:
        return "device-missing"
    except REFUSED:
        return "refused"
    with_key = vault.database_key().hex()
    vault.lock()
    return with_key


def _card(case: Case) -> Any:
    secrets = DictSecrets()
    if case.device is not None:
        header = json.loads((case.root / "vault.json").read_text())
        for slot in header["slots"]:
            secrets.kept[f"{header['vault']}:{slot['id']}"] = case.device
    reader = FakeReader([FakeCard(serial="CARD", private=case.key)])
    door = Door(root=case.root, profile=Profile.DEMO, clock=HandClock(), device_secrets=secrets, cards=reader)
    typed = CardCredential(pin=bytearray(PIN), passphrase=bytearray(case.passphrase))
    return unlock_by_card(door, reader, case.way["login"], typed)


def _officers(case: Case) -> Any:
    set_id = _set_id(case)
    keys = [read(text, set_id) for text in case.sheets]
    return unlock_by_officers(Door(root=case.root, profile=Profile.DEMO, clock=HandClock()), "ada", keys)


def _set_id(case: Case) -> str:
    """As the window and the command line know it: from the header before anybody is in."""
    try:
        header, _mac = parse((case.root / "vault.json").read_bytes())
    except HeaderDamaged:
        raise RecoveryNotSet from None
    if header.recovery is None:
        raise RecoveryNotSet
    return header.recovery.id


def theirs(case: Case) -> str:
    """What the independent reader answers."""
    try:
        if case.way["kind"] == "recovery":
            vault = independent_reader.unlock_by_officers(case.root, case.sheets, "demo")
        else:
            hand = independent_reader.CardInHand(case.key, case.passphrase or None, case.device)
            vault = independent_reader.unlock_by_card(case.root, case.way["login"], hand, "demo")
    except independent_reader.Outcome as outcome:
        return outcome.name
    return vault.key("database", vault.database_epoch).hex()


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_both_readers_answer_as_the_vector_says(path: Path, tmp_path: Path) -> None:
    """Each vector opens with the right database key, or is refused as it says, by either reader."""
    for number, reader in enumerate((ours, theirs)):
        case = apply(path, tmp_path / str(number))
        expected = case.said["outcome"]
        assert reader(case) == (case.facts["database_key"] if expected == "opens" else expected)


def test_there_are_vectors_of_both_kinds() -> None:
    """Cards and recovery keys each have vectors that open and vectors that do not."""
    names = [path.stem for path in VECTORS]
    assert sum(name.startswith("opens-") for name in names) >= 5
    assert sum(name.startswith("card-") for name in names) >= 12
    assert sum(name.startswith(("officers-", "recovery-")) for name in names) >= 15
