"""Viewers that end with their test."""

from collections.abc import Callable, Iterator

import pytest

from workstation.examine.reader import BytesSource
from workstation.examine.viewer import Viewer


@pytest.fixture
def opened() -> Iterator[Callable[[bytes, str], Viewer]]:
    """Opens viewers and closes them again."""
    made: list[Viewer] = []

    def open_one(content: bytes, kind: str) -> Viewer:
        made.append(Viewer(BytesSource(content, "x"), kind=kind))
        return made[-1]

    yield open_one
    for viewer in made:
        viewer.close()
