"""Finding files of the whole vault by their names, as a protocol."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from workstation.core.values import CaseId, PackageId


@dataclass(frozen=True, kw_only=True)
class NamedFile:
    """A stored file, and the case it came in for."""

    case_id: CaseId
    package_id: PackageId
    untrusted_path: str


class Search(Protocol):
    """Looks through what the encrypted database holds; nothing of it is ever indexed outside."""

    def files(self, parts: Sequence[str], *, limit: int) -> Sequence[NamedFile]:
        """Files whose path holds every part, in any case of ASCII letters; at most ``limit``."""
