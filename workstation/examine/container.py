"""What every container looks like to the walk: a list of members, each opened as a source."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workstation.examine.reader import Source, Unreadable

MAX_MEMBERS = 10_000  # of one archive; larger sets come as folders or bags


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One plain file inside a container."""

    path: str
    size_bytes: int
    open: Callable[[], Source]  # checks the bytes against what the container says; raises ``Unreadable``


class Container:
    """The plain files of one container, in its order; a ``Folder`` to the examiners of its members."""

    def __init__(self, items: list[Item]) -> None:
        self.items = items
        self._by_path = {item.path: item for item in items}

    def paths(self) -> Iterator[str]:
        """Untrusted paths of all files."""
        return iter(self._by_path)

    def size_of(self, path: str) -> int | None:
        """Size in bytes as declared."""
        item = self._by_path.get(path)
        return None if item is None else item.size_bytes

    def open(self, path: str) -> Source | None:
        """The bytes of one file; None when there is none or it cannot be read."""
        item = self._by_path.get(path)
        if item is None:
            return None
        try:
            return item.open()
        except Unreadable:
            return None
