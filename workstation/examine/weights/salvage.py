"""Pickles inside a zip archive that the strict reader refuses.

Loaders of models read zips more generously than is right: they skip flags, checksums and contradicting names.
What a refused archive holds is followed all the same when it is a pickle, so that the report says what the
trick was meant to hide. Nothing is unpacked to keep.
"""

from workstation.examine.reader import BytesSource, Notes, Source, Unreadable
from workstation.examine.weights import hidden, numpy_files, pickles, zip_contents


def examine(source: Source, notes: Notes) -> None:
    """Follow pickles behind any local header of a damaged or contradictory zip."""
    for member in zip_contents.members(source):
        if not member.name:
            notes.incomplete("EXAMINE_LIMIT", "more members than were searched for pickles")
        elif member.content.startswith(b"\x93NUMPY") or hidden.starts_like_pickle(member.content):
            _follow(member, notes)


def _follow(member: zip_contents.Member, notes: Notes) -> None:
    inner = Notes()
    reader = numpy_files.examine if member.content.startswith(b"\x93NUMPY") else pickles.examine
    try:
        reader(BytesSource(member.content, member.name), inner)
    except Unreadable as error:
        inner.caution("MODEL_UNPARSED", error.code)
    for finding in inner.findings:
        if finding.code != "MODEL:trailing":
            notes.add(finding.code, finding.severity, finding.detail, member.name)
    for fact in ("globals", "dangerous", "enabling", "unlisted"):
        known, new = notes.facts.get(fact), inner.facts.get(fact)
        if isinstance(new, list):
            notes.facts[fact] = sorted({*(known if isinstance(known, list) else []), *new})[:500]
