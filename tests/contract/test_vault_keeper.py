"""What every keeper of a vault promises: who comes in, who is shut out, and what lies there meanwhile."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from storage import seen as seen_notes
from storage.keeper import DiskKeeper
from tests.helpers.databases import CUSTODIAN, HandClock, enrol_everybody
from tests.helpers.memory_keeper import MemoryFolder, MemoryKeeper
from tests.helpers.vault_folders import LIGHT_COST, OTHER_PASSPHRASE, PASSPHRASE, VAULT_ID, passphrase
from workstation.core.service_ports import Seen, VaultKeeper
from workstation.core.vault import Profile, Vault, VaultStatus
from workstation.core.vault_errors import (
    BackOffActive,
    CredentialsRefused,
    LastSlot,
    PassphraseTooWeak,
    SlotExists,
    SlotUnknown,
    VaultExists,
    VaultInUse,
    VaultLocked,
    VaultNotFound,
    WrongProfile,
)

ADA, EVE = str(CUSTODIAN.person_id), "PER-EVE"
NEW_PASSPHRASE = b"nine patient cranes"
SEEN = Seen(rows=7, head="a" * 96)


@dataclass
class Desk:
    """A keeper, its clock, and what only a test may do to the place of the vault."""

    keeper: VaultKeeper
    clock: HandClock
    with_profile: Callable[[Profile], VaultKeeper]  # another keeper of the same place
    burn: Callable[[], None]  # take the vault away, and leave what lies beside it
    spoil_notes: Callable[[], None]  # no note can be written from now on
    opened: list[Vault] = field(default_factory=list)

    def create(self, vault_id: str = VAULT_ID, text: bytes = PASSPHRASE) -> Vault:
        """Ada's, not yet completed."""
        vault = self.keeper.create(
            vault_id=vault_id, person_id=ADA, login_name="ada", passphrase=passphrase(text)
        )
        self.opened.append(vault)
        return vault

    def made(self, vault_id: str = VAULT_ID) -> Vault:
        """Ada's, complete, with Eve let in."""
        vault = self.create(vault_id)
        self.keeper.open_database(vault).close()  # a vault has its records before it is one
        self.keeper.complete(vault)
        self.add(vault)
        return vault

    def add(
        self, vault: Vault, person_id: str = EVE, login: str = "eve", text: bytes = OTHER_PASSPHRASE
    ) -> None:
        """Let somebody in."""
        self.keeper.add_slot(vault, person_id=person_id, login_name=login, passphrase=passphrase(text))

    def unlock(self, login_name: str = "ada", text: bytes = PASSPHRASE) -> Vault:
        """By somebody."""
        vault = self.keeper.unlock(login_name=login_name, passphrase=passphrase(text))
        self.opened.append(vault)
        return vault

    def change(self, vault: Vault, **other: object) -> None:
        """Ada takes another passphrase, unless said otherwise."""
        given = {"person_id": ADA, "login_name": "ada", "old": PASSPHRASE, "new": NEW_PASSPHRASE} | other
        texts = {name: passphrase(bytes(given.pop(name))) for name in ("old", "new")}
        self.keeper.change_passphrase(vault, **given, **texts)


def _on_disk(folder: Path) -> Desk:
    root, clock = folder / "vault", HandClock()

    def with_profile(profile: Profile) -> DiskKeeper:
        return DiskKeeper(root=root, profile=profile, clock=clock, cost=lambda _bound: LIGHT_COST)

    def spoil_notes() -> None:
        (seen_notes.path_of(root) / "in the way").mkdir(parents=True)

    return Desk(with_profile(Profile.DEMO), clock, with_profile, lambda: shutil.rmtree(root), spoil_notes)


def _in_memory(_folder: Path) -> Desk:
    clock = HandClock()
    keeper = MemoryKeeper(clock=clock)

    def with_profile(profile: Profile) -> MemoryKeeper:
        return MemoryKeeper(clock=clock, profile=profile, folder=keeper.folder)

    def burn() -> None:
        keeper.folder = MemoryFolder()

    def spoil_notes() -> None:
        keeper.notes_can_be_written = False

    return Desk(keeper, clock, with_profile, burn, spoil_notes)


