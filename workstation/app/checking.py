"""Check the whole vault: every stored object, the database's pages, the trail with its checkpoints, orphans.

How far a check is, is kept in the vault: one that was stopped or killed goes on there. Where the database
itself is damaged, every part that can be read is checked and the others are named.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

import msgspec

from workstation.app import auditing, checkpoints, rewrapping
from workstation.app.checkpoints import Held
from workstation.app.services import Session
from workstation.core import events
from workstation.core.checkpoints import SignedCheckpoint
from workstation.core.database_errors import DatabaseDamaged
from workstation.core.exports import Report
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.packages import Package, PackageFile
from workstation.core.ports import AuditVerification, Work
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ContainerKind, ObjectRef
from workstation.core.vault_errors import CaseKeyDestroyed, ObjectMissing, ObjectTampered

T = TypeVar("T")

NOTHING_HELD = Held(count=0, newest_at=None, broken=())
_UNREADABLE_TRAIL = AuditVerification(rows=0, head_sha384="", broken_seq=1, reason="unreadable")
_MOST_NAMED = 1_000
_PROGRESS = "check/progress"
_PAGE = 500
_AT_A_TIME = 2
_TICK_S = 0.1
_NOTED_EVERY_BYTES = 16 << 30
_NOTED_EVERY_FILES = 50_000


@dataclass(frozen=True, kw_only=True)
class BrokenFile:
    """A stored file that is missing or does not authenticate; everything else stays readable.

    Of a document of the case the package is empty and the path names the document.
    """

    case_id: CaseId
    package_id: PackageId
    untrusted_path: str
    code: str


@dataclass(frozen=True, kw_only=True)
class VaultCheck:
    """What a check of the whole vault found. ``broken`` names at most 1,000 files; the count is whole."""

    files: int
    size_bytes: int
    broken_count: int
    broken: tuple[BrokenFile, ...]
    database_problems: tuple[str, ...]
    audit: AuditVerification
    documents: int = 0
    orphans: int = 0  # containers that no row names; removed at the next unlocking
    checkpoints: Held = NOTHING_HELD
    went_on: bool = False  # where an earlier check had stopped
    is_recorded: bool = True  # False where the trail takes no row any more

    @property
    def holds(self) -> bool:
        """Whether nothing at all was found wrong."""
        trail = self.audit.broken_seq is None and not self.checkpoints.broken
        return not self.broken_count and not self.database_problems and trail


@dataclass(kw_only=True)
class _Done:
    """How far a check is: everything before and with this file was read."""

    begun_at: datetime
    files: int = 0
    size_bytes: int = 0
    broken_count: int = 0
    broken: list[BrokenFile] = field(default_factory=list)
    packages: list[PackageId] = field(default_factory=list)  # read whole
    package_id: PackageId | None = None  # read as far as ``path``
    path: str = ""


def check_vault(
    session: Session, job: JobControl, *, handed_in: SignedCheckpoint | None = None, afresh: bool = False
) -> VaultCheck:
    """Read everything; one broken object stops nothing. Goes on where an earlier one stopped.

    ``handed_in`` is a checkpoint from an export or a backup; the trail is held against it, too.

    Raises:
        JobCancelled: somebody stopped it; how far it came is kept.
    """
    around = _Around()
    around.damage(lambda: rewrapping.rewrap(session, job), None, "keys of cases")
    earlier = None if afresh else around.damage(lambda: _earlier(session), None, "the check of before")
    reading = _Checking(session, job, earlier or _Done(begun_at=session.services.clock.now()), around)
    try:
        reading.files()
    except JobCancelled:
        reading.note()
        raise
    documents = around.damage(reading.documents, 0, "sealed documents")
    audit = around.damage(lambda: auditing.verify(session), _UNREADABLE_TRAIL, "audit trail")
    orphans = around.damage(lambda: _orphans(session), 0, "names of what is kept")
    held = around.damage(lambda: checkpoints.hold(session, handed_in), NOTHING_HELD, "checkpoints")
    done = reading.done
    answer = VaultCheck(
        files=done.files,
        size_bytes=done.size_bytes,
        broken_count=done.broken_count,
        broken=tuple(done.broken),
        database_problems=(*_problems(session), *around.told),
        audit=audit,
        documents=documents,
        orphans=orphans,
        checkpoints=held,
        went_on=earlier is not None,
    )
    try:
        _record(session, answer)
    except DatabaseDamaged:
        return replace(answer, is_recorded=False)
    return answer


def _record(session: Session, answer: VaultCheck) -> None:
    with session.work() as work:
        if work.blob(_PROGRESS):
            work.put_blob(_PROGRESS, b"")
        work.record(
            events.VaultChecked(
                files=answer.files,
                broken_files=answer.broken_count,
                database_problems=len(answer.database_problems),
                audit_holds=answer.audit.broken_seq is None and not answer.checkpoints.broken,
            )
        )


def _problems(session: Session) -> tuple[str, ...]:
    """Pages and tables by name; more is not needed to say that not even their list can be read."""
    try:
        return tuple(session.database.problems())
    except DatabaseDamaged as error:
        return (error.reason,)


def _earlier(session: Session) -> _Done | None:
    with session.look() as work:
        kept = work.blob(_PROGRESS)
    try:
        return msgspec.json.decode(kept, type=_Done) if kept else None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None  # of another version: begun anew


def _orphans(session: Session) -> int:
    with session.look() as work:
        live = work.packages.containers()
    return len(set(session.vault.containers()) - live)


class _Around:
    """Goes around damaged pages of the database, and remembers what could not be read for them."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def damage(self, part: Callable[[], T], instead: T, name: str) -> T:
        """A part of the check, or what stands for it where its rows cannot be read."""
        try:
            return part()
        except DatabaseDamaged:
            self.told.append(f"not read to its end: {name}")
            return instead


