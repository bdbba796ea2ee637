"""The unit of work: one choke point where separation of duties, state and audit meet.

Whoever changes a case goes through ``record``; there is no other way to commit. What a person has done
before is read from the audit trail, not from the object that the caller holds.
"""

from datetime import datetime

import sqlalchemy as sa

from storage import indexed, repositories
from storage.audit_log import NO_ROW, AuditKeys, SqlAuditTrail
from storage.case_keys import SqlCaseKeys, SqlDisposals
from storage.checkpoints import SqlCheckpoints
from storage.content import SqlContentSets
from storage.full_texts import SqlFullTexts
from storage.schema import blobs
from storage.searching import SqlSearch
from storage.summaries import Summaries
from workstation.core.confirmations import (
    NotToBeConfirmedBy,
    may_confirm,
    require_confirmed,
    starts_confirmed,
)
from workstation.core.events import (
    ActRefused,
    ClockWentBack,
    Event,
    IdentityRenewed,
    PersonConfirmed,
    PersonEnrolled,
    PersonRetired,
    VaultCreated,
    VaultRecovered,
)
from workstation.core.people import Duty, Person, PersonUnknown, require_duty
from workstation.core.ports import Clock
from workstation.core.values import CaseId, PersonId

# What tells that somebody was enrolled or has another standing; a custodian's, all of them.
_OF_PEOPLE = (PersonEnrolled, PersonRetired, IdentityRenewed, VaultRecovered)
# Named values that decide what may leave and whom to believe, with the duties whose events tell a change.
_KEPT_BY = {
    "release/media": {Duty.KEEP_RELEASE_LISTS},
    "release/policy": {Duty.KEEP_RELEASE_LISTS},
    "release/recipients": {Duty.KEEP_RELEASE_LISTS, Duty.CONFIRM_RECIPIENT},
    "content/trust": {Duty.TRUST_CONTENT},
    "signing/root/0": {Duty.MANAGE_PEOPLE},
    "signing/root/1": {Duty.MANAGE_PEOPLE},
    "signing/revoked": {Duty.MANAGE_PEOPLE},
    "signing/crl/0": {Duty.MANAGE_PEOPLE},
    "signing/crl/1": {Duty.MANAGE_PEOPLE},
    "signing/pki/authorities": {Duty.MANAGE_PEOPLE, Duty.CONFIRM_AUTHORITY},
    "signing/pki/lists": {Duty.MANAGE_PEOPLE},
}


class SavedWithoutEvent(RuntimeError):
    """A defect: state was changed and nothing was recorded of it, or a reading unit of work wrote."""


