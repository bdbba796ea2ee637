"""What every database promises of its units of work: state, duties and trail move together."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from storage.unit_of_work import SavedWithoutEvent
from tests.helpers.databases import (
    CASE,
    CUSTODIAN,
    LEAD,
    NOW,
    OFFICER,
    OFFICIAL,
    PACKAGE,
    Bench,
    a_case,
    a_file,
    a_package,
    a_report,
    about,
    add_case,
    an_answer,
    an_export,
    person,
    renamed,
    standing_told,
)
from workstation.core import events
from workstation.core.case_errors import CaseUnknown
from workstation.core.people import (
    ActorNotAtTheDesk,
    DutiesConflict,
    NotAppointed,
    PersonInactive,
    PersonUnknown,
    Role,
)
from workstation.core.ports import AuditRow, Database, Work
from workstation.core.values import CaseId, PersonId
from workstation.core.vault_errors import VaultLocked

RECOMMENDED = events.Recommended(case_id=CASE, conclusion="covered")
DETERMINED = events.Determined(case_id=CASE, number=1, conclusion="covered", supersedes=None)


def rows(database: Database, limit: int = 200) -> list[AuditRow]:
    """The newest rows of the trail."""
    with database.look() as work:
        return list(work.audit.page(limit=limit))


# --- committing ------------------------------------------------------------------------------------


def test_what_is_saved_is_there_after_closing(bench: Bench) -> None:
    """What was committed is read again from a database that was closed and opened."""
    case = add_case(bench.database)
    bench.database.close()
    bench.database = bench.reopen(None)
    with bench.database.look() as work:
        assert work.cases.get(CASE) == case
        assert work.audit.verify().rows == 2


def test_a_failure_leaves_neither_state_nor_row(database: Database) -> None:
    """An exception after saving and recording takes both back, and is no refusal."""
    before = rows(database)
    with pytest.raises(ZeroDivisionError), database.work(LEAD) as work:
        work.cases.add(a_case())
        work.put_blob("office", b"x")
        about(work)
        raise ZeroDivisionError
    with database.look() as work:
        assert (work.cases.ids(), work.blob("office")) == ([], None)
    assert rows(database) == before


def test_saving_without_an_event_is_a_defect(database: Database) -> None:
    """State that was changed without an event is not committed."""
    with pytest.raises(SavedWithoutEvent), database.work(LEAD) as work:
        work.cases.add(a_case())
    with database.look() as work, pytest.raises(CaseUnknown):
        work.cases.get(CASE)


def test_an_event_of_another_case_does_not_cover_a_change(database: Database) -> None:
    """Each case that was changed needs an event of its own."""
    add_case(database)
    with pytest.raises(SavedWithoutEvent), database.work(LEAD) as work:
        work.cases.add(a_case(2))
        about(work, CASE)
    with database.look() as work:
        assert work.cases.ids() == [CASE]


def test_recording_alone_is_enough(database: Database) -> None:
    """An event that changes no state is a unit of work of its own."""
    with database.work(LEAD) as work:
        work.record(events.Locked(reason="person-left"))
    assert rows(database, 1)[0].event == "Locked"


def test_one_writer_at_a_time(database: Database) -> None:
    """A second unit of work waits for the first and sees what it committed."""
    begun, seen = threading.Event(), []

    def second() -> None:
        begun.set()
        with database.work(LEAD) as work:
            seen.append(list(work.cases.ids()))
            about(work)

    other = threading.Thread(target=second)
    with database.work(LEAD) as work:
        other.start()
        begun.wait()
        work.cases.add(a_case())
        about(work)
    other.join()
    assert seen == [[CASE]]


def test_what_is_not_committed_is_seen_by_nobody_else(database: Database) -> None:
    """Looking during a unit of work shows the state before it."""
    with database.work(LEAD) as work:
        work.cases.add(a_case())
        about(work)
        with database.look() as other:
            assert other.cases.ids() == []
        assert work.cases.ids() == [CASE]


# --- looking ---------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[Work], object]] = {
    "record": lambda work: work.record(events.Locked(reason="x")),
    "blob": lambda work: work.put_blob("x", b"y"),
    "person": lambda work: work.people.add(person(9, Role.REVIEWER), b""),
    "person-again": lambda work: work.people.save(LEAD),
    "new-case": lambda work: work.cases.add(a_case(2)),
    "case": lambda work: work.cases.save(work.cases.get(CASE)),
    "new-package": lambda work: work.packages.add(a_package()),
    "package": lambda work: work.packages.save(a_package()),
    "files": lambda work: work.packages.add_files([a_file("a")]),
    "examined": lambda work: work.packages.save_examined(PACKAGE, []),
    "seen": lambda work: work.packages.mark_seen(PACKAGE, "a"),
    "answer": lambda work: work.answers.add(an_answer("K1.1")),
    "report": lambda work: work.releases.save_report(a_report()),
    "export": lambda work: work.releases.save_export(an_export()),
}


@pytest.mark.parametrize("write", WRITES)
def test_looking_cannot_write(database: Database, write: str) -> None:
    """Who looks can neither save nor record, by no way."""
    add_case(database)
    with database.look() as work, pytest.raises(SavedWithoutEvent):
        WRITES[write](work)


def test_a_look_keeps_its_state(database: Database) -> None:
    """What was read once is read again the same, whatever is committed meanwhile."""
    with database.look() as work:
        assert work.cases.ids() == []
        add_case(database)
        assert work.cases.ids() == []
        assert len(work.audit.page()) == 1
    with database.look() as work:
        assert work.cases.ids() == [CASE]


def test_looking_leaves_no_row(database: Database) -> None:
    """Neither a look nor a failed look is written to the trail."""
    before = rows(database)
    with pytest.raises(CaseUnknown), database.look() as work:
        work.cases.get(CASE)
    assert rows(database) == before


# --- duties and refusals ---------------------------------------------------------------------------


def test_a_duty_is_enforced_at_once(database: Database) -> None:
    """Recording an act that the actor is not appointed to is refused before anything follows."""
    add_case(database)
    reached = []
    with pytest.raises(NotAppointed), database.work(CUSTODIAN) as work:
        work.record(RECOMMENDED)
        reached.append("past the record")
    assert reached == []


def test_what_was_done_before_counts(bench: Bench) -> None:
    """A new role does not wash off an act that excludes another on the same case; on other cases it may."""
    for number in (1, 2):
        add_case(bench.database, number)
    with bench.database.work(LEAD) as work:
        work.record(RECOMMENDED)
    official = renamed(LEAD, role=Role.DETERMINATION_OFFICIAL)
    with bench.database.work(CUSTODIAN) as work:
        work.people.save(official)
        work.record(standing_told(official))
    with pytest.raises(DutiesConflict) as refusal, bench.database.work(official) as work:
        work.record(DETERMINED)
    assert (refusal.value.duty, refusal.value.earlier_duty) == ("determine", "recommend")
    with bench.database.work(official) as work:
        work.record(replace(DETERMINED, case_id=CaseId("CASE-0002")))


def test_a_refusal_is_rolled_back_and_written_down(database: Database) -> None:
    """After a refusal nothing is changed, and one row tells who tried what on which case, with the code."""
    case = add_case(database)
    with pytest.raises(NotAppointed), database.work(CUSTODIAN) as work:
        read = work.cases.get(CASE)
        event = read.withdraw(reason="", disposition="return")
        work.cases.save(read)
        work.record(event)
    with database.look() as work:
        assert work.cases.get(CASE) == case
    row = rows(database, 1)[0]
    assert (row.event, row.actor_id, row.case_id, row.duty) == (
        "ActRefused",
        CUSTODIAN.person_id,
        CASE,
        "keep-window",
    )
    assert '"error_code":"PPL-001"' in row.body_json


def test_a_refusal_before_any_event_is_about_the_case_that_was_read(database: Database) -> None:
    """A rule that refuses before anything was recorded still leaves a row of the case at hand."""
    add_case(database)
    with pytest.raises(PersonUnknown), database.work(LEAD) as work:
        work.cases.get(CASE)
        work.people.get(PersonId("PERSON-99"))
    row = rows(database, 1)[0]
    assert (row.event, row.case_id, row.duty) == ("ActRefused", CASE, "use-workstation")


def test_a_refused_act_was_not_done(database: Database) -> None:
    """Refusals count for no duty, so that trying locks nobody out."""
    add_case(database)
    with pytest.raises(NotAppointed), database.work(OFFICER) as work:
        work.record(RECOMMENDED)
    with database.look() as work:
        assert work.audit.duties_done(OFFICER.person_id, CASE) == frozenset()


def test_nobody_acts_under_a_made_up_role(database: Database) -> None:
    """The register says what somebody is appointed to and called, not the object the caller holds."""
    add_case(database)
    posing = renamed(LEAD, role=Role.DETERMINATION_OFFICIAL, display_name="Somebody Else")
    with pytest.raises(NotAppointed), database.work(posing) as work:
        work.record(DETERMINED)
    row = rows(database, 1)[0]
    assert (row.actor_name, row.role) == (LEAD.display_name, "lead-reviewer")


def test_somebody_never_enrolled_is_refused_and_named_as_claimed(database: Database) -> None:
    """Nobody outside the register records anything; the refusal tells who it claimed to be."""
    stranger = person(7, Role.LEAD_REVIEWER)
    with pytest.raises(PersonUnknown), database.work(stranger) as work:
        work.record(events.Locked(reason="x"))
    row = rows(database, 1)[0]
    assert (row.event, row.actor_name) == ("ActRefused", "Person 7")


def test_somebody_no_longer_active_is_refused(database: Database) -> None:
    """A person whose entry is inactive may not even lock."""
    gone = renamed(LEAD, active=False)
    with database.work(CUSTODIAN) as work:
        work.people.save(gone)
        work.record(standing_told(gone))
    with pytest.raises(PersonInactive), database.work(gone) as work:
        work.record(events.Locked(reason="x"))


def test_nobody_acts_in_another_s_name(bench: Bench) -> None:
    """In a vault that one person opened, another's act is refused and told of the one at the desk."""
    bench.database.close()
    bench.database = bench.reopen(LEAD.person_id)
    reached = []
    with pytest.raises(ActorNotAtTheDesk), bench.database.work(OFFICIAL):
        reached.append("inside")
    assert reached == []
    row = rows(bench.database, 1)[0]
    assert (row.event, row.actor_id) == ("ActRefused", LEAD.person_id)
    assert OFFICIAL.display_name in row.body_json


