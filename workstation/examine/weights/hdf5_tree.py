"""The tree of an HDF5 file (HDF5 File Format Specification 3.0): groups, links, datasets, attributes' names.

Followed by addresses that were checked against the file, each object once, in whichever of three ways a group
keeps its links. What this reader does not follow is named, and the file is then inconclusive.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from workstation.examine.reader import Notes, Source, Unreadable
from workstation.examine.weights import hdf5_dense as dense
from workstation.examine.weights import hdf5_messages as messages
from workstation.examine.weights.external_data import ExternalData
from workstation.examine.weights.hdf5_heap import NotWalked
from workstation.examine.weights.hdf5_messages import Addressing, Dataset, Link, LinkKind
from workstation.examine.weights.tensors import TensorRow, TensorTable, shown

MAX_OBJECTS = 200_000
MAX_MESSAGES = 2_000_000
MAX_BLOCK_BYTES = 16 << 20  # one piece of an object header
MAX_NAMES = 2_000
_CONTINUATION, _SYMBOL_TABLE, _LINK_INFO, _LINK = 0x10, 0x11, 0x02, 0x06
_ATTRIBUTE, _ATTRIBUTE_INFO = 0x0C, 0x15
_SHARED = 0x02
_TREE_DEPTH = 32
_SYMBOLIC = 2  # a symbol table entry's cache type


@dataclass(kw_only=True)
class Tree:
    """What the walk gathers."""

    where: Addressing
    notes: Notes
    table: TensorTable = field(default_factory=TensorTable)
    external: ExternalData = field(default_factory=ExternalData)
    groups: int = 0
    soft_links: int = 0
    leads_outside: int = 0
    attributes: set[str] = field(default_factory=set)
    filters: set[str] = field(default_factory=set)
    unwalked: set[str] = field(default_factory=set)  # structures that were not followed
    _seen: set[int] = field(default_factory=set)
    _steps: int = 0

    def walk(self, root: int) -> None:
        """Follow everything from the root group on.

        Raises:
            Unreadable: an address outside the file, an unknown structure, or too much of it.
        """
        todo = [("", root)]
        while todo:
            path, address = todo.pop()
            if address in self._seen:
                continue
            self._seen.add(address)
            if len(self._seen) > MAX_OBJECTS:
                raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_OBJECTS} objects")
            todo.extend(reversed(self._object(path, address)))

    def _object(self, path: str, address: int) -> list[tuple[str, int]]:
        dataset = Dataset()
        inner: list[tuple[str, int]] = []
        is_group = path == ""
        for kind, flags, body in self._messages(address):
            if kind == _SYMBOL_TABLE:
                is_group = True
                links: Iterator[Link] = self._symbol_table(body)
            elif kind == _LINK:
                is_group = True
                links = iter((messages.link(body, self.where),))
            elif kind == _LINK_INFO:
                is_group = True
                links = self._dense_links(body)
            else:
                self._other(kind, flags, body, dataset)
                continue
            inner.extend(self._followed(path, links))
        self.groups += is_group
        if dataset.has_layout:
            self._dataset(path, dataset)
        return inner

    def _other(self, kind: int, flags: int, body: bytes, dataset: Dataset) -> None:
        if kind == _ATTRIBUTE:
            if not flags & _SHARED:
                self._attribute(body)
        elif kind == _ATTRIBUTE_INFO:
            try:
                for attribute in dense.attributes(self.where, body, self._step):
                    self._attribute(attribute)
            except NotWalked as reason:
                self.unwalked.add(str(reason))
        else:
            dataset.take(kind, b"" if flags & _SHARED else body, self.where)

    def _attribute(self, body: bytes) -> None:
        if len(self.attributes) < MAX_NAMES:
            self.attributes.add(messages.attribute_name(body))

    def _dense_links(self, body: bytes) -> Iterator[Link]:
        try:
            for raw in dense.links(self.where, body, self._step):
                yield messages.link(raw, self.where)
        except NotWalked as reason:
            self.unwalked.add(str(reason))

    def _followed(self, path: str, links: Iterator[Link]) -> Iterator[tuple[str, int]]:
        for link in links:
            name = f"{path}/{link.name}"[-1_000:]
            if link.kind is LinkKind.HARD:
                yield name, link.address
            elif link.kind is LinkKind.SOFT:
                self.soft_links += 1
            else:
                self._outside(name, link.target)

    def _outside(self, name: str, location: str, offset: int = 0, length: int = 0) -> None:
        self.leads_outside += 1
        entries = {"location": location, "offset": str(offset), "length": str(length)}
        self.external.add(name, entries, self.notes)

    def _dataset(self, path: str, dataset: Dataset) -> None:
        self.filters.update(dataset.filters)
        for name, offset, length in dataset.files(self.where):
            self._outside(path, name, offset, length)
        if dataset.is_virtual:
            self.leads_outside += 1
        if dataset.address is not None and dataset.address + dataset.stored_bytes > self.where.end:
            raise messages.outside(f"{shown(path, 100)}: {dataset.stored_bytes} bytes at {dataset.address}")
        self.table.add(
            TensorRow(
                name=path.lstrip("/"),
                dtype=dataset.dtype,
                shape=dataset.shape,
                offset=dataset.address,
                size_bytes=dataset.size_bytes,
            )
        )

    def _messages(self, address: int) -> Iterator[tuple[int, int, bytes]]:
        """The messages of one object header, in either version, with their flags."""
        first, parts = messages.header(self.where, address)
        todo = [first]
        while todo:
            at, size, parse = todo.pop(0)
            if size > MAX_BLOCK_BYTES or len(todo) > MAX_NAMES:
                raise Unreadable("EXAMINE_LIMIT", f"object header of {size} bytes")
            for kind, flags, body in parse(self.where.read(at, size)):
                self._step()
                if kind == _CONTINUATION:
                    todo.append(parts(self.where, body))
                else:
                    yield kind, flags, body

    def _step(self, cost: int = 1) -> None:
        self._steps += cost
        if self._steps > MAX_MESSAGES:
            raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_MESSAGES} records")

    def _symbol_table(self, body: bytes) -> Iterator[Link]:
        """The links of a group of the older format: a B-tree of symbol nodes, names in a local heap."""
        tree, heap = self.where.addresses(body, 0, 2)
        names = messages.heap_at(self.where, heap)
        todo = [(tree, 0)]
        while todo:
            at, depth = todo.pop()
            self._step()
            if depth > _TREE_DEPTH:
                raise messages.outside(f"a B-tree deeper than {_TREE_DEPTH}")
            children = messages.tree_node(self.where, at)
            if children is None:
                yield from self._symbols(at, names)
            else:
                todo.extend((child, depth + 1) for child in reversed(children))

    def _symbols(self, at: int, name_at: Callable[[int], str]) -> Iterator[Link]:
        for entry in messages.symbol_node(self.where, at):
            self._step()
            kind = LinkKind.SOFT if entry.cache == _SYMBOLIC else LinkKind.HARD
            yield Link(kind=kind, name=name_at(entry.name_at), address=entry.address)


def into(tree: Tree, notes: Notes) -> None:
    """Put what was found into the facts, and what needs a person into the findings."""
    tree.table.into(notes)
    notes.facts["groups"] = tree.groups
    notes.facts["attributes"] = [shown(name, 100) for name in sorted(tree.attributes)[:100]]
    notes.facts["filters"] = sorted(tree.filters)[:50]
    if tree.leads_outside:
        notes.caution("MODEL_EXTERNAL_FILE", f"{tree.leads_outside} links or datasets lead to other files")
        tree.external.report(notes)
    plugins = sorted(name for name in tree.filters if name.startswith("filter "))
    if plugins:
        notes.caution("MODEL_CUSTOM_OPS", f"needs plug-ins to be read: {', '.join(plugins[:10])}")


def start(source: Source, base: int, offset_bytes: int, length_bytes: int, notes: Notes) -> Tree:
    """A tree to be walked."""
    where = Addressing(source=source, base=base, offset_bytes=offset_bytes, length_bytes=length_bytes)
    return Tree(where=where, notes=notes)