@pytest.fixture(params=[_on_disk, _in_memory], ids=["disk", "memory"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Both kinds, before there is a vault."""
    made: Desk = request.param(tmp_path)
    yield made
    for vault in made.opened:
        vault.lock()


# --- beginning -------------------------------------------------------------------------------------


def test_before_a_vault_there_is_none(desk: Desk) -> None:
    """Where nothing was created nothing exists, and nothing can be unlocked."""
    assert desk.keeper.status() == VaultStatus(exists=False)
    with pytest.raises(VaultNotFound):
        desk.unlock()


def test_a_vault_that_was_not_completed_is_none(desk: Desk) -> None:
    """Ending before ``complete`` leaves no vault, and the same place takes the next creation."""
    desk.create().lock()
    assert not desk.keeper.status().exists
    with pytest.raises(VaultNotFound):
        desk.unlock()
    desk.keeper.complete(desk.create())
    assert desk.keeper.status().exists


def test_a_vault_is_created_once(desk: Desk) -> None:
    """Where a vault lies no second one is begun, and the first one still opens."""
    desk.made().lock()
    with pytest.raises(VaultExists):
        desk.create("VAULT-7Q2M4K9E")
    assert desk.unlock().vault_id == VAULT_ID


def test_a_weak_passphrase_begins_no_vault(desk: Desk) -> None:
    """A passphrase that is too easily guessed is refused before anything is made."""
    with pytest.raises(PassphraseTooWeak):
        desk.create(text=b"short")
    assert not desk.keeper.status().exists


def test_the_status_tells_what_needs_no_passphrase(desk: Desk) -> None:
    """Name, profile, epoch, number of slots and whether it is open are told of a vault, open or locked."""
    vault = desk.made()
    for in_use in (True, False):
        status = desk.keeper.status()
        assert (status.exists, status.header_readable, status.in_use) == (True, True, in_use)
        assert (status.vault_id, status.profile, status.epoch) == (VAULT_ID, Profile.DEMO, 1)
        assert (status.slot_count, status.failed_attempts, status.back_off_until) == (2, 0, None)
        vault.lock()


# --- coming in -------------------------------------------------------------------------------------


def test_each_person_comes_in_with_the_own_passphrase(desk: Desk) -> None:
    """The vault is opened by whoever's name and passphrase were given, and says by whom."""
    desk.made().lock()
    for login_name, text, person_id in (("ada", PASSPHRASE, ADA), ("eve", OTHER_PASSPHRASE, EVE)):
        vault = desk.unlock(login_name, text)
        assert (vault.person_id, vault.vault_id) == (person_id, VAULT_ID)
        vault.lock()


def test_what_was_stored_is_there_after_unlocking_again(desk: Desk) -> None:
    """An object sealed before opens for the next person."""
    vault = desk.made()
    with vault.ingest() as batch:
        stored = batch.add([b"weights"])
        batch.flush()
    vault.lock()
    assert desk.unlock("eve", OTHER_PASSPHRASE).open(stored.ref).read_at(0, 9) == b"weights"


@pytest.mark.parametrize(("login_name", "text"), [("ada", OTHER_PASSPHRASE), ("nobody", PASSPHRASE)])
def test_a_wrong_name_and_a_wrong_passphrase_are_one_answer(desk: Desk, login_name: str, text: bytes) -> None:
    """Another's passphrase or a name nobody has is refused alike, and counted."""
    desk.made().lock()
    with pytest.raises(CredentialsRefused) as refusal:
        desk.unlock(login_name, text)
    assert not refusal.value.facts
    assert desk.keeper.status().failed_attempts == 1


def test_after_three_wrong_passphrases_there_is_a_wait_that_ends(desk: Desk) -> None:
    """The right passphrase waits too, the status says until when, and then it opens and all is forgotten."""
    desk.made().lock()
    for _attempt in range(3):
        with pytest.raises(CredentialsRefused):
            desk.unlock(text=OTHER_PASSPHRASE)
    until = desk.keeper.status().back_off_until
    assert until is not None
    assert until > desk.clock.now()
    with pytest.raises(BackOffActive) as refusal:
        desk.unlock()
    assert refusal.value.seconds_left == (until - desk.clock.now()).total_seconds()
    desk.clock.at = until
    desk.unlock()
    assert desk.keeper.status().failed_attempts == 0


def test_one_at_a_time(desk: Desk) -> None:
    """Who comes while the vault is open is turned away, and no wrong passphrase is counted."""
    vault = desk.made()
    for text in (OTHER_PASSPHRASE, b"wrong"):
        with pytest.raises(VaultInUse):
            desk.unlock("eve", text)
    assert desk.keeper.status().failed_attempts == 0
    vault.lock()
    assert desk.unlock("eve", OTHER_PASSPHRASE).person_id == EVE


def test_a_vault_of_the_other_profile_is_not_opened(desk: Desk) -> None:
    """A demonstration vault is none for work, whatever the passphrase."""
    desk.made().lock()
    with pytest.raises(WrongProfile) as refusal:
        desk.with_profile(Profile.REAL).unlock(login_name="ada", passphrase=passphrase())
    assert (refusal.value.found, refusal.value.expected) == ("demo", "real")


# --- slots and passphrases -------------------------------------------------------------------------


def test_everybody_with_a_slot_is_named(desk: Desk) -> None:
    """The holders of slots are told by their identifiers, to an open vault only."""
    vault = desk.made()
    assert desk.keeper.slot_holders(vault) == {ADA, EVE}
    vault.lock()
    with pytest.raises(VaultLocked):
        desk.keeper.slot_holders(vault)


@pytest.mark.parametrize(("person_id", "login"), [(EVE, "other"), ("PER-OTHER", "eve")])
def test_a_person_or_a_login_name_has_one_slot(desk: Desk, person_id: str, login: str) -> None:
    """A second slot for a person or under a login name is refused, and nobody new comes in."""
    vault = desk.made()
    with pytest.raises(SlotExists):
        desk.add(vault, person_id, login)
    assert desk.keeper.slot_holders(vault) == {ADA, EVE}


def test_a_weak_passphrase_lets_nobody_in(desk: Desk) -> None:
    """A slot with a passphrase that is too easily guessed is not made."""
    vault = desk.made()
    with pytest.raises(PassphraseTooWeak):
        desk.add(vault, "PER-OTHER", "other", b"aaaaaaaaaaaaaaaaaaaa")
    assert desk.keeper.slot_holders(vault) == {ADA, EVE}


def test_who_was_removed_stays_out_and_the_others_come_in(desk: Desk) -> None:
    """Vault key and database key are new, the records are there, and the removed passphrase opens nothing."""
    vault = desk.made()
    enrol_everybody(database := desk.keeper.open_database(vault))
    before = vault.epoch, vault.database_key()
    desk.keeper.remove_slot(vault, database, EVE)
    assert desk.keeper.slot_holders(vault) == {ADA}
    assert vault.epoch == before[0] + 1
    assert vault.database_key() != before[1]
    database.close()
    vault.lock()
    with pytest.raises(CredentialsRefused):
        desk.unlock("eve", OTHER_PASSPHRASE)
    again = desk.keeper.open_database(desk.unlock())
    with again.look() as work:
        assert CUSTODIAN in work.people.all()
    again.close()


def test_the_last_person_is_never_shut_out(desk: Desk) -> None:
    """Nobody without a slot, and nobody who is the last, can be removed; the keys stay."""
    vault = desk.made()
    database = desk.keeper.open_database(vault)
    with pytest.raises(SlotUnknown):
        desk.keeper.remove_slot(vault, database, "PER-NOBODY")
    desk.keeper.remove_slot(vault, database, EVE)
    with pytest.raises(LastSlot):
        desk.keeper.remove_slot(vault, database, ADA)
    assert vault.epoch == 2
    database.close()


def test_a_changed_passphrase_opens_and_the_old_one_does_not(desk: Desk) -> None:
    """What was sealed for the person stays open, under the new passphrase."""
    vault = desk.made()
    sealed = vault.seal_personal(ADA, passphrase(), b"a signing key")
    desk.change(vault, new=NEW_PASSPHRASE)
    vault.lock()
    with pytest.raises(CredentialsRefused):
        desk.unlock()
    vault = desk.unlock(text=NEW_PASSPHRASE)
    assert vault.unseal_personal(ADA, passphrase(NEW_PASSPHRASE), sealed) == b"a signing key"


@pytest.mark.parametrize(
    ("other", "error"),
    [
        ({"old": OTHER_PASSPHRASE}, CredentialsRefused),
        ({"login_name": "eve"}, CredentialsRefused),
        ({"person_id": EVE}, CredentialsRefused),
        ({"new": b"short"}, PassphraseTooWeak),
    ],
    ids=["old", "login", "person", "weak"],
)
def test_a_refused_change_leaves_the_old_passphrase(
    desk: Desk, other: dict[str, object], error: type[Exception]
) -> None:
    """With a wrong old passphrase, another's name, or a weak new passphrase nothing changes."""
    vault = desk.made()
    with pytest.raises(error):
        desk.change(vault, **other)
    vault.lock()
    assert desk.unlock().person_id == ADA


def test_wrong_old_passphrases_are_counted_like_any(desk: Desk) -> None:
    """Somebody at an open desk cannot try one old passphrase after the other."""
    vault = desk.made()
    for _attempt in range(3):
        with pytest.raises(CredentialsRefused):
            desk.change(vault, old=OTHER_PASSPHRASE)
    with pytest.raises(BackOffActive):
        desk.change(vault)


# --- notes, database, room -----------------------------------------------------------------------


def test_what_was_noted_is_there_at_the_next_unlock(desk: Desk) -> None:
    """Nothing is noted at first; the last note stays when the vault is locked and opened again."""
    vault = desk.made()
    assert desk.keeper.last_seen(vault) is None
    for seen in (Seen(rows=1, head="b" * 96), SEEN):
        desk.keeper.note_seen(vault, seen)
    vault.lock()
    assert desk.keeper.last_seen(desk.unlock()) == SEEN


def test_a_note_is_of_one_vault(desk: Desk) -> None:
    """A new vault in the same place has not been seen yet, though the old one's note lies there."""
    vault = desk.made()
    desk.keeper.note_seen(vault, SEEN)
    vault.lock()
    desk.burn()
    assert desk.keeper.last_seen(desk.made("VAULT-7Q2M4K9E")) is None


def test_a_note_that_cannot_be_written_keeps_nobody_from_working(desk: Desk) -> None:
    """Noting is never an error; what could not be noted is not there."""
    vault = desk.made()
    desk.spoil_notes()
    desk.keeper.note_seen(vault, SEEN)
    assert desk.keeper.last_seen(vault) is None


def test_the_database_is_made_once_and_found_again(desk: Desk) -> None:
    """The first opening makes an empty one, and a later one finds what was committed."""
    vault = desk.made()
    database = desk.keeper.open_database(vault)
    with database.look() as work:
        assert list(work.people.all()) == []
    enrol_everybody(database)
    database.close()
    vault.lock()
    database = desk.keeper.open_database(desk.unlock())
    with database.look() as work:
        assert CUSTODIAN in work.people.all()
    database.close()


def test_a_locked_vault_opens_no_database(desk: Desk) -> None:
    """Without the vault's key there is no database."""
    vault = desk.made()
    vault.lock()
    with pytest.raises(VaultLocked):
        desk.keeper.open_database(vault)


def test_room_is_given_up_once(desk: Desk) -> None:
    """There is none before the first database was made; then it is given up, and there is none left."""
    vault = desk.create()
    assert not desk.keeper.give_up_room(vault)
    desk.keeper.open_database(vault).close()
    assert desk.keeper.give_up_room(vault)
    assert not desk.keeper.give_up_room(vault)
