"""Office Open XML (ECMA-376): DOCX, XLSX and PPTX as a zip of parts, never opened in an office program.

Every XML part is read by expat to its end. What an office program would run or fetch is named: macros,
embedded objects, external relationships, remote templates, DDE fields, imported chunks.
"""

import re
import zipfile
from collections.abc import Iterator

from workstation.core.examination import Severity
from workstation.examine.documents import plain
from workstation.examine.documents.office_parts import PartPass, RelationshipPass
from workstation.examine.documents.xml import XmlPass
from workstation.examine.reader import PIECE_BYTES, Notes, Source, SourceFile, Unreadable

MAX_PARTS = 20_000
MAX_PART_BYTES = 256 << 20
MAX_TOTAL_BYTES = 1 << 30
MAX_TEXT_CHARS = 20_000_000

_XML_PART = re.compile(r"\.(?:xml|rels|vml)$", re.IGNORECASE)
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
        re.compile(r"\.(?:exe|dll|scr|js|vbs|hta|lnk|ps1|bat|cmd|jar|com|msi)$", re.IGNORECASE),
        "OFFICE_OBJECT",
    ),
    (re.compile(r"(?:^|/)customui/", re.IGNORECASE), "OFFICE_MACRO"),
)


def package(source: Source) -> zipfile.ZipFile:
    """The zip of parts.

    Raises:
        Unreadable: when the directory cannot be read.
    """
    try:
        parts = zipfile.ZipFile(SourceFile(source))
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, UnicodeError) as error:
        raise Unreadable("OFFICE_INVALID", f"no readable zip directory: {type(error).__name__}") from error
    if len(parts.infolist()) > MAX_PARTS:
        raise Unreadable("OFFICE_INVALID", f"more than {MAX_PARTS} parts")
    return parts


def part_pieces(parts: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """One part in pieces, never more than it declares and never more than the ceiling.

    Raises:
        Unreadable: OFFICE_ENCRYPTED, OFFICE_TOO_LARGE, OFFICE_INVALID.
    """
    if info.flag_bits & 1:
        raise Unreadable("OFFICE_ENCRYPTED", info.filename)
    if info.file_size > MAX_PART_BYTES:
        raise Unreadable("OFFICE_TOO_LARGE", f"{info.filename}: {info.file_size} bytes")
    try:
        with parts.open(info) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece
    except Unreadable:
        raise
    except Exception as error:  # zipfile raises zlib, struct, lzma, EOF and type errors over hostile bytes
        raise Unreadable("OFFICE_INVALID", f"{info.filename}: {type(error).__name__}") from error


def run_part(parts: zipfile.ZipFile, info: zipfile.ZipInfo, work: XmlPass) -> None:
    """Read one XML part to its end through ``work``."""
    from xml.parsers import expat  # noqa: PLC0415 - the error class only

    parser = work.parser()
    try:
        for piece in part_pieces(parts, info):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Unreadable("OFFICE_INVALID", f"{info.filename}: no well-formed XML") from error


def examine(source: Source, notes: Notes) -> None:
    """Read every part of an office file."""
    parts = package(source)
    infos = parts.infolist()
    notes.facts["parts"] = len(infos)
    _names(infos, notes)
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        notes.incomplete("OFFICE_TOO_LARGE", f"more than {MAX_TOTAL_BYTES} bytes unpacked")
        return
    content = PartPass(MAX_TEXT_CHARS)
    for info in infos:
        if not _XML_PART.search(info.filename):
            continue
        work = RelationshipPass(info.filename, notes) if info.filename.endswith(".rels") else content
        content.begin(info.filename)
        try:
            run_part(parts, info, work)
        except Unreadable as reason:
            notes.complete = False
            detail = reason.detail if info.filename in reason.detail else f"{info.filename}: {reason.detail}"
            notes.add(reason.code, reason.severity, plain.visible(detail))
        if work.doctype:
            notes.caution("OFFICE_INVALID", f"{info.filename}: document type declaration (ECMA-376-2 8.2.1)")
            work.doctype = ""
    content.report(notes)
    characters = plain.Characters()
    characters.feed(content.text())
    characters.report(notes)


def _names(infos: list[zipfile.ZipInfo], notes: Notes) -> None:
    seen: set[str] = set()
    marked: set[str] = set()
    for info in infos:
        name = info.filename
        if name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name):
            notes.danger("ARCH_TRAVERSAL", plain.visible(name))
        # Part names are equal when they differ in case only (ECMA-376-2 6.3.5).
        if name.lower() in seen:
            notes.caution("OFFICE_INVALID", f"two parts named {plain.visible(name)}")
        seen.add(name.lower())
        for pattern, code in _PART_MARKS:
            if pattern.search(name) and code not in marked:
                marked.add(code)
                notes.caution(code, plain.visible(name))
    if "[content_types].xml" not in seen:
        notes.add("OFFICE_INVALID", Severity.CAUTION, "no [Content_Types].xml")


def extract_text(source: Source, limit_chars: int = MAX_TEXT_CHARS) -> str:
    """The text of the document in reading order of its parts, control characters written out."""
    parts = package(source)
    content = PartPass(limit_chars)
    for info in parts.infolist():
        if re.search(
            r"(?:^|/)(?:document|sharedStrings|slide\d+|footnotes|header\d*|footer\d*)\.xml$", info.filename
        ):
            content.begin(info.filename)
            run_part(parts, info, content)
    return plain.visible(content.text())[:limit_chars]
