"""Tokens of PDF syntax (ISO 32000-1 7.2, 7.3), for rules about how the bytes are written.

The PDF libraries normalise what they read; PDF/A also rules on the bytes themselves.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_REGULAR = rb"[^\x00\t\n\x0c\r ()<>\[\]{}/%]"
_TOKEN = re.compile(
    rb"(?P<space>[\x00\t\n\x0c\r ]+)"
    rb"|(?P<comment>%[^\r\n]*)"
    rb"|(?P<name>/" + _REGULAR + rb"*)"
    rb"|(?P<open><<)|(?P<close>>>)"
    rb"|(?P<hex><[^<>]*>)"
    rb"|(?P<string>\()"
    rb"|(?P<number>[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?!" + _REGULAR + rb"))"
    rb"|(?P<word>" + _REGULAR + rb"+|[\[\]{}])"
    rb"|(?P<other>.)",
    re.DOTALL,
)
_STRING_PART = re.compile(rb"[()\\]")
_ESCAPED = re.compile(rb"\\(?:[0-7]{1,3}|\r\n|.)", re.DOTALL)
_NAME_HEX = re.compile(rb"#([0-9A-Fa-f]{2})")
_INLINE_END = re.compile(rb"(?<=[\x00\t\n\x0c\r ])EI(?=[\x00\t\n\x0c\r /\[<(%]|$)")


@dataclass(frozen=True, slots=True)
class Token:
    """One token; ``kind`` is a group name of the table above, without space and comment."""

    kind: str
    raw: bytes
    at: int
    end: int


def tokens(content: bytes, at: int = 0, end: int | None = None) -> Iterator[Token]:
    """Tokens from ``at`` on. An inline image's data is passed over after ``ID``."""
    end = len(content) if end is None else end
    while at < end:
        match = _TOKEN.match(content, at, end)
        if match is None:
            return
        kind = match.lastgroup or "other"
        stop = _string_end(content, at, end) if kind == "string" else match.end()
        if kind not in {"space", "comment"}:
            yield Token(kind, content[at:stop], at, stop)
        at = stop
        if kind == "word" and match.group() == b"ID":
            image_end = _INLINE_END.search(content, at, end)
            at = image_end.start() if image_end else at


def _string_end(content: bytes, at: int, end: int) -> int:
    depth = 0
    while match := _STRING_PART.search(content, at, end):
        at = match.end()
        if match.group() == b"\\":
            at += 1
        else:
            depth += 1 if match.group() == b"(" else -1
            if depth == 0:
                return at
    return end


def string_length(raw: bytes) -> int:
    """Bytes of a literal or hexadecimal string after its escapes."""
    if raw.startswith(b"<"):
        return (len(re.sub(rb"[\x00\t\n\x0c\r <>]", b"", raw)) + 1) // 2
    return len(_ESCAPED.sub(b"x", raw)) - 2


def name_bytes(raw: bytes) -> bytes:
    """A name without its slash, its ``#xx`` resolved."""
    return _NAME_HEX.sub(lambda m: bytes([int(m[1], 16)]), raw[1:])
