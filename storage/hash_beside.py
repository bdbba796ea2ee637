"""SHA-384 on another core while this one reads or writes: hashing is the slowest step of writing a medium."""

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

_WORTH_A_THREAD_BYTES = 256 << 10


class HashBeside:
    """One digest. Bytes that were taken must stay as they are until the next ``take`` or ``wait``."""

    def __init__(self) -> None:
        self._digest = hashlib.sha384()
        self._pool: ThreadPoolExecutor | None = None
        self._running: Future[None] | None = None

    def take(self, piece: memoryview) -> None:
        """Begin to hash these bytes, once those before are done."""
        self.wait()
        if len(piece) < _WORTH_A_THREAD_BYTES:
            self._digest.update(piece)
            return
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1)
        self._running = self._pool.submit(self._digest.update, piece)

    def wait(self) -> None:
        """Until everything taken is hashed."""
        if self._running is not None:
            self._running.result()
            self._running = None

    def hexdigest(self) -> str:
        """Of everything taken."""
        self.wait()
        return self._digest.hexdigest()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.wait()
        if self._pool is not None:
            self._pool.shutdown()
