"""What was not, or not fully, examined: one line for each kind that occurs."""

from collections.abc import Mapping

NOTHING_LEFT_OUT = (
    "Nothing of this kind: a reader claimed every file, no examination was inconclusive, no file was found "
    "dangerous, and a reviewer opened each."
)

Counted = tuple[int, str, str]


def counted(*kinds: Counted) -> tuple[str, ...]:
    """One line for each kind that occurs, with its number; what does not occur is left out."""
    return tuple(f"{count:,} {one if count == 1 else many}" for count, one, many in kinds if count)


def not_conclusive(coverage: Mapping[str, int], *, dangerous: str) -> tuple[Counted, ...]:
    """Files a reader could not judge, and files it warns of."""
    text = "whose examination was inconclusive"
    return (
        (coverage.get("inconclusive", 0), f"file {text}", f"files {text}"),
        (coverage.get("dangerous", 0), f"file {dangerous}", f"files {dangerous}"),
    )


def not_opened(count: int) -> tuple[Counted, ...]:
    """Files that nobody has looked into here."""
    text = "that no reviewer opened on this workstation"
    return ((count, f"file {text}", f"files {text}"),)
