"""What was read of whole files, in memory: passes the suite that the real one passes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.helpers import memory_records as records
from workstation.core.full_texts import WHOLE_PACKAGE, FullText, Passage, TextState
from workstation.core.packages import PackageState
from workstation.core.values import CaseId, PackageId


class MemoryFullTexts:
    """See ``core.full_texts.FullTexts``."""

    def __init__(self, desk: records.Desk) -> None:
        self._desk, self._tables = desk, desk.tables

    def add(self, case_id: CaseId, full: FullText, passages: Sequence[Passage]) -> None:
        """See the port."""
        self._desk.touch(case_id)
        self._tables.texts[full.package_id, full.untrusted_path] = full
        self._tables.passages += [(case_id, full, passage) for passage in passages]

    def of_package(self, package_id: PackageId) -> Mapping[str, FullText]:
        """See the port."""
        return {path: full for (of, path), full in self._tables.texts.items() if of == package_id}

    def waiting(self) -> Sequence[PackageId]:
        """See the port."""
        stored = [one for one in self._tables.packages.values() if one.state is not PackageState.RECEIVING]
        return sorted(one.package_id for one in stored if not self._is_whole(one.package_id))

    def _is_whole(self, package_id: PackageId) -> bool:
        full = self._tables.texts.get((package_id, WHOLE_PACKAGE))
        return full is not None and full.state is TextState.WHOLE

    def tally(self) -> Mapping[str, int]:
        """See the port."""
        return Counter(str(full.why) for full in self._tables.texts.values() if full.why is not None)
