"""Rows of cells side by side, divided between lines only when a page could not hold them otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.layout import Fragment, Frame
from reports.styles import Style
from reports.tagging import Element, Painter
from reports.text import Line
from workstation.core.report import Align

_WHOLE_PT = 216.0  # rows up to three inches stay in one piece
_SLICE_PT = 54.0


@dataclass(frozen=True)
class Item:
    """One set line, the element it belongs to and the style that gives it its room."""

    line: Line
    element: Element
    style: Style

    def paint(self, painter: Painter, x: float, top: float) -> None:
        """Draw the line below ``top``."""
        painter.into(self.element)
        painter.line(self.line, x, baseline(top, self.style))


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Lines one under the other between ``x`` and ``x + width``."""

    x: float
    width: float
    items: Sequence[Item]
    align: Align = Align.LEFT

    @property
    def height(self) -> float:
        """What the lines need, without any padding."""
        return sum(item.style.leading for item in self.items)


@dataclass(frozen=True, kw_only=True)
class Look:
    """What surrounds the lines of a band."""

    above: float = 0.0
    below: float = 0.0
    rule: tuple[tuple[float, float, float], float] | None = None  # colour and width of the line below
    rule_from: float = 0.0
    rule_to: float = 0.0


def baseline(top: float, style: Style) -> float:
    """Where a line of this style stands when its room begins at ``top``."""
    return top - 0.71 * style.leading  # the same for every face of a row


def items(lines: Sequence[Line], element: Element, style: Style) -> list[Item]:
    """Set lines as items of one element."""
    return [Item(line, element, style) for line in lines]


def text_fragments(
    lines: Sequence[Item], x: float, *, gap: float = 0.0, keep: bool = False, frame: Frame | None = None
) -> list[Fragment]:
    """Lines that flow over pages; never one alone at the foot or the head of a page."""
    made: list[Fragment] = []
    last = len(lines) - 1
    for number, item in enumerate(lines):
        lonely = number == 0 or number == last - 1
        made.append(
            Fragment(
                height=item.style.leading,
                paint=lambda painter, top, item=item: item.paint(painter, x, top),  # type: ignore[misc]  # the default binds the loop variable
                gap=0.0 if number else gap,
                keep_with_next=(lonely and number < last) or (keep and number == last),
                frame=frame,
            )
        )
    return made


def keep_ends(bullets: Sequence[list[Fragment]]) -> list[Fragment]:
    """Items of a list in their order; neither the first nor the last is left alone on a page."""
    if len(bullets) > 1:
        for item in (bullets[0], bullets[-2]):
            item[-1].keep_with_next = True
    return [fragment for item in bullets for fragment in item]


def band(cells: Sequence[Cell], look: Look, *, frame: Frame | None = None) -> list[Fragment]:
    """Cells side by side as one fragment, or as slices when they are taller than three inches."""
    height = max(cell.height for cell in cells)
    if height <= _WHOLE_PT:
        return [_slice(cells, height, look, first=True, last=True, frame=frame)]
    rests = [list(cell.items) for cell in cells]
    slices: list[Fragment] = []
    while any(rests):
        taken = [_take(rest) for rest in rests]
        part = [
            Cell(x=cell.x, width=cell.width, items=own, align=cell.align)
            for cell, own in zip(cells, taken, strict=True)
        ]
        tall = max(cell.height for cell in part)
        slices.append(_slice(part, tall, look, first=not slices, last=not any(rests), frame=frame))
    return slices


def _take(rest: list[Item]) -> list[Item]:
    used, count = 0.0, 0
    for item in rest:
        if count and used + item.style.leading > _SLICE_PT:
            break
        used, count = used + item.style.leading, count + 1
    taken = rest[:count]
    del rest[:count]
    return taken


def _slice(
    cells: Sequence[Cell], height: float, look: Look, *, first: bool, last: bool, frame: Frame | None
) -> Fragment:
    above, below = look.above if first else 0.0, look.below if last else 0.0
    whole = height + above + below

    def paint(painter: Painter, top: float) -> None:
        if look.rule is not None and last:
            painter.artifact()
            colour, width = look.rule
            painter.rule(look.rule_from, top - whole, look.rule_to, top - whole, colour=colour, width=width)
        paint_cells(painter, cells, top - above)

    return Fragment(height=whole, paint=paint, frame=frame)


def paint_cells(painter: Painter, cells: Sequence[Cell], top: float) -> None:
    """Draw cells whose lines begin at ``top``."""
    for cell in cells:
        down = top
        for item in cell.items:
            spare = cell.width - item.line.width
            shift = {Align.LEFT: 0.0, Align.RIGHT: spare, Align.CENTRE: spare / 2}[cell.align]
            item.paint(painter, cell.x + shift, down)
            down -= item.style.leading
