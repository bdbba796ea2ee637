"""Fragments of content flowing over pages: what may break where, what stays together, what repeats.

A fragment is a piece of a page that cannot be divided. Blocks become fragments (``flow.py`` and its
neighbours), this module deals them out to pages, and only then is anything drawn. So the number of pages and
the page of every heading are known before the first mark is made.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from reports.styles import BODY_BOTTOM, BODY_TOP
from reports.tagging import Painter

Paint = Callable[[Painter, float], None]  # the second argument is the upper edge of the fragment


PaintFrame = Callable[[Painter, float, float], None]  # painter, top, bottom


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Decoration behind neighbouring fragments of one page, drawn from the first top to the last bottom.

    The ground lies under the watermark, so that it never hides it; the edge lies above.
    """

    ground: PaintFrame
    edge: PaintFrame


@dataclass(kw_only=True, eq=False)
class Fragment:
    """An undividable piece of a page. ``gap`` is the space above it, dropped at the top of a page."""

    height: float
    paint: Paint
    gap: float = 0.0
    keep_with_next: bool = False
    repeat: "Fragment | None" = None  # painted above this one when it begins a page
    frame: Frame | None = None
    page_break: bool = False
    page: int = field(default=-1, init=False)  # where it landed


@dataclass(frozen=True)
class Placed:
    """A fragment with its upper edge on the page."""

    fragment: Fragment
    top: float


def nothing(painter: Painter, top: float) -> None:
    """Paint nothing: for fragments that only take room or break a page."""


def paginate(fragments: Iterable[Fragment], *, inset: float = 0.0) -> list[list[Placed]]:
    """Deal fragments out to pages; a group that fits on no page is divided where it must be.

    ``inset`` is what a banner of several lines takes away at the head and at the foot of every page.
    """
    pages: list[list[Placed]] = [[]]
    head, foot = BODY_TOP - inset, BODY_BOTTOM + inset
    top = head
    for group in _groups(fragments):
        needed = sum(part.height + part.gap for part in group) - (0 if pages[-1] else group[0].gap)
        fits_a_page = needed <= head - foot
        if pages[-1] and (group[0].page_break or (fits_a_page and top - needed < foot)):
            pages.append([])
            top = head
        for part in group:
            top = _place(part, pages, top, head, foot)
    return [page for page in pages if page] or [[]]


def _place(part: Fragment, pages: list[list[Placed]], top: float, head: float, foot: float) -> float:
    gap = part.gap if pages[-1] else 0.0
    if pages[-1] and top - gap - part.height < foot:
        pages.append([])
        top, gap = head, 0.0
    if not pages[-1] and part.repeat is not None:
        pages[-1].append(Placed(part.repeat, top))
        top -= part.repeat.height
    if part.height or not part.page_break:
        part.page = len(pages) - 1
        pages[-1].append(Placed(part, top - gap))
    return top - gap - part.height


def _groups(fragments: Iterable[Fragment]) -> Iterator[list[Fragment]]:
    group: list[Fragment] = []
    for fragment in fragments:
        if fragment.page_break and group:
            yield group
            group = []
        group.append(fragment)
        if not fragment.keep_with_next:
            yield group
            group = []
    if group:
        yield group


def paint_grounds(painter: Painter, placed: list[Placed]) -> None:
    """Draw what lies under everything else of one page."""
    for frame, top, bottom in _frames(placed):
        painter.artifact("Background")
        frame.ground(painter, top, bottom)


def paint_content(painter: Painter, placed: list[Placed]) -> None:
    """Draw the edges of one page's frames, then its fragments in reading order."""
    for frame, top, bottom in _frames(placed):
        painter.artifact("Background")
        frame.edge(painter, top, bottom)
    for item in placed:
        item.fragment.paint(painter, item.top)


def _frames(placed: list[Placed]) -> Iterator[tuple[Frame, float, float]]:
    current: tuple[Frame, float, float] | None = None
    for item in placed:
        frame, bottom = item.fragment.frame, item.top - item.fragment.height
        if current is not None and frame is current[0]:
            current = (current[0], current[1], bottom)
            continue
        if current is not None:
            yield current
        current = (frame, item.top, bottom) if frame is not None else None
    if current is not None:
        yield current
