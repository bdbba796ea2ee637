"""One file that only its recipients open: HPKE with ML-KEM-1024 (RFC 9180, FIPS 203) over AES-256-GCM pieces.

Format: ``docs/format/sealed-v1.md``. Signatures stay inside: sealing hides an export and proves nothing
about it, so the recipient verifies what comes out of it like any other export.
"""

import base64
import hashlib
import secrets
import tarfile
from collections.abc import Iterator, Sequence
from string import Template
from typing import Final

import rfc8785
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import resources
from workstation.core.media import OutgoingFile, outgoing_bytes
from workstation.core.release_control import RecipientKeyInvalid
from workstation.core.sealing import OPENING_NAME, SEALED_NAME

MAGIC: Final = b"FRWSEAL\x01"
SUITE_NAME: Final = "HPKE ML-KEM-1024 HKDF-SHA384 AES-256-GCM"
PIECE_BYTES: Final = 1 << 20
_TAG_BYTES: Final = 16
_BLOCK_BYTES: Final = 512
_KEY_FILE_LIMIT_BYTES: Final = 16 << 10
_SUITE = hpke.Suite(hpke.KEM.MLKEM1024, hpke.KDF.HKDF_SHA384, hpke.AEAD.AES_256_GCM)


class HpkeSealer:
    """Satisfies ``core.sealing.Sealer``."""

    def read_key(self, content: bytes) -> bytes:
        """The raw ML-KEM-1024 public key in a PEM file; raises RecipientKeyInvalid."""
        try:
            key = load_pem_public_key(content[:_KEY_FILE_LIMIT_BYTES])
        except (ValueError, UnsupportedAlgorithm) as problem:
            raise RecipientKeyInvalid from problem
        if not isinstance(key, mlkem.MLKEM1024PublicKey):
            raise RecipientKeyInvalid
        return key.public_bytes_raw()

    def fingerprint(self, key: bytes) -> str:
        """SHA-384 of a raw public key."""
        return hashlib.sha384(key).hexdigest()

    def seal(
        self, files: Sequence[OutgoingFile], keys: Sequence[bytes], *, export_id: str
    ) -> tuple[OutgoingFile, ...]:
        """``files`` as one sealed file and a note how to open it."""
        if not keys:
            raise ValueError(keys)
        content_key = secrets.token_bytes(32)
        content_bytes = sum(_tar_bytes(file.size_bytes) for file in files) + 2 * _BLOCK_BYTES
        header = self._header(keys, content_key, export_id=export_id, content_bytes=content_bytes)
        pieces = max(1, -(-content_bytes // PIECE_BYTES))
        sealed = OutgoingFile(
            name=SEALED_NAME,
            size_bytes=len(header) + content_bytes + pieces * _TAG_BYTES,
            pieces=lambda: _sealed(header, content_key, files, content_bytes),
        )
        prints = "\n".join(f"    {self.fingerprint(key)}" for key in keys)
        note = Template(resources.read_text("verify/OPEN.txt")).substitute(export=export_id, keys=prints)
        return sealed, outgoing_bytes(OPENING_NAME, note.encode())

    def _header(
        self, keys: Sequence[bytes], content_key: bytes, *, export_id: str, content_bytes: int
    ) -> bytes:
        common: dict[str, str | int] = {
            "format": "frw-sealed",
            "version": 1,
            "suite": SUITE_NAME,
            "export": export_id,
            "content_bytes": content_bytes,
            "piece_bytes": PIECE_BYTES,
        }
        wrapped = []
        for raw in keys:
            print_ = self.fingerprint(raw)
            info = rfc8785.dumps({**common, "recipient": print_})
            box = _SUITE.encrypt(content_key, mlkem.MLKEM1024PublicKey.from_public_bytes(raw), info=info)
            wrapped.append({"recipient": print_, "sealed": base64.b64encode(box).decode()})
        body = rfc8785.dumps({**common, "keys": wrapped})
        return MAGIC + len(body).to_bytes(4, "big") + body


def _tar_bytes(size_bytes: int) -> int:
    """What one file takes in the archive: a header block and its bytes in whole blocks."""
    return _BLOCK_BYTES + -(-size_bytes // _BLOCK_BYTES) * _BLOCK_BYTES


def _archive(files: Sequence[OutgoingFile]) -> Iterator[bytes | memoryview]:
    for file in files:
        entry = tarfile.TarInfo(file.name)
        entry.size, entry.mode = file.size_bytes, 0o600
        header = entry.tobuf(tarfile.GNU_FORMAT)
        if len(header) != _BLOCK_BYTES:
            raise ValueError(file.name)
        yield header
        yield from file.pieces()
        yield b"\0" * (-file.size_bytes % _BLOCK_BYTES)
    yield b"\0" * (2 * _BLOCK_BYTES)


def _sealed(
    header: bytes, content_key: bytes, files: Sequence[OutgoingFile], content_bytes: int
) -> Iterator[bytes]:
    yield header
    cipher, about = AESGCM(content_key), hashlib.sha384(header).digest()
    last = max(1, -(-content_bytes // PIECE_BYTES)) - 1
    kept = bytearray()
    index = 0

    def close(piece: bytes | bytearray) -> bytes:
        place = index.to_bytes(8, "big") + (b"\x01" if index == last else b"\x00")
        return cipher.encrypt(index.to_bytes(12, "big"), bytes(piece), about + place)

    for part in _archive(files):
        kept += part
        while len(kept) >= PIECE_BYTES and index < last:
            yield close(kept[:PIECE_BYTES])
            del kept[:PIECE_BYTES]
            index += 1
    yield close(kept)
