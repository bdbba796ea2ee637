"""Sealing an export to its recipients' keys, as the workflows see it. ``reports.sealing`` does it.

Format: ``docs/format/sealed-v1.md``.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from workstation.core.media import OutgoingFile

SEALED_NAME: Final = "sealed.frws"
OPENING_NAME: Final = "OPEN.txt"  # how to open it, readable by whoever finds the medium


class Sealer(Protocol):
    """Makes of the files of an export one file that only its recipients open."""

    def read_key(self, content: bytes) -> bytes:
        """The raw ML-KEM-1024 public key (1,568 bytes) in a PEM file; raises RecipientKeyInvalid."""

    def fingerprint(self, key: bytes) -> str:
        """SHA-384 of a raw public key, 96 lower-case hexadecimal digits."""

    def seal(
        self, files: Sequence[OutgoingFile], keys: Sequence[bytes], *, export_id: str
    ) -> tuple[OutgoingFile, ...]:
        """``files`` as one sealed file and a note how to open it; at least one key.

        Streams: the pieces of each file are asked for when the sealed file is written, once.
        """
