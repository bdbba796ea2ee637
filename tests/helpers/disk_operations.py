"""What is done to a vault while its disk is struck, and what must hold of it afterwards, however it went.

Each operation works below one folder, its *world*: the profile, what lies beside it, and a medium.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.helpers.office import BEGIN, StillClock
from tests.helpers.ready_office import office_at
from workstation import bootstrap
from workstation.app import (
    administering,
    auditing,
    credentials,
    intake,
    queries,
)
from workstation.app import receipt as receipts
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.cases import CaseState
from workstation.core.jobs import JobControl
from workstation.core.packages import PackageState
from workstation.core.people import Role
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef, Profile
from workstation.core.vault_errors import CredentialsRefused
from workstation.demo.clock import SettableClock
from workstation.demo.story import Story, passphrase
from workstation.machine import RandomIds

Say = Callable[[str], None]
_NEW = b"nine patient badgers keep the seal"
_SMALL_BATCH = 3


@dataclass(eq=False)
class Operation(ABC):
    """``act`` runs in the process that is struck; ``require`` looks at what it left and finishes it.

    ``require`` gets what was acknowledged and returns a word for how far things had come.
    """

    folder: Path  # of what every world shares: the submission, and the world as it was before
    at: datetime = BEGIN
    case_id: CaseId = field(init=False)
    facts: dict[str, str] = field(default_factory=dict)

    @property
    def before(self) -> Path:
        """The world to copy."""
        return self.folder / "world"

    @abstractmethod
    def ready(self) -> None:
        """Lay it out."""

    @abstractmethod
    def act(self, world: Path, say: Say) -> None:
        """Do it."""

    @abstractmethod
    def require(self, world: Path, said: Collection[str]) -> str:
        """Look, finish, look again."""

    def told(self, stage: str) -> Story:
        """Begin with the office at this point of its story."""
        story, self.case_id = office_at(stage, self.folder / "told")
        self.at = story.clock.now()
        self.before.mkdir()
        (self.folder / "told" / "profile").rename(self.before / "profile")
        (self.before / "medium").mkdir()
        return story

    def services(self, world: Path) -> Services:
        """The workstation whose vault lies in this world."""
        return bootstrap.build(
            bootstrap.Start(
                vault_folder=world / "profile",
                profile=Profile.DEMO,
                clock=SettableClock(StillClock(), self.at),
                ids=RandomIds(),
            )
        )

    def enter(self, world: Path, login_name: str, *texts: bytes) -> Session:
        """Unlock with the first passphrase that opens."""
        services = self.services(world)
        for text in texts[:-1]:
            with suppress(CredentialsRefused):
                return sessions.unlock(services, login_name=login_name, passphrase=bytearray(text))
        text = texts[-1] if texts else bytes(passphrase())
        return sessions.unlock(services, login_name=login_name, passphrase=bytearray(text))


def require_sound(session: Session) -> None:
    """The trail holds, the database is whole, and every object that a row names is there, and no other."""
    assert auditing.verify(session).broken_seq is None
    assert not session.database.problems()
    with session.look() as work:
        named = {ObjectRef.parse(ref) for ref in work.packages.object_refs()}
    for ref in named:
        session.vault.verify(ref)
    session.vault.sweep(lambda: {ref.container for ref in named})
    assert set(session.vault.containers()) == {ref.container for ref in named}


class Intake(Operation):
    """A submission of large and small files, in several batches."""

    def ready(self) -> None:
        self.told("case")
        (self.folder / "submission").mkdir()
        for number in range(2):
            content = bytes([number]) * (1_300_000 + 900_000 * number)
            (self.folder / "submission" / f"large-{number}.bin").write_bytes(content)
        for number in range(5):
            (self.folder / "submission" / f"small-{number}.txt").write_text(f"{number}\n" * 100)

    def act(self, world: Path, say: Say) -> None:
        flush = receipts.Receipt._flush

        def flushed(receipt: receipts.Receipt, *words: object) -> None:
            names = [file.untrusted_path for file in receipt.pending]
            flush(receipt, *words)
            for name in names:
                say(name)

        receipts.Receipt._flush, receipts.BATCH_FILES = flushed, _SMALL_BATCH
        session = self.enter(world, "osei")
        intake.receive(session, self.case_id, self.folder / "submission", JobControl())
        say("received")
        sessions.lock(session, reason="test")

    def require(self, world: Path, said: Collection[str]) -> str:
        source = self.folder / "submission"
        session = self.enter(world, "osei")
        try:
            view = queries.case_view(session, self.case_id)
            state = view.package.state if view.package else "none"
            if view.package:
                stored = {file.untrusted_path for file in queries.files(session, view.package.package_id)}
                assert set(said) - {"received"} <= stored
            received = state == PackageState.QUARANTINED
            assert received or "received" not in said
            assert view.row.state is (CaseState.QUARANTINED if received else CaseState.AWAITING_PACKAGE)
            if not received:
                intake.receive(session, self.case_id, source, JobControl())
            self._require_whole(session, source)
            require_sound(session)
            return str(state)
        finally:
            sessions.lock(session, reason="test")

    def _require_whole(self, session: Session, source: Path) -> None:
        package = queries.case_view(session, self.case_id).package
        assert package is not None
        found = {file.untrusted_path: file for file in queries.files(session, package.package_id)}
        assert set(found) == {path.name for path in source.iterdir()}
        for name, file in found.items():
            assert file.sha384 == hashlib.sha384((source / name).read_bytes()).hexdigest()
            session.vault.verify(ObjectRef.parse(file.object_ref), file.sha384)


class Passphrase(Operation):
    """Somebody changes the own passphrase."""

    def ready(self) -> None:
        self.told("people")

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "osei")
        credentials.change_passphrase(session, old=passphrase(), new=bytearray(_NEW))
        say("changed")
        sessions.lock(session, reason="test")

    def require(self, world: Path, said: Collection[str]) -> str:
        changed = True
        try:
            session = self.enter(world, "osei", _NEW)
        except CredentialsRefused:
            assert "changed" not in said
            changed, session = False, self.enter(world, "osei")
        try:
            if not changed:
                credentials.change_passphrase(session, old=passphrase(), new=bytearray(_NEW))
            require_sound(session)
        finally:
            sessions.lock(session, reason="test")
        sessions.lock(self.enter(world, "osei", _NEW), reason="test")
        sessions.lock(self.enter(world, "abara"), reason="test")
        return "changed" if changed else "as before"


class Retirement(Operation):
    """Somebody is shut out: the slot goes, the vault key is another one, the database is encrypted anew."""

    def ready(self) -> None:
        self.told("received")

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "abara")
        self._retire(session)
        say("retired")
        sessions.lock(session, reason="test")

    @staticmethod
    def _retire(session: Session) -> None:
        feld = administering.person_by_login(session, "feld")
        credentials.retire(
            session,
            feld.person_id,
            reason="Left.",
            revoke_certificates=True,
            custodian_passphrase=passphrase(),
        )

    def require(self, world: Path, said: Collection[str]) -> str:
        session = self.enter(world, "abara")
        try:
            active = administering.person_by_login(session, "feld").active
            assert not (active and "retired" in said)
            if active:
                self._retire(session)
            require_sound(session)
            holders = session.services.vaults.slot_holders(session.vault)
            assert holders == {person.person_id for person in queries.people(session) if person.active}
        finally:
            sessions.lock(session, reason="test")
        try:
            self.enter(world, "feld")
        except CredentialsRefused:
            return "as before" if active else "retired"
        raise AssertionError("somebody who was shut out came in")


class Enrolment(Operation):
    """One more person gets a key."""

    def ready(self) -> None:
        self.told("people")

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "abara")
        self._enrol(session)
        say("enrolled")
        sessions.lock(session, reason="test")

    @staticmethod
    def _enrol(session: Session) -> None:
        new = administering.NewPerson(
            login_name="novak", staff_number="D-9", display_name="P. Novak", role=Role.REVIEWER
        )
        administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())

    def require(self, world: Path, said: Collection[str]) -> str:
        session = self.enter(world, "abara")
        try:
            there = "novak" in {person.login_name for person in queries.people(session)}
            assert there or "enrolled" not in said
            if not there:
                self._enrol(session)
            require_sound(session)
        finally:
            sessions.lock(session, reason="test")
        sessions.lock(self.enter(world, "novak"), reason="test")
        return "enrolled" if there else "as before"
