"""What the local headers of a zip hold, found by search: for archives that the strict reader refuses.

Flags, checksums, lengths and the central directory are all ignored on purpose, as they are the places where
two readers of a hostile zip disagree.
"""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

from workstation.examine.reader import PIECE_BYTES, Source
from workstation.examine.weights.tensors import shown

MAX_SEARCHED_BYTES = 512 << 20
MAX_HEADERS = 2_000
MAX_MEMBER_BYTES = 32 << 20
MAX_TOTAL_BYTES = 256 << 20
_MAGIC = b"PK\x03\x04"
_NEXT = b"PK\x01\x02"
_HEADER_BYTES = 30
_STORED, _DEFLATED = 0, 8


class Member(NamedTuple):
    """A local header's name and what follows it."""

    name: str  # untrusted
    content: bytes


def members(source: Source) -> Iterator[Member]:
    """Members in file order; ends early, with a member without a name, when a bound is reached."""
    budget = MAX_TOTAL_BYTES
    for count, at in enumerate(_headers(source)):
        if count >= MAX_HEADERS or budget <= 0:
            yield Member("", b"")
            return
        header = source.read_at(at, _HEADER_BYTES)
        if len(header) < _HEADER_BYTES:
            return
        name_bytes, extra_bytes = (int.from_bytes(header[i : i + 2], "little") for i in (26, 28))
        method = int.from_bytes(header[8:10], "little")
        declared = int.from_bytes(header[18:22], "little")
        content = _content(source, at + _HEADER_BYTES + name_bytes + extra_bytes, method, declared)
        budget -= max(len(content), 4_096)
        yield Member(shown(source.read_at(at + _HEADER_BYTES, min(300, name_bytes))) or "?", content)


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
    # Lengths may come after the data, or lie: read on, the content itself says where it ends.
    known = 0 < declared <= left
    raw = source.read_at(start, min(declared if known else left, MAX_MEMBER_BYTES))
    if method == _DEFLATED:
        try:
            return zlib.decompressobj(-15).decompress(raw, MAX_MEMBER_BYTES)
        except zlib.error:
            return raw  # the method may be the lie
    if not known and (end := raw.find(_NEXT)) > 0:
        return raw[:end]
    return raw
