"""The SQLCipher database of a vault: opening, pragmas, migrations, connections.

Opened with a raw key that the vault derives (the passphrase work is done once, in the slot). One file,
write-ahead log, foreign keys on, one writer at a time; readers never wait for the writer.
"""

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlcipher3 import dbapi2 as sqlcipher

from storage import rekeying, schema
from storage.audit_log import NO_ROW, AuditKeys
from storage.case_keys import key_of, keys_below, write_key
from storage.indexing import Index
from storage.problems import problems_of
from storage.summaries import Summaries
from storage.unit_of_work import SqlWork
from workstation.core.database_errors import DatabaseDamaged, DatabaseNewer, DatabaseStorageFailed
from workstation.core.errors import Refused
from workstation.core.events import ActRefused
from workstation.core.people import ActorNotAtTheDesk, Person
from workstation.core.ports import Clock
from workstation.core.values import CaseId, PersonId
from workstation.core.vault import SealedCaseKey
from workstation.core.vault_errors import VaultLocked

KEY_BYTES = 32
# 64 MB: a plain integrity_check of 340 MB took 12 s with it and far longer with the small default.
_PAGE_CACHE_KIB = 64_000
_BUSY_TIMEOUT_MS = 30_000
# SQLite result codes that mean "the disk, not the database".
_DAMAGE_MESSAGES = ("not a database", "malformed", "disk image")
_DISK_MESSAGES = (
    "disk I/O error",
    "database or disk is full",
    "unable to open database file",
    "readonly database",
)


