"""Vaults opened by cards of software (SoftHSM): the same PKCS #11 a card in a reader is spoken to by."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from storage.vault import LIGHT_COST, create_vault
from storage.vault.card_answers import challenge_to
from storage.vault.cards import Pkcs11Cards, require_module
from storage.vault.entering import Door, unlock_by_card
from storage.vault.session import OpenVault
from tests.helpers import soft_cards
from tests.helpers.databases import HandClock
from tests.helpers.vault_folders import PASSPHRASE, VAULT_ID, passphrase
from workstation.core.cards import (
    CARD_TURN,
    CardAbsent,
    CardAmbiguous,
    CardChallenge,
    CardKeyMissing,
    CardMechanism,
    CardModuleMissing,
    CardModuleRefused,
    CardPinLastTry,
    CardPinLocked,
    CardPinWrong,
    CardRemoved,
    CardTimedOut,
)
from workstation.core.vault import CardCredential, Profile

MODULE = soft_cards.module()
_NUMBERS = count(1)
pytestmark = pytest.mark.skipif(not MODULE, reason="SoftHSM is not installed on this machine")


def add_opening_key(card: soft_cards.SoftCard, kind: str) -> None:
    """A key that agrees (P-384) or decrypts (RSA), as a card's key-management key."""
    from pkcs11 import Attribute, KeyType, MechanismFlag
    from pkcs11.util.ec import encode_named_curve_parameters

    def token() -> Any:
        return soft_cards._token(card)

    with CARD_TURN, token().open(user_pin=soft_cards.PIN, rw=True) as session:
        if kind == "rsa":
            uses = MechanismFlag.DECRYPT | MechanismFlag.ENCRYPT
            session.generate_keypair(KeyType.RSA, 3072, store=True, label="open", id=b"3", capabilities=uses)
            return
        curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp384r1")}
        parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
        parameters.generate_keypair(store=True, label="open", id=b"3", capabilities=MechanismFlag.DERIVE)


@pytest.fixture
def inserted() -> Iterator[list[soft_cards.SoftCard]]:
    """Cards that leave the reader after the test."""
    cards: list[soft_cards.SoftCard] = []
    yield cards
    for card in cards:
        if card.folder.exists():
            card.pull_out()


def card_with(kind: str, inserted: list[soft_cards.SoftCard]) -> soft_cards.SoftCard:
    """A card with one key to open by."""
    card = soft_cards.new_card(f"OPEN-{next(_NUMBERS)}")
    inserted.append(card)
    add_opening_key(card, kind)
    return card


def vault_for(root: Path, card: soft_cards.SoftCard) -> tuple[OpenVault, Door]:
    """A vault whose person has this card beside the passphrase."""
    reader = Pkcs11Cards(MODULE)
    door = Door(root=root, profile=Profile.DEMO, clock=HandClock(), cards=reader)
    vault = create_vault(
        root,
        vault_id=VAULT_ID,
        profile=Profile.DEMO,
        person_id="PER-ADA",
        login_name="ada",
        passphrase=passphrase(),
        cost=LIGHT_COST,
        clock=door.clock,
        cards=reader,
    )
    vault.enrol_card(
        present=passphrase(),
        credential=typed(card.serial),
        cost=LIGHT_COST,
        keep_passphrase=True,
        replaces=False,
    )
    return vault, door


def pin() -> bytearray:
    """The cards' PIN, typed."""
    return bytearray(soft_cards.PIN.encode())


def typed(serial: str = "") -> CardCredential:
    """What a person types."""
    return CardCredential(pin=pin(), serial=serial, passphrase=bytearray(PASSPHRASE))


@pytest.mark.parametrize(("kind", "mechanism"), [("p384", "ecdh-p384"), ("rsa", "rsa-oaep-sha1")])
def test_a_card_in_the_reader_opens_the_vault(
    tmp_path: Path, inserted: list[soft_cards.SoftCard], kind: str, mechanism: str
) -> None:
    """P-384 agreement and RSA-OAEP both open, with what the module can do written into the slot."""
    card = card_with(kind, inserted)
    vault, door = vault_for(tmp_path / "vault", card)
    key, facts = vault.database_key(), [one for one in vault.slots() if one.card_serial]
    assert [(one.card_serial, one.card_mechanism) for one in facts] == [(card.serial, mechanism)]
    vault.lock()
    again = unlock_by_card(door, Pkcs11Cards(MODULE), "ada", typed(card.serial))
    assert again.database_key() == key
    again.reauthenticate("PER-ADA", pin())
    with pytest.raises(CardPinWrong):
        again.reauthenticate("PER-ADA", bytearray(b"000000"))
    card.pull_out()
    assert not Pkcs11Cards(MODULE).is_present(card.serial)
    with pytest.raises(CardAbsent):
        again.reauthenticate("PER-ADA", pin())
    again.lock()


