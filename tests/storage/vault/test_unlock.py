"""Unlocking: one answer for everything that is wrong, the same work, and waits that survive and end."""

import json
import multiprocessing
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from storage.single_writer import SingleWriter
from storage.vault import LIGHT_COST, create_vault, entering, keys, slots, vault_status
from storage.vault.backoff import MAX_WAIT_S
from storage.vault.header_values import b64
from tests.helpers.vault_folders import (
    LOGIN,
    OTHER_PASSPHRASE,
    PASSPHRASE,
    PERSON,
    VAULT_ID,
    StringClock,
    new_vault,
    passphrase,
    reopen,
)
from workstation.core.vault import Argon2idCost, Cost, Pbkdf2Cost, Profile, VaultStatus
from workstation.core.vault_errors import (
    BackOffActive,
    CostTooLow,
    CredentialsRefused,
    MemoryTooSmall,
    PassphraseTooWeak,
    VaultDamaged,
    VaultExists,
    VaultFormatNewer,
    VaultInUse,
    VaultNotFound,
    VaultReadOnly,
    WrongProfile,
)

Edit = Callable[[Path], None]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A locked vault."""
    new_vault(tmp_path / "vault").lock()
    return tmp_path / "vault"


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Cost]]:
    """The costs of every passphrase derivation done."""
    done: list[Cost] = []

    def counting(text: bytearray, salt: bytes, cost: Cost) -> bytearray:
        done.append(cost)
        return keys.stretch(text, salt, cost)

    monkeypatch.setattr(slots, "stretch", counting)
    return done


def edit_header(change: Callable[[dict[str, object]], None]) -> Edit:
    """A step that changes ``vault.json`` as somebody without the key could."""

    def edit(root: Path) -> None:
        path = root / "vault.json"
        header = json.loads(path.read_text())
        change(header)
        path.write_text(json.dumps(header, sort_keys=True, separators=(",", ":")))

    return edit


def _garbage(root: Path) -> None:
    (root / "vault.json").write_bytes(b"\x00" * 100)


def _untouched(root: Path) -> None:
    assert root.is_dir()


WRONG: dict[str, tuple[Edit, str, bytes]] = {
    "passphrase": (_untouched, LOGIN, OTHER_PASSPHRASE),
    "person": (_untouched, "mallory", PASSPHRASE),
    "both": (_untouched, "mallory", OTHER_PASSPHRASE),
    "header unreadable": (_garbage, LOGIN, PASSPHRASE),
    "header MAC": (edit_header(lambda h: h.update(mac=b64(bytes(48)))), LOGIN, PASSPHRASE),
    "slot": (edit_header(lambda h: h["slots"][0].update(vmk=b64(bytes(40)))), LOGIN, PASSPHRASE),  # type: ignore[index] # JSON
    "salt": (edit_header(lambda h: h["slots"][0]["header"].update(salt=b64(bytes(32)))), LOGIN, PASSPHRASE),  # type: ignore[index] # JSON
}


@pytest.mark.parametrize("wrong", WRONG)
def test_everything_wrong_is_one_error_after_the_same_work(root: Path, wrong: str, work: list[Cost]) -> None:
    """Wrong passphrase, unknown person, damaged header: one error, no facts, one derivation of equal cost."""
    edit, login_name, text = WRONG[wrong]
    edit(root)
    with pytest.raises(CredentialsRefused) as caught:
        reopen(root, login_name=login_name, text=text)
    assert caught.value.facts == {}
    assert work == [LIGHT_COST]
    assert vault_status(root, StringClock()).failed_attempts == 1


def test_the_login_name_is_found_however_it_is_typed(root: Path) -> None:
    """Capitals and compatible spellings of a login name are the same name; the person is told by the slot."""
    for name in ("Ada", "ADA", "\uff41da"):
        vault = reopen(root, login_name=name)
        assert vault.person_id == PERSON
        vault.lock()


def test_login_names_are_not_readable_in_the_header(root: Path) -> None:
    """The header shows identifiers of people, not the names they log in with."""
    vault = reopen(root)
    vault.add_slot(
        person_id="PER-2",
        login_name="Eleanor.Rigby",
        passphrase=passphrase(OTHER_PASSPHRASE),
        cost=LIGHT_COST,
    )
    vault.lock()
    assert b"rigby" not in b"".join(path.read_bytes().lower() for path in root.glob("*.*"))


def test_the_wait_grows_survives_and_ends(root: Path) -> None:
    """Three wrong attempts are free; then waits double up to 15 minutes, are kept on disk, and always end."""
    clock = StringClock()
    waits = []
    for _ in range(16):
        with pytest.raises(CredentialsRefused):
            reopen(root, text=OTHER_PASSPHRASE, clock=clock)
        try:
            reopen(root, text=OTHER_PASSPHRASE, clock=clock)
        except BackOffActive as error:
            waits.append(error.seconds_left)
            clock.move(error.seconds_left - 1)
            with pytest.raises(BackOffActive) as still:
                reopen(root, clock=clock)
            assert still.value.seconds_left == 1
            clock.move(1)
        except CredentialsRefused:
            waits.append(0)
    assert waits == [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900, 900, 900]
    reopen(root, clock=clock).lock()
    assert vault_status(root, clock).failed_attempts == 0


def test_waiting_costs_no_work_and_counts_nothing(root: Path, work: list[Cost]) -> None:
    """An attempt that comes too early derives nothing and does not lengthen the wait."""
    clock = StringClock()
    for _ in range(4):
        with pytest.raises((CredentialsRefused, BackOffActive)):
            reopen(root, text=OTHER_PASSPHRASE, clock=clock)
    failures, done = vault_status(root, clock).failed_attempts, len(work)
    for _ in range(5):
        with pytest.raises(BackOffActive):
            reopen(root, clock=clock)
    assert (vault_status(root, clock).failed_attempts, len(work)) == (failures, done)


@pytest.mark.parametrize("back_s", [1, 3_600, 40 * 365 * 86_400])
def test_a_clock_set_back_does_not_lock_out(root: Path, back_s: int) -> None:
    """However far the clock is set back, the next attempt is at most 15 minutes away."""
    clock = StringClock()
    for _ in range(20):
        with pytest.raises((CredentialsRefused, BackOffActive)):
            reopen(root, text=OTHER_PASSPHRASE, clock=clock)
        clock.move(MAX_WAIT_S)
    with pytest.raises(CredentialsRefused):
        reopen(root, text=OTHER_PASSPHRASE, clock=clock)
    clock.move(-back_s)
    with pytest.raises(BackOffActive) as caught:
        reopen(root, clock=clock)
    assert caught.value.seconds_left <= MAX_WAIT_S
    clock.move(MAX_WAIT_S)
    reopen(root, clock=clock).lock()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"cost":null,"failed_at":-1,"failures":0}',
        b'{"cost":null,"failed_at":0,"failures":99999999999}',
        b'{"cost":{"name":"x"},"failed_at":0,"failures":0}',
        b'{"cost":null,"failed_at":true,"failures":0}',
        b"[" * 3_000,
        b" " * 5_000,
    ],
)
def test_an_unreadable_back_off_file_waits_once(root: Path, content: bytes) -> None:
    """A damaged back-off file costs one bounded wait, neither none nor for ever."""
    clock = StringClock()
    (root / "backoff.json").write_bytes(content)
    assert vault_status(root, clock).back_off_until is not None
    with pytest.raises(BackOffActive) as caught:
        reopen(root, clock=clock)
    assert 0 < caught.value.seconds_left <= MAX_WAIT_S
    clock.move(caught.value.seconds_left)
    reopen(root, clock=clock).lock()


def test_an_attempt_is_counted_before_it_is_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killing the program in the middle of the derivation does not save an attempt."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(slots, "stretch", killed)
    with pytest.raises(KeyboardInterrupt):
        reopen(root)
    assert vault_status(root, StringClock()).failed_attempts == 1


def test_too_little_memory_is_not_a_wrong_attempt(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the machine cannot give the memory, that is said, and nothing is counted."""

    def starved(*_: object) -> None:
        raise MemoryTooSmall(needed_bytes=1)

    monkeypatch.setattr(slots, "stretch", starved)
    with pytest.raises(MemoryTooSmall):
        reopen(root)
    assert vault_status(root, StringClock()).failed_attempts == 0


