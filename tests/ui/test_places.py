"""Places in files: noted in the viewer, kept as evidence, and opened again at the very place."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from tests.helpers import documents_package
from tests.ui.at_package import accepted, at_package
from tests.ui.bench import Bench
from tests.ui.stages import CASE, Office
from tests.ui.test_accessibility import Seen, _fits, _names, _tab_order
from tests.ui.test_viewer import file, look, settle, text
from workstation.app import auditing, queries
from workstation.core.values import CaseId, EvidenceLink

INSIDE = "Files in the container"
TENSORS = "Tensors of the file"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A case under evaluation whose package holds one of everything, some of it in containers."""
    folder = tmp_path_factory.mktemp("places")
    return accepted(folder, documents_package.write(folder), begun=True)


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def choose(bench: Bench, table: str, name: str) -> None:
    """Go to the row that has this name and press Enter."""
    names = [name in row for row in bench.cells(table)]
    bench.table(table).go_to(names.index(True))
    bench.table(table).setFocus()
    bench.key(Qt.Key.Key_Return)
    settle(bench)


def note(bench: Bench) -> EvidenceLink:
    """Press the button, and what was noted."""
    bench.press("Use this place as evidence")
    noted = bench.window.desk.noted
    assert noted is not None
    return noted


def come_back(bench: Bench, link: EvidenceLink) -> None:
    """Leave, and open the place as the checklist does."""
    bench.window.show_case(CASE, "overview")
    bench.window.desk.wanted = link
    bench.window.show_case(CASE, "package")
    settle(bench)


def test_a_document_at_depth_is_opened_by_keyboard(bench: Bench) -> None:
    """Enter goes from the package into a tar, a zip and a PDF; the title is its way; Alt+Up goes back."""
    look(bench, "deep.tar.gz")
    assert [row[0] for row in bench.cells(INSIDE)] == ["a/b.zip", "outer.txt"]
    choose(bench, INSIDE, "a/b.zip")
    choose(bench, INSIDE, "papers/report.pdf")
    assert "deep.tar.gz!/a/b.zip!/papers/report.pdf" in bench.words()
    assert bench.typed("Page number") == "1"
    bench.key(Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    settle(bench)
    current = bench.table(INSIDE).current()
    assert current is not None
    assert current.untrusted_name == "papers/report.pdf"  # type: ignore[attr-defined]  # a MemberRow
    choose(bench, INSIDE, "notes; 100%.md")
    assert documents_package.MARKUP in text(bench)
    assert file(bench, "deep.tar.gz").opened


def test_the_trail_names_what_was_seen_inside(bench: Bench) -> None:
    """Each file inside is a row of its own, by its whole way."""
    look(bench, "deep.tar.gz")
    choose(bench, INSIDE, "outer.txt")
    session = bench.window.desk.here
    rows = auditing.page(session, case_id=CaseId(CASE), limit=200)
    assert any("deep.tar.gz!/outer.txt" in str(row) for row in rows)


@pytest.mark.parametrize("inside", [False, True])
def test_a_page_is_found_again(bench: Bench, *, inside: bool) -> None:
    """The page noted is the page shown, also of a file in containers."""
    look(bench, "deep.tar.gz" if inside else "report.pdf")
    if inside:
        choose(bench, INSIDE, "a/b.zip")
        choose(bench, INSIDE, "papers/report.pdf")
    bench.press("Next")
    settle(bench)
    bench.press("Next")
    settle(bench)
    link = note(bench)
    assert link.anchor == ("member=a/b.zip!/papers/report.pdf; page=3" if inside else "page=3")
    come_back(bench, link)
    assert bench.typed("Page number") == "3"


@pytest.mark.parametrize("number", [5, 651])
@pytest.mark.parametrize("inside", [False, True])
def test_a_tensor_is_found_again(bench: Bench, number: int, *, inside: bool) -> None:
    """The very row, not only rows whose names hold its name."""
    name = f"model.layers.{number}.weight"
    link = EvidenceLink(
        package_id=_package(bench),
        untrusted_path="deep.tar.gz" if inside else "model.safetensors",
        anchor=f"member=a/b.zip!/model.safetensors; tensor={name}" if inside else f"tensor={name}",
    )
    come_back(bench, link)
    bench.wait_until(lambda: bench.table(TENSORS).current() is not None)
    assert note(bench) == link


@pytest.mark.parametrize("inside", [False, True])
def test_a_sample_is_found_again(bench: Bench, *, inside: bool) -> None:
    """Its row is the current one and its transcript is open."""
    link = EvidenceLink(
        package_id=_package(bench),
        untrusted_path="deep.tar.gz" if inside else "run.eval",
        anchor="member=a/b.zip!/run.eval; sample=range-7" if inside else "sample=range-7",
    )
    come_back(bench, link)
    pane = bench.named(QPlainTextEdit, "Transcript of the chosen sample")
    bench.wait_until(lambda: "Complete range 7" in pane.toPlainText())
    assert note(bench) == link


def test_a_byte_range_is_found_again(bench: Bench) -> None:
    """The lines that hold the bytes are selected, and noted again they are the same range."""
    link = EvidenceLink(package_id=_package(bench), untrusted_path="blob.bin", anchor="bytes=4112-4143")
    come_back(bench, link)
    pane = bench.named(QPlainTextEdit, "Bytes of the file")
    assert pane.textCursor().selectedText().strip().startswith("4112")
    assert note(bench) == link


def test_a_file_inside_is_evidence_as_a_whole(bench: Bench) -> None:
    """The chosen row of a container is a place, and leads to that file."""
    look(bench, "deep.tar.gz")
    choose(bench, INSIDE, "a/b.zip")
    names = [row[0] for row in bench.cells(INSIDE)]
    bench.table(INSIDE).go_to(names.index("notes; 100%.md"))
    link = note(bench)
    assert link.anchor == "member=a/b.zip!/notes%3B 100%25.md"
    come_back(bench, link)
    assert documents_package.MARKUP in text(bench)


def test_a_place_that_is_gone_is_inconclusive(bench: Bench) -> None:
    """Evidence of a file that the container does not hold says so, and the container can be read."""
    link = EvidenceLink(
        package_id=_package(bench), untrusted_path="deep.tar.gz", anchor="member=no.txt; page=1"
    )
    come_back(bench, link)
    assert "Inconclusive: Nothing to open inside" in bench.words()


def test_the_list_of_a_container_is_for_everybody(bench: Bench) -> None:
    """Everything has a name, Tab reaches all of it and comes back, and nothing is clipped."""
    QAccessible.setActive(True)
    look(bench, "deep.tar.gz")
    choose(bench, INSIDE, "a/b.zip")
    seen = Seen()
    _names(seen, "inside", bench)
    _tab_order(seen, "inside", bench)
    for width, height in ((960, 540), (1366, 768)):
        _fits(seen, "inside", bench, width, height)
    assert (seen.nameless, seen.unreached, seen.clipped, seen.too_large) == ([], [], [], [])


def _package(bench: Bench) -> str:
    package = queries.case_view(bench.window.desk.here, CaseId(CASE)).package
    assert package is not None
    return package.package_id
