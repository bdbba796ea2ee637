"""Write an export to a medium so that "safe to remove" is true when it is said.

Order: look, write under a temporary name, flush each file, flush each folder, rename, write the completion
marker, read everything back from the device and compare, detach. Whatever goes wrong on the way ends in an
error that says what is on the medium now.
"""

import errno
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from storage.media_files import MediumFiles
from storage.media_table import Machine, Mount, kind_of, needed_bytes, refused_names
from storage.media_writing import Writing
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobControl
from workstation.core.media import (
    COMPLETION_MARKER,
    PARTIAL_PREFIX,
    Ending,
    Medium,
    MediumKind,
    MediumWarning,
    OutgoingFile,
    PlannedFile,
    Preflight,
    WriteReceipt,
)
from workstation.core.media_errors import (
    FolderExists,
    MediumFailed,
    MediumFull,
    MediumGone,
    MediumReadOnly,
    NothingToWrite,
    require_same,
)

_SHOWN_NAMES = 50
_DETACH_TIMEOUT_S = 120

Detach = Callable[[Medium], str]


class RemovableMedia:
    """The media of this computer. Satisfies ``core.media.MediumPort``."""

    def __init__(
        self,
        *,
        files: MediumFiles | None = None,
        machine: Machine | None = None,
        detach: Detach | None = None,
    ) -> None:
        self._files = files or MediumFiles()
        self._machine = machine or Machine()
        self._detach = detach or detach_with_system

    def list_media(self) -> tuple[Medium, ...]:
        """What is plugged in and mounted now, by mount point. A medium that answers no longer is left out."""
        found = []
        for mount in self._machine.removable():
            try:
                found.append(self._describe(mount.folder, kind_of(mount), mount))
            except MediumGone:
                continue
        return tuple(found)

    def folder_medium(self, folder: str) -> Medium:
        """A plain folder that stands for a medium.

        Raises:
            MediumGone: there is no such folder.
        """
        return self._describe(str(Path(folder).absolute()), MediumKind.FOLDER, None)

    def _describe(self, folder: str, kind: MediumKind, mount: Mount | None) -> Medium:
        try:
            root = self._files.open_root(folder)
        except OSError as error:
            raise MediumGone(folder=folder) from error
        with self._files.closing(root):
            number = self._files.device_number(root)
            total, free, _unit = self._files.room(root)
        if mount is not None and mount.device_number != number:
            raise MediumGone(folder=folder)
        mount = mount or self._machine.mount_of(str(Path(folder).resolve()), number)
        source = mount.source if mount and kind is not MediumKind.FOLDER else ""
        identity = self._machine.name_of(source, "by-uuid") if source else folder
        return Medium(
            medium_id=f"{os.major(number)}:{os.minor(number)}:{identity}",
            kind=kind,
            folder=folder,
            device=source,
            device_number=number,
            file_system=mount.file_system if mount else "",
            total_bytes=total,
            free_bytes=free,
            read_only=mount.read_only if mount else False,
            untrusted_label=self._machine.name_of(source, "by-label") if source else "",
            identity=self._identity(mount, folder if kind is MediumKind.FOLDER else ""),
            encrypted=self._machine.is_encrypted(mount) if mount else False,
        )

    def _identity(self, mount: Mount | None, folder: str) -> str:
        """What stays when the medium is away and comes back; of a folder also where it lies."""
        uuid = self._machine.name_of(mount.source, "by-uuid") if mount else ""
        serial = self._machine.serial_of(mount) if mount else ""
        parts = [uuid, serial, str(Path(folder).resolve()) if folder else ""]
        return " ".join(part for part in parts if part)

    @contextmanager
    def _opened(self, medium: Medium) -> Iterator[int]:
        """A descriptor of the medium's top folder, of this medium and no other."""
        try:
            root = self._files.open_root(medium.folder)
        except OSError as error:
            raise MediumGone(folder=medium.folder) from error
        with self._files.closing(root):
            # A mount point whose medium was pulled is an ordinary folder of the computer's own disk.
            if self._files.device_number(root) != medium.device_number:
                raise MediumGone(folder=medium.folder)
            yield root

    def preflight(self, medium: Medium, folder_name: str, files: Sequence[PlannedFile]) -> Preflight:
        """Look whether the files fit and may be named so; nothing is written.

        Raises:
            MediumGone: the medium is no longer there.
            MediumExchanged: another one is where it was.
        """
        with self._opened(medium) as root:
            _total, free, unit = self._files.room(root)
            try:
                names = self._files.names(root)
            except OSError as error:
                raise MediumFailed(system_message=_words(error)) from error
        # The completion marker and its entry need a unit as well.
        needed = needed_bytes(files, unit) + unit
        now = self._now(medium)
        require_same(medium, now)
        return Preflight(
            medium=now,
            needed_bytes=needed,
            free_bytes=free,
            refusals=tuple(_refusals(now, folder_name, files, names, needed=needed, free=free)),
            warnings=tuple(self._warnings(now, names, needed=needed, free=free)),
            untrusted_existing=tuple(names[:_SHOWN_NAMES]),
            partials=tuple(name for name in names if name.startswith(PARTIAL_PREFIX)),
        )

    def _now(self, medium: Medium) -> Medium:
        """The medium as it is at this moment: it may have been remounted read-only since it was listed."""
        if medium.kind is MediumKind.FOLDER:
            return self.folder_medium(medium.folder)
        for listed in self.list_media():
            if listed.medium_id == medium.medium_id and listed.folder == medium.folder:
                return listed
        raise MediumGone(folder=medium.folder)

    def _warnings(
        self, medium: Medium, names: Sequence[str], *, needed: int, free: int
    ) -> Iterator[MediumWarning]:
        if any(not name.startswith(PARTIAL_PREFIX) for name in names):
            yield MediumWarning.NOT_EMPTY
        if any(name.startswith(PARTIAL_PREFIX) for name in names):
            yield MediumWarning.EARLIER_PARTIAL
        if medium.kind is not MediumKind.FOLDER:
            writable = [one for one in self.list_media() if one.kind is MediumKind.REMOVABLE]
            if len(writable) > 1:
                yield MediumWarning.OTHER_MEDIA
        if medium.total_bytes and free - needed < medium.total_bytes / 20:
            yield MediumWarning.NEARLY_FULL

    def write(
        self, medium: Medium, folder_name: str, files: Sequence[OutgoingFile], job: JobControl
    ) -> WriteReceipt:
        """Write, read back, compare, detach; see ``core.media.MediumPort``."""
        self.preflight(medium, folder_name, [file.planned for file in files]).require()
        with self._opened(medium) as root:
            writing = Writing(self._files, medium, root, folder_name, job)
            written = writing.write(files)
            marker, past_cache = writing.read_back(written)
        reason = self.eject(medium)
        return WriteReceipt(
            medium=medium,
            folder_name=folder_name,
            ending=Ending.VERIFIED_NOT_EJECTED if reason else Ending.SAFE_TO_REMOVE,
            files=tuple(written),
            marker_sha384=hashlib.sha384(marker).hexdigest(),
            past_cache=past_cache,
            eject_reason=reason,
        )

    def eject(self, medium: Medium) -> str:
        """Flush and detach; the empty string when removal is safe, else the system's own words why not."""
        try:
            with self._opened(medium) as root:
                self._files.sync(root)
        except (OSError, MediumGone) as error:
            return _words(error)
        return "" if medium.kind is MediumKind.FOLDER else self._detach(medium)

    def remove_partial(self, medium: Medium, name: str) -> None:
        """Remove one interrupted export, and nothing that is named otherwise.

        Raises:
            NothingToWrite: the name is not that of an interrupted export.
            MediaFault: the medium would not let it go.
        """
        if not name.startswith(PARTIAL_PREFIX) or "/" in name:
            raise NothingToWrite(folder_name=name)
        with self._opened(medium) as root:
            try:
                Writing(self._files, medium, root, name, JobControl()).remove(name)
            except OSError as error:
                raise MediumFailed(
                    system_message=_words(error), ending=Ending.PARTLY_WRITTEN, left_behind=name
                ) from error


