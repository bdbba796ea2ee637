"""Officers' recovery keys: any of them together, no fewer, once; and the key as it stands on paper."""

from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.vault import LIGHT_COST, create_vault, unlock, vault_status
from storage.vault.entering import Door, unlock_by_officers
from storage.vault.recovering import Recovering
from storage.vault.session import OpenVault
from tests.helpers.databases import HandClock
from tests.helpers.vault_folders import OTHER_PASSPHRASE, VAULT_ID, passphrase
from workstation.core.recovery import (
    ALPHABET,
    OfficerKey,
    RecoveryBounds,
    RecoveryKeyMistyped,
    RecoveryKeysWrong,
    RecoveryNotSet,
    read,
    written,
)
from workstation.core.vault import Profile
from workstation.core.vault_errors import BackOffActive, CredentialsRefused

PERSON, LOGIN = "PER-ADA", "ada"


def made(root: Path, clock: HandClock) -> OpenVault:
    """Ada's vault, with Eve in it."""
    vault = create_vault(
        root,
        vault_id=VAULT_ID,
        profile=Profile.DEMO,
        person_id=PERSON,
        login_name=LOGIN,
        passphrase=passphrase(),
        cost=LIGHT_COST,
        clock=clock,
    )
    vault.add_slot(person_id="PER-EVE", login_name="eve", passphrase=passphrase(), cost=LIGHT_COST)
    return vault


def issue(vault: OpenVault, needed: int = 3, officers: int = 5) -> list[OfficerKey]:
    """A set in force."""
    new = vault.new_recovery(needed=needed, officers=officers)
    vault.put_recovery(new)
    return new.keys


def door(root: Path, clock: HandClock) -> Door:
    """Where it lies."""
    return Door(root=root, profile=Profile.DEMO, clock=clock)


@pytest.mark.parametrize(("needed", "officers"), [(2, 2), (3, 5), (2, 9)])
def test_any_that_are_needed_open_the_vault(tmp_path: Path, needed: int, officers: int) -> None:
    """Each choice of as many officers as needed opens it, in any order, with the keys everybody has."""
    root, clock = tmp_path / "v", HandClock()
    vault = made(root, clock)
    key, keys = vault.database_key(), issue(vault, needed, officers)
    vault.lock()
    for chosen in combinations(keys, needed):
        again = unlock_by_officers(door(root, clock), LOGIN, reversed(chosen))
        assert again.database_key() == key
        again.lock()


def test_fewer_or_others_open_nothing(tmp_path: Path) -> None:
    """Two of three, four, one twice, one changed bit and a stranger's name are refused, and counted."""
    root, clock = tmp_path / "v", HandClock()
    vault = made(root, clock)
    keys = issue(vault)
    vault.lock()
    one_off = OfficerKey(officer=3, set_id=keys[2].set_id, key=bytearray(keys[2].key))
    one_off.key[0] ^= 1
    for wrong in (keys[:2], keys[:4], [keys[0], keys[0], keys[1]], [*keys[:2], one_off]):
        with pytest.raises(RecoveryKeysWrong):
            unlock_by_officers(door(root, clock), LOGIN, wrong)
    assert vault_status(root, clock).failed_attempts == 1  # only the last was compared with anything
    with pytest.raises(CredentialsRefused):
        unlock_by_officers(door(root, clock), "nobody", keys[:3])
    with pytest.raises(RecoveryKeysWrong):
        unlock_by_officers(door(root, clock), LOGIN, [*keys[:2], one_off])
    with pytest.raises(BackOffActive):
        unlock_by_officers(door(root, clock), LOGIN, keys[:3])


def test_a_recovery_is_for_one_passphrase_and_voids_the_keys(tmp_path: Path) -> None:
    """The new passphrase opens, the old one and the used keys do not, and everybody else stays."""
    root, clock = tmp_path / "v", HandClock()
    vault = made(root, clock)
    keys = issue(vault)
    old = (root / "vault.json").read_bytes()
    vault.lock()
    again = unlock_by_officers(door(root, clock), LOGIN, keys[1:4])
    epoch = again.epoch
    act = Recovering(again, login_name=LOGIN, passphrase=passphrase(OTHER_PASSPHRASE), cost=LIGHT_COST)
    assert (root / "vault.json").read_bytes() == old  # nothing is written before it is said to be
    blob = act.seal(b"new identity")
    act.put()
    assert again.epoch == epoch + 1
    assert again.unseal_personal(PERSON, passphrase(OTHER_PASSPHRASE), blob) == b"new identity"
    again.lock()
    with pytest.raises(RecoveryNotSet):
        unlock_by_officers(door(root, clock), LOGIN, keys[:3])
    with pytest.raises(CredentialsRefused):
        unlock(root, login_name=LOGIN, passphrase=passphrase(), profile=Profile.DEMO, clock=clock)
    for login, text in ((LOGIN, passphrase(OTHER_PASSPHRASE)), ("eve", passphrase())):
        unlock(root, login_name=login, passphrase=text, profile=Profile.DEMO, clock=clock).lock()
    assert b'"recovery"' not in (root / "vault.json.previous").read_bytes()
    (root / "vault.json").write_bytes(old)
    unlock_by_officers(door(root, clock), LOGIN, keys[:3]).lock()  # an old copy stays open to them


