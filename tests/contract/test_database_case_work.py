"""What every database promises of findings, referrals, content sets and benchmark results."""

from dataclasses import replace

import pytest

from tests.helpers.case_work import NO_CASE, a_finding, a_referral, a_result, a_set, limited, put
from tests.helpers.databases import (
    CASE,
    LEAD,
    OFFICER,
    OFFICIAL,
    PACKAGE,
    Bench,
    a_file,
    a_package,
    about,
    add_case,
)
from workstation.core.content import ContentKind
from workstation.core.database_errors import RecordStale
from workstation.core.finding_errors import FindingUnknown, ReferralLimited, ReferralUnknown
from workstation.core.findings import FindingState
from workstation.core.packages import Fixity
from workstation.core.ports import Database
from workstation.core.referrals import (
    LimitedReferral,
    ReferralKind,
    ReferralState,
)
from workstation.core.values import CaseId, FindingId, PackageId, ReferralId


@pytest.fixture
def case_bench(bench: Bench) -> Bench:
    """With two cases."""
    add_case(bench.database)
    add_case(bench.database, 2)
    return bench


@pytest.fixture
def cases(case_bench: Bench) -> Database:
    """Just the database with two cases."""
    return case_bench.database


# --- findings --------------------------------------------------------------------------------------


def test_a_finding_comes_back_as_it_was_added(cases: Database) -> None:
    """A finding survives in every field, its history included."""
    finding = a_finding(prints=("f" * 96,))
    finding.reported()
    put(cases, lambda work: work.findings.add(finding))
    with cases.look() as work:
        assert work.findings.get(finding.finding_id) == finding


def test_an_unknown_finding_is_refused(cases: Database) -> None:
    """A finding that is not there is said to be unknown, by its identifier."""
    with cases.look() as work, pytest.raises(FindingUnknown) as refusal:
        work.findings.get(FindingId("FINDING-9"))
    assert refusal.value.finding_id == "FINDING-9"


def test_a_finding_is_added_once_and_to_a_known_case(case_bench: Bench) -> None:
    """A finding under a taken identifier, or of no case, is a defect and changes nothing."""
    put(case_bench.database, lambda work: work.findings.add(a_finding()))
    for bad in (a_finding(minutes=5), a_finding(2, case_id=NO_CASE)):
        with pytest.raises(case_bench.defect):
            put(case_bench.database, lambda work, bad=bad: work.findings.add(bad))
    with case_bench.database.look() as work:
        assert list(work.findings.of_case(CASE)) == [a_finding()]


def test_only_a_save_changes_a_finding(cases: Database) -> None:
    """What was handed in or out is a copy: changed without a save, it changes nothing that is kept."""
    handed_in = a_finding()
    put(cases, lambda work: work.findings.add(handed_in))
    handed_in.state = FindingState.REJECTED
    with cases.look() as work:
        work.findings.get(handed_in.finding_id).state = FindingState.REJECTED
        assert work.findings.get(handed_in.finding_id) == a_finding()


def test_a_finding_added_or_read_here_may_be_saved_again_and_again(cases: Database) -> None:
    """Each save of one unit of work writes, and the last one stays."""
    with cases.work(LEAD) as work:
        work.findings.add(finding := a_finding())
        for state in (FindingState.REJECTED, FindingState.VALIDATED):
            finding.state = state
            work.findings.save(finding)
        about(work)
    with cases.look() as work:
        assert work.findings.get(finding.finding_id).state is FindingState.VALIDATED


def test_a_finding_kept_from_an_earlier_unit_of_work_is_stale(cases: Database) -> None:
    """A finding that was not read in this unit of work may have changed since, and is not written."""
    put(cases, lambda work: work.findings.add(a_finding()))
    for kept in (a_finding(), a_finding(9)):
        kept.state = FindingState.VALIDATED
        with pytest.raises(RecordStale) as refusal:
            put(cases, lambda work, kept=kept: work.findings.save(kept))
        assert refusal.value.record == kept.finding_id
    with cases.look() as work:
        assert list(work.findings.of_case(CASE)) == [a_finding()]


