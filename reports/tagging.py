"""The structure of a document and the pen that draws into it.

Every drawn thing belongs either to one structure element, which a screen reader reads, or to an artifact,
which it skips. ``Painter`` keeps exactly one of them open while it draws, so nothing is left untagged.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # ships no annotations

from reports.styles import RULE, Colour, Style
from reports.text import Line, Piece

Artifact = Literal["Layout", "Pagination", "Background"]


@dataclass(frozen=True)
class Mark:
    """A marked stretch of one page's content; ``page`` counts from 0."""

    page: int
    mcid: int


@dataclass(frozen=True)
class FieldMark:
    """The place of a signature field in the reading order."""

    page: int
    name: str


@dataclass(frozen=True)
class LinkMark:
    """The place of a link's active area in the reading order."""

    page: int
    index: int


@dataclass(eq=False, kw_only=True)
class Element:
    """One node of the structure tree; ``kids`` are in reading order."""

    role: str
    kids: list["Element | Mark | FieldMark | LinkMark"] = field(default_factory=list)
    alternative: str = ""
    scope: Literal["", "Row", "Column"] = ""
    column_span: int = 1
    list_numbering: str = ""
    box: tuple[float, float, float, float] | None = None
    box_page: int = -1

    def extend_box(self, page: int, box: tuple[float, float, float, float]) -> None:
        """Let the box of a figure grow by one strip; a figure over several pages has none."""
        if self.box_page not in {-1, page}:
            self.box, self.box_page = None, -2
            return
        known = self.box or box
        self.box = (
            min(known[0], box[0]),
            min(known[1], box[1]),
            max(known[2], box[2]),
            max(known[3], box[3]),
        )
        self.box_page = page

    def add(self, role: str) -> "Element":
        """A new last child."""
        child = Element(role=role)
        self.kids.append(child)
        return child


@dataclass(frozen=True, kw_only=True)
class PlacedField:
    """A signature field where the layout put it; ``box`` is left, bottom, right, top in points."""

    name: str
    tooltip: str
    page: int
    box: tuple[float, float, float, float]
    locks_document: bool


@dataclass(frozen=True, kw_only=True)
class PlacedLink:
    """An active area that leads to a heading; ``target`` is the heading's number."""

    page: int
    box: tuple[float, float, float, float]
    text: str
    target: int


class Painter:
    """Draws on one canvas page after page. Coordinates are points from the lower left corner."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self.page = 0
        self.fields: list[PlacedField] = []
        self.links: list[PlacedLink] = []
        self._mcid = 0
        self._open: Element | Artifact | None = None
        self._repeating = False

    def end_page(self) -> None:
        """Finish this page and begin the next."""
        self._close()
        self.canvas.showPage()
        self.page, self._mcid = self.page + 1, 0

    def into(self, element: Element) -> None:
        """What is drawn from here on is content of ``element``."""
        if self._open is element or self._repeating:
            return
        self._close()
        self.canvas.addLiteral(f"/{element.role} <</MCID {self._mcid}>> BDC")
        element.kids.append(Mark(self.page, self._mcid))
        self._mcid += 1
        self._open = element

    @contextmanager
    def repeating(self) -> Iterator[None]:
        """Inside, what was content once is drawn again as part of the open artifact."""
        self._repeating = True
        try:
            yield
        finally:
            self._repeating = False

    def artifact(self, kind: Artifact = "Layout") -> None:
        """What is drawn from here on is decoration or repetition."""
        if self._open == kind:
            return
        self._close()
        self.canvas.addLiteral(f"/Artifact <</Type /{kind}>> BDC")
        self._open = kind

    def _close(self) -> None:
        if self._open is not None:
            self.canvas.addLiteral("EMC")
            self._open = None

    def line(self, line: Line, x: float, baseline: float) -> None:
        """One set line of text with its left edge at ``x``."""
        if line.pieces:
            self.pieces(line.pieces, x, baseline)

    def pieces(self, pieces: Sequence[Piece], x: float, baseline: float) -> None:
        """Pieces one behind the other on one baseline."""
        pen = self.canvas.beginText(x, baseline)
        for text, style in pieces:
            pen.setFont(style.font, style.size, style.leading)
            pen.setFillColorRGB(*style.colour)
            pen.textOut(text)
        self.canvas.drawText(pen)

    def text(self, text: str, style: Style, x: float, baseline: float) -> None:
        """Text that was made drawable before, in one style."""
        self.pieces((Piece(text, style),), x, baseline)

    def rule(self, x0: float, y0: float, x1: float, y1: float, *, colour: Colour, width: float = 0.5) -> None:
        """A straight line."""
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(width)
        self.canvas.line(x0, y0, x1, y1)

    def fill(self, x: float, y: float, width: float, height: float, *, colour: Colour) -> None:
        """A filled rectangle, ``x`` and ``y`` being its lower left corner."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.rect(x, y, width, height, stroke=0, fill=1)

    def frame(
        self, x: float, y: float, width: float, height: float, *, colour: Colour, line_width: float = 0.75
    ) -> None:
        """An outlined rectangle."""
        self.canvas.setStrokeColorRGB(*colour)
        self.canvas.setLineWidth(line_width)
        self.canvas.rect(x, y, width, height, stroke=1, fill=0)

    def field(self, element: Element, placed: PlacedField) -> None:
        """A signature field; drawn by whoever signs, so nothing is drawn here."""
        self._close()
        element.kids.append(FieldMark(placed.page, placed.name))
        self.fields.append(placed)

    def link(self, element: Element, placed: PlacedLink) -> None:
        """An active area over what was drawn into ``element``."""
        self._close()
        element.kids.append(LinkMark(placed.page, len(self.links)))
        self.links.append(placed)

    def dots(self, x0: float, x1: float, y: float) -> None:
        """A dotted leader."""
        self.canvas.saveState()
        self.canvas.setStrokeColorRGB(*RULE)
        self.canvas.setLineWidth(0.8)
        self.canvas.setLineCap(1)
        self.canvas.setDash((0.01, 4))
        self.canvas.line(x0, y, x1, y)
        self.canvas.restoreState()

    def dot(self, x: float, y: float, radius: float, *, colour: Colour) -> None:
        """A filled circle."""
        self.canvas.setFillColorRGB(*colour)
        self.canvas.circle(x, y, radius, stroke=0, fill=1)
