"""Pickle opcodes, protocols 0 to 5, read one at a time from untrusted bytes. Nothing is ever loaded.

The standard library's disassembler reads every argument whole and stops at text that does not decode; here
long arguments are stepped over and undecodable text is shown escaped, so that a payload cannot hide behind
either.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from workstation.examine.reader import Unreadable
from workstation.examine.weights.tensors import Cursor

MAX_KEPT_BYTES = 4_096
_MAX_LINE_BYTES = 1 << 20
_STOP = 0x2E
_HEAD_BYTES = 8


class Span(NamedTuple):
    """Bytes left in the file: where they are and how many."""

    offset: int
    size_bytes: int
    head: bytes  # the first few, to tell what is worth a look


# Position, name, and argument: text, a number, a span of bytes, a pair of names, or None. A plain tuple,
# because files of millions of operations are common.
Operation = tuple[int, str, object]


def broken(detail: str) -> Unreadable:
    """The bytes are no pickle, or end in the middle of one."""
    return Unreadable("MODEL_UNPARSED", detail)


def operations(cursor: Cursor) -> Iterator[Operation]:
    """Operations up to and including STOP.

    Raises:
        Unreadable: an unknown opcode, an argument that does not parse, or the end of the bytes before STOP.
    """
    while True:
        code = cursor.byte()
        known = _BY_BYTE[code] if code >= 0 else None
        if known is None:
            raise broken(f"opcode {code:#04x} at {cursor.at - 1}" if code >= 0 else "ends without STOP")
        name, reader = known
        if reader is None:
            yield (cursor.at - 1, name, None)
            if code == _STOP:
                return
            continue
        at = cursor.at - 1
        try:
            argument = reader(cursor)
        except (ValueError, Unreadable) as error:
            detail = error.detail if isinstance(error, Unreadable) else str(error)[:200]
            raise broken(f"{name} at {at}: {detail}") from None
        yield (at, name, argument)


Reader = Callable[[Cursor], object]


def _byte(cursor: Cursor) -> int:
    value = cursor.byte()
    if value < 0:
        raise broken("the bytes end")
    return value


def _number(size_bytes: int, *, signed: bool = False) -> Reader:
    return lambda cursor: cursor.integer(size_bytes, signed=signed)


def _text(length_bytes: int) -> Reader:
    def read(cursor: Cursor) -> object:
        length = cursor.integer(length_bytes)
        if length > MAX_KEPT_BYTES:
            return _span(cursor, length)
        return cursor.read(length).decode("utf-8", "backslashreplace")

    return read


def _bytes(length_bytes: int) -> Reader:
    return lambda cursor: _span(cursor, cursor.integer(length_bytes))


def _old_string(cursor: Cursor) -> object:
    length = cursor.integer(4, signed=True)
    if not 0 <= length <= MAX_KEPT_BYTES:
        return _span(cursor, length)
    # Protocol 1 text may be a name or bytes; Latin 1 keeps both.
    return cursor.read(length).decode("latin-1")


def _span(cursor: Cursor, length: int) -> Span:
    if not 0 <= length <= cursor.left:
        raise broken(f"{length} bytes where {cursor.left} are left")
    at = cursor.at
    head = cursor.read(min(length, _HEAD_BYTES))
    cursor.skip(length - len(head))
    return Span(at, length, head)


def _line(cursor: Cursor) -> bytes:
    line = cursor.line(min(_MAX_LINE_BYTES, cursor.left))
    if line is None:
        raise broken("no end of line")
    return line


def _line_text(cursor: Cursor) -> str:
    return _line(cursor).decode("utf-8", "backslashreplace")


def _line_string(cursor: Cursor) -> str:
    raw = _line(cursor).strip()
    if len(raw) >= 2 and raw[:1] == raw[-1:] and raw[:1] in b"'\"":  # noqa: PLR2004 - a pair of quotes
        raw = raw[1:-1]
    return raw.decode("ascii", "backslashreplace").encode().decode("unicode_escape", "replace")


def _line_unicode(cursor: Cursor) -> str:
    return _line(cursor).decode("raw_unicode_escape", "replace")


def _line_number(cursor: Cursor) -> object:
    text = _line(cursor).strip().rstrip(b"L")
    if text in {b"00", b"01"}:
        return text == b"01"
    return int(text) if len(text) < 400 else None  # noqa: PLR2004 - longer numbers name nothing


def _line_float(cursor: Cursor) -> None:
    float(_line(cursor))


def _two_lines(cursor: Cursor) -> tuple[str, str]:
    return _line_text(cursor), _line_text(cursor)


def _long(length_bytes: int) -> Reader:
    def read(cursor: Cursor) -> object:
        span = _span(cursor, cursor.integer(length_bytes, signed=length_bytes > 1))
        if span.size_bytes > 16:  # noqa: PLR2004 - longer numbers name nothing
            return None
        return int.from_bytes(cursor.source.read_at(span.offset, span.size_bytes), "little", signed=True)

    return read


def _float(cursor: Cursor) -> None:
    struct.unpack(">d", cursor.read(8))


def _frame(cursor: Cursor) -> int:
    length = cursor.integer(8)
    if length > cursor.left:
        raise broken(f"frame of {length} bytes where {cursor.left} are left")
    return length


_TABLE: dict[bytes, tuple[str, Reader | None]] = {
    b"(": ("MARK", None),
    b".": ("STOP", None),
    b"0": ("POP", None),
    b"1": ("POP_MARK", None),
    b"2": ("DUP", None),
    b"F": ("FLOAT", _line_float),
    b"I": ("INT", _line_number),
    b"J": ("BININT", _number(4, signed=True)),
    b"K": ("BININT1", _byte),
    b"L": ("LONG", _line_number),
    b"M": ("BININT2", _number(2)),
    b"N": ("NONE", None),
    b"P": ("PERSID", _line_text),
    b"Q": ("BINPERSID", None),
    b"R": ("REDUCE", None),
    b"S": ("STRING", _line_string),
    b"T": ("BINSTRING", _old_string),
    b"U": ("SHORT_BINSTRING", _text(1)),
    b"V": ("UNICODE", _line_unicode),
    b"X": ("BINUNICODE", _text(4)),
    b"a": ("APPEND", None),
    b"b": ("BUILD", None),
    b"c": ("GLOBAL", _two_lines),
    b"d": ("DICT", None),
    b"}": ("EMPTY_DICT", None),
    b"e": ("APPENDS", None),
    b"g": ("GET", _line_number),
    b"h": ("BINGET", _byte),
    b"i": ("INST", _two_lines),
    b"j": ("LONG_BINGET", _number(4)),
    b"l": ("LIST", None),
    b"]": ("EMPTY_LIST", None),
    b"o": ("OBJ", None),
    b"p": ("PUT", _line_number),
    b"q": ("BINPUT", _byte),
    b"r": ("LONG_BINPUT", _number(4)),
    b"s": ("SETITEM", None),
    b"t": ("TUPLE", None),
    b")": ("EMPTY_TUPLE", None),
    b"u": ("SETITEMS", None),
    b"G": ("BINFLOAT", _float),
    b"\x80": ("PROTO", _byte),
    b"\x81": ("NEWOBJ", None),
    b"\x82": ("EXT1", _byte),
    b"\x83": ("EXT2", _number(2)),
    b"\x84": ("EXT4", _number(4, signed=True)),
    b"\x85": ("TUPLE1", None),
    b"\x86": ("TUPLE2", None),
    b"\x87": ("TUPLE3", None),
    b"\x88": ("NEWTRUE", None),
    b"\x89": ("NEWFALSE", None),
    b"\x8a": ("LONG1", _long(1)),
    b"\x8b": ("LONG4", _long(4)),
    b"B": ("BINBYTES", _bytes(4)),
    b"C": ("SHORT_BINBYTES", _bytes(1)),
    b"\x8c": ("SHORT_BINUNICODE", _text(1)),
    b"\x8d": ("BINUNICODE8", _text(8)),
    b"\x8e": ("BINBYTES8", _bytes(8)),
    b"\x8f": ("EMPTY_SET", None),
    b"\x90": ("ADDITEMS", None),
    b"\x91": ("FROZENSET", None),
    b"\x92": ("NEWOBJ_EX", None),
    b"\x93": ("STACK_GLOBAL", None),
    b"\x94": ("MEMOIZE", None),
    b"\x95": ("FRAME", _frame),
    b"\x96": ("BYTEARRAY8", _bytes(8)),
    b"\x97": ("NEXT_BUFFER", None),
    b"\x98": ("READONLY_BUFFER", None),
}
_BY_BYTE = tuple(_TABLE.get(bytes([code])) for code in range(256))
