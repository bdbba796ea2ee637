"""Findings and referrals in the window: reported by one, judged by another, signed, limited to the named."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from workstation.app import clearinghouse, findings
from workstation.core.findings import FindingState, PatchState
from workstation.core.referrals import ReferralState

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"


def _turn(bench: Bench, tab: str) -> None:
    """To a part of the case; it is drawn on the window's next round."""
    bench.window.show_case(CASE, tab)
    QApplication.processEvents()


def _arrive(bench: Bench, login_name: str, tab: str) -> None:
    """Somebody else sits down at the same window."""
    bench.window.lock("person-left")
    bench.arrive(login_name)
    _turn(bench, tab)


def _report(bench: Bench, title: str = "Template runs code") -> None:
    """Fill the form and record it."""
    _turn(bench, "findings")
    bench.press("Report a finding")
    for name, text in (
        ("Title", title),
        ("Description", "Rendering the template imports os."),
        ("Affected component", "chat template"),
        ("CVSS vectors", VECTOR),
    ):
        bench.type(name, text)
    bench.press("Record this finding")


def test_a_flaw_is_reported_by_one_and_validated_by_another(open_at: Open) -> None:
    """The reporter sees no button to judge it; the other reviewer validates it with a reason."""
    bench = open_at("both-submitted", "osei")
    _report(bench)
    assert "Another reviewer judges it" in bench.notice()
    assert "8.8, High" in bench.words()
    assert not bench.has_button("Validate")
    assert "Your judgement" not in bench.words()
    assert "Reason of an embargo" in bench.words()
    _arrive(bench, "ibarra", "findings")
    bench.press("Validate")
    assert "CAS-204" in bench.notice()
    bench.type("Reason", "Seen in the sandbox as well.")
    bench.press("Validate")
    assert "Validated" in bench.notice()
    (found,) = findings.of_case(bench.window.desk.here, CASE)
    assert found.state is FindingState.VALIDATED
    assert [row[2] for row in bench.cells("History of the finding")] == ["Reported", "Scored", "Validated"]


def test_what_is_typed_of_a_finding_survives_the_lock(open_at: Open) -> None:
    """The form comes back as it was left, to the person who typed it and to nobody else."""
    bench = open_at("both-submitted", "osei")
    _turn(bench, "findings")
    bench.press("Report a finding")
    bench.type("Title", "Half written")
    _arrive(bench, "ibarra", "findings")
    assert "No finding is recorded" in bench.words()
    _arrive(bench, "osei", "findings")
    assert bench.typed("Title") == "Half written"
    assert "kept as your draft" in bench.words()


def test_a_refused_finding_keeps_what_was_typed(open_at: Open) -> None:
    """A vector that cannot be scored is refused with a next step; the form stays."""
    bench = open_at("both-submitted", "osei")
    _turn(bench, "findings")
    bench.press("Report a finding")
    for name in ("Title", "Description", "Affected component"):
        bench.type(name, "x")
    bench.type("CVSS vectors", "CVSS:3.1/AV:N")
    bench.press("Record this finding")
    assert "CAS-210" in bench.notice()
    assert bench.typed("CVSS vectors") == "CVSS:3.1/AV:N"
    assert findings.of_case(bench.window.desk.here, CASE) == ()


def test_before_both_have_submitted_the_other_sees_nothing(open_at: Open) -> None:
    """The tab of the other reviewer is empty and says why."""
    bench = open_at("one-submitted", "ibarra")
    _report(bench)
    _arrive(bench, "osei", "findings")
    assert bench.cells("Findings") == []
    assert "you see your own only" in bench.words()


def test_before_a_package_is_accepted_nothing_is_reported(open_at: Open) -> None:
    """The empty page says what comes first."""
    bench = open_at("quarantined", "osei")
    _turn(bench, "findings")
    assert "once a package has been accepted" in bench.words()
    assert not bench.has_button("Report a finding")


def test_a_referral_is_drafted_signed_and_its_export_requested(open_at: Open) -> None:
    """Ticking a validated finding, signing with the passphrase, requesting: all in one panel."""
    bench = open_at("both-submitted", "osei")
    _report(bench)
    _arrive(bench, "ibarra", "findings")
    bench.type("Reason", "Seen.")
    bench.press("Validate")
    _turn(bench, "referrals")
    bench.press("Draft a referral")
    for name, text in (("Title", "One flaw"), ("Recipient", "Clearinghouse"), ("Summary", "One flaw.")):
        bench.type(name, text)
    (box,) = bench.all(QCheckBox)
    box.setChecked(True)
    bench.press("Record this draft")
    assert "Sign the memo next" in bench.notice()
    bench.press("Look at the memo as pages")
    bench.passphrase("Your passphrase")
    bench.press("Sign the memo as reviewer")
    assert "Request its export next" in bench.notice()
    bench.press("Request its export")
    assert "under Releases" in bench.notice()
    (view,) = clearinghouse.of_case(bench.window.desk.here, CASE)
    assert isinstance(view, clearinghouse.ReferralView)
    assert view.referral.state is ReferralState.SIGNED
    assert view.export is not None


@pytest.mark.parametrize("stage", ["both-submitted"])
def test_an_enforcement_referral_is_shown_to_the_named_only(open_at: Open, stage: str) -> None:
    """The drafter and counsel read it, counsel signs off; the other reviewer sees that it exists."""
    bench = open_at(stage, "osei")
    _turn(bench, "referrals")
    bench.press("Draft a referral")
    bench.choose("Kind", "Enforcement")
    for name, text in (
        ("Title", "Stolen credentials"),
        ("Recipient", "Field office"),
        ("Summary", "Seen in a transcript."),
        ("Law it may concern", "18 USC 1030"),
    ):
        bench.type(name, text)
    bench.press("Record this draft")
    assert "Counsel signs it off next" in bench.notice()
    _arrive(bench, "ibarra", "referrals")
    assert "Stolen credentials" not in bench.words()
    assert "only the people named on it may read it" in bench.words()
    assert bench.cells("Referrals")[0][1:3] == ["Enforcement", "Named people only"]
    _arrive(bench, "feld", "referrals")
    assert "Stolen credentials" in bench.words()
    bench.passphrase("Your passphrase")
    bench.press("Sign off as counsel")
    assert "is signed" in bench.notice()


def test_findings_are_worked_by_keys_alone(open_at: Open) -> None:
    """Ctrl+Enter records what the form holds, wherever the focus is in it."""
    bench = open_at("both-submitted", "osei")
    _turn(bench, "findings")
    bench.press("Report a finding")
    for name in ("Title", "Description", "Affected component"):
        bench.type(name, "x")
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.wait_done()
    assert len(findings.of_case(bench.window.desk.here, CASE)) == 1


def test_the_patch_state_is_noted_in_the_window(open_at: Open) -> None:
    """Chosen with a note it stands among the facts, and in the history with who noted it."""
    bench = open_at("both-submitted", "osei")
    _report(bench)
    bench.choose("Patch", "In progress")
    bench.type("Note", "Promised for the next checkpoint.")
    bench.press("Note the patch state")
    bench.settle()
    assert "Promised for the next checkpoint." in bench.words()
    (found,) = findings.of_case(bench.window.desk.here, CASE)
    assert (found.patch, found.patch_note) == (PatchState.IN_PROGRESS, "Promised for the next checkpoint.")
    assert bench.cells("History of the finding")[-1][2] == "Patch state"
