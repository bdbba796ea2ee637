"""Looking over the cases: filters, tags, calendars, what waits, and one telling of the window."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.timeline.view import TimelinePage
from ui.windows.view import WindowsPage
from workstation.app import clearinghouse, exporting, findings, queries
from workstation.app import session as sessions
from workstation.app.clearinghouse import NewReferral
from workstation.app.services import Session
from workstation.core.findings import FindingText
from workstation.core.jobs import JobControl
from workstation.core.referrals import ReferralKind, ReferralText
from workstation.core.values import FindingId
from workstation.demo.story import passphrase

NEEDS = "What needs me next"


@contextmanager
def acting(bench: Bench, login_name: str) -> Iterator[Session]:
    """Somebody else at the same vault, before or after whoever sits at the window."""
    session = bench.office.unlock(login_name)
    yield session
    sessions.lock(session, reason="person-left")


def _filter(bench: Bench, words: str) -> None:
    """Type a filter and press Enter."""
    bench.type("Show only these cases", words)
    if not words:
        bench.named(QLineEdit, "Show only these cases").clear()
    bench.key(Qt.Key.Key_Return)
    bench.settle()


def _turn(bench: Bench, tab: str) -> None:
    """To a part of the case."""
    bench.window.show_case(CASE, tab)
    QApplication.processEvents()
    bench.settle()


def _needs(bench: Bench) -> list[str]:
    bench.press("Start")
    bench.settle()
    return [row[1] for row in bench.cells(NEEDS)]


def test_the_list_is_filtered_and_a_word_not_understood_is_told(open_at: Open) -> None:
    """Enter applies; a filter that nothing fits stays; a wrong word is told with its code."""
    bench = open_at("evaluation", "osei")
    _filter(bench, "state:evaluation turn:mine")
    assert [row[0] for row in bench.cells("Cases")] == [CASE]
    _filter(bench, "state:closed")
    assert not bench.is_at("Cases")
    assert bench.typed("Show only these cases") == "state:closed"
    _filter(bench, "state:nowhere")
    assert "CAS-094" in bench.notice()
    _filter(bench, "")
    assert [row[0] for row in bench.cells("Cases")] == [CASE]


def test_a_filter_is_kept_under_a_name_for_one_person_and_forgotten(open_at: Open) -> None:
    """It is offered after a lock, to whoever kept it and to nobody else, and goes when it is forgotten."""
    bench = open_at("evaluation", "osei")
    _filter(bench, "tag:cyber")
    bench.press("Keep this filter")
    bench.type("Name under which the filter is kept", "Cyber")
    bench.press("Keep under this name")
    assert bench.named(QComboBox, "Kept filters").currentText() == "Cyber"
    for who, offered in (("ibarra", False), ("osei", True)):
        bench.window.lock("asked")
        bench.arrive(who)
        bench.settle()
        shown = [box for box in bench.all(QComboBox) if box.accessibleName() == "Kept filters"]
        assert bool(shown) == offered
    bench.choose("Kept filters", "Cyber")
    bench.named(QComboBox, "Kept filters").activated.emit(1)
    bench.settle()
    assert bench.typed("Show only these cases") == "tag:cyber"
    bench.press("Forget it")
    bench.settle()
    assert not bench.has_button("Forget it")


def test_tags_are_put_on_and_taken_off(open_at: Open) -> None:
    """A tag stands on the case and in the list, finds it, and is refused when it is no short word."""
    bench = open_at("evaluation", "osei")
    _turn(bench, "overview")
    assert "This case has no tag." in bench.words()
    bench.type("Tag", "cyber")
    bench.press("Add this tag")
    assert bench.named(QLineEdit, "Tag").text() == ""
    assert queries.case_view(bench.window.desk.here, CASE).row.tags == ("cyber",)
    bench.type("Tag", "two words, and more")
    bench.press("Add this tag")
    assert "CAS-" in bench.notice()
    bench.press("Cases")
    _filter(bench, "tag:cyber")
    assert [row[5] for row in bench.cells("Cases")] == ["cyber"]
    _turn(bench, "overview")
    bench.type("Tag", "cyber")
    bench.press("Take this tag off")
    assert queries.case_view(bench.window.desk.here, CASE).row.tags == ()


def test_calendars_of_all_cases_and_of_one_are_written_by_whoever_may(open_at: Open, tmp_path: Path) -> None:
    """The lead has both buttons, each file is new, is told with its marking, and a reviewer has neither."""
    bench = open_at("evaluation", "ibarra")
    bench.window.router.show("windows")
    bench.settle()
    assert bench.has_button("Write a calendar file")
    windows = bench.window.findChild(WindowsPage)
    assert windows is not None
    windows.calendar_chosen.emit(tmp_path)
    assert "1 case written to" in bench.notice()
    _turn(bench, "timeline")
    assert bench.has_button("Write a calendar file of this case")
    timeline = bench.window.findChild(TimelinePage)
    assert timeline is not None
    timeline.calendar.chosen.emit(tmp_path)
    assert "marked UNCLASSIFIED. The file is not encrypted." in bench.notice()
    written = sorted(path.name for path in tmp_path.glob("*.ics"))
    assert len(written) == 2
    assert written[1].startswith(f"case-days-{CASE}-")
    assert b"BEGIN:VCALENDAR" in (tmp_path / written[1]).read_bytes()
    timeline.calendar.chosen.emit(tmp_path)
    assert "already" in bench.notice()
    bench.window.lock("asked")
    bench.arrive("osei")
    _turn(bench, "timeline")
    assert not bench.has_button("Write a calendar file of this case")


def _flaw(bench: Bench) -> str:
    """A flaw of the first reviewer's, recorded."""
    text = FindingText(title="T", description="D", component="C", portion_marking="(U)")
    with acting(bench, "osei") as session:
        return findings.report(session, CASE, findings.NewFinding(text=text)).finding_id


