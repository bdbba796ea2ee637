"""Release to a medium: requested by one person, released and signed by the security officer, read back.

The officer's signature and the release are committed before the first byte is written, the ending after
the last one was read back; a crash between leaves an export *released* and not *written*, which can be
written again.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import rfc8785

from workstation.app import (
    administering,
    checkpoints,
    clearinghouse,
    release_lists,
    release_writing,
    reporting,
)
from workstation.app.services import Session
from workstation.app.session import reauthenticated
from workstation.core import events, release_control
from workstation.core.case_errors import CaseFieldMissing
from workstation.core.checkpoints import Occasion
from workstation.core.exports import (
    CustodyReceipt,
    Export,
    ExportState,
    MediumBelowContent,
    Report,
    ReportSwapped,
    require_in_force,
    require_open,
)
from workstation.core.jobs import JobControl
from workstation.core.markings import dominates
from workstation.core.media import Medium, MediumWarning
from workstation.core.media_errors import MediaFault
from workstation.core.ports import Work
from workstation.core.referrals import ReferralKind
from workstation.core.release_control import LabelDiffers, ListedMedium
from workstation.core.release_formats import require_listed
from workstation.core.values import ExportId, ReportId
from workstation.core.verifications import Bundle, ExportVerification


def request(session: Session, report_id: ReportId, *, recipient: str) -> Export:
    """Ask the security officer to release a certified report to a recipient.

    Raises:
        NotAppointed, RecordUnknown, CaseFieldMissing, ReportSuperseded.
    """
    if not recipient.strip():
        raise CaseFieldMissing(field="recipient")
    with session.work() as work:
        report = work.releases.report(report_id)
        _require_current(session, work, report)
        limited = _is_limited(work, report)
        export = Export(
            export_id=ExportId(session.services.ids.new("EXPORT")),
            case_id=report.case_id,
            report_id=report_id,
            recipient=recipient.strip(),
            requested_by=session.person.person_id,
            requested_at=work.now,
            referral_id=report.referral_id,
            limited=limited,
        )
        work.record(
            events.ExportRequested(
                case_id=report.case_id,
                export_id=export.export_id,
                report_id=report_id,
                recipient="" if limited else export.recipient,
            )
        )
        work.releases.save_export(export)
    return export


def return_request(session: Session, export_id: ExportId, *, reason: str) -> Export:
    """The officer returns a request with a reason; raises NotAppointed, ExportNotOpen, CaseFieldMissing."""
    with session.work() as work:
        export = work.releases.export(export_id)
        require_reader(session, work, export)
        require_open(export)
        returned = replace(export, state=ExportState.RETURNED, reason=reason)
        told = "" if export.limited else reason
        work.record(events.ExportReturned(case_id=export.case_id, export_id=export_id, reason=told))
        if not reason.strip():
            raise CaseFieldMissing(field="reason")
        work.releases.save_export(returned)
    return returned


@dataclass(frozen=True, kw_only=True)
class Release:
    """What the officer decides on: which medium, the marking read off its label, to whom it is sealed."""

    medium: Medium
    medium_marking: str
    sealed_to: tuple[str, ...] = ()


def cautions(session: Session, medium: Medium) -> tuple[MediumWarning, ...]:
    """What the officer should know of a medium before anything is written; nothing for one that is gone."""
    try:
        found = session.services.media.preflight(medium, "export", ()).warnings
    except MediaFault:
        return ()
    return tuple(one for one in found if one is not MediumWarning.NEARLY_FULL)


def certified_pdf(session: Session, export_id: ExportId) -> bytes:
    """What a request asks to release, signed by the reviewer: to be looked at before it leaves.

    Raises:
        RecordUnknown, ReferralLimited, ObjectTampered, ObjectMissing.
    """
    with session.look() as work:
        export = work.releases.export(export_id)
        report = work.releases.report(export.report_id)
    if export.referral_id is not None:
        clearinghouse.note_reading(session, export.referral_id)
    return reporting.read_sealed(session, report.pdf_ref, report.pdf_sha384)


def release(
    session: Session, export_id: ExportId, chosen: Release, passphrase: bytearray, job: JobControl
) -> Export:
    """Sign, release, write, read back. The returned export names the ending.

    Raises:
        NotAppointed, DutiesConflict, ExportNotOpen, ReportSuperseded, CaseFieldMissing (no marking),
        MediumNotListed, LabelDiffers, MediumBelowContent, MarkingInvalid, PassphraseNotConfirmed,
        MediumNotEncrypted, SealingRequired, NotOnTheList, RecipientNotConfirmed, FormatNotListed,
        MediaFault (recorded as the ending before it is raised), SIG errors.
    """
    with session.look() as work:
        export = work.releases.export(export_id)
        report = work.releases.report(export.report_id)
    allowed = _begin_release(session, export, report, chosen)
    bundle = _signed_bundle(session, export, report, allowed, passphrase)
    files = [release_writing.outgoing(entry) for entry in bundle.entries]
    if allowed.keys:
        files = list(session.services.sealer.seal(files, allowed.keys, export_id=export_id))
    release_writing.require_fit(session, export, chosen.medium, files)
    manifest = next(entry.sha384 for entry in bundle.entries if entry.name == "SHA384SUMS")
    with session.work() as work:
        export = replace(
            work.releases.export(export_id),
            state=ExportState.RELEASED,
            released_by=session.person.person_id,
            released_at=work.now,
            medium_marking=allowed.entry.marking,
            medium_name=allowed.entry.name,
            medium=chosen.medium.folder,
            folder=export_id,
            manifest_sha384=manifest,
            sealed_to=chosen.sealed_to,
        )
        work.record(
            events.ExportReleased(
                case_id=export.case_id,
                export_id=export_id,
                medium_name=allowed.entry.name,
                medium_marking=allowed.entry.marking,
                manifest_sha384=manifest,
                sealed_to=chosen.sealed_to,
            )
        )
        work.releases.save_export(export)
    return release_writing.write(session, export, chosen.medium, files, job)


@dataclass(frozen=True, kw_only=True)
class _Allowed:
    """The medium as the office lists it, and the keys to seal to."""

    entry: ListedMedium
    keys: tuple[bytes, ...]


def _begin_release(session: Session, export: Export, report: Report, chosen: Release) -> _Allowed:
    """Refuse before anything is signed; the unit of work asks again when the release is recorded.

    Inside a unit of work, so that an attempt below the marking is in the trail like any other refusal.
    """
    with session.work() as work:
        work.record(events.ReleaseBegun(case_id=export.case_id, export_id=export.export_id))
        require_open(export)
        _require_current(session, work, report)
        if not chosen.medium_marking.strip():
            raise CaseFieldMissing(field="marking of the medium")
        entry = release_control.listed_as(release_lists.media(work), chosen.medium)
        _require_label(session, entry, chosen.medium_marking)
        _require_cover(session, report, entry)
        policy, recipients = release_lists.policy(work), release_lists.recipients(work)
        release_control.require_allowed(policy, entry, chosen.medium, sealed=bool(chosen.sealed_to))
        sealed_to = release_control.require_sealable(recipients, chosen.sealed_to)
        return _Allowed(entry=entry, keys=tuple(one.key for one in sealed_to))


def _require_current(session: Session, work: Work, report: Report) -> None:
    """A referral's memo as long as it may be sent, any other report as long as its determination stands."""
    if report.referral_id is not None:
        clearinghouse.require_sendable(session, work, report)
    else:
        require_in_force(report, _in_force(work, report))