class SqlDatabase:
    """An open database; safe to use from several threads, each with its own connection."""

    def __init__(
        self,
        path: Path,
        *,
        key: bytes,
        audit_key: Callable[[int], bytes],
        epoch: Callable[[], int],
        clock: Clock,
        unlocked_by: PersonId | None = None,
        make_room: Callable[[], None] = lambda: None,
    ) -> None:
        """Open, creating or migrating when due.

        Args:
            path: the database file; its folder exists.
            key: 32 raw bytes.
            audit_key: the key of the trail's HMAC-SHA384 for an epoch of the vault key.
            epoch: the current epoch.
            clock: stamps what is written.
            unlocked_by: whose passphrase opened the vault; nobody else can act. ``None`` for a database
                that is opened without a vault.
            make_room: called before each write, which may give room to it on a full disk.

        Raises:
            DatabaseDamaged: not a database, or not with this key.
            DatabaseNewer: written by a newer workstation.
            DatabaseStorageFailed: the disk is full, read-only or failing.
        """
        self._path, self._clock, self._unlocked_by = path, clock, unlocked_by
        self._make_room = make_room
        self._key: bytes | None = key
        self._opening = threading.RLock()  # nobody comes to the file while another takes its place
        self._short = Summaries()  # forgotten with the key
        self._audit_keys = AuditKeys(epoch=epoch, key=audit_key)
        self._engine = sa.create_engine(
            "sqlite://", module=sqlcipher, creator=self._connect, poolclass=sa.pool.QueuePool, pool_size=4
        )
        sa.event.listen(self._engine, "begin", _begin)
        sa.event.listen(self._engine, "handle_error", _give_up_when_damaged)
        _make_private(path)
        make_room()  # opening makes the files of the write-ahead log
        with _translated(path):
            self._migrate()
            self._derive()

    def _connect(self) -> Any:
        with self._opening:
            return self._connected()

    def _connected(self) -> Any:
        if self._key is None:
            raise VaultLocked
        connection = sqlcipher.connect(
            str(self._path), isolation_level=None, check_same_thread=False, timeout=_BUSY_TIMEOUT_MS / 1000
        )
        try:
            connection.execute("PRAGMA cipher_log_level = NONE")  # it would write to standard error
            connection.execute(f"PRAGMA key = \"x'{self._key.hex()}'\"")
            connection.execute(f"PRAGMA cache_size = -{_PAGE_CACHE_KIB}")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA secure_delete = ON")  # what is destroyed is overwritten with zeros
        except sqlcipher.DatabaseError:
            connection.close()
            raise
        return connection

    def _migrate(self) -> None:
        with self._engine.connect() as connection:
            tables = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
            found = ""
            if "alembic_version" in tables:
                found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""
        if found == schema.HEAD_REVISION:
            return
        if found > schema.HEAD_REVISION:
            raise DatabaseNewer(found=found, known=schema.HEAD_REVISION)
        # Imported only when a migration is due: it costs a third of a second.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        config.set_main_option("path_separator", "os")
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def _derive(self) -> None:
        """Make short forms and the index of words anew where this program derives them differently."""
        with self._engine.connect() as connection:
            if Index(connection).is_current():
                return
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            Index(connection).rebuild()

    @contextlib.contextmanager
    def work(self, actor: Person) -> Iterator[SqlWork]:
        """Begin a unit of work as ``actor``; see ``core.ports.Database.work``.

        Raises:
            ActorNotAtTheDesk: the vault was unlocked by somebody else.
        """
        self._require_at_the_desk(actor)
        work: SqlWork | None = None
        try:
            with _translated(self._path), self._writing() as connection:
                work = SqlWork(connection, actor=actor, clock=self._clock, audit_keys=self._audit_keys)
                yield work
                work.finish()
        except Refused as refusal:
            # The refusal is an event too; the work itself was rolled back above. A locked vault takes none.
            if work is not None:
                self._note_refusal(actor, refusal, about=work.about, attempted=work.attempted)
            raise

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
        with _translated(self._path), self._writing() as connection:
            SqlWork(connection, actor=actor, clock=self._clock, audit_keys=self._audit_keys).record_refusal(
                event
            )

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        self._make_room()
        with self._engine.connect().execution_options(write=True) as connection, connection.begin():
            yield connection

    @contextlib.contextmanager
    def look(self) -> Iterator[SqlWork]:
        """Read one consistent state; see ``core.ports.Database.look``."""
        with _translated(self._path), self._engine.connect() as connection:
            yield SqlWork(
                connection,
                actor=None,
                clock=self._clock,
                audit_keys=self._audit_keys,
                short=self._short,
            )

    def fold(self) -> None:
        """See ``core.ports.Database.fold``."""
        with contextlib.suppress(sa.exc.SQLAlchemyError, VaultLocked), self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def case_key(self, number: int) -> SealedCaseKey | None:
        """The key of a case, wrapped, by its number; ``None`` where there is none any more."""
        with _translated(self._path), self._engine.connect() as connection:
            return key_of(connection, number)

    def rewrap_case_keys(self, epoch: int, rewrap: Callable[[SealedCaseKey], SealedCaseKey]) -> None:
        """Bring every case key that stands under an earlier epoch to this one."""
        with _translated(self._path), self._engine.connect() as connection:
            left = keys_below(connection, epoch)
        if left:
            with _translated(self._path), self._writing() as connection:
                for number, key in left:
                    write_key(connection, number, rewrap(key))

    def problems(self) -> Sequence[str]:
        """What the cipher's page check, the structure check and the foreign keys find; empty when nothing."""
        with _translated(self._path):
            return problems_of(self._connect)

    def copy_to(self, path: Path, tick: Callable[[], None]) -> tuple[int, str]:
        """A copy of one consistent state under the same key, while others go on reading and writing.

        ``tick`` is called now and then and may raise to stop. Returns the rows and the head of the copied
        trail.
        """
        stopped: list[BaseException] = []

        def watch() -> int:
            try:
                tick()
            except BaseException as stop:  # noqa: BLE001 - raised again below, outside SQLite
                stopped.append(stop)
                return 1
            return 0

        tick()
        with _translated(self._path):
            connection = self._connect()
            try:
                connection.set_progress_handler(watch, 100_000)
                connection.execute("VACUUM INTO ?", (str(path),))
            except sqlcipher.DatabaseError:
                if stopped:
                    raise stopped[0] from None
                raise
            finally:
                connection.close()
        path.chmod(0o600)
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return self._trail_of(path)

    def _trail_of(self, path: Path) -> tuple[int, str]:
        key = self._key
        if key is None:
            raise VaultLocked
        connection = sqlcipher.connect(str(path), isolation_level=None)
        try:
            connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
            row = connection.execute(
                "SELECT seq, hash_sha384 FROM audit ORDER BY seq DESC LIMIT 1"
            ).fetchone()
        finally:
            connection.close()
        return (0, NO_ROW) if row is None else (int(row[0]), str(row[1]))

    def rekey(self, key: bytes) -> None:
        """Encrypt the whole file under another raw key; nobody else may be using it meanwhile."""
        with _translated(self._path), self._opening:
            self._engine.dispose()
            rekeying.rekey(self._path, self._connect(), key)
            self._key = key

    def close(self) -> None:
        """Fold the write-ahead log into the file, close every connection and forget the key."""
        self.fold()
        self._key = None
        self._short.forget()
        self._engine.dispose()


def _make_private(path: Path) -> None:
    """Let only the owner read a new database; SQLite gives ``-wal`` and ``-shm`` the mode of the file."""
    # An existing file is not opened here: closing it would drop SQLite's own locks on it.
    if not path.exists():
        with contextlib.suppress(OSError):  # the database itself says in words what is wrong with the folder
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _begin(connection: sa.Connection) -> None:
    """Say BEGIN ourselves: the driver's own implicit transactions would start too late."""
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _give_up_when_damaged(context: sa.engine.ExceptionContext) -> None:
    """Close a connection that met a bad page: SQLCipher gives no page on it any more, good ones neither."""
    if any(message in str(context.original_exception) for message in _DAMAGE_MESSAGES):
        context.is_disconnect, context.invalidate_pool_on_disconnect = True, False


@contextlib.contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Turn the driver's errors into ours."""
    try:
        yield
    except (sa.exc.DBAPIError, sqlcipher.DatabaseError) as error:
        text = str(getattr(error, "orig", None) or error)
        if any(message in text for message in _DISK_MESSAGES):
            raise DatabaseStorageFailed(path=str(path), reason=text) from error
        if any(message in text for message in _DAMAGE_MESSAGES):
            raise DatabaseDamaged(path=str(path), reason=text) from error
        raise
