"""What the parent gives out to a worker, and what it counts while doing so."""

from collections.abc import Iterator

from workstation.examine import wire
from workstation.examine.reader import BytesSource, Source
from workstation.examine.serving import Served


class Two:
    """A folder of two files."""

    def paths(self) -> Iterator[str]:
        """Their paths."""
        return iter(("a", "b"))

    def size_of(self, path: str) -> int | None:
        """Their sizes."""
        return {"a": 3, "b": 5}.get(path)

    def open(self, path: str) -> Source | None:
        """Their bytes."""
        size = self.size_of(path)
        return None if size is None else BytesSource(b"x" * size, path)


def test_each_file_beside_the_examined_one_adds_its_size_once() -> None:
    """The time a worker is given grows with what it opens, not with how often it asks."""
    served = Served(BytesSource(b"own"), Two())
    for path in ("a", "b", "a", "missing", "b"):
        served.answer(wire.Look(path=path))
    assert served.opened_bytes == 8
