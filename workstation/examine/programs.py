"""Programs and scripts: nothing here runs them; a reviewer must know that they are there."""

from workstation.examine.reader import Notes, Source


def examine(source: Source, notes: Notes) -> None:
    """Say what it is. What a program does is not found out by reading its header."""
    head = source.read_at(0, 256)
    if notes.kind == "script":
        line = head.split(b"\n", 1)[0].decode("utf-8", "backslashreplace")
        notes.facts["interpreter"] = line[2:].strip()
        notes.complete = False
        notes.note("FILE_SCRIPT", line)
        return
    notes.incomplete("FILE_PROGRAM", head[:4].hex())
