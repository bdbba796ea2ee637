"""The determination report: composed from the case, certified by a reviewer, sealed in the vault."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import rfc8785

from workstation.app import (
    administering,
    benchmarks,
    content,
    portions,
    releasable,
    report_blocks,
    report_findings,
    report_readings,
)
from workstation.app.reviewing import checklist_of
from workstation.app.services import Session
from workstation.app.session import reauthenticated
from workstation.core import events
from workstation.core.cases import Case
from workstation.core.checklists import Checklist
from workstation.core.criteria import CriteriaSet
from workstation.core.exports import NothingToReport, Report
from workstation.core.findings import Finding
from workstation.core.jobs import JobControl
from workstation.core.markings.authority import require_block
from workstation.core.packages import Package
from workstation.core.people import Person
from workstation.core.ports import Work
from workstation.core.readings import ProfileReading
from workstation.core.report import Attachment, DocumentKind, ReportDocument, ReportMetadata
from workstation.core.results import BenchmarkResult, in_force
from workstation.core.signatures import TimestamperMaterial
from workstation.core.values import CaseId, PersonId, ReportId
from workstation.core.vault import ObjectRef

REVIEWER_FIELD = "Reviewer"
OFFICER_FIELD = "SecurityOfficer"
STATEMENT_NAME = "determination.json"


@dataclass(frozen=True, kw_only=True)
class Material:
    """Everything a determination report is made of, read in one consistent state."""

    office: str
    case: Case
    package: Package | None
    checklist: Checklist
    criteria: CriteriaSet
    reading: ProfileReading
    results: tuple[BenchmarkResult, ...]
    people: dict[PersonId, Person]
    coverage: dict[str, int]
    findings: tuple[Finding, ...]
    audit_head: str
    audit_rows: int
    highest_time: datetime
    watermark: str
    ai_name: str
    report_id: ReportId
    portion: str  # of everything the case file says that has no portion of its own
    roll_up: Callable[[Sequence[str]], str]  # portions -> the portion that covers them

    def name(self, person_id: PersonId | None) -> str:
        """A person's display name."""
        return self.people[person_id].display_name if person_id in self.people else "-"


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A document with its data beside it, not yet rendered or signed; see ``core.exports.Report``."""

    document: ReportDocument
    statement: bytes
    statement_name: str = STATEMENT_NAME
    determination_number: int = 0
    rests_on: int = 0
    releasable_to: str = ""
    removed: int = 0


def compose(session: Session, case_id: CaseId, report_id: ReportId) -> tuple[ReportDocument, bytes]:
    """The report and its machine-readable statement; raises as ``composed``."""
    made = composed(session, case_id, report_id)
    return made.document, made.statement


def composed(session: Session, case_id: CaseId, report_id: ReportId) -> Composed:
    """The report and its machine-readable statement, not yet rendered or signed.

    Raises:
        NothingToReport: the case has no determination.
        AuthorityBlockMissing, AuthorityBlockIncomplete: the marking asks for a block the case has not.
    """
    with session.look() as work:
        material = _material(session, work, case_id, report_id)
    case, made_on = material.case, material.highest_time.date()
    banner = session.services.markings.parse(case.marking)
    require_block(banner, case.authority, case.designation, made_on=made_on)
    statement = statement_of(material)
    number = case.determination.number if case.determination else 0
    document = portions.marked(_document(material, statement), material.portion)
    return Composed(document=document, statement=statement, determination_number=number)


def _material(session: Session, work: Work, case_id: CaseId, report_id: ReportId) -> Material:
    case = work.cases.get(case_id)
    if case.determination is None:
        raise NothingToReport(case_id=case_id)
    newest = work.audit.page(limit=1)
    reading, results = benchmarks.read(work, case)
    return Material(
        office=(work.blob(administering.OFFICE) or b"").decode(),
        case=case,
        package=work.packages.get(case.package_id) if case.package_id else None,
        checklist=checklist_of(session, work, case),
        criteria=content.criteria_of(session, work, case),
        reading=reading,
        results=results,
        people={person.person_id: person for person in work.people.all()},
        coverage=dict(work.packages.coverage(case.package_id)) if case.package_id else {},
        findings=tuple(work.findings.of_case(case_id)),
        audit_head=work.audit.head,
        audit_rows=newest[0].seq if newest else 0,
        highest_time=work.highest_time,
        watermark=session.services.watermark,
        ai_name=session.services.ai_name,
        report_id=report_id,
        portion=session.services.markings.parse(case.marking).portion(),
        roll_up=session.services.markings.roll_up_portions,
    )


def statement_of(material: Material) -> bytes:
    """``determination.json``: canonical JSON of what was determined and on what it rests."""
    case, checklist = material.case, material.checklist
    return rfc8785.dumps(
        {
            "type": "frontier-review/determination/v1",
            "demo": bool(material.watermark),
            "office": material.office,
            "report_id": material.report_id,
            "marking": case.marking,
            "case": {
                "case_id": case.case_id,
                "case_type": str(case.case_type),
                "developer": case.developer,
                "model": case.model,
                "checkpoint": case.checkpoint,
                "voluntary": True,
            },
            "window": _window_of(material),
            "package": _package_of(material),
            "criteria": {
                "set": case.criteria_set,
                "tally": checklist.tally(),
                "results": {c: checklist.standing(c) for c in checklist.criteria},
            },
            "readings": _readings_of(material),
            "findings": report_findings.facts(material),
            "determination": _determination_of(material),
            "audit": {"head_sha384": material.audit_head, "rows": material.audit_rows},
        }
    )


def _readings_of(material: Material) -> dict[str, Any]:
    reading = material.reading
    return {
        "profile": reading.profile.reference,
        "invented": reading.profile.invented,
        "told": str(reading.rule.told),
        "criteria": {one.criterion.criterion_id: str(one.told) for one in reading.criteria},
        "results": len(in_force(material.results)),
    }


def _window_of(material: Material) -> dict[str, Any] | None:
    window = material.case.window
    if window is None:
        return None
    return {
        "planned_release_on": str(window.planned_release_on),
        "start_on": str(window.start_on),
        "total_days": window.total_days,
        "rule_id": window.rule_id,
    }


def _package_of(material: Material) -> dict[str, Any] | None:
    package = material.package
    if package is None:
        return None
    return {
        "package_id": package.package_id,
        "sha384": package.digest_sha384,
        "container_sha384": package.container_sha384 or None,
        "files": package.file_count,
        "bytes": package.total_bytes,
        "coverage": material.coverage,
        "examined_under": list(package.isolation),
    }


def _determination_of(material: Material) -> dict[str, Any]:
    determination = material.case.determination
    if determination is None:
        raise NothingToReport(case_id=material.case.case_id)
    return {
        "number": determination.number,
        "supersedes": determination.supersedes,
        "conclusion": str(determination.conclusion),
        "reasons": determination.reasons,
        "gaps": list(determination.gaps),
        "determined_by": material.name(determination.determined_by),
        "determined_at": determination.determined_at.isoformat(),
    }


def _authority_lines(case: Case) -> tuple[str, ...]:
    authority = (*case.authority.lines(), *case.authority.source_lines()) if case.authority else ()
    return (*authority, *(case.designation.lines() if case.designation else ()))


def _document(material: Material, statement: bytes) -> ReportDocument:
    case, package = material.case, material.package
    return ReportDocument(
        kind=DocumentKind.DETERMINATION_REPORT,
        title=f"{case.model}, checkpoint {case.checkpoint}",
        subtitle=case.developer,
        identifier=material.report_id,
        date_text=report_blocks.day(material.highest_time.date()),
        marking=case.marking,
        title_portion=material.portion,
        authority=_authority_lines(case),
        key_facts=report_blocks.key_facts(material),
        blocks=report_blocks.blocks(material),
        # Whoever holds one page of it must know that the thresholds on another are made up.
        watermark=material.watermark or report_readings.watermark(material),
        metadata=ReportMetadata(
            author_office=material.office,
            subject=f"Determination on {case.model}",
            keywords=(case.case_id, case.marking),
            package_digest=package.digest_sha384 if package else "",
            audit_chain_head=material.audit_head,
            audit_sequence=material.audit_rows,
        ),
        attachments=(
            Attachment(
                name=STATEMENT_NAME,
                media_type="application/json",
                description="The determination as data",
                content=statement,
            ),
        ),
    )


def timestamper(session: Session) -> TimestamperMaterial:
    """The workstation's own timestamper, whose time is claimed."""
    with session.look() as work:
        packed = work.blob(administering.TIMESTAMPER) or b""
    return TimestamperMaterial.unpack(packed)


