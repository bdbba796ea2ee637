"""Pickles inside a zip archive that the strict reader refuses.

Loaders of models read zips more generously than is right: they skip flags, checksums and contradicting names.
A refused archive is therefore searched for local headers, and what they hold is followed when it is a pickle,
so that the report says what the trick was meant to hide. Nothing is unpacked to keep.
"""

import zlib

from workstation.examine.reader import PIECE_BYTES, BytesSource, Notes, Source, Unreadable, Window
from workstation.examine.weights import hidden, numpy_files, pickles
from workstation.examine.weights.tensors import shown

MAX_SEARCHED_BYTES = 512 << 20
MAX_HEADERS = 2_000
MAX_MEMBER_BYTES = 32 << 20
MAX_TOTAL_BYTES = 256 << 20
_MAGIC = b"PK\x03\x04"
_HEADER_BYTES = 30
_STORED, _DEFLATED = 0, 8


def examine(source: Source, notes: Notes) -> None:
    """Follow pickles behind any local header of a damaged or contradictory zip."""
    budget = MAX_TOTAL_BYTES
    for count, at in enumerate(_headers(source)):
        if count >= MAX_HEADERS or budget <= 0:
            notes.incomplete("EXAMINE_LIMIT", "more members than were searched for pickles")
            return
        header = source.read_at(at, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        start = (
            at
            + _HEADER_BYTES
            + int.from_bytes(header[26:28], "little")
            + int.from_bytes(header[28:30], "little")
        )
        method, declared = int.from_bytes(header[8:10], "little"), int.from_bytes(header[18:22], "little")
        content = _content(source, start, method, declared)
        budget -= max(len(content), 4_096)
        name = source.read_at(at + _HEADER_BYTES, min(300, int.from_bytes(header[26:28], "little")))
        _follow(content, shown(name), notes)


def _headers(source: Source) -> list[int]:
    found: list[int] = []
    end = min(source.size_bytes, MAX_SEARCHED_BYTES)
    for base in range(0, end, PIECE_BYTES):
        piece = source.read_at(base, PIECE_BYTES + len(_MAGIC) - 1)
        at = piece.find(_MAGIC)
        while at >= 0 and len(found) <= MAX_HEADERS:
            found.append(base + at)
            at = piece.find(_MAGIC, at + 1)
    return found


def _content(source: Source, start: int, method: int, declared: int) -> bytes:
    left = max(0, source.size_bytes - start)
    # Lengths after the data, or lying ones: read on, the pickle itself says where it ends.
    length = declared if 0 < declared <= left else left
    raw = source.read_at(start, min(length, MAX_MEMBER_BYTES))
    if method == _STORED:
        return raw
    if method == _DEFLATED:
        try:
            return zlib.decompressobj(-15).decompress(raw, MAX_MEMBER_BYTES)
        except zlib.error:
            return raw  # the method may be the lie
    return raw


def _follow(content: bytes, name: str, notes: Notes) -> None:
    if content.startswith(b"\x93NUMPY"):
        reader = numpy_files.examine
    elif hidden.starts_like_pickle(content):
        reader = pickles.examine
    else:
        return
    inner = Notes()
    try:
        reader(_until_stop(content, name), inner)
    except Unreadable as error:
        inner.caution("MODEL_UNPARSED", f"{name}: {error.code}")
    for finding in inner.findings:
        if finding.code != "MODEL:trailing":
            notes.add(finding.code, finding.severity, finding.detail, name)
    for fact in ("globals", "dangerous", "enabling", "unlisted"):
        known, new = notes.facts.get(fact), inner.facts.get(fact)
        if isinstance(new, list):
            notes.facts[fact] = sorted({*(known if isinstance(known, list) else []), *new})[:500]


def _until_stop(content: bytes, name: str) -> Source:
    """A stored member without a length runs into the next header; cut it there."""
    end = content.find(b"PK\x01\x02")
    source = BytesSource(content, name)
    return Window(source, 0, end, name) if end > 0 else source
