"""HDF5 files built record by record: a superblock, and objects that were placed behind it."""

import struct

NOWHERE = 2**64 - 1
_FLOAT = struct.pack("<B3BI", 0x11, 0, 0, 0, 4) + bytes(12)


class Builder:
    """Places blocks one after the other and knows where they lie."""

    def __init__(self) -> None:
        self.body = b""

    def put(self, block: bytes) -> int:
        """The address of a block."""
        at = 96 + len(self.body)
        self.body += block + bytes(-len(block) % 8)
        return at

    def file(self, root: int) -> bytes:
        """The whole file with this root group."""
        size = 96 + len(self.body)
        return (
            b"\x89HDF\r\n\x1a\n"
            + bytes([0, 0, 0, 0, 0, 8, 8, 0])
            + bytes(8)
            + struct.pack("<QQQQ", 0, NOWHERE, size, NOWHERE)
            + struct.pack("<QQ24x", 0, root)
            + self.body
        )

    def object(self, *messages: tuple[int, bytes], version: int = 1) -> int:
        """An object header of either version."""
        if version == 1:
            body = b"".join(
                struct.pack("<HHB3x", kind, len(data) + -len(data) % 8, 0) + data + bytes(-len(data) % 8)
                for kind, data in messages
            )
            return self.put(struct.pack("<BxHII4x", 1, len(messages), 1, len(body)) + body)
        body = b"".join(struct.pack("<BHB", kind, len(data), 0) + data for kind, data in messages)
        return self.put(b"OHDR" + struct.pack("<BBI", 2, 2, len(body)) + body + bytes(4))

    def symbols(self, **links: int) -> int:
        """A group in the older format: heap, symbol node, tree, object."""
        names, places = bytes(8), {}
        for name in links:
            places[name] = len(names)
            names += name.encode() + b"\0"
        data = self.put(names)
        heap = self.put(b"HEAP" + bytes(4) + struct.pack("<QQQ", len(names), NOWHERE, data))
        rows = b"".join(
            struct.pack("<QQII16x", places[name], address, 0, 0) for name, address in links.items()
        )
        node = self.put(b"SNOD" + struct.pack("<BxH", 1, len(links)) + rows)
        tree = self.put(b"TREE" + struct.pack("<BBHQQQQQ", 0, 0, 1, NOWHERE, NOWHERE, 0, node, 8))
        return self.object((0x11, struct.pack("<QQ", tree, heap)))


def link(name: str, kind: int, rest: bytes) -> tuple[int, bytes]:
    """A link message."""
    raw = name.encode()
    return 0x06, bytes([1, 8, kind, len(raw)]) + raw + rest


def hard(name: str, address: int) -> tuple[int, bytes]:
    """A link to an object."""
    return link(name, 0, struct.pack("<Q", address))


def elsewhere(name: str, file: str) -> tuple[int, bytes]:
    """A link into another file."""
    target = b"\0" + file.encode() + b"\0/x\0"
    return link(name, 64, struct.pack("<H", len(target)) + target)


def numbers(*shape: int, at: int = NOWHERE, size: int | None = None) -> list[tuple[int, bytes]]:
    """The messages of a dataset of 32-bit numbers in one stretch."""
    count = 4
    for length in shape:
        count *= length
    return [
        (0x01, struct.pack("<BBB5x", 1, len(shape), 0) + struct.pack(f"<{len(shape)}Q", *shape)),
        (0x03, _FLOAT),
        (0x08, struct.pack("<BBQQ", 3, 1, at, count if size is None else size)),
    ]
