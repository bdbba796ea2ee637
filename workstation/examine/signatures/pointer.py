"""Git LFS pointers: a few lines that stand for a file which did not come along."""

from workstation.examine.reader import Notes, Source
from workstation.examine.signatures_formats import POINTER


def examine(source: Source, notes: Notes) -> None:
    """Say which file is meant; it is not here, so nothing of it was examined."""
    match = POINTER.fullmatch(source.read_at(0, source.size_bytes))
    if match is not None:
        notes.facts["meant_sha256"], notes.facts["meant_bytes"] = match[1].decode(), int(match[2])
    notes.incomplete("FILE_POINTER", source.name[:200])
