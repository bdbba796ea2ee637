"""A database in memory for tests of workflows: no file, no cipher, the same promises.

Passes ``tests/contract/test_database*.py`` like the real one. Never use it for anything but tests.
"""

import hashlib
import hmac
import json
import os
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec

from storage.unit_of_work import SavedWithoutEvent
from tests.helpers import memory_case_work as case_work
from tests.helpers import memory_records as records
from tests.helpers.memory_case_keys import MemoryCaseKeys, MemoryCheckpoints, MemoryDisposals
from tests.helpers.memory_texts import MemoryFullTexts
from workstation.core.case_errors import CaseUnknown
from workstation.core.confirmations import require_confirmed
from workstation.core.errors import Refused
from workstation.core.events import ActRefused, ClockWentBack, Event, VaultCreated
from workstation.core.people import ActorNotAtTheDesk, Duty, Person, PersonUnknown, require_duty
from workstation.core.ports import AuditRow, AuditVerification, Clock
from workstation.core.search_ports import Indexed, IndexKind
from workstation.core.summaries import CaseSummary, answer_is_visible, summarise
from workstation.core.values import CaseId, PersonId
from workstation.core.vault import SealedCaseKey
from workstation.core.vault_errors import VaultLocked

NO_ROW = "0" * 96


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _body(event: Event) -> tuple[str, str]:
    fields = msgspec.to_builtins(event)
    return str(fields.pop("case_id")), _json(fields)


class MemoryTrail:
    """See ``core.ports.AuditTrail``. A row is what ``AuditRow`` holds, and a MAC that only ``key`` makes."""

    def __init__(self, rows: list[dict[str, Any]], key: bytes) -> None:
        self._rows, self._key = rows, key

    @property
    def head(self) -> str:
        """See the port."""
        return str(self._rows[-1]["hash_sha384"]) if self._rows else NO_ROW

    def append(self, event: Event, *, actor: Person, at: datetime, duty: str) -> None:
        """One more row."""
        case_id, body = _body(event)
        row: dict[str, Any] = {
            "seq": len(self._rows) + 1,
            "at": at,
            "actor_id": actor.person_id,
            "actor_name": actor.display_name,
            "role": str(actor.role),
            "duty": duty,
            "event": type(event).__name__,
            "case_id": case_id,
            "body_json": body,
        }
        row["hash_sha384"] = self._hash(row, self.head)
        self._rows.append(row | {"mac": self._mac(row["hash_sha384"])})

    def highest_time(self) -> datetime | None:
        """The latest time any row carries."""
        return max((row["at"] for row in self._rows), default=None)

    def duties_done(self, person_id: PersonId, case_id: CaseId) -> frozenset[str]:
        """See the port."""
        return frozenset(
            row["duty"]
            for row in self._rows
            if (row["case_id"], row["actor_id"]) == (case_id, person_id) and row["event"] != "ActRefused"
        )

    def has(self, event: Event, person_id: PersonId) -> bool:
        """See the port."""
        case_id, body = _body(event)
        wanted = {"case_id": case_id, "actor_id": person_id, "duty": str(event.duty), "body_json": body}
        wanted["event"] = type(event).__name__
        return any(wanted.items() <= row.items() for row in self._rows)

    def page(
        self, *, case_id: CaseId | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[AuditRow]:
        """See the port."""
        found = [
            AuditRow(**{name: value for name, value in row.items() if name != "mac"})
            for row in reversed(self._rows)
            if case_id in {None, row["case_id"]} and (before is None or row["seq"] < before)
        ]
        return found[:limit]

    def newest(self, event: str) -> AuditRow | None:
        """See the port."""
        return next(iter(self.of_event(event, limit=1)), None)

    def of_event(self, event: str, *, limit: int = 200) -> Sequence[AuditRow]:
        """See the port."""
        return [row for row in self.page(limit=len(self._rows)) if row.event == event][:limit]

    def verify(self) -> AuditVerification:
        """See the port."""
        previous = NO_ROW
        for expected, row in enumerate(self._rows, start=1):
            reason = self._broken(row, expected, previous)
            if reason:
                return AuditVerification(
                    rows=expected - 1, head_sha384=previous, broken_seq=expected, reason=reason
                )
            previous = row["hash_sha384"]
        return AuditVerification(rows=len(self._rows), head_sha384=previous)

    def missing(self, hashes: Iterable[str]) -> Sequence[str]:
        """See the port."""
        known = {NO_ROW, *(row["hash_sha384"] for row in self._rows)}
        return [one for one in hashes if one not in known]

    def _broken(self, row: dict[str, Any], expected: int, previous: str) -> str:
        if row["seq"] != expected:
            return "missing-row"
        if self._hash(row, previous) != row["hash_sha384"]:
            return "hash-differs"
        return "" if row["mac"] == self._mac(row["hash_sha384"]) else "mac-differs"

    def _hash(self, row: dict[str, Any], previous: str) -> str:
        fields = {name: str(value) for name, value in row.items() if name not in {"hash_sha384", "mac"}}
        return hashlib.sha384(_json(fields | {"previous": previous}).encode()).hexdigest()

    def _mac(self, row_hash: str) -> bytes:
        return hmac.digest(self._key, row_hash.encode(), "sha384")


class MemorySearch:
    """See ``core.search_ports.Search``: what this database holds of it, looked through one by one."""

    def __init__(self, tables: records.Tables, touch: records.Touch) -> None:
        self._tables, self._touch = tables, touch

    def find(self, kind: IndexKind, text: str, viewer: PersonId, *, limit: int) -> Sequence[Indexed]:
        """See the port."""
        wanted = [_words(phrase or part) for phrase, part in re.findall(r'"([^"]*)"|(\S+)', text)[:8]]
        whole = [bool(phrase) for phrase, _part in re.findall(r'"([^"]*)"|(\S+)', text)[:8]]
        asked = [(words, exact) for words, exact in zip(wanted, whole, strict=True) if words]
        found = [
            one
            for one, words in reversed(list(self._every(kind, viewer)))
            if asked and all(_holds(_words(words), part, exact=exact) for part, exact in asked)
        ]
        return found[:limit]

    def _every(self, kind: IndexKind, viewer: PersonId) -> Iterator[tuple[Indexed, str]]:
        if kind in {IndexKind.FILE, IndexKind.TEXT}:
            for (package_id, path), file in self._tables.files.items():
                case_id = self._tables.packages[package_id].case_id
                words = path if kind is IndexKind.FILE else _texts(file.facts_json)
                yield _indexed(kind, case_id, package_id, path, words), words
        if kind is IndexKind.PASSAGE:
            for case_id, full, passage in self._tables.passages:
                words = passage.untrusted_words
                hit = _indexed(kind, case_id, full.package_id, full.untrusted_path, words)
                yield replace(hit, place=passage.place), words
        if kind is IndexKind.ANSWER:
            newest = {key[:3]: answer for key, answer in sorted(self._tables.answers.items())}
            for (case_id, criterion_id, person_id), given in newest.items():
                if answer_is_visible(self.summary(case_id), criterion_id, person_id, viewer):
                    words = f"{criterion_id} {given.detail}"
                    yield _indexed(kind, case_id, criterion_id, person_id, given.detail), words

    def summaries(self) -> Sequence[CaseSummary]:
        """See the port."""
        return [self.summary(case_id) for case_id in sorted(self._tables.cases)]

    def summary(self, case_id: CaseId) -> CaseSummary:
        """See the port."""
        if case_id not in self._tables.cases:
            raise CaseUnknown(case_id=case_id)
        made = [one for one in self._tables.reports.values() if one.case_id == case_id]
        asked = [one for one in self._tables.exports.values() if one.case_id == case_id]
        return summarise(self._tables.cases[case_id], made, asked)

    def rebuild(self) -> int:
        """See the port: nothing is derived here."""
        self._touch()
        texts = sum(bool(_texts(file.facts_json)) for file in self._tables.files.values())
        texts += len(self._tables.passages)
        return len(self._tables.files) + texts + len({key[:3] for key in self._tables.answers})


def _indexed(kind: IndexKind, case_id: CaseId, record: str, part: str, words: str) -> Indexed:
    return Indexed(kind=kind, case_id=case_id, record=record, part=part, untrusted_words=words)


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)


