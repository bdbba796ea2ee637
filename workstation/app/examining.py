"""Every stored file goes through the sandbox before anybody looks at the package."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from typing import Self

import msgspec

from workstation.app.services import Session
from workstation.core import events
from workstation.core.examination import Coverage, Examination, Outcome
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import PackageFile
from workstation.core.ports import Examined
from workstation.core.service_ports import FileExaminer
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef

# Two sandboxes side by side: the smallest machine this runs on has two cores.
_SANDBOXES = 2
_AHEAD = 8
_BATCH_FILES = 500
_MAX_FACTS_CHARS = 1 << 20


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
        case_id = work.packages.get(package_id).case_id
    kept = _Kept(session=session, case_id=case_id, package_id=package_id)
    try:
        with ExitStack() as stack:
            pool = stack.enter_context(_Pool(session, job, stack))
            for done, (file, examination) in enumerate(pool.examined(_unseen(session, package_id)), 1):
                detail = file.untrusted_path
                job.tick(
                    Progress(
                        stage="intake.examine", done_items=done, total_items=total, untrusted_detail=detail
                    )
                )
                kept.add(file, examination)
    finally:
        kept.flush()
    return kept.walls


def _unseen(session: Session, package_id: PackageId) -> Iterator[PackageFile]:
    return (file for file in stored_files(session, package_id) if file.coverage is Coverage.UNSEEN)


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
        waiting: deque[tuple[PackageFile, Future[Examination]]] = deque()
        for file in files:
            waiting.append((file, self._threads.submit(self._examine, file)))
            if len(waiting) >= _AHEAD:
                yield self._next(waiting)
        while waiting:
            yield self._next(waiting)

    @staticmethod
    def _next(waiting: deque[tuple[PackageFile, Future[Examination]]]) -> tuple[PackageFile, Examination]:
        file, answer = waiting.popleft()
        return file, answer.result()

    def _examine(self, file: PackageFile) -> Examination:
        source = self._session.vault.open(
            ObjectRef.parse(file.object_ref), untrusted_name=file.untrusted_path
        )
        examiner = self._free.get()
        try:
            return examiner.examine(source, name=file.untrusted_path)
        finally:
            self._free.put(examiner)
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
        self.walls = held if self.walls is None else tuple(wall for wall in self.walls if wall in held)
        self.results.append(_examined(file, examination))
        if len(self.results) >= _BATCH_FILES:
            self.flush()

    def flush(self) -> None:
        """Commit what has been gathered."""
        results, self.results = self.results, []
        if not results:
            return
        with self.session.work() as work:
            work.packages.save_examined(self.package_id, results)
            work.record(
                events.FilesExamined(
                    case_id=self.case_id,
                    package_id=self.package_id,
                    file_count=len(results),
                    dangerous=sum(r.coverage is Coverage.DANGEROUS for r in results),
                    inconclusive=sum(r.coverage is Coverage.INCONCLUSIVE for r in results),
                )
            )


def _examined(file: PackageFile, examination: Examination) -> Examined:
    facts = msgspec.json.encode(examination.facts).decode()
    coverage = {
        Outcome.REJECT: Coverage.DANGEROUS,
        Outcome.WARN: Coverage.INCONCLUSIVE,
        Outcome.ACCEPT: Coverage.NOTHING_FOUND,
    }[examination.outcome]
    if examination.kind == "unknown" and coverage is Coverage.NOTHING_FOUND:
        coverage = Coverage.INCONCLUSIVE  # no reader claimed it, so nobody read it
    return Examined(
        untrusted_path=file.untrusted_path,
        kind=examination.kind,
        coverage=coverage,
        fixity=file.fixity,
        findings=tuple(replace(f, path=_inside(file.untrusted_path, f.path)) for f in examination.findings),
        facts_json=facts if len(facts) <= _MAX_FACTS_CHARS else "{}",
    )


def _inside(outer: str, inner: str) -> str:
    """The examination of a file speaks of its inside; the package speaks of the file as well."""
    return f"{outer}/{inner}" if inner else outer
