"""Fills the vault of ``bench_scale``: cases by the program's own rows, files and trail in bulk.

Everything goes through the tables as they are; only indexes are left out while rows come in, and made
afterwards. The trail is chained and keyed for real: its newest rows are proved by the program itself.
"""

import hashlib
import hmac
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from unittest import mock

import sqlalchemy as sa

from storage import indexing, schema, summaries
from storage.audit_log import SqlAuditTrail, _row_hash
from storage.database import SqlDatabase
from storage.indexing import Index
from storage.vault.pieces import path_of
from tests.bench import bench_lists
from tests.bench.bench_lists import Office
from workstation.app.services import Session
from workstation.core.values import CaseId
from workstation.core.vault import ContainerKind, ObjectRef

CASES = 5_000
SMALL_BYTES, PER_PACK = 13_150, 5_000
_PROVED_ROWS = 2_000
_BATCH = 20_000
_BODY = '{"criterion_id":"K1.1","portion_marking":"(U)","result":"met","revision":1}'
_FILE = (
    "INSERT INTO files (package_id, path, size_bytes, sha384, object_ref, fixity, kind, coverage, opened, "
    "findings, facts) "
    "VALUES (?, ?, ?, ?, ?, 'unlisted', 'text', 'nothing-found', 0, CAST('[]' AS BLOB), '{}')"
)
_ROW = (
    "INSERT INTO audit (seq, at, actor_id, actor_name, role, duty, event, case_id, body, hash_sha384, epoch, "
    "mac_sha384) VALUES (?, ?, ?, 'Bench', 'reviewer', 'answer', 'AnswerSaved', ?, ?, ?, ?, ?)"
)
# As ``Index.files`` would, which takes one package at a time.
_ITEMS = (
    "INSERT INTO search_items (item, kind, case_id, record, part, people) "
    "SELECT :newest + row_number() OVER (), 'file', replace(package_id, 'PACKAGE', 'CASE'), package_id, "
    "path, '' FROM files WHERE package_id LIKE 'PACKAGE-BENCH%'"
)
_WORDS = "INSERT INTO words_file (rowid, words) SELECT item, part FROM search_items WHERE item > :newest"


def stamp(files: int, rows: int) -> str:
    """What the kept vault depends on: another stamp, and it is made anew."""
    digest = hashlib.sha256(f"{CASES} {files} {rows}".encode() + indexing.VERSION)
    for path in (schema.__file__, summaries.__file__, __file__):
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


