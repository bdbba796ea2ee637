"""Office Open XML (ECMA-376): DOCX, XLSX and PPTX as a zip of parts, never opened in an office program.

Every XML part is read by expat to its end. What an office program would run or fetch is named: macros,
embedded objects, external relationships, remote templates, DDE fields, imported chunks.
"""

import re

from workstation.examine.archives.zipfields import Entry
from workstation.examine.archives.zips import ZipArchive
from workstation.examine.documents import plain
from workstation.examine.documents.office_parts import PartPass, RelationshipPass
from workstation.examine.documents.xml import XmlPass, feed
from workstation.examine.reader import Notes, Source, Unreadable

MAX_PART_BYTES = 256 << 20
MAX_TOTAL_BYTES = 1 << 30
MAX_TEXT_CHARS = 20_000_000

_XML_PART = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
_TEXT_PART = re.compile(
    r"(?:^|/)(?:document|sharedStrings|slide[0-9]+|footnotes|endnotes|comments|header[0-9]*|footer[0-9]*)\.xml$"
)
_PART_MARKS = (
    (
        re.compile(
            r"vbaproject\.bin$|(?:^|/)vbadata\.xml$|xl/macrosheets/|vbaprojectsignature", re.IGNORECASE
        ),
        "OFFICE_MACRO",
    ),
    (re.compile(r"/(?:embeddings|oleobjects?)/|oleobject[^/]*\.bin$", re.IGNORECASE), "OFFICE_OBJECT"),
    (re.compile(r"/activex/|/ctrlprops/.*\.bin$", re.IGNORECASE), "OFFICE_OBJECT"),
    (
        re.compile(r"\.(?:exe|dll|scr|js|vbs|hta|lnk|ps1|bat|cmd|jar|msi)$", re.IGNORECASE),
        "OFFICE_OBJECT",
    ),
    (re.compile(r"(?:^|/)customui/", re.IGNORECASE), "OFFICE_MACRO"),
)


def run_part(archive: ZipArchive, entry: Entry, work: XmlPass) -> None:
    """Read one XML part to its end through ``work``.

    Raises:
        Unreadable: what the archive or the XML gives reason for.
    """
    if entry.size_bytes > MAX_PART_BYTES:
        raise Unreadable("OFFICE_TOO_LARGE", f"{entry.size_bytes} bytes")
    feed(archive.chunks(entry), work, "OFFICE_INVALID")


def examine(source: Source, notes: Notes) -> None:
    """Read every part of an office file."""
    archive = ZipArchive(source, notes)
    notes.facts["parts"] = len(archive.entries)
    _names(archive.entries, notes)
    if sum(entry.size_bytes for entry in archive.entries) > MAX_TOTAL_BYTES:
        notes.incomplete("OFFICE_TOO_LARGE", f"more than {MAX_TOTAL_BYTES} bytes unpacked")
        return
    content = PartPass(MAX_TEXT_CHARS)
    for entry in archive.entries:
        if _XML_PART.search(entry.name):
            _part(archive, entry, content, notes)
    content.report(notes)
    characters = plain.Characters()
    characters.feed(content.text())
    characters.report(notes)


def _part(archive: ZipArchive, entry: Entry, content: PartPass, notes: Notes) -> None:
    name = plain.visible(entry.name)
    work = RelationshipPass(notes) if entry.name.endswith(".rels") else content
    content.begin(name)
    try:
        run_part(archive, entry, work)
    except Unreadable as reason:
        notes.complete = False
        notes.add(reason.code, reason.severity, f"{name}: {plain.visible(reason.detail)}")
    if work.doctype:
        notes.caution("OFFICE_INVALID", f"{name}: document type declaration (ECMA-376-2 8.2.1)")
        work.doctype = ""


def _names(entries: list[Entry], notes: Notes) -> None:
    seen: set[str] = set()
    marked: set[str] = set()
    for entry in entries:
        # Part names are equal when they differ in case only (ECMA-376-2 6.3.5).
        if entry.name.lower() in seen:
            notes.caution("OFFICE_INVALID", f"two parts named {plain.visible(entry.name)}")
        seen.add(entry.name.lower())
        for pattern, code in _PART_MARKS:
            if code not in marked and pattern.search(entry.name):
                marked.add(code)
                notes.caution(code, plain.visible(entry.name))
    if "[content_types].xml" not in seen:
        notes.caution("OFFICE_INVALID", "no [Content_Types].xml")


def extract_text(source: Source, limit_chars: int = MAX_TEXT_CHARS) -> str:
    """The text of the document in the order of its parts, control characters written out.

    Raises:
        Unreadable: as for ``examine``.
    """
    archive = ZipArchive(source, Notes())
    content = PartPass(limit_chars)
    for entry in archive.entries:
        if _TEXT_PART.search(entry.name):
            content.begin(entry.name)
            run_part(archive, entry, content)
    return plain.visible(content.text())[:limit_chars]
