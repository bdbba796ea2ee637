"""One export on its way to one medium: the copy, the reading back, and tidying up when either fails."""

import errno
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from storage.hash_beside import HashBeside
from storage.media_files import PIECE_BYTES, MediumFiles, ReadBack
from workstation.core.errors import WorkstationError
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.media import (
    COMPLETION_MARKER,
    PARTIAL_PREFIX,
    Ending,
    Medium,
    OutgoingFile,
    WrittenFile,
    completion_marker,
)
from workstation.core.media_errors import (
    FileTooLarge,
    FolderExists,
    MediaFault,
    MediumFailed,
    MediumFull,
    MediumGone,
    MediumReadOnly,
    NameNotRepresentable,
    ReadBackDiffers,
    ReadBackFailed,
    SourceDiffers,
    SourceUnreadable,
    WriteCancelled,
)

_FLUSH_EVERY_BYTES = 32 << 20
_GONE = frozenset({errno.ENOENT, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ENOTCONN, errno.EBADF})
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_BAD_NAME = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ENOTDIR})


class Writing:
    """The state of one export being written below an open top folder."""

    def __init__(
        self, files: MediumFiles, medium: Medium, root: int, folder_name: str, job: JobControl
    ) -> None:
        self._files, self._medium, self._root, self._job = files, medium, root, job
        self._final = folder_name
        self._at = ""  # the name our folder has now; empty while there is none
        self._file = ""
        self._total_bytes = self._done_bytes = self._total_items = self._done_items = 0

    # --- the copy ---

    def write(self, files: Sequence[OutgoingFile]) -> list[WrittenFile]:
        """Everything up to and including the completion marker.

        Raises:
            MediaFault: with ``ending`` and ``left_behind`` telling what is on the medium now.
        """
        self._begin(files)
        with self._explained(needed_bytes=self._total_bytes):
            folder = self._make_partial()
            with self._files.closing(folder):
                written = [self._copy(folder, file) for file in files]
                self._sync_folders(folder, {os.path.dirname(file.name) for file in files})  # noqa: PTH120
                self._file = ""
                self._files.rename_new(self._root, self._at, self._final)
                self._at = self._final
                self._files.sync(self._root)
                self._store(folder, COMPLETION_MARKER, completion_marker(written))
                self._files.sync(folder)
        return written

    def _begin(self, files: Sequence[OutgoingFile]) -> None:
        self._total_bytes = sum(file.size_bytes for file in files)
        self._total_items, self._done_bytes, self._done_items = len(files), 0, 0

    def _make_partial(self) -> int:
        """Our folder under the first free temporary name, opened."""
        number = 1
        while True:
            name = f"{PARTIAL_PREFIX}{self._final}" + (f"-{number}" if number > 1 else "")
            try:
                self._files.make_folder(self._root, name)
            except FileExistsError:
                number += 1
                continue
            self._at = name
            return self._files.open_folder(self._root, name)

    def _copy(self, folder: int, file: OutgoingFile) -> WrittenFile:
        self._file = file.name
        size = unflushed = 0
        with HashBeside() as digest, self._parent(folder, file.name, make=True) as (parent, name):
            descriptor = self._files.create(parent, name)
            with self._files.closing(descriptor):
                for piece in _in_pieces(file):
                    self._tick("export.writing", len(piece))
                    size += len(piece)
                    if size > file.size_bytes:
                        break
                    digest.take(piece)
                    self._files.write(descriptor, piece)
                    digest.wait()  # the source may use its memory again
                    unflushed += len(piece)
                    if unflushed >= _FLUSH_EVERY_BYTES:
                        # A slow stick is filled at its own pace, so progress and cancelling stay true.
                        self._files.sync(descriptor)
                        unflushed = 0
                self._require_released(file, size, digest.hexdigest())
                self._files.sync(descriptor)
                self._files.forget(descriptor)
        self._done_items += 1
        return WrittenFile(name=file.name, size_bytes=size, sha384=digest.hexdigest())

    def _require_released(self, file: OutgoingFile, size: int, sha384: str) -> None:
        if size != file.size_bytes:
            raise SourceDiffers(
                untrusted_name=file.name, expected=f"{file.size_bytes} bytes", found=f"{size} bytes"
            )
        if file.sha384 is not None and file.sha384 != sha384:
            raise SourceDiffers(untrusted_name=file.name, expected=file.sha384, found=sha384)

    def _store(self, folder: int, name: str, content: bytes) -> None:
        descriptor = self._files.create(folder, name)
        with self._files.closing(descriptor):
            self._files.write(descriptor, memoryview(content))
            self._files.sync(descriptor)
            self._files.forget(descriptor)

    def _sync_folders(self, folder: int, names: set[str]) -> None:
        """Flush every folder of the export, the deepest first."""
        wanted = {""}
        for name in names:
            parts = name.split("/") if name else []
            wanted |= {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
        for name in sorted(wanted, key=lambda name: (-name.count("/") - bool(name), name)):
            with self._parent(folder, f"{name}/." if name else ".") as (inner, _):
                self._files.sync(inner)

    @contextmanager
    def _parent(self, folder: int, name: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
        """The folder a file lies in, opened step by step so that no link is followed, and its last name."""
        *folders, last = name.split("/")
        opened: list[int] = []
        try:
            for part in folders:
                at = opened[-1] if opened else folder
                if make and not self._files.exists(at, part):
                    self._files.make_folder(at, part)
                opened.append(self._files.open_folder(at, part))
            yield (opened[-1] if opened else folder), last
        finally:
            for descriptor in opened:
                os.close(descriptor)

    def _tick(self, stage: str, done_bytes: int) -> None:
        self._done_bytes += done_bytes
        self._job.tick(
            Progress(
                stage=stage,
                done_bytes=self._done_bytes,
                total_bytes=self._total_bytes,
                done_items=self._done_items,
                total_items=self._total_items,
                untrusted_detail=self._file,
            )
        )

    # --- reading back ---

    def read_back(self, written: Sequence[WrittenFile]) -> tuple[bytes, bool]:
        """Compare everything with what the medium returns; the marker, and whether the device was asked.

        Raises:
            ReadBackDiffers: another content, a missing file or one too many; the marker is taken away again.
            ReadBackFailed: the medium could not be read.
            WriteCancelled: somebody stopped it; the folder stays, unverified.
        """
        marker = completion_marker(written)
        expected = [
            *written,
            WrittenFile(
                name=COMPLETION_MARKER, size_bytes=len(marker), sha384=hashlib.sha384(marker).hexdigest()
            ),
        ]
        self._total_bytes = sum(file.size_bytes for file in expected)
        self._total_items, self._done_bytes, self._done_items = len(expected), 0, 0
        try:
            with self._files.closing(self._files.open_folder(self._root, self._final)) as folder:
                asked = [self._compare(folder, file) for file in expected]
                self._require_nothing_else(folder, expected)
        except JobCancelled as stop:
            raise WriteCancelled(ending=Ending.WRITTEN_NOT_VERIFIED, left_behind=self._final) from stop
        except ReadBackDiffers:
            self._withdraw_marker()
            raise
        except OSError as error:
            if not self._is_still_there():
                raise MediumGone(folder=self._medium.folder, left_behind=self._final) from error
            raise ReadBackFailed(
                untrusted_name=self._file, system_message=_words(error), left_behind=self._final
            ) from error
        return marker, all(asked)

    def _compare(self, folder: int, file: WrittenFile) -> bool:
        """Whether the device itself was asked; raises when the content is another."""
        self._file = file.name
        with self._parent(folder, file.name) as (parent, name), self._files.read_back(parent, name) as source:
            found = self._digest_of(source)
            past_cache = source.past_cache
        self._done_items += 1
        if found != file.sha384:
            raise self._differs(file.name, file.sha384, found)
        return past_cache

    def _digest_of(self, source: ReadBack) -> str:
        with HashBeside() as digest:
            for piece in source.pieces():
                digest.take(piece)
                self._tick("export.reading-back", len(piece))
            return digest.hexdigest()

    def _differs(self, name: str, expected: str, found: str) -> ReadBackDiffers:
        return ReadBackDiffers(
            untrusted_name=name, expected_sha384=expected, found_sha384=found, left_behind=self._final
        )

    def _require_nothing_else(self, folder: int, expected: Sequence[WrittenFile]) -> None:
        known = {file.name for file in expected}
        for name in self._walk(folder, ""):
            if name not in known:
                raise self._differs(name, "", "")

    def _walk(self, folder: int, prefix: str) -> Iterator[str]:
        for name in self._files.names(folder):
            if self._files.is_folder(folder, name):
                with self._files.closing(self._files.open_folder(folder, name)) as inner:
                    yield from self._walk(inner, f"{prefix}{name}/")
            else:
                yield f"{prefix}{name}"

    def _withdraw_marker(self) -> None:
        """A folder that is known to be wrong does not keep the mark of a complete one."""
        with (
            suppress(OSError),
            self._files.closing(self._files.open_folder(self._root, self._final)) as folder,
        ):
            self._files.remove_file(folder, COMPLETION_MARKER)
            self._files.sync(folder)

    # --- when it fails ---

    @contextmanager
    def _explained(self, *, needed_bytes: int) -> Iterator[None]:
        """Turn whatever goes wrong into a MediaFault, after removing what was written."""
        try:
            yield
        except JobCancelled as stop:
            raise self._ended(WriteCancelled()) from stop
        except MediaFault as fault:
            raise self._ended(fault) from None
        except OSError as error:
            raise self._ended(self._fault_of(error, needed_bytes)) from error
        except BaseException:
            # A fault of the source (a tampered object, a defect): told as it is, but nothing is left behind.
            self._tidy()
            raise

    def _ended(self, fault: MediaFault) -> MediaFault:
        fault.left_behind = self._tidy()
        if not isinstance(fault, MediumGone):
            fault.ending = Ending.PARTLY_WRITTEN if fault.left_behind else Ending.NOTHING_LEFT
        return fault

    def _fault_of(self, error: OSError, needed_bytes: int) -> MediaFault:
        number = error.errno
        if number in _GONE or not self._is_still_there():
            return MediumGone(folder=self._medium.folder)
        if number in _FULL:
            needed = max(needed_bytes - self._done_bytes, PIECE_BYTES)
            free = 0
            with suppress(OSError):
                free = self._files.room(self._root)[1]
            # "No space" with room left is a stick that lies about its size, or a full table of names.
            if free < needed:
                return MediumFull(needed_bytes=needed, free_bytes=free)
        if number == errno.EROFS:
            return MediumReadOnly(folder=self._medium.folder)
        return self._fault_of_name(number or 0) or MediumFailed(system_message=_words(error))

    def _fault_of_name(self, number: int) -> MediaFault | None:
        if number == errno.EEXIST and not self._file:
            return FolderExists(folder_name=self._final)
        if number == errno.EFBIG:
            return FileTooLarge(
                untrusted_name=self._file,
                size_bytes=self._done_bytes,
                limit_bytes=self._done_bytes,
                file_system=self._medium.file_system,
            )
        if number in _BAD_NAME and self._file:
            return NameNotRepresentable(untrusted_name=self._file, file_system=self._medium.file_system)
        return None

    def _is_still_there(self) -> bool:
        """Whether the mount point still leads to the same file system and it can be read."""
        try:
            with self._files.closing(self._files.open_root(self._medium.folder)) as root:
                if self._files.device_number(root) != self._medium.device_number:
                    return False
                self._files.names(root)
        except OSError:
            return False
        return not self._at or self._files.exists(self._root, self._at)

    def _tidy(self) -> str:
        """Remove our folder; the name of what could not be removed."""
        if not self._at:
            return ""
        try:
            self.remove(self._at)
        except (OSError, WorkstationError):
            return self._at
        return ""

    def remove(self, name: str) -> None:
        """Remove a folder at the top of the medium with all it holds; links are removed, never followed."""
        with self._files.closing(self._files.open_folder(self._root, name)) as folder:
            self._empty(folder)
        self._files.remove_folder(self._root, name)
        self._files.sync(self._root)

    def _empty(self, folder: int) -> None:
        for name in self._files.names(folder):
            if self._files.is_folder(folder, name):
                with self._files.closing(self._files.open_folder(folder, name)) as inner:
                    self._empty(inner)
                self._files.remove_folder(folder, name)
            else:
                self._files.remove_file(folder, name)


def _in_pieces(file: OutgoingFile) -> Iterator[memoryview]:
    """The bytes of a file in pieces of at most 1 MiB, however large the source hands them out.

    Raises:
        SourceUnreadable: the source, not the medium, failed.
    """
    source = iter(file.pieces())
    while True:
        try:
            piece = next(source)
        except StopIteration:
            return
        except OSError as error:
            raise SourceUnreadable(untrusted_name=file.name, system_message=_words(error)) from error
        view = memoryview(piece).cast("B")
        for start in range(0, len(view), PIECE_BYTES):
            yield view[start : start + PIECE_BYTES]


def _words(error: OSError) -> str:
    number = error.errno or 0
    return f"{os.strerror(number)} ({errno.errorcode.get(number, number)})"
