"""Zip archives, read by our own bounded reader."""

from workstation.examine.reader import Source


def directory_names(source: Source, limit: int) -> tuple[str, ...]:
    """Names in the central directory, in order, at most ``limit``; raises ``Unreadable`` if there is none."""
    return ()
