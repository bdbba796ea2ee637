"""Fonts, icons, style sheets, messages and vocabularies as bytes, text and names, and nothing else."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")


def read_bytes(name: str) -> bytes:
    """The content of one resource, for example ``fonts/IBMPlexSans-Regular.ttf``.

    Raises:
        ValueError: the name is absolute, climbs with ``..`` or is not a plain relative name.
        FileNotFoundError: there is no such resource.
    """
    return _find(name).read_bytes()


def read_text(name: str) -> str:
    """The content of one UTF-8 resource; raises as ``read_bytes`` does."""
    return _find(name).read_text(encoding="utf-8")


def names(folder: str) -> tuple[str, ...]:
    """The sorted names of the files in one folder, each ready for ``read_bytes``.

    Raises:
        ValueError: as ``read_bytes``.
        FileNotFoundError: there is no such folder.
    """
    entries = [
        entry.name for entry in _find(folder).iterdir() if entry.is_file() and _PART.fullmatch(entry.name)
    ]
    return tuple(f"{folder}/{name}" for name in sorted(entries))


def _find(name: str) -> Traversable:
    parts = name.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"not a resource name: {name!r}")
    found: Traversable = files(__name__)
    for part in parts:
        found = found / part
    return found
