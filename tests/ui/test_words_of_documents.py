"""The words of whole documents in the window: what no search reads is told, read as a job, and opened."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from tests.helpers import documents_package
from tests.helpers.office import office
from tests.ui.bench import Bench
from tests.ui.stages import CASE, Office
from tests.ui.test_accessibility import Seen, _fits, _names, _tab_order
from ui.cases.workspace import CaseWorkspace
from workstation.app import quarantine, reviewing
from workstation.core.values import CaseId
from workstation.settings import Settings

CONTROL = Qt.KeyboardModifier.ControlModifier
READ = "Read them for the search"
WAITING = "No search looks through: documents of 1 package, not read for it yet."


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at a case whose package holds one of everything, none of it read for the search."""
    story = office(tmp_path, source=documents_package.write(tmp_path))
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id, reason="Looked through.")
        reviewing.begin_evaluation(session, case_id)
    at = Office(services=story.services, clock=story.clock, folder=tmp_path, case_id=CaseId(case_id))
    made = Bench(office=at, settings=Settings())
    made.arrive("osei")
    yield made
    made.close()


def find(bench: Bench, text: str) -> list[list[str]]:
    """Ctrl+K and words; the rows found."""
    bench.key(Qt.Key.Key_K, CONTROL)
    bench.settle()
    bench.named(QLineEdit, "Find anything").setText(text)
    bench.settle()
    return bench.cells("Found")


def test_what_no_search_reads_is_told_read_as_a_job_and_opened_at_its_place(bench: Bench) -> None:
    """Told beside the hits; cancelled the job says so; read, a passage opens its page, and its sample."""
    assert find(bench, "41 percent") == []
    assert WAITING in bench.words()
    bench.window.jobs.started.connect(bench.window.jobs.cancel)  # before its first piece
    bench.press(READ)
    bench.wait_done()
    bench.window.jobs.started.disconnect(bench.window.jobs.cancel)
    assert "Stopped" in bench.notice()
    assert "documents of 1 package, not read for it yet" in bench.words()
    bench.press(READ)
    bench.wait_done()
    bench.settle()
    assert "Documents and transcripts are read for the search." in bench.notice()
    assert "not read for it yet" not in bench.words()
    assert not bench.has_button(READ)
    assert "file (the sandbox could not show them" in bench.words()  # broken.pdf
    hits = bench.cells("Found")
    assert {row[0] for row in hits} == {"Words in a file"}
    ways = ["report.pdf", "deep.tar.gz!/a/b.zip!/papers/report.pdf"]
    assert [row[2].split(", ")[:2] for row in hits] == [[way, "page=3"] for way in ways]
    bench.named(QLineEdit, "Find anything").setFocus()
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "Reading in the sandbox" not in bench.words())
    assert isinstance(bench.page, CaseWorkspace)
    assert bench.page.tab_name == "package"
    assert bench.typed("Page number") == "3"
    found = [row for row in find(bench, '"answer 7"') if row[0] == "Words in a file"]
    assert len(found) == len(ways)
    assert found[0][2].startswith(f"run.eval, sample=range-7, {CASE}")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "Reading in the sandbox" not in bench.words())
    pane = bench.named(QPlainTextEdit, "Transcript of the chosen sample")
    bench.wait_until(lambda: "Answer 7" in pane.toPlainText())


def test_what_is_not_read_fits_the_page_and_is_reached_by_keyboard(bench: Bench) -> None:
    """The line and its button stand within the page, are named, and come in the order of reading."""
    find(bench, "evidence")
    assert bench.has_button(READ)
    QAccessible.setActive(True)
    seen = Seen()
    _names(seen, "search", bench)
    _tab_order(seen, "search", bench)
    for width, height in ((960, 540), (1366, 768)):
        _fits(seen, "search", bench, width, height)
    assert (seen.nameless, seen.unreached, seen.clipped, seen.too_large) == ([], [], [], [])
