"""What the page of content sets shows: values, and the page as its presenter sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ui.shown import Pairs
from workstation.app.content_shelf import Movable, Offered, Shelved


@dataclass(frozen=True, kw_only=True)
class MoveShown:
    """What moving one case would carry over; ``changed`` and so on name questions, none for a profile."""

    facts: Pairs


@dataclass(frozen=True, kw_only=True)
class Powers:
    """What the person at the desk may do here."""

    add: bool
    trust: bool
    move: bool


class ContentView(Protocol):
    """The page as the presenter sees it."""

    def show_shelf(self, rows: Sequence[Shelved], about: str, powers: Powers) -> None:
        """Every version of every set."""

    def show_set(self, shelved: Shelved, facts: Pairs, movable: Sequence[Movable]) -> None:
        """The chosen one, and the cases that could go by it from here on."""

    def show_trust(self, facts: Pairs) -> None:
        """Whose signature on content is believed."""

    def show_offered(self, rows: Sequence[Offered], about: str) -> None:
        """What lies in the folder that was looked into."""

    def show_verified(self, facts: Pairs) -> None:
        """How the verification of the set taken into use went."""

    def show_move(self, shown: MoveShown | None) -> None:
        """What would carry over; ``None`` where it was not asked or is refused."""

    def forget_reason(self) -> None:
        """The case has moved."""

    def set_busy(self, *, busy: bool) -> None:
        """While a job of this page runs."""
