"""The files of a model against the signed list: altered, missing, extra, ignored."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from workstation.examine.reader import Folder, Source
from workstation.examine.signatures.statement import ALGORITHMS, GIT_PATHS, Piece, Statement

_READ_BYTES = 1 << 20


@dataclass(kw_only=True)
class Comparison:
    """What differs; every list holds paths below the model's root."""

    compared: int = 0
    compared_bytes: int = 0
    altered: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    ignored: list[tuple[str, int]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)  # digests of a kind that is not computed here
    actual: dict[str, str] = field(default_factory=dict)  # digests of altered files

    @property
    def is_equal(self) -> bool:
        """Whether nothing is altered, missing or extra."""
        return not (self.altered or self.missing or self.extra)


def root_of(statement: Statement, folder: Folder, member: str) -> str:
    """Where the model lies: beside its signature, or in a folder of its name beside it."""
    beside = member.rpartition("/")[0]
    prefix = f"{beside}/" if beside else ""
    if statement.is_single_file or any(
        folder.size_of(prefix + piece.path) is not None for piece in statement.pieces
    ):
        return prefix
    name = statement.name
    if name and "/" not in name and name not in {".", ".."}:
        inner = f"{prefix}{name}/"
        if any(folder.size_of(inner + piece.path) is not None for piece in statement.pieces):
            return inner
    return prefix


def compare(statement: Statement, folder: Folder, member: str) -> Comparison:
    """Read every listed file once and hold the folder's names against the list."""
    found = Comparison()
    if statement.is_single_file:
        _single(statement, folder, member, found)
        return found
    prefix = root_of(statement, folder, member)
    listed: dict[str, list[Piece]] = {}
    for piece in statement.pieces:
        listed.setdefault(piece.path, []).append(piece)
    for path, pieces in listed.items():
        _file(path, pieces, folder.open(prefix + path), found)
    for path in folder.paths():
        if not path.startswith(prefix) or path == member or path[len(prefix) :] in listed:
            continue
        _unlisted(path[len(prefix) :], folder.size_of(path) or 0, statement, found)
    return found


def _single(statement: Statement, folder: Folder, member: str, found: Comparison) -> None:
    """One signed file: the one of the signed name beside the signature."""
    prefix = member.rpartition("/")[0]
    path = f"{prefix}/{statement.name}" if prefix else statement.name
    source = folder.open(path) if "/" not in statement.name else None
    _file(statement.name, list(statement.pieces), source, found)


def _file(path: str, pieces: list[Piece], source: Source | None, found: Comparison) -> None:
    if source is None:
        found.missing.append(path)
        return
    found.compared += 1
    ends = sorted((piece.start, piece.end) for piece in pieces if piece.end is not None)
    if ends and not _covers(ends, source.size_bytes):
        found.altered.append(path)
        return
    for piece in pieces:
        algorithm = ALGORITHMS.get(piece.algorithm.partition("-sharded-")[0].lower())
        if algorithm is None:
            found.unread.append(path)
            return
        end = source.size_bytes if piece.end is None else piece.end
        actual = _digest(source, piece.start, end, algorithm)
        found.compared_bytes += end - piece.start
        if actual != piece.digest:
            found.altered.append(path)
            found.actual[path] = actual
            return


def _covers(ends: list[tuple[int, int]], size_bytes: int) -> bool:
    reached = 0
    for start, end in ends:
        if start != reached:
            return False
        reached = end
    return reached == size_bytes


def _digest(source: Source, start: int, end: int, algorithm: str) -> str:
    total = hashlib.new(algorithm, usedforsecurity=True)
    for part in _parts(source, start, end):
        total.update(part)
    return total.hexdigest()


def _parts(source: Source, start: int, end: int) -> Iterator[bytes]:
    while start < end and (part := source.read_at(start, min(_READ_BYTES, end - start))):
        yield part
        start += len(part)


def _unlisted(path: str, size_bytes: int, statement: Statement, found: Comparison) -> None:
    if _is_below(path, (*GIT_PATHS, *statement.ignored)):
        found.ignored.append((path, size_bytes))
    elif statement.method == "shards" and size_bytes == 0:
        # A file without bytes has no shards, so the format cannot list it.
        found.ignored.append((path, size_bytes))
    else:
        found.extra.append(path)


def _is_below(path: str, ignored: tuple[str, ...]) -> bool:
    return any(not each or path == each or path.startswith(f"{each}/") for each in ignored)


def difference(found: Comparison, statement: Statement) -> str:
    """In one word, how the files differ from what was signed; nothing when they do not."""
    if found.missing and found.extra:
        folded = {path.casefold() for path in found.extra}
        if any(path.casefold() in folded for path in found.missing):
            return "case"
        return "rename" if len(found.missing) == len(found.extra) and not found.altered else "missing"
    if found.missing:
        return "missing"
    if found.altered:
        signed = {piece.path: piece.digest for piece in statement.pieces}
        actual = sorted(found.actual.get(path, "") for path in found.altered)
        swapped = len(actual) > 1 and actual == sorted(signed.get(path, "-") for path in found.altered)
        return "swap" if swapped else "data"
    return "extra" if found.extra else ""
