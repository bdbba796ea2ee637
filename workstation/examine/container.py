"""What every container looks like to the walk: a list of members, each opened as a source."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from workstation.core.examination import Severity
from workstation.examine.reader import Source, Unreadable

SIGN_EVERY = 20  # members listed: whoever waits for a long list is told that it goes on
# Many names with next to nothing behind them cost whoever unpacks them an inode and a block each, and say
# nothing that a smaller number would not. Sets of real files are far above this.
MANY_MEMBERS, LEAST_AVERAGE_BYTES = 10_000, 32


def require_content(members: int, size_bytes: int) -> None:
    """Refuse an archive that is made of names; ``size_bytes`` is what its members expand to.

    Raises:
        Unreadable: ARCH:too-many-members.
    """
    if members > MANY_MEMBERS and size_bytes < LEAST_AVERAGE_BYTES * members:
        detail = f"{members} members, {size_bytes} bytes in all of them"
        raise Unreadable("ARCH:too-many-members", detail, Severity.DANGER)


class Item(Protocol):
    """One plain file inside a container."""

    @property
    def path(self) -> str:
        """Its path inside, as reported."""

    @property
    def size_bytes(self) -> int:
        """Its length as the container states it."""

    def open(self) -> Source:
        """Its bytes, checked against what the container says; raises ``Unreadable``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenableItem:
    """An item of a container that has few."""

    path: str
    size_bytes: int
    open: Callable[[], Source]  # checks the bytes against what the container says; raises ``Unreadable``


class Container:
    """The plain files of one container, in its order; a ``Folder`` to the examiners of its members.

    ``broken`` says why there may be more of them, where a damaged container is only looked at.
    """

    def __init__(self, items: Sequence[Item], *, broken: Unreadable | None = None) -> None:
        self.items, self.broken = items, broken
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
