"""Looking at files of a package: by keyboard, in pixels and plain text, with everything hostile on show."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit

from tests.helpers import documents_package
from tests.ui.at_package import accepted, at_package
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE, Office
from tests.ui.test_accessibility import Seen, _fits, _names, _tab_order
from tests.ui.test_keys import mnemonics
from ui.package.viewer_view import ViewerPanel
from ui.widgets.picture import PicturePane
from workstation.app import queries
from workstation.core.packages import PackageFile
from workstation.core.values import CaseId, EvidenceLink
from workstation.settings import Settings

FILES = "Files of the package"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A case under evaluation whose package holds one of everything."""
    folder = tmp_path_factory.mktemp("viewer")
    return accepted(folder, documents_package.write(folder), begun=True)


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def panel(bench: Bench) -> ViewerPanel:
    """The viewer on screen."""
    (found,) = bench.all(ViewerPanel)
    return found


def look(bench: Bench, path: str) -> None:
    """Choose a file in the list and press Enter."""
    table = bench.table(FILES)
    paths = [row[0] for row in bench.cells(FILES)]
    table.go_to(paths.index(path))
    table.setFocus()
    bench.key(Qt.Key.Key_Return)
    settle(bench)


def settle(bench: Bench) -> None:
    """Until the sandbox has answered."""
    bench.wait_until(lambda: "Reading in the sandbox" not in bench.words())


def text(bench: Bench) -> str:
    """The plain text of the content."""
    return bench.named(QPlainTextEdit, "Text of the page").toPlainText()


def back(bench: Bench) -> None:
    """To the files."""
    bench.press("Back to the files")


def file(bench: Bench, path: str) -> PackageFile:
    """A stored file as the vault has it now."""
    session = bench.window.desk.here
    package = queries.case_view(session, CaseId(CASE)).package
    assert package is not None
    return next(one for one in queries.files(session, package.package_id) if one.untrusted_path == path)


def test_a_pdf_is_paged_by_keyboard(bench: Bench) -> None:
    """Enter opens it, the page keys scroll and turn, a number goes to its page, and it counts as opened."""
    look(bench, "report.pdf")
    (picture,) = bench.all(PicturePane)
    assert QApplication.focusWidget() is picture
    assert bench.typed("Page number") == "1"
    for _press in range(6):
        if bench.typed("Page number") == "2":
            break
        bench.key(Qt.Key.Key_PageDown)
        settle(bench)
    assert bench.typed("Page number") == "2"
    assert picture.accessibleName().startswith("Page 2 of 12")
    bench.key(Qt.Key.Key_PageUp)
    settle(bench)
    assert picture.verticalScrollBar().value() == picture.verticalScrollBar().maximum()
    bench.key(Qt.Key.Key_G, CONTROL)
    bench.type("Page number", "12")
    bench.key(Qt.Key.Key_Return)
    settle(bench)
    assert picture.accessibleName().startswith("Page 12 of 12")
    assert file(bench, "report.pdf").opened
    back(bench)
    assert QApplication.focusWidget() is bench.table(FILES)
    assert ["report.pdf", "Seen"] in [[row[0], row[4]] for row in bench.cells(FILES)]


def test_a_phrase_is_found_and_its_place_becomes_evidence(bench: Bench) -> None:
    """Ctrl+F finds, Enter goes to the page; the place is noted, used in the checklist, opened from there."""
    look(bench, "report.pdf")
    bench.key(Qt.Key.Key_F, CONTROL)
    bench.type("Find in all pages", "measured range")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "1 found in 12 pages read." in bench.words())
    bench.key(Qt.Key.Key_Return)
    settle(bench)
    assert bench.typed("Page number") == "3"
    bench.choose("Shown as", "Text")
    settle(bench)
    assert bench.named(QPlainTextEdit, "Text of the page").textCursor().selectedText() == "measured range"
    bench.press("Use this place as evidence")
    assert "page=3" in bench.notice()
    bench.window.show_case(CASE, "checklist")
    bench.wait_until(lambda: bench.has_button("Use the noted place"))
    bench.press("Use the noted place")
    assert bench.named(QLineEdit, "Place in the file").text() == "page=3"
    assert bench.named(QComboBox, "Evidence in the package").currentText() == "report.pdf"
    bench.choose("Result", "Met")
    bench.type("Detail", "Stated on page 3.")
    bench.press("Save answer")
    bench.table("Criteria").go_to(0)
    bench.wait_until(lambda: bench.has_button("Open report.pdf page=3"))
    bench.press("Open report.pdf page=3")
    settle(bench)
    assert panel(bench).isVisible()
    assert bench.typed("Page number") == "3"


def test_what_cannot_be_shown_is_inconclusive_in_place(bench: Bench) -> None:
    """A broken PDF raises no dialog: its reason and what to do stand where the page would be."""
    look(bench, "broken.pdf")
    assert "Inconclusive: Cannot be shown (VIEW_FAILED)" in bench.words()
    assert "nothing of it shown yet" in bench.words()
    assert bench.notice() == ""
    assert not file(bench, "broken.pdf").opened
    bench.choose("Shown as", "Bytes")
    settle(bench)
    assert "25 50 44 46" in bench.named(QPlainTextEdit, "Bytes of the file").toPlainText()


def test_hostile_text_appears_as_typed(bench: Bench) -> None:
    """Markup stays markup and a bidirectional control is spelled out."""
    look(bench, "notes.md")
    assert documents_package.MARKUP in text(bench)
    assert documents_package.BIDI not in text(bench)
    assert "U+202E" in text(bench)


