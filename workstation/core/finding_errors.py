"""Refusals about findings and referrals."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from workstation.core.errors import Refused


@dataclass(kw_only=True, eq=False)
class FindingUnknown(Refused):
    """No finding of this identifier in the vault."""

    code: ClassVar[str] = "CAS-200"
    finding_id: str


@dataclass(kw_only=True, eq=False)
class FindingWithheld(Refused):
    """Another person wrote it and both reviewers have not submitted: it would tell their answers."""

    code: ClassVar[str] = "CAS-201"
    finding_id: str


@dataclass(kw_only=True, eq=False)
class FindingStepNotPossible(Refused):
    """The finding's state does not allow this step."""

    code: ClassVar[str] = "CAS-202"
    finding_id: str
    step: str
    state: str


@dataclass(kw_only=True, eq=False)
class OwnFinding(Refused):
    """Whoever wrote any of it does not judge it."""

    code: ClassVar[str] = "CAS-203"
    finding_id: str
    person: str


@dataclass(kw_only=True, eq=False)
class FindingFieldInvalid(Refused):
    """A field of a finding or referral is missing, too long, or not of its form."""

    code: ClassVar[str] = "CAS-204"
    field: str


@dataclass(kw_only=True, eq=False)
class DuplicateNotPossible(Refused):
    """The other finding cannot stand for this one, or others already point at this one."""

    code: ClassVar[str] = "CAS-205"
    finding_id: str
    other_id: str


@dataclass(kw_only=True, eq=False)
class EmbargoPast(Refused):
    """An embargo ends on a day to come."""

    code: ClassVar[str] = "CAS-206"
    until: date
    today: date


@dataclass(kw_only=True, eq=False)
class ReferralUnknown(Refused):
    """No referral of this identifier in the vault."""

    code: ClassVar[str] = "CAS-220"
    referral_id: str


@dataclass(kw_only=True, eq=False)
class ReferralLimited(Refused):
    """Only the people named on this referral read it."""

    code: ClassVar[str] = "CAS-221"
    referral_id: str


@dataclass(kw_only=True, eq=False)
class ReferralStepNotPossible(Refused):
    """The referral's state does not allow this step."""

    code: ClassVar[str] = "CAS-222"
    referral_id: str
    step: str
    state: str


@dataclass(kw_only=True, eq=False)
class FindingNotReferable(Refused):
    """Only validated findings of the referral's kind leave the house."""

    code: ClassVar[str] = "CAS-223"
    finding_id: str
    state: str


@dataclass(kw_only=True, eq=False)
class MarkingBelowPortion(Refused):
    """The marking of the case or referral does not cover a portion in it."""

    code: ClassVar[str] = "CAS-224"
    marking: str
    portion: str


@dataclass(kw_only=True, eq=False)
class NotTheCounsel(Refused):
    """Another counsel is named on this referral, or the person named is none."""

    code: ClassVar[str] = "CAS-225"
    person: str


@dataclass(kw_only=True, eq=False)
class ReceiptDates(Refused):
    """A receipt is dated between the sending and today."""

    code: ClassVar[str] = "CAS-226"
    received_on: date
    sent_on: date
    today: date


@dataclass(kw_only=True, eq=False)
class AdvisoryInvalid(Refused):
    """The finding cannot be written as a CSAF 2.0 advisory."""

    code: ClassVar[str] = "CAS-227"
    where: str
    reason: str
