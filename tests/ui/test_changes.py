"""An amended submission in the window: what changed, by keyboard, with both packages to look at."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QPlainTextEdit

from tests.helpers.office import office
from tests.ui.at_package import at_package
from tests.ui.bench import Bench
from tests.ui.stages import CASE, Office
from tests.ui.test_accessibility import Seen, _fits, _names, _tab_order
from tests.ui.test_viewer import settle
from ui.package.viewer_view import ViewerPanel
from workstation.app import amendments, intake, quarantine
from workstation.core.jobs import JobControl
from workstation.core.values import CaseId, EvidenceLink

CHANGES = "Files that changed"
FILES = "Files of the package"
OLD = {"card.md": "old words", "gone.txt": "gone", "same.txt": "same", "weights/a.txt": "a"}
NEW = {"card.md": "new words", "<b>new.txt": "new", "same.txt": "same", "weights/a.txt": "a"}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A deficient package, and the corrected one in quarantine."""
    folder = tmp_path_factory.mktemp("changes")
    story = office(folder)
    story.set_up()
    case_id = story.open_case()
    with story.acting("osei") as session:
        for name, contents in (("first", OLD), ("second", NEW)):
            _write(folder / name, contents)
            package = intake.receive(session, case_id, folder / name, JobControl())
            if name == "first":
                quarantine.return_as_deficient(session, package.package_id, reason="Correct the card.")
    return Office(services=story.services, clock=story.clock, folder=folder, case_id=CaseId(case_id))


def _write(folder: Path, contents: dict[str, str]) -> None:
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def compare(bench: Bench) -> None:
    """Open what changed."""
    bench.press("What changed")
    bench.wait_until(lambda: "listed" in bench.words())


def listed(bench: Bench) -> dict[str, str]:
    """Path to word."""
    return {row[1]: row[0] for row in bench.cells(CHANGES)}


def go_to(bench: Bench, path: str) -> None:
    """Make a row current."""
    paths = [row[1] for row in bench.cells(CHANGES)]
    bench.table(CHANGES).go_to(paths.index(path))
    bench.table(CHANGES).setFocus()


def test_what_changed_is_counted_and_listed(bench: Bench) -> None:
    """Four words with their counts; the list holds what differs, and the unchanged on request."""
    compare(bench)
    assert "Added 1  \u00b7  Removed 1  \u00b7  Changed 1  \u00b7  Unchanged 2" in bench.words()
    assert listed(bench) == {"<b>new.txt": "Added", "card.md": "Changed", "gone.txt": "Removed"}
    bench.choose("Kind of change", "Unchanged")
    bench.wait_until(lambda: "2 listed" in bench.words())
    assert listed(bench) == {"same.txt": "Unchanged", "weights/a.txt": "Unchanged"}
    bench.type("Filter by path", "WEIGHTS")
    bench.key(Qt.Key.Key_Return)
    bench.wait_until(lambda: "1 listed" in bench.words())
    assert listed(bench) == {"weights/a.txt": "Unchanged"}


@pytest.mark.parametrize(
    ("path", "before", "words"),
    [
        ("card.md", False, "new words"),
        ("card.md", True, "old words"),
        ("gone.txt", False, "gone"),
        ("<b>new.txt", True, "new"),
    ],
)
def test_a_file_is_opened_as_it_is_and_as_it_was(
    bench: Bench, path: str, words: str, *, before: bool
) -> None:
    """Enter opens the file now, Ctrl+Enter as it was before; the way back leads to the list of changes."""
    compare(bench)
    go_to(bench, path)
    bench.key(Qt.Key.Key_Return, *([Qt.KeyboardModifier.ControlModifier] if before else []))
    settle(bench)
    assert words in bench.named(QPlainTextEdit, "Text of the page").toPlainText()
    bench.press("Back to the files")
    assert bench.table(CHANGES).isVisible()
    assert QApplication.focusWidget() is bench.table(CHANGES)
    bench.press("Back to the package")
    assert bench.table(FILES).isVisible()


def test_both_packages_can_be_looked_at(bench: Bench, told: Office) -> None:
    """The earlier package shows its own files and facts, and can no longer be decided on."""
    assert bench.has_button("Accept out of quarantine")
    session = bench.window.desk.here
    newest, earlier = amendments.received(session, told.case_id)
    assert "<b>new.txt" in {row[0] for row in bench.cells(FILES)}
    words = [one for one in _choices(bench) if one.startswith("first")]
    bench.choose("Package shown", words[0])
    bench.wait_until(lambda: "gone.txt" in {row[0] for row in bench.cells(FILES)})
    assert earlier.digest_sha384 in bench.words()
    assert newest.digest_sha384 not in bench.words()
    assert not bench.has_button("Accept out of quarantine")


def _choices(bench: Bench) -> list[str]:
    box = bench.named(QComboBox, "Package shown")
    return [box.itemText(number) for number in range(box.count())]


def test_files_are_listed_by_each_of_the_five_words(bench: Bench) -> None:
    """Dangerous, inconclusive, nothing found, unseen and seen are asked for apart, and counted apart."""
    bench.choose("Files shown", "Dangerous")
    assert bench.cells(FILES) == []
    bench.choose("Files shown", "Nothing found")
    assert {row[3] for row in bench.cells(FILES)} == {"Nothing found"}
    bench.choose("Files shown", "Seen")
    assert {row[4] for row in bench.cells(FILES)} <= {"Seen"}
    bench.choose("Files shown", "All")
    assert len(bench.cells(FILES)) == len(NEW)
    assert "Dangerous 0, Inconclusive 0, Nothing found 4, Unseen 0" in bench.words()


def test_evidence_in_an_earlier_package_still_opens(bench: Bench, told: Office) -> None:
    """A place noted before the correction came leads to the file as it was."""
    _newest, earlier = amendments.received(bench.window.desk.here, told.case_id)
    bench.window.show_case(CASE, "overview")
    bench.window.desk.wanted = EvidenceLink(
        package_id=earlier.package_id, untrusted_path="card.md", anchor="page=1"
    )
    bench.window.show_case(CASE, "package")
    settle(bench)
    (panel,) = bench.all(ViewerPanel)
    assert panel.isVisible()
    assert "old words" in bench.named(QPlainTextEdit, "Text of the page").toPlainText()


def test_what_changed_is_for_everybody(bench: Bench) -> None:
    """Everything has a name, Tab reaches all of it and comes back, and nothing is clipped."""
    QAccessible.setActive(True)
    compare(bench)
    seen = Seen()
    _names(seen, "changes", bench)
    _tab_order(seen, "changes", bench)
    for width, height in ((960, 540), (1366, 768)):
        _fits(seen, "changes", bench, width, height)
    assert (seen.nameless, seen.unreached, seen.clipped, seen.too_large) == ([], [], [], [])
