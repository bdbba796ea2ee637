"""The application's side of a look at one document: asks a worker, and believes nothing beyond the bounds.

Every look is a job of its own in one sandbox that stays open with the document. What breaks a worker spoils
that look only; the next one begins with a fresh worker. All of it happens in one thread that lives as long as
the viewer: bubblewrap ends a worker together with the thread that started it.
"""

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import Any, TypeVar

from workstation.core import viewing
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.viewing import CannotShow
from workstation.examine import held, sample_index, shown, wire
from workstation.examine.reader import Source
from workstation.examine.sandbox import Broken, Sandbox

T = TypeVar("T")
_INDEXED_TASKS = {"list-samples", "read-sample"}
_KEY_DIGITS = 10


class Viewer:
    """One document while it is looked at; see ``core.service_ports.Viewer``. One look at a time."""

    def __init__(self, source: Source, *, kind: str, sandbox: Sandbox | None = None) -> None:
        self._source, self._kind = source, kind
        self._sandbox = sandbox or Sandbox()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="viewer")
        self._closed = threading.Event()
        self._kept: held.Sealed | None = None  # what is looked at, when it is large and out of a container
        self._pages: int | None = None
        self._known: sample_index.Known | None = None  # the long log looked at last
        self._outer, self._outer_kind = source, kind
        self._way: tuple[str, ...] = ()  # from ``_source`` to the file that is looked at
        self.isolation: tuple[str, ...] = ()

    def close(self) -> None:
        """End the worker; a look under way ends as cancelled."""
        if not self._closed.is_set():
            self._closed.set()
            self._thread.submit(self._sandbox.close)
            self._thread.shutdown(wait=True)
            self._let_go()

    def turn_to(self, source: Source, *, kind: str) -> None:
        """Look at another document from here on, in the same sandbox: starting one takes half a second."""
        self._source, self._kind, self._outer, self._outer_kind = source, kind, source, kind
        self._way, self._pages, self._known = (), None, None

    def _in_thread(self, look: Callable[[], T]) -> T:
        """Run in the viewer's own thread, and raise here what it raises there."""
        try:
            future = self._thread.submit(look)
        except RuntimeError:  # closed meanwhile
            raise JobCancelled from None
        try:
            return future.result()
        except wire.Nonsense:
            raise CannotShow(reason_code="EXAMINE_CRASHED") from None

    def page_count(self, job: JobControl) -> int:
        """How many pages there are; asked once."""
        if self._pages is None:
            self._pages = int(self._answer("page-count", self._view(), job, shown.PageCount).pages)
        return self._pages

    def page(self, number: int, width_px: int, job: JobControl) -> viewing.Picture:
        """One page as pixels."""
        view = self._view(start=number, width_px=min(width_px, viewing.MAX_PICTURE_WIDTH_PX))

        def look() -> viewing.Picture:
            with closing(self._messages("render-page", view, job)) as messages:
                return _picture(messages)

        return self._in_thread(look)

    def text(self, number: int, job: JobControl) -> str:
        """One page as plain text."""
        return str(self._answer("extract-text", self._view(start=number), job, shown.PlainText).text)

    def find(self, text: str, first: int, count: int, job: JobControl) -> viewing.TextHits:
        """Where ``count`` pages from ``first`` hold the text."""
        view = self._view(start=first, limit=count, text=text)
        found = self._answer("find-text", view, job, shown.Hits)
        inside = range(first, first + count)
        if any(hit.page not in inside for hit in found.hits) or not set(found.unread) <= set(inside):
            raise CannotShow(reason_code="EXAMINE_CRASHED")
        return viewing.TextHits(
            hits=tuple(viewing.TextHit(page=hit.page, untrusted_excerpt=hit.excerpt) for hit in found.hits),
            unread_pages=tuple(found.unread),
            cut=found.cut,
        )

    def samples(self, start: int, job: JobControl) -> viewing.SampleRows:
        """Samples of an evaluation log from ``start`` on; a long log is gone through no further than that."""
        is_whole = self._find_samples(lambda known: known.count > start, job)
        known = self._known_here()
        rows = known.rows_from(start) if known is not None else ()
        if known is not None and (rows or 0 < known.count <= start):
            total, broken = known.count, known.broken
        else:
            view = self._view(start=start, limit=viewing.MAX_ROWS)
            found = self._answer("list-samples", view, job, shown.Samples)
            rows = sample_index.rows_of(found)
            total = max(found.total, start + len(rows))
            broken = _break(found) or (known.broken if known else None)
        return viewing.SampleRows(total=total, is_whole=is_whole, broken=broken, rows=rows)

    def sample(self, key: str, first_turn: int, job: JobControl) -> viewing.Transcript:
        """A stretch of one sample's transcript."""
        number = int(key) if key.isascii() and key.isdigit() and len(key) < _KEY_DIGITS else -1
        self._find_samples(lambda known: known.count > number, job)
        view = self._view(start=first_turn, text=key)
        found = self._answer("read-sample", view, job, shown.Transcript)
        if sum(len(turn.text) for turn in found.turns) > 2 * viewing.MAX_TEXT_CHARS or (
            found.next_turn is not None and found.next_turn != first_turn + len(found.turns)
        ):
            raise CannotShow(reason_code="EXAMINE_CRASHED")
        return viewing.Transcript(
            untrusted_id=found.id,
            untrusted_target=found.target,
            untrusted_error=found.error,
            turns=tuple(
                viewing.Turn(number=number, untrusted_role=turn.role, untrusted_text=turn.text)
                for number, turn in enumerate(found.turns, start=first_turn + 1)
            ),
            next_turn=found.next_turn,
            cut=found.cut,
        )

    def tensors(self, start: int, name: str, job: JobControl) -> viewing.TensorRows:
        """Tensors from ``start`` on whose name holds ``name``."""
        view = self._view(start=start, limit=viewing.MAX_ROWS, text=name)
        found = self._answer("tensor-rows", view, job, shown.Tensors)
        shown.require_stretch([row.number for row in found.rows], start, found.next_start)
        return viewing.TensorRows(
            rows=tuple(
                viewing.TensorRow(
                    number=row.number,
                    untrusted_name=row.name,
                    dtype=row.dtype,
                    shape=row.shape,
                    offset=row.offset,
                    size_bytes=row.size_bytes,
                )
                for row in found.rows
            ),
            next_start=found.next_start,
            cut=found.cut,
        )

    def members(self, start: int, name: str, job: JobControl) -> viewing.MemberRows:
        """Files of a container from ``start`` on whose name holds ``name``."""
        view = self._view(start=start, limit=viewing.MAX_ROWS, text=name)
        found = self._answer("list-members", view, job, shown.Members)
        shown.require_stretch([row.number for row in found.rows], start, found.next_start)
        return viewing.MemberRows(
            rows=tuple(
                viewing.MemberRow(number=row.number, untrusted_name=row.name, size_bytes=row.size_bytes)
                for row in found.rows
            ),
            next_start=found.next_start,
            total=max(found.total, len(found.rows)),
            broken=_break(found),
        )

    def enter(self, inside: Sequence[str], job: JobControl) -> viewing.Inner:
        """Turn to a file inside; every look from here on is at it. An empty way leads back out.

        It is unpacked once and held, unless it is too large or there is no room: then at every look.
        """
        before = self._source, self._kind, self._way, self._pages
        self._source, self._kind, self._way, self._pages = self._outer, self._outer_kind, tuple(inside), None
        try:
            if not inside:
                self._let_go()
                return viewing.Inner(kind=self._kind, size_bytes=self._source.size_bytes)
            found = self._answer("name-kind", self._view(), job, shown.Inner)
            inner = viewing.Inner(kind=found.kind, size_bytes=found.size_bytes)
            self._let_go(self._hold(inside[-1], inner.size_bytes, job))
        except BaseException:
            self._source, self._kind, self._way, self._pages = before
            raise
        self._kind = inner.kind
        return inner

    def _hold(self, name: str, size_bytes: int, job: JobControl) -> held.Sealed | None:
        """Read from what was unpacked from here on; what lies on the disk of it, if anything does."""
        keeper = held.keeper_for(name.rsplit("/", 1)[-1], size_bytes)
        if keeper is None:
            return None
        view = self._view()
        sealed = keeper if isinstance(keeper, held.Sealed) else None

        def tell(done: int) -> None:
            job.tick(Progress(stage="view.unpack", done_bytes=done, total_bytes=size_bytes))

        def look() -> Source:
            with closing(self._messages("read-member", view, job)) as messages:
                return held.received(messages, keeper, size_bytes, tell)

        with ExitStack() as undo:
            if sealed is not None:
                undo.callback(sealed.close)
            try:
                self._source, self._way = self._in_thread(look), ()
            except (CannotShow, OSError):
                if sealed is None:
                    raise
                return None  # too slow, or the disk is full: looks still unpack what they need
            undo.pop_all()
        return sealed

    def _let_go(self, new: held.Sealed | None = None) -> None:
        kept, self._kept = self._kept, new
        if kept is not None:
            kept.close()

    def bytes_at(self, offset: int, job: JobControl) -> str:
        """``BYTES_A_PAGE`` bytes as a table of offsets, hexadecimal and characters."""
        return str(self._answer("read-bytes", self._view(start=offset), job, shown.PlainText).text)

    def _find_samples(self, wanted: Callable[[sample_index.Known], bool], job: JobControl) -> bool:
        """Go through a long log until so many samples are known; whether all are that can be.

        Raises:
            CannotShow: the log cannot be read at all.
            JobCancelled: the look was cancelled, or the document closed.
        """
        if self._source.size_bytes < sample_index.LEAST_BYTES:
            return True
        known = self._known_here()
        if known is None:
            known = self._known = sample_index.Known(source=self._source, way=self._way)
        while not known.is_whole and not wanted(known):
            if known.is_full:
                known.is_whole = True
                known.broken = viewing.Break(
                    reason_code="EXAMINE_LIMIT", untrusted_detail=f"{known.count} samples"
                )
                break
            self._find_more(known, job)
        return known.is_whole

    def _find_more(self, known: sample_index.Known, job: JobControl) -> None:
        size_bytes = known.source.size_bytes
        view = self._view(start=max(0, known.last), limit=viewing.MAX_ROWS)

        def tell(done_bytes: int) -> None:
            job.tick(Progress(stage="view.samples", done_bytes=done_bytes, total_bytes=size_bytes))

        def look() -> tuple[bytes, bytes, Any]:
            # Of a log inside an archive nobody here knows how long it is.
            end = 1 << 60 if known.way else size_bytes
            with closing(self._messages("index-samples", view, job)) as messages:
                found, answer, page = sample_index.received(messages, end, tell, known.last)
            return found, page, shown.decoded(answer, shown.Indexed)

        found, page, answer = self._in_thread(look)
        _require_shown(answer)
        if not found and not answer.is_whole:
            raise CannotShow(reason_code="EXAMINE_CRASHED")  # a worker that never comes to an end
        try:
            known.add(found, page)
        except wire.Nonsense:
            raise CannotShow(reason_code="EXAMINE_CRASHED") from None
        known.is_whole, known.broken = answer.is_whole, _break(answer)

    def _known_here(self) -> sample_index.Known | None:
        """What was found so far of the long log that is looked at."""
        known = self._known
        return known if known is not None and known.is_of(self._source, self._way) else None

    def _view(self, *, start: int = 0, limit: int = 1, width_px: int = 0, text: str = "") -> wire.View:
        return wire.View(
            kind=self._kind,
            start=start,
            limit=limit,
            width_px=width_px,
            text=text,
            inside=list(self._way),
        )

    def _answer(self, task: str, view: wire.View, job: JobControl, shape: type[Any]) -> Any:
        """One whole answer, decoded.

        Raises:
            CannotShow: the sandbox says why not, or broke, or lied.
            JobCancelled: the look was cancelled, or the document closed.
        """

        def look() -> Any:
            with closing(self._messages(task, view, job)) as messages:
                return shown.decoded(_whole(messages), shape)

        answer = self._in_thread(look)
        _require_shown(answer)
        return answer

    def _messages(
        self, task: str, view: wire.View, job: JobControl
    ) -> Generator[wire.FromWorker, None, None]:
        known = self._known_here() if task in _INDEXED_TASKS else None
        beside = sample_index.IndexBeside(known.index) if known and known.index else None
        order = wire.Job(
            task=task,
            path="",
            name=self._source.name[:1_000].encode("utf-8", "backslashreplace").decode(),
            size_bytes=self._source.size_bytes,
            has_folder=beside is not None,
            view=view,
        )
        if self._closed.is_set():
            raise JobCancelled
        try:
            yield from self._sandbox.run(order, self._source, beside, control=_Watch(job, self._closed))
        except Broken as reason:
            raise CannotShow(reason_code=reason.code) from None
        finally:
            self.isolation = self._sandbox.isolation or self.isolation
        self._sandbox.preload(self._kind, viewing=True)


