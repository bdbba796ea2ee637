"""People come, change their passphrase and go; what each of them can open follows."""

import io
import json
import os
import threading
import time
from pathlib import Path

import pytest

from storage.vault import LIGHT_COST, OpenVault, slots
from storage.vault.folder import VaultFolder
from storage.vault.keys import unwrap
from tests.helpers.vault_folders import (
    LOGIN,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    PERSON,
    DictSecrets,
    StringClock,
    new_vault,
    passphrase,
    reopen,
)
from workstation.core.vault import Argon2idCost, ObjectRef, Pbkdf2Cost, Profile
from workstation.core.vault_errors import (
    BackOffActive,
    CostTooLow,
    CredentialsRefused,
    DeviceSecretMissing,
    KeyringUnusable,
    PassphraseTooWeak,
    SlotExists,
    VaultLocked,
    VaultStorageFault,
)

EVE, NEW = "PER-EVE", b"nine patient badgers keep the seal"


def add_eve(vault: OpenVault, *, device_bound: bool = False) -> None:
    """A second person."""
    vault.add_slot(
        person_id=EVE,
        login_name="eve",
        passphrase=passphrase(OTHER_PASSPHRASE),
        cost=LIGHT_COST,
        device_bound=device_bound,
    )


def put(vault: OpenVault, content: bytes) -> ObjectRef:
    """One durable object."""
    with vault.ingest() as batch:
        stored = batch.add(io.BytesIO(content))
        batch.flush()
    return stored.ref


def get(vault: OpenVault, ref: ObjectRef) -> bytes:
    """It again."""
    return vault.open(ref).read_at(0, ref.size_bytes)


def test_each_person_opens_the_same_vault(tmp_path: Path) -> None:
    """Whoever has a slot reads what the others stored, and is recognised as themselves."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    ref = put(vault, b"shared")
    vault.lock()
    theirs = reopen(tmp_path / "v", login_name="eve", text=OTHER_PASSPHRASE)
    assert (theirs.person_id, get(theirs, ref)) == (EVE, b"shared")
    assert [facts.person_id for facts in theirs.slots()] == [PERSON, EVE]
    theirs.lock()


def test_one_persons_passphrase_is_not_anothers(tmp_path: Path) -> None:
    """A right passphrase under somebody else's name opens nothing."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    vault.lock()
    for login, text in ((LOGIN, OTHER_PASSPHRASE), ("eve", PASSPHRASE)):
        with pytest.raises(CredentialsRefused):
            reopen(tmp_path / "v", login_name=login, text=text)


@pytest.mark.parametrize(("person", "login"), [(PERSON, "new"), ("PER-NEW", "ADA")])
def test_a_person_and_a_name_exist_once(tmp_path: Path, person: str, login: str) -> None:
    """Neither the same person nor the same login name gets a second slot."""
    vault = new_vault(tmp_path / "v")
    with pytest.raises(SlotExists):
        vault.add_slot(person_id=person, login_name=login, passphrase=passphrase(NEW), cost=LIGHT_COST)
    vault.lock()


def test_rules_hold_for_later_people_too(tmp_path: Path) -> None:
    """A weak passphrase or, in a real vault, a cheap derivation makes no slot."""
    vault = new_vault(tmp_path / "v")
    with pytest.raises(PassphraseTooWeak):
        vault.add_slot(person_id=EVE, login_name="eve", passphrase=bytearray(b"abc"), cost=LIGHT_COST)
    object.__setattr__(vault._header, "profile", Profile.REAL)
    with pytest.raises(CostTooLow):
        vault.add_slot(person_id=EVE, login_name="eve", passphrase=passphrase(NEW), cost=LIGHT_COST)
    assert len(vault.slots()) == 1
    vault.lock()


def test_a_changed_passphrase_keeps_what_was_sealed(tmp_path: Path) -> None:
    """After a change the new passphrase opens vault and personal seals, and the old one opens nothing."""
    vault = new_vault(tmp_path / "v")
    blob = vault.seal_personal(PERSON, passphrase(), b"a signing key")
    stronger = Argon2idCost(memory_kib=16_384, passes=1, lanes=2)
    vault.change_passphrase(
        person_id=PERSON, login_name=LOGIN, old=passphrase(), new=passphrase(NEW), cost=stronger
    )
    assert vault.unseal_personal(PERSON, passphrase(NEW), blob) == b"a signing key"
    with pytest.raises(CredentialsRefused):
        vault.unseal_personal(PERSON, passphrase(), blob)
    assert vault.slots()[0].cost == stronger
    vault.lock()
    with pytest.raises(CredentialsRefused):
        reopen(tmp_path / "v")
    again = reopen(tmp_path / "v", text=NEW)
    assert again.unseal_personal(PERSON, passphrase(NEW), blob) == b"a signing key"
    again.lock()


