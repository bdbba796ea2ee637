"""The records of the zip format (APPNOTE 6.3.10), parsed one by one and bounded."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from workstation.core.examination import Severity
from workstation.examine.names import shown
from workstation.examine.reader import Source, Unreadable

END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
CENTRAL, LOCAL, DESCRIPTOR = b"PK\x01\x02", b"PK\x03\x04", b"PK\x07\x08"
END_BYTES, LOCAL_BYTES, CENTRAL_BYTES = 22, 30, 46
MAX16, MAX32 = 0xFFFF, 0xFFFFFFFF
ENCRYPTED, STREAMED, STRONG, UTF8, MASKED = 1, 8, 64, 2048, 8192  # general purpose flags
_EXTRA_ZIP64, _EXTRA_UNICODE_PATH = 0x0001, 0x7075
_DIRECTORY_PIECE_BYTES = 256 << 10
_MAX_RECORD_BYTES = CENTRAL_BYTES + 3 * MAX16


def corrupt(detail: str) -> Unreadable:
    """The bytes are no zip archive as the specification wants it."""
    return Unreadable("ARCH_CORRUPT", detail, Severity.DANGER)


def inconsistent(detail: str) -> Unreadable:
    """Two places of the archive say different things, so two programs may see different contents."""
    return Unreadable("ARCH_INCONSISTENT", detail, Severity.DANGER)


@dataclass(frozen=True, kw_only=True, slots=True)
class End:
    """What the end-of-central-directory records say."""

    at: int  # where the record itself begins
    directory_at: int  # absolute, as corrected for data in front of the archive
    directory_bytes: int
    entries: int
    prefix_bytes: int  # data in front that the offsets do not count
    disk: int
    comment: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the central directory."""

    name: str
    raw_name: bytes
    decodable: bool
    flags: int
    method: int
    crc: int
    compressed_bytes: int
    size_bytes: int
    header_at: int
    made_by: int  # host system
    attributes: int  # external

    @property
    def is_folder(self) -> bool:
        """A trailing slash, as every writer marks folders, or the folder attribute of DOS."""
        return self.name.endswith("/") or (self.attributes & 0x10 != 0 and self.size_bytes == 0)

    @property
    def unix_mode(self) -> int:
        """Type and permission bits, when the entry was made on a system that has them."""
        return self.attributes >> 16 if self.made_by in {3, 19} else 0

    @property
    def is_encrypted(self) -> bool:
        """By whichever of the three kinds of encryption."""
        return bool(self.flags & (ENCRYPTED | STRONG | MASKED))


def find_end(source: Source) -> End:
    """The one end record that reaches exactly the end of the file, with its zip64 companion."""
    size = source.size_bytes
    start = max(0, size - END_BYTES - MAX16)
    tail = source.read_at(start, size - start)
    exact: list[int] = []
    loose: list[int] = []
    at = tail.rfind(END)
    while at >= 0:
        if at + END_BYTES <= len(tail):
            end = at + END_BYTES + int.from_bytes(tail[at + 20 : at + 22], "little")
            if end <= len(tail):
                (exact if end == len(tail) else loose).append(at)
        at = tail.rfind(END, 0, at)
    candidates = exact or loose
    if not candidates:
        raise corrupt("no end of central directory")
    ends = []
    for candidate in candidates[:8]:
        try:
            ends.append(_end(source, start + candidate, tail[candidate:]))
        except Unreadable:
            if candidate == candidates[0]:
                raise
    if len({(end.directory_at, end.entries) for end in ends if _has_directory(source, end)}) > 1:
        raise inconsistent("more than one end of central directory")
    return ends[0]


def _has_directory(source: Source, end: End) -> bool:
    return end.entries > 0 and source.read_at(end.directory_at, 4) == CENTRAL