class _Watch(JobControl):
    """Passes the wish to stop on to the sandbox and reports no tick: a look has its own progress."""

    def __init__(self, job: JobControl, closed: threading.Event) -> None:
        super().__init__()
        self._job, self._document_closed = job, closed

    def tick(self, progress: Progress) -> None:
        """Stop when the job is cancelled or the document closed."""
        del progress
        if self._job.is_cancelled or self._document_closed.is_set():
            raise JobCancelled


def _whole(messages: Iterator[wire.FromWorker]) -> bytes:
    """An answer in pieces; raises ``Nonsense`` for anything else, or too much of it."""
    body = bytearray()
    for message in messages:
        if not isinstance(message, wire.Chunk) or len(body) > shown.MAX_ANSWER_BYTES:
            raise wire.Nonsense("not part of an answer")
        body += message.data
    return bytes(body)


def _picture(messages: Iterator[wire.FromWorker]) -> viewing.Picture:
    """Exactly the promised number of bytes after the promised size.

    Raises:
        Nonsense: anything else.
        CannotShow: the worker says why not.
    """
    head: shown.Head | None = None
    body = bytearray()
    limit = shown.MAX_ANSWER_BYTES
    for message in messages:
        if isinstance(message, wire.Answer) and head is None and not body:
            head = shown.decoded(message.json, shown.Head)
            _require_shown(head)
            limit = head.width_px * head.height_px * 3
            if limit > viewing.MAX_PICTURE_PIXELS * 3:
                raise wire.Nonsense("picture too large")
        elif isinstance(message, wire.Chunk):
            body += message.data
            if len(body) > limit:
                raise wire.Nonsense("picture longer than its size")
        else:
            raise wire.Nonsense("not part of a picture")
    if head is None:
        _require_shown(shown.decoded(bytes(body)))
        raise wire.Nonsense("no picture")
    if len(body) != limit:
        raise wire.Nonsense("picture shorter than its size")
    return viewing.Picture(width_px=head.width_px, height_px=head.height_px, rgb=bytes(body))


def _break(answer: shown.Samples | shown.Indexed | shown.Members) -> viewing.Break | None:
    if answer.break_code is None:
        return None
    return viewing.Break(reason_code=answer.break_code, untrusted_detail=answer.break_detail)


def _require_shown(answer: object) -> None:
    if isinstance(answer, shown.NotShown):
        raise CannotShow(reason_code=answer.code, untrusted_detail=answer.detail)
