"""The unit of work: one choke point where separation of duties, state and audit meet.

Whoever changes a case goes through ``record``; there is no other way to commit. What a person has done
before is read from the audit trail, not from the object that the caller holds.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import repositories
from storage.audit_log import AuditKeys, SqlAuditTrail
from storage.packages import SqlPackages
from storage.schema import blobs
from workstation.core.events import ActRefused, ClockWentBack, Event, VaultCreated
from workstation.core.people import Duty, Person, require_duty
from workstation.core.ports import Clock
from workstation.core.values import CaseId


class SavedWithoutEvent(RuntimeError):
    """A defect: state was changed and nothing was recorded, or a reading unit of work wrote."""


class SqlWork:
    """One transaction. ``actor`` is ``None`` when it only reads."""

    def __init__(
        self, connection: sa.Connection, *, actor: Person | None, clock: Clock, audit_keys: AuditKeys
    ) -> None:
        self._connection, self._actor = connection, actor
        self._events = 0
        self._written = False
        self.now = clock.now()
        self.about, self.attempted = CaseId(""), ""
        self.audit = SqlAuditTrail(connection, audit_keys)
        self.people = repositories.SqlPeople(connection, self._touch)
        self.cases = repositories.SqlCases(connection, self._touch)
        self.packages = SqlPackages(connection, self._touch)
        self.answers = repositories.SqlAnswers(connection, self._touch)
        self.releases = repositories.SqlReleases(connection, self._touch)

    @property
    def highest_time(self) -> datetime:
        """The highest time ever seen: this clock's reading or the latest audit row's, whichever is later."""
        return max(self.now, self.audit.highest_time() or self.now)

    def _touch(self) -> None:
        if self._actor is None:
            raise SavedWithoutEvent
        self._written = True

    def record(self, *events: Event) -> None:
        """Check the actor's duties and append audit rows; see ``core.ports.Work.record``."""
        if self._actor is None:
            raise SavedWithoutEvent
        for event in events:
            self.about, self.attempted = event.case_id, event.duty
            if not isinstance(event, VaultCreated):
                actor = self.people.get(self._actor.person_id)  # as enrolled now, not as the session began
                done = (
                    self.audit.duties_done(actor.person_id, event.case_id) if event.case_id else frozenset()
                )
                require_duty(actor, event.duty, frozenset(Duty(duty) for duty in done))
            self._note_clock()
            self.audit.append(event, actor=self._actor, at=self.now, duty=event.duty)
            self._events += 1

    def record_refusal(self, refusal: ActRefused) -> None:
        """Append the audit row of a refusal; needs no duty."""
        if self._actor is None:
            raise SavedWithoutEvent
        self._note_clock()
        self.audit.append(refusal, actor=self._actor, at=self.now, duty=refusal.refused_duty or refusal.duty)

    def _note_clock(self) -> None:
        highest = self.audit.highest_time()
        if self._actor is not None and self._events == 0 and highest is not None and self.now < highest:
            event = ClockWentBack(clock_read=self.now, highest_seen=highest)
            self.audit.append(event, actor=self._actor, at=self.now, duty=event.duty)

    def finish(self) -> None:
        """Called before the commit: what was written must have been recorded."""
        if self._written and not self._events:
            raise SavedWithoutEvent

    def blob(self, name: str) -> bytes | None:
        """A named value of the vault itself."""
        value: bytes | None = self._connection.execute(
            sa.select(blobs.c.value).where(blobs.c.name == name)
        ).scalar()
        return value

    def put_blob(self, name: str, value: bytes) -> None:
        """Write a named value."""
        self._touch()
        insert = sa.dialects.sqlite.insert(blobs).values(name=name, value=value)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
