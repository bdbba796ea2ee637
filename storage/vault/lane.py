"""Reused buffers and one hashing thread beside the thread that reads and seals.

SHA-384 is the slowest step by far, so it gets a core of its own; every other digest runs on the caller's.
"""

import hashlib
import queue
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from workstation.core.vault import PIECE_BYTES

if TYPE_CHECKING:
    from hashlib import _Hash

BUFFERS: Final = 8
ALGORITHMS: Final = frozenset(
    {"md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_384", "sha3_512", "blake2b"}
)
_ZEROS = bytes(PIECE_BYTES)
_INLINE_BYTES = 256 * 1024  # below, handing over costs more than the second core gains


class HashingLane:
    """Buffers of 1 MiB that go round between a reader and the hasher. One user thread at a time."""

    def __init__(self, buffers: int = BUFFERS) -> None:
        self._most = buffers
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        self._work: queue.SimpleQueue[tuple[_Hash, memoryview, int] | threading.Event | None] = (
            queue.SimpleQueue()
        )
        self._thread: threading.Thread | None = None
        self._allocated = 0

    def take(self) -> memoryview:
        """A free buffer; waits for the hasher when all are out."""
        if self._allocated < self._most and self._free.empty():
            self._allocated += 1
            return memoryview(bytearray(PIECE_BYTES))
        return self._free.get()

    def give_back(self, buffer: memoryview) -> None:
        """A buffer that was taken and not handed to ``hash``."""
        self._free.put(buffer)

    def hash(self, state: "_Hash", buffer: memoryview, size_bytes: int) -> None:
        """Hash the head of ``buffer`` in the other thread, which gives it back to ``take``.

        The caller may go on reading ``buffer`` until its own next ``take``.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="vault-hash", daemon=True)
            self._thread.start()
        self._work.put((state, buffer, size_bytes))

    def wait(self) -> None:
        """Return when everything handed over is hashed."""
        if self._thread is not None:
            done = threading.Event()
            self._work.put(done)
            done.wait()

    def close(self) -> None:
        """End the thread and overwrite the plaintext left in the buffers."""
        if self._thread is not None:
            self._work.put(None)
            self._thread.join()
            self._thread = None
        while not self._free.empty():
            buffer = self._free.get()
            buffer[:] = _ZEROS
        self._allocated = 0

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            if isinstance(item, threading.Event):
                item.set()
                continue
            state, buffer, size_bytes = item
            state.update(buffer[:size_bytes])
            self._free.put(buffer)


class Digests:
    """Several digests over one stream: SHA-384 in the lane, the others in the caller's thread."""

    def __init__(self, algorithms: Sequence[str], lane: HashingLane) -> None:
        _require_known(algorithms)
        self._lane = lane
        self._sha384 = hashlib.sha384()
        self._others = {
            name: hashlib.new(name, usedforsecurity=False)
            for name in dict.fromkeys(algorithms)
            if name != "sha384"
        }

    def update(self, buffer: memoryview, size_bytes: int) -> None:
        """Take the head of ``buffer``; it is given back to the lane either way.

        The caller may go on reading ``buffer`` until its own next ``take``.
        """
        if size_bytes < _INLINE_BYTES:
            self._lane.wait()
            self._sha384.update(buffer[:size_bytes])
            self._lane.give_back(buffer)
        else:
            self._lane.hash(self._sha384, buffer, size_bytes)
        for state in self._others.values():
            state.update(buffer[:size_bytes])

    def result(self) -> dict[str, str]:
        """Every digest in lower-case hex."""
        self._lane.wait()
        others = {name: state.hexdigest() for name, state in self._others.items()}
        return {"sha384": self._sha384.hexdigest(), **others}


def digests_of(content: memoryview, algorithms: Sequence[str]) -> dict[str, str]:
    """SHA-384 and the named digests of something short."""
    _require_known(algorithms)
    result = {"sha384": hashlib.sha384(content).hexdigest()}
    for name in algorithms:
        if name not in result:
            result[name] = hashlib.new(name, content, usedforsecurity=False).hexdigest()
    return result


def _require_known(algorithms: Sequence[str]) -> None:
    for name in algorithms:
        if name not in ALGORITHMS:
            raise ValueError(f"unknown digest: {name}")
