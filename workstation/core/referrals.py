"""Referrals: what leaves the house for a clearinghouse, a developer, or a prosecutor.

Flaws and defensive tools go out by the ordinary hands. Suspected criminal misuse (section 4 of the order
names 18 USC 1028, 1030 and 1343) is a referral of its own: only people named on it read it, and counsel
signs it off before the security officer can release it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from workstation.core import events
from workstation.core.finding_errors import (
    FindingFieldInvalid,
    FindingNotReferable,
    NotTheCounsel,
    ReceiptDates,
    ReferralLimited,
    ReferralStepNotPossible,
)
from workstation.core.findings import MAX_TEXT_CHARS, MAX_TITLE_CHARS, Finding, FindingKind
from workstation.core.values import CaseId, EvidenceLink, ExportId, FindingId, PersonId, ReferralId, ReportId

ANSWER_DAYS = 14
MAX_ANSWER_DAYS = 365


class ReferralKind(StrEnum):
    """To what end something leaves the house."""

    FLAW = "flaw"
    DEFENSIVE_TOOL = "defensive-tool"
    ENFORCEMENT = "enforcement"


class ReferralState(StrEnum):
    """Where a referral stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


class ReceiptStanding(StrEnum):
    """Whether the recipient has said that it came."""

    NOT_SENT = "not-sent"
    OUTSTANDING = "outstanding"
    OVERDUE = "overdue"
    RECEIVED = "received"


@dataclass(frozen=True, kw_only=True)
class ReferralText:
    """What the drafter writes. ``statutes`` and ``evidence`` are of an enforcement referral only."""

    title: str
    recipient: str
    summary: str
    portion_marking: str
    marking: str
    statutes: tuple[str, ...] = ()
    evidence: tuple[EvidenceLink, ...] = ()
    answer_days: int = ANSWER_DAYS

    def __post_init__(self) -> None:
        """Refuse what nobody could act on; raises FindingFieldInvalid."""
        limits = {"title": MAX_TITLE_CHARS, "recipient": MAX_TITLE_CHARS, "summary": MAX_TEXT_CHARS}
        for name, limit in limits.items():
            value = getattr(self, name)
            if not value.strip() or len(value) > limit:
                raise FindingFieldInvalid(field=name)
        if not 1 <= self.answer_days <= MAX_ANSWER_DAYS:
            raise FindingFieldInvalid(field="answer_days")


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The recipient's acknowledgement, as a person here recorded it."""

    reference: str
    received_on: date
    recorded_by: PersonId
    recorded_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReferralChange:
    """One line of the history."""

    act: str
    by: PersonId
    at: datetime
    reason: str = ""


