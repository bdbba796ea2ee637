"""Packages and their files, up to a million rows each: keyset pages, no OFFSET."""

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
import sqlalchemy as sa

from storage.repositories import Touch, TurnTo, decode, encode
from storage.schema import PLACE, files, packages, reports
from workstation.core.examination import Coverage, Finding
from workstation.core.exports import RecordUnknown, Report
from workstation.core.packages import Fixity, ListedFile, Package, PackageFile, PackageState
from workstation.core.ports import Examined
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef

_PLACED: sa.ColumnElement[str] = sa.literal_column(PLACE)
_PLACE_CHARS = 32  # 24 of the 25 bytes before a reference's size; the version before them may differ
_CONTAINER_BYTES = 17  # kind and identifier, in the first 23 of those characters
# From one container to the next by the index over places: a million files lie in few of them. "~" sorts
# behind every character of a reference.
_CONTAINERS = f"""
WITH RECURSIVE named(place) AS (
    SELECT min({PLACE}) FROM files WHERE {PLACE} > ''
    UNION ALL
    SELECT (SELECT min({PLACE}) FROM files WHERE {PLACE} > substr(place, 1, 23) || '~')
    FROM named WHERE place IS NOT NULL)
SELECT substr(place, 1, 23) FROM named WHERE place IS NOT NULL
"""  # noqa: S608 - a constant
# Built once: an amended submission asks for each of its small files.
_ALIKE = (
    sa.select(files.c.object_ref)
    .join(packages)
    .where(
        files.c.sha384 == sa.bindparam("sha384"),
        files.c.size_bytes == sa.bindparam("size_bytes"),
        files.c.object_ref != "",
        packages.c.case_id == sa.bindparam("case"),
    )
    .distinct()
    .limit(sa.bindparam("most"))
)


