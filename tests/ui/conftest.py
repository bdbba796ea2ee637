"""The real window on the real store, off the screen."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.ui.bench import Bench
from tests.ui.stages import Stages
from workstation.settings import Settings

# Off the screen unless the caller asks for one, so that no test needs a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

Open = Callable[..., Bench]


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """The sample case, told once for all tests of the window."""
    return Stages(root=tmp_path_factory.mktemp("stages"))


@pytest.fixture
def open_at(stages: Stages, tmp_path: Path, qapp: QApplication) -> Iterator[Open]:
    """Open the window at a point of the case, as somebody or before unlocking."""
    benches: list[Bench] = []

    def open_window(stage: str, login_name: str = "", settings: Settings | None = None) -> Bench:
        office = stages.at(stage, tmp_path / f"office-{len(benches)}")
        bench = Bench(office=office, settings=settings or Settings())
        benches.append(bench)
        if login_name:
            bench.arrive(login_name)
        return bench

    yield open_window
    for bench in benches:
        bench.close()