def test_a_transcript_cannot_fake_a_turn(bench: Bench) -> None:
    """Headings of turns are bold; the same words inside an answer are not."""
    look(bench, "run.eval")
    assert len(bench.cells("Samples of the evaluation")) == 30
    names = [row[0] for row in bench.cells("Samples of the evaluation")]
    bench.table("Samples of the evaluation").go_to(names.index("range-1"))
    bench.table("Samples of the evaluation").setFocus()
    bench.key(Qt.Key.Key_Return)
    settle(bench)
    pane = bench.named(QPlainTextEdit, "Transcript of the chosen sample")
    shown = pane.toPlainText()
    assert documents_package.MARKUP in shown
    weights = {}
    for words in ("2. assistant", "2. system"):
        cursor = pane.textCursor()
        cursor.setPosition(shown.index(words) + 1)
        weights[words] = cursor.charFormat().fontWeight()
    assert weights["2. assistant"] > weights["2. system"]
    bench.press("Use this place as evidence")
    assert "sample=range-1" in bench.notice()


def test_samples_are_filtered_by_score(bench: Bench) -> None:
    """Words in the filter leave the samples that hold all of them, and the count says of how many."""
    look(bench, "run.eval")
    bench.type("Filter the samples", "match I")
    scores = {row[2] for row in bench.cells("Samples of the evaluation")}
    assert scores == {"match I"}
    assert "15 of 30 read, 30 in the log" in bench.words()
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "15 found in 30 looked through, that is the whole log" in bench.words())
    bench.type("Filter the samples", "")  # which chooses all of it
    bench.key(Qt.Key.Key_Backspace)
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: len(bench.cells("Samples of the evaluation")) == 30)


def test_tensors_are_listed_on_and_filtered(bench: Bench) -> None:
    """Further tensors follow on request; a name finds the one beyond the first page; it becomes evidence."""
    look(bench, "model.safetensors")
    assert len(bench.cells("Tensors of the file")) == 500
    bench.press("Show more tensors")
    bench.wait_until(lambda: len(bench.cells("Tensors of the file")) == 700)
    bench.type("Filter the tensors by name", "layers.650.")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: len(bench.cells("Tensors of the file")) == 1)
    bench.press("Use this place as evidence")
    assert "tensor=model.layers.650.weight" in bench.notice()


def test_chosen_bytes_become_evidence(bench: Bench) -> None:
    """The lines selected are the range noted, both ends within it."""
    look(bench, "blob.bin")
    pane = bench.named(QPlainTextEdit, "Bytes of the file")
    bench.press("Next")
    settle(bench)
    assert bench.typed("First byte") == "4096"
    pane.setFocus()
    bench.key(Qt.Key.Key_Home, CONTROL)
    bench.key(Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    bench.key(Qt.Key.Key_End, Qt.KeyboardModifier.ShiftModifier)
    bench.press("Use this place as evidence")
    assert "bytes=4096-4127" in bench.notice()


def test_the_lock_ends_the_viewer(bench: Bench) -> None:
    """Locking with a document open takes everything of it from the screen and ends its worker."""
    look(bench, "report.pdf")
    presenter_end = bench.window.desk.leaving
    assert len(presenter_end) == 1
    document = presenter_end[0].__self__._document  # type: ignore[attr-defined]  # the presenter's own
    bench.window.desk.noted = EvidenceLink(package_id=document.file.package_id, untrusted_path="x")
    bench.window.lock("asked")
    assert document._viewer._sandbox._process is None
    assert bench.window.desk.leaving == []
    assert bench.window.desk.noted is None
    assert bench.all(ViewerPanel) == []


def test_an_official_looks_without_its_counting(told: Office, qapp: QApplication) -> None:
    """Somebody without the duty to answer sees the file and is told that it does not count."""
    made = Bench(office=told, settings=Settings())
    made.arrive("lindqvist")
    made.window.show_case(CASE, "package")
    look(made, "picture.png")
    assert "you look without the duty to answer" in made.words()
    assert not file(made, "picture.png").opened
    made.close()


@pytest.mark.parametrize("path", ["report.pdf", "run.eval", "model.safetensors", "blob.bin", "broken.pdf"])
def test_the_viewer_is_for_everybody(bench: Bench, path: str) -> None:
    """Everything has a name, Tab reaches all of it and comes back, and nothing is clipped."""
    QAccessible.setActive(True)
    look(bench, path)
    seen = Seen()
    _names(seen, path, bench)
    _tab_order(seen, path, bench)
    for width, height in ((960, 540), (1366, 768)):
        _fits(seen, path, bench, width, height)
    assert (seen.nameless, seen.unreached, seen.clipped, seen.too_large) == ([], [], [], [])


def test_a_reviewer_reads_a_file_of_the_sample_case(open_at: Open, tmp_path: Path) -> None:
    """The demonstration's own package opens as well."""
    bench = open_at("quarantined", "ibarra")
    bench.window.show_case(CASE, "package")
    look(bench, "data/model-card.md")
    assert "Aster-3" in text(bench)
    assert list(tmp_path.glob("*.md")) == []


def test_an_opened_file_has_keys_that_nothing_else_has(open_at: Open) -> None:
    """Ctrl+Enter takes the place as evidence, Alt+Left leads back, and no letter there means two things."""
    bench = open_at("evaluation", "osei")
    bench.window.show_case(CASE, "package")
    look(bench, "data/cover-sheet.md")
    assert [letter for letter, count in Counter(mnemonics(bench)).items() if count > 1] == []
    bench.key(Qt.Key.Key_Return, CONTROL)
    assert "data/cover-sheet.md" in bench.notice()
    bench.key(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert bench.table(FILES).hasFocus()
