"""Archive formats that are recognised and refused: what can be checked without expanding them is checked."""

import zlib

from workstation.core.examination import Severity
from workstation.examine.reader import PIECE_BYTES, Notes, Source, Unreadable

_SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
_SEVEN_ZIP_HEADER_BYTES = 32
_HEADER_ID, _ENCODED_HEADER_ID = 0x01, 0x17


def examine(source: Source, notes: Notes) -> None:
    """Say that nobody looked inside; for 7z, check the records that frame the archive.

    Raises:
        Unreadable: ARCH_CORRUPT when those records are wrong.
    """
    if source.read_at(0, 6) == _SEVEN_ZIP:
        _check_seven_zip(source)
    notes.incomplete("ARCH_UNSUPPORTED", notes.kind)


def _check_seven_zip(source: Source) -> None:
    """Signature header, then the header it points to, each under a CRC (7zFormat.txt)."""
    start = source.read_at(0, _SEVEN_ZIP_HEADER_BYTES)
    if len(start) < _SEVEN_ZIP_HEADER_BYTES or zlib.crc32(start[12:]) != int.from_bytes(
        start[8:12], "little"
    ):
        raise _corrupt("start header CRC")
    offset = int.from_bytes(start[12:20], "little")
    size = int.from_bytes(start[20:28], "little")
    if offset + size > source.size_bytes - _SEVEN_ZIP_HEADER_BYTES:
        raise _corrupt("header past the end")
    if size > 64 * PIECE_BYTES:
        raise Unreadable("EXAMINE_LIMIT", f"7z header of {size} bytes")
    header = source.read_at(_SEVEN_ZIP_HEADER_BYTES + offset, size)
    if zlib.crc32(header) != int.from_bytes(start[28:32], "little"):
        raise _corrupt("header CRC")
    if size and header[0] not in {_HEADER_ID, _ENCODED_HEADER_ID}:
        raise _corrupt("header type")
    if size and header[0] == _HEADER_ID and header[-1] != 0:
        raise _corrupt("header without an end")


def _corrupt(detail: str) -> Unreadable:
    return Unreadable("ARCH_CORRUPT", f"7z {detail}", Severity.DANGER)