def _refusals(
    medium: Medium,
    folder_name: str,
    files: Sequence[PlannedFile],
    names: Iterable[str],
    *,
    needed: int,
    free: int,
) -> Iterator[WorkstationError]:
    if medium.read_only:
        yield MediumReadOnly(folder=medium.folder)
    is_hidden = folder_name.startswith(".") or "/" in folder_name
    marker = COMPLETION_MARKER.casefold()
    if not files or not folder_name or is_hidden or any(file.name.casefold() == marker for file in files):
        yield NothingToWrite(folder_name=folder_name)
        return
    # FAT and NTFS hold "Export" and "export" for the same name; a copy to them later would too.
    if folder_name.casefold() in {name.casefold() for name in names}:
        yield FolderExists(folder_name=folder_name)
    yield from refused_names(medium, folder_name, files)
    if needed > free:
        yield MediumFull(needed_bytes=needed, free_bytes=free)


def _words(error: Exception) -> str:
    """The system's own words, without the path."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"
    return str(error)


def detach_with_system(medium: Medium) -> str:
    """Unmount by the desktop's disk service, else by umount; then cut the power where the device allows.

    Returns the empty string once nothing is mounted from the device, else what the system said.
    """
    said = "neither udisksctl nor umount is installed"
    for command in (
        ["udisksctl", "unmount", "--no-user-interaction", "-b", medium.device],
        ["umount", "--", medium.folder],
    ):
        if shutil.which(command[0]) is None:
            continue
        status, said = _run(command)
        if status == 0:
            # Not every device can be powered off; it is unmounted either way.
            if shutil.which("udisksctl"):
                _run(["udisksctl", "power-off", "--no-user-interaction", "-b", medium.device])
            return ""
    return said


def _run(command: list[str]) -> tuple[int, str]:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            # A passphrase given by the environment is for this program, not for others.
            env={name: value for name, value in os.environ.items() if not name.startswith("FRW_")},
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DETACH_TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return 1, str(error)
    return done.returncode, (done.stderr or done.stdout).strip()[:500]
