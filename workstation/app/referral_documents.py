"""The documents of a referral: the memo, its data, and for flaws the advisory; composed, not yet signed."""

from dataclasses import dataclass, replace
from typing import Any

import rfc8785

from workstation.app import administering, portions, referral_blocks
from workstation.app.referral_blocks import MemoMaterial
from workstation.app.report_blocks import day
from workstation.app.services import Session
from workstation.core.advisories import AdvisedFlaw, Advisory, AffectedFile
from workstation.core.cases import Case
from workstation.core.finding_errors import MarkingBelowPortion
from workstation.core.findings import Finding
from workstation.core.markings import dominates
from workstation.core.markings.authority import require_block
from workstation.core.ports import Work
from workstation.core.referrals import Referral, ReferralKind, ReferralText
from workstation.core.report import Attachment, DocumentKind, ReportDocument, ReportMetadata
from workstation.core.values import EvidenceLink, ReportId

STATEMENT_NAME = "referral.json"


@dataclass(frozen=True, kw_only=True)
class ReferralDocuments:
    """A memo with the data files that lie beside it, by name; the statement is the first."""

    document: ReportDocument
    files: dict[str, bytes]


def require_covered(session: Session, text: ReferralText, findings: list[Finding]) -> ReferralText:
    """The text with marking and portion spelled by the rules; the marking covers every portion.

    Raises:
        MarkingInvalid, MarkingBelowPortion.
    """
    rules = session.services.markings
    banner = rules.parse(text.marking)
    portion = rules.portion(text.portion_marking)
    for one in (portion, *(rules.portion(f.text.portion_marking) for f in findings)):
        if not dominates(banner, one):
            raise MarkingBelowPortion(marking=str(banner), portion=one.portion())
    return replace(text, marking=str(banner), portion_marking=portion.portion())


def compose(session: Session, work: Work, referral: Referral, report_id: ReportId) -> ReferralDocuments:
    """Memo and data as they stand now.

    Raises:
        AuthorityBlockMissing, AuthorityBlockIncomplete, MarkingBelowPortion, AdvisoryInvalid.
    """
    case = work.cases.get(referral.case_id)
    findings = [work.findings.get(finding_id) for finding_id in referral.finding_ids]
    require_covered(session, referral.text, findings)
    made_on = work.highest_time.date()
    banner = session.services.markings.parse(referral.text.marking)
    require_block(banner, case.authority, case.designation, made_on=made_on)
    material = _material(session, work, case, referral, findings)
    files = {STATEMENT_NAME: _statement(material, report_id)}
    if referral.kind is ReferralKind.FLAW:
        name = session.services.advisories.file_name(referral.referral_id)
        files[name] = session.services.advisories.write(_advisory(material))
    whole = material.portion_of(referral.text.marking)
    document = portions.marked(_document(material, report_id, files), whole)
    return ReferralDocuments(document=document, files=files)


def _material(
    session: Session, work: Work, case: Case, referral: Referral, findings: list[Finding]
) -> MemoMaterial:
    newest = work.audit.page(limit=1)
    return MemoMaterial(
        office=(work.blob(administering.OFFICE) or b"").decode(),
        case=case,
        referral=referral,
        flaws=tuple(_advised(work, finding) for finding in findings),
        people={person.person_id: person for person in work.people.all()},
        made_at=work.now,
        audit_head=work.audit.head,
        audit_rows=newest[0].seq if newest else 0,
        watermark=session.services.watermark,
        portion_of=lambda marking: session.services.markings.parse(marking).portion(),
    )


def _advised(work: Work, finding: Finding) -> AdvisedFlaw:
    files = tuple(_file(work, link) for link in finding.text.evidence)
    return AdvisedFlaw(finding=finding, files=files, portion=finding.text.portion_marking)


def _file(work: Work, link: EvidenceLink) -> AffectedFile:
    file = work.packages.file(link.package_id, link.untrusted_path)
    return AffectedFile(untrusted_path=link.untrusted_path, sha384=file.sha384, anchor=link.anchor)


