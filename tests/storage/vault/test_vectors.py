"""Every vector, read by the vault and by an independent reader of the written format."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from storage.vault import OpenVault
from tests.helpers.vault_folders import DictSecrets, reopen
from tests.storage.vault import independent_reader, vectors
from workstation.core.vault import ObjectRef, Profile
from workstation.core.vault_errors import (
    CredentialsRefused,
    DeviceSecretMissing,
    EpochUnknown,
    ObjectMissing,
    ObjectTampered,
    ReferenceDamaged,
    VaultFormatNewer,
    WrongProfile,
)

VECTORS = sorted(vectors.FOLDER.glob("*.vector"))
OUTCOMES = {
    CredentialsRefused: "refused",
    DeviceSecretMissing: "device-missing",
    EpochUnknown: "tampered",
    ObjectMissing: "missing",
    ObjectTampered: "tampered",
    ReferenceDamaged: "tampered",
    VaultFormatNewer: "newer",
    WrongProfile: "wrong-profile",
}


class Reader(Protocol):
    """What a reader of the format can do, whoever wrote it."""

    def unlock(self, case: vectors.Case) -> str:
        """Unlock: opens, or why not."""

    def read(self, reference: str) -> bytes | str:
        """The object, or why not."""

    def personal(self, blob: bytes) -> bytes | str:
        """The personal blob, or why not."""

    def keys(self) -> tuple[str, str, str, str]:
        """Database key, the one it is to get, and the audit keys of epochs 1 and 2."""

    def close(self) -> None:
        """Let go."""


class Ours:
    """The vault."""

    vault: OpenVault | None = None

    def unlock(self, case: vectors.Case) -> str:
        secrets = DictSecrets()
        if case.device is not None:
            secrets.kept[case.facts["device_slot"]] = case.device
        try:
            self.vault = reopen(
                case.root,
                login_name=case.login,
                text=case.passphrase,
                profile=Profile(case.profile),
                device_secrets=secrets,
            )
        except tuple(OUTCOMES) as error:
            return OUTCOMES[type(error)]
        self.person, self.passphrase = self.vault.person_id, case.passphrase
        return "opens"

    def read(self, reference: str) -> bytes | str:
        return _answer(lambda: self._whole(reference))

    def _whole(self, reference: str) -> bytes:
        assert self.vault is not None
        reader = self.vault.open(ObjectRef.parse(reference))
        reader.authenticate()
        return b"".join(reader.stream())

    def personal(self, blob: bytes) -> bytes | str:
        assert self.vault is not None
        vault = self.vault
        return _answer(lambda: bytes(vault.unseal_personal(self.person, bytearray(self.passphrase), blob)))

    def keys(self) -> tuple[str, str, str, str]:
        assert self.vault is not None
        pending = self.vault.pending_database_key() or b""
        audit = (self.vault.audit_key(1).hex(), self.vault.audit_key(2).hex())
        return self.vault.database_key().hex(), pending.hex(), *audit

    def close(self) -> None:
        if self.vault is not None:
            self.vault.lock()


class Theirs:
    """The independent reader."""

    def unlock(self, case: vectors.Case) -> str:
        try:
            self.vault = independent_reader.unlock(
                case.root, case.login, case.passphrase, case.device, case.profile
            )
        except independent_reader.Outcome as outcome:
            return outcome.name
        return "opens"

    def read(self, reference: str) -> bytes | str:
        return _answer(lambda: independent_reader.read(self.vault, reference))

    def personal(self, blob: bytes) -> bytes | str:
        return _answer(lambda: independent_reader.open_personal(self.vault, blob))

    def keys(self) -> tuple[str, str, str, str]:
        key = self.vault.key
        database = (key("database", 1).hex(), key("database", 2).hex())
        return *database, key("audit-mac", 1, 48).hex(), key("audit-mac", 2, 48).hex()

    def close(self) -> None:
        pass


def _answer(work: Callable[[], bytes]) -> bytes | str:
    try:
        return work()
    except independent_reader.Outcome as outcome:
        return outcome.name
    except tuple(OUTCOMES) as error:
        return OUTCOMES[type(error)]


@pytest.fixture(params=[Ours, Theirs])
def reader(request: pytest.FixtureRequest) -> Iterator[Reader]:
    """Both readers, one after the other."""
    made = request.param()
    yield made
    made.close()


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_each_vector_has_its_outcome(path: Path, reader: Reader, tmp_path: Path) -> None:
    """A reader answers each vector with the outcome it names, and reads everything the defect spared."""
    case = vectors.apply(path, tmp_path / "vault")
    answer = reader.unlock(case)
    if case.outcome in {"opens", "tampered", "missing"}:
        assert answer == "opens"
        _check_objects(case, reader)
    else:
        assert answer == case.outcome


def _check_objects(case: vectors.Case, reader: Reader) -> None:
    for name, entry in case.facts["objects"].items():
        got = reader.read(entry["ref"])
        if name == case.object:
            assert got == case.outcome
        elif case.file(name) not in case.changed or name in case.spared:
            assert isinstance(got, bytes), name
            assert hashlib.sha384(got).hexdigest() == entry["sha384"]
    if case.login == "ada":
        personal = case.facts["personal"]
        got = reader.personal(bytes.fromhex(personal["blob"]))
        wanted = case.outcome if case.object == "personal" else bytes.fromhex(personal["plaintext"])
        assert got == wanted


def test_both_readers_derive_the_same_keys(reader: Reader, tmp_path: Path) -> None:
    """The keys of database and audit chain are those the base was made with."""
    case = vectors.apply(vectors.FOLDER / "opens-untouched.vector", tmp_path / "vault")
    assert reader.unlock(case) == "opens"
    facts = case.facts
    assert reader.keys() == (
        facts["database_key"],
        facts["pending_database_key"],
        *facts["audit_keys"],
    )


def test_no_vector_is_left_out() -> None:
    """There are vectors of every outcome, and each names one this suite knows."""
    known = {*OUTCOMES.values(), "opens"}
    assert {line for path in VECTORS for line in [path.read_text().splitlines()[1].split(": ")[1]]} == known
