"""Which examiner reads a file, and what becomes of its answer or its failure."""

import importlib
from collections.abc import Callable
from functools import cache
from types import ModuleType

from workstation.core.examination import Coverage, Severity
from workstation.examine.formats import TAIL_BYTES, Format, Match, Sample
from workstation.examine.reader import BytesSource, Notes, Source, Unreadable

# One module per area, each with ``FORMATS``. Earlier areas win between equally sure detectors, so the
# formats that are carried by others (a DOCX is a zip, a bill of materials is JSON) come first.
AREAS = (
    "workstation.examine.signatures_formats",
    "workstation.examine.inventories_formats",
    "workstation.examine.checklists_formats",
    "workstation.examine.evaluations_formats",
    "workstation.examine.weights.formats",
    "workstation.examine.documents_formats",
    "workstation.examine.archives.formats",
    "workstation.examine.common_formats",
)

_ZIP_END = b"PK\x05\x06"


@cache
def formats() -> tuple[Format, ...]:
    """Every known format, in order of preference."""
    return tuple(line for area in AREAS for line in importlib.import_module(area).FORMATS)


def detect(source: Source) -> Format | None:
    """The format of the bytes; the name decides only where no content speaks."""
    sample = Sample(source)
    best: Format | None = None
    best_match = Match.NO
    for line in formats():
        match = line.detect(sample)
        if match > best_match:
            best, best_match = line, match
    return best


# One small text of ours for each path that recognition takes.
_WARMING = (
    ("a", b"\0"),
    ("a.json", b'{"a": 1}'),
    ("a.txt", "\u00e9 text".encode()),
    ("a.xml", b"<?xml?><a/>"),
)


def warm_up() -> None:
    """Load and build what the recognition of any file needs, so that no forked process does it again."""
    for name, content in _WARMING:
        detect(BytesSource(content, name))


def load(line: Format) -> ModuleType:
    """The examiner module of a format."""
    return importlib.import_module(line.module)


def preload(kind: str) -> None:
    """Import the readers of one kind, if there is such a kind."""
    for line in formats():
        if line.kind == kind:
            load(line)


def guarded(notes: Notes, step: Callable[[], object]) -> bool:
    """Do one step of an examination; whatever the bytes make it raise becomes a note.

    Returns:
        Whether the step came to its end.
    """
    try:
        step()
    except Unreadable as reason:
        notes.complete = False
        notes.add(reason.code, reason.severity, reason.detail)
    except MemoryError:
        notes.incomplete("EXAMINE_LIMIT", "memory")
    except RecursionError:
        notes.incomplete("EXAMINE_LIMIT", "nesting")
    except Exception as error:  # noqa: BLE001 - a reader's defect must not become the application's
        notes.complete = False
        notes.add("EXAMINE_CRASHED", Severity.CAUTION, type(error).__name__)
    else:
        return True
    return False


def recognise(source: Source, notes: Notes) -> Format | None:
    """Find the format and note its kind, or note that nobody knows it."""
    found: list[Format | None] = []
    if not guarded(notes, lambda: found.append(detect(source))):
        return None
    line = found[0]
    if line is None:
        notes.complete = False
        if source.size_bytes:
            notes.note("FORMAT_UNKNOWN")
        else:
            notes.note("FILE_EMPTY")
        return None
    notes.kind = line.kind
    return line


def examine(source: Source, notes: Notes) -> Format | None:
    """Examine one file into ``notes``; never raises for anything the bytes can cause.

    Returns:
        The format that was recognised, or None.
    """
    line = recognise(source, notes)
    if line is not None:
        read(line, source, notes)
    return line


def read(line: Format, source: Source, notes: Notes) -> None:
    """Examine what was recognised, and what a zip program would find behind it; never raises as above."""
    guarded(notes, lambda: load(line).examine(source, notes))
    look_behind(line, source, notes)


def look_behind(line: Format, source: Source, notes: Notes) -> None:
    """Two files in one: zip programs and model loaders go by the end of a file, whatever its beginning."""
    if line.kind != "zip":
        guarded(notes, lambda: _look_behind(source, notes))


def _look_behind(source: Source, notes: Notes) -> None:
    end = source.read_at(max(0, source.size_bytes - TAIL_BYTES), TAIL_BYTES)
    if _ZIP_END not in end or source.read_at(0, 2) == b"PK":
        return
    zips = importlib.import_module("workstation.examine.archives.zips")
    try:
        names = zips.directory_names(source, 1)
    except Unreadable:
        return
    if not names:
        return
    if coverage_of(notes) is Coverage.NOTHING_FOUND:
        notes.caution("FILE_HIDES_ARCHIVE", f"its first member is {names[0]}"[:200])
    importlib.import_module("workstation.examine.weights.salvage").examine(source, notes)


def coverage_of(notes: Notes) -> Coverage:
    """What the notes mean in one of the five words.

    A caution is not "nothing found": it stays inconclusive until a person has looked.
    """
    severities = {finding.severity for finding in notes.findings}
    if Severity.DANGER in severities:
        return Coverage.DANGEROUS
    if Severity.CAUTION in severities or not notes.complete:
        return Coverage.INCONCLUSIVE
    return Coverage.NOTHING_FOUND
