"""A disk without any room left under an office that is at work."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.helpers.office import office, unlock
from workstation.app import auditing, queries
from workstation.app import session as sessions
from workstation.core.database_errors import DatabaseStorageFailed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not mount a small file system")
    yield folder
    subprocess.run(["umount", "-l", folder], check=False)


def test_on_a_full_disk_nobody_comes_in_and_nothing_is_lost(small_disk: Path) -> None:
    """Without room for the row that says who came in nobody does; with room again everything is there."""
    story = office(small_disk / "office")
    story.set_up()
    case_id = story.open_case()
    ballast = small_disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    for _ in range(5):
        with pytest.raises(DatabaseStorageFailed):
            unlock(story.services, "osei")
    ballast.unlink()
    session = unlock(story.services, "osei")  # no wait: none of the attempts was a wrong one
    try:
        assert queries.case_view(session, case_id).row.case_id == case_id
        assert auditing.verify(session).broken_seq is None
    finally:
        sessions.lock(session, reason="test")
