"""Findings, referrals, content sets and results as the suite of the databases writes them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from tests.helpers.databases import (
    CASE,
    LEAD,
    NOW,
    about,
)
from workstation.core.content import ContentKind, ContentRecord, ContentSigner
from workstation.core.findings import Finding, FindingKind, FindingText
from workstation.core.findings import Origin as FindingOrigin
from workstation.core.ports import Database, Work
from workstation.core.referrals import (
    Referral,
    ReferralKind,
    ReferralText,
)
from workstation.core.results import BenchmarkResult, Concern, Measured, Origin, Provenance
from workstation.core.values import CaseId, FindingId, ReferralId

NO_CASE = CaseId("CASE-0009")


def put(database: Database, *writes: Callable[[Work], object], case_id: CaseId = CASE) -> None:
    """One unit of work by the lead that does all of these, with an event about the case."""
    with database.work(LEAD) as work:
        for write in writes:
            write(work)
        about(work, case_id)


def a_finding(
    number: int = 1, *, minutes: int = 0, prints: tuple[str, ...] = (), case_id: CaseId = CASE
) -> Finding:
    """A flaw as reported."""
    text = FindingText(title="A flaw", description="It is there.", component="a.txt", portion_marking="(U)")
    return Finding(
        finding_id=FindingId(f"FINDING-{number}"),
        case_id=case_id,
        kind=FindingKind.FLAW,
        origin=FindingOrigin(),
        text=replace(text, fingerprints=prints),
        reported_by=LEAD.person_id,
        reported_at=NOW + timedelta(minutes=minutes),
    )


def a_referral(number: int = 1, **fields: object) -> Referral:
    """A flaw on its way to a clearinghouse, unless the fields say otherwise."""
    text = ReferralText(
        title="A flaw", recipient="Somewhere", summary="Sum.", portion_marking="(U)", marking="UNCLASSIFIED"
    )
    referral = Referral(
        referral_id=ReferralId(f"REFERRAL-{number}"),
        case_id=CASE,
        kind=ReferralKind.FLAW,
        text=text,
        drafted_by=LEAD.person_id,
        drafted_at=NOW,
    )
    return replace(referral, **fields)


def limited(number: int = 1, *readers: str, **fields: object) -> Referral:
    """An enforcement referral that these people may read."""
    return a_referral(number, kind=ReferralKind.ENFORCEMENT, readers=readers, **fields)


def a_set(version: int = 1, *, set_id: str = "set", minutes: int = 0) -> ContentRecord:
    """A criteria set taken into use."""
    return ContentRecord(
        kind=ContentKind.CRITERIA,
        set_id=set_id,
        version=version,
        title="A set",
        content=b'{"a":1}',
        envelope=b"\x00envelope",
        sha384="c" * 96,
        signers=(ContentSigner(untrusted_name="Ada", certificate_sha384="d" * 96, algorithm="ml-dsa-87"),),
        added_by=LEAD.person_id,
        added_at=NOW + timedelta(minutes=minutes),
    )


def a_result(number: int = 1, *, minutes: int = 0, case_id: CaseId = CASE) -> BenchmarkResult:
    """A result recorded by hand."""
    return BenchmarkResult(
        result_id=f"RESULT-{number}",
        case_id=case_id,
        suite="suite",
        metric="accuracy",
        measured=Measured(value=Decimal("0.10"), runs=(Decimal("0.1"), Decimal("0.100")), samples=40),
        provenance=Provenance(run_by="Northwind", run_on="2027-02-01"),
        origin=Origin.BY_HAND,
        cheating=Concern.NONE_FOUND,
        contamination=Concern.NOT_ASSESSED,
        note="",
        portion_marking="(U)",
        recorded_by=LEAD.person_id,
        recorded_at=NOW + timedelta(minutes=minutes),
    )
