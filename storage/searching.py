"""Full-text search inside the encrypted database: FTS5 keeps where which word occurs, under the same key."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from storage.full_texts import inflated
from storage.indexing import Index, words_of
from storage.repositories import Touch, decode
from storage.summaries import Summaries, unpacked
from workstation.core.case_errors import CaseUnknown
from workstation.core.checklists import Answer
from workstation.core.findings import Finding
from workstation.core.referrals import Referral
from workstation.core.results import BenchmarkResult
from workstation.core.search_ports import Indexed, IndexKind
from workstation.core.summaries import CaseSummary, answer_is_visible
from workstation.core.values import CaseId, CriterionId, PersonId

_NEWEST_ANSWER = (
    "SELECT body FROM answers WHERE case_id = ? AND criterion_id = ? AND person_id = ? "
    "ORDER BY revision DESC LIMIT 1"
)
_MOST_PARTS = 8
_PART = re.compile(r'"([^"]*)"|(\S+)')
_EXCERPT_CHARS, _BEFORE_CHARS = 200, 60
# The blind rule and the names on a referral, as far as SQL can tell; ``_may_see`` has the last word.
_GUARD = (
    "(i.people = '' OR instr(i.people, :me) > 0 OR (i.kind = 'answer' AND s.answers_blind <> 1)"
    " OR (i.kind = 'finding' AND s.findings_blind = 0))"
)


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What is told of one thing found, and what that is marked."""

    words: str
    place: str = ""
    portion_marking: str = ""
    marking: str = ""


