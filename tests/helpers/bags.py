"""Small bags in memory, with one thing wrong where a test wants it."""

import hashlib

from tests.helpers.archives import plain_zip
from workstation.examine import bags
from workstation.examine.container import Container, Item, OpenableItem
from workstation.examine.reader import BytesSource, Notes

DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"


def bag(
    files: dict[str, bytes] | None = None, algorithm: str = "sha256", **tags: bytes | None
) -> dict[str, bytes]:
    """The files of a right bag; ``tags`` replace, add or (None) take away tag files ("__" stands for ".")."""
    payload = {f"data/{name}": data for name, data in (files or {"a.txt": b"hello"}).items()}
    lines = "".join(f"{hashlib.new(algorithm, data).hexdigest()}  {name}\n" for name, data in payload.items())
    everything: dict[str, bytes] = {
        "bagit.txt": DECLARATION,
        f"manifest-{algorithm}.txt": lines.encode(),
        **payload,
    }
    for name, content in tags.items():
        path = name.replace("__", ".").replace("_", "-")
        if content is None:
            everything.pop(path)
        else:
            everything[path] = content
    return everything


def folder(files: dict[str, bytes]) -> Container:
    """Files as the examiners see a folder."""

    def item(path: str, data: bytes) -> Item:
        return OpenableItem(
            path=path, size_bytes=len(data), open=lambda: BytesSource(data, path.rsplit("/", 1)[-1])
        )

    return Container([item(path, data) for path, data in files.items()])


def checked(files: dict[str, bytes]) -> Notes:
    """Everything the bag reader notes: tag files, presence and fixity."""
    notes = Notes()
    bags.check_inside(folder(files), notes)
    return notes


def zipped(files: dict[str, bytes], top: str = "") -> bytes:
    """The bag in a zip, in a folder of its own when ``top`` names one."""
    return plain_zip({f"{top}{name}": data for name, data in files.items()})
