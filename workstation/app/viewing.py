"""Opening a file of the package without trusting it: a person sees pixels and plain text made in the sandbox.

What a reviewer was shown counts as *opened by a reviewer*, once per person and file. Somebody without the
duty to answer may look as well; the trail says so, and the file stays as unopened as it was. A file of which
nothing could be shown was not opened.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from workstation.app import queries
from workstation.app.services import Session
from workstation.core import events
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import PackageFile
from workstation.core.people import Duty
from workstation.core.service_ports import Viewer
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef, SealedSource
from workstation.core.viewing import (
    MAX_QUERY_CHARS,
    MAX_ROWS,
    Break,
    CannotShow,
    Form,
    Inner,
    MemberRows,
    Picture,
    SampleRow,
    SampleRows,
    TensorRows,
    TextHit,
    Transcript,
    forms_of,
    inner_path,
)

T = TypeVar("T")

# A batch is read in one worker; a page that breaks it is then looked for alone.
_PAGES_A_BATCH = 50
_MOST_HITS = 1_000


@dataclass(frozen=True, kw_only=True)
class Found:
    """The answer to a search; what it did not read is part of it."""

    hits: tuple[TextHit, ...]
    read_pages: int
    unread_pages: tuple[int, ...]
    cut: bool  # there is more than is listed


@dataclass(frozen=True, kw_only=True)
class SamplesFound:
    """Samples that hold the words, of the first ``read`` of the log; the search goes on at ``next_start``."""

    rows: tuple[SampleRow, ...]
    read: int
    next_start: int | None
    broken: Break | None = None  # the log could not be read behind the last that was looked at


def words_of(row: SampleRow) -> str:
    """What of a sample is searched, in small letters."""
    scores = ", ".join(f"{name} {value}" for name, value in row.scores)
    error = "error" if row.has_error else ""
    return f"{row.untrusted_id} {row.key} {scores} {error} {row.untrusted_preview}".casefold()


def _looked_through(done: int, page: SampleRows) -> Progress:
    return Progress(stage="view.find", done_items=done, total_items=page.total if page.is_whole else None)


@dataclass(kw_only=True)
class OpenDocument:
    """One stored file while somebody looks at it: one look after another, ``close`` from any thread.

    Of a container, ``enter`` turns to a file inside; everything shown then is of that file, and the trail
    names it with its way: ``a.tar!/b.zip!/c.pdf``.

    Every look raises CannotShow where the sandbox gives none, JobCancelled, and what the vault raises
    (VaultLocked, ObjectTampered). Pages, samples, tensors and bytes count from 0.
    """

    session: Session
    case_id: CaseId
    file: PackageFile
    counts: bool  # the person's looking makes the file one opened by a reviewer
    inside: tuple[str, ...] = ()  # the way to the file that is shown; empty for the stored file itself
    inner: Inner | None = None  # that file
    _viewer: Viewer
    _source: SealedSource
    _recorded: set[tuple[str, ...]] = field(default_factory=set)
    _recording: threading.Lock = field(default_factory=threading.Lock)

    @property
    def isolation(self) -> tuple[str, ...]:
        """The walls that held for the last look."""
        return self._viewer.isolation

    @property
    def kind(self) -> str:
        """What the bytes that are shown are."""
        return self.inner.kind if self.inner else self.file.kind

    @property
    def size_bytes(self) -> int:
        """Length of the file that is shown."""
        return self.inner.size_bytes if self.inner else self.file.size_bytes

    @property
    def forms(self) -> tuple[Form, ...]:
        """How it can be looked at, the most telling way first."""
        return forms_of(self.kind, self.untrusted_path)

    @property
    def untrusted_path(self) -> str:
        """The file that is shown, by its way through containers."""
        return inner_path((self.file.untrusted_path, *self.inside))

    @property
    def is_opened(self) -> bool:
        """Whether something of the file that is shown was shown, and the trail says so."""
        return self.inside in self._recorded

    def enter(self, inside: Sequence[str], job: JobControl) -> None:
        """Turn to a file inside, or with an empty way back to the stored file. Turning is not looking."""
        inner = self._viewer.enter(inside, job)
        self.inside, self.inner = tuple(inside), inner if inside else None

    def members(self, start: int, name: str, job: JobControl) -> MemberRows:
        """Files of a container from ``start`` on whose name holds ``name``."""
        return self._shown(lambda: self._viewer.members(start, name, job))

    def page_count(self, job: JobControl) -> int:
        """How many pages there are; one at least. Counting is not looking."""
        return self._viewer.page_count(job)

    def page(self, number: int, width_px: int, job: JobControl) -> Picture:
        """One page as pixels."""
        return self._shown(lambda: self._viewer.page(number, width_px, job))

    def text(self, number: int, job: JobControl) -> str:
        """One page as plain text."""
        return self._shown(lambda: self._viewer.text(number, job))

    def bytes_at(self, offset: int, job: JobControl) -> str:
        """Some bytes as a table."""
        return self._shown(lambda: self._viewer.bytes_at(offset, job))

    def samples(self, start: int, job: JobControl) -> SampleRows:
        """Samples of an evaluation log from ``start`` on."""
        return self._shown(lambda: self._viewer.samples(start, job))

    def sample(self, key: str, first_turn: int, job: JobControl) -> Transcript:
        """A stretch of one sample's transcript."""
        return self._shown(lambda: self._viewer.sample(key, first_turn, job))

    def tensors(self, start: int, name: str, job: JobControl) -> TensorRows:
        """Tensors from ``start`` on whose name holds ``name``."""
        return self._shown(lambda: self._viewer.tensors(start, name, job))

    def sample_named(self, identity: str, job: JobControl) -> SampleRow | None:
        """The first sample with this identity or key; None when there is none."""
        start = 0
        while True:
            page = self.samples(start, job)
            for row in page.rows:
                if identity in {row.untrusted_id, row.key}:
                    return row
            start += len(page.rows)
            if not page.rows or (page.is_whole and start >= page.total):
                return None
            job.tick(_looked_through(start, page))

    def find_samples(self, text: str, start: int, job: JobControl) -> SamplesFound:
        """Samples from ``start`` on whose name, scores or beginning hold every word, whatever its case."""
        words = text[:MAX_QUERY_CHARS].casefold().split()
        found: list[SampleRow] = []
        while True:
            page = self.samples(start, job)
            found += [row for row in page.rows if all(word in words_of(row) for word in words)]
            start += len(page.rows)
            is_end = not page.rows or (page.is_whole and start >= page.total)
            if is_end or len(found) >= MAX_ROWS:
                return SamplesFound(
                    rows=tuple(found),
                    read=start,
                    next_start=None if is_end else start,
                    broken=page.broken,
                )
            job.tick(_looked_through(start, page))

    def search(self, text: str, job: JobControl) -> Found:
        """Every page that holds the text, whatever its case and line breaks; empty text finds nothing."""
        wanted = text.strip()[:MAX_QUERY_CHARS]
        pages = self.page_count(job)
        hits: list[TextHit] = []
        unread: list[int] = []
        cut, first = False, 0
        while wanted and first < pages and len(hits) < _MOST_HITS:
            job.tick(Progress(stage="view.find", done_items=first, total_items=pages))
            count = min(_PAGES_A_BATCH, pages - first)
            cut |= self._find(wanted, first, count, hits, unread, job)
            first += count
        job.tick(Progress(stage="view.find", done_items=first, total_items=pages))
        if hits:
            self._record()
        return Found(
            hits=tuple(hits[:_MOST_HITS]),
            read_pages=first - len(unread),
            unread_pages=tuple(unread),
            cut=cut or (bool(wanted) and first < pages) or len(hits) > _MOST_HITS,
        )

    def _find(
        self, wanted: str, first: int, count: int, hits: list[TextHit], unread: list[int], job: JobControl
    ) -> bool:
        """One batch into ``hits`` and ``unread``; halved until what breaks the worker is a page alone."""
        try:
            found = self._viewer.find(wanted, first, count, job)
        except CannotShow:
            if count == 1:
                unread.append(first)
                return False
            half = count // 2
            cut = self._find(wanted, first, half, hits, unread, job)
            return self._find(wanted, first + half, count - half, hits, unread, job) or cut
        hits += found.hits
        unread += found.unread_pages
        return found.cut

    def _shown(self, look: Callable[[], T]) -> T:
        answer = look()
        self._record()
        return answer

    def _record(self) -> None:
        """Write the opening to the trail, before its first content reaches the person."""
        with self._recording:
            if self.inside in self._recorded:
                return
            opened = events.FileOpened if self.counts else events.FileLookedAt
            event = opened(
                case_id=self.case_id, package_id=self.file.package_id, untrusted_path=self.untrusted_path
            )
            with self.session.look() as work:
                known = work.audit.has(event, self.session.person.person_id)
            if not known:
                with self.session.work() as work:
                    work.record(event)
                    if self.counts:
                        work.packages.mark_seen(self.file.package_id, self.file.untrusted_path)
            self._recorded.add(self.inside)

    def close(self) -> None:
        """End the worker and let go of the stored bytes. Not an error twice."""
        self._viewer.close()
        self._source.close()


def open_document(session: Session, package_id: PackageId, untrusted_path: str) -> OpenDocument:
    """Open one file of a package for looking; nothing of it is read yet. The caller closes it.

    Raises:
        RecordUnknown; VaultLocked, ObjectMissing, ObjectTampered.
    """
    with session.look() as work:
        package = work.packages.get(package_id)
        file = work.packages.file(package_id, untrusted_path)
    allowed = queries.duties_allowed(session, package.case_id)
    source = session.vault.open(
        ObjectRef.parse(file.object_ref), untrusted_name=untrusted_path.rsplit("/", 1)[-1]
    )
    return OpenDocument(
        session=session,
        case_id=package.case_id,
        file=file,
        counts=Duty.ANSWER in allowed,
        _viewer=session.services.examiners.open_viewer(source, kind=file.kind),
        _source=source,
    )