# --- time ------------------------------------------------------------------------------------------


def test_one_moment_stamps_all_of_a_unit_of_work(bench: Bench) -> None:
    """Every row of one unit of work carries its ``now``, whatever the clock does meanwhile."""
    with bench.database.work(LEAD) as work:
        work.record(events.Locked(reason="one"))
        bench.clock.move(hours=1)
        work.record(events.Locked(reason="two"))
        assert work.now == NOW
    assert [row.at for row in rows(bench.database, 2)] == [NOW, NOW]


def test_a_clock_set_back_is_told_once_and_moves_no_deadline(bench: Bench) -> None:
    """The highest time stays, and one row a unit of work says that the clock went back."""
    add_case(bench.database)
    bench.clock.move(days=-400)
    with bench.database.work(LEAD) as work:
        assert work.highest_time == NOW
        work.record(events.Locked(reason="one"), events.Locked(reason="two"))
    with bench.database.look() as work:
        assert (work.now, work.highest_time) == (NOW - timedelta(days=400), NOW)
    assert [row.event for row in rows(bench.database, 3)] == ["Locked", "Locked", "ClockWentBack"]


def test_the_highest_time_is_the_clock_s_when_it_runs_ahead(bench: Bench) -> None:
    """Time that passes without a row counts as well."""
    bench.clock.move(days=3)
    with bench.database.look() as work:
        assert work.highest_time == NOW + timedelta(days=3)


