"""Locking wins over every page, dialog and job, and what was typed comes back."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QClipboard
from PySide6.QtWidgets import QApplication, QComboBox, QDialog

from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.workspace import CaseWorkspace
from ui.idle import IdleLock
from ui.package.view import PackagePage
from ui.widgets import choosing
from ui.widgets.frame import MarkingBanner
from ui.widgets.text import Text
from workstation.app import auditing
from workstation.core.jobs import JobControl, Progress
from workstation.core.vault_errors import VaultLocked
from workstation.settings import Settings


def _is_locked(bench: Bench) -> bool:
    return bench.window.desk.session is None and "Unlock the vault" in bench.words()


def test_locking_wipes_the_keys_and_every_page(open_at: Open) -> None:
    """After Ctrl+L every use of the vault is refused and no widget of a case is left."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    vault = bench.window.desk.here.vault
    bench.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert _is_locked(bench)
    for use in (vault.database_key, vault.audit_key, vault.search_key, vault.containers):
        with pytest.raises(VaultLocked):
            use()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert bench.window.findChildren(CaseWorkspace) == []
    assert "Aster" not in bench.words()
    assert bench.banners() == ("NO CASE OPEN", "NO CASE OPEN")


def test_locking_empties_the_clipboard_of_what_was_copied_here(
    open_at: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text of a case that was copied is gone with the lock; what another program copied stays."""
    bench = open_at("evaluation", "osei")
    board = QApplication.clipboard()
    # The platform without a screen does not know whose the clipboard is; X11, Wayland and Windows do.
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _board: True)
    for mode in (QClipboard.Mode.Clipboard, QClipboard.Mode.Selection):
        board.setText("Aster's evidence", mode)
    bench.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert (board.text(), board.text(QClipboard.Mode.Selection)) == ("", "")
    board.setText("of another program")
    monkeypatch.setattr(QClipboard, "ownsClipboard", lambda _board: False)
    bench.arrive("osei")
    bench.key(Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert board.text() == "of another program"
    board.clear()


def test_locking_wins_over_a_running_job(open_at: Open) -> None:
    """A job is stopped at its next piece; nothing of it, not even its progress, stays on screen."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE)
    vault, begun, ended = bench.window.desk.here.vault, threading.Event(), threading.Event()

    def work(job: JobControl) -> None:
        begun.set()
        try:
            while True:
                job.tick(Progress(stage="intake.store", untrusted_detail="weights/secret-name.bin"))
                ended.wait(0.01)
        finally:
            ended.set()

    told: list[BaseException] = []
    bench.window.jobs.start(work, done=lambda _none: None, failed=told.append)
    assert begun.wait(5)
    bench.window.lock("asked")
    assert ended.is_set()
    with pytest.raises(VaultLocked):
        vault.database_key()
    assert "secret-name" not in bench.words()
    assert _is_locked(bench)
    bench.wait_done()


def test_locking_closes_a_dialog(open_at: Open, tmp_path: Path) -> None:
    """A file dialog does not outlive the lock, and what it would have chosen is never used."""
    bench = open_at("opened", "osei")
    bench.window.show_case(CASE, "package")
    page, chosen = bench.window.findChild(PackagePage), []
    choosing.folder(page, "Submission", chosen.append)
    dialog = bench.window.findChild(choosing.Chooser)
    assert [b.words for b in dialog.findChildren(MarkingBanner)] == ["UNCLASSIFIED", "UNCLASSIFIED"]
    assert bench.office.services.watermark in [text.words for text in dialog.findChildren(Text)]
    bench.window.lock("asked")
    assert not any(isinstance(w, QDialog) and w.isVisible() for w in QApplication.topLevelWidgets())
    assert chosen == []


def test_the_typed_answer_survives_the_lock(open_at: Open) -> None:
    """Typed, locked in the middle, unlocked: the same place, the same text, marked as a draft."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.table("Criteria").go_to(2)
    bench.choose("Result", "Not met")
    bench.type("Detail", "Half a sent")
    bench.window.lock("idle")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "checklist"
    bench.table("Criteria").go_to(2)
    assert bench.typed("Detail") == "Half a sent"
    assert bench.named(QComboBox, "Result").currentText() == "Not met"
    assert "Not saved yet; kept as your draft." in bench.words()


def test_a_draft_is_nobody_elses(open_at: Open) -> None:
    """The other reviewer finds the criterion untouched, and the trail names no content."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "checklist")
    bench.type("Detail", "A private thought")
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("ibarra"))
    bench.window.show_case(CASE, "checklist")
    assert bench.typed("Detail") == ""
    rows = auditing.page(bench.window.desk.here)
    assert [row.event for row in rows].count("DraftsSaved") == 1
    assert not any("private" in row.body_json for row in rows)


def test_reasons_survive_a_change_of_tab_and_the_lock(open_at: Open) -> None:
    """Half-written reasons of an opinion are there again after other tabs and after unlocking."""
    bench = open_at("both-submitted", "osei")
    bench.window.show_case(CASE, "determination")
    bench.type("Reasons", "Because of")
    bench.window.show_case(CASE, "package")
    bench.window.show_case(CASE, "determination")
    assert bench.typed("Reasons") == "Because of"
    bench.window.lock("asked")
    bench.window.unlocked(bench.office.unlock("osei"))
    assert bench.typed("Reasons") == "Because of"


def test_absence_counts_down_and_locks(open_at: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the last minute a strip counts down; a key ends it; at nought the vault is locked."""
    now_s = [1_000.0]
    monkeypatch.setattr("ui.idle.time.monotonic", lambda: now_s[0])
    bench = open_at("people", "ibarra", settings=Settings(lock_after_minutes=2))
    now_s[0] += 70
    bench.window.idle.count()
    assert "Locks in 50 s: press any key to stay" in bench.words()
    bench.key(Qt.Key.Key_Down)
    bench.window.idle.count()
    assert "press any key" not in bench.words()
    now_s[0] += 121
    bench.window.idle.count()
    assert _is_locked(bench)


def test_a_clock_that_jumps_neither_locks_nor_holds() -> None:
    """Absence is measured on the monotonic clock alone."""
    source = Path(IdleLock.__module__.replace(".", "/") + ".py").read_text(encoding="utf-8")
    assert "datetime" not in source
    assert "time.monotonic" in source


def test_closing_the_window_locks_first(open_at: Open) -> None:
    """Ctrl+Q locks; the trail says why."""
    bench = open_at("people", "ibarra")
    vault = bench.window.desk.here.vault
    bench.key(Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    with pytest.raises(VaultLocked):
        vault.database_key()
    session = bench.office.unlock("ibarra")
    locked = [row for row in auditing.page(session) if row.event == "Locked"]
    session.database.close()
    session.vault.lock()
    assert "window-closed" in locked[0].body_json