@dataclass(kw_only=True)
class Referral:
    """One document with its data, from draft to receipt."""

    referral_id: ReferralId
    case_id: CaseId
    kind: ReferralKind
    text: ReferralText
    drafted_by: PersonId
    drafted_at: datetime
    finding_ids: tuple[FindingId, ...] = ()
    counsel: PersonId | None = None
    readers: tuple[PersonId, ...] = ()
    state: ReferralState = ReferralState.DRAFT
    signed_by: PersonId | None = None
    signed_at: datetime | None = None
    report_id: ReportId | None = None
    export_id: ExportId | None = None
    sent_on: date | None = None
    receipt: Receipt | None = None
    history: tuple[ReferralChange, ...] = ()

    @property
    def is_limited(self) -> bool:
        """Whether only the people named read it."""
        return self.kind is ReferralKind.ENFORCEMENT

    def require_reader(self, viewer: PersonId) -> None:
        """Raises ReferralLimited unless ``viewer`` is named, or nobody has to be."""
        if self.is_limited and viewer not in self.readers:
            raise ReferralLimited(referral_id=self.referral_id)

    def due_on(self) -> date | None:
        """The day by which the recipient should have answered."""
        return self.sent_on + timedelta(days=self.text.answer_days) if self.sent_on else None

    def standing(self, today: date) -> ReceiptStanding:
        """Whether a receipt is outstanding, by the highest time ever seen."""
        due = self.due_on()
        if self.receipt is not None:
            return ReceiptStanding.RECEIVED
        if due is None:
            return ReceiptStanding.NOT_SENT
        return ReceiptStanding.OVERDUE if today > due else ReceiptStanding.OUTSTANDING

    # --- drafting ----------------------------------------------------------------------------------

    def drafted(self, findings: Iterable[Finding]) -> events.Event:
        """Begin it; the drafter and counsel are the first readers of an enforcement referral.

        Raises:
            FindingFieldInvalid, FindingNotReferable, NotTheCounsel (an enforcement referral without one).
        """
        self._require_shape(findings)
        self._note("draft", self.drafted_by, self.drafted_at)
        if self.is_limited:
            if self.counsel is None:
                raise NotTheCounsel(person="")
            self.readers = tuple(dict.fromkeys((self.drafted_by, self.counsel)))
            return events.EnforcementDrafted(case_id=self.case_id, referral_id=self.referral_id)
        return events.ReferralDrafted(
            case_id=self.case_id,
            referral_id=self.referral_id,
            kind=str(self.kind),
            recipient=self.text.recipient,
            findings=self.finding_ids,
        )

    def revise(
        self, text: ReferralText, findings: Iterable[Finding], *, by: PersonId, at: datetime
    ) -> events.Event:
        """Write it anew before it is signed.

        Raises:
            ReferralStepNotPossible, ReferralLimited, FindingFieldInvalid, FindingNotReferable.
        """
        self.require_reader(by)
        self._require("revise", ReferralState.DRAFT)
        self.text = text
        self._require_shape(findings)
        self._note("revise", by, at)
        if self.is_limited:
            return events.EnforcementRevised(case_id=self.case_id, referral_id=self.referral_id)
        return events.ReferralRevised(case_id=self.case_id, referral_id=self.referral_id)

    def name_reader(self, reader: PersonId, *, by: PersonId, at: datetime) -> events.ReaderNamed:
        """The drafter or counsel lets one more person read it, such as the officer who releases it.

        Raises:
            ReferralStepNotPossible, ReferralLimited.
        """
        if by not in {self.drafted_by, self.counsel}:
            raise ReferralLimited(referral_id=self.referral_id)
        if not self.is_limited or self.state is ReferralState.WITHDRAWN:
            raise ReferralStepNotPossible(referral_id=self.referral_id, step="name-reader", state=self.state)
        self.readers = tuple(dict.fromkeys((*self.readers, reader)))
        self._note("name-reader", by, at, reason=reader)
        return events.ReaderNamed(case_id=self.case_id, referral_id=self.referral_id, reader=reader)

    # --- signing and leaving -----------------------------------------------------------------------

    def require_signable(self, findings: Iterable[Finding], *, by: PersonId) -> None:
        """Raises ReferralStepNotPossible, ReferralLimited, NotTheCounsel, FindingNotReferable."""
        self.require_reader(by)
        self._require("sign", ReferralState.DRAFT)
        if self.is_limited and by != self.counsel:
            raise NotTheCounsel(person=by)
        self._require_shape(findings)

    def sign(
        self,
        findings: Iterable[Finding],
        *,
        by: PersonId,
        at: datetime,
        report_id: ReportId,
        pdf_sha384: str,
    ) -> events.Event:
        """Its document is signed and sealed; raises as ``require_signable``."""
        self.require_signable(findings, by=by)
        self.state, self.signed_by, self.signed_at = ReferralState.SIGNED, by, at
        self.report_id = report_id
        self._note("sign", by, at, reason=report_id)
        kind = events.EnforcementSignedOff if self.is_limited else events.ReferralSigned
        return kind(
            case_id=self.case_id,
            referral_id=self.referral_id,
            report_id=report_id,
            pdf_sha384=pdf_sha384,
        )

    def require_sendable(self, findings: Iterable[Finding], *, by: PersonId) -> None:
        """What was signed may still leave.

        Raises:
            ReferralLimited, ReferralStepNotPossible, FindingNotReferable.
        """
        self.require_reader(by)
        self._require("send", ReferralState.SIGNED, ReferralState.SENT, ReferralState.ACKNOWLEDGED)
        self._require_shape(findings)

    def sent(self, export_id: ExportId, *, by: PersonId, at: datetime, on: date) -> events.ReferralSent:
        """It is on a medium, read back; a further copy does not move the day by which an answer is due."""
        self._require("send", ReferralState.SIGNED, ReferralState.SENT, ReferralState.ACKNOWLEDGED)
        if self.state is ReferralState.SIGNED:
            self.state, self.sent_on = ReferralState.SENT, on
        self.export_id = export_id
        self._note("send", by, at, reason=export_id)
        return events.ReferralSent(case_id=self.case_id, referral_id=self.referral_id, export_id=export_id)

    def acknowledge(
        self, reference: str, received_on: date, *, by: PersonId, at: datetime, today: date
    ) -> events.Event:
        """The recipient said under which reference it has it.

        Raises:
            ReferralLimited, ReferralStepNotPossible, FindingFieldInvalid, ReceiptDates.
        """
        self.require_reader(by)
        self._require("acknowledge", ReferralState.SENT)
        if not reference.strip() or len(reference) > MAX_TITLE_CHARS:
            raise FindingFieldInvalid(field="reference")
        if self.sent_on is None or not self.sent_on <= received_on <= today:
            raise ReceiptDates(received_on=received_on, sent_on=self.sent_on or today, today=today)
        self.receipt = Receipt(
            reference=reference.strip(), received_on=received_on, recorded_by=by, recorded_at=at
        )
        self.state = ReferralState.ACKNOWLEDGED
        self._note("acknowledge", by, at, reason=reference.strip())
        if self.is_limited:
            return events.EnforcementAcknowledged(case_id=self.case_id, referral_id=self.referral_id)
        return events.ReferralAcknowledged(
            case_id=self.case_id,
            referral_id=self.referral_id,
            reference=reference.strip(),
            received_on=received_on,
        )

    def withdraw(self, *, by: PersonId, at: datetime, reason: str) -> events.Event:
        """It will not leave; what has left cannot be called back.

        Raises:
            ReferralLimited, ReferralStepNotPossible, FindingFieldInvalid.
        """
        self.require_reader(by)
        self._require("withdraw", ReferralState.DRAFT, ReferralState.SIGNED)
        if not reason.strip():
            raise FindingFieldInvalid(field="reason")
        self.state = ReferralState.WITHDRAWN
        self._note("withdraw", by, at, reason=reason)
        if self.is_limited:
            return events.EnforcementWithdrawn(case_id=self.case_id, referral_id=self.referral_id)
        return events.ReferralWithdrawn(case_id=self.case_id, referral_id=self.referral_id, reason=reason)

    # --- shared ------------------------------------------------------------------------------------

    def _require(self, step: str, *allowed: ReferralState) -> None:
        if self.state not in allowed:
            raise ReferralStepNotPossible(referral_id=self.referral_id, step=step, state=self.state)

    def _require_shape(self, findings: Iterable[Finding]) -> None:
        if self.is_limited:
            if self.finding_ids:
                raise FindingFieldInvalid(field="findings")
            if not any(statute.strip() for statute in self.text.statutes):
                raise FindingFieldInvalid(field="statutes")
            return
        if self.text.statutes or self.text.evidence:
            raise FindingFieldInvalid(field="statutes")
        known = {one.finding_id: one for one in findings}
        if not self.finding_ids:
            raise FindingFieldInvalid(field="findings")
        for finding_id in self.finding_ids:
            finding = known.get(finding_id)
            fits = finding is not None and finding.kind is FindingKind(self.kind)
            if finding is None or not fits or not finding.is_referable or finding.case_id != self.case_id:
                raise FindingNotReferable(
                    finding_id=finding_id, state=finding.state if finding else "unknown"
                )

    def _note(self, act: str, by: PersonId, at: datetime, *, reason: str = "") -> None:
        self.history = (*self.history, ReferralChange(act=act, by=by, at=at, reason=reason))


@dataclass(frozen=True, kw_only=True)
class LimitedReferral:
    """All that somebody who is not named learns: that there is one."""

    referral_id: ReferralId
    case_id: CaseId
