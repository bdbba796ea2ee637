"""Tar archives, read header by header from any source of bytes, compressed or not."""

from collections.abc import Iterator
from dataclasses import dataclass

from workstation.core.examination import Severity
from workstation.examine.archives import tarfields
from workstation.examine.archives.alien import note_alien
from workstation.examine.archives.expanded import INLINE_BYTES
from workstation.examine.archives.tarfields import BLOCK_BYTES, Header, corrupt
from workstation.examine.container import SIGN_EVERY, Container, Item, OpenableItem, require_content
from workstation.examine.names import NameRegister, plain
from workstation.examine.reader import (
    MAX_MEMBERS,
    PIECE_BYTES,
    BytesSource,
    Notes,
    Source,
    Unreadable,
    Window,
)

_MAX_HEADERS = 4 * MAX_MEMBERS  # extensions count too
_MAX_CHAIN = 1_000  # extensions of one member: an endless chain of them is an attack
_EMPTY = bytes(BLOCK_BYTES)
_DEVICES = {b"3": "character device", b"4": "block device"}
_IGNORED = {
    b"V": "volume label",
    b"M": "continued from another volume",
    b"N": "old long names",
    b"D": "GNU folder",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class TarMember:
    """One member and where its data lies."""

    header: Header
    data_at: int


class TarReader:
    """Iterates over the members of one tar stream; problems of the stream as a whole go to ``notes``."""

    def __init__(self, source: Source, notes: Notes) -> None:
        self._source, self._notes = source, notes
        self._at = 0
        self._headers = 0
        self._global: dict[str, bytes] = {}
        self.end_at = 0

    def members(self) -> Iterator[TarMember]:
        """All members in order, those after an end mark included.

        Raises:
            Unreadable: damaged headers, or more of them than any archive needs.
        """
        ended = False
        while True:
            block = self._source.read_at(self._at, BLOCK_BYTES)
            if len(block) < BLOCK_BYTES:
                self._check_end(block, ended=ended)
                return
            if block == _EMPTY:
                ended = True
                self._at += BLOCK_BYTES
                self._skip_padding()
                continue
            if ended:
                if not tarfields.checksum_fits(block):
                    note_alien(self._notes, "ARCH:trailing-data", block, self._rest_bytes())
                    return
                self._notes.note("ARCH:concatenated", f"another archive at {self._at}")
                ended = False
            member = self._member(block)
            if member is None:
                continue
            yield member

    def _skip_padding(self) -> None:
        """Pass over zero blocks in large steps."""
        while True:
            piece = self._source.read_at(self._at, 64 << 10)
            rest = piece.lstrip(b"\0")
            self._at += (len(piece) - len(rest)) // BLOCK_BYTES * BLOCK_BYTES
            if rest or len(piece) < 64 << 10:
                return

    def _rest_bytes(self) -> int:
        return min(self._source.size_bytes - self._at, PIECE_BYTES)

    def _check_end(self, rest: bytes, *, ended: bool) -> None:
        if rest.strip(b"\0"):
            if not ended:
                raise corrupt("cut off inside a header")
            note_alien(self._notes, "ARCH:trailing-data", rest, len(rest))
        elif not ended:
            self._notes.note("ARCH:no-end-mark")

    def _member(self, block: bytes) -> TarMember | None:
        """One member; None when only records for all that follow were left, and nothing follows."""
        records: dict[str, bytes] = {}
        long_name = long_target = None
        extension_bytes = chain = 0
        while True:
            self._count()
            chain += 1
            if chain > _MAX_CHAIN:
                raise Unreadable("ARCH:header-too-large", f"{chain} headers for one member", Severity.DANGER)
            header = tarfields.parse(block)
            self._at += BLOCK_BYTES
            if header.kind not in {b"x", b"X", b"g", b"L", b"K"}:
                break
            extension_bytes += header.size_bytes
            data = self._extension(header, extension_bytes)
            if header.kind == b"L":
                long_name = data.rstrip(b"\0")
            elif header.kind == b"K":
                long_target = data.rstrip(b"\0")
            elif header.kind == b"g":
                self._keep_global(data)
            else:
                records |= tarfields.pax_records(data)
            block = self._source.read_at(self._at, BLOCK_BYTES)
            if len(block) < BLOCK_BYTES or block == _EMPTY:
                if header.kind == b"g" and not records and long_name is None and long_target is None:
                    return None
                raise corrupt("an extended header without a member")
        if long_name is not None:
            header.raw_name = long_name
        if long_target is not None:
            header.raw_target = long_target
        tarfields.apply_pax(header, {**self._global, **records})
        tarfields.settle_kind(header)
        return self._place(header)

    def _keep_global(self, data: bytes) -> None:
        self._global.update(tarfields.pax_records(data))
        if sum(len(key) + len(value) for key, value in self._global.items()) > tarfields.MAX_EXTENSION_BYTES:
            raise Unreadable("ARCH:header-too-large", "global pax records", Severity.DANGER)

    def _count(self) -> None:
        self._headers += 1
        if self._headers > _MAX_HEADERS:
            raise Unreadable("ARCH:too-many-members", f"more than {_MAX_HEADERS} headers", Severity.DANGER)

    def _extension(self, header: Header, so_far_bytes: int) -> bytes:
        if so_far_bytes > tarfields.MAX_EXTENSION_BYTES:
            raise Unreadable("ARCH:header-too-large", f"{so_far_bytes} bytes of extensions", Severity.DANGER)
        data = self._source.read_at(self._at, header.size_bytes)
        if len(data) < header.size_bytes:
            raise corrupt("cut off inside an extended header")
        self._at += _padded(header.size_bytes)
        return data

    def _place(self, header: Header) -> TarMember:
        parts = 4
        while header.extended_sparse:
            block = self._source.read_at(self._at, BLOCK_BYTES)
            parts += 21
            if len(block) < BLOCK_BYTES or parts > tarfields.MAX_SPARSE_PARTS:
                raise corrupt("sparse map")
            self._at += BLOCK_BYTES
            header.extended_sparse = block[504] != 0
        data_at = self._at
        if self._has_data(header):
            stop = data_at + header.size_bytes
            if header.size_bytes and len(self._source.read_at(stop - 1, 1)) != 1:
                raise corrupt(f"cut off inside {header.name[0]!r}")
            self._at += _padded(header.size_bytes)
        else:
            header.size_bytes = 0
        self.end_at = self._at
        return TarMember(header=header, data_at=data_at)

    def _has_data(self, header: Header) -> bool:
        """Links, folders and devices carry no data, whatever their size field says."""
        if header.kind in {b"2", b"3", b"4", b"5", b"6"}:
            return False
        if header.kind != b"1" or not header.size_bytes:
            return True
        # POSIX lets a hard link carry the file's data again; older writers state the size and carry none.
        block = self._source.read_at(self._at, BLOCK_BYTES)
        without = len(block) < BLOCK_BYTES or block == _EMPTY or tarfields.checksum_fits(block)
        after = self._source.read_at(self._at + _padded(header.size_bytes), BLOCK_BYTES)
        with_data = len(after) == BLOCK_BYTES and (after == _EMPTY or tarfields.checksum_fits(after))
        if without and with_data and block != _EMPTY:
            self._notes.add("ARCH:ambiguous-hardlink", Severity.CAUTION, path=header.name[0])
        return not without


def _padded(size_bytes: int) -> int:
    return -(-size_bytes // BLOCK_BYTES) * BLOCK_BYTES


def open_tar(source: Source, notes: Notes) -> Container:
    """The plain files of a tar stream, after all its headers were checked."""
    reader, names = TarReader(source, notes), NameRegister(notes)
    items: list[Item] = []
    for index, member in enumerate(reader.members()):
        if index % SIGN_EVERY == 0:
            notes.alive()
        if index >= notes.most_members:
            names.finish()
            raise Unreadable("ARCH:too-many-members", f"more than {notes.most_members}", Severity.DANGER)
        item = _take(source, member, names, notes)
        if item is not None:
            items.append(item)
    names.finish()
    require_content(len(items), sum(item.size_bytes for item in items))
    return Container(items)


def _take(source: Source, member: TarMember, names: NameRegister, notes: Notes) -> Item | None:
    header = member.header
    name, decodable = header.name
    if header.kind in _IGNORED:
        notes.add("ARCH:not-a-file", Severity.NOTE, _IGNORED[header.kind], path=name)
        return None
    if not decodable:
        notes.add("ARCH:undecodable-name", Severity.CAUTION, path=name)
    names.add(name, folder=header.kind == b"5")
    if attributes := [key for key in header.pax if ".xattr." in key]:
        notes.add("ARCH:extended-attributes", Severity.NOTE, ", ".join(sorted(attributes)), path=name)
    if header.kind == b"2":
        names.link(name, header.target)
    elif header.kind == b"1":
        names.hardlink(name, header.target)
    elif header.kind in _DEVICES:
        notes.add("ARCH:device-node", Severity.DANGER, _DEVICES[header.kind], path=name)
    elif header.kind == b"6":
        notes.add("ARCH:fifo", Severity.DANGER, path=name)
    elif header.kind == b"S" or header.sparse_real_bytes is not None:
        notes.add("ARCH_SPARSE", Severity.CAUTION, f"{header.sparse_real_bytes} bytes with holes", path=name)
        return _unread(name, header.sparse_real_bytes or 0)
    elif header.kind == b"0":
        return _TarItem(source, member, plain(name))
    elif header.kind != b"5":
        notes.add("ARCH_UNSUPPORTED", Severity.CAUTION, f"member type {header.kind!r}", path=name)
    return None


class _TarItem:
    """One member and where it lies; there may be half a million."""

    __slots__ = ("_at", "_source", "path", "size_bytes")

    def __init__(self, source: Source, member: TarMember, path: str) -> None:
        self._source, self._at = source, member.data_at
        self.path, self.size_bytes = path, member.header.size_bytes

    def open(self) -> Source:
        """The member's bytes."""
        name = self.path.rsplit("/", 1)[-1]
        if self.size_bytes <= INLINE_BYTES:
            return BytesSource(self._source.read_at(self._at, self.size_bytes), name)
        return Window(self._source, self._at, self.size_bytes, name)


def _unread(name: str, size_bytes: int) -> Item:
    def refuse() -> Source:
        raise Unreadable("ARCH_SPARSE", "members with holes are not expanded")

    return OpenableItem(path=plain(name), size_bytes=size_bytes, open=refuse)


def open_container(source: Source, notes: Notes) -> Container:
    """The plain files of an uncompressed tar archive."""
    notes.kind = "tar"
    return open_tar(source, notes)


def examine(source: Source, notes: Notes) -> None:
    """Check the structure without looking into the members."""
    open_container(source, notes)
