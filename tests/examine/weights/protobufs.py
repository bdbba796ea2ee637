"""Protocol-buffer messages for tests, written field by field."""


def varint(value: int) -> bytes:
    """A number, negative ones in ten bytes."""
    value &= 2**64 - 1
    out = bytearray()
    while True:
        value, low = value >> 7, value & 0x7F
        out.append(low | (0x80 if value else 0))
        if not value:
            return bytes(out)


def num(number: int, value: int) -> bytes:
    """A number field."""
    return varint(number << 3) + varint(value)


def msg(number: int, *parts: bytes) -> bytes:
    """A bytes field: text, or a nested message."""
    content = b"".join(parts)
    return varint(number << 3 | 2) + varint(len(content)) + content
