"""Keys on paper, PINs, pages that were drawn, broken-off receipts and killed workers leave nothing."""

import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import cast

import pikepdf
import pytest

from storage.keeper import DiskKeeper
from storage.vault import resuming
from tests.helpers.canary import CANARY, PLANTED, holding, places_of_its_own, submission
from tests.helpers.fake_cards import FakeReader, ec_card
from tests.helpers.office import office, unlock
from workstation import logs
from workstation.app import cards, credentials, full_texts, intake, recovering, recovery_sheets, viewing
from workstation.app import session as sessions
from workstation.core.cards import CardPinWrong
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobControl, Progress
from workstation.core.vault import PIECE_BYTES, CardCredential
from workstation.core.vault_errors import CredentialsRefused, VaultLocked
from workstation.demo.story import PASSPHRASE, Story, passphrase

PIN = "quillwort-40917-PIN"
NEW = "harbor lantern willow seventeen"
TYPED_WRONG = "somebody typed the wrong thing"


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home, a temporary folder and logs of this test's own; the log is written, down to the last record."""
    folder = places_of_its_own(tmp_path, monkeypatch)
    logs.set_up(folder / "state")
    logging.getLogger().setLevel(logging.DEBUG)
    yield folder
    for handler in logging.getLogger().handlers:
        handler.close()
    logging.getLogger().handlers = []
    logging.getLogger().setLevel(logging.WARNING)


def told(places: Path) -> Story:
    """An office with people."""
    story = office(places / "office")
    story.set_up()
    return story


def test_keys_on_paper_are_on_paper_only(places: Path) -> None:
    """Officers' keys, typed back, used and mistyped: in no file but the sheets that were asked for."""
    story = told(places)
    sheets = places / "sheets"
    with story.acting("abara") as session:
        issue = recovering.begin(session, needed=3, officers=5, custodian_passphrase=passphrase())
        texts = [issue.text(officer) for officer in range(1, 6)]
        for officer, text in enumerate(texts, start=1):
            recovery_sheets.save(session, issue, officer, sheets)
            with suppress(WorkstationError):
                issue.confirm(officer, texts[officer % 5])
            issue.confirm(officer, text)
        issue.finish()
    keys = recovering.keys_from(story.services, texts[:3])
    session = recovering.recover(
        story.services, login_name="abara", keys=keys, passphrase=bytearray(NEW.encode())
    )
    sessions.lock(session, reason="test")
    written = [one for text in texts for one in (text, "".join(text.split()), text.replace(" ", "-"))]
    assert len(list(sheets.iterdir())) == 5
    assert holding(places, *written, NEW, PASSPHRASE, but=(sheets,)) == []


def test_pins_and_passphrases_are_nowhere(places: Path) -> None:
    """A card enrolled, used, asked for again and refused; a passphrase changed and mistyped."""
    story = told(places)
    reader = FakeReader([replace(ec_card(), pin=PIN.encode())])
    keeper = cast("DiskKeeper", story.services.vaults)
    services = replace(story.services, vaults=replace(keeper, cards=reader))

    def typed(pin: str = PIN) -> CardCredential:
        return CardCredential(pin=bytearray(pin.encode()), passphrase=passphrase())

    session = sessions.unlock(services, login_name="abara", passphrase=passphrase())
    cards.enrol(session, present=passphrase(), credential=typed(), keep_passphrase=True)
    sessions.lock(session, reason="test")
    with pytest.raises(CardPinWrong):
        sessions.unlock_by_card(services, login_name="abara", credential=typed(TYPED_WRONG))
    session = sessions.unlock_by_card(services, login_name="abara", credential=typed())
    credentials.issue_revocation_lists(session, custodian_passphrase=bytearray(PIN.encode()))
    sessions.lock(session, reason="test")
    session = unlock(services, "osei")
    credentials.change_passphrase(session, old=passphrase(), new=bytearray(NEW.encode()))
    sessions.lock(session, reason="test")
    with pytest.raises(CredentialsRefused):
        sessions.unlock(services, login_name="osei", passphrase=bytearray(TYPED_WRONG.encode()))
    assert holding(places, PIN, NEW, TYPED_WRONG, PASSPHRASE) == []


def pdf() -> bytes:
    """A page with the canary on it."""
    with pikepdf.new() as made:
        page = made.add_blank_page(page_size=(400, 200))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 12 Tf 20 100 Td ({PLANTED}) Tj ET".encode())
        made.save(path := Path(os.environ["TMPDIR"]) / "made.pdf")
    content = path.read_bytes()
    path.unlink()
    return content


@contextmanager
def received(places: Path) -> Iterator[tuple[Story, str]]:
    """A package with a report, in quarantine; the medium is gone when the block begins."""
    story, source = told(places), submission(places / "submission")
    (source / "report.pdf").write_bytes(pdf())
    case_id = story.open_case()
    with story.acting("osei") as session:
        package = intake.receive(session, case_id, source, JobControl())
    for path in source.iterdir():
        path.unlink()
    yield story, package.package_id


def test_pages_that_were_drawn_and_texts_that_were_indexed_leave_nothing(places: Path) -> None:
    """Pictures of pages, their words, bytes and hits, and the full-text index are in the vault or nowhere."""
    with received(places) as (story, package_id), story.acting("osei") as session:
        assert full_texts.index(session, JobControl()) > 0
        document = viewing.open_document(session, package_id, "report.pdf")
        try:
            assert CANARY in document.text(0, JobControl())
            assert document.page(0, 300, JobControl())
        finally:
            document.close()
        assert holding(places) == []
    assert holding(places) == []


def children(pid: int) -> set[int]:
    """Processes begun by any thread of this one, and theirs."""
    begun = set[int]()
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            begun |= {int(word) for word in listed.read_text().split()}
    return begun | {one for child in begun for one in children(child)}


def test_a_killed_worker_leaves_nothing(places: Path) -> None:
    """Kill -9 of the process that shows a document, with the document in its memory; no dump, no file."""
    with received(places) as (story, package_id), story.acting("osei") as session:
        before = children(os.getpid())
        document = viewing.open_document(session, package_id, "report.pdf")
        try:
            assert CANARY in document.text(0, JobControl())
            workers = children(os.getpid()) - before
            assert workers
            for worker in workers:
                with suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            with suppress(WorkstationError):  # told, or drawn by the next worker
                document.page(0, 300, JobControl())
        finally:
            document.close()
    assert holding(places) == []


def test_a_receipt_that_was_locked_out_leaves_nothing(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Locked in the middle of a large file, with its part and its journal on the disk, then gone on with."""
    monkeypatch.setattr(resuming, "CHECKPOINT_BYTES", 2 * PIECE_BYTES)
    story, source = told(places), places / "submission"
    case_id = story.open_case()
    source.mkdir()
    (source / f"{CANARY}.bin").write_bytes(f"{PLANTED}\n".encode() * 300_000)
    session = unlock(story.services, "osei")
    ticks = []

    def watch(progress: Progress) -> None:
        ticks.append(progress)
        if progress.stage == "intake.store" and len(ticks) >= 8:
            sessions.lock(session, reason="idle")

    with monkeypatch.context() as patch:
        patch.setattr(JobControl, "tick", lambda _job, progress: watch(progress))
        with pytest.raises(VaultLocked):
            intake.receive(session, case_id, source, JobControl())
    assert list((places / "office" / "profile" / "objects").glob("*.journal"))
    assert holding(places, but=(source,)) == []
    with story.acting("osei") as again:
        intake.receive(again, case_id, source, JobControl())
    assert holding(places, but=(source,)) == []
