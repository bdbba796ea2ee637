"""Files inside containers on their way into the index: one after another, by their way through them.

Bounded three ways: so many files of one stored container, so many bytes unpacked for them, and the characters
that any stored file may have. Where reading stopped is a number for each level, so that it goes on there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from workstation.core.full_texts import (
    MAX_INSIDE_FILES,
    MAX_MEMBER_BYTES,
    MAX_UNPACKED_BYTES,
    FullText,
    NotRead,
    TextState,
    form_of,
)
from workstation.core.jobs import JobControl
from workstation.core.service_ports import Viewer
from workstation.core.viewing import MAX_INSIDE, CannotShow, Form, MemberRow, Place, forms_of

# One stream from end to end: whoever wants what is last in it unpacks all that is before.
_STREAMS = frozenset({"gzip", "bzip2", "xz", "zstd", "lzma"})

Piece = tuple[int, str, str | None]  # its number, its place, its text or None where the sandbox shows none
Pieces = Callable[[Viewer, int, JobControl, tuple[str, ...]], Iterator[Piece]]


def _is_stream(kind: str) -> bool:
    return not _STREAMS.isdisjoint(kind.split("."))  # of "tar.gzip", too


class BoundMet(Exception):
    """No more is read of this container."""


@dataclass(frozen=True, kw_only=True)
class Level:
    """A container on the way: its way, the numbers that lead to it, and whether it lies in one stream."""

    way: tuple[str, ...] = ()
    numbers: tuple[int, ...] = ()
    is_stream: bool


@dataclass(kw_only=True)
class Insides:
    """Everything inside one stored container, read through one viewer that is turned to it."""

    viewer: Viewer
    job: JobControl
    full: FullText
    pieces: Callable[[Form], Pieces]
    take: Callable[[FullText, int, str, str | None], FullText]  # a piece into the index
    begin: Callable[[tuple[str, ...]], None]  # told before each file, and may raise to stop
    _at: tuple[str, ...] = field(default=())  # where the viewer is

    def read(self, kind: str) -> FullText:
        """Every file inside, from where it was left; returns how far it came."""
        try:
            self._level(Level(is_stream=_is_stream(kind)), self.full.inside_at)
        except BoundMet:
            return replace(self.full, state=TextState.PART, why=NotRead.BOUND)
        finally:
            self._turn(())  # nothing that was unpacked is held any longer
        if self.full.unread:
            state = TextState.PART if self.full.passages else TextState.NONE
            return replace(self.full, state=state, why=NotRead.UNREADABLE)
        return replace(self.full, state=TextState.WHOLE, why=None)

    def _turn(self, way: tuple[str, ...]) -> str:
        """Turn the viewer to a file inside; returns what its bytes are."""
        kind = self.viewer.enter(way, self.job).kind
        self._at = way
        return kind

    def _level(self, level: Level, going_on: tuple[int, ...]) -> None:
        """One container, from the member where it was left."""
        start: int | None = going_on[0] if going_on else 0
        unpacked_before = 0  # what lies before the member in a stream
        while start is not None:
            if self._at != level.way:
                self._turn(level.way)
            rows = self.viewer.members(start, "", self.job)
            for row in rows.rows:
                rest = going_on[1:] if going_on and row.number == going_on[0] else ()
                self._count(row, unpacked_before if level.is_stream else 0)
                self._member(level, row, rest)
                unpacked_before += row.size_bytes
            start = rows.next_start

    def _count(self, row: MemberRow, before: int) -> None:
        """One file more, and what is unpacked for it; raises BoundMet."""
        unpacked = self.full.unpacked_bytes + before + row.size_bytes
        if self.full.files_inside >= MAX_INSIDE_FILES or unpacked > MAX_UNPACKED_BYTES:
            raise BoundMet
        self.full = replace(self.full, unpacked_bytes=unpacked)

    def _member(self, level: Level, row: MemberRow, going_on: tuple[int, ...]) -> None:
        """One file inside, or everything in it where it is a container itself."""
        way, numbers = (*level.way, row.untrusted_name), (*level.numbers, row.number)
        self.begin(way)
        is_whole = False
        if row.size_bytes <= MAX_MEMBER_BYTES:
            try:
                is_whole = self._looked_at(
                    Level(way=way, numbers=numbers, is_stream=level.is_stream), going_on
                )
            except CannotShow:
                is_whole = False
        self.full = replace(
            self.full,
            unread=self.full.unread + (not is_whole),
            files_inside=self.full.files_inside + 1,
            inside_at=(*level.numbers, row.number + 1),
            next_at=0,
        )

    def _looked_at(self, here: Level, going_on: tuple[int, ...]) -> bool:
        """Read what ``here`` names; whether there is nothing of it that could not be reached."""
        kind = self._turn(here.way)
        name = here.way[-1]
        forms = forms_of(kind, name)
        if forms[0] is Form.MEMBERS:
            if len(here.way) >= MAX_INSIDE:
                return False
            self._level(replace(here, is_stream=here.is_stream or _is_stream(kind)), going_on)
            return True
        form = form_of(kind, name)
        if form is None:
            return kind != "unknown"
        if self.full.inside_at != here.numbers:
            self.full = replace(self.full, inside_at=here.numbers, next_at=0)
        self._pieces(form, forms, here.way)
        return True

    def _pieces(self, form: Form, forms: tuple[Form, ...], way: tuple[str, ...]) -> None:
        """The file the viewer is at; raises CannotShow where it has none of these pages or samples."""
        try:
            self._take_all(form, way)
        except CannotShow:
            # A log that is only a summary has no samples; what is written in it is text all the same.
            if form is not Form.SAMPLES or self.full.next_at or Form.TEXT not in forms:
                raise
            self._take_all(Form.TEXT, way)

    def _take_all(self, form: Form, way: tuple[str, ...]) -> None:
        for number, place, text in self.pieces(form)(self.viewer, self.full.next_at, self.job, way):
            self.full = self.take(self.full, number, place, text)
            if self.full.why is NotRead.BOUND:
                raise BoundMet


def pages(viewer: Viewer, first: int, job: JobControl, way: tuple[str, ...] = ()) -> Iterator[Piece]:
    """Pages from ``first`` on; raises CannotShow where not even their number is told."""
    for number in range(first, viewer.page_count(job)):
        place = Place(form=Form.TEXT, page=number, inside=way).anchor
        try:
            yield number, place, viewer.text(number, job)
        except CannotShow:
            yield number, place, None
