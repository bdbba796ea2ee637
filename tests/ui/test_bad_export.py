"""An export with anything wrong in it, on the window's page for verifying."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.helpers.bad_exports import damaged, two_exports
from tests.ui.bench import Bench
from tests.ui.stages import Stages
from ui.verify.view import VerifyPage
from workstation.app.wording import catalogue
from workstation.settings import Settings


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_whatever_is_pulled_changed_or_swapped_is_shown(
    stages: Stages, tmp_path: Path, qapp: QApplication
) -> None:
    """The page says that it does not verify, or asks for a person, and lists the file with its code."""
    office = stages.at("requested", tmp_path / "office")
    export, other = two_exports(office, tmp_path / "medium")
    bench = Bench(office=office, settings=Settings())
    try:
        bench.arrive("osei")
        bench.window.show_verify()
        page = bench.window.findChild(VerifyPage)
        page.chosen.emit(export)
        bench.wait_done()
        assert "Verified: every file is as signed" in bench.words()
        for name, folder in damaged(export, other, tmp_path / "damaged"):
            page.chosen.emit(folder)
            bench.wait_done()
            words = bench.words()
            assert "Verified: every file is as signed" not in words, (name, folder.name)
            rows = bench.cells("What does not hold")
            assert any(name == row[1] and row[0] for row in rows), (name, folder.name, rows)
            assert all(catalogue()[row[0]]["title"] == row[2] for row in rows), rows
            assert catalogue()[rows[0][0]]["next"] in words, (rows[0], words)
    finally:
        bench.close()