def _holds(words: list[str], part: list[str], *, exact: bool) -> bool:
    is_prefix = not exact and len("".join(part)) > 1
    for at in range(len(words) - len(part) + 1):
        here, last = words[at : at + len(part)], len(part) - 1
        same = here[:last] == part[:last]
        if same and (here[last].startswith(part[last]) if is_prefix else here[last] == part[last]):
            return True
    return False


def _texts(facts_json: str) -> str:
    found: list[str] = []
    waiting = [json.loads(facts_json or "{}")]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict | list):
            waiting += reversed(list(one.values()) if isinstance(one, dict) else one)
    return "\n".join(found)


class MemoryWork:
    """See ``core.ports.Work``; ``actor`` is ``None`` when it only reads."""

    def __init__(self, tables: records.Tables, *, actor: Person | None, clock: Clock, key: bytes) -> None:
        self._tables, self._actor, self._events = tables, actor, 0
        self._written: set[str] = set()
        self._recorded: set[str] = set()
        self.now, self.about, self.attempted = clock.now(), CaseId(""), ""
        desk = records.Desk(tables, self._touch, self._turn_to)
        self.audit = MemoryTrail(tables.audit, key)
        self.search = MemorySearch(tables, self._touch)
        self.people = records.MemoryPeople(desk)
        self.cases = records.MemoryCases(desk)
        self.packages = records.MemoryPackages(desk)
        self.answers = records.MemoryAnswers(desk)
        self.releases = records.MemoryReleases(desk)
        self.findings = case_work.MemoryFindings(desk)
        self.referrals = case_work.MemoryReferrals(desk, actor.person_id if actor else None)
        self.texts = MemoryFullTexts(desk)
        self.checkpoints = MemoryCheckpoints(desk)
        self.case_keys = MemoryCaseKeys(desk)
        self.disposals = MemoryDisposals(desk)
        self.content = case_work.MemoryContentSets(desk)
        self.benchmarks = case_work.MemoryBenchmarkResults(desk)

    @property
    def highest_time(self) -> datetime:
        """See the port."""
        return max(self.now, self.audit.highest_time() or self.now)

    def _touch(self, case_id: str = "") -> None:
        if self._actor is None:
            raise SavedWithoutEvent
        self._written.add(case_id)

    def _turn_to(self, case_id: CaseId) -> None:
        self.about = case_id

    def record(self, *events: Event) -> None:
        """See the port."""
        if self._actor is None:
            raise SavedWithoutEvent
        for event in events:
            self.about, self.attempted = event.case_id, event.duty
            actor = self.people.get(self._actor.person_id)
            if not (isinstance(event, VaultCreated) and self.audit.head == NO_ROW):
                done = self.audit.duties_done(actor.person_id, event.case_id) if event.case_id else ()
                require_duty(actor, event.duty, frozenset(Duty(duty) for duty in done))
                require_confirmed(actor, event.duty, self.people.all())
            self._note_clock(actor)
            self.audit.append(event, actor=actor, at=self.now, duty=event.duty)
            self._events += 1
            self._recorded.add(event.case_id)

    def record_refusal(self, refusal: ActRefused) -> None:
        """The row of a refusal; needs no duty, and nobody enrolled."""
        if self._actor is None:
            raise SavedWithoutEvent
        try:
            actor = self.people.get(self._actor.person_id)
        except PersonUnknown:
            actor = self._actor
        self._note_clock(actor)
        self.audit.append(refusal, actor=actor, at=self.now, duty=refusal.refused_duty or refusal.duty)

    def _note_clock(self, actor: Person) -> None:
        highest = self.audit.highest_time()
        if self._events == 0 and highest is not None and self.now < highest:
            event = ClockWentBack(clock_read=self.now, highest_seen=highest)
            self.audit.append(event, actor=actor, at=self.now, duty=event.duty)

    def finish(self) -> None:
        """Refuse a commit that would change state without an event about it."""
        if (self._written and not self._events) or (self._written - {""} - self._recorded):
            raise SavedWithoutEvent

    def blob(self, name: str) -> bytes | None:
        """See the port."""
        return self._tables.blobs.get(name)

    def put_blob(self, name: str, value: bytes) -> None:
        """See the port."""
        self._touch()
        self._tables.blobs[name] = value


