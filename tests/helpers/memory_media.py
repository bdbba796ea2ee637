"""Media in memory for tests of workflows and of the window: no disk, no mount, the same promises.

Passes ``tests/contract/test_media.py`` like the real ones. Never use it for anything but tests.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from storage.media_table import needed_bytes, refused_names
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobCancelled, JobControl, Progress
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
    WrittenFile,
    completion_marker,
)
from workstation.core.media_errors import (
    FolderExists,
    MediaFault,
    MediumFailed,
    MediumFull,
    MediumGone,
    MediumReadOnly,
    NothingToWrite,
    ReadBackDiffers,
    ReadBackFailed,
    SourceDiffers,
    SourceUnreadable,
    WriteCancelled,
    require_same,
)

_UNIT_BYTES = 512
_PIECE_BYTES = 1 << 20


@dataclass(kw_only=True)
class MemoryStick:
    """One medium; what a test sets here is what goes wrong with it."""

    folder: str
    kind: MediumKind = MediumKind.REMOVABLE
    file_system: str = "ext4"
    total_bytes: int = 1 << 30
    read_only: bool = False
    label: str = ""
    known: bool = True  # it has an identity
    encrypted: bool = False
    contents: dict[str, bytes] = field(default_factory=dict)  # by path; an empty folder ends with "/"
    number: int = 1
    gone: bool = False
    busy: str = ""  # the system's words why it stays attached
    fails_at_byte: int | None = None  # of writing
    keeps_all: bool = False  # what was written cannot be removed
    keeps_wrong: str = ""  # the file that comes back otherwise
    unreadable: bool = False
    uninvited: str = ""  # a file that appears in a finished export

    @property
    def free_bytes(self) -> int:
        """What is left."""
        return self.total_bytes - sum(map(len, self.contents.values()))

    @property
    def names(self) -> list[str]:
        """What lies at the top."""
        return sorted({path.split("/", 1)[0] for path in self.contents})

    @property
    def medium(self) -> Medium:
        """As it would be listed now."""
        return Medium(
            medium_id=f"{self.number}:{self.folder}",
            kind=self.kind,
            folder=self.folder,
            device="" if self.kind is MediumKind.FOLDER else f"/dev/memory{self.number}",
            device_number=self.number,
            file_system=self.file_system,
            total_bytes=self.total_bytes,
            free_bytes=self.free_bytes,
            read_only=self.read_only,
            untrusted_label=self.label,
            identity=f"memory-{self.number}" if self.known else "",
            encrypted=self.encrypted,
        )

    def below(self, name: str) -> list[str]:
        """Every path in a folder at the top."""
        return [path for path in self.contents if path.startswith(f"{name}/")]


class MemoryMedia:
    """``core.media.MediumPort`` over sticks that a test plugs in."""

    def __init__(self, *sticks: MemoryStick) -> None:
        self.sticks = list(sticks)

    def list_media(self) -> tuple[Medium, ...]:
        """See the port."""
        found = [one.medium for one in self.sticks if not one.gone and one.kind is not MediumKind.FOLDER]
        return tuple(sorted(found, key=lambda medium: medium.folder))

    def folder_medium(self, folder: str) -> Medium:
        """See the port."""
        for stick in self.sticks:
            if stick.folder == folder and not stick.gone:
                return replace(stick.medium, kind=MediumKind.FOLDER, device="")
        raise MediumGone(folder=folder)

    def _stick(self, medium: Medium) -> MemoryStick:
        for stick in self.sticks:
            same = (stick.folder, stick.number) == (medium.folder, medium.device_number)
            if same and not stick.gone:
                return stick
        raise MediumGone(folder=medium.folder)

    def preflight(self, medium: Medium, folder_name: str, files: Sequence[PlannedFile]) -> Preflight:
        """See the port."""
        stick = self._stick(medium)
        needed = needed_bytes(files, _UNIT_BYTES) + _UNIT_BYTES
        now = self._now(stick, medium)
        require_same(medium, now)
        return Preflight(
            medium=now,
            needed_bytes=needed,
            free_bytes=stick.free_bytes,
            refusals=tuple(_refusals(stick, now, folder_name, files, needed)),
            warnings=tuple(self._warnings(stick, now, needed)),
            untrusted_existing=tuple(stick.names),
            partials=tuple(name for name in stick.names if name.startswith(PARTIAL_PREFIX)),
        )

    def _now(self, stick: MemoryStick, medium: Medium) -> Medium:
        folder = medium.kind is MediumKind.FOLDER
        return self.folder_medium(medium.folder) if folder else stick.medium

    def _warnings(self, stick: MemoryStick, medium: Medium, needed: int) -> Iterator[MediumWarning]:
        partial = [name.startswith(PARTIAL_PREFIX) for name in stick.names]
        if not all(partial):
            yield MediumWarning.NOT_EMPTY
        if any(partial):
            yield MediumWarning.EARLIER_PARTIAL
        others = [one for one in self.list_media() if one.kind is MediumKind.REMOVABLE]
        if medium.kind is not MediumKind.FOLDER and len(others) > 1:
            yield MediumWarning.OTHER_MEDIA
        if stick.free_bytes - needed < stick.total_bytes / 20:
            yield MediumWarning.NEARLY_FULL

    def write(
        self, medium: Medium, folder_name: str, files: Sequence[OutgoingFile], job: JobControl
    ) -> WriteReceipt:
        """See the port."""
        self.preflight(medium, folder_name, [file.planned for file in files]).require()
        writing = _Writing(self._stick(medium), folder_name, files, job)
        written = writing.copy()
        marker = writing.read_back(written)
        reason = self.eject(medium)
        return WriteReceipt(
            medium=medium,
            folder_name=folder_name,
            ending=Ending.VERIFIED_NOT_EJECTED if reason else Ending.SAFE_TO_REMOVE,
            files=tuple(written),
            marker_sha384=hashlib.sha384(marker).hexdigest(),
            past_cache=True,
            eject_reason=reason,
        )

    def eject(self, medium: Medium) -> str:
        """See the port."""
        try:
            stick = self._stick(medium)
        except MediumGone as gone:
            return str(gone)
        if medium.kind is MediumKind.FOLDER:
            return ""
        stick.gone = not stick.busy
        return stick.busy

    def remove_partial(self, medium: Medium, name: str) -> None:
        """See the port."""
        if not name.startswith(PARTIAL_PREFIX) or "/" in name:
            raise NothingToWrite(folder_name=name)
        stick = self._stick(medium)
        if stick.keeps_all or not stick.below(name):
            raise MediumFailed(system_message="EIO", ending=Ending.PARTLY_WRITTEN, left_behind=name)
        for path in stick.below(name):
            del stick.contents[path]


def _refusals(
    stick: MemoryStick, medium: Medium, folder_name: str, files: Sequence[PlannedFile], needed: int
) -> Iterator[WorkstationError]:
    if stick.read_only:
        yield MediumReadOnly(folder=stick.folder)
    marked = any(file.name.casefold() == COMPLETION_MARKER.casefold() for file in files)
    if not files or not folder_name or folder_name.startswith(".") or "/" in folder_name or marked:
        yield NothingToWrite(folder_name=folder_name)
        return
    if folder_name.casefold() in {name.casefold() for name in stick.names}:
        yield FolderExists(folder_name=folder_name)
    yield from refused_names(medium, folder_name, files)
    if needed > stick.free_bytes:
        yield MediumFull(needed_bytes=needed, free_bytes=stick.free_bytes)


class _Writing:
    """One export on its way to one stick."""

    def __init__(
        self, stick: MemoryStick, folder_name: str, files: Sequence[OutgoingFile], job: JobControl
    ) -> None:
        self._stick, self._final, self._files, self._job = stick, folder_name, files, job
        self._total, self._done, self._items = sum(file.size_bytes for file in files), 0, len(files)
        self._at = f"{PARTIAL_PREFIX}{folder_name}"
        number = 1
        while self._at in stick.names:
            number += 1
            self._at = f"{PARTIAL_PREFIX}{folder_name}-{number}"

    def copy(self) -> list[WrittenFile]:
        """Everything under the temporary name, then under its own, then the marker."""
        stick = self._stick
        try:
            with self._explained():
                stick.contents[f"{self._at}/"] = b""
                written = [self._copy(file) for file in self._files]
                self._require_free()
                del stick.contents[f"{self._at}/"]
                for path in stick.below(self._at):
                    stick.contents[self._final + path.removeprefix(self._at)] = stick.contents.pop(path)
                self._at = self._final
                stick.contents[f"{self._final}/{COMPLETION_MARKER}"] = completion_marker(written)
        except MediaFault as fault:
            fault.left_behind = self._tidy()
            if not isinstance(fault, MediumGone):
                fault.ending = Ending.PARTLY_WRITTEN if fault.left_behind else Ending.NOTHING_LEFT
            raise
        except BaseException:
            self._tidy()
            raise
        return written

    def _require_free(self) -> None:
        if self._final in self._stick.names:
            raise FolderExists(folder_name=self._final)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except JobCancelled as stop:
            raise WriteCancelled from stop

    def _copy(self, file: OutgoingFile) -> WrittenFile:
        content = b""
        for piece in self._pieces(file):
            self._tick("export.writing", file.name, len(piece))
            content += piece
            if len(content) > file.size_bytes:
                break
            self._write(f"{self._at}/{file.name}", content)
        self._write(f"{self._at}/{file.name}", content[: file.size_bytes])
        sha384 = hashlib.sha384(content).hexdigest()
        if len(content) != file.size_bytes or file.sha384 not in {None, sha384}:
            raise SourceDiffers(untrusted_name=file.name, expected=file.sha384 or "", found=sha384)
        return WrittenFile(name=file.name, size_bytes=len(content), sha384=sha384)

    @staticmethod
    def _pieces(file: OutgoingFile) -> Iterator[bytes]:
        source = iter(file.pieces())
        while True:
            try:
                piece = bytes(next(source))
            except StopIteration:
                return
            except OSError as error:
                raise SourceUnreadable(untrusted_name=file.name, system_message=str(error)) from error
            yield from (piece[at : at + _PIECE_BYTES] for at in range(0, len(piece), _PIECE_BYTES))

    def _write(self, path: str, content: bytes) -> None:
        stick = self._stick
        if stick.gone:
            raise MediumGone(folder=stick.folder)
        if stick.fails_at_byte is not None and self._done > stick.fails_at_byte:
            raise MediumFailed(system_message="EIO")
        if len(content) - len(stick.contents.get(path, b"")) > stick.free_bytes:
            raise MediumFull(needed_bytes=self._total - self._done, free_bytes=stick.free_bytes)
        stick.contents[path] = content

    def _tick(self, stage: str, name: str, size_bytes: int) -> None:
        self._done += size_bytes
        progress = Progress(
            stage=stage, done_bytes=self._done, total_bytes=self._total, untrusted_detail=name
        )
        self._job.tick(replace(progress, total_items=self._items))

    def _tidy(self) -> str:
        if self._stick.gone or self._stick.keeps_all:
            return self._at
        for path in self._stick.below(self._at):
            del self._stick.contents[path]
        return ""

    def read_back(self, written: Sequence[WrittenFile]) -> bytes:
        """Compare, and take the marker away from what differs."""
        marker, stick = completion_marker(written), self._stick
        mark = WrittenFile(
            name=COMPLETION_MARKER, size_bytes=len(marker), sha384=hashlib.sha384(marker).hexdigest()
        )
        expected = {file.name: file for file in (*written, mark)}
        self._total, self._done = sum(file.size_bytes for file in expected.values()), 0
        if stick.uninvited:
            stick.contents[f"{self._final}/{stick.uninvited}"] = b""
        try:
            for file in expected.values():
                self._compare(file)
        except JobCancelled as stop:
            raise WriteCancelled(ending=Ending.WRITTEN_NOT_VERIFIED, left_behind=self._final) from stop
        names = {path.removeprefix(f"{self._final}/") for path in stick.below(self._final)}
        for name in sorted(names - set(expected)):
            self._differs(name, "", "")
        return marker

    def _compare(self, file: WrittenFile) -> None:
        stick = self._stick
        if stick.gone:
            raise MediumGone(folder=stick.folder, left_behind=self._final)
        if stick.unreadable:
            raise ReadBackFailed(
                untrusted_name=file.name, system_message="EIO", left_behind=self._final
            ) from None
        path = f"{self._final}/{file.name}"
        if file.name == stick.keeps_wrong:
            stick.contents[path] = bytes([stick.contents[path][0] ^ 1]) + stick.contents[path][1:]
        found = hashlib.sha384(stick.contents[path]).hexdigest()
        self._tick("export.reading-back", file.name, file.size_bytes)
        if found != file.sha384:
            self._differs(file.name, file.sha384, found)

    def _differs(self, name: str, expected: str, found: str) -> None:
        self._stick.contents.pop(f"{self._final}/{COMPLETION_MARKER}", None)
        raise ReadBackDiffers(
            untrusted_name=name, expected_sha384=expected, found_sha384=found, left_behind=self._final
        )
