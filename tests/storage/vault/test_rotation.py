"""Removing a person makes a new vault key: who reaches it, and what becomes of the old ones."""

from pathlib import Path

import pytest

from storage.vault import people
from storage.vault.header import parse
from storage.vault.keys import unwrap
from tests.helpers.vault_folders import (
    OTHER_PASSPHRASE,
    PERSON,
    new_vault,
    passphrase,
    reopen,
)
from tests.storage.vault.test_people import EVE, NEW, add_eve, get, put
from workstation.core.vault_errors import CredentialsRefused, EpochInUse, EpochUnknown, LastSlot, SlotUnknown


def test_a_removed_person_is_out(tmp_path: Path) -> None:
    """A removed person's passphrase opens nothing; the others, never asked, open everything old and new."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    before = put(vault, b"before")
    vault.remove_slot(PERSON)
    after = put(vault, b"after")
    assert (vault.epoch, before.epoch, after.epoch) == (2, 1, 2)
    vault.lock()
    with pytest.raises(CredentialsRefused):
        reopen(tmp_path / "v")
    theirs = reopen(tmp_path / "v", login_name="eve", text=OTHER_PASSPHRASE)
    assert (get(theirs, before), get(theirs, after)) == (b"before", b"after")
    theirs.lock()


def test_the_old_master_key_does_not_lead_to_the_new(tmp_path: Path) -> None:
    """Whoever kept the old vault key and takes the new header finds no way to the new key in it."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    old = bytes(vault._keys.masters[1])
    vault.remove_slot(PERSON)
    new = bytes(vault._keys.masters[2])
    header, _ = parse((tmp_path / "v" / "vault.json").read_bytes())
    vault.lock()
    old_keys = people.Keys(vault_id=header.vault, epoch=1, masters={1: bytearray(old)})
    labels = ("slot-table-mac", "dek-wrap", "database", "earlier-epochs", "search", "audit-mac")
    candidates = [old, *(bytes(old_keys.derive(label)) for label in labels)]
    wraps = [slot.vmk for slot in header.slots] + [slot.kem_seed for slot in header.slots]
    assert all(unwrap(key, wrapped) is None for key in candidates for wrapped in wraps)
    assert old != new


def test_no_old_slot_stays_beside_the_header(tmp_path: Path) -> None:
    """After a removal or a changed passphrase no file of the folder holds the old slot."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    gone = (vault._header.slots[0].kem_seed, vault._header.slots[1].kem_seed)
    vault.change_passphrase(
        person_id=EVE, login_name="eve", old=passphrase(OTHER_PASSPHRASE), new=passphrase(NEW)
    )
    vault.remove_slot(PERSON)
    vault.lock()
    for name in ("vault.json", "vault.json.previous"):
        kept = {slot.kem_seed for slot in parse((tmp_path / "v" / name).read_bytes())[0].slots}
        assert len(kept) == 1
        assert not kept & set(gone)


def test_the_previous_header_is_kept_otherwise(tmp_path: Path) -> None:
    """Adding a person keeps the header before it."""
    vault = new_vault(tmp_path / "v")
    before = (tmp_path / "v" / "vault.json").read_bytes()
    add_eve(vault)
    vault.lock()
    assert (tmp_path / "v" / "vault.json.previous").read_bytes() == before


def test_the_last_slot_and_a_strangers_cannot_be_removed(tmp_path: Path) -> None:
    """Nobody can close the vault for everybody, and removing who is not there is said."""
    vault = new_vault(tmp_path / "v")
    with pytest.raises(LastSlot):
        vault.remove_slot(PERSON)
    with pytest.raises(SlotUnknown):
        vault.remove_slot("PER-NOBODY")
    assert vault.epoch == 1
    vault.lock()


def test_the_database_key_follows_when_it_was_told_to(tmp_path: Path) -> None:
    """After a rotation the database key stays until the re-keying is confirmed, over a restart too."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    old = vault.database_key()
    assert vault.pending_database_key() is None
    vault.remove_slot(EVE)
    pending = vault.pending_database_key()
    vault.lock()
    vault = reopen(tmp_path / "v")
    assert (vault.database_key(), vault.pending_database_key()) == (old, pending)
    vault.confirm_database_rekeyed()
    vault.lock()
    vault = reopen(tmp_path / "v")
    assert (vault.database_key(), vault.pending_database_key()) == (pending, None)
    assert old != pending
    vault.lock()


def test_earlier_keys_can_be_destroyed(tmp_path: Path) -> None:
    """Once dropped, an epoch's references open nothing, while re-wrapped ones open as before."""
    vault = new_vault(tmp_path / "v")
    add_eve(vault)
    ref = put(vault, b"content")
    vault.remove_slot(EVE)
    with pytest.raises(EpochInUse):
        vault.drop_epochs_below(2)
    with pytest.raises(EpochUnknown):
        vault.drop_epochs_below(3)
    vault.confirm_database_rekeyed()
    again = vault.rewrap(ref)
    vault.drop_epochs_below(2)
    for _ in range(2):
        assert get(vault, again) == b"content"
        with pytest.raises(EpochUnknown):
            get(vault, ref)
        with pytest.raises(EpochUnknown):
            vault.audit_key(1)
        vault.lock()
        vault = reopen(tmp_path / "v")
    vault.lock()


def test_many_rotations_keep_every_epoch(tmp_path: Path) -> None:
    """Objects of a dozen epochs all open after a restart."""
    vault = new_vault(tmp_path / "v")
    refs = []
    for number in range(12):
        refs.append(put(vault, b"%d" % number))
        add_eve(vault)
        vault.remove_slot(EVE)
    vault.lock()
    vault = reopen(tmp_path / "v")
    assert [get(vault, ref) for ref in refs] == [b"%d" % number for number in range(12)]
    vault.lock()