def test_a_demonstration_never_opens_as_real_nor_the_reverse(root: Path, work: list[Cost]) -> None:
    """A vault of one profile is refused in the other mode before any work is done."""
    with pytest.raises(WrongProfile) as caught:
        reopen(root, profile=Profile.REAL)
    assert caught.value.facts == {"found": "demo", "expected": "real"}
    assert work == []


def test_a_newer_vault_is_named_as_such(root: Path) -> None:
    """A vault of a later version is refused by version, whatever else its header holds."""
    edit_header(lambda h: h.update(version=7, new_member=1))(root)
    with pytest.raises(VaultFormatNewer) as caught:
        reopen(root)
    assert caught.value.facts == {"found": 7, "known": 1}
    status = vault_status(root, StringClock())
    assert (status.exists, status.header_readable, status.format_version) == (True, False, 7)


@pytest.mark.parametrize("name", ["", "missing", "vault.json"])
def test_no_vault_is_said(tmp_path: Path, name: str) -> None:
    """A folder without a vault, no folder, and a file in place of the folder are all said to be none."""
    (tmp_path / "vault.json").touch() if name == "vault.json" else None
    with pytest.raises(VaultNotFound):
        reopen(tmp_path / name)
    assert vault_status(tmp_path / name, StringClock()) == VaultStatus(exists=False)


