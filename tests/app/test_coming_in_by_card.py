"""People come in by a card, and every change of it is written down."""

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from storage.keeper import DiskKeeper
from tests.helpers.fake_cards import PIN, FakeReader, ec_card
from tests.helpers.ready_office import office_at
from workstation.app import auditing, cards, credentials
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.cards import CardAlreadyEnrolled, CardPinWrong, LastWayIn
from workstation.core.vault import CardCredential
from workstation.core.vault_errors import CredentialsRefused, PassphraseNotConfirmed
from workstation.demo.story import passphrase

WHO = "abara"


@pytest.fixture
def reader() -> FakeReader:
    """One reader with one card."""
    return FakeReader([ec_card()])


@pytest.fixture
def services(tmp_path: Path, reader: FakeReader) -> Services:
    """An office whose workstation reads cards."""
    story = office_at("people", tmp_path)[0]
    keeper = cast("DiskKeeper", story.services.vaults)
    return replace(story.services, vaults=replace(keeper, cards=reader))


def typed(pin: bytes = PIN) -> CardCredential:
    """A PIN, and the passphrase that stands beside the card where no keyring works."""
    return CardCredential(pin=bytearray(pin), passphrase=passphrase())


def by_passphrase(services: Services) -> Session:
    """The custodian at the desk."""
    return sessions.unlock(services, login_name=WHO, passphrase=passphrase())


def enrol(session: Session, *, keep: bool = True, replaces: bool = False) -> None:
    """The card in the reader, by the passphrase."""
    cards.enrol(session, present=passphrase(), credential=typed(), keep_passphrase=keep, replaces=replaces)


def rows(session: Session) -> list[str]:
    """The trail's events, newest first."""
    return [row.event for row in auditing.page(session)]


def test_a_card_opens_signs_and_is_written_down(services: Services) -> None:
    """Enrolled, the card opens the vault; its PIN stands for the passphrase; the trail names the card."""
    session = by_passphrase(services)
    enrol(session)
    assert rows(session)[:2] == ["CardEnrolled", "CardChangeBegun"]
    assert cards.has_passphrase(session)
    sessions.lock(session, reason="test")
    session = sessions.unlock_by_card(services, login_name=WHO, credential=typed())
    unlocked = next(row for row in auditing.page(session) if row.event == "Unlocked")
    assert '"card_serial":"EC0001"' in unlocked.body_json
    with sessions.reauthenticated(session, bytearray(PIN)):
        pass
    credentials.issue_revocation_lists(session, custodian_passphrase=bytearray(PIN))
    with pytest.raises(CardPinWrong):
        credentials.issue_revocation_lists(session, custodian_passphrase=bytearray(b"000000"))
    sessions.lock(session, reason="test")


def test_a_removed_card_is_noticed(services: Services, reader: FakeReader) -> None:
    """Who came in by card is known to have taken it out; who came in by passphrase is not asked for one."""
    session = by_passphrase(services)
    enrol(session)
    own, reader.cards = reader.cards, []
    assert not cards.is_gone(session)
    sessions.lock(session, reason="test")
    reader.cards = own
    session = sessions.unlock_by_card(services, login_name=WHO, credential=typed())
    assert not cards.is_gone(session)
    reader.cards = []
    assert cards.is_gone(session)
    sessions.lock(session, reason="card-removed")


def test_refusals_are_in_the_trail(services: Services) -> None:
    """A wrong passphrase, a second card and the removal of the last way in are refused and written down."""
    session = by_passphrase(services)
    with pytest.raises(PassphraseNotConfirmed):
        cards.enrol(
            session, present=bytearray(b"not the passphrase"), credential=typed(), keep_passphrase=True
        )
    enrol(session)
    with pytest.raises(CardAlreadyEnrolled):
        enrol(session)
    enrol(session, keep=False, replaces=True)
    with pytest.raises(LastWayIn):
        cards.remove(session, present=bytearray(PIN))
    assert rows(session).count("ActRefused") == 3
    assert not cards.has_passphrase(session)
    sessions.lock(session, reason="test")


def test_a_replaced_or_removed_card_takes_the_vault_key_along(services: Services, reader: FakeReader) -> None:
    """After a replacement the old card is refused, the database has the new key, and work goes on."""
    session = by_passphrase(services)
    enrol(session)
    epoch, old = session.vault.epoch, reader.cards[0]
    reader.cards = [ec_card("EC0002")]
    enrol(session, replaces=True)
    assert session.vault.epoch == epoch + 1
    sessions.lock(session, reason="test")
    reader.cards = [old]
    with pytest.raises(CredentialsRefused):
        sessions.unlock_by_card(services, login_name=WHO, credential=typed())
    session = by_passphrase(services)
    assert [card.card_serial for _name, card in cards.everybodys(session)] == ["EC0002"]
    dropped = cards.remove(session, present=passphrase())
    assert dropped.card_serial == "EC0002"
    assert session.vault.epoch == epoch + 2
    assert cards.own(session) is None
    sessions.lock(session, reason="test")
    sessions.lock(by_passphrase(services), reason="test")
