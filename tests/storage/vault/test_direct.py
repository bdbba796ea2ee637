"""Reads of a check past the page cache."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from storage.vault import direct, files
from storage.vault.direct import PieceReads

_SIZE = (5 << 20) + 1_234
_PLACES = ((0, 1), (32, (1 << 20) + 28), (4_095, 2), (4_096, 4_096), (_SIZE - 10, 10), (_SIZE - 10, 99))


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[int, bytes]]:
    """A file of no round length, and what is in it."""
    content = os.urandom(_SIZE)
    path = tmp_path / "container"
    path.write_bytes(content)
    fd = os.open(path, os.O_RDONLY)
    yield fd, content
    os.close(fd)


def _refused(fd: int, *, direct: bool) -> bool:
    del fd, direct
    return False


def _said_and_not_done(fd: int, *, direct: bool) -> bool:
    del fd
    return direct


def _invalid(_fd: int, _buffers: Sequence[memoryview], _offset: int) -> int:
    raise OSError(errno.EINVAL, "not past the page cache")


@pytest.mark.parametrize("way", [files.set_direct, _refused])
def test_every_place_reads_alike_past_the_cache_and_through_it(
    opened: tuple[int, bytes], way: Callable[..., bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What begins and ends anywhere, also behind the end of the file, is what stands there."""
    monkeypatch.setattr(direct, "set_direct", way)
    fd, content = opened
    places = PieceReads(fd, _SIZE)
    for offset, size_bytes in _PLACES:
        assert places.read(offset, size_bytes) == content[offset : offset + size_bytes]


def test_a_file_system_that_cannot_after_all_is_read_through_the_cache(
    opened: tuple[int, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first read past the page cache fails, this one and the next go through it."""
    fd, content = opened
    monkeypatch.setattr(direct, "set_direct", _said_and_not_done)
    places = PieceReads(fd, _SIZE)
    real = os.preadv
    monkeypatch.setattr(os, "preadv", _invalid)
    monkeypatch.setattr(direct, "pread_into", lambda fd, buffer, at: real(fd, [buffer], at))
    for offset, size_bytes in _PLACES:
        assert places.read(offset, size_bytes) == content[offset : offset + size_bytes]
