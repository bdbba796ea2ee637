"""What a check of the whole vault can end with."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import Tampered


@dataclass(kw_only=True, eq=False)
class VaultNotIntact(Tampered):
    """The check of the whole vault found at least one thing that is not as it was stored."""

    code: ClassVar[str] = "VLT-060"
    broken_files: int
    database_problems: int
    trail_row: int  # the first row of the trail that does not hold; 0 where all hold
