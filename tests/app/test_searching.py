"""Search, tags, kept filters and the calendar at a real office."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.app.test_findings import Office
from tests.app.test_referrals import SECRET, Desk, words
from workstation.app import calendars, clearinghouse, findings, quarantine, queries, searching, sorting
from workstation.app.clearinghouse import NewReferral
from workstation.app.searching import Hit, HitKind
from workstation.core.calendars import CalendarEmpty, CalendarNotWritten
from workstation.core.errors import Refused
from workstation.core.filters import FilterInvalid, FilterUnknown
from workstation.core.people import NotAppointed
from workstation.core.tags import TagMissing, TagTwice

WORD = "Zeppelinflaw"


def hits(office: Office, login_name: str, text: str) -> list[Hit]:
    """What one person finds."""
    with office.story.acting(login_name) as session:
        return list(searching.search(session, searching.known(session, None), text))


def kinds(office: Office, login_name: str, text: str) -> set[HitKind]:
    """The kinds of what one person finds."""
    return {hit.kind for hit in hits(office, login_name, text)}


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A case under review with a finding of one reviewer's; nobody has submitted."""
    made = Office(tmp_path_factory.mktemp("blind"))
    with made.story.acting("ibarra") as session:
        quarantine.accept(session, made.package.package_id, reason="Read.")
    made.report("osei", title=f"{WORD} in the template")
    return made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Both have submitted; one validated flaw."""
    return Desk(tmp_path_factory.mktemp("desk"))


def test_anothers_finding_is_not_found_while_blind(blind: Office) -> None:
    """While reviewers answer blind a finding is found by its author and by nobody else."""
    assert kinds(blind, "osei", WORD) == {HitKind.FINDING}
    others = _logins(blind) - {"osei"}
    assert len(others) >= 4
    for other in sorted(others):
        assert kinds(blind, other, WORD) == set()


def _logins(office: Office) -> set[str]:
    with office.story.acting("osei") as session:
        return {person.login_name for person in queries.people(session)}


def test_after_both_submitted_everybody_finds_it(desk: Desk) -> None:
    """When both have submitted every enrolled person finds findings, and answers of both."""
    for login in sorted(_logins(desk)):
        assert HitKind.FINDING in kinds(desk, login, "Template runs")
    found = hits(desk, "ibarra", "the")
    assert {hit.marking for hit in found} == {"UNCLASSIFIED"}


def test_an_enforcement_referral_is_found_by_named_people_only(desk: Desk) -> None:
    """The words of an enforcement referral find it for its drafter and counsel, and for nobody else."""
    with desk.story.acting("osei") as session:
        counsel = next(one for one in queries.people(session) if one.person_id == desk.counsel)
        text = words(
            title=SECRET,
            statutes=("18 U.S.C. 1030",),
            summary="Misuse.",
            evidence=desk.finding.text.evidence,
        )
        new = NewReferral(kind=clearinghouse.ReferralKind.ENFORCEMENT, text=text, counsel=counsel.person_id)
        clearinghouse.draft(session, desk.case_id, new)
    for login in sorted(_logins(desk)):
        named = login in {"osei", counsel.login_name}
        assert (HitKind.REFERRAL in kinds(desk, login, '"stuffing rig"')) is named


def test_a_portion_above_the_case_raises_the_banner(desk: Desk) -> None:
    """A hit is covered by the banner of its case and by the mark of the words shown."""
    with desk.story.acting("osei") as session, session.work() as work:
        finding = work.findings.get(desk.finding.finding_id)
        finding.text = replace(finding.text, portion_marking="(S//NF)")
        work.findings.save(finding)
        work.record(findings.events.PackageReturned(case_id=desk.case_id, package_id="", reason="test"))
    (hit,) = [one for one in hits(desk, "osei", "Template runs code") if one.kind is HitKind.FINDING]
    assert hit.marking == "SECRET//NOFORN"


def test_the_index_is_made_anew_with_a_row_of_the_trail(desk: Desk) -> None:
    """Making the index anew changes nothing that is found and is written down."""
    before = hits(desk, "osei", "template")
    with desk.story.acting("osei") as session:
        assert searching.rebuild(session) > len(before)
        with session.look() as work:
            row = work.audit.newest("IndexRebuilt")
            assert row is not None
    assert [hit.untrusted_words for hit in hits(desk, "osei", "template")] == [
        hit.untrusted_words for hit in before
    ]


def test_tags_are_attributed_found_and_filtered(blind: Office) -> None:
    """A tag is a row of the trail, finds the case, and filters the list; twice or without one is refused."""
    with blind.story.acting("ibarra") as session:
        sorting.tag(session, blind.case_id, "Second-Look")
        with pytest.raises(TagTwice):
            sorting.tag(session, blind.case_id, "second-look")
        assert [row.case_id for row in sorting.filtered(session, "tag:second-look")] == [blind.case_id]
        assert sorting.filtered(session, "tag:other") == ()
        found = searching.search(session, searching.known(session, None), "second-look")
        assert [hit.kind for hit in found] == [HitKind.CASE]
        with session.look() as work:
            row = work.audit.newest("CaseTagged")
            assert row is not None
            assert (row.actor_id, row.case_id) == (session.person.person_id, blind.case_id)
            assert json.loads(row.body_json)["tag"] == "second-look"
        sorting.untag(session, blind.case_id, "second-look")
        with pytest.raises(TagMissing):
            sorting.untag(session, blind.case_id, "second-look")


def test_filters_are_kept_for_one_person(blind: Office) -> None:
    """A filter is kept under a name for whoever kept it, and is no filter of anybody else's."""
    with blind.story.acting("ibarra") as session:
        sorting.save_filter(session, "My week", "days:<=7  state:evaluation")
        assert sorting.filters(session) == {"My week": "days:<=7 state:evaluation"}
        assert sorting.understood(session, "My week").text == "days:<=7 state:evaluation"
        with pytest.raises(FilterInvalid):
            sorting.save_filter(session, "Wrong", "colour:red")
    with blind.story.acting("osei") as session:
        assert sorting.filters(session) == {}
        with pytest.raises(FilterUnknown):
            sorting.remove_filter(session, "My week")
    with blind.story.acting("ibarra") as session:
        assert sorting.remove_filter(session, "My week") == {}