@pytest.mark.parametrize(("login", "old"), [(LOGIN, OTHER_PASSPHRASE), ("eve", PASSPHRASE)])
def test_a_change_needs_the_old_passphrase_and_the_name(tmp_path: Path, login: str, old: bytes) -> None:
    """Without the old passphrase, or under another login name, nothing changes."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    with pytest.raises(CredentialsRefused):
        vault.change_passphrase(person_id=PERSON, login_name=login, old=passphrase(old), new=passphrase(NEW))
    vault.reauthenticate(PERSON, passphrase())
    vault.lock()


def test_reauthentication_shares_the_back_off(tmp_path: Path) -> None:
    """Guessing at the signing prompt of an open vault is slowed like guessing at the door."""
    clock = StringClock()
    vault = new_vault(tmp_path / "v", clock=clock)
    for _ in range(3):
        with pytest.raises(CredentialsRefused):
            vault.reauthenticate(PERSON, passphrase(OTHER_PASSPHRASE))
    with pytest.raises(BackOffActive):
        vault.reauthenticate(PERSON, passphrase())
    vault.lock()
    with pytest.raises(BackOffActive):
        reopen(tmp_path / "v", clock=clock)


def test_an_unlocked_vault_alone_opens_no_personal_seal(tmp_path: Path) -> None:
    """None of the keys an open vault holds unwraps a personal key."""
    vault = new_vault(tmp_path / "v")
    wrapped = vault._header.slots[0].personal
    held = [*vault._keys.masters.values(), *vault._keys._derived.values()]
    assert held
    for key in held:
        assert unwrap(bytes(key[:32]), wrapped) is None
    vault.lock()


def test_a_failed_header_write_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the new header cannot be written, vault and memory both stay as they were."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    before = (tmp_path / "v" / "vault.json").read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise VaultStorageFault(operation="replace", reason="EIO")

    with monkeypatch.context() as patch:
        patch.setattr(VaultFolder, "write_header", fail)
        for act in (
            lambda: vault.remove_slot(EVE),
            lambda: vault.add_slot(
                person_id="PER-BOB", login_name="bob", passphrase=passphrase(NEW), cost=LIGHT_COST
            ),
            lambda: vault.change_passphrase(
                person_id=PERSON, login_name=LOGIN, old=passphrase(), new=passphrase(NEW)
            ),
        ):
            with pytest.raises(VaultStorageFault):
                act()
    assert (tmp_path / "v" / "vault.json").read_bytes() == before
    assert (vault.epoch, len(vault.slots())) == (1, 2)
    vault.remove_slot(EVE)
    vault.lock()
    reopen(tmp_path / "v").lock()


def test_a_device_bound_slot_needs_the_device(tmp_path: Path) -> None:
    """Passphrase and device secret together open; the passphrase alone does not, and says so."""
    secrets = DictSecrets()
    vault = new_vault(tmp_path / "v", device_secrets=secrets)
    vault.lock()
    assert len(secrets.kept) == 1
    reopen(tmp_path / "v", device_secrets=secrets).lock()
    for missing in (None, DictSecrets()):
        with pytest.raises(DeviceSecretMissing):
            reopen(tmp_path / "v", device_secrets=missing)
    (user,) = secrets.kept
    wrong = DictSecrets(kept={user: os.urandom(32)})
    with pytest.raises(CredentialsRefused):
        reopen(tmp_path / "v", device_secrets=wrong)
    secrets.locked = True
    with pytest.raises(KeyringUnusable):
        reopen(tmp_path / "v", device_secrets=secrets)


def test_a_missing_device_is_not_a_wrong_attempt(tmp_path: Path) -> None:
    """An attempt without the device secret compares nothing and counts for nothing."""
    clock, secrets = StringClock(), DictSecrets()
    new_vault(tmp_path / "v", device_secrets=secrets).lock()
    for _ in range(9):
        with pytest.raises(DeviceSecretMissing):
            reopen(tmp_path / "v", clock=clock)
    reopen(tmp_path / "v", clock=clock, device_secrets=secrets).lock()


def test_a_device_bound_person_can_change_and_go(tmp_path: Path) -> None:
    """A device-bound slot keeps its secret over a changed passphrase and loses it with its person."""
    secrets = DictSecrets()
    vault = new_vault(tmp_path / "v", device_secrets=secrets)
    add_eve(vault, device_bound=True)
    assert [facts.type for facts in vault.slots()] == ["passphrase+device"] * 2
    vault.change_passphrase(
        person_id=EVE, login_name="eve", old=passphrase(OTHER_PASSPHRASE), new=passphrase(NEW)
    )
    vault.reauthenticate(EVE, passphrase(NEW))
    vault.remove_slot(EVE)
    assert len(secrets.kept) == 1
    vault.lock()


def test_a_keyring_that_fails_makes_no_weaker_slot(tmp_path: Path) -> None:
    """When the device secret cannot be kept, no slot is made, and never one without it."""
    secrets = DictSecrets()
    vault = new_vault(tmp_path / "v", device_secrets=secrets)
    secrets.locked = True
    with pytest.raises(KeyringUnusable):
        add_eve(vault, device_bound=True)
    assert len(vault.slots()) == 1
    vault.lock()


def test_a_vault_of_both_derivations(tmp_path: Path) -> None:
    """One vault may hold an Argon2id slot and a PBKDF2 slot; both open it."""
    vault = new_vault(tmp_path / "v")
    vault.add_slot(
        person_id=EVE,
        login_name="eve",
        passphrase=passphrase(OTHER_PASSPHRASE),
        cost=Pbkdf2Cost(iterations=1_000),
    )
    vault.lock()
    reopen(tmp_path / "v", login_name="eve", text=OTHER_PASSPHRASE).lock()
    reopen(tmp_path / "v").lock()


def test_locking_zeroes_the_keys(tmp_path: Path) -> None:
    """After locking every key buffer the vault held is zero."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    vault.remove_slot(EVE)
    for derive in (vault.database_key, vault.audit_key, vault.search_key):
        derive()
    put(vault, b"content")
    held = [*vault._keys.masters.values(), *vault._keys._derived.values()]
    assert len(held) > 6
    assert all(any(key) for key in held)
    vault.lock()
    assert not any(any(key) for key in held)
    assert not vault._keys.masters


