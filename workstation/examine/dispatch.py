"""Which examiner reads a file, and what becomes of its answer or its failure."""

import importlib
from functools import cache
from types import ModuleType

from workstation.core.examination import Severity
from workstation.examine.formats import Format, Match, Sample
from workstation.examine.reader import Notes, Source, Unreadable

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
)


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


def load(line: Format) -> ModuleType:
    """The examiner module of a format."""
    return importlib.import_module(line.module)


def examine(source: Source, notes: Notes) -> Format | None:
    """Examine one file into ``notes``; never raises for anything the bytes can cause.

    Returns:
        The format that was recognised, or None.
    """
    line: Format | None = None
    try:
        line = detect(source)
        if line is None:
            notes.complete = False
            return None
        notes.kind = line.kind
        load(line).examine(source, notes)
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
    return line
