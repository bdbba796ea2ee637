"""Every stored file goes through the sandbox before anybody looks at the package."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, closing
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Self

import msgspec

from workstation.app.services import Session
from workstation.core import events
from workstation.core.examination import (
    SMALL_FILE_BYTES,
    Coverage,
    Examination,
    ExaminedFile,
    Finding,
    Outcome,
    Severity,
)
from workstation.core.exports import RecordUnknown
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import Fixity, Loss, PackageFile, SourceUnreadable
from workstation.core.ports import Examined
from workstation.core.service_ports import FileExaminer
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef, SealedSource

# Two sandboxes side by side: the smallest machine this runs on has two cores.
_SANDBOXES = 2
_AHEAD = 4  # portions: one large file, or as many small ones as these two say
_PORTION_FILES, _PORTION_BYTES = 64, 8 << 20
_BATCH_FILES = 500
_MAX_FACTS_CHARS = 1 << 20
# Of one file: files are read by the page, and a page of the worst of them has to fit into memory.
_MAX_FINDINGS, _MAX_FINDINGS_CHARS = 1_000, 1 << 19
_ORDER = (Severity.DANGER, Severity.CAUTION, Severity.NOTE)
_LEANS = "FILE_LEANS_ON_UNREADABLE"
_EXAMINED = {Coverage.NOTHING_FOUND, Coverage.INCONCLUSIVE, Coverage.DANGEROUS}


def stored_files(session: Session, package_id: PackageId) -> Iterator[PackageFile]:
    """Every file of a package in order of path, read a page at a time."""
    after = ""
    while True:
        with session.look() as work:
            page = work.packages.files(package_id, after=after, limit=500)
        yield from page
        if not page:
            return
        after = page[-1].untrusted_path


def examine_stored(session: Session, package_id: PackageId, job: JobControl) -> tuple[str, ...] | None:
    """Examine every stored file that nobody has examined yet.

    Returns the walls that held for all of them, ``None`` where there was nothing to examine.

    Raises:
        JobCancelled: what was examined before is kept.
    """
    with session.look() as work:
        total = len(work.packages.stored(package_id))
        package = work.packages.get(package_id)
        earlier = any(n for word, n in work.packages.coverage(package_id).items() if word in _EXAMINED)
    # What an earlier attempt examined was behind the walls of then.
    walls = package.isolation if earlier else None
    kept = _Kept(session=session, case_id=package.case_id, package_id=package_id, walls=walls)
    try:
        with ExitStack() as stack:
            pool = stack.enter_context(_Pool(session, job, stack))
            readable = (file for file in _unseen(session, package_id) if not _is_unreadable(file))
            for done, (file, examination) in enumerate(pool.examined(readable), 1):
                detail = file.untrusted_path
                job.tick(
                    Progress(
                        stage="intake.examine", done_items=done, total_items=total, untrusted_detail=detail
                    )
                )
                kept.add(file, examination)
        kept.flush()
        # Last, so that an attempt that is cut short and taken up still knows the walls of the one before.
        for file in _unseen(session, package_id):
            kept.add_unreadable(file)
    finally:
        kept.flush()
    return kept.walls


def _unseen(session: Session, package_id: PackageId) -> Iterator[PackageFile]:
    return (file for file in stored_files(session, package_id) if file.coverage is Coverage.UNSEEN)


def _is_unreadable(file: PackageFile) -> bool:
    return file.fixity is Fixity.UNREADABLE


class _Pool:
    """Sandboxes in threads; a bounded number of files ahead, answers in the order of the files."""

    def __init__(self, session: Session, job: JobControl, stack: ExitStack) -> None:
        self._session = session
        self._free: SimpleQueue[FileExaminer] = SimpleQueue()
        for _ in range(_SANDBOXES):
            self._free.put(stack.enter_context(session.services.examiners.open_examiner(job)))
        self._threads = ThreadPoolExecutor(_SANDBOXES, thread_name_prefix="examine")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def examined(self, files: Iterator[PackageFile]) -> Iterator[tuple[PackageFile, Examination]]:
        """Each file with its answer."""
        waiting: deque[tuple[list[PackageFile], Future[Sequence[Examination]]]] = deque()
        for some in _portions(files):
            waiting.append((some, self._threads.submit(self._examine, some)))
            if len(waiting) >= _AHEAD:
                yield from self._next(waiting)
        while waiting:
            yield from self._next(waiting)

    @staticmethod
    def _next(
        waiting: deque[tuple[list[PackageFile], Future[Sequence[Examination]]]],
    ) -> Iterator[tuple[PackageFile, Examination]]:
        files, answers = waiting.popleft()
        return zip(files, answers.result(), strict=True)

    def _examine(self, files: list[PackageFile]) -> Sequence[Examination]:
        siblings = _Siblings(session=self._session, package_id=files[0].package_id)
        examiner = self._free.get()
        try:
            return self._with(examiner, files, siblings)
        except SourceUnreadable as fault:
            if len(files) == 1:
                return [_leans_on_unreadable(files[0], fault)]
        finally:
            self._free.put(examiner)
            siblings.close()
        # One of them leans on a file that could not be read: the others are to be judged all the same.
        return [examination for file in files for examination in self._examine([file])]

    def _with(
        self, examiner: FileExaminer, files: list[PackageFile], siblings: "_Siblings"
    ) -> Sequence[Examination]:
        with ExitStack() as opened:
            sources = [(file.untrusted_path, opened.enter_context(self._source(file))) for file in files]
            if len(sources) > 1:
                return examiner.examine_small(sources, folder=siblings)
            ((name, source),) = sources
            return [examiner.examine(source, name=name, folder=siblings)]

    def _source(self, file: PackageFile) -> AbstractContextManager[SealedSource]:
        return closing(
            self._session.vault.open(ObjectRef.parse(file.object_ref), untrusted_name=file.untrusted_path)
        )


def _leans_on_unreadable(file: PackageFile, fault: SourceUnreadable) -> Examination:
    """A signature, index or list over bytes that did not come: neither right nor wrong."""
    finding = Finding(
        code=_LEANS,
        severity=Severity.CAUTION,
        path=file.untrusted_path,
        detail=fault.path,
    )
    only = ExaminedFile(
        path=file.untrusted_path,
        size_bytes=file.size_bytes,
        kind="unknown",
        coverage=Coverage.INCONCLUSIVE,
    )
    return Examination(outcome=Outcome.WARN, kind="unknown", findings=(finding,), files=(only,))


def _portions(files: Iterator[PackageFile]) -> Iterator[list[PackageFile]]:
    """Neighbours that are small together, every other file by itself."""
    small: list[PackageFile] = []
    size_bytes = 0
    for file in files:
        is_small = file.size_bytes <= SMALL_FILE_BYTES
        full = len(small) >= _PORTION_FILES or size_bytes + file.size_bytes > _PORTION_BYTES
        if small and (full or not is_small):
            yield small
            small, size_bytes = [], 0
        if is_small:
            small.append(file)
            size_bytes += file.size_bytes
        else:
            yield [file]
    if small:
        yield small


@dataclass(kw_only=True)
class _Siblings:
    """The package as the sandbox may ask for it: external weights, signatures beside what they sign."""

    session: Session
    package_id: PackageId
    opened: list[SealedSource] = field(default_factory=list)

    def paths(self) -> Iterator[str]:
        """Every path of the package."""
        return (file.untrusted_path for file in stored_files(self.session, self.package_id))

    def size_of(self, path: str) -> int | None:
        """Size in bytes, or None."""
        file = self._find(path)
        return None if file is None else file.size_bytes

    def open(self, path: str) -> SealedSource | None:
        """A reader over one sibling; closed with the others.

        Raises:
            SourceUnreadable: its medium gave it only in part, so nothing may be judged by it.
        """
        file = self._find(path)
        if file is None:
            return None
        if _is_unreadable(file):
            raise SourceUnreadable(path=path, reason="only part of it was received", loss=Loss.BYTES)
        self.opened.append(self.session.vault.open(ObjectRef.parse(file.object_ref), untrusted_name=path))
        return self.opened[-1]

    def _find(self, path: str) -> PackageFile | None:
        with self.session.look() as work:
            try:
                return work.packages.file(self.package_id, path)
            except RecordUnknown:
                return None

    def close(self) -> None:
        """Let go of every reader."""
        for source in self.opened:
            source.close()


@dataclass(kw_only=True)
class _Kept:
    """Writes answers in batches and remembers which walls held for all."""

    session: Session
    case_id: CaseId
    package_id: PackageId
    results: list[Examined] = field(default_factory=list)
    walls: tuple[str, ...] | None = None

    def add(self, file: PackageFile, examination: Examination) -> None:
        """One answer more."""
        held = examination.isolation
        if not any(finding.code == _LEANS for finding in examination.findings):  # its worker was stopped
            self.walls = held if self.walls is None else tuple(wall for wall in self.walls if wall in held)
        self.results.append(_examined(file, examination))
        if len(self.results) >= _BATCH_FILES:
            self.flush()

    def add_unreadable(self, file: PackageFile) -> None:
        """What its medium gave only in part is no file to judge: neither as hostile nor as nothing found."""
        self.results.append(
            Examined(
                untrusted_path=file.untrusted_path,
                kind=file.kind,
                coverage=Coverage.INCONCLUSIVE,
                fixity=file.fixity,
                findings=file.findings,
                facts_json=file.facts_json,
            )
        )
        if len(self.results) >= _BATCH_FILES:
            self.flush()

    def flush(self) -> None:
        """Commit what has been gathered."""
        results, self.results = self.results, []
        if not results:
            return
        with self.session.work() as work:
            work.packages.save_examined(self.package_id, results)
            package = work.packages.get(self.package_id)
            work.packages.save(replace(package, isolation=self.walls or ()))
            work.record(
                events.FilesExamined(
                    case_id=self.case_id,
                    package_id=self.package_id,
                    file_count=len(results),
                    dangerous=sum(r.coverage is Coverage.DANGEROUS for r in results),
                    inconclusive=sum(r.coverage is Coverage.INCONCLUSIVE for r in results),
                )
            )


def _bounded(findings: tuple[Finding, ...], path: str) -> tuple[Finding, ...]:
    """All of them, or the heaviest that fit with a last one that counts the rest."""
    heaviest_first = sorted(findings, key=lambda finding: _ORDER.index(finding.severity))
    kept, chars = 0, 0
    for finding in heaviest_first[:_MAX_FINDINGS]:
        chars += len(finding.path) + len(finding.detail)
        if chars > _MAX_FINDINGS_CHARS:
            break
        kept += 1
    if kept == len(findings):
        return findings
    more = Finding(
        code="EXAMINE_MORE", severity=Severity.CAUTION, path=path, detail=str(len(findings) - kept)
    )
    return (*heaviest_first[:kept], more)


def _examined(file: PackageFile, examination: Examination) -> Examined:
    facts = msgspec.json.encode(examination.facts).decode()
    coverage = {
        Outcome.REJECT: Coverage.DANGEROUS,
        Outcome.WARN: Coverage.INCONCLUSIVE,
        Outcome.ACCEPT: Coverage.NOTHING_FOUND,
    }[examination.outcome]
    partly = any(inner.coverage is not Coverage.NOTHING_FOUND for inner in examination.files)
    if coverage is Coverage.NOTHING_FOUND and (partly or examination.kind == "unknown"):
        coverage = Coverage.INCONCLUSIVE  # something in it, or all of it, was read by nobody
    return Examined(
        untrusted_path=file.untrusted_path,
        kind=examination.kind,
        coverage=coverage,
        fixity=file.fixity,
        findings=_bounded(examination.findings, file.untrusted_path),
        facts_json=facts if len(facts) <= _MAX_FACTS_CHARS else "{}",
    )
