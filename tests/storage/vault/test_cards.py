"""Slots a card opens: what they need, what they survive, what a copy of the folder is worth without them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.vault import LIGHT_COST, create_vault, unlock, vault_status
from storage.vault.device_secrets import DeviceSecrets
from storage.vault.entering import Door, unlock_by_card
from storage.vault.header import parse
from storage.vault.session import OpenVault
from tests.helpers.databases import HandClock
from tests.helpers.fake_cards import PIN, FakeReader, ec_card
from tests.helpers.vault_folders import PASSPHRASE, VAULT_ID, passphrase
from workstation.core.cards import (
    CardAbsent,
    CardAlreadyEnrolled,
    CardNeedsPassphrase,
    CardNotEnrolled,
    CardPinLastTry,
    CardPinLocked,
    CardPinWrong,
    CardRemoved,
    LastWayIn,
)
from workstation.core.vault import CardCredential, Profile
from workstation.core.vault_errors import BackOffActive, CredentialsRefused, DeviceSecretMissing

PERSON, LOGIN = "PER-ADA", "ada"


class Keyring:
    """Device secrets in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    @property
    def encrypts(self) -> bool:
        """As if."""
        return True

    def fault(self) -> None:
        """None, ever."""

    def create(self, user: str) -> bytearray:
        """A new one."""
        self.kept[user] = bytes([len(self.kept) + 1]) * 32
        return bytearray(self.kept[user])

    def read(self, user: str) -> bytearray:
        """It."""
        if user not in self.kept:
            raise DeviceSecretMissing
        return bytearray(self.kept[user])

    def delete(self, user: str) -> None:
        """No more of it."""
        self.kept.pop(user, None)


class Desk:
    """One vault folder, a reader, a keyring or none."""

    def __init__(self, root: Path, secrets: DeviceSecrets | None) -> None:
        self.root, self.secrets, self.reader, self.clock = root, secrets, FakeReader([ec_card()]), HandClock()
        self.vault = self._make()

    def _make(self) -> OpenVault:
        create_vault(
            self.root,
            vault_id=VAULT_ID,
            profile=Profile.DEMO,
            person_id=PERSON,
            login_name=LOGIN,
            passphrase=passphrase(),
            cost=LIGHT_COST,
            clock=self.clock,
        ).lock()
        return self.by_passphrase()

    def by_passphrase(self) -> OpenVault:
        """Unlocked with the passphrase."""
        self.vault = unlock(
            self.root,
            login_name=LOGIN,
            passphrase=passphrase(),
            profile=Profile.DEMO,
            clock=self.clock,
            device_secrets=self.secrets,
            cards=self.reader,
        )
        return self.vault

    def credential(self, pin: bytes = PIN, *, typed: bytes | None = None, serial: str = "") -> CardCredential:
        """A PIN, and the passphrase where no keyring works."""
        second = (PASSPHRASE if self.secrets is None else b"") if typed is None else typed
        return CardCredential(pin=bytearray(pin), serial=serial, passphrase=bytearray(second))

    def enrol(
        self, *, keep: bool = True, replaces: bool = False, serial: str = "", typed: bytes | None = None
    ) -> None:
        """The card in the reader."""
        self.vault.enrol_card(
            present=passphrase(),
            credential=self.credential(serial=serial, typed=typed),
            cost=LIGHT_COST,
            keep_passphrase=keep,
            replaces=replaces,
        )

    def by_card(self, login: str = LOGIN, pin: bytes = PIN, *, typed: bytes | None = None) -> OpenVault:
        """Unlocked with the card."""
        self.vault.lock()
        door = Door(
            root=self.root,
            profile=Profile.DEMO,
            clock=self.clock,
            device_secrets=self.secrets,
            cards=self.reader,
        )
        self.vault = unlock_by_card(door, self.reader, login, self.credential(pin, typed=typed))
        return self.vault


@pytest.fixture(params=["keyring", "no keyring"])
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """Both kinds of machine."""
    made = Desk(tmp_path / "vault", Keyring() if request.param == "keyring" else None)
    yield made
    made.vault.lock()


def test_a_card_opens_what_the_passphrase_opened(desk: Desk) -> None:
    """By card the vault has the same keys, and what was sealed for the person opens with the card's PIN."""
    blob = desk.vault.seal_personal(PERSON, passphrase(), b"signing keys")
    key = desk.vault.database_key()
    desk.enrol()
    vault = desk.by_card()
    assert vault.database_key() == key
    assert vault.unseal_personal(PERSON, bytearray(PIN), blob) == b"signing keys"
    assert vault.card_serial == "EC0001"


def test_no_slot_rests_on_the_card_alone(desk: Desk) -> None:
    """The header names a second half for each card, and without it nothing is enrolled."""
    if desk.secrets is None:
        with pytest.raises(CardNeedsPassphrase):
            desk.enrol(typed=b"")
    desk.enrol()
    types = {facts.type for facts in desk.vault.slots()}
    assert types == {"passphrase", "card+passphrase" if desk.secrets is None else "card+device"}


def test_the_card_without_its_other_half_opens_nothing(desk: Desk) -> None:
    """Neither another passphrase nor a machine without the secret gets in with the card and its PIN."""
    desk.enrol()
    if isinstance(desk.secrets, Keyring):
        desk.secrets.kept.clear()
        with pytest.raises(DeviceSecretMissing):
            desk.by_card()
    else:
        with pytest.raises(CredentialsRefused):
            desk.by_card(typed=b"another long passphrase")
        with pytest.raises(CredentialsRefused):
            desk.by_card(typed=b"")


