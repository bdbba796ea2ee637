"""The documents of a case: composed from the store, looked at, certified by a reviewer, sealed in the vault.

They leave by the same path as the determination report: requested by one person, released by the officer.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from workstation.app import administering, backups, oversight, portions, releasable, reporting
from workstation.app.document_blocks import Body, Material, record, signatures
from workstation.app.document_conclusions import consultation_memo, developer_notice, oversight_summary
from workstation.app.document_destruction import destruction_certificate
from workstation.app.document_intake import FILES_SHOWN, custody_log, deficiency_letter, intake_receipt
from workstation.app.report_blocks import day
from workstation.app.reporting import Composed
from workstation.app.services import Session
from workstation.app.veil import veiled
from workstation.app.wording import has_word
from workstation.core.cases import Case
from workstation.core.documents import offered, require_offered
from workstation.core.exports import Report
from workstation.core.jobs import JobControl
from workstation.core.markings import Level, Marking, dominates
from workstation.core.markings.authority import require_block
from workstation.core.ports import AuditRow, Work
from workstation.core.report import DocumentKind, PageBreak, ReportDocument, ReportMetadata
from workstation.core.values import CaseId, ReportId

_BODIES: Mapping[DocumentKind, Callable[[Material], Body]] = {
    DocumentKind.INTAKE_RECEIPT: intake_receipt,
    DocumentKind.CUSTODY_LOG: custody_log,
    DocumentKind.DEFICIENCY_LETTER: deficiency_letter,
    DocumentKind.CONSULTATION_MEMO: consultation_memo,
    DocumentKind.DEVELOPER_NOTICE: developer_notice,
    DocumentKind.OVERSIGHT_SUMMARY: oversight_summary,
}
_LAST = {DocumentKind.DESTRUCTION_CERTIFICATE: destruction_certificate}  # of a case of which nothing is left
_TRAIL_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which document. ``releasable_to`` takes out what that banner does not cover; empty for the whole.

    ``first`` and ``last`` bound the cases of an oversight summary by the day they were opened.
    """

    kind: DocumentKind = DocumentKind.DETERMINATION_REPORT
    releasable_to: str = ""
    first: date | None = None
    last: date | None = None


def kinds(session: Session, case_id: CaseId) -> tuple[DocumentKind, ...]:
    """What the case can give as it stands; raises CaseUnknown."""
    with session.look() as work:
        case = work.cases.get(case_id)
        package = work.packages.get(case.package_id) if case.package_id else None
        return offered(case, package)


def compose(session: Session, case_id: CaseId, wanted: Wanted, report_id: ReportId) -> Composed:
    """The document with its data, not yet rendered or signed.

    Raises:
        DocumentNotOffered, NothingToReport: the case does not stand where it could be made.
        MarkingInvalid: ``releasable_to`` is no banner.
        AuthorityBlockMissing, AuthorityBlockIncomplete: the marking asks for a block the case has not.
    """
    summary = wanted.kind is DocumentKind.OVERSIGHT_SUMMARY
    over = oversight.look_over(session, wanted.first, wanted.last) if summary else None
    with session.look() as work:
        case = work.cases.get(case_id)
        require_offered(wanted.kind, case, work.packages.get(case.package_id) if case.package_id else None)
        material = _material(session, work, case, wanted.kind, over)
    if wanted.kind is DocumentKind.DETERMINATION_REPORT:
        whole = reporting.composed(session, case_id, report_id)
        return whole if not wanted.releasable_to else _variant(session, case, whole, wanted, material)
    composed = _composed(material, wanted, report_id)
    # The register spans cases: what is marked higher than the case it is filed with stays out of it.
    level = wanted.releasable_to or (case.marking if material.over else "")
    if level:
        return _variant(session, case, composed, replace(wanted, releasable_to=level), material)
    _authority(session, case, case.marking, material)
    return composed


def _name(kind: DocumentKind) -> str:
    return f"{kind.replace(' ', '-')}.json"


def _composed(material: Material, wanted: Wanted, report_id: ReportId) -> Composed:
    kind, case = wanted.kind, material.case
    body = {**_BODIES, **_LAST}[kind](material)
    authority = (*case.authority.lines(), *case.authority.source_lines()) if case.authority else ()
    document = ReportDocument(
        kind=kind,
        title=body.title,
        subtitle=body.subtitle,
        identifier=report_id,
        date_text=day(material.made_at.date()),
        marking=case.marking,
        title_portion=body.title_portion,
        authority=(*authority, *(case.designation.lines() if case.designation else ())),
        key_facts=body.key_facts,
        blocks=(*body.blocks, *record(material), PageBreak(), *signatures(body.statement, body.signer_role)),
        watermark=material.watermark,
        metadata=_metadata(material, kind),
    )
    document = portions.marked(document, material.portion)
    determination = case.determination if kind is DocumentKind.DEVELOPER_NOTICE else None
    return Composed(
        document=releasable.with_data(document, _name(kind)),
        statement=releasable.data(document),
        statement_name=_name(kind),
        rests_on=determination.number if determination else 0,
    )