class Large(Office):
    """The office of the lists' measurements, with far more files and rows of the trail."""

    def __init__(self, session: Session, case_id: CaseId, files: int, rows: int) -> None:
        super().__init__(session, case_id, CASES)
        self._files, self._rows = files, rows
        sealed = self._reference(ContainerKind.PACK, 1, 0)
        self.report = replace(self.report, pdf_ref=sealed, statement_ref=sealed, annex=())

    def make(self, root: Path) -> None:
        """All of it, and empty containers under the names that the files name."""
        database = self.session.database
        assert isinstance(database, SqlDatabase)
        with database._writing() as connection:
            # One file a case in Python, the others in bulk; of answers no list reads the rows.
            with mock.patch.multiple(bench_lists, FILES=1, ANSWERS=6):
                self.fill(connection)
            connection.exec_driver_sql("DELETE FROM files WHERE package_id LIKE 'PACKAGE-BENCH%'")
            Index(connection).rebuild()
        with database._writing() as connection:
            connection.exec_driver_sql("PRAGMA cache_size = -400000")
            self._bulk_files(connection)
            self._bulk_trail(connection, database)
        with database.look() as work:
            self._prove(work.audit)
        database.fold()
        for number in range(-(-CASES * self._files // PER_PACK)):
            path_of(root, ContainerKind.PACK, (number + 1).to_bytes(16)).touch(mode=0o600)
        for number in range(CASES):
            path_of(root, ContainerKind.OBJECT, (number + 1).to_bytes(16)).touch(mode=0o600)

    def _trail(self, connection: sa.Connection) -> None:
        """Made in bulk."""

    @staticmethod
    def _reference(kind: ContainerKind, container: int, place: int) -> str:
        return ObjectRef(
            kind=kind,
            container_id=container.to_bytes(16),
            offset=32 + place * (SMALL_BYTES + 28),
            size_bytes=SMALL_BYTES,
            epoch=0,
            wrapped_key=bytes(40),
            case_key=1,
        ).text

    def _bulk_files(self, connection: sa.Connection) -> None:
        with _without_indexes(connection, schema.files):
            _insert(connection, _FILE, self._file_rows())
        newest = connection.exec_driver_sql("SELECT max(item) FROM search_items").scalar() or 0
        connection.execute(sa.text(_ITEMS), {"newest": newest})
        connection.execute(sa.text(_WORDS), {"newest": newest})

    def _file_rows(self) -> Iterator[tuple[object, ...]]:
        """One large object a package, the other files in packs."""
        for case in range(CASES):
            large = self._reference(ContainerKind.OBJECT, case + 1, 0)
            yield f"PACKAGE-BENCH{case:05}", "weights.bin", 5 << 20, os.urandom(48).hex(), large
            for number in range(1, self._files):
                packed = case * self._files + number
                ref = self._reference(ContainerKind.PACK, packed // PER_PACK + 1, packed % PER_PACK)
                path = f"data/part-{number // 100:02}/file-{number:06}.json"
                yield f"PACKAGE-BENCH{case:05}", path, SMALL_BYTES, os.urandom(48).hex(), ref

    def _bulk_trail(self, connection: sa.Connection, database: SqlDatabase) -> None:
        trail = SqlAuditTrail(connection, database._audit_keys)
        seq, head = trail._last()
        epoch = database._audit_keys.epoch()
        chained = self._chain(seq, head, epoch, database._audit_keys.key(epoch))
        with _without_indexes(connection, schema.audit):
            _insert(connection, _ROW, chained)

    def _chain(self, seq: int, head: str, epoch: int, key: bytes) -> Iterator[tuple[object, ...]]:
        """Rows whose hashes are those of the canonical JSON, written without the way there."""
        at, who, quoted = self.session.services.clock.now().isoformat(), self.reviewers[1], _quoted(_BODY)
        begin = f'{{"actor_id":"{who}","actor_name":"Bench","at":"{at}","body":{quoted},"case_id":"'
        middle, end = '","duty":"answer","event":"AnswerSaved","previous":"', '","role":"reviewer","seq":'
        mac = hmac.new(key, digestmod="sha384")
        for number in range(CASES * self._rows):
            seq, case_id = seq + 1, f"CASE-BENCH{number % CASES:05}"
            row = hashlib.sha384(f"{begin}{case_id}{middle}{head}{end}{seq}}}".encode())
            keyed = mac.copy()
            keyed.update(row.digest())
            head = row.hexdigest()
            yield seq, at, who, case_id, _BODY, head, epoch, keyed.digest()

    @staticmethod
    def _prove(trail: Any) -> None:
        """The newest rows hold, each by the program's own rules."""
        rows = trail._connection.execute(
            sa.select(schema.audit).order_by(schema.audit.c.seq.desc()).limit(_PROVED_ROWS)
        )
        newest = [dict(row) for row in rows.mappings()]
        for row, before in pairwise(newest):
            assert not trail._broken(row, row["seq"], before["hash_sha384"])
        assert newest[0]["hash_sha384"] == _row_hash(newest[0], newest[1]["hash_sha384"])


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '\\"') + '"'


@contextmanager
def _without_indexes(connection: sa.Connection, table: sa.Table) -> Iterator[None]:
    """A table's indexes are made after its rows: sorted once instead of searched for each row."""
    for index in table.indexes:
        index.drop(connection)
    yield
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        index.create(connection)


def _insert(connection: sa.Connection, statement: str, rows: Iterator[tuple[object, ...]]) -> None:
    while batch := list(islice(rows, _BATCH)):
        connection.exec_driver_sql(statement, batch)
