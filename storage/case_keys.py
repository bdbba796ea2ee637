"""Keys of cases as rows, and the end of a case: every row of it overwritten.

``secure_delete`` is on, so what is deleted here is overwritten with zeros in the pages of the file before
they are encrypted; the write-ahead log keeps the former pages until it is folded in.
"""

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from storage.repositories import Touch, decode, encode
from storage.schema import (
    answers,
    benchmark_results,
    blobs,
    case_keys,
    cases,
    files,
    findings,
    full_texts,
    packages,
    passages,
    referrals,
    reports,
    search_items,
)
from workstation.core.exits import Holdings
from workstation.core.exports import Report
from workstation.core.referrals import ReferralState
from workstation.core.report import DocumentKind
from workstation.core.search_ports import IndexKind
from workstation.core.values import CaseId
from workstation.core.vault import SealedCaseKey

WRAPPED_BYTES = 40
_UNDER_VAULT_KEY = "1%"
_OWN_ROWS = (answers, findings, referrals, benchmark_results)


class SqlCaseKeys:
    """See ``core.destructions.CaseKeys``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, case_id: CaseId, key: SealedCaseKey) -> int:
        """Keep the key of a case."""
        self._touch()
        number = (self._connection.execute(sa.select(sa.func.max(case_keys.c.number))).scalar() or 0) + 1
        row = {"number": number, "case_id": case_id, "epoch": key.epoch, "wrapped": key.wrapped}
        self._connection.execute(sa.insert(case_keys).values(row))
        return number

    def number(self, case_id: CaseId) -> int:
        """The number of the case's key, 0 for none."""
        where = sa.and_(case_keys.c.case_id == case_id, case_keys.c.epoch > 0)
        return self._connection.execute(sa.select(case_keys.c.number).where(where)).scalar() or 0

    def get(self, number: int) -> SealedCaseKey | None:
        """A key by its number."""
        return key_of(self._connection, number)

    def destroy(self, case_id: CaseId) -> None:
        """Overwrite it; as long as before, so that it is the same place of the same page."""
        self._touch(case_id)
        zeros = {"epoch": 0, "wrapped": bytes(WRAPPED_BYTES)}
        where = case_keys.c.case_id == case_id
        self._connection.execute(sa.update(case_keys).where(where).values(zeros))

    def without(self) -> Sequence[CaseId]:
        """Cases from before cases had keys."""
        known = sa.select(case_keys.c.case_id)
        query = sa.select(cases.c.case_id).where(cases.c.case_id.not_in(known)).order_by(cases.c.case_id)
        return [CaseId(case_id) for case_id in self._connection.execute(query).scalars()]

    def loose(self, case_id: CaseId, *, limit: int) -> Sequence[str]:
        """References still under the vault key."""
        joined = sa.select(files.c.object_ref).join(packages).distinct()
        where = sa.and_(packages.c.case_id == case_id, files.c.object_ref.like(_UNDER_VAULT_KEY))
        return list(self._connection.execute(joined.where(where).limit(limit)).scalars())

    def rewrapped(self, case_id: CaseId, pairs: Sequence[tuple[str, str]]) -> None:
        """Other words for the same objects."""
        self._touch()
        mine = sa.select(packages.c.package_id).where(packages.c.case_id == case_id)
        where = sa.and_(files.c.package_id.in_(mine), files.c.object_ref == sa.bindparam("old"))
        statement = sa.update(files).where(where).values(object_ref=sa.bindparam("new"))
        if pairs:
            self._connection.execute(statement, [{"old": old, "new": new} for old, new in pairs])


def key_of(connection: sa.Connection, number: int) -> SealedCaseKey | None:
    """A key by its number, ``None`` where it was destroyed or never was."""
    where = sa.and_(case_keys.c.number == number, case_keys.c.epoch > 0)
    row = connection.execute(sa.select(case_keys.c.epoch, case_keys.c.wrapped).where(where)).first()
    return SealedCaseKey(epoch=row.epoch, wrapped=row.wrapped) if row else None


def keys_below(connection: sa.Connection, epoch: int) -> list[tuple[int, SealedCaseKey]]:
    """Keys that stand under an earlier epoch, with their numbers."""
    where = sa.and_(case_keys.c.epoch > 0, case_keys.c.epoch < epoch)
    query = sa.select(case_keys.c.number, case_keys.c.epoch, case_keys.c.wrapped).where(where)
    rows = connection.execute(query).all()
    return [(row.number, SealedCaseKey(epoch=row.epoch, wrapped=row.wrapped)) for row in rows]