def test_findings_of_a_case_come_oldest_first(cases: Database) -> None:
    """The findings of one case are listed in the order they were reported, and of no other case."""
    put(
        cases,
        *(lambda work, n=n: work.findings.add(a_finding(n, minutes=10 - n)) for n in (1, 3, 2)),
    )
    with cases.look() as work:
        assert [one.finding_id for one in work.findings.of_case(CASE)] == [
            "FINDING-3",
            "FINDING-2",
            "FINDING-1",
        ]
        assert list(work.findings.of_case(CaseId("CASE-0002"))) == []


def test_findings_are_found_by_their_leading_fingerprint(cases: Database) -> None:
    """Of every case, oldest first; a later fingerprint, or none, finds nothing."""
    other = CaseId("CASE-0002")
    put(cases, lambda work: work.findings.add(a_finding(1, minutes=2, prints=("a", "b"))))
    put(cases, lambda work: work.findings.add(a_finding(2, prints=("a",), case_id=other)), case_id=other)
    put(cases, lambda work: work.findings.add(a_finding(3)))
    with cases.look() as work:
        assert [one.finding_id for one in work.findings.of_fingerprints(["x", "a", "a"])] == [
            "FINDING-2",
            "FINDING-1",
        ]
        for nothing in (["b"], [""], []):
            assert list(work.findings.of_fingerprints(nothing)) == []


def test_however_many_fingerprints_are_looked_for(cases: Database) -> None:
    """The last of many fingerprints is looked for like the first."""
    put(cases, lambda work: work.findings.add(a_finding(prints=("zz",))))
    with cases.look() as work:
        many = [f"{number:05d}" for number in range(1_200)]
        assert list(work.findings.of_fingerprints([*many, "zz"])) == [a_finding(prints=("zz",))]


# --- referrals -------------------------------------------------------------------------------------


def test_a_referral_comes_back_to_anybody_where_it_is_not_limited(cases: Database) -> None:
    """An ordinary referral is read by whoever asks, in every field."""
    put(cases, lambda work: work.referrals.add(a_referral()))
    with cases.look() as work:
        assert work.referrals.get(ReferralId("REFERRAL-1"), OFFICER.person_id) == a_referral()


def test_an_unknown_referral_is_refused(cases: Database) -> None:
    """Neither the referral nor the kind of one that is not there is given."""
    unknown = ReferralId("REFERRAL-9")
    with cases.look() as work:
        for read in (
            lambda: work.referrals.get(unknown, LEAD.person_id),
            lambda: work.referrals.kind_of(unknown),
        ):
            with pytest.raises(ReferralUnknown):
                read()


def test_a_limited_referral_is_read_by_the_people_named_only(cases: Database) -> None:
    """Whoever is not named is refused, by identifier; whoever is named reads it."""
    kept = limited(1, LEAD.person_id)
    put(cases, lambda work: work.referrals.add(kept))
    with cases.look() as work:
        assert work.referrals.get(kept.referral_id, LEAD.person_id) == kept
        with pytest.raises(ReferralLimited) as refusal:
            work.referrals.get(kept.referral_id, OFFICER.person_id)
    assert refusal.value.referral_id == kept.referral_id


def test_nobody_who_acts_reads_as_somebody_else(cases: Database) -> None:
    """In a writing unit of work a named reader's name opens a limited referral to nobody else."""
    put(cases, lambda work: work.referrals.add(limited(1, OFFICIAL.person_id, state=ReferralState.SENT)))
    with pytest.raises(ReferralLimited), cases.work(LEAD) as work:
        assert list(work.referrals.awaiting(OFFICIAL.person_id)) == []
        work.referrals.get(ReferralId("REFERRAL-1"), OFFICIAL.person_id)


def test_the_kind_of_a_referral_is_no_secret(cases: Database) -> None:
    """The kind of a limited referral is told without saying who asks."""
    put(cases, lambda work: work.referrals.add(limited(1, LEAD.person_id)))
    with cases.look() as work:
        assert work.referrals.kind_of(ReferralId("REFERRAL-1")) is ReferralKind.ENFORCEMENT


def test_of_limited_referrals_others_learn_only_that_there_is_one(cases: Database) -> None:
    """The referrals of a case come by identifier; one the viewer may not read by identifier only."""
    kept = limited(2, LEAD.person_id)
    put(
        cases,
        *(lambda work, one=one: work.referrals.add(one) for one in (a_referral(3), kept, a_referral(1))),
    )
    with cases.look() as work:
        bare = LimitedReferral(referral_id=kept.referral_id, case_id=CASE)
        for viewer, second in ((LEAD, kept), (OFFICER, bare)):
            found = list(work.referrals.of_case(CASE, viewer.person_id))
            assert found == [a_referral(1), second, a_referral(3)]
        assert list(work.referrals.of_case(CaseId("CASE-0002"), LEAD.person_id)) == []


