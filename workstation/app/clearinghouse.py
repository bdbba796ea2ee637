"""Referrals: drafted, signed, sent through the ordinary export, and their receipts tracked.

An enforcement referral is read and written by the people named on it only; the database hands it to nobody
else, and the trail tells that it exists and no more.
"""

from dataclasses import dataclass, replace
from datetime import date

from workstation.app import administering, referral_blocks, reporting
from workstation.app.referral_documents import (
    STATEMENT_NAME,
    ReferralDocuments,
    compose,
    require_covered,
)
from workstation.app.services import Session
from workstation.app.session import reauthenticated
from workstation.core import events
from workstation.core.exports import Export, Report
from workstation.core.finding_errors import NotTheCounsel
from workstation.core.findings import Finding
from workstation.core.jobs import JobControl
from workstation.core.people import Duty, Person, Role, require_duty
from workstation.core.ports import Work
from workstation.core.referrals import (
    LimitedReferral,
    ReceiptStanding,
    Referral,
    ReferralKind,
    ReferralState,
    ReferralText,
)
from workstation.core.values import CaseId, FindingId, PersonId, ReferralId, ReportId


@dataclass(frozen=True, kw_only=True)
class NewReferral:
    """What somebody drafts. ``counsel`` is of an enforcement referral, ``finding_ids`` of the others."""

    kind: ReferralKind
    text: ReferralText
    finding_ids: tuple[FindingId, ...] = ()
    counsel: PersonId | None = None


@dataclass(frozen=True, kw_only=True)
class ReferralView:
    """One referral with what became of it."""

    referral: Referral
    standing: ReceiptStanding
    due_on: date | None
    export: Export | None
    can_read: tuple[str, ...]  # names of the people it is limited to; empty where it is not


