"""The records of HDF5 (File Format Specification 3.0), parsed one by one from bounded bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from math import prod

from workstation.examine.reader import Source, Unreadable

MAX_READ_BYTES = 16 << 20
MAX_HEAP_BYTES = 16 << 20
_MAX_RANK = 32
_CLASSES = (
    "integer",
    "float",
    "time",
    "string",
    "bits",
    "opaque",
    "compound",
    "reference",
    "enum",
    "variable",
    "array",
    "complex",
)
_FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scaleoffset"}
_FIRST_FOREIGN_FILTER = 256
_DATASPACE, _DATATYPE, _FILES, _LAYOUT, _FILTER = 0x01, 0x03, 0x07, 0x08, 0x0B
_COMPACT, _CONTIGUOUS, _CHUNKED, _VIRTUAL = range(4)
_EXTERNAL_LINK = 64


def outside(detail: str) -> Unreadable:
    """The refusal of a structure that is not what the specification says."""
    return Unreadable("MODEL_UNPARSED", detail)


@dataclass(frozen=True, kw_only=True)
class Addressing:
    """How a file writes its addresses and lengths."""

    source: Source
    base: int
    offset_bytes: int
    length_bytes: int

    @property
    def end(self) -> int:
        """The first address behind the file."""
        return self.source.size_bytes - self.base

    def read(self, address: int, size_bytes: int) -> bytes:
        """Exactly so many bytes at an address.

        Raises:
            Unreadable: they are not in the file.
        """
        if size_bytes > MAX_READ_BYTES or not 0 <= address <= self.end - size_bytes:
            raise outside(f"{size_bytes} bytes at {address} of {self.end}")
        return self.source.read_at(self.base + address, size_bytes)

    def addresses(self, raw: bytes, at: int, count: int) -> list[int]:
        """So many addresses one after the other."""
        return [number(raw, at + index * self.offset_bytes, self.offset_bytes) for index in range(count)]

    def is_nowhere(self, address: int) -> bool:
        """Whether all bits are set, which means no address."""
        return address == (1 << 8 * self.offset_bytes) - 1


def number(raw: bytes, at: int, size_bytes: int) -> int:
    """A little-endian number; raises ``Unreadable`` behind the end."""
    if at < 0 or at + size_bytes > len(raw):
        raise outside(f"a record of {len(raw)} bytes is too short")
    return int.from_bytes(raw[at : at + size_bytes], "little")


def _text(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0][:1_000].decode("utf-8", "backslashreplace")


class LinkKind(Enum):
    """Where a link leads."""

    HARD = 0
    SOFT = 1
    OUTSIDE = 2


@dataclass(frozen=True, kw_only=True)
class Link:
    """One name in a group."""

    kind: LinkKind
    name: str  # untrusted
    address: int = 0
    target: str = ""  # of a link to another file: its untrusted name


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """One entry of a symbol node."""

    name_at: int
    address: int
    cache: int


Records = Iterator[tuple[int, int, bytes]]
Block = tuple[int, int, Callable[[bytes], Records]]


def header(where: Addressing, address: int) -> tuple[Block, Callable[[Addressing, bytes], Block]]:
    """The first block of an object header, and how to find those it continues in."""
    start = where.read(address, 6)
    if start[:4] == b"OHDR":
        return _second_header(where, address, start)
    if start[0] != 1:
        raise outside(f"no object header at {address}")
    size = number(where.read(address, 16), 8, 4)
    return (address + 16, size, _first_records), _first_continuation


def _first_continuation(where: Addressing, body: bytes) -> Block:
    at = where.addresses(body, 0, 1)[0]
    return at, number(body, where.offset_bytes, where.length_bytes), _first_records


def _first_records(raw: bytes) -> Records:
    at = 0
    while at + 8 <= len(raw):
        size = number(raw, at + 2, 2)
        if at + 8 + size > len(raw):
            raise outside("a message behind the end of its header")
        yield number(raw, at, 2), raw[at + 4], raw[at + 8 : at + 8 + size]
        at += 8 + size


def _second_header(
    where: Addressing, address: int, start: bytes
) -> tuple[Block, Callable[[Addressing, bytes], Block]]:
    if start[4] != 2:  # noqa: PLR2004 - the version with this signature
        raise outside(f"object header version {start[4]}")
    flags = start[5]
    at = address + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size = number(where.read(at, width), 0, width)

    def records(raw: bytes) -> Records:
        return _second_records(raw, 6 if flags & 0x04 else 4)

    def continued(where: Addressing, body: bytes) -> Block:
        place = where.addresses(body, 0, 1)[0]
        length = number(body, where.offset_bytes, where.length_bytes)
        if where.read(place, 4) != b"OCHK" or length < 8:  # noqa: PLR2004 - signature and checksum
            raise outside(f"no continued header at {place}")
        return place + 4, length - 8, records

    return (at + width, size, records), continued


def _second_records(raw: bytes, head_bytes: int) -> Records:
    at = 0
    while at + head_bytes <= len(raw):
        size = number(raw, at + 1, 2)
        if at + head_bytes + size > len(raw):
            raise outside("a message behind the end of its header")
        yield raw[at], raw[at + 3], raw[at + head_bytes : at + head_bytes + size]
        at += head_bytes + size


def link(body: bytes, where: Addressing) -> Link:
    """One link message."""
    flags, at = number(body, 1, 1), 2
    kind = 0
    if flags & 0x08:
        kind, at = number(body, at, 1), at + 1
    at += (8 if flags & 0x04 else 0) + (1 if flags & 0x10 else 0)
    width = 1 << (flags & 3)
    size, at = number(body, at, width), at + width
    name = body[at : at + size][:1_000].decode("utf-8", "backslashreplace")
    at += size
    if kind == 0:
        return Link(kind=LinkKind.HARD, name=name, address=number(body, at, where.offset_bytes))
    if kind == 1:
        return Link(kind=LinkKind.SOFT, name=name)
    target = _text(body[at + 3 :]) if kind == _EXTERNAL_LINK else f"link of kind {kind}"
    return Link(kind=LinkKind.OUTSIDE, name=name, target=target)


def attribute_name(body: bytes) -> str:
    """The name of an attribute in any of the three versions."""
    at = 9 if number(body, 0, 1) == 3 else 8  # noqa: PLR2004 - from version 3 on with a character set
    return _text(body[at : at + number(body, 2, 2)])


def heap_at(where: Addressing, address: int) -> Callable[[int], str]:
    """The names of a local heap, by their offsets."""
    start = where.read(address, 8 + 2 * where.length_bytes + where.offset_bytes)
    if start[:4] != b"HEAP":
        raise outside(f"no heap at {address}")
    size = number(start, 8, where.length_bytes)
    if size > MAX_HEAP_BYTES:
        raise Unreadable("EXAMINE_LIMIT", f"a heap of {size} bytes")
    data = where.read(number(start, 8 + 2 * where.length_bytes, where.offset_bytes), size)
    return lambda at: _text(data[at : at + 1_000])


def tree_node(where: Addressing, at: int) -> list[int] | None:
    """The children of a B-tree's node; None for a symbol node, which is a leaf."""
    start = where.read(at, 8)
    if start[:4] == b"SNOD":
        return None
    if start[:4] != b"TREE" or start[4] != 0:
        raise outside(f"no node of a group's tree at {at}")
    count, step = number(start, 6, 2), where.length_bytes + where.offset_bytes
    raw = where.read(at + 8 + 2 * where.offset_bytes, count * step)
    return [number(raw, index * step + where.length_bytes, where.offset_bytes) for index in range(count)]


