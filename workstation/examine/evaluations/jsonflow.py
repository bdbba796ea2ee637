"""JSON read as a stream: one value at a time, each captured below a bound or skipped, in flat memory.

Evaluation logs reach gigabytes, are written by Python (so ``NaN`` and ``Infinity`` occur) and may have been
cut off by a killed run. The outermost objects and arrays are walked here; what lies below is handed out as
raw bytes and judged by ``value_of``.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from workstation.examine.reader import Source, Unreadable, pieces

MAX_DEPTH = 400
MAX_KEY_BYTES = 64 << 10
MAX_SCALAR_BYTES = 4_096
MAX_INTEGER_DIGITS = 400

_BALANCED_LEVELS = 10
# A leap looks at so many bytes at a time, and at more where the one before went well.
_LEAST_LEAP_BYTES, _MOST_LEAP_BYTES = 1 << 10, 256 << 10
_ESCAPED_SIGN = re.compile(rb'\\["\\]')
_SIDES = bytes.maketrans(b"[]", b"{}")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_HIDDEN = b"\x01\x01"  # no valid text holds this byte, so an escape outside of a string is noticed


def _run() -> re.Pattern[bytes]:
    """Everything up to the next bracket that is not closed within a few levels or within the buffer.

    Python code is reached once for such a bracket only, which makes walking a log ten times faster. No group
    is possessive that holds a choice: Python before 3.11.5 matches those wrongly (gh-106052).
    """
    plain = rb'[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"'
    pattern = plain
    for _level in range(_BALANCED_LEVELS):
        pattern = plain + rb"|[\[{](?:" + pattern + rb")*[\]}]"
    return re.compile(rb"(?:" + pattern + rb")*", re.DOTALL)


_RUN = _run()
_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_SCALAR = re.compile(rb"[-+.0-9A-Za-z]*+")
_WHITE = re.compile(rb"[ \t\r\n]*+")
_NOT_NUMBERS = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")|(-?Infinity|NaN)\b', re.DOTALL)


class CutOff(Unreadable):
    """The text ends inside a value."""

    def __init__(self, detail: str) -> None:
        super().__init__("EVAL_TRUNCATED", detail)


def invalid(detail: str) -> Unreadable:
    """The text is no JSON, or not the JSON of its format."""
    return Unreadable("EVAL_INVALID", detail)


def _without_escapes(stretch: bytes) -> bytes:
    """The same length or one less, without backslashes before which nobody can tell what a quote means."""
    if b"\\" not in stretch:
        return stretch
    plain = _ESCAPED_SIGN.sub(_HIDDEN, stretch)
    return plain[:-1] if plain.endswith(b"\\") else plain


def _balance(outside: bytes) -> tuple[int, int] | None:
    """How many brackets it closes of those before it, and how many stay open; None where that is not plain.

    Brackets within brackets are taken away from the inside out, so deep ones are left to the exact walk.
    """
    brackets = outside.translate(_SIDES, _NO_BRACKETS)
    for _level in range(_BALANCED_LEVELS):
        fewer = brackets.replace(b"{}", b"")
        if len(fewer) == len(brackets):
            closed = brackets.count(b"}")
            return closed, len(brackets) - closed
        brackets = fewer
    return None


class JsonFlow:
    """A cursor over JSON that arrives in chunks. The caller consumes each value before the next.

    Raises:
        CutOff: the text ends too early.
        Unreadable: EVAL_INVALID, the text is no JSON.
    """

    def __init__(self, chunks: Iterator[bytes], begin: int = 0) -> None:
        self._chunks = chunks
        self._buffer = b""
        self._at = 0
        self._before = begin
        self._keep: bytearray | None = None
        self._limit = 0
        self._walk_until = 0  # there was no leap here, so not every bracket tries another
        if self._more() and self._buffer.startswith(b"\xef\xbb\xbf"):
            self._at = 3

    @property
    def position(self) -> int:
        """Bytes consumed so far, counted from where the text was said to begin."""
        return self._before + self._at

    def peek(self) -> bytes:
        """The first byte of the next token; empty at the end of the text."""
        while True:
            match = _WHITE.match(self._buffer, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._buffer):
                return self._buffer[self._at : self._at + 1]
            if not self._more():
                return b""

    def names(self) -> Iterator[str]:
        """The names of the object that begins here."""
        self._take(b"{")
        if self._closes(b"}"):
            return
        while True:
            if self.peek() != b'"':
                raise self._wrong("name")
            raw = self.raw(MAX_KEY_BYTES)
            if raw is None:
                raise self._wrong("name of sane length")
            self._take(b":")
            yield str(value_of(raw))
            if self._closes(b"}"):
                return
            self._take(b",")

    def items(self) -> Iterator[int]:
        """Numbers of the items of the array that begins here."""
        self._take(b"[")
        if self._closes(b"]"):
            return
        number = 0
        while True:
            yield number
            number += 1
            if self._closes(b"]"):
                return
            self._take(b",")

    def raw(self, limit_bytes: int) -> bytes | None:
        """The next value's bytes, or None (and the value is skipped) when there are more than that."""
        self._keep, self._limit = bytearray(), limit_bytes
        self._value()
        kept, self._keep = self._keep, None
        return None if kept is None else bytes(kept)

    def skip(self) -> None:
        """Go past the next value; only its brackets and strings are looked at."""
        self._keep = None
        self._value()

    def finish(self) -> None:
        """Refuse anything but white space after the value."""
        if self.peek():
            raise self._wrong("end")

    def _wrong(self, wanted: str) -> Unreadable:
        return invalid(f"byte {self.position}: {wanted} expected") if self.peek() else self._cut()

    def _cut(self) -> CutOff:
        return CutOff(f"ends at byte {self.position}")

    def _take(self, byte: bytes) -> None:
        if self.peek() != byte:
            raise self._wrong(byte.decode())
        self._at += 1

    def _closes(self, byte: bytes) -> bool:
        if self.peek() != byte:
            return False
        self._at += 1
        return True

    def _more(self) -> bool:
        """Fetch another chunk; what was consumed is let go."""
        chunk = next(self._chunks, b"")
        if not chunk:
            return False
        self._before += self._at
        self._buffer = self._buffer[self._at :] + chunk
        self._at = 0
        return True

    def _give(self, end: int) -> None:
        """Consume up to ``end``, and keep it as long as that fits."""
        if self._keep is not None:
            if len(self._keep) + end - self._at > self._limit:
                self._keep = None
            else:
                self._keep += self._buffer[self._at : end]
        self._at = end

    def _value(self) -> None:
        first = self.peek()
        if not first:
            raise self._cut()
        if first in b'{["':
            self._nested()
        else:
            self._scalar()

    def _scalar(self) -> None:
        """A number or word, which is bounded: a gigabyte of digits is no number."""
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            end = match.end() if match else self._at
            if end - self._at > MAX_SCALAR_BYTES:
                raise invalid(f"byte {self.position}: number too long")
            if end < len(self._buffer) or not self._more():
                break
        if end == self._at:
            raise self._wrong("value")
        self._give(end)

    def _nested(self) -> None:
        """A string, object or array."""
        depth = 0
        while True:
            if self._at >= len(self._buffer) and not self._more():
                raise self._cut()
            if depth and self.position >= self._walk_until:
                depth = self._leap(depth)
            match = _RUN.match(self._buffer, self._at) if depth else None
            if match:
                self._give(match.end())
                if self._at >= len(self._buffer):
                    continue
            sign = self._buffer[self._at : self._at + 1]
            self._give(self._at + 1)
            if sign == b'"':
                self._rest_of_string()
            elif sign in b"{[":
                depth += 1
            else:
                depth -= 1
            if depth > MAX_DEPTH:
                raise invalid(f"byte {self.position}: deeper than {MAX_DEPTH}")
            if depth == 0:
                return

    def _leap(self, depth: int) -> int:
        """Go on as far as the value surely does not end, and return the depth there.

        Long texts are searched for quotes and brackets at the speed of memory; the exact walk then has only
        the last bytes of a value left, and what is not plain.
        """
        length = _LEAST_LEAP_BYTES
        while length >= _LEAST_LEAP_BYTES and len(self._buffer) - self._at > _LEAST_LEAP_BYTES:
            plain = _without_escapes(self._buffer[self._at : self._at + length])
            parts = plain.split(b'"')
            end = len(plain)
            if len(parts) % 2 == 0:  # it ends within a string
                end -= len(parts.pop()) + 1
            if not end and plain:
                self._give(self._at + 1)
                self._rest_of_string()
                continue
            outside = b"".join(parts[::2])
            balance = _balance(outside) if b"\x01" not in outside else None
            closed, opened = balance or (depth, 0)
            if closed >= depth or max(depth, depth + opened - closed) + _BALANCED_LEVELS > MAX_DEPTH:
                length //= 8
                continue
            depth += opened - closed
            self._give(self._at + end)
            length = min(length * 4, _MOST_LEAP_BYTES)
        self._walk_until = self.position + _LEAST_LEAP_BYTES
        return depth

    def _rest_of_string(self) -> None:
        while True:
            length = _LEAST_LEAP_BYTES
            while len(self._buffer) - self._at > length:
                plain = _without_escapes(self._buffer[self._at : self._at + length])
                end = plain.find(b'"')
                if end >= 0:
                    self._give(self._at + end + 1)
                    return
                self._give(self._at + len(plain))
                length = min(length * 4, _MOST_LEAP_BYTES)
            match = _STRING.match(self._buffer, self._at)
            if match:
                self._give(match.end())
            if self._buffer[self._at : self._at + 1] == b'"':
                self._give(self._at + 1)
                return
            if not self._more():
                raise self._cut()


