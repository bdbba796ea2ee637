"""What the vault's measurements need beside the clock: memory, a sparse giant, an interruption, and bags."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from storage.vault import OpenVault
from storage.vault.keys import KEY_BYTES
from storage.vault.pieces import (
    CONTAINER_ID_BYTES,
    HEADER_BYTES,
    OVERHEAD_BYTES,
    SEALED_PIECE_BYTES,
    PieceCipher,
    container_header,
    path_of,
    piece_count,
    sealed_size,
)
from tests.bench.vault_values import GROUP
from workstation.core.jobs import JobCancelled
from workstation.core.vault import PIECE_BYTES, ContainerKind, ObjectRef

READS = 200
_KIB = 1024


def resident_bytes(line: str) -> int:
    """One line of this process's memory: VmRSS is now, VmHWM the most since ``forget_peak``."""
    text = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return next(int(row.split()[1]) * _KIB for row in text.splitlines() if row.startswith(line + ":"))


def forget_peak() -> None:
    """From now on VmHWM counts anew."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def giant(vault: OpenVault, size_bytes: int) -> tuple[ObjectRef, list[int]]:
    """An object of this size, almost all of it a hole, and places in it that can be read."""
    key, container_id = bytearray(os.urandom(KEY_BYTES)), os.urandom(CONTAINER_ID_BYTES)
    epoch, wrapped = vault._keys.wrap_object_key(key, 0)
    ref = ObjectRef(
        kind=ContainerKind.OBJECT,
        container_id=container_id,
        offset=HEADER_BYTES,
        size_bytes=size_bytes,
        epoch=epoch,
        wrapped_key=wrapped,
    )
    path, cipher = path_of(vault.root, ref.kind, container_id), PieceCipher(key, container_id, HEADER_BYTES)
    sealed = memoryview(bytearray(SEALED_PIECE_BYTES))
    pieces = piece_count(size_bytes)
    chosen = sorted({int.from_bytes(os.urandom(6)) % (pieces - 1) for _ in range(READS)})
    with path.open("xb") as file:
        file.truncate(HEADER_BYTES + sealed_size(size_bytes))
        file.write(container_header(ref.kind, container_id))
        for index in chosen:
            plain = memoryview(os.urandom(PIECE_BYTES))
            cipher.seal_into(plain, sealed[: PIECE_BYTES + OVERHEAD_BYTES], index, last=False)
            file.seek(HEADER_BYTES + index * SEALED_PIECE_BYTES)
            file.write(sealed)
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return ref, [index * PIECE_BYTES + int.from_bytes(os.urandom(3)) % 900_000 for index in chosen]


def reads_ms(vault: OpenVault, ref: ObjectRef, places: list[int], size_bytes: int) -> list[float]:
    """How long each read took."""
    took = []
    with vault.open(ref) as reader:
        for place in places:
            start_s = time.perf_counter()
            reader.read_at(place, size_bytes)
            took.append((time.perf_counter() - start_s) * 1e3)
    return took


def _until(path: Path, size_bytes: int | None) -> Iterator[bytes]:
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            if size_bytes is not None and file.tell() > size_bytes:
                raise JobCancelled
            yield piece


def cut_short_and_resumed(vault: OpenVault, path: Path) -> tuple[int, int, Callable[[], None]]:
    """Interrupt sealing at three quarters; what was lost of it, how much there was, and how to end it."""
    begun = path.stat().st_size * 3 // 4
    try:
        with vault.ingest() as batch:
            batch.add(_until(path, begun), untrusted_name=path.name, group=GROUP)
    except JobCancelled:
        pass
    kept = max(each.ref.size_bytes for each in vault._store._resumable.values())

    def finish() -> None:
        with vault.ingest() as batch:
            stored = batch.add(_until(path, None), untrusted_name=path.name, group=GROUP)
            batch.flush()
        vault.delete(stored.ref)

    return begun - kept, begun, finish


def bag(program: Path, source: Path, target: Path) -> None:
    """Make a bag with SHA-384 of a folder; its files are links, so that nothing is copied."""
    subprocess.run(["cp", "-al", source, target], check=True)
    words = [program, "--sha384", "--quiet", target]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    shutil.rmtree(target)
