"""Texts read from, and documents written to, files that the command line names."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from workstation.core.errors import EnvironmentFault
from workstation.core.findings import MAX_TEXT_CHARS

_MOST_BYTES = MAX_TEXT_CHARS * 4


@dataclass(kw_only=True, eq=False)
class FileUnusable(EnvironmentFault):
    """A file that the command line names cannot be read or written."""

    code: ClassVar[str] = "SET-030"
    path: str
    reason: str


def text_of(path: Path) -> str:
    """A text typed elsewhere, UTF-8, so that it never stands in the list of processes.

    Raises:
        FileUnusable.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise FileUnusable(path=str(path), reason=f"more than {_MOST_BYTES} bytes")
        return content.decode().strip()
    except OSError as fault:
        raise FileUnusable(path=str(path), reason=fault.strerror or "") from fault
    except UnicodeDecodeError as fault:
        raise FileUnusable(path=str(path), reason="not UTF-8 text") from fault


def write_new(path: Path, content: bytes) -> None:
    """A file that was not there before, readable by its owner only.

    Raises:
        FileUnusable.
    """
    try:
        with path.open("xb") as stream:
            path.chmod(0o600)
            stream.write(content)
    except OSError as fault:
        raise FileUnusable(path=str(path), reason=fault.strerror or "") from fault
