"""Legacy office files (compound files, MS-CFB) and RTF: named, looked over, not read as documents.

Their text is not extracted here, so the outcome is never better than inconclusive; macros, embedded
objects and encryption are named when their marks are seen.
"""

import re
import struct

from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Source, Unreadable, pieces

_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FREE = 0xFFFFFFFA
_MAX_DIRECTORY_SECTORS = 4_096
_HEADER_FATS = 109


def _fat_sectors(source: Source, header: bytes, sector: int) -> list[int]:
    """Numbers of the sectors that hold the allocation table."""
    numbers = list(struct.unpack_from("<109I", header, 76))
    number, chained = struct.unpack_from("<II", header, 68)
    for _step in range(min(chained, 1_000)):
        if number >= _FREE:
            break
        page = source.read_at((number + 1) * sector, sector)
        if len(page) < sector:
            break
        entries = struct.unpack(f"<{sector // 4}I", page)
        numbers.extend(entries[:-1])
        number = entries[-1]
    return [n for n in numbers if n < _FREE]


def entry_names(source: Source) -> list[str]:
    """Names of the storages and streams of a compound file.

    Raises:
        Unreadable: OLE_INVALID.
    """
    header = source.read_at(0, 512)
    if len(header) < 512 or not header.startswith(_MAGIC):  # noqa: PLR2004 - the fixed header
        raise Unreadable("OLE_INVALID", "no compound file header")
    shift = struct.unpack_from("<H", header, 30)[0]
    if shift not in {9, 12}:
        raise Unreadable("OLE_INVALID", f"sector shift {shift}")
    sector = 1 << shift
    fats = _fat_sectors(source, header, sector)
    number = struct.unpack_from("<I", header, 48)[0]
    names: list[str] = []
    seen: set[int] = set()
    while number < _FREE and len(seen) < _MAX_DIRECTORY_SECTORS:
        if number in seen:
            raise Unreadable("OLE_INVALID", "the directory chain loops")
        seen.add(number)
        names.extend(_names_in(source.read_at((number + 1) * sector, sector)))
        table, slot = divmod(number, sector // 4)
        if table >= len(fats):
            raise Unreadable("OLE_INVALID", "the directory chain leaves the table")
        cell = source.read_at((fats[table] + 1) * sector + slot * 4, 4)
        number = int.from_bytes(cell, "little") if len(cell) == 4 else _FREE  # noqa: PLR2004 - one cell
    return names


def _names_in(page: bytes) -> list[str]:
    names = []
    for at in range(0, len(page) - 127, 128):
        length, kind = struct.unpack_from("<HB", page, at + 64)
        if kind and 2 <= length <= 64:  # noqa: PLR2004 - UTF-16 with its terminator
            names.append(page[at : at + length - 2].decode("utf-16-le", "replace"))
    return names


_KINDS = (
    ("EncryptedPackage", "office-encrypted"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)


def examine_compound(source: Source, notes: Notes) -> None:
    """Name what a compound file is and what it carries."""
    names = entry_names(source)
    present = {name.lstrip("\x01\x05\x06") for name in names}
    notes.kind = next((kind for mark, kind in _KINDS if mark in present), "compound-file")
    notes.facts["streams"] = [plain.visible(name) for name in names[:100]]
    if "EncryptedPackage" in present or "EncryptionInfo" in present:
        notes.incomplete("OFFICE_ENCRYPTED", "encrypted package")
    if present & {"VBA", "_VBA_PROJECT", "Macros", "_VBA_PROJECT_CUR", "PROJECT"}:
        notes.caution("OFFICE_MACRO", "VBA project")
    objects = [n for n in names if n in {"ObjectPool", "\x01Ole10Native", "Package"} or n.startswith("MBD")]
    if objects:
        notes.caution("OFFICE_OBJECT", ", ".join(plain.visible(n) for n in objects[:5]))
    notes.incomplete("OFFICE_LEGACY", f"{notes.kind}: the content is not read")


_RTF_MARKS = {
    "OFFICE_OBJECT": re.compile(rb"\\(?:objdata|objemb|objautlink|objocx|objupdate|objclass|object)\b"),
    "OFFICE_DDE": re.compile(rb"DDEAUTO|\bDDE\b"),
    "OFFICE_TEMPLATE": re.compile(rb"\\\*\s*\\template\b"),
}


def examine_rtf(source: Source, notes: Notes) -> None:
    """Look for embedded objects, DDE and remote templates in rich text."""
    found: dict[str, int] = {}
    carry = b""
    for piece in pieces(source):
        window = carry + piece
        for code, pattern in _RTF_MARKS.items():
            for match in pattern.finditer(window):
                if match.end() > len(carry):
                    found[code] = found.get(code, 0) + 1
        carry = window[-64:]
    for code, count in found.items():
        notes.caution(code, f"{count} marks in rich text")
    notes.incomplete("OFFICE_LEGACY", "rich text: the content is not read")


def examine(source: Source, notes: Notes) -> None:
    """Look over a compound file or an RTF file."""
    if source.read_at(0, 8) == _MAGIC:
        examine_compound(source, notes)
    else:
        examine_rtf(source, notes)
