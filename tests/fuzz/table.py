"""Every fuzz target by name."""

from functools import cache

from tests.fuzz import others, readers
from tests.fuzz.harness import Target


@cache
def table() -> dict[str, Target]:
    """All targets: the format examiners first."""
    return {target.name: target for target in (*readers.targets(), *others.targets())}
