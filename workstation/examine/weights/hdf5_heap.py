"""The fractal heap of HDF5 (File Format Specification 3.0, III.G): objects of a group that has very many."""

from collections.abc import Callable
from dataclasses import dataclass

from workstation.examine.weights.hdf5_messages import Addressing, number, outside

_HEADER_BYTES = 22  # up to the numbers whose width the file decides
_MANAGED, _HUGE, _TINY = 0, 1, 2
_SHORT_TINY = 17  # an identifier longer than this writes the length of a tiny object in twelve bits
_MAX_ROWS = 64
_MAX_NESTING = 64


class NotWalked(Exception):
    """A structure of the format that this reader does not follow; nothing is wrong with the file."""


@dataclass(frozen=True, kw_only=True)
class Heap:
    """One heap. Objects are found by identifiers, which the records of a B-tree hold."""

    where: Addressing
    address: int
    id_bytes: int
    width: int  # blocks in a row of the doubling table
    first_bytes: int  # of a block in its first two rows
    most_direct_bytes: int  # larger blocks are tables again
    offset_bytes: int  # of a place in the heap
    length_bytes: int  # of an object's length
    root: int
    root_rows: int  # 0: the root is a block of objects
    huge_tree: int
    has_checksums: bool

    def object(self, identifier: bytes, huge: Callable[[int, int], bytes]) -> bytes:
        """What an identifier stands for; ``huge`` finds the objects outside the heap, by tree and key.

        Raises:
            Unreadable: the identifier leads nowhere.
            NotWalked: a version of identifiers that nobody has written yet.
        """
        first = number(identifier, 0, 1)
        if first >> 6:
            raise NotWalked(f"heap identifiers of version {first >> 6}")
        kind = first >> 4 & 3
        if kind == _TINY:
            return self._tiny(identifier)
        if kind == _HUGE:
            return huge(self.huge_tree, int.from_bytes(identifier[1 : 1 + self.where.length_bytes], "little"))
        if kind != _MANAGED:
            raise outside(f"a heap object of kind {kind}")
        offset = number(identifier, 1, self.offset_bytes)
        size = number(identifier, 1 + self.offset_bytes, self.length_bytes)
        at, left_bytes = self._place(offset)
        if size > left_bytes:
            raise outside(f"a heap object of {size} bytes in a block with {left_bytes}")
        return self.where.read(at, size)

    def _tiny(self, identifier: bytes) -> bytes:
        if self.id_bytes > _SHORT_TINY + 1:
            size, at = ((identifier[0] & 15) << 8 | number(identifier, 1, 1)) + 1, 2
        else:
            size, at = (identifier[0] & 15) + 1, 1
        if at + size > len(identifier):
            raise outside(f"a tiny object of {size} bytes in {len(identifier)}")
        return identifier[at : at + size]

    def _place(self, offset: int) -> tuple[int, int]:
        """The address of a place in the heap, and how many bytes its block has from there."""
        address, rows, base = self.root, self.root_rows, 0
        for _level in range(_MAX_NESTING):
            if rows == 0:
                return self._in_block(address, self.first_bytes, base, offset)
            row, column, block_bytes, begin = self._cell(offset - base, rows)
            child = self._child(address, base, row * self.width + column)
            base += begin
            if block_bytes <= self.most_direct_bytes:
                return self._in_block(child, block_bytes, base, offset)
            address, rows = child, _log2(block_bytes) - _log2(self.first_bytes * self.width) + 1
        raise outside(f"heap tables nested deeper than {_MAX_NESTING}")

    def _cell(self, offset: int, rows: int) -> tuple[int, int, int, int]:
        """Row and column of a place in a table, the size of the block there and where it begins."""
        start = self.first_bytes * self.width
        row = 0 if offset < start else _log2(offset // start) + 1
        if row >= rows:
            raise outside(f"row {row} of a heap table with {rows}")
        block_bytes = self.first_bytes << max(0, row - 1)
        row_begin = 0 if row == 0 else start << (row - 1)
        column = (offset - row_begin) // block_bytes
        return row, column, block_bytes, row_begin + column * block_bytes

    def _child(self, address: int, base: int, index: int) -> int:
        """One entry of a table; entries of blocks and of tables are addresses alike, nothing is filtered."""
        head_bytes = self._require(address, b"FHIB", base)
        child = self.where.addresses(
            self.where.read(address + head_bytes + index * self.where.offset_bytes, self.where.offset_bytes),
            0,
            1,
        )[0]
        if self.where.is_nowhere(child):
            raise outside("a heap object in a block that is not there")
        return child

    def _in_block(self, address: int, block_bytes: int, base: int, offset: int) -> tuple[int, int]:
        head_bytes = self._require(address, b"FHDB", base) + (4 if self.has_checksums else 0)
        inside = offset - base
        if not head_bytes <= inside < block_bytes:
            raise outside(f"a heap object at {inside} of a block of {block_bytes} bytes")
        return address + inside, block_bytes - inside

    def _require(self, address: int, magic: bytes, base: int) -> int:
        """A block of this heap that says of itself where it lies; the length of its head."""
        head_bytes = 5 + self.where.offset_bytes + self.offset_bytes
        head = self.where.read(address, head_bytes)
        at = 5 + self.where.offset_bytes
        belongs = number(head, 5, self.where.offset_bytes) == self.address
        if head[:4] != magic or head[4] != 0 or not belongs or number(head, at, self.offset_bytes) != base:
            raise outside(f"no block {base} of the heap at {address}")
        return head_bytes


def _log2(value: int) -> int:
    return value.bit_length() - 1


def _is_power(value: int) -> bool:
    return value > 0 and value & (value - 1) == 0


def heap(where: Addressing, address: int) -> Heap:
    """The heap whose header lies there.

    Raises:
        Unreadable: it is none, or its numbers cannot be.
        NotWalked: its blocks are compressed.
    """
    length, offset = where.length_bytes, where.offset_bytes
    raw = where.read(address, _HEADER_BYTES + 12 * length + 3 * offset)
    if raw[:4] != b"FRHP" or raw[4] != 0:
        raise outside(f"no fractal heap at {address}")
    if number(raw, 7, 2):
        raise NotWalked("a heap with filters")
    at = 14 + length  # behind the identifier of the next huge object
    huge_tree = number(raw, at, offset)
    at += 2 * offset + 9 * length
    width, first, direct = (
        number(raw, at, 2),
        number(raw, at + 2, length),
        number(raw, at + 2 + length, length),
    )
    at += 2 + 2 * length
    bits, root, rows = number(raw, at, 2), number(raw, at + 4, offset), number(raw, at + 4 + offset, 2)
    id_bytes, most_managed = number(raw, 5, 2), number(raw, 10, 4)
    sane = all(map(_is_power, (width, first, direct))) and first <= direct < 1 << 32
    if not sane or not 1 <= bits <= 64 or rows > _MAX_ROWS or not 1 <= id_bytes <= 4_096:  # noqa: PLR2004 - the format's bounds
        raise outside(f"a heap of {width} blocks of {first} to {direct} bytes in {bits} bits")
    return Heap(
        where=where,
        address=address,
        id_bytes=id_bytes,
        width=width,
        first_bytes=first,
        most_direct_bytes=direct,
        offset_bytes=(bits + 7) // 8,
        length_bytes=min((_log2(direct) + 7) // 8, most_managed.bit_length() // 8 + 1),
        root=root,
        root_rows=rows,
        huge_tree=huge_tree,
        has_checksums=bool(raw[9] & 2),
    )