def _end(source: Source, at: int, record: bytes) -> End:
    disk, directory_disk, here, entries, size, offset, comment = struct.unpack_from("<4H2LH", record, 4)
    end_of_directory = at
    if at >= 20:  # noqa: PLR2004 - the length of a zip64 locator
        locator = source.read_at(at - 20, 20)
        if locator.startswith(LOCATOR64):
            disk, directory_disk, here, entries, size, offset, end_of_directory = _end64(
                source, at, locator, (disk, directory_disk, here, entries, size, offset)
            )
        elif MAX16 in {here, entries} and MAX32 in {size, offset}:
            raise corrupt("zip64 record missing")
    if here != entries or disk != directory_disk:
        raise Unreadable("ARCH_UNSUPPORTED", "part of an archive split over several files")
    if size > end_of_directory or offset > end_of_directory - size:
        raise corrupt("central directory past the end")
    return End(
        at=at,
        directory_at=end_of_directory - size,
        directory_bytes=size,
        entries=entries,
        prefix_bytes=end_of_directory - size - offset,
        disk=disk,
        comment=record[END_BYTES : END_BYTES + comment],
    )


def _end64(source: Source, at: int, locator: bytes, small: tuple[int, ...]) -> tuple[int, ...]:
    offset64 = int.from_bytes(locator[8:16], "little")
    record_at = offset64
    record = source.read_at(record_at, 56) if record_at < at else b""
    if not record.startswith(END64):
        record_at = at - 20 - 56  # data in front of the archive shifts the offset
        record = source.read_at(record_at, 56) if record_at >= 0 else b""
    if not record.startswith(END64) or len(record) < 56:  # noqa: PLR2004 - the record's fixed length
        raise corrupt("invalid zip64 end of central directory record signature")
    length, disk, directory_disk, here, entries, size, offset = struct.unpack_from("<Q4xLLQQQQ", record, 4)
    if record_at + 12 + length != at - 20:
        raise inconsistent("zip64 end record length")
    large = (disk, directory_disk, here, entries, size, offset)
    for old, new, unset in zip(small, large, (MAX16, MAX16, MAX16, MAX16, MAX32, MAX32), strict=True):
        if old not in {unset, new}:
            raise inconsistent("zip64 and plain end records differ")
    return (*large, record_at)


def directory(source: Source, end: End) -> Iterator[Entry]:
    """The lines of the central directory in order, read piece by piece."""
    at, stop = end.directory_at, end.directory_at + end.directory_bytes
    piece, piece_at = b"", at
    for _ in range(end.entries):
        if at + CENTRAL_BYTES > stop:
            raise corrupt("central directory shorter than its count of entries")
        if at - piece_at + _MAX_RECORD_BYTES > len(piece):
            piece, piece_at = source.read_at(at, min(_DIRECTORY_PIECE_BYTES, stop - at)), at
        entry, length = _central(piece, at - piece_at)
        at += length
        if at > stop:
            raise corrupt("central directory entry past its end")
        yield entry
    if at != stop and source.read_at(at, 4) != b"PK\x05\x05":  # a digital signature may follow
        raise inconsistent("central directory longer than its count of entries")


def _central(piece: bytes, at: int) -> tuple[Entry, int]:
    if piece[at : at + 4] != CENTRAL:
        signature = int.from_bytes(piece[at : at + 4], "little")
        raise corrupt(f"invalid central directory file header signature 0x{signature:x}")
    fields = struct.unpack_from("<BBHHHHHLLLHHHHHLL", piece, at + 4)
    _version, made_by, _needed, flags, method, _time, _date, crc, compressed, size = fields[:10]
    name_bytes, extra_bytes, comment_bytes, disk, _internal, attributes, offset = fields[10:]
    name_at = at + CENTRAL_BYTES
    raw = piece[name_at : name_at + name_bytes]
    extra = piece[name_at + name_bytes : name_at + name_bytes + extra_bytes]
    if len(raw) != name_bytes or len(extra) != extra_bytes:
        raise corrupt("central directory cut off")
    fields64 = parse_extra(extra, strict=True)
    size, compressed, offset, _disk = _widen(fields64.get(_EXTRA_ZIP64), size, compressed, offset, disk)
    name, decodable = _name(raw, flags, fields64.get(_EXTRA_UNICODE_PATH))
    entry = Entry(
        name=name,
        raw_name=raw,
        decodable=decodable,
        flags=flags,
        method=method,
        crc=crc,
        compressed_bytes=compressed,
        size_bytes=size,
        header_at=offset,
        made_by=made_by,
        attributes=attributes,
    )
    return entry, CENTRAL_BYTES + name_bytes + extra_bytes + comment_bytes


