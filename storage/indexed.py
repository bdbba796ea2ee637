"""The repositories of a unit of work that keep the derived tables with what they write."""

from collections.abc import Iterable
from itertools import islice

import sqlalchemy as sa

from storage.content import SqlBenchmarkResults
from storage.findings import SqlFindings, SqlReferrals
from storage.indexing import Index
from storage.packages import SqlPackages
from storage.repositories import SqlAnswers, SqlCases, SqlReleases, Touch, TurnTo
from workstation.core.cases import Case
from workstation.core.checklists import Answer
from workstation.core.exports import Export, Report
from workstation.core.findings import Finding
from workstation.core.packages import PackageFile
from workstation.core.ports import Examined
from workstation.core.referrals import Referral
from workstation.core.results import BenchmarkResult
from workstation.core.values import PackageId, PersonId

_BATCH = 1_000


class IndexedCases(SqlCases):
    """Cases with their short form."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        super().__init__(connection, touch, turn_to)
        self._index = Index(connection)

    def add(self, case: Case) -> None:
        """A new case."""
        super().add(case)
        self._index.case(case)

    def save(self, case: Case) -> None:
        """Write a case read in this unit of work."""
        super().save(case)
        self._index.case(case)


class IndexedAnswers(SqlAnswers):
    """Answers with their words."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        super().__init__(connection, touch)
        self._index = Index(connection)

    def add(self, answer: Answer) -> None:
        """Append one revision."""
        super().add(answer)
        self._index.answer(answer)


class IndexedPackages(SqlPackages):
    """Files with their paths and what the examination read."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        super().__init__(connection, touch, turn_to)
        self._index = Index(connection)

    def add_files(self, new: Iterable[PackageFile]) -> None:
        """Name files that are durable in the vault."""
        waiting = iter(new)
        while batch := list(islice(waiting, _BATCH)):
            super().add_files(batch)
            self._index.files(batch)

    def save_examined(self, package_id: PackageId, examined: Iterable[Examined]) -> None:
        """Write what the examination found."""
        batch = list(examined)
        super().save_examined(package_id, batch)
        self._index.texts(package_id, batch)


class IndexedReleases(SqlReleases):
    """Reports and exports, which decide what comes after a determination."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        super().__init__(connection, touch, turn_to)
        self._index = Index(connection)

    def save_report(self, report: Report) -> None:
        """Add or replace a certified report."""
        super().save_report(report)
        self._index.case_called(report.case_id)

    def save_export(self, export: Export) -> None:
        """Add or replace an export."""
        super().save_export(export)
        self._index.case_called(export.case_id)


class IndexedBenchmarks(SqlBenchmarkResults):
    """Benchmark results with their notes."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        super().__init__(connection, touch)
        self._index = Index(connection)

    def add(self, result: BenchmarkResult) -> None:
        """Append one."""
        super().add(result)
        self._index.benchmark(result)


class IndexedFindings(SqlFindings):
    """Findings with their words."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        super().__init__(connection, touch, turn_to)
        self._index = Index(connection)

    def add(self, finding: Finding) -> None:
        """A new finding."""
        super().add(finding)
        self._index.finding(finding)

    def save(self, finding: Finding) -> None:
        """Write a finding read in this unit of work."""
        super().save(finding)
        self._index.finding(finding)


class IndexedReferrals(SqlReferrals):
    """Referrals with their words, and who may find them."""

    def __init__(
        self, connection: sa.Connection, touch: Touch, turn_to: TurnTo, actor: PersonId | None
    ) -> None:
        super().__init__(connection, touch, turn_to, actor)
        self._index = Index(connection)

    def add(self, referral: Referral) -> None:
        """A new referral."""
        super().add(referral)
        self._index.referral(referral)

    def save(self, referral: Referral) -> None:
        """Write a referral read in this unit of work."""
        super().save(referral)
        self._index.referral(referral)