@pytest.mark.parametrize("name", ["objects", "packs"])
def test_a_half_copied_vault_is_damaged(root: Path, name: str) -> None:
    """A vault whose container folder is missing is refused after the passphrase proved right."""
    (root / name).rmdir()
    with pytest.raises(VaultDamaged) as caught:
        reopen(root)
    assert caught.value.part == name
    (root / name).mkdir()
    reopen(root).lock()


def test_a_vault_is_opened_once(root: Path) -> None:
    """A second opening is refused with the holder's process and host, and works after locking."""
    vault = reopen(root)
    with pytest.raises(VaultInUse) as caught:
        reopen(root)
    assert caught.value.pid == multiprocessing.current_process().pid
    assert caught.value.host
    assert vault_status(root, StringClock()).in_use
    vault.lock()
    assert not vault_status(root, StringClock()).in_use
    reopen(root).lock()


def test_a_refused_unlock_lets_go(root: Path) -> None:
    """After wrong credentials the vault is free for the next attempt."""
    with pytest.raises(CredentialsRefused):
        reopen(root, text=OTHER_PASSPHRASE)
    SingleWriter(root / "vault.lock").release()


def test_status_tells_what_needs_no_passphrase(root: Path) -> None:
    """Without unlocking one learns profile, format, number of people and waits, and nothing is written."""
    before = {path: path.stat().st_mtime_ns for path in root.iterdir()}
    status = replace(vault_status(root, StringClock()), free_bytes=0)
    assert status == VaultStatus(
        exists=True,
        header_readable=True,
        format_version=1,
        vault_id=VAULT_ID,
        profile=Profile.DEMO,
        epoch=1,
        slot_count=1,
    )
    assert {path: path.stat().st_mtime_ns for path in root.iterdir()} == before


def test_a_vault_is_made_only_in_an_empty_folder(root: Path, tmp_path: Path) -> None:
    """Neither an existing vault nor any other file is ever written over."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("keep me")
    for folder in (root, tmp_path / "other", tmp_path / "other" / "letter.txt"):
        with pytest.raises(VaultExists):
            new_vault(folder)
    (tmp_path / "empty").mkdir()
    new_vault(tmp_path / "empty").lock()


def test_files_are_for_the_owner_alone(root: Path) -> None:
    """No file of a vault can be read by another account."""
    for path in (root, *root.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize(
    "cost",
    [
        LIGHT_COST,
        Argon2idCost(memory_kib=65_535, passes=3, lanes=4),
        Argon2idCost(memory_kib=65_536, passes=2, lanes=4),
        Pbkdf2Cost(iterations=999_999),
    ],
)
def test_a_real_vault_has_a_floor(tmp_path: Path, cost: Cost) -> None:
    """A real vault refuses a derivation cheaper than the floor, and nothing is left behind."""
    with pytest.raises(CostTooLow):
        _create(tmp_path / "vault", Profile.REAL, cost)
    assert not (tmp_path / "vault").exists()


@pytest.mark.parametrize(
    "cost", [Argon2idCost(memory_kib=65_536, passes=3, lanes=4), Pbkdf2Cost(iterations=1_000_000)]
)
def test_a_real_vault_opens_at_the_floor(tmp_path: Path, cost: Cost) -> None:
    """At the floor, with either derivation, a real vault is made and opens again."""
    _create(tmp_path / "vault", Profile.REAL, cost)
    reopen(tmp_path / "vault", profile=Profile.REAL).lock()


def test_a_weak_passphrase_makes_no_vault(tmp_path: Path) -> None:
    """A passphrase that is too short is refused before anything is written."""
    with pytest.raises(PassphraseTooWeak) as caught:
        create_vault(
            tmp_path / "vault",
            vault_id=VAULT_ID,
            profile=Profile.DEMO,
            person_id=PERSON,
            login_name=LOGIN,
            passphrase=bytearray(b"short"),
            cost=LIGHT_COST,
            clock=StringClock(),
        )
    assert caught.value.facts == {"rule": "length", "minimum_characters": 15}
    assert not (tmp_path / "vault").exists()


def test_a_folder_that_cannot_be_written_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read-only vault folder is reported as such, before any attempt is counted."""

    def refuse(*_: object) -> None:
        raise VaultReadOnly(path=str(root))

    monkeypatch.setattr(entering, "SingleWriter", refuse)
    with pytest.raises(VaultReadOnly):
        reopen(root)
    assert vault_status(root, StringClock()).failed_attempts == 0


def _create(folder: Path, profile: Profile, cost: Cost) -> None:
    create_vault(
        folder,
        vault_id=VAULT_ID,
        profile=profile,
        person_id=PERSON,
        login_name=LOGIN,
        passphrase=passphrase(),
        cost=cost,
        clock=StringClock(),
    ).lock()
