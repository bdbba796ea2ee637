"""Each port's real adapter and its fake, handed to the same tests."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.helpers import databases
from tests.helpers.mediums import Place
from workstation.core.ports import Database


@pytest.fixture(scope="session")
def enrolled_on_disk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file in which four people are enrolled, to be copied: making one takes its time."""
    folder = tmp_path_factory.mktemp("database")
    made = databases.on_disk(folder)
    databases.enrol_everybody(made.database)
    made.database.close()
    return folder / "db"


@pytest.fixture(params=["disk", "memory"])
def bench(
    request: pytest.FixtureRequest, enrolled_on_disk: Path, tmp_path: Path
) -> Iterator[databases.Bench]:
    """A database with four people enrolled."""
    if request.param == "disk":
        made = databases.on_disk(tmp_path, enrolled_on_disk)
    else:
        made = databases.in_memory()
        databases.enrol_everybody(made.database)
    yield made
    made.database.close()


@pytest.fixture
def database(bench: databases.Bench) -> Database:
    """Just the database."""
    return bench.database


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """The medium that ``made_by`` names, taken away afterwards."""
    with ExitStack() as stack:
        yield request.param(stack, tmp_path)
