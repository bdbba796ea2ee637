"""What several pages show in the same way: pairs of facts, lines of a history, and forms kept as drafts."""

from collections.abc import Mapping
from typing import Self

Pairs = tuple[tuple[str, str], ...]
HistoryLine = tuple[str, str, str, str]  # when, who, what, why


class Drafted:
    """A frozen dataclass of words that a form holds, and that the drafts of the vault keep."""

    @classmethod
    def of_draft(cls, kept: Mapping[str, str]) -> Self:
        """From the drafts of the vault; what another version kept is left out."""
        known = getattr(cls, "__dataclass_fields__", {})
        return cls(**{name: value for name, value in kept.items() if name in known})


def lines(text: str) -> tuple[str, ...]:
    """What was typed one a line, without the empty ones."""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