def test_everything_the_vault_says_no_to_is_one_answer(desk: Desk) -> None:
    """A stranger's name, somebody else's card, a removed card and a damaged header all refuse alike."""
    desk.enrol()
    for spoil in ("name", "card", "removed", "header"):
        desk.clock.move(hours=1)
        own, header = list(desk.reader.cards), (desk.root / "vault.json").read_bytes()
        login = "eve" if spoil == "name" else LOGIN
        if spoil == "card":
            desk.reader.cards = [ec_card()]
        elif spoil == "removed":
            desk.by_card().remove_card(bytearray(PIN))
        elif spoil == "header":
            (desk.root / "vault.json").write_bytes(header[:-9] + b"x" + header[-8:])
        asked = desk.reader.asked
        with pytest.raises(CredentialsRefused) as refused:
            desk.by_card(login)
        assert refused.value.code == "VLT-001"
        assert desk.reader.asked == asked + 1  # the card works for nothing, too
        desk.reader.cards = own
        (desk.root / "vault.json").write_bytes(
            header if spoil != "removed" else (desk.root / "vault.json").read_bytes()
        )


def test_refused_cards_make_the_vault_wait(desk: Desk) -> None:
    """After three refusals the fourth must wait, and a card that was never compared is not counted."""
    desk.enrol()
    for _ in range(3):
        with pytest.raises(CredentialsRefused):
            desk.by_card("eve")
    with pytest.raises(BackOffActive):
        desk.by_card()
    desk.clock.move(hours=1)
    desk.by_card()
    for wrong in (CardPinWrong, CardPinLastTry, CardPinWrong):
        with pytest.raises(wrong):
            desk.by_card(pin=b"000000")
    with pytest.raises(CardPinLocked):
        desk.by_card()
    assert vault_status(desk.root, desk.clock).failed_attempts == 0


def test_a_card_that_goes_in_the_middle_changes_nothing(desk: Desk) -> None:
    """Pulled out between two calls, the card leaves vault, count of attempts and header as they were."""
    before = (desk.root / "vault.json").read_bytes()
    desk.reader.removed_during_answer = True
    with pytest.raises(CardRemoved):
        desk.enrol()
    assert (desk.root / "vault.json").read_bytes() == before
    with pytest.raises(CardAbsent):
        desk.by_card()
    desk.reader.removed_during_answer = False
    desk.by_passphrase()
    assert vault_status(desk.root, desk.clock).failed_attempts == 0
    assert not getattr(desk.secrets, "kept", {})


def test_only_the_card_may_be_the_way_in(desk: Desk) -> None:
    """Without the passphrase kept, the old passphrase opens nothing and the vault has a new key."""
    epoch = desk.vault.epoch
    desk.enrol(keep=False)
    assert desk.vault.epoch == epoch + 1
    desk.vault.unseal_personal(PERSON, bytearray(PIN), desk.vault.seal_personal(PERSON, bytearray(PIN), b"x"))
    desk.vault.lock()
    with pytest.raises(CredentialsRefused):
        desk.by_passphrase()
    with pytest.raises(LastWayIn):
        desk.by_card().remove_card(bytearray(PIN))


def test_a_replaced_card_opens_only_old_copies(desk: Desk) -> None:
    """Replacing drops the slot and rotates the key in one write: the old card is refused from then on."""
    desk.enrol()
    old_card, old_header, epoch = (
        desk.reader.cards[0],
        (desk.root / "vault.json").read_bytes(),
        desk.vault.epoch,
    )
    with pytest.raises(CardAlreadyEnrolled):
        desk.enrol()
    desk.reader.cards = [ec_card("EC0002")]
    desk.enrol(replaces=True)
    assert desk.vault.epoch == epoch + 1
    assert desk.vault.pending_database_key() is not None
    header, _ = parse((desk.root / "vault.json").read_bytes())
    assert [slot.header.card.serial for slot in header.slots if slot.header.card] == ["EC0002"]
    desk.by_card()
    desk.reader.cards = [old_card]
    with pytest.raises(CredentialsRefused):
        desk.by_card()
    assert (desk.root / "vault.json.previous").read_bytes() != old_header


def test_a_new_key_of_the_vault_reaches_card_holders_without_their_cards(desk: Desk) -> None:
    """Removing somebody else rotates the key while the card lies at home, and the card opens afterwards."""
    desk.enrol()
    desk.vault.add_slot(person_id="PER-EVE", login_name="eve", passphrase=passphrase(), cost=LIGHT_COST)
    cards, desk.reader.cards = desk.reader.cards, []
    desk.vault.remove_slot("PER-EVE")
    desk.reader.cards = cards
    assert desk.by_card().epoch == 2


def test_who_comes_in_by_card_can_set_a_passphrase(desk: Desk) -> None:
    """The PIN stands for the old passphrase, and afterwards both ways are open."""
    desk.enrol(keep=False)
    desk.vault.change_passphrase(person_id=PERSON, login_name=LOGIN, old=bytearray(PIN), new=passphrase())
    desk.vault.lock()
    desk.by_passphrase().remove_card(passphrase())
    with pytest.raises(CardNotEnrolled):
        desk.vault.remove_card(passphrase())
