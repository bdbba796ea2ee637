"""Keeps the derived tables: cases in short, and the index of words.

Written in the transaction of what they describe, and made anew from it when the vault is opened by a program
that derives them differently.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from storage import full_texts, summaries
from storage.repositories import decode
from storage.schema import (
    answers,
    benchmark_results,
    blobs,
    case_summaries,
    cases,
    exports,
    files,
    findings,
    packages,
    referrals,
    reports,
    search_items,
)
from workstation.core.cases import Case
from workstation.core.checklists import Answer
from workstation.core.exports import Export, Report
from workstation.core.findings import Finding
from workstation.core.packages import PackageFile
from workstation.core.ports import Examined
from workstation.core.referrals import Referral
from workstation.core.results import BenchmarkResult
from workstation.core.search_ports import IndexKind
from workstation.core.summaries import summarise
from workstation.core.values import CaseId, PackageId

T = TypeVar("T")
# Raised whenever something is derived differently: the tables are then made anew at the next opening.
VERSION = b"3"
_VERSION_NAME = "index/version"
_BATCH = 5_000
_MOST_TEXT_CHARS = 65_536


@dataclass(frozen=True, kw_only=True)
class _Statements:
    """What is said to one full-text table; SQLAlchemy has no words for them."""

    add: str
    forget: str
    forget_all: str


_WORDS = {
    kind: _Statements(
        add=f"INSERT INTO words_{kind} (rowid, words) VALUES (?, ?)",  # noqa: S608 - an enumeration
        forget=f"DELETE FROM words_{kind} WHERE rowid = ?",  # noqa: S608 - an enumeration
        forget_all=f"INSERT INTO words_{kind} (words_{kind}) VALUES ('delete-all')",  # noqa: S608 - an enumeration
    )
    for kind in IndexKind
}
Entry = tuple[str, str, str, str]  # record, part, people, words


class Index:
    """One transaction's hand on the derived tables."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._at: int | None = None

    def case(self, case: Case) -> None:
        """The case in short; after every change of it, of its reports and of its exports."""
        made: Iterable[Report] = ()
        asked: Iterable[Export] = ()
        if case.determinations:
            made = self._bodies(reports, reports.c.case_id == case.case_id, Report)
            asked = self._bodies(exports, exports.c.case_id == case.case_id, Export)
        row = _summary_row(case, made, asked, self._changed())
        self._connection.execute(_summary_written(), row)

    def _changed(self) -> int:
        """One more than any summary says; raised by nobody but this transaction, which writes alone."""
        if self._at is None:
            newest = self._connection.exec_driver_sql("SELECT max(changed) FROM case_summaries").scalar()
            self._at = (newest or 0) + 1
        return self._at

    def case_called(self, case_id: CaseId) -> None:
        """The same for a case that is not at hand."""
        for case in self._bodies(cases, cases.c.case_id == case_id, Case):
            self.case(case)

    def _bodies(self, table: sa.Table, where: sa.ColumnElement[bool], kind: type[T]) -> list[T]:
        query = sa.select(table.c.body).where(where)
        return [decode(body, kind) for body in self._connection.execute(query).scalars()]

    def answer(self, given: Answer) -> None:
        """The newest revision in place of the one before."""
        self._replace(IndexKind.ANSWER, given.case_id, answer_entry(given))

    def finding(self, finding: Finding) -> None:
        """A finding as it reads now."""
        self._replace(IndexKind.FINDING, finding.case_id, finding_entry(finding))

    def referral(self, referral: Referral) -> None:
        """A referral as it reads now."""
        self._replace(IndexKind.REFERRAL, referral.case_id, referral_entry(referral))

    def benchmark(self, result: BenchmarkResult) -> None:
        """A benchmark result."""
        self._add(IndexKind.BENCHMARK, result.case_id, [benchmark_entry(result)])

    def files(self, new: Iterable[PackageFile]) -> None:
        """Paths of files just named, and what is known of them already."""
        by_package: dict[PackageId, list[PackageFile]] = {}
        for file in new:
            by_package.setdefault(file.package_id, []).append(file)
        for package_id, named in by_package.items():
            case_id = self._case_of(package_id)
            self._add(IndexKind.FILE, case_id, [_path_entry(f.package_id, f.untrusted_path) for f in named])
            texts = (text_entry(f.package_id, f.untrusted_path, f.facts_json) for f in named)
            self._add(IndexKind.TEXT, case_id, [one for one in texts if one is not None])

    def texts(self, package_id: PackageId, examined: Iterable[Examined]) -> None:
        """What the examination read."""
        case_id = self._case_of(package_id)
        for one in examined:
            entry = text_entry(package_id, one.untrusted_path, one.facts_json)
            self._forget(IndexKind.TEXT, case_id, package_id, one.untrusted_path)
            if entry is not None:
                self._add(IndexKind.TEXT, case_id, [entry])

    def _case_of(self, package_id: PackageId) -> CaseId:
        query = sa.select(packages.c.case_id).where(packages.c.package_id == package_id)
        return CaseId(self._connection.execute(query).scalar() or "")

    def _replace(self, kind: IndexKind, case_id: str, entry: Entry) -> None:
        self._forget(kind, case_id, entry[0], entry[1])
        self._add(kind, case_id, [entry])

    def _forget(self, kind: IndexKind, case_id: str, record: str, part: str) -> None:
        columns = search_items.c
        where = sa.and_(
            columns.kind == str(kind),
            sa.literal_column("kind <> 'file'"),  # so that SQLite takes the partial index
            columns.case_id == case_id,
            columns.record == record,
            columns.part == part,
        )
        for item in self._connection.execute(sa.select(columns.item).where(where)).scalars().all():
            self._connection.exec_driver_sql(_WORDS[kind].forget, (item,))
            self._connection.execute(sa.delete(search_items).where(columns.item == item))

    def _add(self, kind: IndexKind, case_id: str, entries: Iterable[Entry]) -> int:
        rows = [(str(kind), case_id, *entry) for entry in entries]
        if not rows:
            return 0
        newest = self._connection.exec_driver_sql("SELECT max(item) FROM search_items").scalar() or 0
        numbered = list(enumerate(rows, start=newest + 1))
        self._connection.exec_driver_sql(
            "INSERT INTO search_items (item, kind, case_id, record, part, people) VALUES (?, ?, ?, ?, ?, ?)",
            [(item, *row[:-1]) for item, row in numbered],
        )
        self._connection.exec_driver_sql(
            _WORDS[kind].add,
            [(item, row[-1]) for item, row in numbered],
        )
        return len(rows)

    # --- everything anew -----------------------------------------------------------------------

    def is_current(self) -> bool:
        """Whether the tables were derived by the rules of this program."""
        query = sa.select(blobs.c.value).where(blobs.c.name == _VERSION_NAME)
        return self._connection.execute(query).scalar() == VERSION

    def rebuild(self) -> int:
        """Empty the derived tables and fill them; returns how many things are indexed by words."""
        self._changed()  # before they are gone: a list that knows the old ones must see that these are new
        self._connection.execute(sa.delete(case_summaries))
        # What was read in whole files is kept with its numbers: nobody reads it again without the sandbox.
        self._connection.execute(sa.delete(search_items).where(search_items.c.kind != full_texts.KIND))
        for kind in IndexKind:
            self._connection.exec_driver_sql(_WORDS[kind].forget_all)
        for case in self._each(cases, Case):
            self.case(case)
        count = sum(self._add(kind, case_id, [entry]) for kind, case_id, entry in self._others())
        count += self._rebuild_files()
        for passages in full_texts.every(self._connection):
            full_texts.add_words(self._connection, passages)
            count += len(passages)
        write = upsert(blobs).values(name=_VERSION_NAME, value=VERSION)
        self._connection.execute(
            write.on_conflict_do_update(index_elements=["name"], set_={"value": VERSION})
        )
        return count

    def _others(self) -> Iterator[tuple[IndexKind, str, Entry]]:
        newest: dict[tuple[str, ...], Answer] = {}
        for given in self._each(answers, Answer):
            key = (given.case_id, given.criterion_id, given.person_id)
            if key not in newest or newest[key].revision < given.revision:
                newest[key] = given
        for given in newest.values():
            yield IndexKind.ANSWER, given.case_id, answer_entry(given)
        for finding in self._each(findings, Finding):
            yield IndexKind.FINDING, finding.case_id, finding_entry(finding)
        for referral in self._each(referrals, Referral):
            yield IndexKind.REFERRAL, referral.case_id, referral_entry(referral)
        for result in self._each(benchmark_results, BenchmarkResult):
            yield IndexKind.BENCHMARK, result.case_id, benchmark_entry(result)

    def _each(self, table: sa.Table, kind: type[T]) -> Iterator[T]:
        rows = self._connection.execution_options(yield_per=_BATCH).execute(sa.select(table.c.body))
        for body in rows.scalars():
            yield decode(body, kind)

    def _rebuild_files(self) -> int:
        count = 0
        pairs = self._connection.execute(sa.select(packages.c.package_id, packages.c.case_id)).all()
        for package_id, case_id in pairs:
            after = ""
            while page := self._file_page(package_id, after):
                self._add(IndexKind.FILE, case_id, [_path_entry(package_id, path) for path, _facts in page])
                texts = (text_entry(package_id, path, facts) for path, facts in page)
                count += self._add(IndexKind.TEXT, case_id, [one for one in texts if one is not None])
                count, after = count + len(page), page[-1][0]
        return count

    def _file_page(self, package_id: str, after: str) -> list[tuple[str, str]]:
        query = (
            sa.select(files.c.path, files.c.facts)
            .where(files.c.package_id == package_id, files.c.path > after)
            .order_by(files.c.path)
            .limit(_BATCH)
        )
        return [(row.path, row.facts) for row in self._connection.execute(query)]


