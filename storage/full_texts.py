"""The words of whole documents and transcripts as rows: an index of them, and the words to be shown."""

import zlib
from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.repositories import Touch, decode, encode
from storage.schema import full_texts, packages, passages
from workstation.core.full_texts import WHOLE_PACKAGE, FullText, NotRead, Passage, TextState
from workstation.core.packages import PackageState
from workstation.core.search_ports import IndexKind
from workstation.core.values import CaseId, PackageId

KIND = str(IndexKind.PASSAGE)
_LEVEL = 6
_BATCH = 500


class SqlFullTexts:
    """See ``core.full_texts.FullTexts``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, case_id: CaseId, full: FullText, new: Sequence[Passage]) -> None:
        """Index more of a file, and keep how far it was read."""
        self._touch(case_id)
        newest = self._connection.exec_driver_sql("SELECT max(item) FROM search_items").scalar() or 0
        numbered = list(enumerate(new, start=newest + 1))
        if numbered:
            self._connection.exec_driver_sql(
                "INSERT INTO search_items (item, kind, case_id, record, part, people) "
                "VALUES (?, ?, ?, ?, ?, '')",
                [(item, KIND, case_id, full.package_id, full.untrusted_path) for item, _one in numbered],
            )
            add_words(self._connection, [(item, one.untrusted_words) for item, one in numbered])
            self._connection.exec_driver_sql(
                "INSERT INTO passages (item, place, words) VALUES (?, ?, ?)",
                [(item, one.place, deflated(one.untrusted_words)) for item, one in numbered],
            )
        row = {
            "package_id": full.package_id,
            "path": full.untrusted_path,
            "state": _state(full),
            "body": encode(full),
        }
        write = upsert(full_texts).values(row)
        self._connection.execute(write.on_conflict_do_update(index_elements=["package_id", "path"], set_=row))

    def of_package(self, package_id: PackageId) -> Mapping[str, FullText]:
        """Every file of a package that was looked at, by path."""
        query = sa.select(full_texts.c.body).where(full_texts.c.package_id == package_id)
        found = (decode(body, FullText) for body in self._connection.execute(query).scalars())
        return {full.untrusted_path: full for full in found}

    def waiting(self) -> Sequence[PackageId]:
        """Packages that are stored and examined, and not indexed to their end."""
        done = sa.select(full_texts.c.package_id).where(
            full_texts.c.path == WHOLE_PACKAGE, full_texts.c.state == str(TextState.WHOLE)
        )
        query = (
            sa.select(packages.c.package_id)
            .where(packages.c.state != str(PackageState.RECEIVING), packages.c.package_id.not_in(done))
            .order_by(packages.c.package_id)
        )
        return [PackageId(one) for one in self._connection.execute(query).scalars()]

    def tally(self) -> Mapping[str, int]:
        """How many files of the vault were not, or not wholly, read, by why."""
        query = (
            sa.select(full_texts.c.state, sa.func.count())
            .where(full_texts.c.state.in_(sorted(map(str, NotRead))))
            .group_by(full_texts.c.state)
        )
        return {str(why): number for why, number in self._connection.execute(query)}


def _state(full: FullText) -> str:
    """The column: why something is missing, else how far it was read."""
    return str(full.why or full.state)


def add_words(connection: sa.Connection, numbered: list[tuple[int, str]]) -> None:
    """Tell the index which words an item holds."""
    if numbered:
        connection.exec_driver_sql("INSERT INTO words_passage (rowid, words) VALUES (?, ?)", numbered)


def deflated(words: str) -> bytes:
    """As they are kept."""
    return zlib.compress(words.encode("utf-8", "replace"), _LEVEL)


def inflated(kept: bytes) -> str:
    """As they were read."""
    return zlib.decompress(kept).decode()


def every(connection: sa.Connection) -> Iterator[list[tuple[int, str]]]:
    """Every passage by its number, some at a time."""
    after = 0
    while True:
        query = sa.select(passages.c.item, passages.c.words).where(passages.c.item > after)
        rows = connection.execute(query.order_by(passages.c.item).limit(_BATCH)).all()
        if not rows:
            return
        yield [(row.item, inflated(row.words)) for row in rows]
        after = rows[-1].item
