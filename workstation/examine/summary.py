"""What the files of a package say together: the same facts for a folder, a bag, a zip and a tar."""

from collections import Counter
from collections.abc import Sequence

from workstation.core.examination import ExaminedFile

# Names that a loader would look up: dangerous ones, means to reach more, ones nobody vouched for.
ROLLED_UP = ("dangerous", "enabling", "unlisted", "hidden_globals")
MAX_ROLLED_UP = 200


def of_files(files: Sequence[ExaminedFile]) -> dict[str, object]:
    """Kinds with their numbers, the names that loading would reach, and what a model's signature says."""
    facts: dict[str, object] = {}
    signed = [file for file in files if file.kind == "model-signature"]
    if len(signed) == 1:  # it speaks for the whole package, so its facts are the package's too
        facts.update(signed[0].facts)
    facts["kinds"] = dict(sorted(Counter(file.kind for file in files).items()))
    for fact in ROLLED_UP:
        if found := rolled_up(fact, files):
            facts[fact] = found
    return facts


def rolled_up(fact: str, files: Sequence[ExaminedFile]) -> list[str]:
    """All names of one fact, wherever the files lie."""
    found = {
        name
        for file in files
        if isinstance(names := file.facts.get(fact), list)
        for name in names
        if isinstance(name, str)
    }
    return sorted(found)[:MAX_ROLLED_UP]
