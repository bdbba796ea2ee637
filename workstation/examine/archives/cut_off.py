"""A zip archive whose end is missing: the members before the break, by the headers beside their data.

For looking only. Without a directory nothing can be compared with these headers, so whoever shows them
says that the archive is broken; the examination refuses it.
"""

from workstation.examine.archives import zipfields
from workstation.examine.archives.zipfields import Entry, Local
from workstation.examine.archives.zips import ZipArchive
from workstation.examine.names import shown
from workstation.examine.reader import Notes, Source

_SIZES_FOLLOW = 0x08  # the lengths stand behind the data only


class CutOffArchive(ZipArchive):
    """``entries`` are the whole members before the break, ``ends_at`` the byte where it is.

    A member whose header does not tell its length ends the list, as does anything that is no member.
    """

    def __init__(self, source: Source, *, max_entries: int) -> None:  # nothing of the base: no directory
        self._source, self._notes = source, Notes()
        size = source.size_bytes
        self._end = zipfields.End(
            at=size, directory_at=size, directory_bytes=0, entries=0, prefix_bytes=0, disk=0, comment=b""
        )
        self.entries = []
        self.ends_at = 0
        while len(self.entries) < max_entries:
            local = zipfields.local(source, self.ends_at)
            if local is None or local.flags & _SIZES_FOLLOW:
                return
            stop = local.data_at + local.compressed_bytes
            if stop > source.size_bytes:
                return
            self.entries.append(_entry(local, self.ends_at))
            self.ends_at = stop


def _entry(local: Local, at: int) -> Entry:
    name, decodable = shown(local.raw_name)
    return Entry(
        name=name,
        raw_name=local.raw_name,
        decodable=decodable,
        flags=local.flags,
        method=local.method,
        crc=local.crc,
        compressed_bytes=local.compressed_bytes,
        size_bytes=local.size_bytes,
        header_at=at,
        made_by=0,
        attributes=0,
    )
