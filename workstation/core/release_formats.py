"""Which formats leave this workstation: a typed list, held against name and content (domain.md section 5)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

from workstation.core.errors import Refused


class ReleaseFormat(StrEnum):
    """Every format a release may hold before it is signed; signatures and checksums are added to these."""

    PDF = ".pdf"
    JSON = ".json"
    PEM = ".pem"


@dataclass(kw_only=True, eq=False)
class FormatNotListed(Refused):
    """A file to be released is of no listed format, or is not what its name says."""

    code: ClassVar[str] = "EXP-078"
    untrusted_name: str


def _is_json(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except (ValueError, RecursionError):
        return False


_CONTENT: Final[Mapping[ReleaseFormat, Callable[[bytes], bool]]] = {
    ReleaseFormat.PDF: lambda content: content.startswith(b"%PDF-"),
    ReleaseFormat.JSON: _is_json,
    ReleaseFormat.PEM: lambda content: content.startswith(b"-----BEGIN CERTIFICATE-----"),
}


def require_listed(files: Mapping[str, bytes]) -> None:
    """Every file is of a format on the list, by its name and by its content; raises FormatNotListed."""
    for name, content in files.items():
        found = next((one for one in ReleaseFormat if name.endswith(one)), None)
        if found is None or not _CONTENT[found](content):
            raise FormatNotListed(untrusted_name=name)
