"""The examination of a path, and a package opened for intake.

Paths inside are written with "/" from the package's own root. A member of an archive that lies in the package
is "archive.zip/member"; the archive that is itself the package has members without a prefix.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.examination import (
    Coverage,
    Examination,
    ExaminedFile,
    Finding,
    Outcome,
    Severity,
    outcome_of,
)
from workstation.core.jobs import JobControl
from workstation.core.packages import Loss, SourceUnreadable
from workstation.core.viewing import CannotShow
from workstation.examine import bags, folders
from workstation.examine.batches import SmallFilesExaminer
from workstation.examine.examiner import Examined, Examiner, examination
from workstation.examine.members import ArchiveMembers, FileMember, Members, PackageMember, TreeMembers
from workstation.examine.reader import BytesSource, Notes, Source, pieces
from workstation.examine.reading_on import Filled
from workstation.examine.tree import FileSource, FolderTree
from workstation.examine.viewer import Viewer

MAX_TRUST_BYTES = 1 << 20
_ZIP_MEMBER, _MOST_NAMED = b"PK\x03\x04", 200
_ARCHIVES = {"zip", "tar", "gzip", "bzip2", "xz", "zstd", "lzma"}


@dataclass(kw_only=True, eq=False)
class NotExaminable(Refused):
    """The path is neither a plain file nor a folder: a link, a device, a pipe, or nothing."""

    code: ClassVar[str] = "EXA-003"
    path: str


@dataclass(kw_only=True, eq=False)
class TrustUnreadable(Refused):
    """The trust file cannot be read, or is too large to be certificates and keys."""

    code: ClassVar[str] = "EXA-005"
    path: str
    limit_bytes: int


@dataclass(kw_only=True)
class Package:
    """A package opened for intake.

    ``examination`` is about the container itself: its names, links and structure, and the tag files of a bag.
    What the files contain is examined from the store. ``manifests`` is what a bag says of its files; whether
    they are there and unaltered is for the reader of ``members`` to compare.
    """

    kind: str  # bag, folder, zip, tar, tar.gzip, ..., or "file"
    untrusted_name: str
    examination: Examination
    manifests: Mapping[str, Mapping[str, str]]
    payload_prefix: str = ""  # of a bag: only files below it are "extra" when no manifest lists them
    skipped: list[Finding] = field(
        default_factory=list
    )  # members that could not be expanded; grows while reading
    source: Members
    container: FileSource | None = None  # of a package that is one file

    def whole(self) -> Iterator[bytes] | None:
        """A single-file package as it lies on the medium, through the file that was opened; None for folders.

        Raises:
            SourceUnreadable: the medium does not give the bytes.
        """
        return None if self.container is None else pieces(self.container)

    def members(self) -> Iterator[PackageMember]:
        """The plain files in order; none at all of a rejected archive, from which nothing is unpacked.

        The files of a rejected folder are handed out: they lie there as they are, and are evidence.

        A second file of the same name gets "#2" behind its path, a third "#3".

        Raises:
            SourceUnreadable: the medium does not give the bytes.
            WorkerBroke: the worker ended before the last member.
        """
        if self.examination.outcome is Outcome.REJECT and self.container is not None:
            return
        yield from self.source.members(self.skipped)


@contextmanager
def _file_source(path: Path) -> Iterator[FileSource]:
    """One plain file given by a person.

    Raises:
        NotExaminable: it is something else, or a link.
        SourceUnreadable: it cannot be opened.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise SourceUnreadable(path=str(path), reason=os.strerror(error.errno or 0)) from None
    try:
        details = os.fstat(descriptor)
        if not stat.S_ISREG(details.st_mode):
            raise NotExaminable(path=str(path))
        name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
        yield FileSource(descriptor, details.st_size, name)
    finally:
        os.close(descriptor)


def _is_folder(path: Path) -> bool:
    """Whether a path given by a person is a folder; raises ``NotExaminable`` for links and devices."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        raise NotExaminable(path=str(path)) from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise NotExaminable(path=str(path))
    return stat.S_ISDIR(mode)


def read_trust(path: Path | None) -> tuple[bytes, ...]:
    """The contents of a trust file, or of every file of a trust folder; raises ``TrustUnreadable``."""
    if path is None:
        return ()
    contents = []
    try:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            with file.open("rb") as opened:
                contents.append(opened.read(MAX_TRUST_BYTES + 1))
    except OSError:
        raise TrustUnreadable(path=str(path), limit_bytes=MAX_TRUST_BYTES) from None
    if sum(map(len, contents)) > MAX_TRUST_BYTES or len(contents) > 64:  # noqa: PLR2004 - the message's bound
        raise TrustUnreadable(path=str(path), limit_bytes=MAX_TRUST_BYTES)
    return tuple(contents)


def examine_path(
    path: Path, *, trust: Path | None = None, verifying: bool = False, job: JobControl | None = None
) -> Examination:
    """Everything about a file, folder, bag or archive, without storing it.

    Raises:
        NotExaminable, SourceUnreadable, TrustUnreadable, SandboxUnavailable, JobCancelled.
    """
    job = job or JobControl()
    start = partial(Examiner, trust=read_trust(trust), verifying=verifying)
    if _is_folder(path):
        return folders.examine_folder(path, start, job)
    with start() as examiner, _file_source(path) as source:
        try:
            return examination(examiner.run("examine", source, job=job))
        except SourceUnreadable as fault:
            return _unread(source, fault)


def _unread(source: FileSource, fault: SourceUnreadable) -> Examination:
    """What is said of a single file whose medium fails; raises the fault where the medium is gone."""
    if fault.loss is not Loss.BYTES:
        raise fault
    finding = Finding(code="FILE_UNREADABLE", severity=Severity.CAUTION, detail=fault.reason)
    only = ExaminedFile(path="", size_bytes=source.size_bytes, kind="unknown", coverage=Coverage.INCONCLUSIVE)
    return Examination(outcome=Outcome.WARN, kind="unknown", findings=(finding,), files=(only,))


def examine_source(
    source: Source, *, trust: tuple[bytes, ...] = (), job: JobControl | None = None
) -> Examination:
    """One stored object, read through ``source`` by the worker's requests."""
    with Examiner(trust=trust) as examiner:
        return examination(examiner.run("examine", source, job=job))


