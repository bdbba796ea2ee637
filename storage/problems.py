"""What is wrong with a database file, by the names of its pages and tables, whatever cannot be read of it."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sqlcipher3 import dbapi2 as sqlcipher

Connect = Callable[[], Any]


def problems_of(connect: Connect) -> list[str]:
    """Every page whose check value is wrong, every table of which a part is lost, and broken references.

    ``connect`` opens the file anew: after an error a connection may tell what it remembers.

    Raises:
        sqlcipher3.DatabaseError: not even the list of tables can be read.
    """
    # The check reads the file alone; what a crash cut there is whole in the log.
    pages = _asked(connect, "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA cipher_integrity_check")
    tables = [
        name
        for (name, text) in _asked(connect, "SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if not (text or "").upper().startswith("CREATE VIRTUAL")
    ]
    found = [str(page) for (page,) in pages]
    if not found:
        with suppress(sqlcipher.DatabaseError):
            found = [line for (line,) in _asked(connect, "PRAGMA integrity_check") if line != "ok"]
            return found + _of_references(connect)
    for table in tables:
        found += _of_table(connect, table)
    return found + _of_references(connect)


def _of_table(connect: Connect, table: str) -> Iterator[str]:
    name = '"' + table.replace('"', '""') + '"'
    try:
        lines = [str(line) for (line,) in _asked(connect, f"PRAGMA integrity_check({name})")]
    except sqlcipher.DatabaseError:
        try:
            _asked(connect, f"SELECT count(*) FROM {name} NOT INDEXED")  # noqa: S608 - a name quoted above
        except sqlcipher.DatabaseError:
            lines = ["rows cannot be read"]
        else:
            lines = ["every row is counted, but an index or a long value cannot be read"]
    yield from (f"table {table}: {line}" for line in lines if line != "ok")


def _of_references(connect: Connect) -> list[str]:
    try:
        return [f"reference: {row[0]}" for row in _asked(connect, "PRAGMA foreign_key_check")]
    except sqlcipher.DatabaseError:
        return ["references: cannot be compared"]


def _asked(connect: Connect, *statements: str) -> list[Any]:
    connection = connect()
    try:
        answer = [connection.execute(statement).fetchall() for statement in statements]
    finally:
        connection.close()
    return list(answer[-1])
