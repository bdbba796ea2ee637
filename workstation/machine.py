"""The machine's own clock and chance: the only place where the real ones are read."""

import secrets
from datetime import UTC, datetime

# No letters or digits that are mistaken for one another when read aloud or from paper.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 10


class SystemClock:
    """``core.ports.Clock`` on the machine's clock."""

    def now(self) -> datetime:
        """The current instant, UTC."""
        return datetime.now(UTC)  # noqa: TID251 - this is where time comes in


class RandomIds:
    """``core.ports.IdSource``: 49 bits of chance each."""

    def new(self, prefix: str) -> str:
        """Such as ``CASE-7Q2M4K9DXR``."""
        return f"{prefix}-" + "".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH))
