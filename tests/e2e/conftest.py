"""The sample case at every point of its way, for tests of the command line."""

import pytest

from tests.ui.stages import Stages


@pytest.fixture(scope="session")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Stages:
    """The sample case, told once."""
    return Stages(root=tmp_path_factory.mktemp("stages"))