def draft(session: Session, case_id: CaseId, new: NewReferral) -> Referral:
    """Begin a referral.

    Raises:
        NotAppointed, DutiesConflict, FindingFieldInvalid, FindingNotReferable, NotTheCounsel, MarkingInvalid,
        MarkingBelowPortion, RecordUnknown (evidence that is not in a package).
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        referral = Referral(
            referral_id=ReferralId(session.services.ids.new("REFERRAL")),
            case_id=case.case_id,
            kind=new.kind,
            text=new.text,
            drafted_by=session.person.person_id,
            drafted_at=work.now,
            finding_ids=tuple(dict.fromkeys(new.finding_ids)),
            counsel=new.counsel if new.kind is ReferralKind.ENFORCEMENT else None,
        )
        found = _findings(work, referral)
        work.record(referral.drafted(found))
        _check(session, work, referral, found)
        work.referrals.add(referral)
    return referral


def revise(
    session: Session, referral_id: ReferralId, text: ReferralText, finding_ids: tuple[FindingId, ...] = ()
) -> Referral:
    """Write it anew before it is signed; raises as ``draft``, and ReferralLimited."""
    me = session.person.person_id
    with session.work() as work:
        referral = work.referrals.get(referral_id, me)
        referral.finding_ids = tuple(dict.fromkeys(finding_ids))
        found = _findings(work, referral)
        work.record(referral.revise(text, found, by=me, at=work.now))
        _check(session, work, referral, found)
        work.referrals.save(referral)
    return referral


def _findings(work: Work, referral: Referral) -> list[Finding]:
    return [work.findings.get(finding_id) for finding_id in referral.finding_ids]


def _check(session: Session, work: Work, referral: Referral, findings: list[Finding]) -> None:
    referral.text = require_covered(session, referral.text, findings)
    for link in referral.text.evidence:
        work.packages.file(link.package_id, link.untrusted_path)
    if referral.counsel is not None:
        person = work.people.get(referral.counsel)
        if not person.active or person.role is not Role.COUNSEL:
            raise NotTheCounsel(person=person.display_name)


def name_reader(session: Session, referral_id: ReferralId, reader: PersonId) -> Referral:
    """Let one more person read an enforcement referral.

    Raises:
        PersonUnknown, ReferralLimited, ReferralStepNotPossible.
    """
    me = session.person.person_id
    with session.work() as work:
        referral = work.referrals.get(referral_id, me)
        work.record(referral.name_reader(work.people.get(reader).person_id, by=me, at=work.now))
        work.referrals.save(referral)
    return referral


def sign(session: Session, referral_id: ReferralId, passphrase: bytearray, job: JobControl) -> Referral:
    """Compose the memo, sign it (counsel signs off an enforcement referral), seal it in the vault.

    Raises:
        NotAppointed, DutiesConflict, ReferralLimited, NotTheCounsel, ReferralStepNotPossible,
        FindingNotReferable, MarkingBelowPortion, AuthorityBlockMissing, AdvisoryInvalid,
        CredentialsRefused, SIG errors.
    """
    services, me = session.services, session.person.person_id
    report_id = ReportId(services.ids.new("REPORT"))
    with session.work() as work:
        referral = work.referrals.get(referral_id, me)
        referral.require_signable(_findings(work, referral), by=me)
        _require_duty(session, work, referral)
        documents = compose(session, work, referral, report_id)
    now = services.clock.now()
    rendered = services.press.render(documents.document, at=now)
    field = referral_blocks.COUNSEL_FIELD if referral.is_limited else referral_blocks.SIGNER_FIELD
    with reauthenticated(session, passphrase, about=referral.case_id) as signer:
        pdf = services.signing.certify(
            rendered,
            field=field,
            signer=signer,
            trust=administering.trust_store(session),
            timestamper=reporting.timestamper(session),
            at=now,
        )
        annex = services.signing.attest(pdf, documents.files, signer=signer, at=now)
    return _seal(session, referral_id, replace(documents, files={**documents.files, **annex}), pdf, job)


def _require_duty(session: Session, work: Work, referral: Referral) -> None:
    """Before anything is signed; the unit of work asks again when the signing is recorded."""
    me, case_id = session.person.person_id, referral.case_id
    duty = Duty.SIGN_OFF_ENFORCEMENT if referral.is_limited else Duty.CERTIFY_REPORT
    done = frozenset(Duty(one) for one in work.audit.duties_done(me, case_id))
    require_duty(work.people.get(me), duty, done)


def _seal(
    session: Session, referral_id: ReferralId, documents: ReferralDocuments, pdf: bytes, job: JobControl
) -> Referral:
    me, document = session.person.person_id, documents.document
    with session.look() as work:
        key = work.case_keys.number(work.referrals.get(referral_id, me).case_id)
    with session.vault.ingest(job, stage="referral.store", case_key=key) as batch:
        stored = batch.add((pdf,), untrusted_name="report.pdf")
        kept = {name: batch.add((data,), untrusted_name=name).ref for name, data in documents.files.items()}
        batch.flush()
        with session.work() as work:
            referral = work.referrals.get(referral_id, me)
            report = Report(
                report_id=ReportId(document.identifier),
                case_id=referral.case_id,
                determination_number=0,
                marking=document.marking,
                composed_at=work.now,
                certified_by=me,
                pdf_sha384=stored.digests["sha384"],
                pdf_ref=stored.ref.text,
                statement_ref=kept[STATEMENT_NAME].text,
                audit_head=document.metadata.audit_chain_head,
                statement_name=STATEMENT_NAME,
                referral_id=referral_id,
                kind=document.kind,
                annex=tuple((name, ref.text) for name, ref in kept.items() if name != STATEMENT_NAME),
            )
            event = referral.sign(
                _findings(work, referral),
                by=me,
                at=work.now,
                report_id=report.report_id,
                pdf_sha384=report.pdf_sha384,
            )
            work.record(event)
            work.releases.save_report(report)
            work.referrals.save(referral)
    return referral


def preview(session: Session, referral_id: ReferralId) -> bytes:
    """The memo as it would be rendered now, unsigned; raises as ``view``, and is recorded like it."""
    note_reading(session, referral_id)
    with session.look() as work:
        referral = work.referrals.get(referral_id, session.person.person_id)
        documents = compose(session, work, referral, ReportId("PREVIEW"))
    return session.services.press.render(documents.document, at=session.services.clock.now())


def acknowledge(session: Session, referral_id: ReferralId, *, reference: str, received_on: date) -> Referral:
    """Record the recipient's receipt.

    Raises:
        NotAppointed, ReferralLimited, ReferralStepNotPossible, FindingFieldInvalid, ReceiptDates.
    """
    me = session.person.person_id
    with session.work() as work:
        referral = work.referrals.get(referral_id, me)
        today = work.highest_time.date()
        work.record(referral.acknowledge(reference, received_on, by=me, at=work.now, today=today))
        work.referrals.save(referral)
    return referral


def withdraw(session: Session, referral_id: ReferralId, *, reason: str) -> Referral:
    """It will not leave.

    Raises:
        NotAppointed, ReferralLimited, ReferralStepNotPossible, FindingFieldInvalid.
    """
    me = session.person.person_id
    with session.work() as work:
        referral = work.referrals.get(referral_id, me)
        work.record(referral.withdraw(by=me, at=work.now, reason=reason))
        work.referrals.save(referral)
    return referral


# --- what exporting asks -----------------------------------------------------------------------------


def require_sendable(session: Session, work: Work, report: Report) -> None:
    """A memo leaves only as long as its findings stand, by hands that may read it.

    Raises:
        ReferralLimited, ReferralStepNotPossible, FindingNotReferable.
    """
    if report.referral_id is not None:
        me = session.person.person_id
        referral = work.referrals.get(report.referral_id, me)
        referral.require_sendable(_findings(work, referral), by=me)


def note_sent(session: Session, work: Work, export: Export) -> None:
    """The medium was read back: the referral and its findings have left the house."""
    if export.referral_id is None:
        return
    me = session.person.person_id
    referral = work.referrals.get(export.referral_id, me)
    if referral.state is ReferralState.WITHDRAWN:
        return  # withdrawn while the medium was being written; the export itself says that it was
    today = work.highest_time.date()
    work.record(referral.sent(export.export_id, by=me, at=work.now, on=today))
    work.referrals.save(referral)
    for finding in _findings(work, referral):
        if finding.is_referable and referral.referral_id not in finding.referrals:
            work.record(finding.refer(referral.referral_id, by=me, at=work.now))
            work.findings.save(finding)


# --- reading -----------------------------------------------------------------------------------------


def of_case(session: Session, case_id: CaseId) -> tuple[ReferralView | LimitedReferral, ...]:
    """The referrals of a case; of limited ones only that they exist, unless the person is named."""
    with session.look() as work:
        found = work.referrals.of_case(case_id, session.person.person_id)
        return tuple(one if isinstance(one, LimitedReferral) else _view(work, one) for one in found)


def awaiting(session: Session) -> tuple[ReferralView, ...]:
    """Of every case: referrals whose receipt is outstanding, those due first before the others."""
    far = date.max
    with session.look() as work:
        found = [_view(work, one) for one in work.referrals.awaiting(session.person.person_id)]
    return tuple(sorted(found, key=lambda one: (one.due_on or far, one.referral.referral_id)))


def for_counsel(session: Session) -> tuple[Referral, ...]:
    """Of every case: drafts that wait for the sign-off of the person at the desk."""
    me = session.person
    if not me.active or me.role is not Role.COUNSEL:
        return ()
    with session.look() as work:
        return tuple(work.referrals.for_counsel(me.person_id))


def view(session: Session, referral_id: ReferralId) -> ReferralView:
    """One referral. The first reading of a limited one is recorded, and so is every refused attempt.

    Raises:
        ReferralUnknown, ReferralLimited.
    """
    note_reading(session, referral_id)
    with session.look() as work:
        return _view(work, work.referrals.get(referral_id, session.person.person_id))


def note_reading(session: Session, referral_id: ReferralId) -> None:
    """Before anything of a limited referral is shown: the reading in the trail, or the refusal.

    Raises:
        ReferralUnknown, ReferralLimited.
    """
    me = session.person.person_id
    with session.look() as work:
        limited = work.referrals.kind_of(referral_id) is ReferralKind.ENFORCEMENT
    if limited:
        with session.work() as work:
            referral = work.referrals.get(referral_id, me)
            read = events.EnforcementRead(case_id=referral.case_id, referral_id=referral_id)
            if not work.audit.has(read, me):
                work.record(read)


def _view(work: Work, referral: Referral) -> ReferralView:
    people = {person.person_id: person for person in work.people.all()}
    exports = [e for e in work.releases.exports(referral.case_id) if e.referral_id == referral.referral_id]
    return ReferralView(
        referral=referral,
        standing=referral.standing(work.highest_time.date()),
        due_on=referral.due_on(),
        export=exports[-1] if exports else None,
        can_read=tuple(people[who].display_name for who in referral.readers),
    )


def counsel(session: Session) -> tuple[Person, ...]:
    """The people who can sign off an enforcement referral."""
    with session.look() as work:
        return tuple(p for p in work.people.all() if p.active and p.role is Role.COUNSEL)
