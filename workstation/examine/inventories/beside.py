"""What an inventory says of files, held against the files that came with it."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from workstation.examine.documents import plain
from workstation.examine.inventories.inventory import listed, rows
from workstation.examine.names import escapes
from workstation.examine.reader import Folder, Notes, Source, pieces

MAX_FILES = 10_000
MAX_COMPARED_BYTES = (
    2 << 30
)  # an inventory is small; reading a whole model again is left to signatures and bags
# Names of SPDX 2 and 3 and of CycloneDX, without punctuation; the strongest that is given counts.
_STRONGEST = (
    "sha512",
    "sha384",
    "sha256",
    "sha3512",
    "sha3384",
    "sha3256",
    "blake2b512",
    "sha224",
    "sha1",
    "md5",
)
_OF_LIBRARY = {
    "sha3512": "sha3_512",
    "sha3384": "sha3_384",
    "sha3256": "sha3_256",
    "blake2b512": "blake2b",
}
Entry = tuple[str, dict[str, str]]  # untrusted file name, digests by algorithm


def digests(values: Any, algorithm: str, digest: str) -> dict[str, str]:
    """The digests of one entry, whose objects name algorithm and value by these keys."""
    return {
        "".join(filter(str.isalnum, str(row.get(algorithm)).lower())): str(row.get(digest)).lower()
        for row in rows(values)
    }


def compare(entries: Iterable[Entry], notes: Notes) -> None:
    """Compare each entry with the file of its name beside the inventory, or in the nearest folder above.

    Entries without a file, or without a digest that can be computed, are no fault: an inventory may be about
    more than came along. Only a file whose digest differs is.
    """
    if notes.folder is None:
        return
    place = notes.member.rpartition("/")[0]
    altered: list[str] = []
    compared = left = 0
    room = MAX_COMPARED_BYTES
    for name, stated in _comparable(entries):
        source = _found(name, place, notes.folder)
        algorithm = next((each for each in _STRONGEST if each in stated), None)
        if source is None or algorithm is None or source.size_bytes > room:
            left += source is not None
            continue
        room -= source.size_bytes
        compared += 1
        if _digest(source, algorithm) != stated[algorithm]:
            altered.append(name)
    if compared or left:
        notes.facts["files_compared"], notes.facts["files_not_compared"] = compared, left
    if altered:
        notes.facts["files_altered"] = [plain.visible(name)[:300] for name in altered[:50]]
        notes.caution("SBOM_FILE_ALTERED", listed(altered))


def _comparable(entries: Iterable[Entry]) -> Iterator[Entry]:
    for number, (name, stated) in enumerate(entries):
        if number >= MAX_FILES:
            return
        plain_name = name.removeprefix("./")  # as SPDX writes them
        if plain_name and stated and not escapes(plain_name):
            yield plain_name, stated


def _found(name: str, place: str, folder: Folder) -> Source | None:
    """The file of that name in the nearest folder above the inventory: it may lie in a bag or a zip."""
    while place:
        if source := folder.open(f"{place}/{name}"):
            return source
        place = place.rpartition("/")[0]
    return folder.open(name)


def _digest(source: Source, algorithm: str) -> str:
    total = hashlib.new(_OF_LIBRARY.get(algorithm, algorithm), usedforsecurity=False)
    for piece in pieces(source):
        total.update(piece)
    return total.hexdigest()
