"""What is done to a vault while its disk is struck, and what must hold of it afterwards, however it went.

Each operation works below one folder, its *world*: the profile, what lies beside it, and a medium.
"""

import hashlib
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tests.helpers.office import BEGIN, StillClock
from tests.helpers.ready_office import office_at
from workstation import bootstrap
from workstation.app import (
    administering,
    auditing,
    backups,
    credentials,
    exporting,
    intake,
    queries,
    release_lists,
    reporting,
)
from workstation.app import receipt as receipts
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.cases import CaseState
from workstation.core.exports import ExportState
from workstation.core.jobs import JobControl
from workstation.core.media import COMPLETION_MARKER, Medium
from workstation.core.packages import PackageState
from workstation.core.people import Role
from workstation.core.values import CaseId, ExportId
from workstation.core.vault import ObjectRef, Profile
from workstation.core.vault_errors import CredentialsRefused
from workstation.core.verifications import Outcome
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


class Backup(Operation):
    """The second backup of a vault, beside a first one that must stay good."""

    def ready(self) -> None:
        self.told("received")
        session = self.enter(self.before, "abara")
        backups.take(session, self.before / "medium", JobControl())
        sessions.lock(session, reason="test")

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "abara")
        backups.take(session, world / "medium", JobControl())
        say("taken")
        sessions.lock(session, reason="test")

    def require(self, world: Path, said: Collection[str]) -> str:
        session = self.enter(world, "abara")
        try:
            require_sound(session)
            first = backups.rehearse(session, world / "medium", passphrase(), JobControl())
            assert first.holds
            assert first.snapshot.number >= (2 if "taken" in said else 1)
            backups.take(session, world / "medium", JobControl())
            again = backups.rehearse(session, world / "medium", passphrase(), JobControl())
            assert again.holds
            assert again.snapshot.number == first.snapshot.number + 1
            return f"backup {first.snapshot.number}"
        finally:
            sessions.lock(session, reason="test")


class Restore(Operation):
    """A vault made anew from a backup."""

    def ready(self) -> None:
        self.told("received")
        session = self.enter(self.before, "abara")
        backups.take(session, self.before / "medium", JobControl())
        sessions.lock(session, reason="test")
        shutil.rmtree(self.before / "profile")

    def act(self, world: Path, say: Say) -> None:
        backups.restore(self.services(world), world / "medium", world / "profile", JobControl())
        say("restored")

    def require(self, world: Path, said: Collection[str]) -> str:
        there = self.services(world).vaults.status().exists
        assert there or "restored" not in said
        if not there:
            self.act(world, lambda _text: None)
        session = self.enter(world, "abara")
        try:
            require_sound(session)
        finally:
            sessions.lock(session, reason="test")
        return "restored" if there else "no vault"


class Export(Operation):
    """A signed report is released and written to a medium."""

    def ready(self) -> None:
        story = self.told("reviewed")
        story.services = self.services(self.before)
        story.conclude(self.case_id)
        with story.acting("ibarra") as session:
            report = reporting.certify(session, self.case_id, passphrase(), JobControl())
        with story.acting("osei") as session:
            asked = exporting.request(session, report.report_id, recipient="The Director (DEMO)")
        self.facts["export"] = asked.export_id
        with story.acting("abara") as session:
            medium = self._medium(session, self.before)
            release_lists.add_medium(session, medium, name="The only one", marking="UNCLASSIFIED")
        self.at = session.services.clock.now()

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "tanaka")
        self._release(session, world)
        say("written")
        sessions.lock(session, reason="test")

    @staticmethod
    def _medium(session: Session, world: Path) -> Medium:
        """The same in every world, as one stick is in every slot."""
        return replace(session.services.media.folder_medium(str(world / "medium")), identity="the only one")

    def _release(self, session: Session, world: Path) -> None:
        medium = self._medium(session, world)
        chosen = exporting.Release(medium=medium, medium_marking="UNCLASSIFIED")
        exporting.release(session, ExportId(self.facts["export"]), chosen, passphrase(), JobControl())

    def require(self, world: Path, said: Collection[str]) -> str:
        session = self.enter(world, "tanaka")
        try:
            with session.look() as work:
                export = work.releases.export(ExportId(self.facts["export"]))
            written = export.state is ExportState.WRITTEN
            assert written or "written" not in said
            self._require_true(session, world, written=written)
            if not written:
                shutil.rmtree(world / "medium")  # another medium, as the person is told
                (world / "medium").mkdir()
                self._release(session, world)
                self._require_true(session, world, written=True)
            require_sound(session)
            return str(export.state)
        finally:
            sessions.lock(session, reason="test")

    def _require_true(self, session: Session, world: Path, *, written: bool) -> None:
        """What bears the name of an export and its marker is whole; what is called written is there."""
        folder = world / "medium" / self.facts["export"]
        if written:
            assert (folder / COMPLETION_MARKER).is_file()
        if (folder / COMPLETION_MARKER).is_file():
            assert exporting.verify(session, folder).outcome is Outcome.ACCEPT


OPERATIONS: tuple[type[Operation], ...] = (
    Intake,
    Passphrase,
    Retirement,
    Enrolment,
    Backup,
    Restore,
    Export,
)
