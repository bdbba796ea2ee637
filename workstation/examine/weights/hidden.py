"""Constants that look like something packed away: base64, hexadecimal, compressed bytes.

Nothing here decides; it unpacks a bounded number of bytes through a bounded number of layers so that the
reader above can look at what comes out.
"""

import base64
import binascii
import re
import zlib

LEAST_BYTES = 6
WORTH_A_LOOK = (b"\x80", b"\x78", b"PK", b"c", b"(", b"gA")  # pickles, compressed, zip, text pickles, base64
MAX_LAYERS = 4
MAX_UNPACKED_BYTES = 1 << 20
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}\s*\Z")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-fA-F]{2}){8,}\s*\Z")
_PICKLE_START = re.compile(rb"\x80[\x00-\x05][\x80-\x98(\]}\)cCXUVSIJKMNBLFGhjgPQR]")
_TEXT_PICKLE = re.compile(
    rb"c[A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|\((?:[SVIF][^\n]*\n|p\d+\n|[lt]){0,50}(?:i[\w.]+\n\w+\n|c[\w.]+\n\w+\n)"
)


def may_encode(text: str) -> bool:
    """Whether a text constant may be an encoding of bytes."""
    if len(text) < 16:  # noqa: PLR2004 - the smallest payload that calls something is longer
        return False
    return bool(_BASE64.match(text) or _HEX.match(text))


def looks_packed(text: str) -> bool:
    """Whether the beginning of an encoded text decodes to a pickle, compressed bytes, or encoded text."""
    try:
        inner = _decoded(text.strip()[:64]) or b""
    except (UnicodeDecodeError, binascii.Error):
        return False
    if starts_like_pickle(inner) or inner[:2] in {b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"}:
        return True
    return inner.isascii() and may_encode(inner.decode("ascii"))


def starts_like_pickle(head: bytes) -> bool:
    """Whether bytes begin as a pickle of protocol 2 or later, or as a text pickle that looks up a name."""
    return bool(_PICKLE_START.match(head) or _TEXT_PICKLE.match(head))


def pickle_offsets(content: bytes, limit: int = 64) -> list[int]:
    """Where a pickle may begin inside other bytes."""
    return [found.start() for found, _ in zip(_PICKLE_START.finditer(content), range(limit), strict=False)]


def layers(content: bytes | str) -> list[bytes]:
    """What comes out of a constant, layer by layer, while it goes on looking encoded."""
    found: list[bytes] = []
    current = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if not isinstance(content, str):
        found.append(current)
    for _ in range(MAX_LAYERS):
        inner = _unpack(current)
        if inner is None:
            break
        found.append(inner)
        current = inner
    return found


def _unpack(content: bytes) -> bytes | None:
    if content[:1] == b"\x78" and len(content) > LEAST_BYTES:
        try:
            return zlib.decompressobj().decompress(content, MAX_UNPACKED_BYTES)
        except zlib.error:
            return None
    try:
        return _decoded(content[: 2 * MAX_UNPACKED_BYTES].decode("ascii").strip())
    except (UnicodeDecodeError, binascii.Error):
        return None


def _decoded(text: str) -> bytes | None:
    if _HEX.match(text):
        return binascii.unhexlify(text.removeprefix("0x"))
    if _BASE64.match(text):
        return base64.b64decode(text.translate(str.maketrans("-_", "+/")) + "=" * (-len(text) % 4))
    return None