def test_what_was_sealed_for_a_recovery_needs_the_officers(tmp_path: Path) -> None:
    """Somebody who unlocked as usual cannot open it; officers' keys can, and only of that set."""
    root, clock = tmp_path / "v", HandClock()
    vault = made(root, clock)
    new = vault.new_recovery(needed=3, officers=5)
    blob = vault.seal_for_recovery(new, b"authority")
    vault.put_recovery(new)
    with pytest.raises(RecoveryKeysWrong):
        vault.unseal_recovered(blob)
    vault.lock()
    again = unlock_by_officers(door(root, clock), LOGIN, new.keys[:3])
    assert again.unseal_recovered(blob) == b"authority"
    again.lock()


def test_a_new_set_voids_the_one_before(tmp_path: Path) -> None:
    """Issuing again rotates the vault key, and the sheets of before open nothing of it."""
    root, clock = tmp_path / "v", HandClock()
    vault = made(root, clock)
    old = issue(vault)
    epoch = vault.epoch
    new = issue(vault, 2, 3)
    assert vault.epoch == epoch + 1
    vault.remove_slot("PER-EVE")  # a rotation reaches the officers' keys without them
    vault.lock()
    with pytest.raises(RecoveryKeysWrong):
        unlock_by_officers(door(root, clock), LOGIN, old[:3])
    unlock_by_officers(door(root, clock), LOGIN, new[:2]).lock()


@pytest.mark.parametrize(("needed", "officers"), [(1, 5), (4, 3), (2, 10), (0, 0)])
def test_one_sheet_never_opens_a_vault(tmp_path: Path, needed: int, officers: int) -> None:
    """Fewer than two needed, more needed than there are, and more than nine are refused."""
    vault = made(tmp_path / "v", HandClock())
    with pytest.raises(RecoveryBounds):
        vault.new_recovery(needed=needed, officers=officers)
    vault.lock()


SET = "5e" * 16
KEYS = st.builds(
    lambda officer, key: OfficerKey(officer=officer, set_id=SET, key=bytearray(key)),
    st.integers(1, 9),
    st.binary(min_size=32, max_size=32),
)


@given(KEYS)
def test_a_written_key_is_read_again(key: OfficerKey) -> None:
    """What is on the sheet is the key, however it is typed."""
    text = written(key)
    assert read(text, SET) == key
    assert read(text.lower().replace(" ", "-").replace("0", "o").replace("1", "l"), SET) == key


@given(KEYS, st.integers(0, 69), st.integers(1, 31))
def test_a_slip_is_found_in_its_group(key: OfficerKey, place: int, step: int) -> None:
    """One wrong character is refused, and the group it stands in is named."""
    bare = written(key).replace(" ", "")
    other = ALPHABET[(ALPHABET.index(bare[place]) + step) % 32]
    with pytest.raises(RecoveryKeyMistyped) as refused:
        read(bare[:place] + other + bare[place + 1 :], SET)
    assert refused.value.group == place // 5 + 1


@given(KEYS, st.integers(0, 68))
def test_two_characters_the_wrong_way_round_are_found(key: OfficerKey, place: int) -> None:
    """Neighbours exchanged are refused, within a group and across two."""
    bare = written(key).replace(" ", "")
    swapped = bare[:place] + bare[place + 1] + bare[place] + bare[place + 2 :]
    if swapped != bare:
        with pytest.raises(RecoveryKeyMistyped):
            read(swapped, SET)


@given(KEYS, st.integers(0, 13), st.integers(0, 13))
def test_groups_the_wrong_way_round_are_found(key: OfficerKey, one: int, other: int) -> None:
    """Two different groups exchanged are refused."""
    groups = written(key).split()
    groups[one], groups[other] = groups[other], groups[one]
    if " ".join(groups) != written(key):
        with pytest.raises(RecoveryKeyMistyped):
            read(" ".join(groups), SET)


def test_a_key_of_another_set_is_told_at_once() -> None:
    """A sheet of another vault or an earlier set does not fit as a whole, nor does a part of a key."""
    text = written(OfficerKey(officer=1, set_id=SET, key=bytearray(32)))
    for wrong, set_id in ((text, "00" * 16), (text + " 00000", SET)):
        with pytest.raises(RecoveryKeyMistyped) as refused:
            read(wrong, set_id)
        assert refused.value.group == 0
    with pytest.raises(RecoveryKeyMistyped) as refused:
        read(text[:-6], SET)
    assert refused.value.group == 14
