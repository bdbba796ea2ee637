"""What else is done to a vault while its disk is struck: copies of it, an older database, an export."""

import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from storage.database import SqlDatabase
from storage.media_table import Mount
from storage.removable import RemovableMedia
from storage.schema import HEAD_REVISION
from tests.helpers.disk_operations import (
    Enrolment,
    Intake,
    Operation,
    Passphrase,
    Retirement,
    Say,
    require_sound,
)
from tests.helpers.office import StillClock
from tests.helpers.old_databases import as_first_released, connect, fill
from workstation.app import (
    backups,
    destroying,
    exits,
    exporting,
    queries,
    release_lists,
    reporting,
)
from workstation.app import session as sessions
from workstation.app.services import Services, Session
from workstation.core.exits import Disposition, Progress
from workstation.core.exports import ExportState
from workstation.core.jobs import JobControl
from workstation.core.media import COMPLETION_MARKER, Medium
from workstation.core.values import ExportId
from workstation.core.vault import Vault
from workstation.core.verifications import Outcome
from workstation.demo.story import PEOPLE, passphrase


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


class _OneStick(RemovableMedia):
    """Every folder is the same medium, as one stick is in every slot."""

    def _identity(self, mount: Mount | None, folder: str) -> str:
        del mount, folder
        return "the only one"


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

    def services(self, world: Path) -> Services:
        """A workstation that knows its stick again."""
        return replace(super().services(world), media=_OneStick())

    @staticmethod
    def _medium(session: Session, world: Path) -> Medium:
        return session.services.media.folder_medium(str(world / "medium"))

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


class Migration(Operation):
    """A vault whose database the first release wrote is opened for the first time by this one."""

    def ready(self) -> None:
        self.told("people")
        path = self.before / "profile" / "database.sqlite3"
        newest = path.rename(self.folder / "newest")
        vault = self.services(self.before).vaults.unlock(login_name="abara", passphrase=passphrase())
        key = vault.database_key()
        as_first_released(lambda: self._made(path, vault))
        fill(path, newest, key)
        vault.lock()

    def _made(self, path: Path, vault: Vault) -> SqlDatabase:
        return SqlDatabase(
            path,
            key=vault.database_key(),
            audit_key=vault.audit_key,
            epoch=lambda: vault.epoch,
            clock=StillClock(self.at),
        )

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "abara")
        say("migrated")
        sessions.lock(session, reason="test")

    def require(self, world: Path, said: Collection[str]) -> str:
        vault = self.services(world).vaults.unlock(login_name="abara", passphrase=passphrase())
        connection = connect(world / "profile" / "database.sqlite3", vault.database_key())
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        connection.close()
        vault.lock()
        assert revision == HEAD_REVISION or (revision == "0001" and not said)
        session = self.enter(world, "abara")
        try:
            require_sound(session)
            assert len(queries.people(session)) == len(PEOPLE) + 1
        finally:
            sessions.lock(session, reason="test")
        return str(revision)


class Destruction(Operation):
    """A closed case is destroyed: its key, its rows and its containers go, a certificate stays."""

    def ready(self) -> None:
        story = self.told("concluded")
        story.services = self.services(self.before)
        with story.acting("ibarra") as session:
            exits.record_disposition(
                session,
                self.case_id,
                Disposition.DESTROYED,
                material="the submission",
                done_on=self.at.date(),
                reference="C-1",
            )
            destroying.request(session, self.case_id, reason="the agreement asks for it")

    def act(self, world: Path, say: Say) -> None:
        session = self.enter(world, "tanaka")
        self._destroy(session)
        say("destroyed")
        sessions.lock(session, reason="test")

    def _destroy(self, session: Session) -> None:
        shown = destroying.look_at(session, self.case_id).holdings
        destroying.carry_out(session, self.case_id, shown, passphrase(), JobControl())

    def require(self, world: Path, said: Collection[str]) -> str:
        session = self.enter(world, "tanaka")
        try:
            before = self._progress(session)
            assert before is Progress.ENDED or "destroyed" not in said
            if before is not Progress.ENDED:
                self._destroy(session)
            assert self._progress(session) is Progress.ENDED
            assert session.key_of(self.case_id) == 0
            held = destroying.look_at(session, self.case_id).holdings
            assert (held.rows, held.documents, held.files) == (0, 0, 0)
            require_sound(session)
            return str(before)
        finally:
            sessions.lock(session, reason="test")

    def _progress(self, session: Session) -> Progress:
        with session.look() as work:
            destruction = work.cases.get(self.case_id).exits.destruction
        assert destruction is not None
        return destruction.progress


OPERATIONS: tuple[type[Operation], ...] = (
    Intake,
    Passphrase,
    Retirement,
    Enrolment,
    Backup,
    Restore,
    Migration,
    Export,
    Destruction,
)