def symbol_node(where: Addressing, at: int) -> Iterator[Symbol]:
    """The entries of one symbol node."""
    count, step = number(where.read(at, 8), 6, 2), 2 * where.offset_bytes + 24
    raw = where.read(at + 8, count * step)
    for place in range(0, count * step, step):
        name_at, address = where.addresses(raw, place, 2)
        yield Symbol(name_at=name_at, address=address, cache=number(raw, place + 2 * where.offset_bytes, 4))


@dataclass(kw_only=True)
class Dataset:
    """What the messages of one object say about its data."""

    shape: tuple[int, ...] = ()
    dtype: str = "unknown"
    item_bytes: int = 0
    address: int | None = None
    stored_bytes: int = 0
    has_layout: bool = False
    is_virtual: bool = False
    filters: list[str] = field(default_factory=list)
    _files: bytes = b""

    @property
    def size_bytes(self) -> int:
        """What shape and type promise."""
        return prod(self.shape) * self.item_bytes

    def take(self, kind: int, body: bytes, where: Addressing) -> None:
        """Take one message; an empty one is kept elsewhere and stays unknown."""
        if kind == _LAYOUT:
            self.has_layout = True
        if not body:
            return
        if kind == _DATASPACE:
            self._space(body, where)
        elif kind == _DATATYPE:
            self.item_bytes = number(body, 4, 4)
            name = body[0] & 15
            self.dtype = _CLASSES[name] if name < len(_CLASSES) else f"class {name}"
            if name in {0, 1}:
                signed = name == 1 or body[1] & 0x08
                self.dtype = f"{'' if signed else 'unsigned '}{self.dtype} {8 * self.item_bytes}"
        elif kind == _LAYOUT:
            self._layout(body, where)
        elif kind == _FILTER:
            self._pipeline(body)
        elif kind == _FILES:
            self._files = body

    def _space(self, body: bytes, where: Addressing) -> None:
        rank, at = number(body, 1, 1), 8 if body[0] == 1 else 4
        if rank > _MAX_RANK:
            raise outside(f"{rank} dimensions")
        width = where.length_bytes
        self.shape = tuple(number(body, at + index * width, width) for index in range(rank))

    def _layout(self, body: bytes, where: Addressing) -> None:
        version = body[0]
        if version in {1, 2}:
            kind, at = number(body, 2, 1), 8
            if kind == _CONTIGUOUS:
                self._stored(number(body, at, where.offset_bytes), self.size_bytes, where)
            return
        kind = number(body, 1, 1)
        if kind == _CONTIGUOUS:
            size = number(body, 2 + where.offset_bytes, where.length_bytes)
            self._stored(number(body, 2, where.offset_bytes), size, where)
        self.is_virtual = kind == _VIRTUAL

    def _stored(self, address: int, size_bytes: int, where: Addressing) -> None:
        if not where.is_nowhere(address):
            self.address, self.stored_bytes = address, size_bytes

    def _pipeline(self, body: bytes) -> None:
        version, count = body[0], number(body, 1, 1)
        at = 8 if version == 1 else 2
        for _ in range(count):
            name = number(body, at, 2)
            at += 2
            named = version == 1 or name >= _FIRST_FOREIGN_FILTER
            length = number(body, at, 2) if named else 0
            at += 2 if named else 0
            values = number(body, at + 2, 2)
            at += 4
            padded = -(-length // 8) * 8 if version == 1 else length
            at += padded + 4 * values + (4 if version == 1 and values % 2 else 0)
            self.filters.append(_FILTERS.get(name, f"filter {name}"))

    def files(self, where: Addressing) -> Iterator[tuple[str, int, int]]:
        """Name, offset and length of each other file that holds the data."""
        body = self._files
        if not body:
            return
        count, at = number(body, 6, 2), 8 + where.offset_bytes
        names = heap_at(where, number(body, 8, where.offset_bytes))
        width = where.length_bytes
        for index in range(count):
            name_at, offset, length = (
                number(body, at + (index * 3 + part) * width, width) for part in range(3)
            )
            unlimited = length == (1 << 8 * width) - 1
            yield names(name_at), offset, 0 if unlimited else length