def open_examiner(job: JobControl | None = None) -> SmallFilesExaminer:
    """A sandbox for stored files, to be used as a context manager."""
    return SmallFilesExaminer(job=job)


@contextmanager
def open_package(path: Path, job: JobControl | None = None) -> Iterator[Package]:
    """A package opened for intake; see ``Package``.

    Raises:
        NotExaminable, SourceUnreadable, SandboxUnavailable, JobCancelled.
    """
    job = job or JobControl()
    name = os.fsencode(path.name).decode("utf-8", "backslashreplace")
    with Examiner() as examiner:
        if _is_folder(path):
            with FolderTree(path, Notes(), job) as tree:
                yield _open_folder(tree, examiner, name, job)
            return
        with _file_source(path) as source:
            yield _open_file(source, examiner, name, job)


def _open_file(source: FileSource, examiner: Examiner, name: str, job: JobControl) -> Package:
    try:
        found = examiner.run("container", source, job=job)
    except SourceUnreadable as fault:
        if fault.loss is not Loss.BYTES:
            raise
        # What a container would hold is not known: the file itself is kept, as far as it can be read.
        kind, told = _named_by_headers(source, job)
        return Package(
            kind="file",
            untrusted_name=name,
            examination=_accepted("file", ()),
            manifests={},
            source=FileMember(source, kind=kind, told=told),
            container=source,
        )
    whole = examination(found)
    is_archive = whole.kind.split(".")[0] in _ARCHIVES
    return Package(
        kind=whole.kind if is_archive else "file",
        untrusted_name=name,
        examination=whole if is_archive else _accepted("file", found.isolation),
        manifests=found.checksums,
        payload_prefix=_payload_prefix(found),
        source=ArchiveMembers(examiner, source, job) if is_archive else FileMember(source),
        container=source,
    )


def _named_by_headers(source: FileSource, job: JobControl) -> tuple[str, tuple[Finding, ...]]:
    """What a zip whose directory cannot be read says beside its members' data: their names, for the record.

    Nothing is unpacked by these headers. Of other files nothing is said.
    """
    filled = Filled(source)
    viewer = Viewer(filled, kind="zip")
    try:
        if filled.read_at(0, 4) != _ZIP_MEMBER:
            return "unknown", ()
        rows = viewer.members(0, "", job).rows
    except (CannotShow, SourceUnreadable):
        return "unknown", ()
    finally:
        viewer.close()
    return "zip", tuple(
        Finding(
            code="ARCH:named-by-header",
            severity=Severity.NOTE,
            path=row.untrusted_name,
            detail=f"{row.size_bytes:,} bytes",
        )
        for row in rows[:_MOST_NAMED]
    )


def open_viewer(source: Source, *, kind: str) -> Viewer:
    """A look at one stored file of this kind; the caller closes it, and the source after it."""
    return Viewer(source, kind=kind)


def _payload_prefix(read: Examined) -> str:
    base = read.main.facts.get("bag_base")
    return f"{base}data/" if isinstance(base, str) else ""


def _accepted(kind: str, isolation: tuple[str, ...]) -> Examination:
    """A single file is a package without a structure that could be wrong."""
    return Examination(outcome=Outcome.ACCEPT, kind=kind, isolation=isolation)


def _open_folder(tree: FolderTree, examiner: Examiner, name: str, job: JobControl) -> Package:
    notes = tree.notes
    kind, prefix = "folder", ""
    manifests: dict[str, dict[str, str]] = {}
    isolation: tuple[str, ...] = ()
    if bags.base_of(tree.paths()) is not None:
        kind = "bag"
        try:
            read = examiner.run("bag", BytesSource(b""), folder=tree, job=job)
        except SourceUnreadable as fault:
            folders.note_unread_manifest(fault, notes)
        else:
            manifests, isolation, prefix = read.checksums, read.isolation, _payload_prefix(read)
            notes.findings.extend(read.findings)
            notes.facts.update(read.main.facts)
    return Package(
        kind=kind,
        untrusted_name=name,
        examination=Examination(
            outcome=outcome_of(notes.findings),
            kind=kind,
            findings=tuple(notes.findings),
            facts={**notes.facts, "files": len(tree.entries)},
            isolation=isolation,
        ),
        manifests=manifests,
        payload_prefix=prefix,
        source=TreeMembers(tree),
    )
