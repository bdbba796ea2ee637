"""Indexing whole documents and transcripts: read in the sandbox piece by piece, kept as far as it came.

The job may be stopped at any piece and goes on there, after a restart as well. Whoever is at the desk may run
it: it shows nothing, and nothing it reads counts as opened by a reviewer.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from workstation.app.container_texts import Insides, Piece, Pieces, pages
from workstation.app.examining import stored_files
from workstation.app.services import Session
from workstation.core import events
from workstation.core.events.base import NO_CASE
from workstation.core.examination import Coverage
from workstation.core.full_texts import (
    MAX_FILE_CHARS,
    WHOLE_PACKAGE,
    FullText,
    NotRead,
    Passage,
    TextState,
    form_of,
    passages_of,
)
from workstation.core.jobs import JobCancelled, JobControl, Progress
from workstation.core.packages import PackageFile
from workstation.core.service_ports import Viewer
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import ObjectRef, SealedSource
from workstation.core.viewing import CannotShow, Form, Place, forms_of, inner_path

_MOST_PASSAGES, _MOST_CHARS, _MOST_FILES = 500, 4 << 20, 500


@dataclass(frozen=True, kw_only=True)
class Unread:
    """What a search does not look through: packages that wait, and files by why they were not read."""

    packages_waiting: int
    files: dict[NotRead, int]

    @property
    def is_everything_read(self) -> bool:
        """Whether a search looks through all the text that there is."""
        return not self.packages_waiting and not self.files


def unread(session: Session) -> Unread:
    """What the index does not hold, to be said with every search. Files that hold no text are not missing."""
    with session.look() as work:
        tally = {NotRead(why): number for why, number in work.texts.tally().items()}
        waiting = len(work.texts.waiting())
    return Unread(
        packages_waiting=waiting,
        files={why: number for why, number in tally.items() if why is not NotRead.NOT_TEXT},
    )


def index(session: Session, job: JobControl) -> int:
    """Read every stored file that is not in the index yet; returns how many passages were added.

    Raises:
        JobCancelled: what was read before is kept, and the next time goes on there.
        VaultLocked, ObjectMissing, ObjectTampered.
    """
    with session.look() as work:
        waiting = work.texts.waiting()
        total = sum(_count(dict(work.packages.coverage(package_id))) for package_id in waiting)
    added, done = 0, 0
    with closing(_Room(session=session)) as room:
        for package_id in waiting:
            run = _Run(session=session, room=room, job=job, package_id=package_id, done=done, total=total)
            try:
                run.read()
            except JobCancelled:
                run.flush()
                raise
            added, done = added + run.added, run.done
    return added


def _count(coverage: dict[str, int]) -> int:
    return sum(number for word, number in coverage.items() if word != "opened")


@dataclass(kw_only=True)
class _Room:
    """One sandbox for every file, opened with the first."""

    session: Session
    _viewer: Viewer | None = None

    def turned_to(self, source: SealedSource, kind: str) -> Viewer:
        """Looking at this file; the caller closes the source, and never looks at it again."""
        if self._viewer is None:
            self._viewer = self.session.services.examiners.open_viewer(source, kind=kind)
        else:
            self._viewer.turn_to(source, kind=kind)
        return self._viewer

    def close(self) -> None:
        """End the worker."""
        if self._viewer is not None:
            self._viewer.close()


@dataclass(kw_only=True)
class _Run:
    """One package on its way into the index."""

    session: Session
    room: _Room
    job: JobControl
    package_id: PackageId
    done: int
    total: int
    added: int = 0
    _case_id: CaseId = NO_CASE
    _waiting: list[tuple[FullText, list[Passage]]] = field(default_factory=list)

    def read(self) -> None:
        """Every file of the package that was not read to its end before."""
        with self.session.look() as work:
            self._case_id = work.packages.get(self.package_id).case_id
            known = work.texts.of_package(self.package_id)
        for file in stored_files(self.session, self.package_id):
            self.done += 1
            before = known.get(file.untrusted_path)
            if before is None or before.state is TextState.BEGUN:
                self._file(file, before)
        self._keep(self._nothing(WHOLE_PACKAGE, TextState.WHOLE), [])
        self.flush()

    def _nothing(self, path: str, state: TextState, why: NotRead | None = None) -> FullText:
        return FullText(package_id=self.package_id, untrusted_path=path, state=state, why=why)

    def _file(self, file: PackageFile, before: FullText | None) -> None:
        self._tick(file)
        path = file.untrusted_path
        form, is_container = form_of(file.kind, path), self._forms(file)[0] is Form.MEMBERS
        why = None if form or is_container else _why_none(file)
        if file.coverage is Coverage.DANGEROUS:
            why = NotRead.DANGEROUS
        if why is not None:
            self._keep(self._nothing(path, TextState.NONE, why), [])
            return
        source = self.session.vault.open(
            ObjectRef.parse(file.object_ref), untrusted_name=path.rsplit("/", 1)[-1]
        )
        with closing(source):
            viewer = self.room.turned_to(source, file.kind)
            full = before or self._nothing(path, TextState.BEGUN)
            if form is None:
                self._inside(file, viewer, full)
            else:
                self._whole(file, viewer, form, full)

    def _whole(self, file: PackageFile, viewer: Viewer, form: Form, full: FullText) -> None:
        """A file that lies in the package itself."""
        full, ended = self._text(file, viewer, form, full)
        if not ended and form is Form.SAMPLES and not full.next_at and Form.TEXT in self._forms(file):
            # A log that is only a summary has no samples; what is written in it is text all the same.
            full, ended = self._text(file, viewer, Form.TEXT, full)
        if not ended:
            state = TextState.PART if full.passages else TextState.NONE
            self._keep(replace(full, state=state, why=NotRead.UNREADABLE), [])

    def _inside(self, file: PackageFile, viewer: Viewer, full: FullText) -> None:
        """The files inside a container; those that were read stay so when what follows cannot be."""

        def take(so_far: FullText, number: int, place: str, text: str | None) -> FullText:
            self._tick(file)
            so_far, found = _with(so_far, number, place, text)
            self._keep(so_far, found)
            return so_far

        insides = Insides(
            viewer=viewer,
            job=self.job,
            full=full,
            pieces=_pieces_of,
            take=take,
            begin=lambda way: self._tick(file, way),
        )
        try:
            full = insides.read(file.kind)
        except CannotShow:
            state = TextState.PART if insides.full.passages else TextState.NONE
            full = replace(insides.full, state=state, why=NotRead.UNREADABLE)
        self._keep(full, [])

    @staticmethod
    def _forms(file: PackageFile) -> tuple[Form, ...]:
        return forms_of(file.kind, file.untrusted_path)

    def _text(self, file: PackageFile, viewer: Viewer, form: Form, full: FullText) -> tuple[FullText, bool]:
        """One file from where it was left; whether its end was reached, or its bound."""
        try:
            for number, place, text in _pieces_of(form)(viewer, full.next_at, self.job, ()):
                self._tick(file)
                full, found = _with(full, number, place, text)
                if full.why is NotRead.BOUND:
                    self._keep(full, [])
                    return full, True
                self._keep(full, found)
        except CannotShow:
            return full, False
        state, why = (TextState.PART, NotRead.UNREADABLE) if full.unread else (TextState.WHOLE, None)
        self._keep(full := replace(full, state=state, why=why), [])
        return full, True

    def _tick(self, file: PackageFile, inside: tuple[str, ...] = ()) -> None:
        self.job.tick(
            Progress(
                stage="search.index",
                done_items=self.done,
                total_items=self.total,
                untrusted_detail=inner_path((file.untrusted_path, *inside)),
            )
        )

    def _keep(self, full: FullText, found: list[Passage]) -> None:
        """Gather; what is known of a file and its words always commit together."""
        if self._waiting and self._waiting[-1][0].untrusted_path == full.untrusted_path:
            self._waiting[-1] = (full, [*self._waiting[-1][1], *found])
        else:
            self._waiting.append((full, found))
        passages = [one for _full, some in self._waiting for one in some]
        chars = sum(len(one.untrusted_words) for one in passages)
        if len(passages) >= _MOST_PASSAGES or chars >= _MOST_CHARS or len(self._waiting) >= _MOST_FILES:
            self.flush()

    def flush(self) -> None:
        """Commit what was gathered."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        count = sum(len(found) for _full, found in waiting)
        with self.session.work() as work:
            for full, found in waiting:
                work.texts.add(self._case_id, full, found)
            work.record(
                events.TextsIndexed(
                    case_id=self._case_id,
                    package_id=self.package_id,
                    files=sum(full.untrusted_path != WHOLE_PACKAGE for full, _found in waiting),
                    passages=count,
                )
            )
        self.added += count