def _summary_row(
    case: Case, made: Iterable[Report], asked: Iterable[Export], changed: int
) -> dict[str, object]:
    short = summarise(case, made, asked)
    blind = 0 if short.submitted_by_all else 2 if short.disclosed else 1
    return {
        "case_id": case.case_id,
        "answers_blind": blind,
        "findings_blind": int(short.blind),
        "changed": changed,
        "body": summaries.packed(short),
    }


def _summary_written() -> sa.Executable:
    new = upsert(case_summaries)
    changed = {name: new.excluded[name] for name in ("answers_blind", "findings_blind", "changed", "body")}
    return new.on_conflict_do_update(index_elements=["case_id"], set_=changed)


def _people(who: Iterable[str]) -> str:
    return f" {' '.join(sorted(who))} "


def answer_entry(given: Answer) -> Entry:
    """An answer by its detail and the number of its question."""
    words = f"{given.criterion_id} {given.detail}"
    return given.criterion_id, given.person_id, _people((given.person_id,)), words


def finding_entry(finding: Finding) -> Entry:
    """A finding by what it says."""
    text = finding.text
    words = f"{text.title}\n{text.component}\n{text.cwe} {text.cwe_name}\n{text.description}"
    return finding.finding_id, "", _people(finding.authors), f"{finding.finding_id}\n{words}"


