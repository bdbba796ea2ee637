"""Marked content is planted in a submission and a draft, and looked for in every place but the vault.

Disk, temporary files, logs, what processes print, what a defect reports; also after kill -9.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.helpers.canary import CANARY, PLANTED, holding, places_of_its_own, submission
from tests.helpers.office import office, unlock
from workstation import logs
from workstation.app import backups, checking, drafts, intake, queries, searching, viewing
from workstation.app import session as sessions
from workstation.core.jobs import JobControl
from workstation.core.values import CaseId
from workstation.core.vault_errors import VaultLocked
from workstation.demo.story import PASSPHRASE, Story

ROOT = Path(__file__).parents[2]


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home, a temporary folder and logs of this test's own."""
    return places_of_its_own(tmp_path, monkeypatch)


def told(places: Path) -> tuple[Story, CaseId, Path]:
    """An office with a case."""
    source = submission(places / "submission")
    story = office(places / "office")
    story.set_up()
    return story, story.open_case(), source


def worked(story: Story, case_id: CaseId, source: Path, places: Path) -> None:
    """Received, examined, looked at, searched, drafted, backed up, rehearsed, restored, checked."""
    with story.acting("osei") as session:
        package = intake.receive(session, case_id, source, JobControl())
        drafts.save(session, {(case_id, "answer"): {"detail": PLANTED}})
        assert searching.search(session, searching.known(session, None), CANARY)
        document = viewing.open_document(session, package.package_id, "card.md")
        try:
            assert CANARY in document.text(0, JobControl())
        finally:
            document.close()
        assert CANARY in str(drafts.load(session, case_id, "answer"))
    with story.acting("abara") as session:
        backups.take(session, places / "backup", JobControl())
        assert backups.rehearse(
            session, places / "backup", bytearray(PASSPHRASE.encode()), JobControl()
        ).holds
        checking.check_vault(session, JobControl())
    backups.restore(story.services, places / "backup", places / "again", JobControl())


def test_nothing_planted_is_anywhere_but_in_the_vault(places: Path) -> None:
    """Vault, backup, restored vault, temporary files, home, logs and state: no spelling of the canary."""
    story, case_id, source = told(places)
    worked(story, case_id, source, places)
    assert len(holding(places)) == len(list(source.iterdir()))  # the search does find it where it is
    assert holding(places, but=(source,)) == []


def test_a_defect_tells_nothing_of_what_it_met(places: Path) -> None:
    """Message, cause and arguments of an exception that quotes content reach neither log nor support file."""
    logs.set_up(places / "state")
    try:
        error = VaultLocked()
        error.__cause__ = ValueError(PLANTED)
        error.add_note(PLANTED)
        logs.incident(error)
        logging.getLogger("workstation").warning("a record")
    finally:
        for handler in logging.getLogger().handlers:
            handler.close()
        logging.getLogger().handlers = []
    assert (places / "state" / "workstation.log").stat().st_size > 0
    assert holding(places) == []


def command(places: Path, *words: str) -> list[str]:
    """The command line on the office's vault."""
    vault = ["--demo", "--vault", str(places / "office" / "profile")]
    return [sys.executable, "-I", "-m", "workstation", *words[:2], *vault, *words[2:]]


def environment() -> dict[str, str]:
    """With the passphrase by the environment, as scripts give it."""
    return {**os.environ, "FRW_PASSPHRASE": PASSPHRASE}


QUIET = (
    ("vault", "check", "--user", "abara"),
    ("case", "list", "--user", "osei"),
    ("audit", "verify", "--user", "abara"),
    ("people", "list", "--user", "abara"),
)


def test_processes_print_nothing_planted(places: Path) -> None:
    """Receiving, checking and listing say how many and how far; neither output nor errors quote content."""
    _story, case_id, source = told(places)
    said = []
    for words in (("intake", "receive", "--user", "osei", case_id, str(source)), *QUIET):
        run = subprocess.run(
            command(places, *words), capture_output=True, env=environment(), cwd=ROOT, check=False
        )
        assert run.returncode in {0, 1}, run.stderr
        said.append(run.stdout + run.stderr)
    # Which folder was received is told to who typed it; its files are not.
    (places / "said").write_bytes(b"\n".join(said))
    assert holding(places, but=(source,)) == []
    assert PASSPHRASE.encode() not in b"".join(said)


@pytest.mark.parametrize("after_s", [0.6, 1.2, 2.0])
def test_a_killed_process_leaves_nothing_planted(places: Path, after_s: float) -> None:
    """Kill -9 while it receives, early or late: no temporary file, no part in the clear."""
    _story, case_id, source = told(places)
    words = command(places, "intake", "receive", "--user", "osei", case_id, str(source))
    with subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(), cwd=ROOT
    ) as process:
        time.sleep(after_s)
        process.send_signal(signal.SIGKILL)
    assert holding(places, but=(source,)) == []


def test_a_locked_session_shows_nothing_of_what_was_open(places: Path) -> None:
    """Session, vault and the list's own memory, printed after the lock, hold no content."""
    story, case_id, source = told(places)
    with story.acting("osei") as session:
        intake.receive(session, case_id, source, JobControl())
    session = unlock(story.services, "osei")
    package = queries.case_view(session, case_id).package
    assert package is not None
    source_open = viewing.open_document(session, package.package_id, "card.md")
    source_open.close()
    sessions.lock(session, reason="test")
    assert CANARY not in repr(session) + repr(session.vault) + repr(session.database) + repr(
        vars(session.vault)
    )
