"""Decompression by pulling: never more output than asked for, never more memory than stated."""

import bz2
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Protocol

import zstandard

from workstation.core.examination import Severity
from workstation.examine.reader import PIECE_BYTES, Source, Unreadable, Window

_FAILURES = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, ValueError, EOFError)
MAX_DICTIONARY_BYTES = 128 << 20  # what an xz -9 or a plain zstd needs; more is refused
_LZMA_PROPERTIES_BYTES = 5


class Decoder(Protocol):
    """Decompressed bytes in order."""

    def read(self, size_bytes: int) -> bytes:
        """At most ``size_bytes``; empty only at the end.

        Raises:
            Unreadable: the stream is damaged, cut off, or needs too much memory.
        """

    @property
    def consumed_bytes(self) -> int:
        """Compressed bytes taken from the source so far, read-ahead included."""

    @property
    def leftover_bytes(self) -> int:
        """After the end: compressed bytes that belong to no stream."""


class _Engine(Protocol):
    """What ``bz2`` and ``lzma`` decompressors have in common."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _ZlibEngine:
    """zlib's interface brought to that of the other engines."""

    def __init__(self, window_bits: int) -> None:
        self._inner = zlib.decompressobj(window_bits)
        self._more = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail and not self._more

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        output = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        # A full answer may leave output inside zlib although all input was taken.
        self._more = len(output) == max_length and not self._inner.eof
        return output


class _ZstdEngine:
    """One Zstandard frame; the library verifies the frame's checksum when there is one.

    The library bounds no output, so it is fed so little at a time that even the best compressed piece (a
    block of 128 KiB from four bytes) stays bounded.
    """

    _FEED_BYTES = 1_024

    def __init__(self) -> None:
        library = zstandard.ZstdDecompressor(max_window_size=MAX_DICTIONARY_BYTES)
        self._inner = library.decompressobj()
        self._input, self._taken = b"", 0
        self._output, self._given = b"", 0

    @property
    def eof(self) -> bool:
        return self._inner.eof and self._given == len(self._output)

    @property
    def needs_input(self) -> bool:
        return self._taken == len(self._input) and self._given == len(self._output)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data + self._input[self._taken :]

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        if data:
            self._input, self._taken = self._input[self._taken :] + data, 0
        while self._given == len(self._output) and self._taken < len(self._input) and not self._inner.eof:
            piece = self._input[self._taken : self._taken + self._FEED_BYTES]
            self._taken += len(piece)
            self._output, self._given = self._inner.decompress(piece), 0
        end = len(self._output) if max_length < 0 else min(len(self._output), self._given + max_length)
        answer = self._output[self._given : end]
        self._given = end
        return answer


def _corrupt(detail: str) -> Unreadable:
    return Unreadable("ARCH_CORRUPT", detail, Severity.DANGER)


class _Engined:
    """A decoder over an engine; streams that begin with one of ``magics`` may follow each other."""

    def __init__(
        self,
        source: Source,
        start: Callable[[], _Engine],
        magics: tuple[bytes, ...] = (),
        *,
        may_lack_end: bool = False,
    ) -> None:
        self._source, self._start, self._magics = source, start, magics
        self._at, self._engine = 0, start()
        self._ended = False
        self._may_lack_end = may_lack_end  # LZMA in zip may leave out its end mark
        self.leftover_bytes = 0

    @property
    def consumed_bytes(self) -> int:
        return self._at

    def read(self, size_bytes: int) -> bytes:
        while not self._ended:
            if self._engine.eof:
                self._next_stream()
                continue
            data = self._source.read_at(self._at, PIECE_BYTES >> 2) if self._engine.needs_input else b""
            self._at += len(data)
            at_end = not data and self._engine.needs_input
            try:
                output = self._engine.decompress(data, size_bytes)
            except _FAILURES as error:
                raise _corrupt(re.sub(r"^Error -?\d+ while decompressing data: ", "", str(error))) from None
            if output:
                return output
            if at_end and self._may_lack_end:
                break
            if at_end and not self._engine.eof:
                raise _corrupt("cut off")
        return b""

    def _next_stream(self) -> None:
        """After one stream: another one, padding of zeros, or something that belongs to no stream."""
        self._at -= len(self._engine.unused_data)
        ahead = b""
        while self._magics and (ahead := self._source.read_at(self._at, PIECE_BYTES)):
            padding = len(ahead) - len(ahead.lstrip(b"\0"))
            self._at += padding
            ahead = ahead[padding:]
            if ahead:
                break
        if ahead.startswith(self._magics) if self._magics else False:
            self._engine = self._start()
        else:
            self._ended = True
            self.leftover_bytes = self._source.size_bytes - self._at


class _Stored:
    """No compression at all."""

    def __init__(self, source: Source) -> None:
        self._source, self._at, self.leftover_bytes = source, 0, 0

    @property
    def consumed_bytes(self) -> int:
        return self._at

    def read(self, size_bytes: int) -> bytes:
        output = self._source.read_at(self._at, size_bytes)
        self._at += len(output)
        return output


def _raw_lzma(source: Source) -> Decoder:
    """LZMA as in zip (APPNOTE 5.8): version, size of properties, properties, raw stream."""
    header = source.read_at(0, 4 + _LZMA_PROPERTIES_BYTES)
    if (
        len(header) < 4 + _LZMA_PROPERTIES_BYTES
        or int.from_bytes(header[2:4], "little") != _LZMA_PROPERTIES_BYTES
    ):
        raise _corrupt("LZMA properties")
    code, dictionary = header[4], int.from_bytes(header[5:9], "little")
    if code >= 9 * 5 * 5:
        raise _corrupt("LZMA properties")
    if dictionary > MAX_DICTIONARY_BYTES:
        raise Unreadable("EXAMINE_LIMIT", f"LZMA dictionary of {dictionary} bytes")
    filters = [
        {
            "id": lzma.FILTER_LZMA1,
            "dict_size": max(dictionary, 4096),
            "lc": code % 9,
            "lp": code // 9 % 5,
            "pb": code // 45,
        }
    ]
    body = Window(source, 9, source.size_bytes - 9)

    def start() -> _Engine:
        return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=filters)

    return _Engined(body, start, may_lack_end=True)


def _lzma(container: int) -> Callable[[], _Engine]:
    return lambda: lzma.LZMADecompressor(container, memlimit=MAX_DICTIONARY_BYTES + (16 << 20))


def decoder(codec: str, source: Source) -> Decoder:
    """A decoder over all of ``source``: stored, deflate, gzip, bzip2, xz, lzma, zip-lzma or zstd."""
    if codec == "stored":
        return _Stored(source)
    if codec == "zip-lzma":
        return _raw_lzma(source)
    engine, magics = _ENGINES[codec]
    return _Engined(source, engine, magics)


_ENGINES: dict[str, tuple[Callable[[], _Engine], tuple[bytes, ...]]] = {
    "deflate": (lambda: _ZlibEngine(-zlib.MAX_WBITS), ()),
    "gzip": (lambda: _ZlibEngine(16 + zlib.MAX_WBITS), (b"\x1f\x8b\x08",)),
    "bzip2": (bz2.BZ2Decompressor, (b"BZh",)),
    "xz": (_lzma(lzma.FORMAT_XZ), (b"\xfd7zXZ\0",)),
    "lzma": (_lzma(lzma.FORMAT_ALONE), ()),
    "zstd": (_ZstdEngine, (b"\x28\xb5\x2f\xfd", *(bytes([0x50 + n]) + b"\x2a\x4d\x18" for n in range(16)))),
}
