"""Every case of bad input in the window: a notice that can be seen, with its words, and nothing harmed."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QComboBox

from tests.helpers.bad_input import WHO, Act, BadInput, Target, require_told
from tests.helpers.bad_input_harm import CASES, harmless
from tests.ui.bench import Bench
from tests.ui.conftest import Open
from tests.ui.stages import CASE, Stages
from ui.main_window import MainWindow
from ui.package.view import PackagePage
from ui.releases.view import ReleasesPage
from workstation.app.wording import catalogue
from workstation.settings import Settings


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_is_shown_and_harms_nothing(
    case: BadInput,
    stages: Stages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    qapp: QApplication,
) -> None:
    """The notice with code, title, sentence and next step is in sight; the data are as they were."""
    with harmless(case, stages, tmp_path, monkeypatch) as (place, aimed):
        bench = Bench(office=place.office, settings=Settings())
        try:
            _act(case, aimed, bench)
            _require_in_sight(case, bench)
            assert (bench.window.desk.session is None) == (case.act is Act.UNLOCK and not case.opens)
        finally:
            bench.close()


def _act(case: BadInput, aimed: Target, bench: Bench) -> None:
    who = aimed.login_name or WHO[case.act]
    if case.act is Act.UNLOCK:
        bench.press("I accept")
        bench.type("Login name", who)
        bench.type("Passphrase", aimed.passphrase)
        bench.press("Unlock")
        return
    bench.arrive(who)
    if case.act is Act.RECEIVE:
        bench.window.show_case(CASE, "package")
        bench.window.findChild(PackagePage).received.emit(aimed.path)
        bench.wait_done()
        return
    bench.window.router.show("releases")
    bench.window.findChild(ReleasesPage).folder_chosen.emit(aimed.path)
    bench.type("Marking on its label", "UNCLASSIFIED")
    bench.type("Your passphrase", aimed.passphrase)
    bench.press("Sign, write and read back")


def _require_in_sight(case: BadInput, bench: Bench) -> None:
    """What a screen reader says, and what eyes see, inside of the window."""
    require_told(case, bench.notice())
    panel = bench.window.notices
    inside = panel.rect().translated(panel.mapTo(bench.window, panel.rect().topLeft()))
    assert bench.window.rect().contains(inside), inside
    words = bench.words()
    assert catalogue()[case.code]["title"] in words
    assert f"({case.code})" in words


def test_a_vault_that_is_open_in_one_window_does_not_open_in_a_second(open_at: Open) -> None:
    """The second window names the process that has it; the first one goes on undisturbed."""
    first = open_at("opened", "osei")
    second = MainWindow(first.office.services, Settings())
    second.show()
    bench = Bench.__new__(Bench)
    bench.office, bench.settings, bench.window = first.office, Settings(), second
    try:
        bench.press("I accept")
        bench.type("Login name", "ibarra")
        bench.passphrase("Passphrase")
        bench.press("Unlock")
        assert "VLT-004" in bench.notice()
        assert "process" in bench.notice()
        assert second.desk.session is None
    finally:
        bench.close()
    first.window.show_case(CASE)
    assert "Aster-3" in first.words()


def test_a_medium_that_is_not_empty_says_so_where_it_is_chosen(open_at: Open, tmp_path: Path) -> None:
    """Before the officer presses anything, the medium's line tells of other files and unfinished exports."""
    bench = open_at("requested", "tanaka")
    (tmp_path / "stick" / ".partial-EXPORT-OLD").mkdir(parents=True)
    (tmp_path / "stick" / "letter.txt").write_text("somebody's letter")
    bench.window.router.show("releases")
    bench.window.findChild(ReleasesPage).folder_chosen.emit(tmp_path / "stick")
    chosen = bench.named(QComboBox, "Medium").currentText()
    assert "other files are on it and travel with it" in chosen
    assert "an unfinished export is still on it" in chosen