def _is_limited(work: Work, report: Report) -> bool:
    kind = work.referrals.kind_of(report.referral_id) if report.referral_id else None
    return kind is ReferralKind.ENFORCEMENT


def require_reader(session: Session, work: Work, export: Export) -> None:
    """Of an access-limited referral, only who is named on it; raises ReferralLimited."""
    if export.referral_id is not None:
        work.referrals.get(export.referral_id, session.person.person_id)


def _in_force(work: Work, report: Report) -> int:
    determination = work.cases.get(report.case_id).determination
    return determination.number if determination else 0


def _require_label(session: Session, entry: ListedMedium, typed: str) -> None:
    """The officer holds the medium that the computer sees: what is on its label is what is on the list."""
    rules = session.services.markings
    if rules.parse(typed) != rules.parse(entry.marking):
        raise LabelDiffers(name=entry.name, typed_marking=typed, listed_marking=entry.marking)


def _require_cover(session: Session, report: Report, entry: ListedMedium) -> None:
    rules = session.services.markings
    if not dominates(rules.parse(entry.marking), rules.parse(report.marking)):
        raise MediumBelowContent(medium_marking=entry.marking, content_marking=report.marking)


def _signed_bundle(
    session: Session, export: Export, report: Report, allowed: _Allowed, passphrase: bytearray
) -> Bundle:
    signing, now = session.services.signing, session.services.clock.now()
    trust, stamper = administering.trust_store(session), reporting.timestamper(session)
    certified = reporting.read_sealed(session, report.pdf_ref, report.pdf_sha384)
    statement = reporting.read_sealed(session, report.statement_ref)
    annex = {name: reporting.read_sealed(session, ref) for name, ref in report.annex}
    if json.loads(statement).get("report_id") != report.report_id:
        raise ReportSwapped(report_id=report.report_id)
    with reauthenticated(session, passphrase, about=export.case_id) as signer:
        pdf = signing.release(
            certified, field=reporting.OFFICER_FIELD, signer=signer, trust=trust, timestamper=stamper, at=now
        )
        record = _transfer_record(session, export, report, allowed.entry)
        files = {"report.pdf": pdf, report.statement_name: statement, "transfer.json": record, **annex}
        with session.work() as work:  # nothing is written here, but a refusal is
            work.releases.export(export.export_id)
            require_listed(files)
        return signing.compose(
            files,
            signer=signer,
            trust=trust,
            timestamper=stamper,
            predicate={
                "export_id": export.export_id,
                "report_id": report.report_id,
                "case_id": report.case_id,
            },
            at=now,
        )