def test_what_was_sent_and_not_acknowledged_is_awaited(cases: Database) -> None:
    """Of every state only *sent* is awaited, by identifier, and only by whoever may read it."""
    for number, state in enumerate(ReferralState, start=10):
        put(cases, lambda work, n=number, s=state: work.referrals.add(a_referral(n, state=s)))
    sent = [a_referral(20 - n, state=ReferralState.SENT) for n in range(1, 3)]
    secret = limited(30, LEAD.person_id, state=ReferralState.SENT)
    put(cases, *(lambda work, one=one: work.referrals.add(one) for one in (*sent, secret)))
    with cases.look() as work:
        awaited = [one.referral_id for one in work.referrals.awaiting(LEAD.person_id)]
        assert awaited == ["REFERRAL-12", "REFERRAL-18", "REFERRAL-19", "REFERRAL-30"]
        assert [one.referral_id for one in work.referrals.awaiting(OFFICER.person_id)] == awaited[:-1]


def test_a_draft_waits_for_the_counsel_named_on_it_and_for_nobody_else(cases: Database) -> None:
    """Of every case, by identifier: enforcement drafts, to their counsel, not to other readers."""
    mine, other = OFFICIAL.person_id, LEAD.person_id
    drafts = [limited(n, mine, other, counsel=mine) for n in (2, 1)]
    others = (
        limited(3, mine, other, counsel=other),
        limited(4, mine, counsel=mine, state=ReferralState.SIGNED),
        limited(5, other, counsel=mine),  # no longer named among its readers
        a_referral(6),
    )
    put(cases, *(lambda work, one=one: work.referrals.add(one) for one in (*drafts, *others)))
    with cases.look() as work:
        assert [one.referral_id for one in work.referrals.for_counsel(mine)] == ["REFERRAL-1", "REFERRAL-2"]
        assert [one.referral_id for one in work.referrals.for_counsel(other)] == ["REFERRAL-3"]
        assert list(work.referrals.for_counsel(OFFICER.person_id)) == []
    with cases.work(LEAD) as work:
        assert list(work.referrals.for_counsel(mine)) == []
        about(work)


def test_a_referral_is_added_once_and_to_a_known_case(case_bench: Bench) -> None:
    """A referral under a taken identifier, or of no case, is a defect."""
    put(case_bench.database, lambda work: work.referrals.add(a_referral()))
    for bad in (a_referral(state=ReferralState.SENT), a_referral(2, case_id=NO_CASE)):
        with pytest.raises(case_bench.defect):
            put(case_bench.database, lambda work, bad=bad: work.referrals.add(bad))


def test_a_referral_is_saved_once_it_was_read_here(cases: Database) -> None:
    """A referral read in this unit of work is written, and one kept from an earlier one is stale."""
    put(cases, lambda work: work.referrals.add(a_referral()))
    with pytest.raises(RecordStale) as refusal:
        put(cases, lambda work: work.referrals.save(a_referral(state=ReferralState.WITHDRAWN)))
    assert refusal.value.record == "REFERRAL-1"
    with cases.work(LEAD) as work:
        found = work.referrals.get(ReferralId("REFERRAL-1"), LEAD.person_id)
        assert found.state is ReferralState.DRAFT
        found.state = ReferralState.SENT
        work.referrals.save(found)
        about(work)
    with cases.look() as work:
        assert list(work.referrals.awaiting(LEAD.person_id)) == [a_referral(state=ReferralState.SENT)]


def test_who_was_refused_a_limited_referral_writes_none(cases: Database) -> None:
    """A referral that may not be read is not overwritten either."""
    put(cases, lambda work: work.referrals.add(limited(1, OFFICIAL.person_id)))
    with pytest.raises(RecordStale), cases.work(LEAD) as work:
        with pytest.raises(ReferralLimited):
            work.referrals.get(ReferralId("REFERRAL-1"), LEAD.person_id)
        work.referrals.save(limited(1, LEAD.person_id))
    with cases.look() as work:
        assert isinstance(work.referrals.of_case(CASE, LEAD.person_id)[0], LimitedReferral)


