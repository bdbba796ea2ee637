"""Where findings and referrals are kept, as protocols."""

from collections.abc import Sequence
from typing import Protocol

from workstation.core.advisories import Advisory
from workstation.core.findings import Finding
from workstation.core.referrals import LimitedReferral, Referral, ReferralKind
from workstation.core.values import CaseId, FindingId, PersonId, ReferralId


class Findings(Protocol):
    """Findings of the review, unfiltered: the blind rule is ``Finding.is_visible_to``."""

    def add(self, finding: Finding) -> None:
        """A new finding; an identifier that is taken, or a case that is not there, is a defect."""

    def get(self, finding_id: FindingId) -> Finding:
        """One finding; raises FindingUnknown."""

    def save(self, finding: Finding) -> None:
        """Write a finding read or added in this unit of work; raises RecordStale for any other."""

    def of_case(self, case_id: CaseId) -> Sequence[Finding]:
        """Every finding of a case, oldest first."""

    def of_fingerprints(self, fingerprints: Sequence[str]) -> Sequence[Finding]:
        """Findings of any case whose leading fingerprint is one of these, oldest first."""


class Referrals(Protocol):
    """Referrals. What is access-limited is handed to nobody but the people named on it.

    In a writing unit of work nobody reads as somebody else: ``viewer`` must be who acts.
    """

    def add(self, referral: Referral) -> None:
        """A new referral; an identifier that is taken, or a case that is not there, is a defect."""

    def get(self, referral_id: ReferralId, viewer: PersonId) -> Referral:
        """One referral; raises ReferralUnknown, ReferralLimited."""

    def kind_of(self, referral_id: ReferralId) -> ReferralKind:
        """Its kind, which is no secret; raises ReferralUnknown."""

    def save(self, referral: Referral) -> None:
        """Write a referral read or added in this unit of work; raises RecordStale for any other."""

    def awaiting(self, viewer: PersonId) -> Sequence[Referral]:
        """Of every case, by identifier: what was sent and has no receipt yet, and the viewer may read."""

    def for_counsel(self, viewer: PersonId) -> Sequence[Referral]:
        """Of every case, by identifier: drafts that wait for ``viewer``, their counsel, to sign them off."""

    def of_case(self, case_id: CaseId, viewer: PersonId) -> Sequence[Referral | LimitedReferral]:
        """Every referral of a case, by identifier; of limited ones only that there is one."""


class AdvisoryWriter(Protocol):
    """Writes flaws in a format that clearinghouses read."""

    def write(self, advisory: Advisory) -> bytes:
        """CSAF 2.0 as JSON; raises AdvisoryInvalid."""

    def file_name(self, tracking_id: str) -> str:
        """As section 5.1 of CSAF 2.0 wants it."""
