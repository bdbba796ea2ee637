"""What the harness leaves out as equal is equal: of a write-ahead log, what stands behind the last commit."""

import sqlite3
from pathlib import Path

import pytest

from tests.helpers.footprints import committed


@pytest.fixture
def files(tmp_path: Path) -> tuple[bytes, bytes]:
    """A database and a log of three transactions of some pages each."""
    path = tmp_path / "db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE rows (content BLOB)")
    for number in range(1, 3):
        connection.execute("INSERT INTO rows VALUES (?)", (bytes([number]) * 9_000,))
    content = path.read_bytes(), path.with_name("db-wal").read_bytes()
    connection.close()
    return content


def _rows(folder: Path, content: bytes, log: bytes) -> int:
    """How many rows a reader of these files finds; -1 without a table."""
    folder.mkdir()
    (folder / "db").write_bytes(content)
    (folder / "db-wal").write_bytes(log)
    connection = sqlite3.connect(folder / "db")
    try:
        return int(connection.execute("SELECT count(*) FROM rows").fetchone()[0])
    except sqlite3.OperationalError:
        return -1
    finally:
        connection.close()


def test_a_log_that_is_whole_is_all_read(files: tuple[bytes, bytes]) -> None:
    """Nothing of it is left out, and more bytes behind it add nothing."""
    assert committed(files[1]) == files[1]
    assert committed(files[1] + b"\1" * 5_000) == files[1]


def test_a_log_cut_or_changed_anywhere_is_read_as_what_is_kept_of_it(
    files: tuple[bytes, bytes], tmp_path: Path
) -> None:
    """SQLite finds the same rows in a log and in the part of it that counts, whatever the harm."""
    content, log = files
    found = set()
    for place in range(0, len(log), 1_021):
        changed = bytearray(log)
        changed[place] ^= 1
        for what, harmed in (("cut", log[:place]), ("changed", bytes(changed))):
            kept = committed(harmed)
            rows = _rows(tmp_path / f"{what}-{place}", content, harmed)
            assert rows == _rows(tmp_path / f"{what}-{place}-kept", content, kept), (what, place)
            found.add(rows)
    assert found == {-1, 0, 1}  # whatever is harmed, the last transaction needs all of it
