"""Findings, referrals, content sets and benchmark results in memory: the promises of ``core``'s ports.

Pass ``tests/contract/test_database_case_work.py`` like the real ones. Never use them for anything but tests.
"""

import copy
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from tests.helpers.memory_records import Desk, insert
from workstation.core.content import ContentKind, ContentRecord
from workstation.core.database_errors import RecordStale
from workstation.core.finding_errors import FindingUnknown, ReferralLimited, ReferralUnknown
from workstation.core.findings import Finding
from workstation.core.packages import PackageFile
from workstation.core.referrals import LimitedReferral, Referral, ReferralKind, ReferralState
from workstation.core.results import BenchmarkResult
from workstation.core.values import CaseId, FindingId, PackageId, PersonId, ReferralId


class MemoryFindings:
    """See ``core.finding_ports.Findings``. A finding can be changed in place, so copies go in and out."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._findings, self._read = desk, desk.tables.findings, set[FindingId]()

    def add(self, finding: Finding) -> None:
        """See the port."""
        self._desk.touch(finding.case_id)
        known = finding.case_id in self._desk.tables.cases
        insert(self._findings, finding.finding_id, copy.deepcopy(finding), known)
        self._read.add(finding.finding_id)

    def get(self, finding_id: FindingId) -> Finding:
        """See the port."""
        if finding_id not in self._findings:
            raise FindingUnknown(finding_id=finding_id)
        self._read.add(finding_id)
        self._desk.turn_to(self._findings[finding_id].case_id)
        return copy.deepcopy(self._findings[finding_id])

    def save(self, finding: Finding) -> None:
        """See the port."""
        self._desk.touch(finding.case_id)
        if finding.finding_id not in self._read:
            raise RecordStale(record=finding.finding_id)
        self._findings[finding.finding_id] = copy.deepcopy(finding)

    def of_case(self, case_id: CaseId) -> Sequence[Finding]:
        """See the port."""
        return self._ordered(one for one in self._findings.values() if one.case_id == case_id)

    def of_fingerprints(self, fingerprints: Sequence[str]) -> Sequence[Finding]:
        """See the port."""
        wanted = set(fingerprints)
        return self._ordered(
            one for one in self._findings.values() if wanted.intersection(one.text.fingerprints[:1])
        )

    @staticmethod
    def _ordered(found: Iterable[Finding]) -> list[Finding]:
        return sorted(copy.deepcopy(list(found)), key=lambda one: (one.reported_at, one.finding_id))


class MemoryReferrals:
    """See ``core.finding_ports.Referrals``; ``actor`` is who acts in a writing unit of work."""

    def __init__(self, desk: Desk, actor: PersonId | None) -> None:
        self._desk, self._referrals, self._actor = desk, desk.tables.referrals, actor
        self._read = set[ReferralId]()

    def add(self, referral: Referral) -> None:
        """See the port."""
        self._desk.touch(referral.case_id)
        known = referral.case_id in self._desk.tables.cases
        insert(self._referrals, referral.referral_id, copy.deepcopy(referral), known)
        self._read.add(referral.referral_id)

    def get(self, referral_id: ReferralId, viewer: PersonId) -> Referral:
        """See the port."""
        referral = self._row(referral_id)
        self._desk.turn_to(referral.case_id)
        if not self._may_read(referral, viewer):
            raise ReferralLimited(referral_id=referral_id)
        self._read.add(referral_id)
        return copy.deepcopy(referral)

    def kind_of(self, referral_id: ReferralId) -> ReferralKind:
        """See the port."""
        return self._row(referral_id).kind

    def save(self, referral: Referral) -> None:
        """See the port."""
        self._desk.touch(referral.case_id)
        if referral.referral_id not in self._read:
            raise RecordStale(record=referral.referral_id)
        self._referrals[referral.referral_id] = copy.deepcopy(referral)

    def awaiting(self, viewer: PersonId) -> Sequence[Referral]:
        """See the port."""
        sent = (one for one in self._all() if one.state is ReferralState.SENT)
        return [one for one in sent if self._may_read(one, viewer)]

    def for_counsel(self, viewer: PersonId) -> Sequence[Referral]:
        """See the port."""
        drafts = (one for one in self._all() if one.is_limited and one.state is ReferralState.DRAFT)
        return [one for one in drafts if one.counsel == viewer and self._may_read(one, viewer)]

    def of_case(self, case_id: CaseId, viewer: PersonId) -> Sequence[Referral | LimitedReferral]:
        """See the port."""
        return [
            one
            if self._may_read(one, viewer)
            else LimitedReferral(referral_id=one.referral_id, case_id=case_id)
            for one in self._all()
            if one.case_id == case_id
        ]

    def _row(self, referral_id: ReferralId) -> Referral:
        if referral_id not in self._referrals:
            raise ReferralUnknown(referral_id=referral_id)
        return self._referrals[referral_id]

    def _all(self) -> list[Referral]:
        return [copy.deepcopy(self._referrals[referral_id]) for referral_id in sorted(self._referrals)]

    def _may_read(self, referral: Referral, viewer: PersonId) -> bool:
        return not referral.is_limited or (viewer in referral.readers and self._actor in {None, viewer})


class MemoryContentSets:
    """See ``core.content_ports.ContentSets``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._sets = desk, desk.tables.content

    def add(self, record: ContentRecord) -> None:
        """See the port."""
        self._desk.touch()
        insert(self._sets, (record.kind, record.set_id, record.version), record)

    def get(self, kind: ContentKind, set_id: str, version: int) -> ContentRecord | None:
        """See the port."""
        return self._sets.get((kind, set_id, version))

    def all(self) -> Sequence[ContentRecord]:
        """See the port."""
        return sorted(self._sets.values(), key=lambda one: (one.added_at, one.set_id, one.version))


class MemoryBenchmarkResults:
    """See ``core.content_ports.BenchmarkResults``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._results = desk, desk.tables.results

    def add(self, result: BenchmarkResult) -> None:
        """See the port."""
        self._desk.touch(result.case_id)
        insert(self._results, result.result_id, result, result.case_id in self._desk.tables.cases)

    def of_case(self, case_id: CaseId) -> Sequence[BenchmarkResult]:
        """See the port."""
        found = [one for one in self._results.values() if one.case_id == case_id]
        return sorted(found, key=lambda one: (one.recorded_at, one.result_id))

    def files(self, package_id: PackageId, kinds: Collection[str]) -> Sequence[PackageFile]:
        """See the port."""
        return [one for one in self._of(package_id) if one.kind in kinds]

    def fixities(self, package_id: PackageId) -> Mapping[str, int]:
        """See the port."""
        return Counter(str(one.fixity) for one in self._of(package_id))

    def _of(self, package_id: PackageId) -> list[PackageFile]:
        files = self._desk.tables.files
        return [files[key] for key in sorted(files) if key[0] == package_id]
