"""HDF5 files, as Keras and others keep weights in: the tree is walked and the whole file searched.

The superblock is checked against the file's length. Attributes are never compressed, so the configuration of
a Keras model lies in the file as JSON and is found and read there, wherever the tree may lead.
"""

import json
import re
from collections.abc import Iterator

from workstation.examine.reader import PIECE_BYTES, Notes, Source, Unreadable
from workstation.examine.weights import hdf5_tree, keras_config
from workstation.examine.weights.tensors import broken, listed

MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_SCANNED_BYTES = 4 << 30
MAX_CONFIG_BYTES = 16 << 20
_OVERLAP = 512
_CONFIG = re.compile(
    rb'\{\s*"(?:class_name|module|name|backend|config|registered_name|optimizer_config|loss)"\s*:'
)
_CLASS = re.compile(rb'"class_name"\s*:\s*"([^"\\]{1,200})"')
_VERSIONS_0_1, _VERSIONS_2_3 = (0, 1), (2, 3)


def examine(source: Source, notes: Notes) -> None:
    """Check the superblock; report Keras configurations found in the file."""
    start = _superblock(source)
    root = _length(source, start, notes)
    if root is not None:
        _walk(source, start, root, notes)
    search(source, notes)


def _walk(source: Source, start: int, root: tuple[int, int, int], notes: Notes) -> None:
    address, offset_bytes, length_bytes = root
    tree = hdf5_tree.start(source, start, offset_bytes, length_bytes, notes)
    notes.facts["reading"] = "whole tree"
    try:
        tree.walk(address)
    except Unreadable as reason:
        notes.facts["reading"] = "static scan"
        notes.incomplete(reason.code, f"the tree of groups: {reason.detail}")
    hdf5_tree.into(tree, notes)
    if tree.unwalked:
        notes.facts["reading"] = "part of the tree"
        notes.incomplete("MODEL_TREE_UNWALKED", "; ".join(sorted(tree.unwalked)))


def search(source: Source, notes: Notes) -> None:
    """Report Keras configurations wherever they lie in a file."""
    classes: set[str] = set()
    read = 0
    for at, piece in _pieces(source, notes):
        for found in _CLASS.finditer(piece):
            classes.add(found[1].decode("utf-8", "backslashreplace"))
        for found in _CONFIG.finditer(piece):
            if at + found.start() >= read:
                read = at + found.start() + _configuration(source, at + found.start(), notes)
    notes.facts["classes"] = listed(classes)
    if "Lambda" in classes and not any(finding.code == "MODEL_CODE" for finding in notes.findings):
        notes.danger("MODEL_CODE", "Lambda layer in a configuration that is no whole JSON")


def _superblock(source: Source) -> int:
    at = 0
    while at < source.size_bytes:
        if source.read_at(at, 8) == MAGIC:
            return at
        at = 512 if at == 0 else at * 2
    raise broken("magic", "no HDF5 superblock")


def _length(source: Source, start: int, notes: Notes) -> tuple[int, int, int] | None:
    """Check the end; return the root's address and how many bytes addresses and lengths have."""
    block = source.read_at(start, 128)
    version = block[8] if len(block) > 8 else 255  # noqa: PLR2004 - the byte after the magic
    notes.facts["version"] = version
    if version in _VERSIONS_0_1:
        size, lengths, at = block[13:14], block[14:15], 24 + 4 * version
    elif version in _VERSIONS_2_3:
        size, lengths, at = block[9:10], block[10:11], 12
    else:
        # A magic without a superblock: made by hand, or by something newer than the format.
        notes.caution("MODEL_UNPARSED", f"superblock version {version}")
        return None
    width = size[0] if size else 0
    if width not in {2, 4, 8, 16} or len(block) < at + 3 * width:
        notes.caution("MODEL_UNPARSED", f"offsets of {width} bytes")
        return None
    end = int.from_bytes(block[at + 2 * width : at + 3 * width], "little")
    # The end is counted from the start of the file, a user block before the superblock included.
    if end > source.size_bytes:
        notes.danger("MODEL:truncated", f"ends at {end}, the file has {source.size_bytes}")
    elif end < source.size_bytes:
        notes.caution("MODEL:trailing", f"{source.size_bytes - end} bytes after the end of the file's data")
    # Before the root's address: four addresses and the offset of its name, or three addresses.
    at += (5 if version in _VERSIONS_0_1 else 3) * width
    length_bytes = lengths[0] if lengths else 0
    if length_bytes not in {2, 4, 8, 16} or len(block) < at + width:
        notes.caution("MODEL_UNPARSED", f"lengths of {length_bytes} bytes")
        return None
    return int.from_bytes(block[at : at + width], "little"), width, length_bytes


def _pieces(source: Source, notes: Notes) -> Iterator[tuple[int, bytes]]:
    """The file in overlapping pieces with their positions."""
    end = min(source.size_bytes, MAX_SCANNED_BYTES)
    for at in range(0, end, PIECE_BYTES):
        yield at, source.read_at(at, min(PIECE_BYTES + _OVERLAP, end - at))
    if end < source.size_bytes:
        notes.incomplete("EXAMINE_LIMIT", f"only the first {end} bytes were searched")


def _configuration(source: Source, at: int, notes: Notes) -> int:
    """Read one JSON value at ``at`` if there is one; return its length."""
    raw = b""
    while len(raw) < MAX_CONFIG_BYTES and b"\0" not in raw:
        piece = source.read_at(at + len(raw), 256 << 10)
        if not piece:
            break
        raw += piece
    text = raw.split(b"\0", 1)[0].decode("utf-8", "replace")
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return 1
    if isinstance(value, dict) and isinstance(value.get("config", value), dict):
        notes.kind = "keras"
        keras_config.report(value, notes)
    return len(text[:end].encode())
