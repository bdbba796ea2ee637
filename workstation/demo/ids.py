"""Identifiers that come out the same in every demonstration."""


class SeededIds:
    """``core.ports.IdSource``: counts per prefix and says that it is a demonstration."""

    def __init__(self, start: int = 0) -> None:
        self._start = start
        self._counts: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """Such as ``CASE-DEMO0001``."""
        number = self._counts.get(prefix, self._start) + 1
        self._counts[prefix] = number
        return f"{prefix}-DEMO{number:04d}"
