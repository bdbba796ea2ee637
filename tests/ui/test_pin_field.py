"""Where the signing key lies on a card the window asks for its PIN, and only there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit

from reports.desk import Desk
from tests.helpers.memory_signing_cards import MemorySigningCards
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE, Stages
from workstation.app import administering, credentials
from workstation.app import session as sessions
from workstation.core.signing_cards import CardChoice
from workstation.demo.story import passphrase
from workstation.settings import Settings

PIN = "735194"
PIN_OF = "PIN of your card CARD-1"


@pytest.fixture
def bench(stages: Stages, tmp_path: Path, qapp: QApplication) -> Iterator[Bench]:
    """The reviewer, who signs by card, at a case with its determination."""
    cards = MemorySigningCards()
    cards.insert("CARD-1", PIN.encode(), "sign")
    office = stages.at("determined", tmp_path / "office")
    office.services = replace(office.services, signing=Desk(demo=True, cards=cards))
    session = office.unlock("abara")
    credentials.renew_identity(
        session,
        administering.person_by_login(session, "osei").person_id,
        role=administering.person_by_login(session, "osei").role,
        reason="has a card now",
        custodian_passphrase=passphrase(),
        passphrase=passphrase(),
        card=CardChoice(pin=bytearray(PIN.encode())),
    )
    session.database.close()
    session.vault.lock()
    made = Bench(office=office, settings=Settings())
    made.arrive("osei")
    made.window.show_case(CASE, "export")
    yield made
    made.close()


def test_the_pin_is_asked_for_beside_the_passphrase(bench: Bench) -> None:
    """A wrong PIN is told as such and nothing is signed; with the right one the report is signed and kept."""
    for pin, told in (("000000", "The card refused the PIN"), (PIN, "is signed and kept")):
        bench.passphrase("Your passphrase")
        bench.type(PIN_OF, pin)
        assert bench.named(QLineEdit, PIN_OF).echoMode() is QLineEdit.EchoMode.Password
        bench.press("Compose and sign as reviewer")
        assert told in bench.notice()
        assert bench.typed(PIN_OF) == ""


def test_the_words_above_the_fields_are_about_the_card(bench: Bench) -> None:
    """Who signs by card reads that both the passphrase and the card's PIN are asked for."""
    both = "Signing asks for your passphrase and for the PIN of the card CARD-1 you sign with, each time."
    assert both in bench.words()
    assert "your passphrase again" not in bench.words()


def test_without_a_card_no_pin_is_asked_for(open_at: Open) -> None:
    """Software identities keep the form they had."""
    bench = open_at("determined", "osei")
    bench.window.show_case(CASE, "export")
    assert "Signing asks for your passphrase again, each time." in bench.words()
    bench.named(QLineEdit, "Your passphrase")
    assert not any(field.accessibleName().startswith("PIN") for field in bench.all(QLineEdit))


def test_a_card_for_signing_is_enrolled_on_the_people_page(
    stages: Stages, tmp_path: Path, qapp: QApplication
) -> None:
    """The custodian ticks it, the person types the PIN; a wrong PIN changes nothing, the right one enrols."""
    del qapp
    cards = MemorySigningCards()
    cards.insert("CARD-1", PIN.encode(), "sign")
    office = stages.at("people", tmp_path / "office")
    office.services = replace(office.services, signing=Desk(demo=True, cards=cards))
    bench = Bench(office=office, settings=Settings())
    try:
        bench.arrive("abara")
        name = administering.person_by_login(bench.window.desk.here, "osei").display_name
        table = bench.table("People")
        table.go_to([row[0] for row in bench.cells("People")].index(name))
        table.setFocus()
        bench.key(Qt.Key.Key_Return)
        assert "PIN of the person's card" not in bench.words()
        for pin, told in (("000000", "The card refused the PIN"), (PIN, "PIN of the card from now on")):
            bench.type("Reason", "has a card now")
            bench.passphrase("Passphrase of the person")
            bench.passphrase("Your passphrase, for this change")
            box = next(b for b in bench.all(QCheckBox) if b.text().startswith("Signs with a smart card"))
            box.setChecked(True)
            bench.type("PIN of the person's card", pin)
            bench.press("Renew role and certificates")
            assert told in bench.notice()
    finally:
        bench.close()
    session = office.unlock("osei")
    assert sessions.signing_card(session) == "CARD-1"
    session.database.close()
    session.vault.lock()