# --- content sets ----------------------------------------------------------------------------------


def test_a_content_set_comes_back_byte_for_byte(cases: Database) -> None:
    """A set is found by kind, name and version, with its very bytes and signers; any other is None."""
    put(cases, lambda work: work.content.add(a_set()))
    with cases.look() as work:
        assert work.content.get(ContentKind.CRITERIA, "set", 1) == a_set()
        for kind, name, version in (
            (ContentKind.BENCHMARKS, "set", 1),
            (ContentKind.CRITERIA, "other", 1),
            (ContentKind.CRITERIA, "set", 2),
        ):
            assert work.content.get(kind, name, version) is None


def test_a_content_set_is_never_replaced(case_bench: Bench) -> None:
    """A second set of the same kind, name and version is a defect, and the first one stays."""
    put(case_bench.database, lambda work: work.content.add(a_set()))
    with pytest.raises(case_bench.defect):
        put(case_bench.database, lambda work: work.content.add(replace(a_set(), content=b"{}")))
    with case_bench.database.look() as work:
        assert list(work.content.all()) == [a_set()]


def test_content_sets_come_in_the_order_they_were_taken_into_use(cases: Database) -> None:
    """Every version of every set is listed, the first one taken into use first."""
    made = [a_set(2, minutes=1), a_set(1, minutes=2), a_set(1, set_id="another", minutes=3)]
    put(cases, *(lambda work, one=one: work.content.add(one) for one in reversed(made)))
    with cases.look() as work:
        assert list(work.content.all()) == made


# --- benchmark results -----------------------------------------------------------------------------


def test_benchmark_results_come_oldest_first(cases: Database) -> None:
    """Every result of a case is listed as recorded, digits included, oldest first, and of no other case."""
    made = [a_result(3, minutes=1), replace(a_result(1, minutes=2), supersedes="RESULT-3", void=True)]
    put(cases, *(lambda work, one=one: work.benchmarks.add(one) for one in reversed(made)))
    with cases.look() as work:
        found = list(work.benchmarks.of_case(CASE))
        assert found == made
        assert str(found[0].measured.value) == "0.10"
        assert list(work.benchmarks.of_case(CaseId("CASE-0002"))) == []


def test_a_benchmark_result_is_appended_once_and_to_a_known_case(case_bench: Bench) -> None:
    """A result under a taken identifier, or of no case, is a defect, and the first one stays."""
    put(case_bench.database, lambda work: work.benchmarks.add(a_result()))
    for bad in (a_result(minutes=9), a_result(2, case_id=NO_CASE)):
        with pytest.raises(case_bench.defect):
            put(case_bench.database, lambda work, bad=bad: work.benchmarks.add(bad))
    with case_bench.database.look() as work:
        assert list(work.benchmarks.of_case(CASE)) == [a_result()]


@pytest.fixture
def logged(cases: Database) -> Database:
    """With a package of three files, of two kinds."""
    files = [
        replace(a_file("z.eval"), kind="inspect-log", facts_json='{"tasks":1}'),
        replace(a_file("a.eval"), kind="inspect-log", fixity=Fixity.MATCHES),
        replace(a_file("m.txt"), kind="text"),
    ]
    put(cases, lambda work: work.packages.add(a_package()), lambda work: work.packages.add_files(files))
    return cases


def test_logs_of_a_package_are_found_by_their_kind(logged: Database) -> None:
    """Files of the kinds asked for come by path, with the facts of their examination."""
    with logged.look() as work:
        found = work.benchmarks.files(PACKAGE, {"inspect-log", "csv"})
        assert [(one.untrusted_path, one.facts_json) for one in found] == [
            ("a.eval", a_file("a").facts_json),
            ("z.eval", '{"tasks":1}'),
        ]
        assert list(work.benchmarks.files(PACKAGE, ())) == []
        assert list(work.benchmarks.files(PackageId("PACKAGE-9"), {"text"})) == []


def test_fixities_of_a_package_are_counted(logged: Database) -> None:
    """Each word that a file has is counted, and no other is named."""
    with logged.look() as work:
        assert work.benchmarks.fixities(PACKAGE) == {"matches": 1, "unlisted": 2}
        assert work.benchmarks.fixities(PackageId("PACKAGE-9")) == {}
