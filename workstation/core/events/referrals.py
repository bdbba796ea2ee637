"""What happens to referrals. Of an enforcement referral they tell that it exists, and none of its content."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.events.base import Event
from workstation.core.people import Duty
from workstation.core.values import ExportId, FindingId, PersonId, ReferralId, ReportId


@dataclass(frozen=True, kw_only=True)
class ReferralDrafted(Event):
    """A referral of validated findings was begun."""

    duty: ClassVar[Duty] = Duty.REFER
    referral_id: ReferralId
    kind: str
    recipient: str
    findings: tuple[FindingId, ...]


@dataclass(frozen=True, kw_only=True)
class ReferralRevised(Event):
    """Its text was written anew."""

    duty: ClassVar[Duty] = Duty.REFER
    referral_id: ReferralId


@dataclass(frozen=True, kw_only=True)
class ReferralSigned(Event):
    """A reviewer signed its memo."""

    duty: ClassVar[Duty] = Duty.CERTIFY_REPORT
    referral_id: ReferralId
    report_id: ReportId
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class ReferralSent(Event):
    """Its export was written and read back."""

    duty: ClassVar[Duty] = Duty.RELEASE_EXPORT
    referral_id: ReferralId
    export_id: ExportId


@dataclass(frozen=True, kw_only=True)
class ReferralAcknowledged(Event):
    """The recipient said under which reference it has it."""

    duty: ClassVar[Duty] = Duty.REFER
    referral_id: ReferralId
    reference: str
    received_on: date


@dataclass(frozen=True, kw_only=True)
class ReferralWithdrawn(Event):
    """It will not leave the house."""

    duty: ClassVar[Duty] = Duty.REFER
    referral_id: ReferralId
    reason: str


@dataclass(frozen=True, kw_only=True)
class EnforcementDrafted(Event):
    """An enforcement referral was begun."""

    duty: ClassVar[Duty] = Duty.DRAFT_ENFORCEMENT
    referral_id: ReferralId


@dataclass(frozen=True, kw_only=True)
class EnforcementRevised(Event):
    """Its text was written anew."""

    duty: ClassVar[Duty] = Duty.DRAFT_ENFORCEMENT
    referral_id: ReferralId


@dataclass(frozen=True, kw_only=True)
class EnforcementSignedOff(Event):
    """Counsel signed its memo."""

    duty: ClassVar[Duty] = Duty.SIGN_OFF_ENFORCEMENT
    referral_id: ReferralId
    report_id: ReportId
    pdf_sha384: str


@dataclass(frozen=True, kw_only=True)
class EnforcementAcknowledged(Event):
    """The recipient answered; the reference stays with the referral."""

    duty: ClassVar[Duty] = Duty.DRAFT_ENFORCEMENT
    referral_id: ReferralId


@dataclass(frozen=True, kw_only=True)
class EnforcementWithdrawn(Event):
    """It will not leave the house; the reason stays with the referral."""

    duty: ClassVar[Duty] = Duty.DRAFT_ENFORCEMENT
    referral_id: ReferralId


@dataclass(frozen=True, kw_only=True)
class ReaderNamed(Event):
    """One more person may read an enforcement referral; shown only to those who may."""

    referral_id: ReferralId
    reader: PersonId


@dataclass(frozen=True, kw_only=True)
class EnforcementRead(Event):
    """A named person opened an enforcement referral. Once per person and referral."""

    referral_id: ReferralId