def certify(session: Session, case_id: CaseId, passphrase: bytearray, job: JobControl) -> Report:
    """Compose, render, sign as reviewer and seal the report in the vault.

    Raises:
        NothingToReport, NotAppointed, DutiesConflict, CredentialsRefused, SIG errors.
    """
    report_id = ReportId(session.services.ids.new("REPORT"))
    return sign_and_seal(session, case_id, composed(session, case_id, report_id), passphrase, job)


def sign_and_seal(
    session: Session, case_id: CaseId, made: Composed, passphrase: bytearray, job: JobControl
) -> Report:
    """Render and certify what was composed, and keep it.

    Raises:
        NotAppointed, DutiesConflict, CredentialsRefused, SIG errors,
        BannerBelowPortions: the document's marking protects less than a portion in it needs.
    """
    services, now = session.services, session.services.clock.now()
    with session.work() as work:  # nothing is written yet, but a refusal in here is
        work.cases.get(case_id)
        releasable.require_covered(made.document, services.markings)
    rendered = services.press.render(made.document, at=now)
    with reauthenticated(session, passphrase, about=case_id) as signer:
        pdf = services.signing.certify(
            rendered,
            field=REVIEWER_FIELD,
            signer=signer,
            trust=administering.trust_store(session),
            timestamper=timestamper(session),
            at=now,
        )
        annex = services.signing.attest(pdf, {made.statement_name: made.statement}, signer=signer, at=now)
    return _seal(session, case_id, made, pdf, annex, at=now, job=job)