# --- named values, health, closing -----------------------------------------------------------------


def test_a_named_value_is_replaced(database: Database) -> None:
    """A name holds its last value; one never written holds none."""
    for value in (b"first", b"second"):
        with database.work(CUSTODIAN) as work:
            work.put_blob("office", value)
            work.record(events.Locked(reason="x"))
    with database.look() as work:
        assert (work.blob("office"), work.blob("another")) == (b"second", None)


def test_a_sound_database_has_no_problems(database: Database) -> None:
    """Nothing is found where nothing is wrong."""
    add_case(database)
    assert list(database.problems()) == []


def test_a_closed_database_gives_nothing(bench: Bench) -> None:
    """After closing every way in is refused as locked; closing twice is no error."""
    bench.database.close()
    bench.database.close()
    with pytest.raises(VaultLocked), bench.database.look() as work:
        work.cases.ids()
    with pytest.raises(VaultLocked), bench.database.work(LEAD):
        pass
    with pytest.raises(VaultLocked):
        bench.database.problems()


def test_the_first_act_needs_nobody_appointed_and_only_the_first(database: Database) -> None:
    """A vault begins once: later on its first event needs the duty like any other."""
    again = events.VaultCreated(vault_id="V2", profile="demo", custodian=LEAD.person_id)
    with pytest.raises(NotAppointed), database.work(LEAD) as work:
        work.record(again)


def test_a_case_changed_in_memory_is_not_saved_by_that(database: Database) -> None:
    """What ``get`` and ``save`` hand over is a copy: only saving changes what is kept."""
    add_case(database)
    with database.work(LEAD) as work:
        read = work.cases.get(CASE)
        read.model = "changed"
        assert work.cases.get(CASE).model == "Aster-3"
        work.cases.save(read)
        read.model = "changed again"
        about(work)
    with database.look() as work:
        assert work.cases.get(CASE).model == "changed"


def test_the_window_of_a_saved_case_is_there(database: Database) -> None:
    """A date stated in a later unit of work stands beside the first."""
    add_case(database)
    with database.work(LEAD) as work:
        case = work.cases.get(CASE)
        work.record(case.state_release_date(date(2027, 4, 30), today=NOW.date(), reason="Later."))
        work.cases.save(case)
    with database.look() as work:
        dates = work.cases.get(CASE).release_dates
    assert [one.planned_release_on for one in dates] == [date(2027, 3, 31), date(2027, 4, 30)]
