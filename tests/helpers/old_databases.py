"""Databases as the first release left them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from sqlcipher3 import dbapi2 as sqlcipher

from storage.database import SqlDatabase
from tests.helpers.databases import KEY


def connect(path: Path, key: bytes = KEY) -> sqlcipher.Connection:
    """The file itself, with the right key and none of the program's code."""
    connection = sqlcipher.connect(str(path), isolation_level=None)
    connection.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
    return connection


def as_first_released(make: Callable[[], SqlDatabase]) -> None:
    """Make an empty database, as the first migration alone leaves it."""
    upgrade = command.upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "upgrade", lambda config, _newest: upgrade(config, "0001"))
        patch.setattr(SqlDatabase, "_derive", lambda _self: None)  # that release derived nothing
        make().close()


def fill(path: Path, newest: Path, key: bytes = KEY) -> None:
    """Every row that the tables of the first release can hold, column by column."""
    old, new = connect(path, key), connect(newest, key)
    names = [name for (name,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    names.remove("alembic_version")
    old.execute("BEGIN")
    for name in names:
        columns = ", ".join(f'"{row[1]}"' for row in old.execute(f"PRAGMA table_info({name})"))
        for row in new.execute(f"SELECT {columns} FROM {name}").fetchall():
            marks = ", ".join("?" * len(row))
            old.execute(f"INSERT INTO {name} ({columns}) VALUES ({marks})", row)
    old.execute("COMMIT")
    old.close()
    new.close()
