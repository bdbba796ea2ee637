"""A folder somebody else wrote: what is in it, without following links, and the digest of each file."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reports.manifest import MAX_DEPTH, name_fault
from workstation.core.examination import Outcome
from workstation.core.jobs import JobControl, Progress
from workstation.core.verifications import Problem

MAX_ENTRIES = 20_000
_PIECE_BYTES = 4 << 20
_FLAGS = (
    os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)


@dataclass(kw_only=True)
class FolderListing:
    """Regular files by their relative name, digests as far as taken, and what was refused."""

    root: Path
    sizes: dict[str, int] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def read(self, name: str, limit_bytes: int) -> bytes | None:
        """A file's bytes with their digest taken from these very bytes; None when absent or too large."""
        if name not in self.sizes or self.sizes[name] > limit_bytes:
            return None
        parts: list[bytes] = []
        self._hash(name, limit_bytes, parts.append)
        return b"".join(parts) if name in self.digests else None

    def digest_all(self, job: JobControl) -> None:
        """Take every digest not taken yet, one pass over each file."""
        total_bytes = sum(size for name, size in self.sizes.items() if name not in self.digests)
        done_bytes = 0

        def count(piece: bytes) -> None:
            nonlocal done_bytes
            done_bytes += len(piece)
            job.tick(Progress(stage="verify-digest", done_bytes=done_bytes, total_bytes=total_bytes))

        for name in sorted(self.sizes):
            if name not in self.digests:
                self._hash(name, None, count)

    def _hash(self, name: str, limit_bytes: int | None, take: Callable[[bytes], None]) -> None:
        digest, left = hashlib.sha384(), limit_bytes
        try:
            with os.fdopen(os.open(self.root / name, _FLAGS), "rb", buffering=0) as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    self.refuse("EXP-104", name, "not a regular file")
                    return
                while piece := stream.read(_PIECE_BYTES if left is None else min(_PIECE_BYTES, left + 1)):
                    digest.update(piece)
                    take(piece)
                    left = None if left is None else left - len(piece)
                    if left is not None and left < 0:
                        self.refuse("EXP-121", name, "grew while it was read")
                        return
        except OSError as fault:
            self.refuse("EXP-128", name, fault.strerror or "")
            return
        self.digests[name] = digest.hexdigest()

    def refuse(self, code: str, name: str, detail: str) -> None:
        """Note why an entry cannot be part of an export."""
        self.problems.append(Problem(code=code, severity=Outcome.REJECT, path=name, detail=detail))


def list_folder(root: Path) -> FolderListing:
    """Every file below ``root``; links, devices, odd names and empty folders become problems.

    Raises:
        OSError: ``root`` itself is no readable folder.
    """
    listing = FolderListing(root=root)
    folded: dict[str, str] = {}
    for name, entry in _walk(listing, root, "", 1):
        status = entry.stat(follow_symlinks=False)
        fault = name_fault(name)
        if not stat.S_ISREG(status.st_mode):
            kind = "a link" if stat.S_ISLNK(status.st_mode) else "not a regular file"
            listing.refuse("EXP-104", name, kind)
        elif fault:
            listing.refuse("EXP-104", name, fault)
        elif name.casefold() in folded:
            listing.refuse("EXP-104", name, f"differs from {folded[name.casefold()]} in capitals only")
        else:
            folded[name.casefold()] = name
            listing.sizes[name] = status.st_size
        if len(listing.sizes) + len(listing.problems) > MAX_ENTRIES:
            listing.refuse("EXP-121", name, f"more than {MAX_ENTRIES} entries")
            break
    return listing


def _walk(
    listing: FolderListing, folder: Path, prefix: str, depth: int
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    if depth > MAX_DEPTH:
        listing.refuse("EXP-104", prefix, "too deep")
        return
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    if not found and prefix:
        listing.refuse("EXP-103", prefix, "empty folder")
    for entry in found:
        name = f"{prefix}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(listing, Path(entry.path), f"{name}/", depth + 1)
        else:
            yield name, entry
