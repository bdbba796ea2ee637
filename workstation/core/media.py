"""Media as the rules and workflows see them: what is plugged in, what may be written, and how writing ended.

``storage.removable`` is the implementation. What goes wrong is in ``media_errors``. Nothing here is said to
be safe to remove before every byte was read back from the medium and compared.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobControl

COMPLETION_MARKER: Final = "COMPLETE"
PARTIAL_PREFIX: Final = ".partial-"


class MediumKind(StrEnum):
    """What the folder stands for."""

    REMOVABLE = "removable"  # a mounted stick, card or disk that is detached afterwards
    OPTICAL = "optical"  # a disc: read only
    FOLDER = "folder"  # a plain folder (demonstration, command line): nothing to detach


class Ending(StrEnum):
    """How writing to a medium ended. Each is a different thing to tell the person."""

    REFUSED_PREFLIGHT = "refused-preflight"  # nothing was written
    NOTHING_LEFT = "nothing-left"  # it failed; what had been written was removed again
    PARTLY_WRITTEN = "partly-written"  # it failed; a part is left under its temporary name
    MEDIUM_GONE = "medium-gone"  # nobody can say what is on it
    WRITTEN_NOT_VERIFIED = "written-not-verified"  # complete, but it could not be read back
    READ_BACK_DIFFERS = "read-back-differs"  # what the medium returns is not what was written
    VERIFIED_NOT_EJECTED = "verified-not-ejected"  # right, but still attached
    SAFE_TO_REMOVE = "safe-to-remove"  # right, flushed and detached


class MediumWarning(StrEnum):
    """What the person should know before writing; none of them refuses."""

    NOT_EMPTY = "not-empty"  # other files are on the medium and travel with it
    OTHER_MEDIA = "other-media"  # more than one medium is plugged in: choose with care
    EARLIER_PARTIAL = "earlier-partial"  # an interrupted export is still on the medium
    NEARLY_FULL = "nearly-full"  # less than a twentieth would stay free


@dataclass(frozen=True, kw_only=True)
class Medium:
    """One place that can be written to or read from, as it was when listed."""

    medium_id: str  # device numbers and file-system identity: changes when another stick takes the place
    kind: MediumKind
    folder: str
    device: str  # device node; empty for a folder
    device_number: int  # of the mounted file system; every later step is held against it
    file_system: str
    total_bytes: int
    free_bytes: int
    read_only: bool
    untrusted_label: str = ""
    # How it is known again after it was away: the file system's UUID and the device's serial number; of a
    # folder also its path. Empty when it has none. Whoever can write a device can copy both.
    identity: str = ""
    encrypted: bool = False  # the file system lies on dm-crypt


@dataclass(frozen=True, kw_only=True)
class PlannedFile:
    """A file to be written: relative name with "/" and its exact size."""

    name: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class OutgoingFile:
    """A file to be written and where its bytes come from; ``pieces`` is called once."""

    name: str
    size_bytes: int
    pieces: Callable[[], Iterable[bytes | memoryview]]
    sha384: str | None = None  # when known, the copy must have it

    @property
    def planned(self) -> PlannedFile:
        """Name and size alone."""
        return PlannedFile(name=self.name, size_bytes=self.size_bytes)


def outgoing_bytes(name: str, content: bytes) -> OutgoingFile:
    """A small file from memory."""
    digest = hashlib.sha384(content).hexdigest()
    return OutgoingFile(name=name, size_bytes=len(content), pieces=lambda: (content,), sha384=digest)


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """What was found before anything was written."""

    medium: Medium
    needed_bytes: int
    free_bytes: int
    refusals: tuple[WorkstationError, ...] = ()
    warnings: tuple[MediumWarning, ...] = ()
    untrusted_existing: tuple[str, ...] = ()  # first names at the top of the medium
    partials: tuple[str, ...] = ()  # interrupted exports at the top of the medium

    def require(self) -> None:
        """Raise the first refusal, if there is one."""
        if self.refusals:
            raise self.refusals[0]


@dataclass(frozen=True, kw_only=True)
class WrittenFile:
    """A file on the medium, read back and equal to what was written."""

    name: str
    size_bytes: int
    sha384: str


@dataclass(frozen=True, kw_only=True)
class WriteReceipt:
    """A complete export, read back. ``ending`` is SAFE_TO_REMOVE or VERIFIED_NOT_EJECTED."""

    medium: Medium
    folder_name: str
    ending: Ending
    files: tuple[WrittenFile, ...]
    marker_sha384: str
    past_cache: bool  # every byte was read from the device, not from this computer's memory
    eject_reason: str = ""  # why it is still attached: the system's own words


def completion_marker(files: Sequence[WrittenFile]) -> bytes:
    """The last file written: how many files and bytes, and one digest over all names and digests."""
    lines = sorted(f"{file.sha384}  {file.name}\n" for file in files)
    digest = hashlib.sha384("".join(lines).encode()).hexdigest()
    size_bytes = sum(file.size_bytes for file in files)
    return f"files {len(files)}\nbytes {size_bytes}\nsha384 {digest}\n".encode()


class MediumPort(Protocol):
    """Media of this computer."""

    def list_media(self) -> tuple[Medium, ...]:
        """What is plugged in and mounted now, in order of folder; what was detached is no longer there."""

    def folder_medium(self, folder: str) -> Medium:
        """A plain folder that stands for a medium; raises MediumGone when it is not there."""

    def preflight(self, medium: Medium, folder_name: str, files: Sequence[PlannedFile]) -> Preflight:
        """Look whether the files fit and may be named so; nothing is written.

        Raises:
            MediumGone: nothing is there any more, or another file system is.
            MediumExchanged: it is another medium than ``medium``, or attached in another way.
        """

    def write(
        self, medium: Medium, folder_name: str, files: Sequence[OutgoingFile], job: JobControl
    ) -> WriteReceipt:
        """Write, read back, compare, detach; return only when the copy is right.

        Nothing that was on the medium is overwritten. Until it is complete the folder has a name that begins
        with ``.partial-``; the completion marker is written last, and taken away from a copy that reads back
        otherwise. A fault during the copy takes away what was written, where the medium lets it; a fault
        while reading back leaves the copy, unverified.

        Raises:
            MediaFault: its ``ending`` and ``left_behind`` say what is on the medium now.
            Exception: whatever a source's ``pieces`` raises, except OSError; nothing is left behind.
        """

    def eject(self, medium: Medium) -> str:
        """Flush and detach; the empty string when removal is safe, else the system's own words why not.

        A folder has nothing to detach; a medium that is gone is not called safe.
        """

    def remove_partial(self, medium: Medium, name: str) -> None:
        """Remove one interrupted export that ``preflight`` named, and nothing else.

        Raises:
            NothingToWrite: the name is not that of an interrupted export.
            MediaFault: it is not there, or the medium does not let it go.
        """