def test_a_calendar_leaves_with_its_row(blind: Office, tmp_path: Path) -> None:
    """The row of the trail names path and digest of the file, and the file names cases and days only."""
    path = tmp_path / "days.ics"
    with blind.story.acting("ibarra") as session:
        done = calendars.write(session, path)
        row = queries.case_rows(session)[0]
        with session.look() as work:
            written = work.audit.newest("CalendarWritten")
        assert written is not None
        body = json.loads(written.body_json)
    content = path.read_bytes()
    assert body["sha384"] == done.sha384 == hashlib.sha384(content).hexdigest()
    assert body["path"] == str(path)
    assert blind.case_id.encode() in content
    for name in (row.developer, row.model, row.checkpoint):
        assert name.encode() not in content.replace(b"\r\n ", b"")
    assert path.stat().st_mode & 0o077 == 0


def test_a_calendar_is_written_by_whoever_may_and_never_over_anything(blind: Office, tmp_path: Path) -> None:
    """A reviewer is refused; a file or link that is there stays; a case without days writes nothing."""
    path = tmp_path / "days.ics"
    with blind.story.acting("osei") as session, pytest.raises(NotAppointed):
        calendars.write(session, path)
    assert not path.exists()
    path.symlink_to(tmp_path / "elsewhere")
    with blind.story.acting("ibarra") as session:
        with pytest.raises(CalendarNotWritten):
            calendars.write(session, path)
        with pytest.raises(CalendarNotWritten):
            calendars.write(session, tmp_path / "no folder" / "days.ics")
        with pytest.raises(Refused):
            calendars.write(session, path, blind.case_id.replace("CASE", "CASE9"))  # type: ignore[arg-type]  # no such case
    assert not (tmp_path / "elsewhere").exists()
    assert issubclass(CalendarEmpty, Refused)
