"""What every database promises of its trail: it only grows, and what was done to it is named."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.helpers.databases import (
    CASE,
    LEAD,
    NOW,
    OFFICIAL,
    PACKAGE,
    Bench,
    add_case,
)
from workstation.core import events
from workstation.core.ports import Database
from workstation.core.values import CaseId, CriterionId

K11, K12 = CriterionId("K1.1"), CriterionId("K1.2")


@pytest.fixture
def case_bench(bench: Bench) -> Bench:
    """With one case."""
    add_case(bench.database)
    return bench


def test_an_empty_trail_has_a_head(bench: Bench) -> None:
    """The head before the first row is 96 zeros, and it is missing nowhere."""
    with bench.database.look() as work:
        assert len(work.audit.head) == 96
        assert list(work.audit.missing(["0" * 96, work.audit.head])) == []
        assert list(work.audit.missing(["f" * 96])) == ["f" * 96]


def test_the_trail_is_read_backwards_in_pages(database: Database) -> None:
    """Pages go from the newest row to the oldest, of all cases or of one."""
    for number in (1, 2, 3):
        add_case(database, number)
    with database.look() as work:
        page = work.audit.page(limit=3)
        assert [row.seq for row in page] == [4, 3, 2]
        assert [row.seq for row in work.audit.page(before=2)] == [1]
        of_two = work.audit.page(case_id=CaseId("CASE-0002"))
        assert [(row.seq, row.event, row.actor_name) for row in of_two] == [
            (3, "ReleaseDateRevised", LEAD.display_name)
        ]
        assert page[0].hash_sha384 == work.audit.head


def test_the_newest_row_of_a_kind_is_found(database: Database) -> None:
    """Of all rows of an event the last one is given, and none where there is none."""
    for number in (1, 2):
        add_case(database, number)
    with database.look() as work:
        found = work.audit.newest("ReleaseDateRevised")
        assert found == work.audit.page(limit=1)[0]
        assert work.audit.newest("VaultCreated") == work.audit.page()[-1]
        assert work.audit.newest("CaseClosed") is None


def test_exactly_this_event_is_found(case_bench: Bench) -> None:
    """An event counts as recorded only with the same fields, by the same person."""
    event = events.Recommended(case_id=CASE, conclusion="covered")
    with case_bench.database.work(LEAD) as work:
        work.record(event)
        assert work.audit.has(event, LEAD.person_id)
        assert not work.audit.has(event, OFFICIAL.person_id)
        assert not work.audit.has(replace(event, conclusion="not-covered"), LEAD.person_id)
        assert not work.audit.has(replace(event, case_id=CaseId("CASE-0002")), LEAD.person_id)


def test_an_event_is_kept_whole(case_bench: Bench) -> None:
    """Everything an event says stands in its row, as canonical JSON with nothing escaped away."""
    event = events.PackageReturned(case_id=CASE, package_id=PACKAGE, reason='Zeile \u00fc\n"x" \u202e')
    with case_bench.database.work(LEAD) as work:
        work.record(event)
    with case_bench.database.look() as work:
        row = work.audit.page(limit=1)[0]
    assert row.body_json == '{"package_id":"PACKAGE-1","reason":"Zeile \u00fc\\n\\"x\\" \u202e"}'
    assert (row.duty, row.case_id, row.at) == ("accept-package", CASE, NOW)


def test_a_sound_trail_holds(database: Database) -> None:
    """Verifying counts every row and ends at the head."""
    for number in (1, 2, 3):
        add_case(database, number)
    with database.look() as work:
        answer = work.audit.verify()
        assert (answer.rows, answer.head_sha384, answer.broken_seq) == (4, work.audit.head, None)


LATER = (NOW + timedelta(days=1)).isoformat()
EDITS = {
    "at": LATER,
    "actor_id": "PERSON-9",
    "actor_name": "Nobody",
    "role": "reviewer",
    "duty": "answer",
    "event": "Locked",
    "case_id": "CASE-0009",
    "body": "{}",
    "hash_sha384": "0" * 96,
}


@pytest.mark.parametrize("column", EDITS)
def test_the_first_broken_row_is_named(bench: Bench, column: str) -> None:
    """Any field of any row, changed behind everybody's back, breaks the chain at that row."""
    for number in (1, 2, 3):
        add_case(bench.database, number)
    bench.database.close()
    bench.edit(2, column, EDITS[column])
    bench.database = bench.reopen(None)
    with bench.database.look() as work:
        answer = work.audit.verify()
    assert (answer.rows, answer.broken_seq, answer.reason) == (1, 2, "hash-differs")


def test_a_row_taken_out_is_named(bench: Bench) -> None:
    """A gap in the trail is found at the place of the row that is gone."""
    for number in (1, 2, 3):
        add_case(bench.database, number)
    bench.database.close()
    bench.cut(3)
    bench.database = bench.reopen(None)
    with bench.database.look() as work:
        answer = work.audit.verify()
    assert (answer.rows, answer.broken_seq, answer.reason) == (2, 3, "missing-row")


def test_a_trail_cut_short_misses_a_head_known_from_elsewhere(bench: Bench) -> None:
    """Rows taken off the end break nothing, but a head that was printed is missed."""
    for number in (1, 2, 3):
        add_case(bench.database, number)
    with bench.database.look() as work:
        printed = work.audit.head
    bench.database.close()
    bench.cut(4)
    bench.database = bench.reopen(None)
    with bench.database.look() as work:
        assert work.audit.verify().broken_seq is None
        assert list(work.audit.missing([printed, work.audit.head])) == [printed]
