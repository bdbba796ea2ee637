"""A file out of a container, unpacked once for as long as somebody looks at it.

Small ones lie in memory. Larger ones lie on the disk, sealed piece by piece with AES-256-GCM under a key that
is made for this one file, is kept nowhere and is gone with this object: ``docs/adr/0025-unpacked-once.md``.
"""

import os
import secrets
import shutil
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from workstation.core import viewing
from workstation.core.viewing import CannotShow
from workstation.examine import shown, wire
from workstation.examine.reader import BytesSource, Source

_PIECE_BYTES = 256 << 10
_TAG_BYTES = 16
_PIECES_OPEN = 16  # 4 MiB
_NONCE_BYTES = 12
_MOST_BEYOND = shown.MAX_ANSWER_BYTES


class Keeper(Protocol):
    """Takes the bytes of one file in order."""

    def add(self, data: bytes) -> None:
        """The next of them."""

    def source(self) -> Source:
        """All of them, to be read."""


class InMemory:
    """A small file."""

    def __init__(self, name: str) -> None:
        self._name, self._body = name, bytearray()

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._body += data

    def source(self) -> Source:
        """All of them."""
        return BytesSource(bytes(self._body), self._name)


class Sealed:
    """A large file; a ``Source`` once it was taken whole. The file on the disk has no name from the start.

    Raises:
        OSError: the disk has no room; ``add`` as well.
    """

    def __init__(self, name: str, size_bytes: int) -> None:
        self._name, self._size = name, size_bytes
        self._cipher = AESGCM(secrets.token_bytes(32))
        self._pieces: OrderedDict[int, bytes] = OrderedDict()
        self._pending = bytearray()
        self._count = 0
        # Half of the room stays for everybody else.
        if shutil.disk_usage(tempfile.gettempdir()).free < 2 * size_bytes:
            raise OSError("no room to unpack")
        self._file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by ``close``

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Whole length."""
        return self._size

    def add(self, data: bytes) -> None:
        """The next bytes."""
        self._pending += data
        while len(self._pending) >= _PIECE_BYTES:
            self._seal(bytes(self._pending[:_PIECE_BYTES]))
            del self._pending[:_PIECE_BYTES]

    def source(self) -> Source:
        """All of them."""
        if self._pending:
            self._seal(bytes(self._pending))
            self._pending.clear()
        return self

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes`` from ``offset``; shorter only at the end.

        Raises:
            CannotShow: the disk gives other bytes than were written.
        """
        end = min(self._size, offset + size_bytes)
        parts = []
        while offset < end:
            piece = self._piece(offset // _PIECE_BYTES)
            begin = offset % _PIECE_BYTES
            part = piece[begin : begin + end - offset]
            parts.append(part)
            offset += len(part)
        return b"".join(parts)

    def close(self) -> None:
        """Let go of key and file; nothing can be read any more."""
        self._file.close()
        self._pieces.clear()
        self._cipher = AESGCM(bytes(32))

    def _seal(self, piece: bytes) -> None:
        # A key seals each number once, so the number of the piece may be the nonce.
        sealed = memoryview(self._cipher.encrypt(_nonce(self._count), piece, None))
        while sealed:
            sealed = sealed[self._file.write(sealed) or 0 :]
        self._count += 1

    def _piece(self, number: int) -> bytes:
        if number in self._pieces:
            self._pieces.move_to_end(number)
            return self._pieces[number]
        width = _PIECE_BYTES + _TAG_BYTES
        try:
            sealed = os.pread(self._file.fileno(), width, number * width)
            piece = self._cipher.decrypt(_nonce(number), sealed, None)
        except (OSError, InvalidTag, ValueError):
            raise CannotShow(reason_code="VIEW_LOST", untrusted_detail=self._name[:200]) from None
        self._pieces[number] = piece
        if len(self._pieces) > _PIECES_OPEN:
            self._pieces.popitem(last=False)
        return piece


def _nonce(number: int) -> bytes:
    return number.to_bytes(_NONCE_BYTES, "big")


def received(
    messages: Iterator[wire.FromWorker], keeper: Keeper, most_bytes: int, tell: Callable[[int], None]
) -> Source:
    """Exactly the promised number of bytes, and no more than may be kept; ``tell`` gets how many so far.

    Raises:
        Nonsense: anything else.
        CannotShow: the worker says why not.
        OSError: the disk has no room.
    """
    size_bytes: int | None = None
    refusal = bytearray()
    count = 0
    for message in messages:
        if isinstance(message, wire.Answer) and size_bytes is None and not refusal:
            size_bytes = int(shown.decoded(message.json, shown.Inner).size_bytes)
        elif not isinstance(message, wire.Chunk) or max(count - most_bytes, len(refusal)) > _MOST_BEYOND:
            raise wire.Nonsense("not part of a file")
        elif size_bytes is None:
            refusal += message.data
        else:
            keeper.add(message.data)
            count += len(message.data)
            tell(count)
    if size_bytes is None:
        answer = shown.decoded(bytes(refusal))
        raise CannotShow(reason_code=answer.code, untrusted_detail=answer.detail)
    if size_bytes != count or count > most_bytes:
        raise wire.Nonsense("file of another length than promised")
    return keeper.source()


def keeper_for(name: str, size_bytes: int) -> Keeper | None:
    """Where to keep a file of that length; None where it is too large, or no disk has the room."""
    if size_bytes <= viewing.MAX_HELD_BYTES:
        return InMemory(name)
    if size_bytes > viewing.MAX_SEALED_BYTES:
        return None
    try:
        return Sealed(name, size_bytes)
    except OSError:
        return None
