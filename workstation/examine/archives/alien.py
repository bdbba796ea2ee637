"""Bytes in or around an archive that belong to none of its members."""

from workstation.core.examination import Severity
from workstation.examine.reader import Notes

_NOTICED_BYTES = 4_096  # less, without a meaning of its own, is padding or a stub
_KNOWN_STARTS = (
    b"PK",
    b"\x7fELF",
    b"MZ",
    b"#!",
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"<",
    b"{",
    b"\x80",
)
_ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x01\x02")


def note_alien(notes: Notes, code: str, sample: bytes, size_bytes: int) -> None:
    """Report such bytes: a caution when they are many or begin like a format of their own, else a note."""
    meaning = sample.startswith(_KNOWN_STARTS) or any(mark in sample for mark in _ZIP_MARKS)
    worth = meaning or size_bytes >= _NOTICED_BYTES
    notes.add(code, Severity.CAUTION if worth else Severity.NOTE, f"{size_bytes} bytes")
