"""The members of a package on their way into the store, one after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from workstation.core.errors import EnvironmentFault
from workstation.core.examination import Finding, Severity
from workstation.core.jobs import JobControl
from workstation.core.packages import Hole, Loss, SourceUnreadable
from workstation.examine import wire
from workstation.examine.examiner import Examiner
from workstation.examine.names import escapes, unique
from workstation.examine.reading_on import pieces_reading_on
from workstation.examine.sandbox import Broken
from workstation.examine.tree import FileSource, FolderTree

_MAX_LOST = 200  # members of one archive at which the medium fails


@dataclass(kw_only=True, eq=False)
class WorkerBroke(EnvironmentFault):
    """The sandboxed worker ended while it was handing out a package's members."""

    code: ClassVar[str] = "EXA-004"
    reason_code: str
    path: str


@dataclass(frozen=True, kw_only=True)
class PackageMember:
    """One plain file of a package; read ``chunks`` to their end before asking for the next member."""

    path: str
    size_bytes: int
    chunks: Iterator[bytes]
    holes: list[Hole] = field(default_factory=list)  # grows while they are read
    kind: str = "unknown"


class Members(Protocol):
    """Where a package's members come from."""

    def members(self, skipped: list[Finding]) -> Iterator[PackageMember]:
        """The plain files in order; what cannot be expanded is added to ``skipped``."""


class TreeMembers:
    """The files of a folder."""

    def __init__(self, tree: FolderTree) -> None:
        self._tree = tree

    def members(self, skipped: list[Finding]) -> Iterator[PackageMember]:  # noqa: ARG002 - none is skipped
        """The plain files in order."""
        taken: dict[str, int] = {}
        for entry in self._tree.entries:
            path, holes = unique(entry.path, taken), list[Hole]()
            chunks = self._tree.chunks(entry, holes)
            yield PackageMember(path=path, size_bytes=entry.size_bytes, chunks=chunks, holes=holes)


class FileMember:
    """One file by itself."""

    def __init__(self, source: FileSource, *, kind: str = "unknown", told: Sequence[Finding] = ()) -> None:
        self._source, self._kind, self._told = source, kind, told

    def members(self, skipped: list[Finding]) -> Iterator[PackageMember]:
        """The file."""
        skipped += self._told
        source, holes = self._source, list[Hole]()
        yield PackageMember(
            path=source.name,
            size_bytes=source.size_bytes,
            chunks=pieces_reading_on(source.read_at, source.size_bytes, holes),
            holes=holes,
            kind=self._kind,
        )


class ArchiveMembers:
    """Members expanded inside the worker; names and sizes are checked again here.

    A member at which the medium fails does not keep those behind it out: a worker anew begins after it.
    """

    def __init__(self, examiner: Examiner, source: FileSource, job: JobControl) -> None:
        self._examiner, self._source, self._job = examiner, source, job
        self._taken: dict[str, int] = {}
        self._begun = 0  # members the worker has turned to, by all workers so far
        self._at = ""
        self._failing = False  # the medium failed inside a member's bytes

    def members(self, skipped: list[Finding]) -> Iterator[PackageMember]:
        """The plain files in order."""
        for _attempt in range(_MAX_LOST):
            begun = self._begun
            try:
                yield from self._some(skipped)
            except SourceUnreadable as fault:
                skipped.append(self._lost(fault))
                if self._begun == begun:  # not a member, but the container's own list could not be read again
                    return
                continue
            if not self._failing:
                return
        skipped.append(_unread("", f"more than {_MAX_LOST} members"))

    def _some(self, skipped: list[Finding]) -> Iterator[PackageMember]:
        """As far as one worker comes."""
        self._failing = False
        order = wire.Job(
            task="members",
            path="",
            name=self._source.name,
            size_bytes=self._source.size_bytes,
            first=self._begun,
        )
        messages = self._examiner.sandbox.run(order, self._source, None, self._job)
        try:
            for message in messages:
                if isinstance(message, wire.Begin):
                    self._begun, self._at = self._begun + 1, message.path
                elif isinstance(message, wire.Skipped):
                    skipped.append(_skipped(message))
                elif isinstance(message, wire.Member):
                    yield from self._member(messages, message)
        except Broken as reason:
            raise WorkerBroke(reason_code=reason.code, path=reason.path or self._at) from None

    def _member(self, messages: Iterator[wire.FromWorker], message: wire.Member) -> Iterator[PackageMember]:
        self._at = at = message.path
        if escapes(at) or not at.strip("/."):
            raise WorkerBroke(reason_code="EXAMINE_CRASHED", path=at)
        chunks = self._chunks(messages, message)
        yield PackageMember(path=unique(at, self._taken), size_bytes=message.size_bytes, chunks=chunks)
        for _rest in chunks:  # whatever the reader left
            pass

    def _chunks(self, messages: Iterator[wire.FromWorker], member: wire.Member) -> Iterator[bytes]:
        """The bytes of one member; where they fail, the reader is told, and this remembers to begin anew."""
        try:
            yield from _member_chunks(messages, member)
        except SourceUnreadable:
            self._failing = True
            raise

    def _lost(self, fault: SourceUnreadable) -> Finding:
        if fault.loss is not Loss.BYTES:
            raise fault
        return _unread(self._at, fault.reason)


def _unread(path: str, reason: str) -> Finding:
    return Finding(code="FILE_UNREADABLE", severity=Severity.CAUTION, path=path, detail=reason)


def _skipped(message: wire.Skipped) -> Finding:
    return Finding(
        code=message.code, severity=Severity(message.severity), path=message.path, detail=message.detail
    )


def _member_chunks(messages: Iterator[wire.FromWorker], member: wire.Member) -> Iterator[bytes]:
    """The chunks of one member, exactly as many bytes as were announced."""
    left = member.size_bytes
    for message in messages:
        if isinstance(message, wire.Chunk) and len(message.data) <= left:
            left -= len(message.data)
            yield message.data
        elif isinstance(message, wire.MemberEnd) and left == 0:
            return
        else:
            break
    raise WorkerBroke(reason_code="EXAMINE_CRASHED", path=member.path)
