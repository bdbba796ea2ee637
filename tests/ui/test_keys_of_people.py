"""The custodian keeps credentials in order, and everybody changes their own passphrase, in the window."""

from PySide6.QtCore import Qt

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from workstation.app import administering
from workstation.core.people import Role


def _choose_person(bench: Bench, name: str) -> None:
    table = bench.table("People")
    table.go_to(next(number for number, row in enumerate(bench.cells("People")) if row[0] == name))
    table.setFocus()
    bench.key(Qt.Key.Key_Return)


def _name_of(bench: Bench, login_name: str) -> str:
    return administering.person_by_login(bench.window.desk.here, login_name).display_name


def test_a_key_is_taken_away_from_the_list_by_keyboard(open_at: Open) -> None:
    """Enter on a person opens the form; afterwards the list says that they have left."""
    bench = open_at("people", "abara")
    name = _name_of(bench, "ibarra")
    _choose_person(bench, name)
    assert "A copy of the vault folder made before this still opens" in bench.words()
    bench.type("Reason", "Moved to another office")
    bench.passphrase("Your passphrase, for this change")
    bench.press("Take the key of ibarra away")
    assert "can no longer unlock this vault" in bench.notice()
    assert [row[1] for row in bench.cells("People") if row[0] == name] == ["Has left"]


def test_another_role_needs_both_passphrases_and_a_reason(open_at: Open) -> None:
    """Without a reason it is refused in words and nothing changes; with one the role is another."""
    bench = open_at("people", "abara")
    _choose_person(bench, _name_of(bench, "tanaka"))
    bench.choose("Role from now on", "Lead reviewer")
    for attempt, reason in enumerate(("", "Appointed lead on 1 March")):
        bench.type("Reason", reason)
        bench.passphrase("Passphrase of the person")
        bench.passphrase("Your passphrase, for this change")
        bench.press("Renew role and certificates")
        role = administering.person_by_login(bench.window.desk.here, "tanaka").role
        assert (role is Role.LEAD_REVIEWER) is bool(attempt)
        assert ("CAS-002" in bench.notice()) is not bool(attempt)


def test_nothing_is_offered_about_oneself(open_at: Open) -> None:
    """Enter on the own name opens no form."""
    bench = open_at("people", "abara")
    _choose_person(bench, _name_of(bench, "abara"))
    assert not bench.has_button("Renew role and certificates")


def test_fresh_revocation_lists_are_one_passphrase_away(open_at: Open) -> None:
    """The page says when the lists end, and issuing fresh ones tells the new end."""
    bench = open_at("people", "abara")
    assert "They end on" in bench.words()
    bench.passphrase("Your passphrase, for fresh lists")
    bench.press("Issue fresh lists")
    assert "Fresh revocation lists are in force until" in bench.notice()


def test_everybody_changes_the_own_passphrase(open_at: Open) -> None:
    """A reviewer changes it under “My key”; two new ones that differ are refused and emptied."""
    bench = open_at("people", "osei")
    bench.press("My key")
    bench.passphrase("Present passphrase")
    bench.type("New passphrase", "harbor lantern willow seventeen")
    bench.type("The same again", "harbor lantern willow eighteen")
    bench.press("Change my passphrase")
    assert "PPL-007" in bench.notice()
    assert bench.typed("New passphrase") == ""
    bench.passphrase("Present passphrase")
    bench.type("New passphrase", "harbor lantern willow seventeen")
    bench.type("The same again", "harbor lantern willow seventeen")
    bench.press("Change my passphrase")
    assert "Your passphrase was changed" in bench.notice()


def test_the_official_confirms_whom_the_custodian_enrolled(open_at: Open) -> None:
    """The list says who waits; the number on the badge confirms, a wrong one is refused in words."""
    bench = open_at("people", "abara")
    for caption, text in (("Name", "P. Novak"), ("Staff number", "D-2001"), ("Login name", "novak")):
        bench.type(caption, text)
    bench.choose("Role", "Reviewer")
    for caption in ("Passphrase of the new person", "The same again", "Your own passphrase"):
        bench.passphrase(caption)
    bench.press("Enrol this person")
    bench.window.desk.routes.lock("person-left")
    bench.arrive("lindqvist")
    bench.window.show_page("people")
    assert "Enrol a person" not in bench.words()
    _choose_person(bench, "P. Novak")
    bench.type("Staff number on the badge", "D-2002")
    bench.press("Confirm this person")
    assert "PPL-023" in bench.notice()
    bench.type("Staff number on the badge", "D-2001")
    bench.press("Confirm this person")
    assert "P. Novak is confirmed" in bench.notice()
    assert [row[1] for row in bench.cells("People") if row[0] == "P. Novak"] == ["Reviewer"]