def _seal(
    session: Session,
    case_id: CaseId,
    made: Composed,
    pdf: bytes,
    annex: Mapping[str, bytes],
    *,
    at: datetime,
    job: JobControl,
) -> Report:
    """Store the signed document and its data; durable before the row that names them."""
    document, report_id = made.document, ReportId(made.document.identifier)
    with session.vault.ingest(job, stage="report.store", case_key=session.key_of(case_id)) as batch:
        stored = batch.add((pdf,), untrusted_name="report.pdf")
        kept = batch.add((made.statement,), untrusted_name=made.statement_name)
        beside = {name: batch.add((data,), untrusted_name=name).ref for name, data in annex.items()}
        batch.flush()
        with session.work() as work:
            report = Report(
                report_id=report_id,
                case_id=case_id,
                determination_number=made.determination_number,
                marking=document.marking,
                composed_at=at,
                certified_by=session.person.person_id,
                pdf_sha384=stored.digests["sha384"],
                pdf_ref=stored.ref.text,
                statement_ref=kept.ref.text,
                audit_head=document.metadata.audit_chain_head,
                statement_name=made.statement_name,
                annex=tuple((name, ref.text) for name, ref in beside.items()),
                kind=document.kind,
                rests_on=made.rests_on,
                releasable_to=made.releasable_to,
                removed=made.removed,
            )
            event = events.ReportCertified(
                case_id=case_id, report_id=report_id, marking=report.marking, pdf_sha384=report.pdf_sha384
            )
            work.record(event)
            work.releases.save_report(report)
    return report


def preview(session: Session, case_id: CaseId) -> bytes:
    """The report as it would be rendered now, unsigned, for looking at."""
    document, _statement = compose(session, case_id, ReportId("PREVIEW"))
    return session.services.press.render(document, at=session.services.clock.now())


def read_sealed(session: Session, ref: str, sha384: str | None = None) -> bytes:
    """A sealed report or statement, whole; these are small.

    Raises:
        ObjectTampered, ObjectMissing: not what was sealed, or not with this SHA-384.
    """
    parsed = ObjectRef.parse(ref)
    session.vault.verify(parsed, sha384)
    source = session.vault.open(parsed)
    try:
        return b"".join(source.stream())
    finally:
        source.close()