def test_findings_to_validate_and_receipts_awaited_are_work(open_at: Open) -> None:
    """The other reviewer is told of the finding; what was sent awaits a receipt till it is overdue."""
    bench = open_at("both-submitted")
    finding_id = FindingId(_flaw(bench))
    bench.arrive("ibarra")
    assert "Findings to validate: 1 reported by others" in _needs(bench)
    here = bench.window.desk.here
    findings.validate(here, finding_id, reason="Seen.")
    text = ReferralText(
        title="T", recipient="Clearinghouse", summary="S", portion_marking="(U)", marking="UNCLASSIFIED"
    )
    new = NewReferral(kind=ReferralKind.FLAW, text=text, finding_ids=(finding_id,))
    referral = clearinghouse.draft(here, CASE, new)
    signed = clearinghouse.sign(here, referral.referral_id, passphrase(), JobControl())
    assert signed.report_id is not None
    export = exporting.request(here, signed.report_id, recipient="Clearinghouse")
    bench.window.lock("asked")
    with acting(bench, "tanaka") as officer, officer.work() as work:
        clearinghouse.note_sent(officer, work, export)
    bench.arrive("ibarra")
    assert "Referral awaits the receipt of Clearinghouse" in _needs(bench)
    bench.office.clock.advance(timedelta(days=60))
    assert any("the receipt of Clearinghouse is overdue" in line for line in _needs(bench))


def test_the_window_is_told_alike_everywhere(open_at: Open) -> None:
    """Header and timeline name the same day of the window, and the list the days that are left."""
    bench = open_at("evaluation", "osei")
    _turn(bench, "timeline")
    row = queries.case_view(bench.window.desk.here, CASE).row
    shown = bench.words()
    assert f"day {row.day_number} of {row.total_days}" in shown
    assert f"Day {row.day_number} of {row.total_days}, {row.days_left} days left, open" in shown
    bench.press("Cases")
    bench.settle()
    assert bench.cells("Cases")[0][2] == f"{row.days_left} days left, open"


def test_after_the_determination_the_days_no_longer_go_on(open_at: Open) -> None:
    """Forty days later every page tells the day on which it was determined, and nothing is overdue."""
    bench = open_at("determined")
    bench.office.clock.advance(timedelta(days=40))
    bench.arrive("osei")
    _turn(bench, "timeline")
    row = queries.case_view(bench.window.desk.here, CASE).row
    words = f"determined on day {row.day_number} of {row.total_days}"
    shown = bench.words()
    assert words in shown
    assert f"D{words[1:]}. The days no longer go on." in shown
    assert "overdue" not in shown.lower()
    bench.press("Cases")
    bench.settle()
    assert bench.cells("Cases")[0][2] == words
    bench.press("Register")
    bench.settle()
    assert bench.cells("Register")[0][7] == str(row.day_number)


def test_the_history_tells_words_and_names(open_at: Open) -> None:
    """No identifier of a person and no machine's time stands in the facts; the chosen row is read in full."""
    bench = open_at("determined", "osei")
    _turn(bench, "history")
    lines = [" ".join(row) for row in bench.cells("History of the case")]
    facts = [row[-1] for row in bench.cells("History of the case")]
    assert not [line for line in facts if "PERSON-" in line]
    assert not [line for line in facts if "T14:" in line or "+00:00" in line]
    assert any("conclusion: Covered" in line for line in facts)
    assert any("first: " in line and "second: " in line for line in facts)
    assert any("Case opened" in line for line in lines)
    bench.table("History of the case").go_to(0)
    assert "Conclusion" in bench.words()
