"""The numbers of a torch archive, one file a tensor storage: bytes without any structure of their own.

What they mean is told by the ``data.pkl`` beside their folder; without one they are bytes nobody knows.
"""

from workstation.examine.reader import Notes, Source


def examine(source: Source, notes: Notes) -> None:
    """Take the file for a storage if the pickle that describes it came along."""
    root, _slash, _name = notes.member.rpartition("/data/")
    described = (
        notes.folder is not None and bool(root) and notes.folder.size_of(f"{root}/data.pkl") is not None
    )
    if described:
        notes.facts["storage_bytes"] = source.size_bytes
        return
    notes.kind = "unknown"
    notes.complete = False
    notes.note("FORMAT_UNKNOWN")
