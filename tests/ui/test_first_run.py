"""From the consent banner to an unlocked vault, through the real window."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from workstation.app import queries
from workstation.core.people import Role
from workstation.demo.story import PASSPHRASE


def _set_up(bench: Bench, again: str = PASSPHRASE) -> None:
    bench.press("I accept")
    bench.type("Office", "Review Office (test)")
    bench.type("Custodian's name", "N. Abara")
    bench.type("Staff number", "D-1")
    bench.type("Login name", "abara")
    bench.type("Passphrase", PASSPHRASE)
    bench.type("Passphrase again", again)
    bench.press("Create the vault")


def test_the_first_run_ends_at_the_custodians_page_of_a_real_vault(open_at: Open) -> None:
    """Consent, six fields and one button make a vault with its custodian, who is told what needs doing."""
    bench = open_at("nothing")
    assert "Notice and consent" in bench.words()
    _set_up(bench)
    assert bench.window.desk.here.person.role is Role.CUSTODIAN
    assert bench.cells("The workstation itself")[0][0] == "Check of the vault"
    bench.press("People")
    assert [row[0] for row in bench.cells("People")] == ["N. Abara"]


def test_two_different_passphrases_create_nothing_and_lose_nothing(open_at: Open) -> None:
    """What was typed stays, the notice says what to do, and there is no vault."""
    bench = open_at("nothing")
    _set_up(bench, again="something else entirely")
    assert "passphrase" in bench.notice().lower()
    assert bench.typed("Office") == "Review Office (test)"
    assert not bench.office.services.vaults.status().exists


def test_a_wrong_passphrase_says_what_happened_and_what_to_do(open_at: Open) -> None:
    """The page stays, the passphrase field is empty, the login name is kept, the keyboard is in the field."""
    bench = open_at("people")
    bench.press("I accept")
    bench.type("Login name", "ibarra")
    bench.type("Passphrase", "wrong passphrase altogether")
    bench.press("Unlock")
    assert "VLT-" in bench.notice()
    assert bench.window.desk.session is None
    assert (bench.typed("Login name"), bench.typed("Passphrase")) == ("ibarra", "")


def test_a_right_passphrase_by_keyboard_opens_the_case_list(open_at: Open, qtbot: QtBot) -> None:
    """Enter goes from the name to the passphrase and unlocks; the start page says that nothing waits."""
    bench = open_at("people")
    bench.key(Qt.Key.Key_Return)  # I accept
    bench.type("Login name", "ibarra")
    bench.key(Qt.Key.Key_Return)
    bench.type("Passphrase", PASSPHRASE)
    bench.key(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bench.window.desk.session is not None, timeout=10_000)
    assert "Nothing waits for you." in bench.words()


def test_the_custodian_enrols_somebody(open_at: Open) -> None:
    """The form enrols with two passphrases; afterwards the list has one more and the fields are empty."""
    bench = open_at("people", "abara")
    before = len(bench.cells("People"))
    bench.type("Name", "P. Novak")
    bench.type("Staff number", "D-2001")
    bench.type("Login name", "novak")
    bench.choose("Role", "Reviewer")
    for name in ("Passphrase of the new person", "The same again", "Your own passphrase"):
        bench.passphrase(name)
    bench.press("Enrol this person")
    assert "P. Novak is enrolled as reviewer" in bench.notice()
    assert len(bench.cells("People")) == before + 1
    assert bench.typed("Name") == ""
    assert any(p.login_name == "novak" for p in queries.people(bench.window.desk.here))


def test_a_refused_enrolment_keeps_the_names_and_empties_the_secrets(open_at: Open) -> None:
    """A login name in use is refused in words; names stay typed, passphrases do not."""
    bench = open_at("people", "abara")
    bench.type("Name", "Another Osei")
    bench.type("Staff number", "D-9")
    bench.type("Login name", "osei")
    for name in ("Passphrase of the new person", "The same again", "Your own passphrase"):
        bench.passphrase(name)
    bench.press("Enrol this person")
    assert "PPL-004" in bench.notice()
    assert bench.typed("Name") == "Another Osei"
    assert bench.typed("Your own passphrase") == ""


def test_nothing_of_a_case_is_shown_before_unlocking(open_at: Open, tmp_path: Path) -> None:
    """On a vault with a case neither consent nor unlock page names it, and no banner claims a level."""
    bench = open_at("requested")
    bench.press("I accept")
    shown = bench.words()
    assert "Aster" not in shown
    assert "Northwind" not in shown
    assert bench.banners() == ("NO CASE OPEN", "NO CASE OPEN")
