"""What is kept of a large object whose sealing was cut short, so that it goes on (vault-v1.md, section 13).

Every 32 MiB the container is fsynced and a journal beside it says how far it is whole. When the same source
is sealed again, each kept piece is compared with what the source gives now: a piece that is equal is neither
sealed nor written again, and from the first one that is not everything is. So nothing is believed about the
source, and what comes out is what was read this time.
"""

import contextlib
import os
from collections.abc import Collection
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.vault.files import faults_of, read_bounded, replace_file
from storage.vault.keys import NONCE_BYTES, TAG_BYTES, Keys
from storage.vault.pieces import SEALED_PIECE_BYTES, PieceCipher, container_of, folder_of, path_of
from storage.vault.writing import ContainerWriter
from workstation.core.errors import EnvironmentFault, WorkstationError
from workstation.core.vault import PIECE_BYTES, ContainerKind, ObjectRef

# What is lost is at most this much, a piece that is not written out yet, and what is read ahead.
CHECKPOINT_BYTES: Final = 32 << 20
JOURNAL_SUFFIX: Final = ".journal"
_MAGIC = b"FRWJ\x01"
_EPOCH_BYTES = 4
_MAX_JOURNAL_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Unfinished:
    """An object that is whole up to ``ref.size_bytes``, in full pieces; ``group``: who will ask for it."""

    group: str
    untrusted_name: str
    ref: ObjectRef


class _Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group: str
    name: str
    ref: str


class Journals:
    """The journals of one vault. What does not open is nobody's: it is as if it were not there."""

    def __init__(self, root: Path, keys: Keys) -> None:
        self._root, self._keys = root, keys
        self._folder = folder_of(root, ContainerKind.OBJECT)

    def _path(self, container_id: bytes) -> Path:
        path = path_of(self._root, ContainerKind.OBJECT, container_id)
        return path.with_name(path.name + JOURNAL_SUFFIX)

    def write(self, unfinished: Unfinished) -> None:
        """Replace the journal of this container."""
        ref, epoch = unfinished.ref, self._keys.epoch
        body = _Body(group=unfinished.group, name=unfinished.untrusted_name, ref=ref.text)
        nonce, head = os.urandom(NONCE_BYTES), _MAGIC + epoch.to_bytes(_EPOCH_BYTES, "big")
        cipher = AESGCM(self._keys.derive("ingest-journal", epoch))
        sealed = cipher.encrypt(nonce, msgspec.json.encode(body), head + ref.container_id)
        replace_file(self._path(ref.container_id), head + nonce + sealed)

    def remove(self, container_id: bytes) -> None:
        """Take the journal of this container away; not an error twice."""
        with contextlib.suppress(OSError):
            self._path(container_id).unlink(missing_ok=True)

    def names(self) -> dict[str, Path]:
        """The journals by the container they are about."""
        found = {}
        with faults_of(self._folder, "list"), os.scandir(self._folder) as entries:
            for entry in entries:
                name = container_of(ContainerKind.OBJECT, entry.name.removesuffix(JOURNAL_SUFFIX))
                if entry.name.endswith(JOURNAL_SUFFIX) and name is not None:
                    found[name] = Path(entry.path)
        return found

    def read(self, container: str, path: Path) -> Unfinished | None:
        """What a journal says; ``None`` when it is not one of this vault about this container."""
        with contextlib.suppress(WorkstationError, OSError, InvalidTag, msgspec.MsgspecError, ValueError):
            content = read_bounded(path, _MAX_JOURNAL_BYTES) or b""
            at = len(_MAGIC) + _EPOCH_BYTES
            head, nonce, sealed = content[:at], content[at : at + NONCE_BYTES], content[at + NONCE_BYTES :]
            if head.startswith(_MAGIC) and len(sealed) > TAG_BYTES:
                epoch = int.from_bytes(head[len(_MAGIC) :], "big")
                cipher = AESGCM(self._keys.derive("ingest-journal", epoch))
                container_id = bytes.fromhex(container[1:])
                body = msgspec.json.decode(cipher.decrypt(nonce, sealed, head + container_id), type=_Body)
                ref = ObjectRef.parse(body.ref)
                if ref.container == container and ref.size_bytes % PIECE_BYTES == 0:
                    return Unfinished(group=body.group, untrusted_name=body.name, ref=ref)
        return None

    def awaited(
        self, groups: Collection[str], named: Collection[str], active: Collection[str]
    ) -> dict[str, Unfinished]:
        """Journals of these groups by container. Others are removed, but for those in use.

        What a committed row names was finished, whatever its journal says.
        """
        found = {}
        for container, path in self.names().items():
            if container in active:
                continue
            unfinished = None if container in named else self.read(container, path)
            if unfinished is not None and unfinished.group in groups:
                found[container] = unfinished
            else:
                with faults_of(self._folder, "sweep"):
                    path.unlink(missing_ok=True)
        return found


class Kept:
    """The whole pieces of an unfinished object, compared one by one with what the source gives now."""

    def __init__(self, writer: ContainerWriter, cipher: PieceCipher, ref: ObjectRef) -> None:
        self._writer, self._cipher, self._offset = writer, cipher, ref.offset
        self._pieces = ref.size_bytes // PIECE_BYTES
        self._sealed = memoryview(bytearray(SEALED_PIECE_BYTES))

    def holds(self, index: int, content: memoryview, *, last: bool) -> bool:
        """Whether this piece is there already; if not, it and all behind it are forgotten."""
        if index >= self._pieces:
            return False
        place = self._offset + index * SEALED_PIECE_BYTES
        if not last and len(content) == PIECE_BYTES:
            got = self._writer.read_into(self._sealed, place)
            found = self._cipher.open(self._sealed, index, last=False) if got == SEALED_PIECE_BYTES else None
            if found == bytes(content):  # to compare two views would go byte by byte
                return True
        self._pieces = 0
        self._writer.cut_back(place)
        return False


class Checkpoints:
    """Makes one object durable every 32 MiB while it is sealed, in another thread, and notes how far."""

    def __init__(
        self, journals: Journals, pool: Executor, writer: ContainerWriter, begun: Unfinished
    ) -> None:
        self._journals, self._pool, self._writer = journals, pool, writer
        self.newest: Unfinished | None = begun if begun.ref.size_bytes else None
        writer.journaled = self.newest is not None
        self._begun = begun
        self._running: Future[None] | None = None

    def passed(self, size_bytes: int) -> None:
        """So much is sealed; called once a piece."""
        if size_bytes % CHECKPOINT_BYTES == 0:
            self.wait()
            length = self._writer.write_blocks() - self._begun.ref.offset
            ref = replace(self._begun.ref, size_bytes=length // SEALED_PIECE_BYTES * PIECE_BYTES)
            self._running = self._pool.submit(self._note, replace(self._begun, ref=ref))

    def wait(self) -> None:
        """Return when nothing is under way."""
        if self._running is not None:
            self._running.result()

    def _note(self, unfinished: Unfinished) -> None:
        # What fails here costs the continuation, not the object; a failed fsync is raised by the last one.
        with contextlib.suppress(EnvironmentFault):
            self._writer.sync_content()
            self._journals.write(unfinished)
            self._writer.journaled, self.newest = True, unfinished
