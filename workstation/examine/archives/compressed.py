"""gzip, bzip2, xz, lzma and Zstandard streams: a tar archive inside, or one file."""

from functools import partial

from workstation.core.examination import Severity
from workstation.examine.archives import codecs, tars
from workstation.examine.archives.alien import note_alien
from workstation.examine.archives.expanded import INLINE_BYTES, BombGuard, Expanded, is_suspect
from workstation.examine.archives.tarfields import BLOCK_BYTES, looks_like_tar
from workstation.examine.container import Container, OpenableItem
from workstation.examine.names import flaws, shown
from workstation.examine.reader import PIECE_BYTES, BytesSource, Notes, Source

_MAGICS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x5d\0\0": "lzma",
}
_SUFFIXES = {".gz", ".tgz", ".bz2", ".tbz2", ".xz", ".txz", ".zst", ".tzst", ".lzma", ".tlz"}


def codec_of(head: bytes) -> str:
    """Which codec the first bytes ask for; empty for none."""
    return next((codec for magic, codec in _MAGICS.items() if head.startswith(magic)), "")


def open_container(source: Source, notes: Notes) -> Container:
    """The members of the tar inside, or the one file inside."""
    head = source.read_at(0, 4 << 10)
    codec = codec_of(head) or "zstd"  # a skippable frame may come first
    notes.kind = codec
    if codec == "gzip":
        _check_gzip_name(head, notes)
    first = codecs.decoder(codec, source).read(BLOCK_BYTES)
    size = _measure(source, codec, notes)
    expanded = Expanded(partial(codecs.decoder, codec, source), size)
    if len(first) < BLOCK_BYTES:
        first = expanded.read_at(0, BLOCK_BYTES)
    if looks_like_tar(first):
        notes.kind = f"tar.{codec}"
        return tars.open_tar(expanded, notes)
    name = _inner_name(source.name, codec)

    def opened() -> Source:
        if size <= INLINE_BYTES:
            return BytesSource(expanded.read_at(0, size), name)
        return Expanded(partial(codecs.decoder, codec, source), size, name)

    return Container([OpenableItem(path=name, size_bytes=size, open=opened)])


def examine(source: Source, notes: Notes) -> None:
    """Expand everything once, checking sums, without looking into the members."""
    open_container(source, notes)


def _measure(source: Source, codec: str, notes: Notes) -> int:
    """Expand everything once: its length, its checksums, and whether it is a bomb."""
    decoder, guard, total = codecs.decoder(codec, source), BombGuard(), 0
    while part := decoder.read(PIECE_BYTES):
        total += len(part)
        guard.check(total, decoder.consumed_bytes)
    if decoder.leftover_bytes:
        at = source.size_bytes - decoder.leftover_bytes
        sample = source.read_at(at, min(decoder.leftover_bytes, PIECE_BYTES))
        note_alien(notes, "ARCH:trailing-data", sample, decoder.leftover_bytes)
    if is_suspect(total, source.size_bytes):
        notes.caution("ARCH:high-ratio", f"{total} bytes from {source.size_bytes}")
    return total


def _check_gzip_name(head: bytes, notes: Notes) -> None:
    """Some programs write to the name in the gzip header (RFC 1952, FNAME); we never do, but say so."""
    if len(head) < 10 or not head[3] & 8:  # noqa: PLR2004 - the fixed header
        return
    at = 10
    if head[3] & 4:
        at += 2 + int.from_bytes(head[10:12], "little")
    name = shown(head[at:].split(b"\0", 1)[0], "latin-1")[0]
    for flaw in flaws(name) if name else ():
        notes.add(flaw.code, flaw.severity, f"name in the gzip header: {name}")
    if "/" in name and not any(flaw.severity is Severity.DANGER for flaw in flaws(name)):
        notes.caution("ARCH:non-canonical-path", f"name in the gzip header: {name}")


def _inner_name(name: str, codec: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    return (
        stem if dot and stem and "." + suffix.lower() in _SUFFIXES else f"{name or 'content'}.{codec}-content"
    )
