"""Cards and recovery keys in the window, by keyboard, on the real store with cards of memory."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtWidgets import QApplication, QLineEdit

from storage.keeper import DiskKeeper
from tests.helpers.fake_cards import PIN, FakeReader, ec_card
from tests.ui.bench import Bench
from tests.ui.stages import Stages
from ui.widgets import choosing
from workstation.app import cards, recovering
from workstation.demo.story import PASSPHRASE
from workstation.settings import Settings

WHO, NEW = "abara", "harbor lantern willow seventeen"
OPENS_NOW = "What opens it now (passphrase or PIN)"
OpenWith = Callable[..., Bench]


@pytest.fixture
def reader() -> FakeReader:
    """One reader with one card."""
    return FakeReader([ec_card()])


@pytest.fixture
def open_with(stages: Stages, tmp_path: Path, qapp: QApplication, reader: FakeReader) -> Iterator[OpenWith]:
    """The window on a workstation that reads cards."""
    benches: list[Bench] = []

    def opened(login_name: str = WHO, **settings: bool) -> Bench:
        office = stages.at("people", tmp_path / f"office-{len(benches)}")
        keeper = cast("DiskKeeper", office.services.vaults)
        office.services = replace(office.services, vaults=replace(keeper, cards=reader))
        bench = Bench(office=office, settings=Settings(pkcs11_module="/opt/cards.so", **settings))
        benches.append(bench)
        bench.arrive(login_name)
        return bench

    yield opened
    for bench in benches:
        bench.close()


def enrol(bench: Bench) -> None:
    """On the page My key, by the passphrase, as where no keyring works."""
    bench.press("My key")
    bench.press("Look for cards")
    bench.wait_done()
    bench.type(OPENS_NOW, PASSPHRASE)
    bench.type("PIN of that card", PIN.decode())
    bench.type("Passphrase beside the card", PASSPHRASE)
    bench.press("Enrol this card")
    bench.wait_done()


def come_in_by_card(bench: Bench) -> None:
    """From the locked window."""
    bench.window.lock("asked")
    bench.choose("Unlock with", "Smart card")
    bench.wait_done()
    bench.type("Login name", WHO)
    bench.type("PIN of the card", PIN.decode())
    bench.type("Passphrase", PASSPHRASE)
    bench.press("Unlock")
    bench.wait_done()


def test_a_card_is_enrolled_and_opens_the_window(open_with: OpenWith) -> None:
    """My key says what the other half is; the unlock page asks for card, PIN and that half."""
    bench = open_with()
    bench.press("My key")
    assert "this computer has no keyring" in bench.words()
    enrol(bench)
    assert "The card EC0001 opens the vault from now on." in bench.notice()
    come_in_by_card(bench)
    assert bench.window.desk.here.vault.card_serial == "EC0001"


def test_whoever_came_in_by_card_is_asked_for_its_pin(open_with: OpenWith) -> None:
    """Each field for what opened the vault says PIN then, and passphrase again after coming in by one."""
    bench = open_with()
    enrol(bench)
    bench.window.router.show("people")
    bench.settle()
    bench.named(QLineEdit, "Your own passphrase")
    come_in_by_card(bench)
    bench.window.router.show("people")
    bench.settle()
    for name in ("PIN of your card EC0001", "PIN of your card EC0001, for fresh lists"):
        bench.named(QLineEdit, name)
        assert name in bench.words()
    assert "Your own passphrase" not in bench.words()
    bench.window.router.show("vault")
    bench.settle()
    bench.named(QLineEdit, "PIN of your card EC0001")
    bench.window.lock("asked")
    bench.arrive(WHO)
    bench.window.router.show("people")
    bench.settle()
    bench.named(QLineEdit, "Your own passphrase")


def test_taking_the_card_out_locks_the_window(open_with: OpenWith, reader: FakeReader) -> None:
    """One question of the watch later the vault is locked, unless the settings say otherwise."""
    bench = open_with()
    enrol(bench)
    come_in_by_card(bench)
    own, reader.cards = reader.cards, []
    bench.window.card_watch.ask()
    bench.wait_until(lambda: bench.window.desk.session is None)
    reader.cards = own
    come_in_by_card(bench)
    assert bench.window.desk.session is not None
    lenient = open_with(lock_on_card_removal=False)
    enrol(lenient)
    come_in_by_card(lenient)
    reader.cards = []
    lenient.window.card_watch.ask()
    lenient.settle()
    assert lenient.window.desk.session is not None


def test_a_missing_card_is_said_in_words(open_with: OpenWith, reader: FakeReader) -> None:
    """No card in the reader is told as that, with what to do next."""
    bench = open_with()
    reader.cards = []
    bench.press("My key")
    bench.type(OPENS_NOW, PASSPHRASE)
    bench.type("PIN of that card", PIN.decode())
    bench.type("Passphrase beside the card", PASSPHRASE)
    bench.press("Enrol this card")
    bench.wait_done()
    assert "CRD-004" in bench.notice()
    assert cards.own(bench.window.desk.here) is None


def issue(bench: Bench, folder: Path | None = None) -> list[str]:
    """Every officer at the screen in turn."""
    bench.press("Vault")
    bench.type("Your passphrase, for new keys", PASSPHRASE)
    bench.press("Make new recovery keys")
    bench.wait_done()
    texts = []
    for officer in range(1, 6):
        assert f"Only officer {officer} of 5" in bench.words()
        shown = [line for line in bench.words().splitlines() if len(line.split()) == 7]
        text = " ".join(shown[-2:])
        texts.append(text)
        if folder is not None and officer == 1:
            bench.press("Save the sheet to my medium")
            bench.wait_done()
        bench.type("Type the key back", text)
        bench.press("Confirm, next officer")
        bench.wait_done()
    return texts


def test_officers_get_their_keys_one_by_one_and_get_a_custodian_back_in(
    open_with: OpenWith, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five officers type theirs back; three give the custodian a new passphrase, and the keys are void."""
    folder = tmp_path / "medium"
    monkeypatch.setattr(choosing, "folder", lambda _parent, _title, then: then(folder))
    bench = open_with()
    texts = issue(bench, folder)
    assert "The new recovery keys are in force." in bench.notice()
    assert len(list(folder.iterdir())) == 1
    assert not any(text.split()[0] in bench.words() for text in texts)
    bench.window.lock("asked")
    bench.wait_until(lambda: bench.has_button("Recover with officers' keys"))
    bench.press("Recover with officers' keys")
    bench.type("Login name of the custodian", WHO)
    for number, text in enumerate((texts[4], texts[1], texts[2]), start=1):
        bench.type(f"Recovery key {number}", text)
    bench.type("New passphrase", NEW)
    bench.type("The same again", NEW)
    bench.press("Recover")
    bench.wait_done()
    assert "Issue new ones here now." in bench.notice()
    assert recovering.in_force(bench.window.desk.services) is None


def test_locking_forgets_keys_on_their_way(open_with: OpenWith) -> None:
    """A lock in the middle of handing out takes the key off the screen, and nothing is in force."""
    bench = open_with()
    bench.press("Vault")
    bench.type("Your passphrase, for new keys", PASSPHRASE)
    bench.press("Make new recovery keys")
    bench.wait_done()
    assert "Only officer 1 of 5" in bench.words()
    bench.window.lock("idle")
    assert "Only officer" not in bench.words()
    assert recovering.in_force(bench.window.desk.services) is None