def test_the_reader_names_its_cards_and_wants_to_know_which(inserted: list[soft_cards.SoftCard]) -> None:
    """Two cards are listed by serial number, and without one of them named nothing is tried."""
    reader = Pkcs11Cards(MODULE)
    with soft_cards.others_out():
        cards = [card_with("p384", inserted), card_with("p384", inserted)]
        assert {token.serial for token in reader.tokens()} == {card.serial for card in cards}
        with pytest.raises(CardAmbiguous):
            reader.keys("", pin())
        assert [key.can_agree for key in reader.keys(cards[0].serial, pin())] == [True]
        for card in cards:
            card.pull_out()
            inserted.remove(card)
    with pytest.raises(CardAbsent):
        reader.keys("00FF", pin())


def test_a_card_that_only_signs_is_refused(tmp_path: Path, inserted: list[soft_cards.SoftCard]) -> None:
    """A card without a key to agree or decrypt with is refused at enrolment, and nothing is written."""
    card = soft_cards.new_card("SIGNS")
    inserted.append(card)
    soft_cards.add_key(card, "p384")
    with pytest.raises(CardKeyMissing) as refused:
        vault_for(tmp_path / "vault", card)
    assert refused.value.purpose == "open"


def test_wrong_pins_are_counted_by_the_card(
    inserted: list[soft_cards.SoftCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wrong PIN is refused; what the card says of the tries left is told."""
    card = card_with("p384", inserted)
    reader = Pkcs11Cards(MODULE)
    with pytest.raises(CardPinWrong):
        reader.keys(card.serial, bytearray(b"999999"))
    facts = reader.tokens()[0]
    for error, flags in ((CardPinLastTry, {"pin_last_try": True}), (CardPinLocked, {"pin_locked": True})):
        told = type(facts)(serial=facts.serial, untrusted_label="", untrusted_maker="", **flags)
        monkeypatch.setattr(reader, "_facts_of", lambda _serial, told=told: told)
        with pytest.raises(error):
            reader.keys(card.serial, bytearray(b"999999"))


def test_another_cards_challenge_is_not_answered(inserted: list[soft_cards.SoftCard]) -> None:
    """A key that is not on the card gives nothing, and neither does a point off the curve."""
    card = card_with("p384", inserted)
    reader = Pkcs11Cards(MODULE)
    (key,) = reader.keys(card.serial, pin())
    challenge, expected = challenge_to(key, CardMechanism.ECDH_P384)
    assert reader.answer(card.serial, pin(), challenge) == expected
    strange = CardChallenge(mechanism=challenge.mechanism, key_sha384=bytes(48), value=challenge.value)
    assert reader.answer(card.serial, pin(), strange) is None
    off = CardChallenge(
        mechanism=challenge.mechanism, key_sha384=key.public_sha384, value=b"\x04" + bytes(96)
    )
    assert reader.answer(card.serial, pin(), off) is None


def test_a_card_pulled_out_between_two_calls_is_said(
    inserted: list[soft_cards.SoftCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the module says in the middle of an act that the device is gone, the act ends with that."""
    from pkcs11.exceptions import DeviceRemoved

    card = card_with("p384", inserted)
    reader = Pkcs11Cards(MODULE)

    def gone(*_: object) -> None:
        raise DeviceRemoved

    monkeypatch.setattr("storage.vault.cards._pairs", gone)
    with pytest.raises(CardRemoved):
        reader.keys(card.serial, pin())


def test_a_module_that_hangs_is_given_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that does not answer ends the act in bounded time, and does not count as an empty reader."""
    import threading

    release = threading.Event()
    reader = Pkcs11Cards(MODULE, timeout_s=1)
    monkeypatch.setattr(reader, "_inserted", lambda: release.wait(30) or [])
    try:
        with pytest.raises(CardTimedOut):
            reader.tokens()
        assert reader.is_present("any")
    finally:
        release.set()


def test_only_the_administrators_module_is_loaded(tmp_path: Path) -> None:
    """A relative path, one that is not there, a folder and a file somebody else may change are refused."""
    with pytest.raises(CardModuleMissing):
        require_module("")
    with pytest.raises(CardModuleMissing):
        require_module("/usr/lib/no-such-module.so")
    for path in ("libsofthsm2.so", "/usr/lib"):
        with pytest.raises(CardModuleRefused):
            require_module(path)
    planted = tmp_path / "module.so"
    planted.write_bytes(b"\x7fELF")
    planted.chmod(0o777)
    with pytest.raises(CardModuleRefused):
        require_module(str(planted))
    planted.chmod(0o644)  # the folders above it are still writable to others
    with pytest.raises(CardModuleRefused):
        require_module(str(planted))
    assert require_module(MODULE) == Path(MODULE).resolve()
