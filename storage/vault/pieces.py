"""Containers and sealed pieces, byte for byte (vault-v1.md, section 6)."""

import os
import struct
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.vault.keys import NONCE_BYTES, TAG_BYTES
from workstation.core.vault import PIECE_BYTES, ContainerKind
from workstation.core.vault_errors import ObjectTampered

CONTAINER_ID_BYTES: Final = 16
OVERHEAD_BYTES: Final = NONCE_BYTES + TAG_BYTES
SEALED_PIECE_BYTES: Final = PIECE_BYTES + OVERHEAD_BYTES
_HEADER = struct.Struct(">7sc16s8s")
_AAD = struct.Struct(">16sQBQB")
HEADER_BYTES: Final = _HEADER.size
_MAGIC = b"FRWVLT\x01"
_FORMAT = 1
_FOLDER = {ContainerKind.OBJECT: "objects", ContainerKind.PACK: "packs"}
_SUFFIX = {ContainerKind.OBJECT: ".frwo", ContainerKind.PACK: ".frwp"}
PART_SUFFIX: Final = ".part"
MAX_OBJECT_BYTES: Final = 1 << 52


def container_header(kind: ContainerKind, container_id: bytes) -> bytes:
    """The first 32 bytes of a container."""
    return _HEADER.pack(_MAGIC, kind.value.encode(), container_id, bytes(8))


def folder_of(root: Path, kind: ContainerKind) -> Path:
    """Where containers of this kind lie."""
    return root / _FOLDER[kind]


def path_of(root: Path, kind: ContainerKind, container_id: bytes) -> Path:
    """The container's file."""
    return folder_of(root, kind) / (container_id.hex() + _SUFFIX[kind])


def container_of(kind: ContainerKind, file_name: str) -> str | None:
    """The container name of a file name, ``None`` when the vault never writes such a name."""
    stem = file_name.removesuffix(_SUFFIX[kind])
    hexadecimal = len(stem) == 2 * CONTAINER_ID_BYTES and not set(stem) - set("0123456789abcdef")
    return kind.value + stem if hexadecimal and stem != file_name else None


def piece_count(size_bytes: int) -> int:
    """Pieces of an object; an empty one has one."""
    return max(1, -(-size_bytes // PIECE_BYTES))


def sealed_size(size_bytes: int) -> int:
    """Bytes an object of ``size_bytes`` takes in its container."""
    return size_bytes + OVERHEAD_BYTES * piece_count(size_bytes)


class PieceCipher:
    """Seals and opens the pieces of one object under its own key."""

    def __init__(self, key: bytes | bytearray, container_id: bytes, offset: int) -> None:
        self._cipher = AESGCM(key)
        self._container_id, self._offset = container_id, offset

    def _aad(self, index: int, *, last: bool) -> bytes:
        return _AAD.pack(self._container_id, self._offset, _FORMAT, index, last)

    def seal_into(self, plaintext: memoryview, out: memoryview, index: int, *, last: bool) -> None:
        """Fill ``out`` (28 bytes longer than ``plaintext``) with nonce, ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        out[:NONCE_BYTES] = nonce
        self._cipher.encrypt_into(nonce, plaintext, self._aad(index, last=last), out[NONCE_BYTES:])

    def open(self, sealed: memoryview, index: int, *, last: bool) -> bytes | None:
        """The plaintext of one piece, ``None`` when it is not that piece."""
        try:
            aad = self._aad(index, last=last)
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
        except InvalidTag:
            return None

    def open_into(self, sealed: memoryview, out: memoryview, index: int, *, last: bool) -> None:
        """Like ``open``, into ``out`` of exactly the plaintext's size.

        Raises:
            InvalidTag: it is not that piece; ``out`` holds nothing of use.
        """
        aad = self._aad(index, last=last)
        self._cipher.decrypt_into(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad, out)


def check_extent(fd: int, kind: ContainerKind, container_id: bytes, offset: int, size_bytes: int) -> None:
    """Refuse a container whose first bytes or length cannot be what was written.

    Raises:
        ObjectTampered: wrong header, too short, or (an object of its own) too long.
    """
    container = kind.value + container_id.hex()
    length = os.fstat(fd).st_size
    end = offset + sealed_size(size_bytes)
    wrong_place = offset < HEADER_BYTES or (kind is ContainerKind.OBJECT and offset != HEADER_BYTES)
    wrong_length = length < end or (kind is ContainerKind.OBJECT and length != end)
    if size_bytes > MAX_OBJECT_BYTES or wrong_place or wrong_length:
        raise ObjectTampered(container=container)
    if os.pread(fd, HEADER_BYTES, 0) != container_header(kind, container_id):
        raise ObjectTampered(container=container)