def _transfer_record(session: Session, export: Export, report: Report, entry: ListedMedium) -> bytes:
    with session.look() as work:
        requester = work.people.get(export.requested_by).display_name
    signed = checkpoints.take(session, Occasion.EXPORT)
    return rfc8785.dumps(
        {
            "type": "frontier-review/transfer/v1",
            "demo": bool(session.services.watermark),
            "export_id": export.export_id,
            "report_id": report.report_id,
            "case_id": report.case_id,
            "marking": report.marking,
            "medium": entry.name,
            "medium_marking": entry.marking,
            "recipient": export.recipient,
            "requested_by": requester,
            "requested_at": export.requested_at.isoformat(),
            "released_by": session.person.display_name,
            "released_at": session.services.clock.now().isoformat(),
            "audit_checkpoint": signed.as_json() if signed else None,
        }
    )


def record_receipt(session: Session, export_id: ExportId, *, received_by: str, received_on: date) -> Export:
    """The countersigned custody receipt came back: who signed it, and the day beside the signature.

    Raises:
        NotAppointed, RecordUnknown, ReferralLimited, CaseFieldMissing, ReceiptNotDue, ReceiptDateInvalid.
    """
    if not received_by.strip():
        raise CaseFieldMissing(field="received by")
    with session.work() as work:
        export = work.releases.export(export_id)
        require_reader(session, work, export)
        work.record(
            events.CustodyReceiptRecorded(
                case_id=export.case_id,
                export_id=export_id,
                received_by="" if export.limited else received_by.strip(),
                received_on=received_on.isoformat(),
            )
        )
        release_control.require_receipt_due(export, received_on, today=work.highest_time.date())
        receipt = CustodyReceipt(
            received_by=received_by.strip(),
            received_on=received_on,
            recorded_by=session.person.person_id,
            recorded_at=work.now,
        )
        export = replace(export, receipt=receipt)
        work.releases.save_export(export)
    return export


def verify(session: Session, folder: Path) -> ExportVerification:
    """Check an export on a medium against the office's own roots and revocation lists."""
    trust, at = administering.trust_store(session), session.services.clock.now()
    return session.services.signing.verify_export(folder, trust, at=at)