def flow(source: Source) -> JsonFlow:
    """A cursor over a whole source."""
    return JsonFlow(pieces(source))


def _integer(digits: str) -> int | float:
    if len(digits) > MAX_INTEGER_DIGITS:
        return float("-inf" if digits.startswith("-") else "inf")
    return int(digits)


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unreadable("EVAL_AMBIGUOUS", f"name written twice: {twice[:100]}")
    return found


def value_of(raw: bytes) -> Any:
    """A small JSON value built, with ``NaN`` and ``Infinity`` as Python writes them.

    Raises:
        Unreadable: EVAL_INVALID; EVAL_AMBIGUOUS when an object has a name twice.
    """
    try:
        return json.loads(raw, object_pairs_hook=_distinct, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise invalid(str(error)[:200]) from None


_Wanted = TypeVar("_Wanted", bound=msgspec.Struct)


def fields_of(raw: bytes, wanted: type[_Wanted]) -> tuple[_Wanted, int]:
    """The wanted fields of a large object, the whole of which is checked but not built.

    Returns:
        The fields, and how often ``NaN`` or ``Infinity`` was met.

    Raises:
        Unreadable: EVAL_INVALID.
    """
    try:
        return msgspec.json.decode(raw, type=wanted), 0
    except RecursionError:
        raise invalid("nested too deep") from None
    except (msgspec.DecodeError, ValueError):
        plain, count = _without_not_numbers(raw)
    if not count:
        plain = raw
    try:
        return msgspec.json.decode(plain, type=wanted), count
    except RecursionError:
        raise invalid("nested too deep") from None
    except (msgspec.DecodeError, ValueError) as error:
        raise invalid(str(error)[:200]) from None


def _without_not_numbers(raw: bytes) -> tuple[bytes, int]:
    """The text with ``NaN`` and ``Infinity`` outside of strings as ``null``, and how many there were."""
    count = 0

    def replaced(match: re.Match[bytes]) -> bytes:
        nonlocal count
        if match[1] is not None:
            return match[1]
        count += 1
        return b"null"

    return _NOT_NUMBERS.sub(replaced, raw), count
