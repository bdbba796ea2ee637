"""Destroying a case: asked for by one person, carried out by another, ended by a signed certificate.

The order, for crashes: what is to be destroyed is written down; key and rows go in one transaction, with the
tombstone in their place; objects that no row names are removed; the certificate is signed. Whoever repeats a
destruction that was cut short goes on where it stopped.
"""

from dataclasses import dataclass

from workstation.app import administering, backups, documents, reporting
from workstation.app.documents import Wanted
from workstation.app.services import Session
from workstation.app.session import reauthenticated, sweep
from workstation.core import destructions
from workstation.core.backups import KnownBackup
from workstation.core.cases import Case
from workstation.core.destructions import Ground, Standing
from workstation.core.exits import Holdings
from workstation.core.exports import ExportState, Report
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import PackageState
from workstation.core.people import Duty, require_duty
from workstation.core.ports import Work
from workstation.core.report import DocumentKind
from workstation.core.signatures import Signer
from workstation.core.values import CaseId, ReportId

_UNDECIDED = frozenset({ExportState.REQUESTED, ExportState.RELEASED})


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a destruction would destroy, what stands in its way, and which backups hold the case."""

    case: Case
    holdings: Holdings
    ground: Ground | None
    backups: tuple[KnownBackup, ...]


def look_at(session: Session, case_id: CaseId) -> Outlook:
    """Counted now; raises CaseUnknown."""
    with session.look() as work:
        case = work.cases.get(case_id)
        return Outlook(
            case=case,
            holdings=work.disposals.holdings(case_id),
            ground=destructions.ground_against(case, _standing(work, case)),
            backups=tuple(one for one in backups.known(work) if not one.replaced),
        )


def _standing(work: Work, case: Case) -> Standing:
    packages = work.packages.of_case(case.case_id)
    return Standing(
        open_exports=sum(one.state in _UNDECIDED for one in work.releases.exports(case.case_id)),
        open_referrals=work.disposals.open_referrals(case.case_id),
        receiving=any(one.state is PackageState.RECEIVING for one in packages),
    )


def request(session: Session, case_id: CaseId, *, reason: str) -> Case:
    """Ask for the case to be destroyed.

    Raises:
        NotAppointed, DutiesConflict, DestructionBlocked, CaseDestroyedAlready, CaseFieldMissing.
    """
    with session.work() as work:
        case = work.cases.get(case_id)
        holdings, me = work.disposals.holdings(case_id), session.person.person_id
        standing = _standing(work, case)
        work.record(destructions.request(case, standing, holdings, reason=reason, by=me, at=work.now))
        work.cases.save(case)
    return case


def take_back(session: Session, case_id: CaseId, *, reason: str) -> Case:
    """Take the request back before anybody began; raises as ``destructions.take_back``."""
    with session.work() as work:
        case = work.cases.get(case_id)
        work.record(destructions.take_back(case, reason=reason))
        work.cases.save(case)
    return case


def carry_out(
    session: Session, case_id: CaseId, shown: Holdings, passphrase: bytearray, job: JobControl
) -> Report:
    """Destroy what was shown, and sign that it was; going on where an earlier attempt stopped.

    Raises:
        NotAppointed, DutiesConflict, DestructionNotRequested, DestructionBlocked, HoldingsChanged,
        CaseDestroyedAlready, PassphraseNotConfirmed, BackOffActive.
    """
    with session.work() as work:  # nothing is written yet, but a refusal is, and before a passphrase is tried
        case = work.cases.get(case_id)
        done = work.audit.duties_done(session.person.person_id, case_id)
        require_duty(session.person, Duty.CARRY_OUT_DESTRUCTION, frozenset(map(Duty, done)))
        destructions.require_kept(case)
    with reauthenticated(session, passphrase) as signer:
        _begin(session, case_id, shown)
        job.tick(Progress(stage="case.destroying"))
        _erase(session, case_id)
        # From here on nothing is left to be stopped: what remains is to tell what was done.
        session.database.fold()
        sweep(session)
        return _certificate(session, case_id, signer, job)


def _begin(session: Session, case_id: CaseId, shown: Holdings) -> None:
    with session.work() as work:
        case = work.cases.get(case_id)
        found, me = work.disposals.holdings(case_id), session.person.person_id
        event = destructions.begin(case, _standing(work, case), found, shown, by=me, at=work.now)
        if event is not None:
            work.record(event)
            work.cases.save(case)


def _erase(session: Session, case_id: CaseId) -> None:
    key = session.key_of(case_id)
    with session.work() as work:
        case = work.cases.get(case_id)
        event = destructions.bury(case)
        if event is not None:
            work.record(event)
            work.disposals.erase(case_id)
            work.case_keys.destroy(case_id)
            work.cases.save(case)
    session.vault.forget_case_key(key)
    session.made.clear()


def _certificate(session: Session, case_id: CaseId, signer: Signer, job: JobControl) -> Report:
    services, now = session.services, session.services.clock.now()
    report_id = ReportId(services.ids.new("REPORT"))
    made = documents.compose(session, case_id, Wanted(kind=DocumentKind.DESTRUCTION_CERTIFICATE), report_id)
    pdf = services.signing.certify(
        services.press.render(made.document, at=now),
        field=reporting.REVIEWER_FIELD,
        signer=signer,
        trust=administering.trust_store(session),
        timestamper=reporting.timestamper(session),
        at=now,
    )
    # Under the vault's key: the case has none any more.
    with session.vault.ingest(job, stage="report.store") as batch:
        stored = batch.add((pdf,), untrusted_name="certificate.pdf")
        kept = batch.add((made.statement,), untrusted_name=made.statement_name)
        batch.flush()
        with session.work() as work:
            case = work.cases.get(case_id)
            digest = stored.digests["sha384"]
            work.record(destructions.certified(case, report_id=report_id, pdf_sha384=digest))
            report = Report(
                report_id=report_id,
                case_id=case_id,
                determination_number=0,
                marking=made.document.marking,
                composed_at=now,
                certified_by=session.person.person_id,
                pdf_sha384=digest,
                pdf_ref=stored.ref.text,
                statement_ref=kept.ref.text,
                audit_head=made.document.metadata.audit_chain_head,
                statement_name=made.statement_name,
                kind=made.document.kind,
            )
            work.releases.save_report(report)
            work.cases.save(case)
    return report