def write_key(connection: sa.Connection, number: int, key: SealedCaseKey) -> None:
    """Another wrapping of the same key."""
    where = case_keys.c.number == number
    values = {"epoch": key.epoch, "wrapped": key.wrapped}
    connection.execute(sa.update(case_keys).where(where).values(values))


class SqlDisposals:
    """See ``core.destructions.Disposals``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def holdings(self, case_id: CaseId) -> Holdings:
        """Counted exactly, now."""
        count = sa.func.count()
        mine = packages.c.case_id == case_id
        total = (
            sa.select(count, sa.func.sum(files.c.size_bytes)).select_from(files.join(packages)).where(mine)
        )
        number, size_bytes = self._connection.execute(total).one()
        loose = total.where(files.c.object_ref.like(_UNDER_VAULT_KEY))
        of_case = {
            table.name: self._count(table, table.c.case_id == case_id) for table in (packages, *_OWN_ROWS)
        }
        return Holdings(
            packages=of_case["packages"],
            files=number,
            size_bytes=size_bytes or 0,
            loose=self._connection.execute(loose).one()[0],
            answers=of_case["answers"],
            findings=of_case["findings"],
            referrals=of_case["referrals"],
            results=of_case["benchmark_results"],
            documents=sum(bool(report.pdf_ref) for report in self._reports(case_id)),
            drafts=self._count(blobs, _drafts_of(case_id)),
            index_items=self._count(search_items, search_items.c.case_id == case_id),
        )

    def _count(self, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(where)
        return self._connection.execute(query).scalar() or 0

    def _reports(self, case_id: CaseId) -> list[Report]:
        query = sa.select(reports.c.body).where(reports.c.case_id == case_id)
        found = [decode(body, Report) for body in self._connection.execute(query).scalars()]
        return [one for one in found if one.kind is not DocumentKind.DESTRUCTION_CERTIFICATE]

    def open_referrals(self, case_id: CaseId) -> int:
        """Drafted or signed, and not sent."""
        still = referrals.c.state.in_([str(ReferralState.DRAFT), str(ReferralState.SIGNED)])
        return self._count(referrals, sa.and_(referrals.c.case_id == case_id, still))

    def erase(self, case_id: CaseId) -> None:
        """Every row but those that are to stay."""
        self._touch(case_id)
        self._forget_words(case_id)
        mine = sa.select(packages.c.package_id).where(packages.c.case_id == case_id)
        for table in (full_texts, files):
            self._connection.execute(sa.delete(table).where(table.c.package_id.in_(mine)))
        for table in (*_OWN_ROWS, packages):
            self._connection.execute(sa.delete(table).where(table.c.case_id == case_id))
        self._connection.execute(sa.delete(blobs).where(_drafts_of(case_id)))
        for report in self._reports(case_id):
            bare = encode(_without_bytes(report))
            where = reports.c.report_id == report.report_id
            self._connection.execute(sa.update(reports).where(where).values(body=bare))

    def _forget_words(self, case_id: CaseId) -> None:
        mine = "SELECT item FROM search_items WHERE case_id = ? AND kind = ?"
        for kind in IndexKind:
            words = f"words_{kind}"
            forget = f"DELETE FROM {words} WHERE rowid IN ({mine})"  # noqa: S608 - an enumeration
            self._connection.exec_driver_sql(forget, (case_id, str(kind)))
            # A deleted entry is only marked; merging writes the index without it.
            merge = f"INSERT INTO {words} ({words}) VALUES ('optimize')"  # noqa: S608 - an enumeration
            self._connection.exec_driver_sql(merge)
        items = sa.select(search_items.c.item).where(search_items.c.case_id == case_id)
        self._connection.execute(sa.delete(passages).where(passages.c.item.in_(items)))
        self._connection.execute(sa.delete(search_items).where(search_items.c.case_id == case_id))


def _drafts_of(case_id: CaseId) -> sa.ColumnElement[bool]:
    # "draft/PERSON/CASE/part"; neither identifier holds a slash or a wildcard.
    return blobs.c.name.like(f"draft/%/{case_id}/%")


def _without_bytes(report: Report) -> Report:
    """The register's entry of a document: what it was, by whom, with which digest."""
    return replace(report, pdf_ref="", statement_ref="", annex=())