def busy(vault: OpenVault, ref: ObjectRef, outcomes: list[BaseException]) -> None:
    """Everything at once, until something stops it."""
    try:
        while True:
            vault.rewrap(ref)
            get(vault, ref)
            put(vault, b"more")
    except BaseException as stopped:  # noqa: BLE001 - handed to the test
        outcomes.append(stopped)


def test_locking_in_the_middle_of_work_is_no_tampering(tmp_path: Path) -> None:
    """Threads at work when the vault is locked learn that it is locked, and nothing worse."""
    for number in range(8):
        vault = new_vault(tmp_path / str(number))
        outcomes: list[BaseException] = []
        arguments = (vault, put(vault, b"content"), outcomes)
        threads = [threading.Thread(target=busy, args=arguments) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.03)
        vault.lock()
        for thread in threads:
            thread.join()
        assert [type(stopped) for stopped in outcomes] == [VaultLocked] * 3


def test_a_slot_gives_its_keys_in_buffers_that_can_be_wiped(tmp_path: Path) -> None:
    """Opening a slot hands out exactly two buffers, and wiping zeroes both."""
    vault = new_vault(tmp_path / "v")
    opened = slots.open_slot(vault._header.slots[0], passphrase(), None)
    assert opened is not None
    assert bytes(opened.master) == bytes(vault._keys.masters[1])
    opened.wipe()
    assert not any(opened.master)
    assert not any(opened.personal)
    vault.lock()


def test_the_header_is_canonical_json(tmp_path: Path) -> None:
    """The header is its own canonical spelling, so that any second writing gives the same bytes."""
    new_vault(tmp_path / "v").lock()
    content = (tmp_path / "v" / "vault.json").read_bytes()
    assert json.dumps(json.loads(content), sort_keys=True, separators=(",", ":")).encode() == content
