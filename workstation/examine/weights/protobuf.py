"""Protocol-buffer wire format, read field by field; nested messages are spans, not copies."""

from collections.abc import Iterator
from typing import NamedTuple

from workstation.examine.reader import Unreadable
from workstation.examine.weights.tensors import Cursor, broken

MAX_FIELDS = 4_000_000
MAX_DEPTH = 64
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_MAX_VARINT_BYTES = 10


class Field(NamedTuple):
    """One field of a message: a number, or the place of its bytes."""

    number: int
    wire: int
    value: int  # the number itself, or the offset of the bytes
    size_bytes: int  # 0 for numbers

    @property
    def is_bytes(self) -> bool:
        """Whether the field holds bytes: text, a nested message, packed numbers."""
        return self.wire == _BYTES

    @property
    def signed(self) -> int:
        """A varint as int64."""
        return self.value - (1 << 64) if self.value >= 1 << 63 else self.value


class Wire:
    """Walks messages of one file and counts the fields, so that hostile nesting ends."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.fields = 0

    def message(self, start: int, size_bytes: int) -> Iterator[Field]:
        """The fields of the message at ``start``; a caller may walk a nested one in between."""
        cursor, at, end = self.cursor, start, start + size_bytes
        while at < end:
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_FIELDS} fields")
            cursor.seek(at)
            key = self._varint(end)
            number, wire = key >> 3, key & 7
            if not 0 < number < 1 << 29:
                raise broken("protobuf", f"field number {number} at {at}")
            field = self._field(number, wire, end)
            at = cursor.at + field.size_bytes
            yield field

    def whole(self) -> Iterator[Field]:
        """The fields of the outermost message."""
        return self.message(0, self.cursor.end)

    def inside(self, field: Field) -> Iterator[Field]:
        """The fields of a nested message."""
        if not field.is_bytes:
            raise broken("protobuf", f"field {field.number} is no message")
        return self.message(field.value, field.size_bytes)

    def text(self, field: Field, limit: int = 4_096) -> str:
        """Text of a field, at most ``limit`` bytes of it, undecodable bytes made visible."""
        return self.raw(field, limit).decode("utf-8", "backslashreplace")

    def raw(self, field: Field, limit: int) -> bytes:
        """Bytes of a field, at most ``limit``."""
        if not field.is_bytes:
            raise broken("protobuf", f"field {field.number} is no text")
        return self.cursor.source.read_at(field.value, min(field.size_bytes, limit))

    def numbers(self, field: Field) -> Iterator[int]:
        """The varints of a repeated field, packed or single."""
        if not field.is_bytes:
            yield field.value
            return
        at, end = field.value, field.value + field.size_bytes
        while at < end:
            self.fields += 1
            if self.fields > MAX_FIELDS:
                raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_FIELDS} fields")
            self.cursor.seek(at)
            value = self._varint(end)
            at = self.cursor.at
            yield value

    def _field(self, number: int, wire: int, end: int) -> Field:
        cursor = self.cursor
        if wire == _VARINT:
            return Field(number, wire, self._varint(end), 0)
        if wire == _BYTES:
            size = self._varint(end)
            if size > end - cursor.at:
                raise broken("truncated", f"field {number}: {size} bytes where {end - cursor.at} are left")
            return Field(number, wire, cursor.at, size)
        if wire in {_FIXED64, _FIXED32}:
            size = 8 if wire == _FIXED64 else 4
            if size > end - cursor.at:
                raise broken("truncated", f"field {number} at {cursor.at}")
            return Field(number, wire, cursor.integer(size), 0)
        raise broken("protobuf", f"wire type {wire} of field {number}")

    def _varint(self, end: int) -> int:
        value = shift = 0
        cursor = self.cursor
        for _ in range(_MAX_VARINT_BYTES):
            if cursor.at >= end:
                raise broken("truncated", f"number at {cursor.at}")
            byte = cursor.read(1)[0]
            value |= (byte & 0x7F) << shift
            if byte < 0x80:  # noqa: PLR2004 - the last byte has no continuation bit
                return value & (2**64 - 1)
            shift += 7
        raise broken("protobuf", f"number longer than {_MAX_VARINT_BYTES} bytes at {cursor.at}")
