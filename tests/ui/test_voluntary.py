"""Participation is voluntary, and every screen about participations says so."""

import pytest

from tests.ui.conftest import Open
from tests.ui.stages import CASE
from ui.cases.workspace import NAMES
from ui.window_words import VOLUNTARY


@pytest.mark.parametrize("stage", ["evaluation"])
def test_every_screen_about_a_participation_says_that_it_is_voluntary(open_at: Open, stage: str) -> None:
    """The case list, all windows, the register, and each part of a case show it."""
    bench = open_at(stage, "ibarra")
    for name in ("cases", "windows", "register"):
        bench.window.router.show(name)
        bench.wait_done()
        assert VOLUNTARY in bench.words(), name
    for name in NAMES:
        bench.window.show_case(CASE, name)
        bench.wait_done()
        assert VOLUNTARY in bench.words(), name
