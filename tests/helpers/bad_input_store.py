"""What a vault and a medium hold, so that before and after can be compared."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from storage.schema import metadata
from tests.ui.stages import Office
from workstation.app import auditing, checkpoints
from workstation.app import session as sessions
from workstation.app.services import Session
from workstation.core.vault import ObjectRef

# Whoever leaves signs how far the trail was: rows come to this table, beside what a case says it changes.
CHECKPOINTS = "checkpoints"
# What coming in and going out writes, whoever does it.
VISITS = frozenset({"Unlocked", "Locked", "DraftsSaved", "OrphansSwept", "ClockWentBack"})


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Every row of every table but the trail, the trail, and the digest of every sealed file."""

    tables: dict[str, frozenset[str]]
    trail: tuple[tuple[str, str], ...]  # event and row hash, oldest first
    files: dict[str, str]

    def changed_tables(self, later: "Stored") -> set[str]:
        """Tables whose rows differ; to the checkpoints rows may only come."""
        assert self.tables[CHECKPOINTS] < later.tables[CHECKPOINTS]
        others = self.tables.keys() - {CHECKPOINTS}
        return {name for name in others if self.tables[name] != later.tables[name]}

    def new_events(self, later: "Stored") -> tuple[str, ...]:
        """Events of the rows that came to the trail, which begins as it did; visits left out."""
        assert later.trail[: len(self.trail)] == self.trail
        return tuple(event for event, _hash in later.trail[len(self.trail) :] if event not in VISITS)


def stored(office: Office) -> Stored:
    """Look as the custodian; the trail, its checkpoints and every stored object must verify."""
    session = office.unlock("abara")
    try:
        return _stored(session, office.folder / "profile")
    finally:
        sessions.lock(session, reason="test")


def _stored(session: Session, root: Path) -> Stored:
    assert auditing.verify(session).broken_seq is None
    assert not checkpoints.hold(session).broken
    with session.look() as work:
        for reference in work.packages.object_refs():
            session.vault.verify(ObjectRef.parse(reference))
    engine = session.database._engine  # type: ignore[attr-defined]  # every table, by whatever name
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names()) & set(metadata.tables) - {"audit"}
        tables = {name: frozenset(_rows(connection, metadata.tables[name])) for name in names}
        rows = connection.execute(sa.text("SELECT event, hash_sha384 FROM audit ORDER BY seq")).all()
    return Stored(
        tables=tables,
        trail=tuple((row.event, row.hash_sha384) for row in rows),
        files=contents(root, ("objects", "packs")),
    )


def _rows(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    """Every row, but for what somebody typed and has not recorded."""
    for row in connection.execute(sa.select(table)):
        if not (table.name == "blobs" and row.name.startswith("draft/")):
            yield repr(tuple(row))


def contents(root: Path, folders: tuple[str, ...] = ("",)) -> dict[str, str]:
    """SHA-384 of every plain file below, by path."""
    found = (path for folder in folders for path in (root / folder).rglob("*"))
    return {
        str(path.relative_to(root)): hashlib.sha384(path.read_bytes()).hexdigest()
        for path in sorted(found)
        if path.is_file() and not path.is_symlink()
    }
