"""What keeps content sets and benchmark results, as protocols."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from workstation.core.content import ContentKind, ContentRecord
from workstation.core.packages import PackageFile
from workstation.core.results import BenchmarkResult
from workstation.core.values import CaseId, PackageId


class ContentSets(Protocol):
    """Sets taken into use beside those that came with the program; append-only."""

    def add(self, record: ContentRecord) -> None:
        """Keep one; the same kind, name and version is never replaced: a second one is a defect."""

    def get(self, kind: ContentKind, set_id: str, version: int) -> ContentRecord | None:
        """One version of one set; None where it was never taken into use."""

    def all(self) -> Sequence[ContentRecord]:
        """Every version of every set, in the order they were taken into use."""


class BenchmarkResults(Protocol):
    """Benchmark results, append-only: a correction is a further result that names what it supersedes."""

    def add(self, result: BenchmarkResult) -> None:
        """Append one; an identifier that is taken, or a case that is not there, is a defect."""

    def of_case(self, case_id: CaseId) -> Sequence[BenchmarkResult]:
        """Every result ever recorded for a case, oldest first."""

    def files(self, package_id: PackageId, kinds: Collection[str]) -> Sequence[PackageFile]:
        """Files of a package of these kinds, by path, with the facts of their examination."""

    def fixities(self, package_id: PackageId) -> Mapping[str, int]:
        """How many files of a package compare how with its manifest; a word that none has is left out."""