class _Checking:
    """One reading of everything."""

    def __init__(self, session: Session, job: JobControl, done: _Done, around: _Around) -> None:
        self._session, self._job, self.done, self._around = session, job, done, around
        self._large: dict[tuple[bytes, int], str] = {}  # objects with files of their own, read once
        self._noted = (done.files, done.size_bytes)
        self._total: int | None = None

    def files(self) -> None:
        """Every stored file that was not read before."""
        nothing: list[tuple[CaseId, Package]] = []
        packages = self._around.damage(self._packages, nothing, "list of packages")
        self._total = sum(package.total_bytes for _case, package in packages) or None
        for case_id, package in packages:
            if package.package_id in self.done.packages:
                continue
            self._around.damage(
                partial(self._package, case_id, package.package_id), None, f"files of {package.package_id}"
            )
            self.done.packages.append(package.package_id)
            self.done.package_id, self.done.path = None, ""

    def _packages(self) -> list[tuple[CaseId, Package]]:
        with self._session.look() as work:
            return [(case, package) for case in work.cases.ids() for package in work.packages.of_case(case)]

    def _page(self, package_id: PackageId, after: str) -> Sequence[PackageFile]:
        """The next files; one by one up to a row that cannot be read."""
        for limit in (_PAGE, 1):
            try:
                with self._session.look() as work:
                    return work.packages.files(package_id, after=after, limit=limit)
            except DatabaseDamaged:
                if limit == 1:
                    raise
        return ()

    def _package(self, case_id: CaseId, package_id: PackageId) -> None:
        after = self.done.path if self.done.package_id == package_id else ""
        while True:
            page = self._page(package_id, after)
            for file, code in zip(page, self._each_broken(page), strict=True):
                self._tick()
                after = file.untrusted_path
                done = self.done
                done.files, done.size_bytes = done.files + 1, done.size_bytes + file.size_bytes
                done.package_id, done.path = package_id, after
                self._name(case_id, package_id, after, code)
            if not page:
                return
            self._note_sometimes()

    def _each_broken(self, page: Sequence[PackageFile]) -> Iterator[str]:
        """What is wrong with each file, in this order; two are read at a time, for hashing keeps a core."""
        running: deque[Future[str]] = deque()
        reading = JobControl()
        with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="vault-check") as pool:
            try:
                for file in page:
                    running.append(pool.submit(self._broken, file.object_ref, file.sha384, reading))
                    if len(running) > _AT_A_TIME:
                        yield self._awaited(running.popleft())
                while running:
                    yield self._awaited(running.popleft())
            finally:
                reading.cancel()

    def _awaited(self, one: Future[str]) -> str:
        while not wait([one], timeout=_TICK_S).done:
            self._tick()
        return one.result()

    def documents(self) -> int:
        """Every sealed document; how many there are."""
        with self._session.look() as work:
            reports = [report for case in work.cases.ids() for report in _kept(work, case)]
        for report in reports:
            annex = ((name, ref, None) for name, ref in report.annex)
            for name, ref, sha384 in (
                ("report.pdf", report.pdf_ref, report.pdf_sha384),
                (report.statement_name, report.statement_ref, None),
                *annex,
            ):
                self._tick()
                code = self._broken(ref, sha384)
                self._name(report.case_id, PackageId(""), f"{report.report_id}/{name}", code)
        return len(reports)

    def note(self) -> None:
        """Write down how far it is."""
        self._noted = (self.done.files, self.done.size_bytes)
        with self._session.work() as work:
            work.put_blob(_PROGRESS, msgspec.json.encode(self.done))
            work.record(events.VaultCheckPaused(files=self.done.files, size_bytes=self.done.size_bytes))

    def _note_sometimes(self) -> None:
        files, size_bytes = self._noted
        far = self.done.size_bytes - size_bytes >= _NOTED_EVERY_BYTES
        if far or self.done.files - files >= _NOTED_EVERY_FILES:
            self.note()

    def _tick(self) -> None:
        done = self.done.size_bytes
        self._job.tick(Progress(stage="vault.verify", done_bytes=done, total_bytes=self._total))

    def _name(self, case_id: CaseId, package_id: PackageId, path: str, code: str) -> None:
        if not code:
            return
        self.done.broken_count += 1
        if len(self.done.broken) < _MOST_NAMED:
            found = BrokenFile(case_id=case_id, package_id=package_id, untrusted_path=path, code=code)
            self.done.broken.append(found)

    def _broken(self, text: str, sha384: str | None, reading: JobControl | None = None) -> str:
        ref = ObjectRef.parse(text)
        place = (ref.container_id, ref.offset)
        if ref.kind is ContainerKind.OBJECT and place in self._large:
            return self._large[place]
        code = ""
        try:
            self._session.vault.verify(ref, sha384, job=reading)
        except (ObjectMissing, ObjectTampered, CaseKeyDestroyed) as error:
            code = error.code
        if ref.kind is ContainerKind.OBJECT:
            self._large[place] = code
        return code


def _kept(work: Work, case_id: CaseId) -> Iterator[Report]:
    return (report for report in work.releases.reports(case_id) if report.pdf_ref)
