"""What a model signature says: which files, in which pieces, with which digests.

The statement is in-toto v1. ``signature/v1.0`` lists its resources in the predicate and sums them up in the
subject; ``Digests/v0.1`` (model signing 0.2) lists them as subjects.
"""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

from workstation.examine.signatures.bundle import Invalid

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PREDICATE = "https://model_signing/signature/v1.0"
OLD_PREDICATE = "https://model_signing/Digests/v0.1"
MAX_RESOURCES = 400_000
GIT_PATHS = (".git", ".gitattributes", ".github", ".gitignore")
ALGORITHMS = {
    "sha256": "sha256",
    "sha384": "sha384",
    "sha512": "sha512",
    "blake2": "blake2b",
    "blake2b": "blake2b",
}
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){16,64}")
_MAX_SIZE = 1 << 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One file, or the part of a file from ``start`` to ``end``."""

    path: str  # "" when the model is the one file itself
    algorithm: str  # as written
    digest: str  # hexadecimal, lower case
    start: int = 0
    end: int | None = None  # None: the whole file


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The signed list."""

    predicate_type: str
    name: str  # untrusted; of the model's folder, or of its only file
    pieces: tuple[Piece, ...]
    method: str  # files or shards
    ignored: tuple[str, ...] = ()  # normalised paths the signer left out, with everything below them
    allows_links: bool = False

    @property
    def is_single_file(self) -> bool:
        """Whether the model is one file."""
        return len({piece.path for piece in self.pieces}) == 1 and self.pieces[0].path == ""


def is_model_signature(content: dict[str, Any]) -> bool:
    """Whether a statement is about a model's files."""
    return content.get("predicateType") in {PREDICATE, OLD_PREDICATE}


def parse(content: dict[str, Any]) -> Statement:
    """Read a statement; its inner sums must agree.

    Raises:
        Invalid: it is none, or contradicts itself.
    """
    if content.get("_type") != STATEMENT_TYPE:
        raise Invalid("structure", f"statement type {str(content.get('_type'))[:80]}")
    subjects = content.get("subject")
    if not isinstance(subjects, list) or not subjects or not all(isinstance(s, dict) for s in subjects):
        raise Invalid("structure", "no subject")
    if content.get("predicateType") == OLD_PREDICATE:
        return _old(subjects)
    if len(subjects) != 1:
        raise Invalid("structure", f"{len(subjects)} subjects where one belongs")
    predicate = content.get("predicate")
    if not isinstance(predicate, dict):
        raise Invalid("structure", "no predicate")
    return _current(subjects[0], predicate)


def _old(subjects: list[dict[str, Any]]) -> Statement:
    pieces = []
    for subject in _bounded(subjects):
        notes = subject.get("annotations")
        actual = notes.get("actual_hash_algorithm") if isinstance(notes, dict) else None
        algorithm = str(actual).removeprefix("file-") if isinstance(actual, str) else "sha256"
        pieces.append(_piece(subject.get("name"), algorithm, _digest_of(subject, "sha256"), "files"))
    _refuse_repeats(pieces)
    return Statement(predicate_type=OLD_PREDICATE, name="", pieces=tuple(pieces), method="files")


def _current(subject: dict[str, Any], predicate: dict[str, Any]) -> Statement:
    how, resources = predicate.get("serialization"), predicate.get("resources")
    if not isinstance(how, dict) or not isinstance(resources, list):
        raise Invalid("structure", "no serialization or no resources")
    method = how.get("method")
    if method not in {"files", "shards"}:
        raise Invalid("structure", f"serialization method {str(method)[:40]}")
    pieces, total = [], hashlib.sha256()
    for resource in _bounded(resources):
        if not isinstance(resource, dict):
            raise Invalid("structure", "a resource is no object")
        digest = resource.get("digest")
        piece = _piece(resource.get("name"), resource.get("algorithm"), digest, method)
        total.update(bytes.fromhex(piece.digest))
        pieces.append(piece)
    if total.hexdigest() != _digest_of(subject, "sha256"):
        raise Invalid("manifest", "the digests do not add up to the digest of the whole")
    _refuse_repeats(pieces)
    ignored = how.get("ignore_paths", [])
    if not isinstance(ignored, list) or not all(isinstance(path, str) for path in ignored):
        raise Invalid("structure", "ignored paths are no list of texts")
    name = subject.get("name")
    return Statement(
        predicate_type=PREDICATE,
        name=name if isinstance(name, str) else "",
        pieces=tuple(pieces),
        method=method,
        ignored=tuple(_plain(path) for path in ignored[:10_000]),
        allows_links=how.get("allow_symlinks") in {True, "true", "True"},
    )


def _bounded(rows: list[Any]) -> list[Any]:
    if len(rows) > MAX_RESOURCES:
        raise Invalid("structure", f"more than {MAX_RESOURCES} resources")
    return rows


def _digest_of(subject: dict[str, Any], algorithm: str) -> str:
    digests = subject.get("digest")
    value = digests.get(algorithm) if isinstance(digests, dict) else None
    return value.lower() if isinstance(value, str) else ""


def _piece(name: Any, algorithm: Any, digest: Any, method: str) -> Piece:
    if not isinstance(name, str) or not isinstance(algorithm, str) or not isinstance(digest, str):
        raise Invalid("structure", "a resource lacks name, algorithm or digest")
    if not _HEX.fullmatch(digest):
        raise Invalid("structure", f"digest of {name[:100]} is no digest")
    if method == "files":
        return Piece(path=_resource_path(name), algorithm=algorithm, digest=digest.lower())
    path, start, end = _shard(name)
    return Piece(path=_resource_path(path), algorithm=algorithm, digest=digest.lower(), start=start, end=end)


def _shard(name: str) -> tuple[str, int, int]:
    match = re.fullmatch(r"(.+):([0-9]{1,19}):([0-9]{1,19})", name, re.DOTALL)
    if match is None or not int(match[2]) < int(match[3]) <= _MAX_SIZE:
        raise Invalid("structure", f"{name[:100]} is no part of a file")
    return match[1], int(match[2]), int(match[3])


def _plain(path: str) -> str:
    """The path as a POSIX path is compared: without ``.`` parts and doubled slashes."""
    return "/".join(part for part in path.split("/") if part not in {"", "."})


def _resource_path(name: str) -> str:
    if name.startswith("/") or ".." in name.split("/") or "\0" in name:
        raise Invalid("structure", f"{name[:100]} leads out of the model")
    return _plain(name)


def _refuse_repeats(pieces: list[Piece]) -> None:
    if len({(piece.path, piece.start) for piece in pieces}) != len(pieces):
        raise Invalid("structure", "a file is listed twice")
