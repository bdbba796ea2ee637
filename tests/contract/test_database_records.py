"""What every database promises of its records: people, cases, packages, answers, reports and the trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

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
    a_ref,
    a_report,
    about,
    add_case,
    an_answer,
    an_export,
    person,
    renamed,
    standing_told,
)
from workstation.core.case_errors import CaseUnknown
from workstation.core.database_errors import RecordStale
from workstation.core.examination import Coverage, Finding, Severity
from workstation.core.exports import ExportState, RecordUnknown
from workstation.core.packages import Fixity, PackageState
from workstation.core.people import PersonExists, PersonUnknown, Role
from workstation.core.ports import Database, Examined, Work
from workstation.core.values import CaseId, CriterionId, ExportId, PackageId, PersonId, ReportId

SIZES_AND_OBJECTS = ((10, 10), (10, 10), (10, 77), (20, 20), (30, 30))
K11, K12 = CriterionId("K1.1"), CriterionId("K1.2")


def put(database: Database, *writes: Callable[[Work], object]) -> None:
    """One unit of work by the lead that does all of these, with an event about the first case."""
    with database.work(LEAD) as work:
        for write in writes:
            write(work)
        about(work)


@pytest.fixture
def case_bench(bench: Bench) -> Bench:
    """With one case."""
    add_case(bench.database)
    return bench


@pytest.fixture
def received(case_bench: Bench) -> Database:
    """With one case, one package and three files."""
    files = [a_file(path, size_bytes=size) for path, size in (("b/two", 20), ("a.txt", 10), ("c", 30))]
    put(
        case_bench.database,
        lambda work: work.packages.add(a_package()),
        lambda work: work.packages.add_files(iter(files)),
    )
    return case_bench.database


# --- people ----------------------------------------------------------------------------------------


def test_people_come_in_order_of_enrolment(database: Database) -> None:
    """Everybody is listed, the first enrolled first, with what was sealed for each."""
    with database.look() as work:
        assert work.people.all() == [CUSTODIAN, LEAD, OFFICIAL, OFFICER]
        assert work.people.get(LEAD.person_id) == LEAD
        assert work.people.sealed_identity(LEAD.person_id) == b"sealed for PERSON-2"


def test_somebody_unknown_is_refused(database: Database) -> None:
    """Neither entry nor identity of somebody never enrolled is given."""
    with database.look() as work:
        for read in (work.people.get, work.people.sealed_identity):
            with pytest.raises(PersonUnknown):
                read(PersonId("PERSON-99"))


@pytest.mark.parametrize(
    ("field", "spelled"), [("login_name", "LOGIN2"), ("staff_number", "s-02"), ("display_name", "person 2")]
)
def test_nobody_is_enrolled_twice(database: Database, field: str, spelled: str) -> None:
    """A login name, staff number or name that somebody has already is refused in any spelling."""
    twin = renamed(person(9, Role.REVIEWER), **{field: spelled})
    with pytest.raises(PersonExists) as refusal, database.work(CUSTODIAN) as work:
        work.people.add(twin, b"")
    assert refusal.value.field == field
    with database.look() as work:
        assert len(work.people.all()) == 4


def test_a_changed_entry_keeps_the_identity_unless_another_is_given(database: Database) -> None:
    """A new role or standing is written; the sealed identity follows only where one is handed over."""
    leaving = renamed(LEAD, role=Role.REVIEWER, active=False)
    for sealed, expected in ((None, b"sealed for PERSON-2"), (b"another", b"another")):
        with database.work(CUSTODIAN) as work:
            work.people.save(leaving, sealed)
            work.record(standing_told(leaving))
        with database.look() as work:
            assert work.people.get(LEAD.person_id) == leaving
            assert work.people.sealed_identity(LEAD.person_id) == expected
    with pytest.raises(PersonUnknown), database.work(CUSTODIAN) as work:
        work.people.save(person(9, Role.REVIEWER))


# --- cases -----------------------------------------------------------------------------------------


def test_a_case_comes_back_equal(database: Database) -> None:
    """A case survives in every field, dates and nested records included."""
    case = add_case(database)
    with database.look() as work:
        assert work.cases.get(CASE) == case


def test_an_unknown_case_is_refused(database: Database) -> None:
    """A case that is not there is said to be unknown, by its identifier."""
    with database.look() as work, pytest.raises(CaseUnknown) as refusal:
        work.cases.get(CASE)
    assert refusal.value.case_id == CASE


def test_cases_come_by_identifier_a_page_at_a_time(database: Database) -> None:
    """Pages follow each other without gap or repetition, in order of identifier."""
    for number in (3, 1, 5, 2, 4):
        add_case(database, number)
    with database.look() as work:
        found, after = list[CaseId](), None
        while page := work.cases.page(after=after, limit=2):
            found += [case.case_id for case in page]
            after = found[-1]
        assert found == list(work.cases.ids()) == [f"CASE-{number:04d}" for number in range(1, 6)]


def test_a_case_opened_twice_is_a_defect(case_bench: Bench) -> None:
    """An identifier is given to one case only."""
    with pytest.raises(case_bench.defect):
        put(case_bench.database, lambda work: work.cases.add(a_case()))


def test_a_case_kept_from_an_earlier_unit_of_work_is_stale(case_bench: Bench) -> None:
    """A case that was not read in this unit of work may have changed since, and is not written."""
    with case_bench.database.look() as work:
        kept = work.cases.get(CASE)
    with case_bench.database.work(LEAD) as work:
        other = work.cases.get(CASE)
        work.record(other.state_release_date(date(2027, 4, 30), today=NOW.date(), reason="Later."))
        work.cases.save(other)
    with pytest.raises(RecordStale) as refusal:
        put(case_bench.database, lambda work: work.cases.save(kept))
    assert refusal.value.record == CASE
    with case_bench.database.look() as work:
        assert work.cases.get(CASE) == other


def test_a_case_may_be_saved_more_than_once(case_bench: Bench) -> None:
    """Saving twice in one unit of work, or right after adding, writes the last state."""
    with case_bench.database.work(LEAD) as work:
        new = a_case(2)
        work.cases.add(new)
        for model in ("first", "second"):
            new.model = model
            work.cases.save(new)
        about(work, new.case_id)
    with case_bench.database.look() as work:
        assert work.cases.get(new.case_id).model == "second"


# --- packages --------------------------------------------------------------------------------------


def test_a_package_is_saved_and_found_by_case_and_state(received: Database) -> None:
    """A package is found by identifier, by case, and among those being received until it is not."""
    with received.look() as work:
        assert work.packages.get(PACKAGE) == a_package()
        assert list(work.packages.receiving()) == [a_package()]
    done = replace(a_package(), state=PackageState.QUARANTINED, received_at=NOW)
    put(received, lambda work: work.packages.save(done))
    with received.look() as work:
        assert list(work.packages.of_case(CASE)) == [done]
        assert list(work.packages.receiving()) == []
        assert list(work.packages.of_case(CaseId("CASE-0009"))) == []


def test_packages_of_a_case_come_in_the_order_they_were_begun(received: Database) -> None:
    """A later package comes after an earlier one, whatever its identifier."""
    later = a_package(PackageId("PACKAGE-0"))
    put(received, lambda work: work.packages.add(later))
    with received.look() as work:
        assert [package.package_id for package in work.packages.of_case(CASE)] == ["PACKAGE-1", "PACKAGE-0"]


def test_an_unknown_package_or_file_is_refused(received: Database) -> None:
    """What was never begun or named is neither read nor written."""
    other = PackageId("PACKAGE-9")
    looked = Examined(
        untrusted_path="missing",
        kind="pdf",
        coverage=Coverage.NOTHING_FOUND,
        fixity=Fixity.MATCHES,
        findings=(),
        facts_json="{}",
    )
    with received.look() as work:
        for read in (
            lambda: work.packages.get(other),
            lambda: work.packages.file(other, "a.txt"),
            lambda: work.packages.file(PACKAGE, "missing"),
        ):
            with pytest.raises(RecordUnknown):
                read()
    for write in (
        lambda work: work.packages.save(a_package(other)),
        lambda work: work.packages.mark_seen(PACKAGE, "missing"),
        lambda work: work.packages.save_examined(PACKAGE, [looked]),
    ):
        with pytest.raises(RecordUnknown):
            put(received, write)


def test_files_come_by_path_a_page_at_a_time(received: Database) -> None:
    """Pages of files follow each other in order of path; ``after`` itself is left out."""
    with received.look() as work:
        first = work.packages.files(PACKAGE, limit=2)
        assert [file.untrusted_path for file in first] == ["a.txt", "b/two"]
        rest = work.packages.files(PACKAGE, after="b/two")
        assert rest == [a_file("c", size_bytes=30)]
        assert work.packages.stored(PACKAGE) == {"a.txt": 10, "b/two": 20, "c": 30}


def test_a_file_is_named_once_and_in_a_known_package(received: Database, bench: Bench) -> None:
    """The same path twice, or a file of no package, is a defect and changes nothing."""
    for file in (a_file("a.txt"), a_file("x", package_id=PackageId("PACKAGE-9"))):
        with pytest.raises(bench.defect):
            put(received, lambda work, file=file: work.packages.add_files([a_file("new"), file]))
    with received.look() as work:
        assert len(work.packages.files(PACKAGE)) == 3


def test_what_an_examination_found_is_kept_with_the_file(received: Database) -> None:
    """Kind, coverage, fixity, findings and facts are written; size, digest and reference stay."""
    found = Examined(
        untrusted_path="a.txt",
        kind="pdf",
        coverage=Coverage.DANGEROUS,
        fixity=Fixity.ALTERED,
        findings=(Finding(code="PDF_SCRIPT", severity=Severity.DANGER, path="a.txt", detail="\u202e/JS"),),
        facts_json='{"pages":3}',
    )
    put(received, lambda work: work.packages.save_examined(PACKAGE, [found]))
    expected = replace(a_file("a.txt", size_bytes=10), **vars(found))
    with received.look() as work:
        assert work.packages.file(PACKAGE, "a.txt") == expected


def test_coverage_counts_every_word_and_who_looked(received: Database) -> None:
    """Each word has a count, zero included, and ``opened`` counts files, not looks."""
    seen = [lambda work: work.packages.mark_seen(PACKAGE, "c")] * 2
    put(received, *seen)
    with received.look() as work:
        counts = work.packages.coverage(PACKAGE)
        assert counts == {str(one): 0 for one in Coverage} | {"unseen": 3, "opened": 1}
        assert work.packages.file(PACKAGE, "c").opened
        assert set(work.packages.coverage(PackageId("PACKAGE-9")).values()) == {0}


def test_every_reference_is_named_for_the_sweep(received: Database) -> None:
    """References of files and of reports are named, and none that is empty."""
    unread = replace(a_file("unread"), object_ref="")
    bare = replace(a_report(2), statement_ref="")
    put(
        received,
        lambda work: work.packages.add_files([unread]),
        lambda work: work.releases.save_report(a_report()),
        lambda work: work.releases.save_report(bare),
    )
    with received.look() as work:
        reported = {"pdf 1", "pdf 2", "statement 1"}
        assert set(work.packages.object_refs()) == reported | {a_ref(number) for number in (10, 20, 30)}


def test_stored_content_is_found_again_by_its_digest(received: Database) -> None:
    """A case's content is found by digest and length, each object once, and never another case's."""
    digest = "a" * 96
    copied = replace(a_file("copy of a.txt", size_bytes=10))
    elsewhere = replace(a_file("d", size_bytes=10), object_ref=a_ref(77))
    put(received, lambda work: work.packages.add_files([copied, elsewhere]))
    with received.look() as work:
        assert set(work.packages.content(CASE, digest, 10, limit=9)) == {a_ref(10), a_ref(77)}
        assert len(work.packages.content(CASE, digest, 10)) == 1
        assert list(work.packages.content(CASE, digest, 11)) == []
        assert list(work.packages.content(CaseId("CASE-0009"), digest, 10)) == []
        sizes = sorted(size for size, _digest, _ref in work.packages.contents(CASE))
        assert sizes == [10, 10, 10, 20, 30]
        assert list(work.packages.contents(CaseId("CASE-0009"))) == []


def test_an_object_is_counted_by_every_file_that_names_it(received: Database) -> None:
    """References count whatever epoch their keys are wrapped under; what none names counts zero."""
    again = replace(a_file("again"), object_ref=a_ref(10, epoch=2))
    put(received, lambda work: work.packages.add_files([again]))
    with received.look() as work:
        assert work.packages.references(a_ref(10)) == work.packages.references(a_ref(10, epoch=3)) == 2
        assert work.packages.references(a_ref(99)) == 0


# --- answers ---------------------------------------------------------------------------------------


def test_the_newest_revision_counts_and_all_are_kept(case_bench: Bench) -> None:
    """The latest of each person and criterion is given, and the history of all, oldest first."""
    given = [an_answer("K1.1", revision=2, detail="More."), an_answer("K1.1"), an_answer("K1.2", by=OFFICIAL)]
    put(case_bench.database, *(lambda work, one=one: work.answers.add(one) for one in given))
    with case_bench.database.look() as work:
        assert work.answers.latest(CASE) == {
            (K11, LEAD.person_id): given[0],
            (K12, OFFICIAL.person_id): given[2],
        }
        assert list(work.answers.history(CASE, K11)) == [given[1], given[0]]
        assert work.answers.latest(CaseId("CASE-0009")) == {}


def test_a_revision_is_written_once(case_bench: Bench) -> None:
    """Answers are only appended: the same revision again, or of nobody known, is a defect."""
    put(case_bench.database, lambda work: work.answers.add(an_answer("K1.1")))
    for answer in (an_answer("K1.1", detail="Changed."), an_answer("K1.2", by=person(9, Role.REVIEWER))):
        with pytest.raises(case_bench.defect):
            put(case_bench.database, lambda work, answer=answer: work.answers.add(answer))
    with case_bench.database.look() as work:
        assert list(work.answers.history(CASE, K11)) == [an_answer("K1.1")]


# --- reports and exports ---------------------------------------------------------------------------


def test_reports_and_exports_are_replaced_and_come_oldest_first(case_bench: Bench) -> None:
    """Saving again replaces; lists are in order of time, of one case or of all."""
    written = replace(an_export(), state=ExportState.WRITTEN, folder="CASE-0001")
    put(
        case_bench.database,
        lambda work: work.releases.save_report(a_report(2, days=2)),
        lambda work: work.releases.save_report(a_report(1, days=1)),
        lambda work: work.releases.save_export(an_export(2, days=2)),
        lambda work: work.releases.save_export(an_export()),
        lambda work: work.releases.save_export(written),
        lambda work: work.releases.save_report(a_report(1, days=1)),
    )
    with case_bench.database.look() as work:
        assert list(work.releases.reports(CASE)) == [a_report(1, days=1), a_report(2, days=2)]
        assert list(work.releases.exports()) == [written, an_export(2, days=2)]
        assert list(work.releases.exports(CASE)) == list(work.releases.exports())
        assert list(work.releases.exports(CaseId("CASE-0009"))) == []
        assert work.releases.report(ReportId("REPORT-2")) == a_report(2, days=2)
        assert work.releases.export(ExportId("EXPORT-1")) == written


def test_an_unknown_report_or_export_is_refused(database: Database) -> None:
    """What is not there is said to be unknown."""
    with database.look() as work:
        with pytest.raises(RecordUnknown):
            work.releases.report(ReportId("REPORT-9"))
        with pytest.raises(RecordUnknown):
            work.releases.export(ExportId("EXPORT-9"))


def test_an_export_without_its_report_is_a_defect(case_bench: Bench) -> None:
    """Nothing can be requested that was never certified."""
    with pytest.raises(case_bench.defect):
        put(case_bench.database, lambda work: work.releases.save_export(an_export()))