def referral_entry(referral: Referral) -> Entry:
    """A referral by what it says; limited ones with the people named on them."""
    text = referral.text
    readers = _people(referral.readers) if referral.is_limited else ""
    words = f"{referral.referral_id}\n{text.title}\n{text.recipient}\n{text.summary}"
    return referral.referral_id, "", readers, words


def benchmark_entry(result: BenchmarkResult) -> Entry:
    """A result by suite, metric, note and where it comes from."""
    source = result.provenance
    words = (result.suite, result.metric, result.note, source.run_by, source.log_named, source.harness)
    return result.result_id, "", "", "\n".join(words)


def _path_entry(package_id: str, path: str) -> Entry:
    return package_id, path, "", path


def text_entry(package_id: str, path: str, facts_json: str) -> Entry | None:
    """A file by the words the examination read in it; ``None`` where it read none."""
    words = words_of(facts_json)
    return (package_id, path, "", words) if words else None


def words_of(facts_json: str) -> str:
    """Every text among the facts of a file, as far as is indexed."""
    if len(facts_json) <= len("{}"):
        return ""
    found: list[str] = []
    left = _MOST_TEXT_CHARS
    waiting = [msgspec.json.decode(facts_json)]
    while waiting and left > 0:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one[:left])
            left -= len(one)
        elif isinstance(one, dict):
            waiting += reversed(one.values())
        elif isinstance(one, list):
            waiting += reversed(one)
    return "\n".join(found)