def _advisory(material: MemoMaterial) -> Advisory:
    case, text = material.case, material.referral.text
    return Advisory(
        tracking_id=material.referral.referral_id,
        title=text.title,
        office=material.office,
        developer=case.developer,
        model=case.model,
        checkpoint=case.checkpoint,
        marking=text.marking,
        summary=text.summary,
        summary_portion=text.portion_marking,
        made_at=material.made_at,
        flaws=material.flaws,
        watermark=material.watermark,
    )


def _statement(material: MemoMaterial, report_id: ReportId) -> bytes:
    """``referral.json``: canonical JSON of who refers what to whom."""
    referral, case = material.referral, material.case
    return rfc8785.dumps(
        {
            "type": "frontier-review/referral/v1",
            "demo": bool(material.watermark),
            "office": material.office,
            "report_id": report_id,
            "referral_id": referral.referral_id,
            "kind": str(referral.kind),
            "marking": referral.text.marking,
            "title": referral.text.title,
            "summary": referral.text.summary,
            "recipient": referral.text.recipient,
            "answer_within_days": referral.text.answer_days,
            "statutes": list(referral.text.statutes),
            "evidence": [_link(link) for link in referral.text.evidence],
            "case": {
                "case_id": case.case_id,
                "developer": case.developer,
                "model": case.model,
                "checkpoint": case.checkpoint,
                "voluntary": True,
            },
            "findings": [_finding(flaw) for flaw in material.flaws],
            "audit": {"head_sha384": material.audit_head, "rows": material.audit_rows},
        }
    )


def _link(link: EvidenceLink) -> dict[str, Any]:
    return {"package_id": link.package_id, "path": link.untrusted_path, "anchor": link.anchor}


def _finding(flaw: AdvisedFlaw) -> dict[str, Any]:
    one = flaw.finding
    return {
        "finding_id": one.finding_id,
        "kind": str(one.kind),
        "title": one.text.title,
        "description": one.text.description,
        "component": one.text.component,
        "portion": one.text.portion_marking,
        "cwe": one.text.cwe or None,
        "scores": [{"vector": s.vector, "base": s.base, "severity": s.severity} for s in one.scores],
        "patch": str(one.patch),
        "embargo_until": str(one.embargo.until) if one.embargo else None,
        "files": [{"path": f.untrusted_path, "sha384": f.sha384, "anchor": f.anchor} for f in flaw.files],
        "fingerprints": list(one.text.fingerprints),
    }


_DESCRIBED = {STATEMENT_NAME: "The referral as data"}


def _document(material: MemoMaterial, report_id: ReportId, files: dict[str, bytes]) -> ReportDocument:
    referral, case = material.referral, material.case
    authority = (*case.authority.lines(), *case.authority.source_lines()) if case.authority else ()
    return ReportDocument(
        kind=DocumentKind.REFERRAL_MEMO,
        title=referral.text.title,
        subtitle=f"{case.developer}: {case.model}, checkpoint {case.checkpoint}",
        identifier=report_id,
        date_text=day(material.made_at.date()),
        marking=referral.text.marking,
        title_portion=material.portion_of(referral.text.marking),
        authority=(*authority, *(case.designation.lines() if case.designation else ())),
        key_facts=referral_blocks.key_facts(material),
        blocks=referral_blocks.blocks(material),
        watermark=material.watermark,
        metadata=ReportMetadata(
            author_office=material.office,
            subject=f"Referral {referral.referral_id}",
            keywords=(case.case_id, referral.text.marking),
            audit_chain_head=material.audit_head,
            audit_sequence=material.audit_rows,
        ),
        attachments=tuple(
            Attachment(
                name=name,
                media_type="application/json",
                description=_DESCRIBED.get(name, "The flaws as a CSAF 2.0 advisory"),
                content=content,
            )
            for name, content in files.items()
        ),
    )