class SqlPackages:
    """See ``core.ports.Packages``."""

    def __init__(self, connection: sa.Connection, touch: Touch, turn_to: TurnTo) -> None:
        self._connection, self._touch, self._turn_to = connection, touch, turn_to

    def add(self, package: Package) -> None:
        """A package whose reading has begun."""
        self._touch(package.case_id)
        self._connection.execute(sa.insert(packages).values(self._row(package)))

    def get(self, package_id: PackageId) -> Package:
        """One package."""
        query = sa.select(packages.c.body).where(packages.c.package_id == package_id)
        body = self._connection.execute(query).scalar()
        if body is None:
            raise RecordUnknown(record_id=package_id)
        package = decode(body, Package)
        self._turn_to(package.case_id)
        return package

    def save(self, package: Package) -> None:
        """Write a changed package."""
        self._touch(package.case_id)
        where = packages.c.package_id == package.package_id
        done = self._connection.execute(sa.update(packages).where(where).values(self._row(package)))
        if done.rowcount != 1:
            raise RecordUnknown(record_id=package.package_id)

    @staticmethod
    def _row(package: Package) -> dict[str, object]:
        return {
            "package_id": package.package_id,
            "case_id": package.case_id,
            "state": str(package.state),
            "body": encode(package),
        }

    def of_case(self, case_id: CaseId) -> Sequence[Package]:
        """Every package ever begun for a case, in the order in which they were begun."""
        begun: sa.ColumnElement[int] = sa.literal_column("rowid")
        query = sa.select(packages.c.body).where(packages.c.case_id == case_id).order_by(begun)
        return [decode(body, Package) for body in self._connection.execute(query).scalars()]

    def receiving(self) -> Sequence[Package]:
        """Packages whose reading began and has not ended."""
        query = sa.select(packages.c.body).where(packages.c.state == str(PackageState.RECEIVING))
        return [decode(body, Package) for body in self._connection.execute(query).scalars()]

    def add_files(self, new: Iterable[PackageFile]) -> None:
        """Name files that are durable in the vault."""
        self._touch()
        rows = [
            {
                "package_id": file.package_id,
                "path": file.untrusted_path,
                "size_bytes": file.size_bytes,
                "sha384": file.sha384,
                "object_ref": file.object_ref,
                "fixity": str(file.fixity),
                "kind": file.kind,
                "coverage": str(file.coverage),
                "findings": msgspec.json.encode(file.findings),
                "facts": file.facts_json,
            }
            for file in new
        ]
        if rows:
            self._connection.execute(sa.insert(files), rows)

    def stored(self, package_id: PackageId) -> Mapping[str, int]:
        """Path and size of every file already named."""
        query = sa.select(files.c.path, files.c.size_bytes).where(files.c.package_id == package_id)
        return {path: size_bytes for path, size_bytes in self._connection.execute(query)}  # noqa: C416 - row to pair

    def files(
        self, package_id: PackageId, *, after: str = "", limit: int = 200, only: Coverage | None = None
    ) -> Sequence[PackageFile]:
        """Files by path, a page at a time, all of them or those of one word."""
        where = sa.and_(files.c.package_id == package_id, files.c.path > after)
        if only is Coverage.SEEN:
            where = sa.and_(where, files.c.opened == 1)
        elif only is not None:
            where = sa.and_(where, files.c.coverage == str(only))
        query = sa.select(files).where(where).order_by(files.c.path).limit(limit)
        return [as_file(row) for row in self._connection.execute(query).mappings()]

    def listed(self, package_id: PackageId, *, after: str = "", limit: int = 200) -> Sequence[ListedFile]:
        """Path, size and digest by path, a page at a time."""
        where = sa.and_(files.c.package_id == package_id, files.c.path > after)
        columns = sa.select(files.c.path, files.c.size_bytes, files.c.sha384, files.c.fixity)
        found = self._connection.execute(columns.where(where).order_by(files.c.path).limit(limit))
        return [
            ListedFile(
                untrusted_path=path,
                size_bytes=size_bytes,
                sha384=sha384,
                unreadable=fixity == Fixity.UNREADABLE,
            )
            for path, size_bytes, sha384, fixity in found
        ]

    def file(self, package_id: PackageId, untrusted_path: str) -> PackageFile:
        """One file."""
        where = sa.and_(files.c.package_id == package_id, files.c.path == untrusted_path)
        row = self._connection.execute(sa.select(files).where(where)).mappings().first()
        if row is None:
            raise RecordUnknown(record_id=f"{package_id}: {untrusted_path}")
        return as_file(row)

    def save_examined(self, package_id: PackageId, examined: Iterable[Examined]) -> None:
        """Write what the examination found."""
        self._touch()
        rows = [
            {
                "p": package_id,
                "f": result.untrusted_path,
                "kind": result.kind,
                "coverage": str(result.coverage),
                "fixity": str(result.fixity),
                "findings": msgspec.json.encode(result.findings),
                "facts": result.facts_json,
            }
            for result in examined
        ]
        where = sa.and_(files.c.package_id == sa.bindparam("p"), files.c.path == sa.bindparam("f"))
        if rows and self._connection.execute(sa.update(files).where(where), rows).rowcount != len(rows):
            raise RecordUnknown(record_id=package_id)

    def mark_seen(self, package_id: PackageId, untrusted_path: str) -> None:
        """A person opened the file."""
        self._touch()
        where = sa.and_(files.c.package_id == package_id, files.c.path == untrusted_path)
        if self._connection.execute(sa.update(files).where(where).values(opened=1)).rowcount != 1:
            raise RecordUnknown(record_id=f"{package_id}: {untrusted_path}")

    def coverage(self, package_id: PackageId) -> Mapping[str, int]:
        """Files by coverage, plus ``opened``."""
        count, opened = sa.func.count(), sa.func.sum(files.c.opened)
        where = files.c.package_id == package_id
        rows = self._connection.execute(
            sa.select(files.c.coverage, count, opened).where(where).group_by(files.c.coverage)
        )
        found: dict[str, int] = {str(coverage): 0 for coverage in Coverage} | {"opened": 0}
        for coverage, number, seen in rows:
            found[coverage] = number
            found["opened"] += seen or 0
        return found

    def contents(self, case_id: CaseId) -> Iterator[tuple[int, str, str]]:
        """Length, digest and reference of every file of a case."""
        joined = sa.select(files.c.size_bytes, files.c.sha384, files.c.object_ref).join(packages)
        where = sa.and_(packages.c.case_id == case_id, files.c.object_ref != "")
        for row in self._connection.execute(joined.where(where)):
            yield row.size_bytes, row.sha384, row.object_ref

    def content(self, case_id: CaseId, sha384: str, size_bytes: int, *, limit: int = 1) -> Sequence[str]:
        """References under which a case holds this content, by the index over digests."""
        wanted = {"case": case_id, "sha384": sha384, "size_bytes": size_bytes, "most": limit}
        return list(self._connection.execute(_ALIKE, wanted).scalars())

    def references(self, object_ref: str) -> int:
        """How many rows name this object, under whatever epoch its key is wrapped."""
        wanted = ObjectRef.parse(object_ref)
        alike = sa.select(files.c.object_ref).where(_PLACED.in_([object_ref[1 : 1 + _PLACE_CHARS]]))
        found = map(ObjectRef.parse, self._connection.execute(alike).scalars())
        return sum((ref.container_id, ref.offset) == (wanted.container_id, wanted.offset) for ref in found)

    def object_refs(self) -> Iterator[str]:
        """Every object reference named by any row."""
        yield from self._connection.execute(
            sa.select(files.c.object_ref).where(files.c.object_ref != "")
        ).scalars()
        yield from self._reported()

    def containers(self) -> frozenset[str]:
        """Every container that any row names."""
        begins = set(self._connection.exec_driver_sql(_CONTAINERS).scalars().all())
        begins |= {ref[1:24] for ref in self._reported()}
        # 23 characters are 138 bits; of the place behind the container come two.
        heads = (base64.urlsafe_b64decode(begin + "A")[:_CONTAINER_BYTES] for begin in begins)
        return frozenset(chr(head[0]) + head[1:].hex() for head in heads)

    def _reported(self) -> Iterator[str]:
        for body in self._connection.execute(sa.select(reports.c.body)).scalars().all():
            report = decode(body, Report)
            annex = (ref for _name, ref in report.annex)
            yield from (ref for ref in (report.pdf_ref, report.statement_ref, *annex) if ref)


def as_file(row: sa.RowMapping) -> PackageFile:
    """One row of the files as the core knows it."""
    return PackageFile(
        package_id=PackageId(row["package_id"]),
        untrusted_path=row["path"],
        size_bytes=row["size_bytes"],
        sha384=row["sha384"],
        object_ref=row["object_ref"],
        fixity=Fixity(row["fixity"]),
        kind=row["kind"],
        coverage=Coverage(row["coverage"]),
        findings=msgspec.json.decode(row["findings"], type=tuple[Finding, ...]),
        facts_json=row["facts"],
        opened=bool(row["opened"]),
    )
