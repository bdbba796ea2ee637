"""Keys of cases and the end of a case in memory; see ``memory_records``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tests.helpers.memory_records import Broken, Desk
from workstation.core.checkpoints import SignedCheckpoint
from workstation.core.exits import Holdings
from workstation.core.exports import Report
from workstation.core.referrals import ReferralState
from workstation.core.report import DocumentKind
from workstation.core.values import CaseId
from workstation.core.vault import SealedCaseKey


class MemoryCaseKeys:
    """See ``core.case_key_ports.CaseKeys``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._keys = desk, desk.tables.case_keys

    def add(self, case_id: CaseId, key: SealedCaseKey) -> int:
        """See the port."""
        self._desk.touch()
        if case_id in self._keys:
            raise Broken(case_id)
        number = max((number for number, _key in self._keys.values()), default=0) + 1
        self._keys[case_id] = (number, key)
        return number

    def number(self, case_id: CaseId) -> int:
        """See the port."""
        number, key = self._keys.get(case_id, (0, None))
        return number if key else 0

    def get(self, number: int) -> SealedCaseKey | None:
        """See the port."""
        return next((key for found, key in self._keys.values() if found == number), None)

    def destroy(self, case_id: CaseId) -> None:
        """See the port."""
        self._desk.touch(case_id)
        if case_id in self._keys:
            self._keys[case_id] = (self._keys[case_id][0], None)

    def without(self) -> Sequence[CaseId]:
        """See the port."""
        return sorted(set(self._desk.tables.cases) - set(self._keys))

    def loose(self, case_id: CaseId, *, limit: int) -> Sequence[str]:
        """See the port."""
        found = {file.object_ref for file in _files(self._desk, case_id).values()}
        return sorted(ref for ref in found if ref.startswith("1"))[:limit]

    def rewrapped(self, case_id: CaseId, pairs: Sequence[tuple[str, str]]) -> None:
        """See the port."""
        self._desk.touch()
        new = dict(pairs)
        for key, file in _files(self._desk, case_id).items():
            if file.object_ref in new:
                self._desk.tables.files[key] = replace(file, object_ref=new[file.object_ref])


class MemoryDisposals:
    """See ``core.case_key_ports.Disposals``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._tables = desk, desk.tables

    def holdings(self, case_id: CaseId) -> Holdings:
        """See the port: the index of words holds nothing here, and is not counted."""
        files = _files(self._desk, case_id).values()
        own = {
            name: len(self._own(name, case_id)) for name in ("packages", "findings", "referrals", "results")
        }
        return Holdings(
            **own,
            files=len(files),
            size_bytes=sum(file.size_bytes for file in files),
            loose=sum(file.object_ref.startswith("1") for file in files),
            answers=len(self._own("answers", case_id)),
            documents=sum(bool(report.pdf_ref) for report in self._reports(case_id)),
            drafts=len(self._drafts(case_id)),
        )

    def open_referrals(self, case_id: CaseId) -> int:
        """See the port."""
        mine = [one for one in self._tables.referrals.values() if one.case_id == case_id]
        return sum(one.state in {ReferralState.DRAFT, ReferralState.SIGNED} for one in mine)

    def erase(self, case_id: CaseId) -> None:
        """See the port."""
        self._desk.touch(case_id)
        for key in list(_files(self._desk, case_id)):
            del self._tables.files[key]
        for name in ("packages", "findings", "referrals", "results", "answers"):
            for key in self._own(name, case_id):
                del getattr(self._tables, name)[key]
        for draft in self._drafts(case_id):
            del self._tables.blobs[draft]
        for report in self._reports(case_id):
            self._tables.reports[report.report_id] = replace(report, pdf_ref="", statement_ref="", annex=())

    def _own(self, name: str, case_id: CaseId) -> list[Any]:
        return [key for key, one in getattr(self._tables, name).items() if one.case_id == case_id]

    def _drafts(self, case_id: CaseId) -> list[str]:
        return [name for name in self._tables.blobs if name.startswith("draft/") and f"/{case_id}/" in name]

    def _reports(self, case_id: CaseId) -> list[Report]:
        mine = [one for one in self._tables.reports.values() if one.case_id == case_id]
        return [one for one in mine if one.kind is not DocumentKind.DESTRUCTION_CERTIFICATE]


class MemoryCheckpoints:
    """See ``core.checkpoints.Checkpoints``."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._kept = desk, desk.tables.checkpoints

    def add(self, signed: SignedCheckpoint) -> None:
        """See the port."""
        self._desk.touch()
        self._kept[signed.checkpoint.seq] = signed

    def all(self) -> Sequence[SignedCheckpoint]:
        """See the port."""
        return [self._kept[seq] for seq in sorted(self._kept)]

    def newest(self) -> SignedCheckpoint | None:
        """See the port."""
        return next(iter(reversed(self.all())), None)


def _files(desk: Desk, case_id: CaseId) -> dict[Any, Any]:
    packages = desk.tables.packages
    return {key: file for key, file in desk.tables.files.items() if packages[key[0]].case_id == case_id}
