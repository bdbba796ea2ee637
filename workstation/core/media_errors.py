"""What goes wrong with a medium. Each error says how it ended and what is left on the medium."""

from dataclasses import dataclass
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused, Tampered, WorkstationError
from workstation.core.media import Ending, Medium


@dataclass(kw_only=True, eq=False)
class MediaFault(WorkstationError):
    """Common to all of them."""

    ending: Ending = Ending.REFUSED_PREFLIGHT
    left_behind: str = ""  # name of what is left at the top of the medium; empty when nothing is


@dataclass(kw_only=True, eq=False)
class MediumFailed(MediaFault, EnvironmentFault):
    """The system reports a fault of the medium that is none of the others."""

    code: ClassVar[str] = "EXP-001"
    system_message: str


@dataclass(kw_only=True, eq=False)
class MediumGone(MediaFault, EnvironmentFault):
    """The medium was removed, or another one took its place."""

    code: ClassVar[str] = "EXP-002"
    folder: str
    ending: Ending = Ending.MEDIUM_GONE


@dataclass(kw_only=True, eq=False)
class MediumReadOnly(MediaFault, EnvironmentFault):
    """The medium cannot be written: a lock switch, a disc, or a read-only mount."""

    code: ClassVar[str] = "EXP-003"
    folder: str


@dataclass(kw_only=True, eq=False)
class MediumFull(MediaFault, EnvironmentFault):
    """Not enough room."""

    code: ClassVar[str] = "EXP-004"
    needed_bytes: int
    free_bytes: int


@dataclass(kw_only=True, eq=False)
class NameNotRepresentable(MediaFault, Refused):
    """The medium's file system cannot hold a file of this name, or would confuse two of them."""

    code: ClassVar[str] = "EXP-005"
    untrusted_name: str
    file_system: str


@dataclass(kw_only=True, eq=False)
class FolderExists(MediaFault, Refused):
    """The medium already holds something of this name; nothing is ever overwritten."""

    code: ClassVar[str] = "EXP-006"
    folder_name: str


@dataclass(kw_only=True, eq=False)
class FileTooLarge(MediaFault, Refused):
    """A file is larger than the medium's file system can hold."""

    code: ClassVar[str] = "EXP-007"
    untrusted_name: str
    size_bytes: int
    limit_bytes: int
    file_system: str


@dataclass(kw_only=True, eq=False)
class ReadBackDiffers(MediaFault, Tampered):
    """The medium returns something else than what was written."""

    code: ClassVar[str] = "EXP-008"
    untrusted_name: str
    expected_sha384: str
    found_sha384: str
    ending: Ending = Ending.READ_BACK_DIFFERS


@dataclass(kw_only=True, eq=False)
class ReadBackFailed(MediaFault, EnvironmentFault):
    """Everything was written, but the medium could not be read again."""

    code: ClassVar[str] = "EXP-009"
    untrusted_name: str
    system_message: str
    ending: Ending = Ending.WRITTEN_NOT_VERIFIED


@dataclass(kw_only=True, eq=False)
class WriteCancelled(MediaFault, Refused):
    """Somebody stopped it."""

    code: ClassVar[str] = "EXP-010"


@dataclass(kw_only=True, eq=False)
class SourceDiffers(MediaFault, Tampered):
    """The bytes to be written are not the ones that were released: wrong length or digest."""

    code: ClassVar[str] = "EXP-011"
    untrusted_name: str
    expected: str
    found: str


@dataclass(kw_only=True, eq=False)
class NothingToWrite(MediaFault, Refused):
    """An export without files, or with a folder name that is none."""

    code: ClassVar[str] = "EXP-012"
    folder_name: str


@dataclass(kw_only=True, eq=False)
class SourceUnreadable(MediaFault, EnvironmentFault):
    """A file that was to be written could not be read where it is kept."""

    code: ClassVar[str] = "EXP-013"
    untrusted_name: str
    system_message: str


@dataclass(kw_only=True, eq=False)
class MediumExchanged(MediaFault, EnvironmentFault):
    """Where the chosen medium was there is another one, or the same one attached in another way."""

    code: ClassVar[str] = "EXP-014"
    folder: str


def require_same(chosen: Medium, now: Medium) -> None:
    """What is there now is the medium that was chosen, in everything but its room and its label.

    Raises:
        MediumExchanged: another file system, serial number, device or folder, or encryption that was not
            there before or is no more.
    """
    if _lasting(chosen) != _lasting(now):
        raise MediumExchanged(folder=chosen.folder)


def _lasting(medium: Medium) -> tuple[object, ...]:
    attached = (medium.medium_id, medium.kind, medium.folder, medium.device, medium.device_number)
    return (*attached, medium.file_system, medium.identity, medium.encrypted)
