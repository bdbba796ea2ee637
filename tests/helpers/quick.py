"""What a test that opens a vault a thousand times need not pay a thousand times."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from storage import database
from storage.vault import costs
from workstation.core.vault import Argon2idCost

# The least that the format allows a demonstration vault.
LEAST_COST = Argon2idCost(memory_kib=8, passes=1, lanes=1)


@contextmanager
def quick_vaults() -> Iterator[None]:
    """Passphrases cost nothing, and SQL that one database compiled is not compiled again for the next."""
    with (
        patch.object(costs, "LIGHT_COST", LEAST_COST),
        patch.object(database.sa, "create_engine", _engines()),
        patch.object(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other)),
        patch.object(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one))),
    ):
        yield


def _engines() -> Any:
    compiled: Any = LRUCache(2_000)
    make = sa.create_engine

    @functools.wraps(make)
    def made(*words: Any, **named: Any) -> sa.Engine:
        engine = make(*words, **named)
        engine._compiled_cache = compiled
        return engine

    return made
