"""Bad input, case by case: one table for the window and the command line.

Each case says how things stand, what is spoiled, what the person tries, and what must be told. Both suites
run every case and compare what the vault and the medium hold before and after.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import pytest

from tests.ui.stages import Office
from workstation.app.wording import catalogue
from workstation.demo.story import PASSPHRASE

_PLACEHOLDER = re.compile(r"\\\{[a-z_0-9]+\\\}")


class Act(StrEnum):
    """What the person tries."""

    UNLOCK = "unlock"
    RECEIVE = "receive"
    RELEASE = "release"


@dataclass(kw_only=True)
class Place:
    """Where a case happens. ``until`` is unwound when the test ends."""

    office: Office
    tmp: Path
    patch: pytest.MonkeyPatch
    until: ExitStack

    @property
    def profile(self) -> Path:
        """The vault's folder."""
        return self.office.folder / "profile"


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the person types or chooses."""

    login_name: str = ""
    passphrase: str = PASSPHRASE
    at_the_door: str = ""  # where a command asks twice, what is typed first, if it is another
    path: Path = Path()  # of the submission, or of the medium
    watched: Path | None = None  # must hold the same afterwards, but for ``left_behind``


Spoil = Callable[[Place], AbstractContextManager[Target]]


def as_it_is(_place: Place) -> None:
    """Nothing beforehand."""


@dataclass(frozen=True, kw_only=True)
class BadInput:
    """One case."""

    name: str
    code: str
    status: int  # of the command
    act: Act
    stage: str
    spoil: Spoil
    given: Callable[[Place], object] = as_it_is  # how things stand before anything is compared
    says: tuple[str, ...] = ()  # facts that must be among the words
    opens: bool = False  # told although it was done
    events: tuple[str, ...] = ()  # rows of the trail beside those of coming and going
    changes: frozenset[str] = field(default_factory=frozenset)  # tables that may differ
    stores: bool = False  # sealed files may have been added; none may be gone or altered
    left_behind: str = ""  # on the medium: a name that begins like this


WHO = {Act.UNLOCK: "osei", Act.RECEIVE: "osei", Act.RELEASE: "tanaka"}


def target(case: BadInput, place: Place) -> AbstractContextManager[Target]:
    """The case spoiled until the block ends."""
    return case.spoil(place)


@contextmanager
def at(path: Path, *, within: AbstractContextManager[object] | None = None) -> Iterator[Target]:
    """A path, chosen while something holds; it must be the same afterwards."""
    with within or nullcontext():
        yield Target(path=path, watched=path if path.is_dir() else None)


def require_told(case: BadInput, text: str) -> None:
    """The code, the title, what happened with its facts, and the next step are all in the words."""
    entry = catalogue()[case.code]
    assert case.code in text, text
    for part in ("title", "what", "next"):
        pattern = _PLACEHOLDER.sub(".+?", re.escape(entry[part]))
        assert re.search(pattern, text, re.DOTALL), (part, entry[part], text)
    for fact in case.says:
        assert fact in text, (fact, text)
    assert not re.search(r"\{[a-z_0-9]+\}", text), text


def require_unchanged(case: BadInput, before: dict[str, str], after: dict[str, str]) -> None:
    """A medium or a submission holds what it held, but for what the case says is left behind."""
    added = set(after) - set(before)
    assert {name: after.get(name) for name in before} == before
    for name in added:
        assert case.left_behind, name
        assert name.startswith(case.left_behind), name
    assert bool(added) == bool(case.left_behind)
