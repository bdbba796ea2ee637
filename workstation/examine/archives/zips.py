"""Zip archives (APPNOTE 6.3.10), read by our own bounded reader.

The central directory decides what the members are; every local header must agree with it, members must not
overlap, and each member's length and CRC are compared when it is read. Readers of formats that are carried
by zip (DOCX, PyTorch, evaluation logs) use ``ZipArchive`` and get these checks with it.
"""

import stat
import zlib
from array import array
from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise

from workstation.core.examination import Severity
from workstation.examine.archives import codecs, zipfields
from workstation.examine.archives.alien import note_alien
from workstation.examine.archives.expanded import INLINE_BYTES, BombGuard, Expanded, is_suspect
from workstation.examine.archives.zipfields import Entry, corrupt, inconsistent
from workstation.examine.container import SIGN_EVERY, Container, Item, require_content
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

_CODECS = {0: "stored", 8: "deflate", 12: "bzip2", 14: "zip-lzma", 20: "zstd", 93: "zstd", 95: "xz"}
_MAX_DEFLATE_RATIO = 1_032  # a deflate stream cannot do better
_MAX_LINK_BYTES = 4_096


def directory_names(source: Source, limit: int) -> tuple[str, ...]:
    """Names in the central directory, in order, at most ``limit``; raises ``Unreadable`` if there is none."""
    end = zipfields.find_end(source)
    return tuple(entry.name for entry in islice(zipfields.directory(source, end), limit))


