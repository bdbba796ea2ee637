"""Hostile archives, made byte by byte where ordinary writers refuse."""

import io
import struct
import tarfile
import zipfile
import zlib
from dataclasses import dataclass, field

from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.container import Container
from workstation.examine.formats import Sample
from workstation.examine.reader import BytesSource, Notes


@dataclass(kw_only=True)
class ZipMember:
    """One member; a field that is not None is written instead of the right value."""

    name: bytes
    data: bytes = b""
    method: int = 0
    flags: int = 0
    made_by: int = 3
    mode: int = 0o100644
    raw: bytes | None = None  # compressed bytes
    crc: int | None = None
    size: int | None = None
    local_name: bytes | None = None
    local_size: int | None = None
    local_crc: int | None = None
    offset: int | None = None
    extra: bytes = b""
    local_extra: bytes = b""
    descriptor: bytes = b""


def deflated(data: bytes) -> bytes:
    """Raw deflate."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    return engine.compress(data) + engine.flush()


def make_zip(
    *members: ZipMember,
    prefix: bytes = b"",
    gap: bytes = b"",
    suffix: bytes = b"",
    comment: bytes = b"",
    count: int | None = None,
) -> bytes:
    """A zip with exactly these records."""
    body, directory = bytearray(prefix), bytearray()
    for member in members:
        raw = member.raw if member.raw is not None else _encoded(member)
        crc = zlib.crc32(member.data) if member.crc is None else member.crc
        size = len(member.data) if member.size is None else member.size
        at = len(body) if member.offset is None else member.offset
        streamed = bool(member.descriptor)
        local = (
            0 if streamed else crc if member.local_crc is None else member.local_crc,
            0 if streamed else len(raw),
            0 if streamed else size if member.local_size is None else member.local_size,
        )
        name = member.name if member.local_name is None else member.local_name
        if member.offset is None:
            body += b"PK\x03\x04" + struct.pack("<HHHHH", 20, member.flags, member.method, 0, 0x21)
            body += struct.pack("<LLLHH", *local, len(name), len(member.local_extra)) + name
            body += member.local_extra + raw + member.descriptor + gap
        directory += b"PK\x01\x02" + struct.pack(
            "<BBHHHHH", 20, member.made_by, 20, member.flags, member.method, 0, 0x21
        )
        directory += struct.pack(
            "<LLLHHHHHLL",
            crc,
            len(raw),
            size,
            len(member.name),
            len(member.extra),
            0,
            0,
            0,
            member.mode << 16,
            at,
        )
        directory += member.name + member.extra
    total = len(members) if count is None else count
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, total, total, len(directory), len(body), len(comment))
    return bytes(body) + bytes(directory) + end + comment + suffix


def _encoded(member: ZipMember) -> bytes:
    return deflated(member.data) if member.method == 8 else member.data


@dataclass(kw_only=True)
class TarMember:
    """One tar member by the fields of ``tarfile.TarInfo``."""

    name: str
    data: bytes = b""
    kind: bytes = tarfile.REGTYPE
    target: str = ""
    pax: dict[str, str] = field(default_factory=dict)


def make_tar(*members: TarMember, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar as ``tarfile`` writes it, links and devices included."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.type, info.linkname, info.pax_headers = member.kind, member.target, member.pax
            info.size = len(member.data)
            archive.addfile(info, io.BytesIO(member.data))
    return buffer.getvalue()


def plain_zip(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip as ``zipfile`` writes it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What became of one archive."""

    codes: frozenset[str]
    outcome: Outcome
    contents: dict[str, bytes]
    notes: Notes


def opened(content: bytes, name: str = "x") -> Opened:
    """Open a container and read every member, as the worker does."""
    notes, source = Notes(), BytesSource(content, name)
    line = max(
        (line for line in dispatch.formats() if line.container), key=lambda line: line.detect(Sample(source))
    )
    found: list[Container] = []
    dispatch.guarded(notes, lambda: found.append(dispatch.load(line).open_container(source, notes)))
    contents: dict[str, bytes] = {}
    for item in found[0].items if found else ():

        def read(item=item) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - binds the loop's item
            member = item.open()
            contents[item.path] = member.read_at(0, item.size_bytes)

        dispatch.guarded(notes, read)
    return Opened(
        codes=frozenset(finding.code for finding in notes.findings),
        outcome=outcome_of(notes.findings),
        contents=contents,
        notes=notes,
    )
