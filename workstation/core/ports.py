"""What the rules and workflows need from the outside, as protocols.

Adapters in ``storage``, ``reports`` and ``workstation.examine`` satisfy them; ``bootstrap`` chooses which.
"""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The current instant, timezone-aware, UTC."""


class IdSource(Protocol):
    """Where identifiers come from."""

    def new(self, prefix: str) -> str:
        """A fresh identifier such as ``CASE-7Q2M4K9D``: prefix, hyphen, 8+ unambiguous characters."""