def _metadata(material: Material, kind: DocumentKind) -> ReportMetadata:
    case, package = material.case, material.package
    about_package = kind is not DocumentKind.OVERSIGHT_SUMMARY and package is not None
    return ReportMetadata(
        author_office=material.office,
        subject=f"{str(kind).capitalize()}, {case.case_id}",
        keywords=(case.case_id, case.marking),
        package_digest=package.digest_sha384 if about_package and package else "",
        audit_chain_head=material.audit_head,
        audit_sequence=material.audit_rows,
    )


def _variant(
    session: Session, case: Case, composed: Composed, wanted: Wanted, material: Material
) -> Composed:
    """What the level covers, marked by what is left, with nothing else in the file."""
    rules, whole = session.services.markings, composed.document
    made = releasable.variant(whole, wanted.releasable_to, rules)
    document = made.document
    covered = dominates(rules.parse(wanted.releasable_to), rules.parse(whole.marking))
    authority = _authority(session, case, document.marking, material)
    # Names of sources may say more than the variant may: only the block itself stays.
    document = replace(document, authority=whole.authority if covered and authority else authority)
    name = _name(whole.kind)
    return replace(
        composed,
        document=releasable.with_data(document, name),
        statement=releasable.data(document),
        statement_name=name,
        determination_number=0,
        rests_on=composed.determination_number or composed.rests_on,
        releasable_to=wanted.releasable_to,
        removed=made.removed,
    )


def _authority(session: Session, case: Case, marking: str, material: Material) -> tuple[str, ...]:
    """The lines that a document of this marking carries; refuses one whose block the case does not have."""
    banner: Marking = session.services.markings.parse(marking)
    block = case.authority if banner.level.classified or marking == case.marking else None
    designation = case.designation if banner.level is Level.CUI else None
    require_block(banner, block, designation, made_on=material.made_at.date())
    return (*(block.lines() if block else ()), *(designation.lines() if designation else ()))


def _material(
    session: Session, work: Work, case: Case, kind: DocumentKind, over: oversight.Oversight | None
) -> Material:
    newest = work.audit.page(limit=1)
    package = work.packages.get(case.package_id) if case.package_id else None
    is_log = kind is DocumentKind.CUSTODY_LOG
    lists = kind is DocumentKind.INTAKE_RECEIPT and package is not None
    rules = session.services.markings
    return Material(
        office=(work.blob(administering.OFFICE) or b"").decode(),
        case=case,
        package=package,
        packages=work.packages.of_case(case.case_id),
        coverage=work.packages.coverage(package.package_id) if package else {},
        files=work.packages.listed(package.package_id, limit=FILES_SHOWN) if lists and package else (),
        trail=tuple(_custody(session, work, case)) if is_log else (),
        exports=[one for one in work.releases.exports(case.case_id) if not one.limited],
        over=over,
        people={person.person_id: person for person in work.people.all()},
        made_at=work.highest_time,
        audit_head=work.audit.head,
        audit_rows=newest[0].seq if newest else 0,
        watermark=session.services.watermark,
        ai_name=session.services.ai_name,
        portion=rules.parse(case.marking).portion(),
        portion_of=lambda marking: rules.parse(marking).portion(),
        backups=backups.known(work) if kind is DocumentKind.DESTRUCTION_CERTIFICATE else (),
    )


def _custody(session: Session, work: Work, case: Case) -> Iterator[AuditRow]:
    """Rows of custody, oldest first, as the person at the desk may see them; none of a limited referral."""
    hidden = {one.export_id for one in work.releases.exports(case.case_id) if one.limited}
    before, found = None, list[AuditRow]()
    while page := work.audit.page(case_id=case.case_id, before=before, limit=_TRAIL_PAGE):
        found += [row for row in page if has_word("custody", row.event)]
        before = page[-1].seq
    rows = veiled(work, reversed(found), session.person.person_id)
    return (row for row in rows if not any(one in row.body_json for one in hidden))


def certify(
    session: Session, case_id: CaseId, wanted: Wanted, passphrase: bytearray, job: JobControl
) -> Report:
    """Compose, render, sign as reviewer and seal; raises as ``compose`` and ``reporting.certify``."""
    report_id = ReportId(session.services.ids.new("REPORT"))
    composed = compose(session, case_id, wanted, report_id)
    return reporting.sign_and_seal(session, case_id, composed, passphrase, job)


def preview(session: Session, case_id: CaseId, wanted: Wanted) -> bytes:
    """The document as it would be rendered now, unsigned; raises as ``compose``."""
    composed = compose(session, case_id, wanted, ReportId("PREVIEW"))
    return session.services.press.render(composed.document, at=session.services.clock.now())