@dataclass
class Store:
    """What stays when a database is closed: the file, so to speak."""

    tables: records.Tables = field(default_factory=records.Tables)
    key: bytes = field(default_factory=lambda: os.urandom(48), repr=False)
    writer: threading.Lock = field(default_factory=threading.Lock)


class MemoryDatabase:
    """``core.ports.Database`` for as long as the process lives."""

    def __init__(
        self, *, clock: Clock, store: Store | None = None, unlocked_by: PersonId | None = None
    ) -> None:
        self.store = store or Store()
        self._clock, self._unlocked_by, self._is_open = clock, unlocked_by, True

    @contextmanager
    def work(self, actor: Person) -> Iterator[MemoryWork]:
        """See the port."""
        self._require_open()
        self._require_at_the_desk(actor)
        try:
            with self._writing(actor) as work:
                yield work
                work.finish()
        except Refused as refusal:
            self._note_refusal(actor, refusal, about=work.about, attempted=work.attempted)
            raise

    @contextmanager
    def _writing(self, actor: Person) -> Iterator[MemoryWork]:
        with self.store.writer:
            tables = self.store.tables.copy()
            yield MemoryWork(tables, actor=actor, clock=self._clock, key=self.store.key)
            self._require_open()
            self.store.tables = tables

    def _require_open(self) -> None:
        if not self._is_open:
            raise VaultLocked

    def _require_at_the_desk(self, actor: Person) -> None:
        if self._unlocked_by in {None, actor.person_id}:
            return
        with self.look() as work:
            at_the_desk = work.people.get(PersonId(str(self._unlocked_by)))
        refusal = ActorNotAtTheDesk(person=at_the_desk.display_name, claimed=actor.display_name)
        self._note_refusal(at_the_desk, refusal, about=CaseId(""), attempted="")
        raise refusal

    def _note_refusal(self, actor: Person, refusal: Refused, *, about: CaseId, attempted: str) -> None:
        facts = {name: str(value)[:500] for name, value in refusal.facts.items()}
        event = ActRefused(case_id=about, refused_duty=attempted, error_code=refusal.code, facts=facts)
        with self._writing(actor) as work:
            work.record_refusal(event)

    @contextmanager
    def look(self) -> Iterator[MemoryWork]:
        """See the port."""
        self._require_open()
        yield MemoryWork(self.store.tables, actor=None, clock=self._clock, key=self.store.key)

    def case_key(self, number: int) -> SealedCaseKey | None:
        """The key of a case by its number."""
        return next((key for found, key in self.store.tables.case_keys.values() if found == number), None)

    def fold(self) -> None:
        """See the port: nothing of former states is kept."""

    def problems(self) -> Sequence[str]:
        """See the port: a dictionary has no pages."""
        self._require_open()
        return []

    def close(self) -> None:
        """See the port."""
        self._is_open = False