class ZipArchive:
    """A zip archive whose structure was checked; what was found is in ``notes``.

    ``entries`` are the plain files and folders in directory order. Symbolic links and devices are reported
    and left out.

    Raises:
        Unreadable: there is no usable directory, or two places of it contradict each other.
    """

    def __init__(self, source: Source, notes: Notes, *, max_entries: int = MAX_MEMBERS) -> None:
        self._source, self._notes = source, notes
        self._end = zipfields.find_end(source)
        self._names = NameRegister(notes)
        self.entries: list[Entry] = []
        self._starts, self._stops = array("Q"), array("Q")
        if self._end.entries > max_entries:
            detail = f"{self._end.entries} entries, limit {max_entries}"
            raise Unreadable("ARCH:too-many-members", detail, Severity.DANGER)
        for number, entry in enumerate(zipfields.directory(source, self._end)):
            if number % SIGN_EVERY == 0:
                notes.alive()
            self._take(entry)
        self._names.finish()
        self._check_layout()
        self._check_declared_ratio()

    @cached_property
    def _by_name(self) -> dict[str, Entry]:
        return {plain(entry.name): entry for entry in self.entries}

    def find(self, name: str) -> Entry | None:
        """The file of that name; of duplicates the last, as most programs read it."""
        return self._by_name.get(name)

    def open(self, entry: Entry) -> Source:
        """The member's bytes as a source, after its length and CRC were compared.

        Raises:
            Unreadable: encrypted, unknown method, damaged, or a bomb.
        """
        if entry.size_bytes <= INLINE_BYTES:
            return BytesSource(b"".join(self.chunks(entry)), entry.name.rsplit("/", 1)[-1])
        for _chunk in self.chunks(entry):
            pass
        name = entry.name.rsplit("/", 1)[-1]
        data = self._data(entry)
        if entry.method == 0:
            return Window(data, 0, entry.size_bytes, name)
        return Expanded(lambda: codecs.decoder(_CODECS[entry.method], data), entry.size_bytes, name)

    def read(self, entry: Entry, limit_bytes: int) -> bytes:
        """A whole small member.

        Raises:
            Unreadable: larger than ``limit_bytes`` or as for ``open``.
        """
        if entry.size_bytes > limit_bytes:
            raise Unreadable("EXAMINE_LIMIT", f"{entry.name}: {entry.size_bytes} bytes, limit {limit_bytes}")
        return b"".join(self.chunks(entry))

    def chunks(self, entry: Entry) -> Iterator[bytes]:
        """The member's bytes in order; the last chunk comes before length and CRC are compared.

        Raises:
            Unreadable: as for ``open``.
        """
        codec = self._codec(entry)
        data = self._data(entry)
        decoder = codecs.decoder(codec, data)
        crc, total, guard = 0, 0, BombGuard()
        while chunk := decoder.read(min(PIECE_BYTES, max(1, entry.size_bytes - total + 1))):
            total += len(chunk)
            if total > entry.size_bytes:
                raise corrupt(f"more than the declared {entry.size_bytes} bytes")
            if entry.method:
                guard.check(total, decoder.consumed_bytes)
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if total != entry.size_bytes:
            raise corrupt(f"{total} bytes, not {entry.size_bytes}")
        # AE-2 encryption has no CRC, but encrypted members never come this far.
        if crc != entry.crc:
            raise corrupt("CRC")
        if decoder.leftover_bytes:
            self._notes.add(
                "ARCH:hidden-bytes", Severity.NOTE, f"{decoder.leftover_bytes} bytes", path=entry.name
            )
        if is_suspect(total, entry.compressed_bytes):
            detail = f"{total} bytes from {entry.compressed_bytes}"
            self._notes.add("ARCH:high-ratio", Severity.CAUTION, detail, path=entry.name)

    def _codec(self, entry: Entry) -> str:
        if entry.is_encrypted:
            raise Unreadable("ARCH_ENCRYPTED")
        codec = _CODECS.get(entry.method)
        if codec is None:
            raise Unreadable("ARCH_UNSUPPORTED", f"unsupported compression method {entry.method}")
        return codec

    def _data(self, entry: Entry) -> Source:
        header = self._source.read_at(self._end.prefix_bytes + entry.header_at, zipfields.LOCAL_BYTES)
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        start = self._end.prefix_bytes + entry.header_at + zipfields.LOCAL_BYTES + names
        return Window(self._source, start, entry.compressed_bytes)

    def _take(self, entry: Entry) -> None:
        notes, name = self._notes, entry.name
        if not entry.decodable:
            notes.add("ARCH:undecodable-name", Severity.CAUTION, path=name)
        self._check_deflate_ratio(entry)
        self._check_local(entry)
        kind = stat.S_IFMT(entry.unix_mode)
        is_folder = entry.is_folder or kind == stat.S_IFDIR
        self._names.add(name, folder=is_folder)
        if entry.flags & (zipfields.STRONG | zipfields.MASKED):
            notes.add(
                "ARCH:strong-encryption", Severity.DANGER, "strong encryption is not supported", path=name
            )
        if kind == stat.S_IFLNK:
            self._names.link(name, self._link_target(entry))
        elif kind in {stat.S_IFCHR, stat.S_IFBLK}:
            notes.add("ARCH:device-node", Severity.DANGER, path=name)
        elif kind == stat.S_IFIFO:
            notes.add("ARCH:fifo", Severity.DANGER, path=name)
        elif kind == stat.S_IFSOCK:
            notes.add("ARCH:device-node", Severity.DANGER, "socket", path=name)
        else:
            self.entries.append(entry)

    def _link_target(self, entry: Entry) -> str:
        try:
            return self.read(entry, _MAX_LINK_BYTES).decode("utf-8", "backslashreplace")
        except Unreadable as reason:
            self._notes.add(reason.code, reason.severity, reason.detail, path=entry.name)
            return ""

    def _check_local(self, entry: Entry) -> None:
        at = self._end.prefix_bytes + entry.header_at
        local = zipfields.local(self._source, at)
        if local is None:
            raise corrupt(f"no local header for {entry.name!r}")
        masked = entry.flags & zipfields.MASKED
        if local.raw_name != entry.raw_name and not masked:
            raise inconsistent(f"local name {local.raw_name!r} for {entry.name!r}")
        if local.method != entry.method:
            if local.method not in _CODECS or entry.method not in _CODECS:
                unknown = local.method if entry.method in _CODECS else entry.method
                detail = f"unsupported compression method {unknown}"
                self._notes.add("ARCH_UNSUPPORTED", Severity.CAUTION, detail, path=entry.name)
            raise inconsistent(f"method {local.method} and {entry.method} for {entry.name!r}")
        if (local.flags ^ entry.flags) & zipfields.ENCRYPTED:
            raise inconsistent(f"encryption of {entry.name!r}")
        stop = local.data_at + entry.compressed_bytes
        if stop > self._end.directory_at:
            raise inconsistent(f"data of {entry.name!r} runs into the directory")
        if not masked:
            stop += self._check_sizes(local, entry, stop)
        self._starts.append(at)
        self._stops.append(stop)

    def _check_sizes(self, local: zipfields.Local, entry: Entry, stop: int) -> int:
        """Compare CRC and sizes of both records; the length of the data descriptor behind the data."""
        here = (local.crc, local.compressed_bytes, local.size_bytes)
        listed = (entry.crc, entry.compressed_bytes, entry.size_bytes)
        streamed = bool(local.flags & zipfields.STREAMED)
        if streamed and any(
            one not in {0, two, zipfields.MAX32} for one, two in zip(here, listed, strict=True)
        ):
            raise inconsistent(f"sizes of {entry.name!r}")
        if not streamed and here != listed:
            raise inconsistent(f"sizes or CRC of {entry.name!r}")
        if entry.method == 0 and not entry.is_encrypted and entry.size_bytes != entry.compressed_bytes:
            raise inconsistent(f"stored {entry.name!r} has two sizes")
        return self._descriptor_bytes(stop, entry) if streamed else 0

    def _descriptor_bytes(self, at: int, entry: Entry) -> int:
        """Length of the data descriptor, which must repeat the directory's values.

        One that differs in the CRC only shows every program the same content; it is damaged, not two-faced.
        """
        record = self._source.read_at(at, 24)
        for signature in (zipfields.DESCRIPTOR, b""):
            for width in (4, 8):
                sizes = b"".join(
                    (value & ((1 << 8 * width) - 1)).to_bytes(width, "little")
                    for value in (entry.compressed_bytes, entry.size_bytes)
                )
                start = len(signature)
                if not record.startswith(signature) or record[start + 4 : start + 4 + len(sizes)] != sizes:
                    continue
                if record[start : start + 4] != entry.crc.to_bytes(4, "little"):
                    self._notes.add("ARCH:wrong-descriptor", Severity.CAUTION, path=entry.name)
                return start + 4 + len(sizes)
        raise inconsistent(f"data descriptor of {entry.name!r}")

    def _check_layout(self) -> None:
        """Members must not share bytes; bytes that belong to nothing are named."""
        order = sorted(range(len(self._starts)), key=self._starts.__getitem__)
        for first, second in pairwise(order):
            if self._stops[first] > self._starts[second]:
                raise Unreadable("ARCH:overlapping-members", f"at {self._starts[second]}", Severity.DANGER)
        covered = 0
        if order:
            self._check_prefix(self._starts[order[0]])
            covered = self._starts[order[0]]
        unlisted = 0
        stops = [covered, *(self._stops[index] for index in order)]
        starts = [*(self._starts[index] for index in order), self._end.directory_at]
        for stop, start in zip(stops, starts, strict=True):
            gap = start - stop
            unlisted += gap
            if gap and self._source.read_at(stop, 4) == zipfields.LOCAL:
                self._notes.caution("ARCH:unlisted-member", f"at {stop}")
        if unlisted:
            self._notes.note("ARCH:hidden-bytes", f"{unlisted} bytes between members")
        after = self._source.size_bytes - self._end.at - zipfields.END_BYTES - len(self._end.comment)
        if after > 0:
            sample = self._source.read_at(self._source.size_bytes - after, min(after, PIECE_BYTES))
            note_alien(self._notes, "ARCH:trailing-data", sample, after)
        if self._end.disk:
            self._notes.note("ARCH:split-archive", f"says it is part {self._end.disk + 1}")

    def _check_prefix(self, first_at: int) -> None:
        if first_at:
            sample = self._source.read_at(0, min(first_at, PIECE_BYTES))
            note_alien(self._notes, "ARCH:prepended-data", sample, first_at)

    def _check_declared_ratio(self) -> None:
        guard = BombGuard()
        for entry in self.entries:
            guard.add(entry.size_bytes, entry.compressed_bytes)

    def _check_deflate_ratio(self, entry: Entry) -> None:
        """A declared size that no deflate stream of this length can reach."""
        if entry.method != 8 or entry.size_bytes <= _MAX_DEFLATE_RATIO * (entry.compressed_bytes + 64):  # noqa: PLR2004
            return
        decoder, reached = codecs.decoder("deflate", self._data(entry)), 0
        while chunk := decoder.read(PIECE_BYTES):
            reached += len(chunk)
        detail = f"not enough bytes in the stream expected {entry.size_bytes} got only {reached}"
        raise Unreadable("ARCH_BOMB", detail, Severity.DANGER)


class _ZipItem:
    """One file of an archive; there may be half a million."""

    __slots__ = ("_archive", "_entry")

    def __init__(self, archive: ZipArchive, entry: Entry) -> None:
        self._archive, self._entry = archive, entry

    @property
    def path(self) -> str:
        """Its path inside, as reported."""
        return plain(self._entry.name)

    @property
    def size_bytes(self) -> int:
        """Its length as the directory states it."""
        return self._entry.size_bytes

    def open(self) -> Source:
        """See ``ZipArchive.open``."""
        return self._archive.open(self._entry)


def open_container(source: Source, notes: Notes) -> Container:
    """The plain files of a zip archive."""
    notes.kind = "zip"
    archive = ZipArchive(source, notes, max_entries=notes.most_members)

    files = items_of(archive)
    require_content(len(files), sum(item.size_bytes for item in files))
    return Container(files)


def items_of(archive: ZipArchive) -> list[Item]:
    """Its plain files."""
    return [_ZipItem(archive, entry) for entry in archive.entries if not entry.is_folder]


def examine(source: Source, notes: Notes) -> None:
    """Check the structure without looking into the members."""
    open_container(source, notes)
