"""The only view an examiner has of untrusted bytes: a length, a cursor-free read, hard bounds.

An examiner is a pure function ``examine(source: Source, notes: Notes) -> None``. It never sees a path it
could open, never allocates by a number it read from the bytes without checking it against
``source.size_bytes`` first, and reports through ``Notes``.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

from workstation.core.examination import Finding, Severity

PIECE_BYTES = 1 << 20
MAX_MEMBERS = 500_000  # of one archive and those around it; memory grows by about half a kilobyte for each


class Unreadable(Exception):
    """The bytes cannot be read as what they claim to be. Carries a reason code and plain detail."""

    def __init__(self, code: str, detail: str = "", severity: Severity = Severity.CAUTION) -> None:
        super().__init__(code)
        self.code, self.detail, self.severity = code, detail, severity


class Source(Protocol):
    """Random access to untrusted bytes."""

    @property
    def name(self) -> str:
        """Untrusted file name without folders, for hints only; may be empty."""

    @property
    def size_bytes(self) -> int:
        """Whole length."""

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Up to ``size_bytes`` from ``offset``; shorter only at the end; at most 64 MiB per call."""


class Folder(Protocol):
    """The files that came together with one file: siblings in its folder, bag or archive."""

    def paths(self) -> Iterator[str]:
        """Untrusted paths of all files, "/" separated, relative to the container's root."""

    def size_of(self, path: str) -> int | None:
        """Size in bytes, or None when there is no such file."""

    def open(self, path: str) -> Source | None:
        """The bytes of one file by exactly that path; None when there is none or it is no plain file."""


class BytesSource:
    """A source over bytes already in memory: archive members below the inline limit, tests."""

    def __init__(self, content: bytes, name: str = "") -> None:
        self._content, self._name = content, name

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Whole length."""
        return len(self._content)

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """A slice of the content."""
        return self._content[offset : offset + size_bytes]


class Window:
    """A part of another source as a source of its own: a stored zip member, an appended blob."""

    def __init__(self, base: Source, offset: int, size_bytes: int, name: str = "") -> None:
        if offset < 0 or size_bytes < 0 or offset + size_bytes > base.size_bytes:
            raise Unreadable("FILE_TRUNCATED", f"{offset}+{size_bytes} of {base.size_bytes}")
        self._base, self._offset, self._size, self._name = base, offset, size_bytes, name

    @property
    def name(self) -> str:
        """Untrusted file name."""
        return self._name

    @property
    def size_bytes(self) -> int:
        """Length of the part."""
        return self._size

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Read inside the part only."""
        if offset < 0 or offset >= self._size:
            return b""
        return self._base.read_at(self._offset + offset, min(size_bytes, self._size - offset))


class SourceFile:
    """A seekable, read-only binary file object over a source, for libraries that want one."""

    def __init__(self, source: Source) -> None:
        self._source, self._at = source, 0
        self.closed = False
        self.name = source.name
        self.mode = "rb"

    def read(self, size: int = -1) -> bytes:
        """Like ``io.RawIOBase.read``; a whole read is refused above 64 MiB."""
        left = max(0, self._source.size_bytes - self._at)
        size = left if size is None or size < 0 else min(size, left)
        parts = []
        while size:
            part = self._source.read_at(self._at, min(size, PIECE_BYTES))
            if not part:
                break
            parts.append(part)
            self._at += len(part)
            size -= len(part)
        return b"".join(parts)

    def readinto(self, buffer: bytearray) -> int:
        """Fill ``buffer`` as far as bytes are left."""
        part = self.read(len(buffer))
        buffer[: len(part)] = part
        return len(part)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move the cursor; never before the start."""
        base = (0, self._at, self._source.size_bytes)[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        """Where the cursor stands."""
        return self._at

    def seekable(self) -> bool:
        """Always."""
        return True

    def readable(self) -> bool:
        """Always."""
        return True

    def writable(self) -> bool:
        """Never."""
        return False

    def flush(self) -> None:
        """Nothing to flush."""

    def close(self) -> None:
        """The source belongs to the caller."""
        self.closed = True


def pieces(source: Source, offset: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of ``source`` in 1 MiB pieces."""
    end = source.size_bytes if end is None else min(end, source.size_bytes)
    while offset < end:
        part = source.read_at(offset, min(PIECE_BYTES, end - offset))
        if not part:
            return
        yield part
        offset += len(part)


def _nothing() -> None:
    """Nobody waits for signs of life."""


class Notes:
    """Collects findings and facts for one file; bounded, so hostile input cannot grow it."""

    MAX_FINDINGS = 1_000
    MAX_DETAIL_CHARS = 500

    def __init__(
        self,
        path: str = "",
        *,
        folder: "Folder | None" = None,
        trust: tuple[bytes, ...] = (),
        verifying: bool = False,
        member: str = "",
    ) -> None:
        self.path = path
        self.member = member  # this file's own path inside ``folder``
        self.folder = folder  # the files beside this one; None when it came alone
        self.trust = trust  # contents of the trust files the person named; empty when none
        self.verifying = verifying  # the person asked for signatures: a missing one matters
        self.most_members = MAX_MEMBERS  # of this file when it is a container
        self.alive: Callable[[], None] = _nothing  # to be called now and then in long work without an answer
        self.kind = "unknown"
        self.complete = True  # False: part of the file was not read; its coverage is "inconclusive"
        self.findings: list[Finding] = []
        self.facts: dict[str, object] = {}  # JSON values only; more than 256 KiB of them is cut
        self.dropped = 0

    def add(self, code: str, severity: Severity, detail: str = "", path: str | None = None) -> None:
        """Note one thing; beyond the bound only the count grows.

        ``path`` names a member inside this file; it is reported as "this file/member".
        """
        if len(self.findings) >= self.MAX_FINDINGS and severity is not Severity.DANGER:
            self.dropped += 1
            return
        if len(self.findings) >= 2 * self.MAX_FINDINGS:
            self.dropped += 1
            return
        where = self.path if path is None else f"{self.path}/{path}" if self.path else path
        self.findings.append(
            Finding(code=code, severity=severity, path=where, detail=detail[: self.MAX_DETAIL_CHARS])
        )

    def note(self, code: str, detail: str = "") -> None:
        """A fact worth knowing."""
        self.add(code, Severity.NOTE, detail)

    def caution(self, code: str, detail: str = "") -> None:
        """Inconclusive or unusual; a person must decide."""
        self.add(code, Severity.CAUTION, detail)

    def incomplete(self, code: str, detail: str = "") -> None:
        """Part of the file was skipped or could not be read: a caution, and never "nothing found"."""
        self.complete = False
        self.add(code, Severity.CAUTION, detail)

    def danger(self, code: str, detail: str = "") -> None:
        """Hostile or broken."""
        self.add(code, Severity.DANGER, detail)
