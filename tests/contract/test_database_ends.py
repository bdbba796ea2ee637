"""What every database promises of the keys of cases, of their end, and of checkpoints."""

from dataclasses import replace

import pytest

from tests.helpers.databases import (
    CASE,
    CUSTODIAN,
    LEAD,
    NOW,
    Bench,
    a_case,
    a_file,
    a_package,
    a_report,
    about,
    add_case,
    an_answer,
)
from workstation.core import events
from workstation.core.checkpoints import Checkpoint, Occasion, SignedCheckpoint
from workstation.core.ports import Database
from workstation.core.report import DocumentKind
from workstation.core.values import CaseId, ReportId
from workstation.core.vault import ObjectRef, SealedCaseKey

KEY = SealedCaseKey(epoch=1, wrapped=bytes(range(40)))
OTHER = CaseId("CASE-0002")


@pytest.fixture
def held(bench: Bench) -> Database:
    """Two cases; the first holds a package with two files, an answer, a draft and two documents."""
    add_case(bench.database)
    database = bench.database
    with database.work(LEAD) as work:
        work.packages.add(a_package())
        work.packages.add_files(iter([a_file("a", size_bytes=10), a_file("b", size_bytes=20)]))
        work.answers.add(an_answer("K1.1"))
        work.releases.save_report(a_report())
        certificate = replace(
            a_report(), report_id=ReportId("REPORT-END"), kind=DocumentKind.DESTRUCTION_CERTIFICATE
        )
        work.releases.save_report(certificate)
        work.put_blob(f"draft/PERSON-2/{CASE}/answer", b"typed")
        work.put_blob(f"draft/PERSON-2/{OTHER}/answer", b"typed")
        about(work)
        work.cases.add(a_case(2))
        about(work, OTHER)
    return database


def test_a_case_has_one_key_and_its_number_is_never_given_again(held: Database) -> None:
    """What was destroyed leaves a number that opens nothing, and the next key has a new one."""
    with held.work(LEAD) as work:
        assert (work.case_keys.number(CASE), work.case_keys.without()) == (0, [CASE, OTHER])
        assert work.case_keys.add(CASE, KEY) == 1
        about(work)
    with held.look() as work:
        assert (work.case_keys.number(CASE), work.case_keys.get(1), work.case_keys.get(2)) == (1, KEY, None)
        assert work.case_keys.without() == [OTHER]
    for _twice in range(2):
        with held.work(LEAD) as work:
            work.case_keys.destroy(CASE)
            about(work)
    with held.work(LEAD) as work:
        assert (work.case_keys.number(CASE), work.case_keys.get(1)) == (0, None)
        assert work.case_keys.without() == [OTHER]
        assert work.case_keys.add(OTHER, KEY) == 2
        about(work)


def test_references_of_a_case_are_brought_under_its_key(held: Database) -> None:
    """What is loose is listed, and another wording of the same object takes its place."""
    with held.look() as work:
        loose = work.case_keys.loose(CASE, limit=10)
        assert len(loose) == 2
        assert len(work.case_keys.loose(CASE, limit=1)) == 1
        assert work.case_keys.loose(OTHER, limit=10) == []
    pairs = [(old, replace(ObjectRef.parse(old), epoch=0, case_key=1).text) for old in loose]
    with held.work(LEAD) as work:
        work.case_keys.rewrapped(CASE, pairs)
        about(work)
    with held.look() as work:
        assert work.case_keys.loose(CASE, limit=10) == []
        assert {ref for _size, _sha, ref in work.packages.contents(CASE)} == {new for _old, new in pairs}
        assert all(work.packages.references(old) == 1 for old in loose)


def test_what_a_case_holds_is_counted_and_erased(held: Database) -> None:
    """What it holds goes; the case, its register, its certificate and other cases stay."""
    with held.look() as work:
        found = work.disposals.holdings(CASE)
        assert work.disposals.open_referrals(CASE) == 0
    assert (found.packages, found.files, found.size_bytes, found.loose) == (1, 2, 30, 2)
    assert (found.answers, found.documents, found.drafts) == (1, 1, 1)
    for _twice in range(2):
        with held.work(LEAD) as work:
            work.disposals.erase(CASE)
            about(work)
    with held.look() as work:
        left = work.disposals.holdings(CASE)
        assert (left.rows, left.documents, left.size_bytes) == (0, 0, 0)
        assert work.cases.get(CASE).case_id == CASE
        assert work.blob(f"draft/PERSON-2/{OTHER}/answer") == b"typed"
        kept = {one.report_id: one for one in work.releases.reports(CASE)}
        certificate = kept.pop(ReportId("REPORT-END"))
        assert certificate.pdf_ref
        (report,) = kept.values()
        assert (report.pdf_ref, report.pdf_sha384) == ("", a_report().pdf_sha384)


def test_checkpoints_are_kept_in_order(held: Database) -> None:
    """The newest is that of the highest row; one of the same row takes the place of the earlier."""
    made = [
        SignedCheckpoint(
            checkpoint=Checkpoint(
                vault_id="VAULT",
                seq=seq,
                head_sha384="0" * 96,
                at=NOW,
                person_id=CUSTODIAN.person_id,
                occasion=occasion,
            ),
            public_key=bytes(2_592),
            signature=bytes(4_627),
        )
        for seq, occasion in ((3, Occasion.LOCK), (1, Occasion.EXPORT), (3, Occasion.BACKUP))
    ]
    with held.look() as work:
        assert work.checkpoints.newest() is None
    with held.work(CUSTODIAN) as work:
        for one in made:
            work.checkpoints.add(one)
        work.record(events.Locked(reason="x"))
    with held.look() as work:
        assert list(work.checkpoints.all()) == made[1:]
        assert work.checkpoints.newest() == made[2]