def parse_extra(extra: bytes, *, strict: bool) -> dict[int, bytes]:
    """The extra fields by their tag; a rest of up to three bytes is padding that aligners leave."""
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        value = extra[at + 4 : at + 4 + length]
        if len(value) != length:
            if strict and any(extra[at:]):
                raise inconsistent(f"extra field {tag:04x} longer than its place")
            break
        if tag in found and found[tag] != value and tag in {_EXTRA_ZIP64, _EXTRA_UNICODE_PATH}:
            raise inconsistent(f"extra field {tag:04x} twice")
        found[tag] = value
        at += 4 + length
    return found


def _widen(
    field: bytes | None, size: int, compressed: int, offset: int, disk: int
) -> tuple[int, int, int, int]:
    """Put the zip64 values where the small fields say "look there" (APPNOTE 4.5.3)."""
    values = []
    at = 0
    for value, unset, width, name in (
        (size, MAX32, 8, "uncompressed size"),
        (compressed, MAX32, 8, "compressed size"),
        (offset, MAX32, 8, "relative header offset"),
        (disk, MAX16, 4, "disk number"),
    ):
        if value != unset or (field is None and name == "disk number"):
            values.append(value)
            continue
        if field is None:
            raise corrupt("expected zip64 extended information extra field")
        if at + width > len(field):
            raise corrupt(f"zip64 extended information extra field does not include {name}")
        values.append(int.from_bytes(field[at : at + width], "little"))
        at += width
    return values[0], values[1], values[2], values[3]


@dataclass(frozen=True, kw_only=True, slots=True)
class Local:
    """The header beside a member's data."""

    raw_name: bytes
    flags: int
    method: int
    crc: int
    compressed_bytes: int
    size_bytes: int
    data_at: int


def local(source: Source, at: int) -> Local | None:
    """The local header at ``at``, with its zip64 field applied; None when there is none."""
    header = source.read_at(at, LOCAL_BYTES)
    if not header.startswith(LOCAL) or len(header) < LOCAL_BYTES:
        return None
    flags, method, crc, compressed, size, name_bytes, extra_bytes = struct.unpack_from("<6xHH4xLLLHH", header)
    rest = source.read_at(at + LOCAL_BYTES, name_bytes + extra_bytes)
    field = parse_extra(rest[name_bytes:], strict=False).get(_EXTRA_ZIP64)
    if MAX32 in {size, compressed} and field is not None:
        size, compressed, _offset, _disk = _widen(field, size, compressed, 0, 0)
    return Local(
        raw_name=rest[:name_bytes],
        flags=flags,
        method=method,
        crc=crc,
        compressed_bytes=compressed,
        size_bytes=size,
        data_at=at + LOCAL_BYTES + name_bytes + extra_bytes,
    )


def _name(raw: bytes, flags: int, unicode_path: bytes | None) -> tuple[str, bool]:
    if unicode_path is not None and len(unicode_path) > 5 and unicode_path[0] == 1:  # noqa: PLR2004
        if int.from_bytes(unicode_path[1:5], "little") == zlib.crc32(raw):
            return shown(unicode_path[5:])
    elif flags & UTF8 or raw.isascii():
        return shown(raw)
    name, is_utf8 = shown(raw)
    # Without the UTF-8 flag the specification says code page 437, which decodes anything.
    return (name, True) if is_utf8 else shown(raw, "cp437")
