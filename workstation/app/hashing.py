"""Digests on another core, while this one reads and compares: hashing is by far the slowest of the three."""

import hashlib
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

_WORTH_A_THREAD_BYTES = 256 << 10
_MOST_WAITING = 4  # pieces of 1 MiB: memory does not grow with the file


class HashesBeside:
    """Several digests over one stream of byte strings. A context manager: its thread ends when it is left."""

    def __init__(self, algorithms: Iterable[str]) -> None:
        self._hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hash-beside")  # begins with the first task
        self._waiting: deque[Future[None]] = deque()

    def update(self, piece: bytes) -> None:
        """Hash these bytes behind those before; returns while that is still being done."""
        self._wait(_MOST_WAITING - 1)
        if len(piece) >= _WORTH_A_THREAD_BYTES:
            self._waiting.append(self._pool.submit(self._update, piece))
        else:
            self._wait(0)
            self._update(piece)

    def hexdigests(self) -> dict[str, str]:
        """Every digest of everything so far."""
        self._wait(0)
        return {name: each.hexdigest() for name, each in self._hashes.items()}

    def _update(self, piece: bytes) -> None:
        for each in self._hashes.values():
            each.update(piece)

    def _wait(self, left: int) -> None:
        while len(self._waiting) > left:
            self._waiting.popleft().result()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)