class SqlSearch:
    """See ``core.search_ports.Search``. In a writing unit of work ``viewer`` must be who acts."""

    def __init__(
        self,
        connection: sa.Connection,
        touch: Touch,
        actor: PersonId | None,
        short: Summaries,
    ) -> None:
        self._connection, self._touch, self._actor = connection, touch, actor
        self._short = short
        self._load: dict[IndexKind, Callable[[sa.RowMapping, str, PersonId], _Shown | None]] = {
            IndexKind.FILE: lambda row, _text, _viewer: _Shown(words=row["part"]),
            IndexKind.TEXT: self._text,
            IndexKind.ANSWER: self._answer,
            IndexKind.FINDING: self._finding,
            IndexKind.BENCHMARK: self._benchmark,
            IndexKind.REFERRAL: self._referral,
            IndexKind.PASSAGE: self._passage,
        }

    def find(self, kind: IndexKind, text: str, viewer: PersonId, *, limit: int) -> Sequence[Indexed]:
        """What holds every word, newest first."""
        match = expression(text)
        if not match or (self._actor is not None and viewer != self._actor):
            return []
        # CROSS JOIN keeps SQLite from walking the cases first; order and limit then end the walk early.
        query = sa.text(
            f"SELECT i.item, i.case_id, i.record, i.part, s.body FROM words_{kind} w "  # noqa: S608 - an enumeration
            "CROSS JOIN search_items i ON i.item = w.rowid "
            "CROSS JOIN case_summaries s ON s.case_id = i.case_id "
            f"WHERE words_{kind} MATCH :match AND {_GUARD} ORDER BY w.rowid DESC LIMIT :limit"
        )
        values = {"match": match, "me": f" {viewer} ", "limit": limit}
        found = []
        for row in self._connection.execute(query, values).mappings().all():
            shown = self._load[kind](row, text, viewer)
            if shown is not None:
                found.append(
                    Indexed(
                        kind=kind,
                        case_id=CaseId(row["case_id"]),
                        record=row["record"],
                        part=row["part"],
                        untrusted_words=shown.words,
                        place=shown.place,
                        portion_marking=shown.portion_marking,
                        marking=shown.marking,
                    )
                )
        return found

    def _text(self, row: sa.RowMapping, text: str, _viewer: PersonId) -> _Shown | None:
        facts = self._one(
            "SELECT facts FROM files WHERE package_id = ? AND path = ?", row["record"], row["part"]
        )
        return None if facts is None else _Shown(words=excerpt(words_of(facts), text))

    def _passage(self, row: sa.RowMapping, text: str, _viewer: PersonId) -> _Shown | None:
        query = "SELECT place, words FROM passages WHERE item = ?"
        kept = self._connection.exec_driver_sql(query, (row["item"],)).first()
        return None if kept is None else _Shown(words=excerpt(inflated(kept.words), text), place=kept.place)

    def _answer(self, row: sa.RowMapping, text: str, viewer: PersonId) -> _Shown | None:
        case = unpacked(row["body"])
        if not answer_is_visible(case, CriterionId(row["record"]), PersonId(row["part"]), viewer):
            return None
        body = self._one(_NEWEST_ANSWER, row["case_id"], row["record"], row["part"])
        if body is None:
            return None
        given = decode(body, Answer)
        return _Shown(words=excerpt(given.detail, text), portion_marking=given.portion_marking)

    def _one(self, statement: str, *values: str) -> Any:
        # Up to 240 of these a search; said to the driver's own cursor they cost a tenth.
        try:
            row = self._cursor.execute(statement, values).fetchone()
        except sqlcipher.DatabaseError:
            # Met again where a connection that read a bad page is given up.
            return self._connection.exec_driver_sql(statement, values).scalar()
        return None if row is None else row[0]

    @cached_property
    def _cursor(self) -> Any:
        return self._connection.connection.cursor()

    def _finding(self, row: sa.RowMapping, _text: str, viewer: PersonId) -> _Shown | None:
        body = self._one("SELECT body FROM findings WHERE finding_id = ?", row["record"])
        finding = decode(body, Finding) if body is not None else None
        blind = unpacked(row["body"]).blind
        if finding is None or not finding.is_visible_to(viewer, blind=blind):
            return None
        return _Shown(words=finding.text.title, portion_marking=finding.text.portion_marking)

    def _referral(self, row: sa.RowMapping, _words: str, viewer: PersonId) -> _Shown | None:
        body = self._one("SELECT body FROM referrals WHERE referral_id = ?", row["record"])
        referral = decode(body, Referral) if body is not None else None
        if referral is None or (referral.is_limited and viewer not in referral.readers):
            return None
        text = referral.text
        return _Shown(words=text.title, portion_marking=text.portion_marking, marking=text.marking)

    def _benchmark(self, row: sa.RowMapping, _text: str, _viewer: PersonId) -> _Shown | None:
        body = self._one("SELECT body FROM benchmark_results WHERE result_id = ?", row["record"])
        if body is None:
            return None
        result = decode(body, BenchmarkResult)
        words = f"{result.suite}, {result.metric}: {result.measured.value}. {result.note}".strip()
        return _Shown(words=words, portion_marking=result.portion_marking)

    def summaries(self) -> Sequence[CaseSummary]:
        """Every case in short, by identifier."""
        return self._short.all(self._connection)

    def summary(self, case_id: CaseId) -> CaseSummary:
        """One case in short."""
        body = self._one("SELECT body FROM case_summaries WHERE case_id = ?", case_id)
        if body is None:
            raise CaseUnknown(case_id=case_id)
        return unpacked(body)

    def rebuild(self) -> int:
        """Index everything anew."""
        self._touch()
        return Index(self._connection).rebuild()


def expression(text: str) -> str:
    """What FTS5 is asked for: every part quoted, so that nothing typed is read as its language.

    Parts of two and more letters match beginnings of words; what stands in double quotes matches whole words
    in that order. Empty where there is nothing to look for.
    """
    wanted = []
    for phrase, part in _PART.findall(text.replace("\0", " "))[:_MOST_PARTS]:
        words = (phrase or part).replace('"', "")
        letters = sum(char.isalnum() for char in words)
        if letters:
            wanted.append(f'"{words}"' + ("*" if not phrase and letters > 1 else ""))
    return " AND ".join(wanted)


def excerpt(words: str, text: str) -> str:
    """The place around the first word looked for, on one line."""
    folded = words.casefold()
    first = re.split(r"\W+", text.casefold().strip('" '))[0]
    at = max(0, folded.find(first) - _BEFORE_CHARS) if first else 0
    cut = words[at : at + _EXCERPT_CHARS]
    before, after = "… " if at else "", " …" if at + _EXCERPT_CHARS < len(words) else ""
    return f"{before}{' '.join(cut.split())}{after}"
