"""Which bytes are archives and compressed streams."""

from workstation.examine.archives.tarfields import BLOCK_BYTES, looks_like_tar
from workstation.examine.formats import Format, Match, Sample, by_magic

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"PK00PK\x03\x04")
_LZMA_HEADER_BYTES = 13


def _is_zip(sample: Sample) -> Match:
    if sample.head.startswith(_ZIP_STARTS):
        return Match.CONTENT
    if sample.zip_names or (sample.suffix in {".zip", ".zipx"} and b"PK\x05\x06" in sample.tail):
        # A polyglot: the start says something else, the end says zip. Other zip readers would open it.
        return Match.LIKELY
    # What is called a zip and is text is a broken zip: the name weighs more than that it can be read as text.
    return Match.LIKELY if sample.suffix in {".zip", ".zipx"} and sample.size_bytes else Match.NO


def _is_tar(sample: Sample) -> Match:
    if looks_like_tar(sample.head):
        return Match.CONTENT if sample.head[257:262] == b"ustar" else Match.LIKELY
    if sample.head[257:262] == b"ustar" and len(sample.head) >= BLOCK_BYTES:
        return Match.LIKELY
    return Match.NAME if sample.suffix == ".tar" else Match.NO


def _is_lzma(sample: Sample) -> Match:
    """LZMA alone has no magic: properties 0x5d, a power-of-two dictionary and an unknown or sane size."""
    head = sample.head[:_LZMA_HEADER_BYTES]
    if len(head) < _LZMA_HEADER_BYTES or head[0] != 0x5D or head[1:3] != b"\0\0":  # noqa: PLR2004
        return Match.NO
    size = int.from_bytes(head[5:13], "little")
    return Match.LIKELY if size == (1 << 64) - 1 or size < 1 << 40 else Match.NO


def _is_zstd(sample: Sample) -> Match:
    head = sample.head
    skippable = len(head) > 8 and 0x50 <= head[0] <= 0x5F and head[1:4] == b"\x2a\x4d\x18"  # noqa: PLR2004
    return Match.CONTENT if skippable or head.startswith(b"\x28\xb5\x2f\xfd") else Match.NO


_OTHERS = by_magic(
    b"\x1f\x9d",  # compress
    b"\x1f\xa0",
    b"\x04\x22\x4d\x18",  # lz4
    b"\x02\x21\x4c\x18",
    b"LZIP\x01",
    b"\x89LZO\0\r\n\x1a\n",
    b"hsqs",
    b"xar!",
    b"\xed\xab\xee\xdb",  # RPM
    b"\xff\x06\0\0sNaPpY",
)
_ISO = by_magic(b"CD001", offset=32_769)


def _is_other(sample: Sample) -> Match:
    """Archives and compressed streams that are known by name only."""
    return max(_OTHERS(sample), _ISO(sample))


_COMPRESSED = "workstation.examine.archives.compressed"

FORMATS: tuple[Format, ...] = (
    Format(
        kind="zip",
        module="workstation.examine.archives.zips",
        detect=_is_zip,
        suffixes=(".zip", ".zipx"),
        container=True,
    ),
    Format(
        kind="tar",
        module="workstation.examine.archives.tars",
        detect=_is_tar,
        suffixes=(".tar",),
        container=True,
    ),
    Format(
        kind="gzip",
        module=_COMPRESSED,
        detect=by_magic(b"\x1f\x8b"),
        suffixes=(".gz", ".tgz"),
        container=True,
    ),
    Format(
        kind="bzip2", module=_COMPRESSED, detect=by_magic(b"BZh"), suffixes=(".bz2", ".tbz2"), container=True
    ),
    Format(
        kind="xz",
        module=_COMPRESSED,
        detect=by_magic(b"\xfd7zXZ\0"),
        suffixes=(".xz", ".txz"),
        container=True,
    ),
    Format(kind="zstd", module=_COMPRESSED, detect=_is_zstd, suffixes=(".zst", ".tzst"), container=True),
    Format(kind="lzma", module=_COMPRESSED, detect=_is_lzma, suffixes=(".lzma", ".tlz"), container=True),
    Format(
        kind="7z",
        module="workstation.examine.archives.unread",
        detect=by_magic(b"7z\xbc\xaf\x27\x1c"),
        suffixes=(".7z",),
    ),
    Format(
        kind="rar",
        module="workstation.examine.archives.unread",
        detect=by_magic(b"Rar!\x1a\x07"),
        suffixes=(".rar",),
    ),
    Format(
        kind="cpio",
        module="workstation.examine.archives.unread",
        detect=by_magic(b"070701", b"070702", b"070707", b"\xc7\x71"),
        suffixes=(".cpio",),
    ),
    Format(
        kind="cab",
        module="workstation.examine.archives.unread",
        detect=by_magic(b"MSCF\0\0\0\0"),
        suffixes=(".cab",),
    ),
    Format(
        kind="ar",
        module="workstation.examine.archives.unread",
        detect=by_magic(b"!<arch>\n"),
        suffixes=(".a", ".deb"),
    ),
    Format(
        kind="other-archive",
        module="workstation.examine.archives.unread",
        detect=_is_other,
        suffixes=(".z", ".lz4", ".lz", ".lzo", ".iso", ".squashfs", ".xar", ".rpm", ".sz"),
    ),
)
