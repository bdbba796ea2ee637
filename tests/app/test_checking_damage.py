"""A check of a vault whose database is damaged itself, and of one whose check was killed."""

import os
import signal
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3 import dbapi2 as sqlcipher

from tests.helpers.office import unlock
from tests.helpers.old_databases import connect
from tests.helpers.ready_office import office_at
from workstation.app import checking, intake, queries, viewing
from workstation.app import session as sessions
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import Package
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef
from workstation.demo.story import Story, passphrase

_PAGE_BYTES = 4_096
_MANY = 120


def told(folder: Path) -> tuple[Story, CaseId, list[Package]]:
    """Two submissions in two cases: one of many files, over many pages of the database, and one of two."""
    story, first = office_at("case", folder)
    second = story.open_case()
    packages = []
    for case_id, count in ((first, _MANY), (second, 2)):
        source = folder / f"submission-{count}"
        source.mkdir()
        for number in range(count):
            (source / f"{number:03}-{'x' * 90}.txt").write_text(f"{number}\n" * 30)
        with story.acting("osei") as session:
            packages.append(intake.receive(session, case_id, source, JobControl()))
    return story, second, packages


def spoil(profile: Path, page: int) -> None:
    """One changed bit; the same again undoes it."""
    with (profile / "database.sqlite3").open("rb+") as file:
        place = (page - 1) * _PAGE_BYTES + 1_000
        (byte,) = os.pread(file.fileno(), 1, place)
        os.pwrite(file.fileno(), bytes([byte ^ 1]), place)


def damaged(story: Story, profile: Path, lost: str, *kept: str) -> int:
    """Spoil a page without which one statement cannot be answered and all the others can; its number."""
    vault = story.services.vaults.unlock(login_name="abara", passphrase=passphrase())
    path, key = profile / "database.sqlite3", vault.database_key()

    def answers(statement: str) -> bool:
        with closing(connect(path, key)) as connection:
            connection.execute("PRAGMA cipher_log_level = NONE")
            try:
                return bool(connection.execute(statement).fetchall())
            except sqlcipher.DatabaseError:
                return False

    try:
        for page in range(2, path.stat().st_size // _PAGE_BYTES + 1):
            spoil(profile, page)
            if not answers(lost) and all(map(answers, kept)):
                return page
            spoil(profile, page)
    finally:
        vault.lock()
    raise AssertionError("no page is such a one")


def check(story: Story) -> checking.VaultCheck:
    """By the custodian, who comes in as ever."""
    session = unlock(story.services, "abara")
    try:
        return checking.check_vault(session, JobControl())
    finally:
        sessions.lock(session, reason="test")


_PEOPLE, _CASES = "SELECT * FROM people", "SELECT * FROM cases"
_FILES = "SELECT * FROM files NOT INDEXED"
_ROWS = "SELECT * FROM audit NOT INDEXED"


def test_a_bad_page_of_the_files_is_named_and_everything_else_is_checked(tmp_path: Path) -> None:
    """Page and table are told, files before it and those of other packages are read, the trail holds."""
    story, second, packages = told(tmp_path)
    profile = tmp_path / "profile"
    page = damaged(
        story,
        profile,
        f"SELECT * FROM files WHERE package_id = '{packages[0].package_id}'",
        f"SELECT * FROM files WHERE package_id = '{packages[0].package_id}' ORDER BY path LIMIT 5",
        f"SELECT * FROM files WHERE package_id = '{packages[1].package_id}'",
        _PEOPLE,
        _CASES,
        _ROWS,
    )
    found = check(story)
    assert not found.holds
    assert f"HMAC verification failed for page {page}" in found.database_problems
    assert any(line.startswith("table files:") for line in found.database_problems)
    assert f"not read to its end: files of {packages[0].package_id}" in found.database_problems
    assert 2 + 5 <= found.files < 2 + _MANY
    assert (found.broken_count, found.audit.broken_seq, found.is_recorded) == (0, None, True)
    with story.acting("osei") as session:
        package = queries.case_view(session, second).package
        assert package is not None
        document = viewing.open_document(
            session,
            package.package_id,
            next(f.untrusted_path for f in queries.files(session, package.package_id)),
        )
        assert document.text(0, JobControl()).startswith("0")
        document.close()


def test_a_bad_page_of_the_trail_is_named_and_every_file_is_checked(tmp_path: Path) -> None:
    """Page and table are told, the trail counts as broken, and all files are read."""
    story, _second, _packages = told(tmp_path)
    profile = tmp_path / "profile"
    page = damaged(
        story,
        profile,
        _ROWS,
        "SELECT * FROM audit NOT INDEXED ORDER BY seq DESC LIMIT 8",
        _PEOPLE,
        _CASES,
        _FILES,
        "SELECT seq FROM audit ORDER BY event, seq",
        "SELECT at FROM audit ORDER BY at",
    )
    found = check(story)
    assert not found.holds
    assert f"HMAC verification failed for page {page}" in found.database_problems
    assert any(line.startswith("table audit:") for line in found.database_problems)
    assert "not read to its end: audit trail" in found.database_problems
    assert (found.audit.broken_seq, found.audit.reason) == (1, "unreadable")
    assert (found.files, found.broken_count) == (2 + _MANY, 0)


def test_a_container_is_kept_when_its_name_may_stand_on_a_bad_page(tmp_path: Path) -> None:
    """Coming in removes nothing as an orphan while the rows that name it cannot be read."""
    story, _second, packages = told(tmp_path)
    profile = tmp_path / "profile"
    with story.acting("abara") as session:
        before = set(session.vault.containers())
    damaged(story, profile, _FILES, _PEOPLE, _CASES, _ROWS)
    session = unlock(story.services, "abara")
    try:
        assert set(session.vault.containers()) == before
    finally:
        sessions.lock(session, reason="test")
    assert packages


def test_a_check_that_was_killed_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill -9 in the middle: the next check reads the rest, not the whole, and names what the first found."""
    story, _second, packages = told(tmp_path)
    with story.acting("osei") as session:
        first = queries.files(session, packages[0].package_id)[0]
    (container,) = (tmp_path / "profile").rglob(f"{ObjectRef.parse(first.object_ref).container_id.hex()}*")
    content = bytearray(container.read_bytes())
    content[ObjectRef.parse(first.object_ref).offset + 40] ^= 1
    container.write_bytes(content)
    monkeypatch.setattr(checking, "_PAGE", 10)
    monkeypatch.setattr(checking, "_NOTED_EVERY_FILES", 30)
    child = os.fork()
    if child == 0:
        try:
            checking.check_vault(unlock(story.services, "abara"), Killed())
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL
    read = Counted()
    session = unlock(story.services, "abara")
    try:
        found = checking.check_vault(session, read)
    finally:
        sessions.lock(session, reason="test")
    assert found.went_on
    assert (found.files, found.broken_count, found.audit.broken_seq) == (2 + _MANY, 1, None)
    assert [file.untrusted_path for file in found.broken] == [first.untrusted_path]
    assert read.files <= 2 + _MANY - 60
    assert not check(story).went_on


class Counted(JobControl):
    """How many files were begun."""

    files = 0

    def tick(self, progress: Progress) -> None:
        super().tick(progress)
        self.files += progress.stage == "vault.verify"


class Killed(Counted):
    """The process ends at the seventieth file."""

    def tick(self, progress: Progress) -> None:
        super().tick(progress)
        if self.files == 70:
            os.kill(os.getpid(), signal.SIGKILL)
