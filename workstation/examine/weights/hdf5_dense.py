"""Groups and objects of HDF5 with very many links or attributes: a B-tree, version 2, over a fractal heap.

File Format Specification 3.0, III.A.2. Every record is followed; a tree that holds another number of them
than it declares is no tree. Checksums are not compared: what a library would refuse is read all the same.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workstation.examine.weights.hdf5_heap import Heap, NotWalked, heap
from workstation.examine.weights.hdf5_messages import Addressing, number, outside

_NODE_EXTRA_BYTES = 10  # signature, version, type and checksum
_MAX_NODE_BYTES = 1 << 20
_MAX_DEPTH = 32
_NODE_STEP_BYTES = 4_096
# Type of the records, and where the heap identifier lies in each.
_LINKS, _ATTRIBUTES = (5, 4), (8, 0)
_HUGE, _HUGE_FILTERED = 1, 2
_SHARED = 0x02


@dataclass(frozen=True, kw_only=True)
class BTree:
    """One tree; ``step`` is called for each record and node, and ends what has no end."""

    where: Addressing
    kind: int
    node_bytes: int
    record_bytes: int
    depth: int
    root: int
    root_records: int
    records: int
    step: Callable[[int], None]

    def walk(self) -> Iterator[bytes]:
        """Every record, in no order.

        Raises:
            Unreadable: a node is none of this tree, lies there twice, or the number of records is another.
        """
        if self.where.is_nowhere(self.root):
            if self.records:
                raise outside(f"a tree of {self.records} records without a root")
            return
        found, seen = 0, set()
        todo = [(self.root, self.root_records, self.depth)]
        while todo:
            address, count, depth = todo.pop()
            if address in seen:
                raise outside("a node of a B-tree twice")
            seen.add(address)
            self.step(1 + self.node_bytes // _NODE_STEP_BYTES)
            raw = self._node(address, count, depth)
            for index in range(count):
                self.step(1)
                found += 1
                yield raw[6 + index * self.record_bytes :][: self.record_bytes]
            if depth:
                todo.extend(self._children(raw, count, depth))
        if found != self.records:
            raise outside(f"a B-tree of {self.records} records holds {found}")

    def _node(self, address: int, count: int, depth: int) -> bytes:
        raw = self.where.read(address, self.node_bytes)
        magic = b"BTIN" if depth else b"BTLF"
        if raw[:4] != magic or raw[4] != 0 or raw[5] != self.kind:
            raise outside(f"no node of a B-tree at {address}")
        if 6 + count * self.record_bytes > self.node_bytes - 4:
            raise outside(f"{count} records in a node of {self.node_bytes} bytes")
        return raw

    def _children(self, raw: bytes, count: int, depth: int) -> Iterator[tuple[int, int, int]]:
        offset, few_bytes, all_bytes = self.where.offset_bytes, *self._counts(depth)
        at = 6 + count * self.record_bytes
        for _ in range(count + 1):
            yield number(raw, at, offset), number(raw, at + offset, few_bytes), depth - 1
            at += offset + few_bytes + all_bytes

    def _counts(self, depth: int) -> tuple[int, int]:
        """How many bytes a node of this depth uses for the records of a child, and of all below it."""
        most = (self.node_bytes - _NODE_EXTRA_BYTES) // self.record_bytes
        few_bytes, below, all_bytes = _width(most), most, 0
        for _level in range(1, depth):
            pointer = self.where.offset_bytes + few_bytes + all_bytes
            here = (self.node_bytes - _NODE_EXTRA_BYTES - pointer) // (self.record_bytes + pointer)
            below = (here + 1) * below + here
            all_bytes = _width(below)
        return few_bytes, all_bytes


def _width(most: int) -> int:
    return (most.bit_length() - 1) // 8 + 1


def _tree(where: Addressing, address: int, step: Callable[[int], None]) -> BTree:
    raw = where.read(address, 16 + where.offset_bytes + 2 + where.length_bytes)
    if raw[:4] != b"BTHD" or raw[4] != 0:
        raise outside(f"no B-tree at {address}")
    at = 16 + where.offset_bytes
    tree = BTree(
        where=where,
        kind=raw[5],
        node_bytes=number(raw, 6, 4),
        record_bytes=number(raw, 10, 2),
        depth=number(raw, 12, 2),
        root=number(raw, 16, where.offset_bytes),
        root_records=number(raw, at, 2),
        records=number(raw, at + 2, where.length_bytes),
        step=step,
    )
    fits = 0 < tree.record_bytes <= tree.node_bytes - _NODE_EXTRA_BYTES
    if not fits or tree.node_bytes > _MAX_NODE_BYTES or tree.depth > _MAX_DEPTH:
        raise outside(f"a B-tree of depth {tree.depth} with nodes of {tree.node_bytes} bytes")
    return tree


def _huge(where: Addressing, step: Callable[[int], None]) -> Callable[[int, int], bytes]:
    """Finds objects too large for a heap: their tree is read once, by key."""
    known: dict[int, dict[int, tuple[int, int]]] = {}

    def find(address: int, key: int) -> bytes:
        if address not in known:
            tree = _tree(where, address, step)
            if tree.kind == _HUGE_FILTERED:
                raise NotWalked("large objects with filters")
            if tree.kind != _HUGE:
                raise outside(f"a B-tree of type {tree.kind} for large objects")
            known[address] = dict(_huge_record(where, record) for record in tree.walk())
        if key not in known[address]:
            raise outside(f"no large object {key}")
        return where.read(*known[address][key])

    return find


def _huge_record(where: Addressing, record: bytes) -> tuple[int, tuple[int, int]]:
    at, length = where.offset_bytes, where.length_bytes
    place = number(record, 0, at), number(record, at, length)
    return number(record, at + length, length), place


def _places(where: Addressing, body: bytes, creation_bytes: int) -> tuple[int, int] | None:
    """Heap and tree as a link or attribute info message names them; None without a heap."""
    at = 2 + (creation_bytes if number(body, 1, 1) & 1 else 0)
    heap_at, tree_at = where.addresses(body, at, 2)
    return None if where.is_nowhere(heap_at) else (heap_at, tree_at)


def _objects(
    where: Addressing, places: tuple[int, int], records: tuple[int, int], step: Callable[[int], None]
) -> Iterator[tuple[bytes, bytes]]:
    """Each object with its record."""
    kind, id_at = records
    found: Heap = heap(where, places[0])
    tree = _tree(where, places[1], step)
    if tree.kind != kind:
        raise outside(f"a B-tree of type {tree.kind}, not {kind}")
    if id_at + found.id_bytes > tree.record_bytes:
        raise outside(f"records of {tree.record_bytes} bytes")
    huge = _huge(where, step)
    for record in tree.walk():
        yield found.object(record[id_at : id_at + found.id_bytes], huge), record


def links(where: Addressing, body: bytes, step: Callable[[int], None]) -> Iterator[bytes]:
    """The link messages of a group, from its link info message; none where they are in its header.

    Raises:
        Unreadable: a structure that is not what the specification says, or a step too many.
        NotWalked: a structure that is not followed here.
    """
    places = _places(where, body, 8)
    if places is not None:
        for content, _record in _objects(where, places, _LINKS, step):
            yield content


def attributes(where: Addressing, body: bytes, step: Callable[[int], None]) -> Iterator[bytes]:
    """The attribute messages of an object, from its attribute info message; shared ones left out.

    Raises:
        as ``links``.
    """
    places = _places(where, body, 2)
    if places is None:
        return
    for content, record in _objects(where, places, _ATTRIBUTES, step):
        flags = number(record, len(record) - 9, 1)
        if not flags & _SHARED:
            yield content
