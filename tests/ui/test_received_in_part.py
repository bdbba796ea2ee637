"""In the window: a file that the medium did not give, and an examination behind fewer walls."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from PySide6.QtWidgets import QApplication, QTableView

from tests.helpers.office import office
from tests.helpers.small_disks import unreadable_file
from tests.ui.at_package import at_package
from tests.ui.bench import Bench
from tests.ui.stages import Office
from tests.ui.test_viewer import FILES, look
from workstation.app.wording import word
from workstation.core.examination import Coverage
from workstation.core.packages import Fixity
from workstation.core.values import CaseId
from workstation.examine import sandbox


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A case whose medium has a file that fails, received on a machine without bubblewrap."""
    folder = tmp_path_factory.mktemp("part")
    source = folder / "submission"
    source.mkdir()
    (source / "card.md").write_text("# Card\n")
    (source / "weights.bin").touch()
    with ExitStack() as until:
        unreadable_file(until, source / "weights.bin")
        patch = until.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(sandbox.bubblewrap, "command", lambda: None)
        story = office(folder, source=source)
        story.set_up()
        case_id = story.open_case()
        story.receive(case_id)
        yield Office(services=story.services, clock=story.clock, folder=folder, case_id=CaseId(case_id))


@pytest.fixture
def bench(told: Office, qapp: QApplication) -> Iterator[Bench]:
    """A reviewer at the package of the case."""
    yield from at_package(told)


def test_the_package_page_tells_both(bench: Bench) -> None:
    """The list calls the file inconclusive and not verified, and the walls are said to have been fewer."""
    words = bench.words()
    assert "isolation was reduced: no bubblewrap" in words
    model = bench.table(FILES).model()
    rows = [
        [str(model.index(row, column).data()) for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]
    (weights,) = [row for row in rows if "weights.bin" in row]
    assert word("fixity", Fixity.UNREADABLE) in weights
    assert word("coverage", Coverage.INCONCLUSIVE) in weights
    cells = [
        str(table.model().index(row, column).data())
        for table in bench.window.findChildren(QTableView)
        for row in range(table.model().rowCount())
        for column in range(table.model().columnCount())
    ]
    assert any("FILE_UNREADABLE" in cell or "Not readable from the medium" in cell for cell in cells)


def test_the_viewer_tells_why(bench: Bench) -> None:
    """Opened, the file says what was read of it, and with which error of the medium."""
    look(bench, "weights.bin")
    words = bench.words()
    assert "FILE_UNREADABLE" in words
    assert "Input/output error" in words
    assert "bytes were read and are kept" in words