def _with(full: FullText, number: int, place: str, text: str | None) -> tuple[FullText, list[Passage]]:
    """How far a file is read with one more piece, and the passages of that."""
    if text is None:
        return replace(full, unread=full.unread + 1, next_at=number + 1), []
    if full.chars + len(text) > MAX_FILE_CHARS:
        return replace(full, state=TextState.PART, why=NotRead.BOUND), []
    found = passages_of(place, text)
    count, chars = full.passages + len(found), full.chars + len(text)
    return replace(full, chars=chars, passages=count, next_at=number + 1), found


def _why_none(file: PackageFile) -> NotRead:
    """Why a file is not read for its text: what nobody could tell is not the same as what is known."""
    if Form.MEMBERS in forms_of(file.kind, file.untrusted_path):
        return NotRead.CONTAINER
    return NotRead.UNREADABLE if file.kind == "unknown" else NotRead.NOT_TEXT


def _pieces_of(form: Form) -> Pieces:
    return _samples if form is Form.SAMPLES else pages


def _samples(viewer: Viewer, first: int, job: JobControl, way: tuple[str, ...]) -> Iterator[Piece]:
    """Samples from ``first`` on, each with its whole transcript."""
    number = first
    while rows := viewer.samples(number, job).rows:
        for row in rows:
            place = Place(form=Form.SAMPLES, name=row.untrusted_id or row.key, inside=way).anchor
            try:
                text: str | None = _transcript(viewer, row.key, job)
            except CannotShow:
                text = None
            yield number, place, text
            number += 1


def _transcript(viewer: Viewer, key: str, job: JobControl) -> str:
    """One sample from its first turn to its last, as far as one file's bound."""
    lines: list[str] = []
    turn: int | None = 0
    chars = 0
    while turn is not None and chars <= MAX_FILE_CHARS:
        part = viewer.sample(key, turn, job)
        if turn == 0:
            lines += [part.untrusted_id, part.untrusted_target, part.untrusted_error]
        lines += [f"{one.untrusted_role}: {one.untrusted_text}" for one in part.turns]
        chars += sum(len(one.untrusted_text) for one in part.turns)
        turn = part.next_turn
    return "\n".join(line for line in lines if line)