class SqlWork:
    """One transaction. ``actor`` is ``None`` when it only reads."""

    def __init__(
        self,
        connection: sa.Connection,
        *,
        actor: Person | None,
        clock: Clock,
        audit_keys: AuditKeys,
        short: Summaries | None = None,
    ) -> None:
        self._connection, self._actor = connection, actor
        self._events = 0
        self._written: set[str] = set()  # the cases whose state changed; "" stands for everything else
        self._recorded: set[str] = set()
        self._told: set[PersonId] = set()  # whose enrolment or change of standing an event tells
        self._kept: set[str] = set()  # named values of ``_KEPT_BY`` that were written
        self._duties: set[Duty] = set()
        self.now = clock.now()
        self.about, self.attempted = CaseId(""), ""
        self.audit = SqlAuditTrail(connection, audit_keys)
        self.people = repositories.SqlPeople(connection, self._touch)
        self.cases = indexed.IndexedCases(connection, self._touch, self._turn_to)
        self.packages = indexed.IndexedPackages(connection, self._touch, self._turn_to)
        self.answers = indexed.IndexedAnswers(connection, self._touch)
        self.releases = indexed.IndexedReleases(connection, self._touch, self._turn_to)
        self.checkpoints = SqlCheckpoints(connection, self._touch)
        self.case_keys = SqlCaseKeys(connection, self._touch)
        self.disposals = SqlDisposals(connection, self._touch)
        self.content = SqlContentSets(connection, self._touch)
        self.benchmarks = indexed.IndexedBenchmarks(connection, self._touch)
        self.findings = indexed.IndexedFindings(connection, self._touch, self._turn_to)
        reader = actor.person_id if actor else None
        self.referrals = indexed.IndexedReferrals(connection, self._touch, self._turn_to, reader)
        self.texts = SqlFullTexts(connection, self._touch)
        self.search = SqlSearch(connection, self._touch, reader, short or Summaries())

    @property
    def highest_time(self) -> datetime:
        """The highest time ever seen: this clock's reading or the latest audit row's, whichever is later."""
        return max(self.now, self.audit.highest_time() or self.now)

    def _touch(self, case_id: str = "") -> None:
        if self._actor is None:
            raise SavedWithoutEvent
        self._written.add(case_id)

    def _turn_to(self, case_id: CaseId) -> None:
        """A refusal from here on is one about this case, even when no event came of it."""
        self.about = case_id

    def record(self, *events: Event) -> None:
        """Check the actor's duties and append audit rows; see ``core.ports.Work.record``."""
        if self._actor is None:
            raise SavedWithoutEvent
        for event in events:
            self.about, self.attempted = event.case_id, event.duty
            actor = self._enrolled(self._actor)
            # Nobody is appointed to anything yet when the vault begins; it begins once.
            if isinstance(event, VaultCreated) and self.audit.head == NO_ROW:
                self._told |= self.people.changed
                self.people.confirming.clear()
            else:
                done = (
                    self.audit.duties_done(actor.person_id, event.case_id) if event.case_id else frozenset()
                )
                require_duty(actor, event.duty, frozenset(Duty(duty) for duty in done))
                self._require_known(actor, event)
            if isinstance(event, _OF_PEOPLE):
                self._told.add(PersonId(event.person_id))
            self._note_clock(actor)
            self.audit.append(event, actor=actor, at=self.now, duty=event.duty)
            self._events += 1
            self._duties.add(event.duty)
            self._recorded.add(event.case_id)

    def _require_known(self, actor: Person, event: Event) -> None:
        """Who acts, and who is enrolled or confirmed by this act, is known to two people.

        Raises:
            NotConfirmed, NotToBeConfirmedBy.
        """
        if not actor.confirmed:
            require_confirmed(actor, event.duty, self.people.all())
        if isinstance(event, PersonEnrolled):
            new = self.people.get(event.person_id)
            others = [one for one in self.people.all() if one.person_id != new.person_id]
            by = actor.person_id
            if new.confirmed and not starts_confirmed(others, role=new.role, enrolled_by=by):
                raise NotToBeConfirmedBy(person=new.display_name, confirmer=actor.display_name)
            self.people.confirming.discard(new.person_id)
        if isinstance(event, IdentityRenewed) and event.person_id in self.people.confirming:
            new = self.people.get(PersonId(event.person_id))
            others = [one for one in self.people.all() if one.person_id != new.person_id]
            if starts_confirmed(others, role=new.role, enrolled_by=new.enrolled_by):
                self.people.confirming.discard(new.person_id)
        if isinstance(event, PersonConfirmed):
            person = self.people.get(event.person_id)
            if person.confirmed_by != actor.person_id or not may_confirm(actor, person):
                raise NotToBeConfirmedBy(person=person.display_name, confirmer=actor.display_name)
            self.people.confirming.discard(event.person_id)

    def record_refusal(self, refusal: ActRefused) -> None:
        """Append the audit row of a refusal; needs no duty."""
        if self._actor is None:
            raise SavedWithoutEvent
        try:
            actor = self._enrolled(self._actor)
        except PersonUnknown:
            actor = self._actor  # the refusal of somebody nobody enrolled is told with what was claimed
        self._note_clock(actor)
        self.audit.append(refusal, actor=actor, at=self.now, duty=refusal.refused_duty or refusal.duty)

    def _enrolled(self, actor: Person) -> Person:
        """The actor as enrolled now: no old session and no made-up name or role gets into the trail."""
        return self.people.get(actor.person_id)

    def _note_clock(self, actor: Person) -> None:
        highest = self.audit.highest_time()
        if self._events == 0 and highest is not None and self.now < highest:
            event = ClockWentBack(clock_read=self.now, highest_seen=highest)
            self.audit.append(event, actor=actor, at=self.now, duty=event.duty)

    def finish(self) -> None:
        """Called before the commit: what was written must have been recorded, each case by an own event."""
        if (self._written and not self._events) or (self._written - {""} - self._recorded):
            raise SavedWithoutEvent
        if self.people.confirming:  # said to be known to two people, and nobody said so here
            raise SavedWithoutEvent
        if self.people.changed - self._told:  # another role or standing, and no custodian's event of it
            raise SavedWithoutEvent
        if any(not _KEPT_BY[name] & self._duties for name in self._kept):
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
        self._kept |= {name} & _KEPT_BY.keys()
        insert = sa.dialects.sqlite.insert(blobs).values(name=name, value=value)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
