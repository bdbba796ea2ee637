"""Content sets and benchmark results as rows; both are only ever added."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from storage.packages import as_file
from storage.repositories import Touch, decode, encode
from storage.schema import benchmark_results, content_sets, files
from workstation.core.content import ContentKind, ContentRecord
from workstation.core.packages import PackageFile
from workstation.core.results import BenchmarkResult
from workstation.core.values import CaseId, PackageId


class SqlContentSets:
    """See ``core.content_ports.ContentSets``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, record: ContentRecord) -> None:
        """Keep one."""
        self._touch()
        row = {
            "kind": str(record.kind),
            "set_id": record.set_id,
            "version": record.version,
            "added_at": record.added_at.isoformat(),
            "body": encode(record),
        }
        self._connection.execute(sa.insert(content_sets).values(row))

    def get(self, kind: ContentKind, set_id: str, version: int) -> ContentRecord | None:
        """One version of one set."""
        where = sa.and_(
            content_sets.c.kind == str(kind),
            content_sets.c.set_id == set_id,
            content_sets.c.version == version,
        )
        body = self._connection.execute(sa.select(content_sets.c.body).where(where)).scalar()
        return decode(body, ContentRecord) if body is not None else None

    def all(self) -> Sequence[ContentRecord]:
        """Every version of every set, in the order they were taken into use."""
        order = (content_sets.c.added_at, content_sets.c.set_id, content_sets.c.version)
        query = sa.select(content_sets.c.body).order_by(*order)
        return [decode(body, ContentRecord) for body in self._connection.execute(query).scalars()]


class SqlBenchmarkResults:
    """See ``core.content_ports.BenchmarkResults``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, result: BenchmarkResult) -> None:
        """Append one."""
        self._touch(result.case_id)
        row = {
            "result_id": result.result_id,
            "case_id": result.case_id,
            "recorded_at": result.recorded_at.isoformat(),
            "body": encode(result),
        }
        self._connection.execute(sa.insert(benchmark_results).values(row))

    def of_case(self, case_id: CaseId) -> Sequence[BenchmarkResult]:
        """Every result ever recorded for a case, oldest first."""
        query = (
            sa.select(benchmark_results.c.body)
            .where(benchmark_results.c.case_id == case_id)
            .order_by(benchmark_results.c.recorded_at, benchmark_results.c.result_id)
        )
        return [decode(body, BenchmarkResult) for body in self._connection.execute(query).scalars()]

    def files(self, package_id: PackageId, kinds: Collection[str]) -> Sequence[PackageFile]:
        """Files of a package of these kinds, by path."""
        where = sa.and_(files.c.package_id == package_id, files.c.kind.in_(sorted(kinds)))
        rows = self._connection.execute(sa.select(files).where(where).order_by(files.c.path)).mappings()
        return [as_file(row) for row in rows]

    def fixities(self, package_id: PackageId) -> Mapping[str, int]:
        """How many files compare how with the manifest."""
        query = (
            sa.select(files.c.fixity, sa.func.count().label("number"))
            .where(files.c.package_id == package_id)
            .group_by(files.c.fixity)
        )
        return {row.fixity: row.number for row in self._connection.execute(query)}
