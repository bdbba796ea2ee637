"""The audit trail: every row hashes its predecessor and carries a MAC under a key of the vault.

``hash = SHA-384(canonical JSON of the row, which names the previous hash)``. The hash can be checked by
anybody who holds the rows; the MAC keeps somebody who only holds the file from rebuilding the chain.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
import rfc8785
import sqlalchemy as sa

from storage.schema import audit
from workstation.core.events import Event
from workstation.core.people import Person
from workstation.core.ports import AuditRow, AuditVerification
from workstation.core.values import CaseId, PersonId

NO_ROW = "0" * 96
_PAGE_ROWS = 2_000


def _row_hash(row: dict[str, Any], previous: str) -> str:
    fields = {
        name: row[name]
        for name in ("seq", "at", "actor_id", "actor_name", "role", "duty", "event", "case_id")
    }
    return hashlib.sha384(rfc8785.dumps(fields | {"body": row["body"], "previous": previous})).hexdigest()


def _body(event: Event) -> tuple[str, str]:
    """The case an event is of, and everything else it says as canonical JSON."""
    fields = msgspec.to_builtins(event)
    case_id = str(fields.pop("case_id"))
    return case_id, rfc8785.dumps(fields).decode()


@dataclass(frozen=True, kw_only=True)
class AuditKeys:
    """Where MAC keys come from: the current epoch of the vault key, and the key of any epoch."""

    epoch: Callable[[], int]
    key: Callable[[int], bytes]


class SqlAuditTrail:
    """The trail inside one transaction."""

    def __init__(self, connection: sa.Connection, keys: AuditKeys) -> None:
        self._connection, self._keys = connection, keys

    def _last(self) -> tuple[int, str]:
        query = sa.select(audit.c.seq, audit.c.hash_sha384).order_by(audit.c.seq.desc()).limit(1)
        row = self._connection.execute(query).first()
        return (row.seq, row.hash_sha384) if row else (0, NO_ROW)

    @property
    def head(self) -> str:
        """SHA-384 of the newest row; 96 zeros before the first."""
        return self._last()[1]

    def append(self, event: Event, *, actor: Person, at: datetime, duty: str) -> None:
        """Write one row; its hash covers every column and the row before."""
        seq, previous = self._last()
        case_id, body = _body(event)
        row: dict[str, Any] = {
            "seq": seq + 1,
            "at": at.isoformat(),
            "actor_id": actor.person_id,
            "actor_name": actor.display_name,
            "role": str(actor.role),
            "duty": duty,
            "event": type(event).__name__,
            "case_id": case_id,
            "body": body,
        }
        row["hash_sha384"] = _row_hash(row, previous)
        row["epoch"] = self._keys.epoch()
        row["mac_sha384"] = self._mac(row["hash_sha384"], row["epoch"])
        self._connection.execute(sa.insert(audit).values(row))

    def _mac(self, row_hash: str, epoch: int) -> bytes:
        return hmac.digest(self._keys.key(epoch), bytes.fromhex(row_hash), "sha384")

    def highest_time(self) -> datetime | None:
        """The latest time any row carries."""
        latest = self._connection.execute(sa.select(sa.func.max(audit.c.at))).scalar()
        return datetime.fromisoformat(latest) if latest else None

    def duties_done(self, person_id: PersonId, case_id: CaseId) -> frozenset[str]:
        """Which duties this person has exercised on this case, refusals not counted."""
        query = (
            sa.select(audit.c.duty)
            .distinct()
            .where(audit.c.case_id == case_id, audit.c.actor_id == person_id, audit.c.event != "ActRefused")
        )
        return frozenset(self._connection.execute(query).scalars())

    def has(self, event: Event, person_id: PersonId) -> bool:
        """Whether exactly this event already stands in the trail, by this person."""
        case_id, body = _body(event)
        query = sa.select(audit.c.seq).where(
            audit.c.case_id == case_id,
            audit.c.actor_id == person_id,
            audit.c.duty == str(event.duty),
            audit.c.event == type(event).__name__,
            audit.c.body == body,
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def page(
        self, *, case_id: CaseId | None = None, before: int | None = None, limit: int = 200
    ) -> Sequence[AuditRow]:
        """Rows, newest first, a page at a time."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if case_id is not None:
            query = query.where(audit.c.case_id == case_id)
        if before is not None:
            query = query.where(audit.c.seq < before)
        return [_audit_row(row) for row in self._connection.execute(query).mappings()]

    def newest(self, event: str) -> AuditRow | None:
        """The newest row of a kind of event."""
        return next(iter(self.of_event(event, limit=1)), None)

    def of_event(self, event: str, *, limit: int = 200) -> Sequence[AuditRow]:
        """The newest rows of a kind of event, newest first."""
        query = sa.select(audit).where(audit.c.event == event).order_by(audit.c.seq.desc()).limit(limit)
        return [_audit_row(row) for row in self._connection.execute(query).mappings()]

    def verify(self) -> AuditVerification:
        """Recompute every hash and MAC in order; the first row that does not hold is named."""
        expected, previous = 1, NO_ROW
        while True:
            query = sa.select(audit).where(audit.c.seq >= expected).order_by(audit.c.seq).limit(_PAGE_ROWS)
            rows = self._connection.execute(query).mappings().all()
            for row in rows:
                reason = self._broken(dict(row), expected, previous)
                if reason:
                    return AuditVerification(
                        rows=expected - 1, head_sha384=previous, broken_seq=expected, reason=reason
                    )
                previous, expected = row["hash_sha384"], expected + 1
            if len(rows) < _PAGE_ROWS:
                return AuditVerification(rows=expected - 1, head_sha384=previous)

    def missing(self, hashes: Iterable[str]) -> Sequence[str]:
        """Which of these row hashes do not occur; the hash of no row at all counts as there."""
        absent = []
        for row_hash in hashes:
            query = sa.select(audit.c.seq).where(audit.c.hash_sha384 == row_hash).limit(1)
            if row_hash != NO_ROW and self._connection.execute(query).first() is None:
                absent.append(row_hash)
        return absent

    def _broken(self, row: dict[str, Any], expected: int, previous: str) -> str:
        if row["seq"] != expected:
            return "missing-row"
        if _row_hash(row, previous) != row["hash_sha384"]:
            return "hash-differs"
        if not hmac.compare_digest(self._mac(row["hash_sha384"], row["epoch"]), row["mac_sha384"]):
            return "mac-differs"
        return ""


def _audit_row(row: sa.RowMapping) -> AuditRow:
    return AuditRow(
        seq=row["seq"],
        at=datetime.fromisoformat(row["at"]),
        actor_id=PersonId(row["actor_id"]),
        actor_name=row["actor_name"],
        role=row["role"],
        duty=row["duty"],
        event=row["event"],
        case_id=CaseId(row["case_id"]),
        body_json=row["body"],
        hash_sha384=row["hash_sha384"],
    )
