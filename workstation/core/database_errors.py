"""What can be wrong with the encrypted database."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered


@dataclass(kw_only=True, eq=False)
class DatabaseDamaged(Tampered):
    """The file is not a database, or pages of it do not authenticate with the vault's key."""

    code: ClassVar[str] = "VLT-050"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class DatabaseNewer(Refused):
    """A newer workstation wrote this database."""

    code: ClassVar[str] = "VLT-051"
    found: str
    known: str


@dataclass(kw_only=True, eq=False)
class DatabaseStorageFailed(EnvironmentFault):
    """The disk under the vault is full, read-only or failing."""

    code: ClassVar[str] = "VLT-052"
    path: str
    reason: str


@dataclass(kw_only=True, eq=False)
class ClockBehind(EnvironmentFault):
    """The clock shows an earlier time than the trail already holds; told, and it stops nobody."""

    code: ClassVar[str] = "VLT-054"
    clock_reads: datetime
    trail_reads: datetime


@dataclass(kw_only=True, eq=False)
class OlderCopy(Tampered):
    """The trail that this machine saw last is not in this vault: an older copy was put in its place."""

    code: ClassVar[str] = "VLT-055"
    seen_rows: int
    found_rows: int


@dataclass(kw_only=True, eq=False)
class RecordStale(Refused):
    """Somebody else changed the same record in the meantime."""

    code: ClassVar[str] = "VLT-053"
    record: str
