"""What every page carries, and the opening of the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, sin

from reports.bands import items, text_fragments
from reports.boxes import lay_key_facts
from reports.layout import Fragment
from reports.styles import (
    BAND_HEIGHT,
    BLACK,
    BOTTOM_BAND,
    CAUTION,
    KIND,
    LEAD,
    LEFT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RIGHT,
    RULE,
    RUNNING,
    SEMIBOLD,
    TITLE,
    TOP_BAND,
    WATERMARK,
    WIDTH,
    Colour,
    Style,
    banner_colours,
)
from reports.tables import COMPACT_LOOK, lay_key_values
from reports.tagging import Element, Painter
from reports.text import Line, Piece, set_name, text_width
from workstation.core.errors import Refused
from workstation.core.report import DocumentKind, Fact, KeyValues, ReportDocument, TextStyle

_NOTICE = Style(font=SEMIBOLD, size=8.5, leading=11, colour=CAUTION)
_RISE, _RUN = PAGE_HEIGHT - 250.0, PAGE_WIDTH - 90.0  # of the diagonal the watermark stands on
_LARGEST_WATERMARK, _SMALLEST_WATERMARK = 60.0, 16.0
_BANNER_SIZES = ((11.0, 1), (9.5, 2), (8.5, 8))  # points, and the most lines at that size


@dataclass(kw_only=True, eq=False)
class MarkingTooLong(Refused):
    """The banner marking does not fit on a page in a size that can be read."""

    code = "REP-004"
    characters: int


@dataclass(frozen=True, kw_only=True)
class Banner:
    """The whole marking in the largest size that suits it, never cut."""

    lines: tuple[Line, ...]
    style: Style
    ground: Colour

    @classmethod
    def of(cls, marking: str) -> "Banner":
        """Set a marking.

        Raises:
            MarkingTooLong: eight lines do not hold it.
        """
        ground, colour = banner_colours(marking)
        for size, most in _BANNER_SIZES:
            style = Style(font=SEMIBOLD, size=size, leading=size + 3.0, colour=colour)
            lines = set_name(marking, style, WIDTH - 16.0)
            if len(lines) <= most:
                return cls(lines=tuple(lines), style=style, ground=ground)
        raise MarkingTooLong(characters=len(marking))

    @property
    def height(self) -> float:
        """The height of the coloured band."""
        return BAND_HEIGHT + self.inset

    @property
    def inset(self) -> float:
        """By how much the band is taller than one of a single line."""
        return (len(self.lines) - 1) * self.style.leading

    def paint(self, painter: Painter, bottom: float, element: Element | None) -> None:
        """Draw the band; its text is content of ``element`` or, without one, repetition."""
        painter.artifact("Pagination")
        painter.fill(LEFT, bottom, WIDTH, self.height, colour=self.ground)
        painter.frame(LEFT, bottom, WIDTH, self.height, colour=BLACK, line_width=0.6)
        if element is not None:
            painter.into(element)
        down = bottom + self.height - (BAND_HEIGHT - self.style.size) / 2 - 0.84 * self.style.size
        for line in self.lines:
            painter.line(line, LEFT + (WIDTH - line.width) / 2, down)
            down -= self.style.leading


@dataclass(frozen=True, kw_only=True)
class _Running:
    """The running lines, set once for all pages."""

    label: Line
    notice: Line  # the whole width, on the first page
    short_notice: Line
    identifier: Line
    date: Line
    watermark: Line
    voluntary: str  # section 3(c), on every page of what is about a participation

    @classmethod
    def of(cls, document: ReportDocument) -> "_Running":
        """Set the lines of a document."""
        return cls(
            label=_fitted(f"{document.kind.capitalize()}: {document.title}", RUNNING, 270.0),
            notice=_fitted(document.watermark, _NOTICE, WIDTH),
            short_notice=_fitted(document.watermark, _NOTICE, 200.0),
            identifier=_fitted(document.identifier, RUNNING, 190.0),
            date=_fitted(document.date_text, RUNNING, 150.0),
            watermark=_watermark_line(document.watermark),
            voluntary=""
            if document.kind is DocumentKind.RECOVERY_SHEET
            else "Participation is voluntary  \u00b7  ",
        )


@dataclass(kw_only=True, eq=False)
class Furniture:
    """Banner, running lines and watermark; on the first page banner and notice are read aloud as well."""

    banner: Banner
    running: _Running
    banner_element: Element
    notice_element: Element | None

    @classmethod
    def of(cls, document: ReportDocument, root: Element) -> "Furniture":
        """The furniture of a document, its readable parts first in the structure."""
        return cls(
            banner=Banner.of(document.marking),
            running=_Running.of(document),
            banner_element=root.add("P"),
            notice_element=root.add("P") if document.watermark else None,
        )

    def paint(self, painter: Painter, total: int) -> None:
        """Draw what belongs under and around the content of the current page."""
        if self.notice_element is not None:
            painter.artifact("Background")
            _watermark(painter, self.running.watermark)
        self.banner.paint(
            painter, TOP_BAND - self.banner.height, None if painter.page else self.banner_element
        )
        self.banner.paint(painter, BOTTOM_BAND, None)
        self._head(painter, TOP_BAND - self.banner.height - 18.0)
        self._foot(painter, BOTTOM_BAND + self.banner.height + 11.0, total)

    def _head(self, painter: Painter, base: float) -> None:
        if painter.page == 0:
            if self.notice_element is not None:
                painter.into(self.notice_element)
                painter.line(self.running.notice, LEFT, base)
            return
        painter.artifact("Pagination")
        painter.line(self.running.label, LEFT, base)
        notice = self.running.short_notice
        painter.line(notice, RIGHT - notice.width, base)
        painter.rule(LEFT, base - 7.0, RIGHT, base - 7.0, colour=RULE)

    def _foot(self, painter: Painter, base: float, total: int) -> None:
        painter.artifact("Pagination")
        painter.rule(LEFT, base + 13.0, RIGHT, base + 13.0, colour=RULE)
        painter.line(self.running.identifier, LEFT, base)
        painter.line(self.running.date, LEFT + (WIDTH - self.running.date.width) / 2, base)
        text = f"{self.running.voluntary}Page {painter.page + 1} of {total}"
        painter.text(text, RUNNING, RIGHT - text_width(text, RUNNING), base)


def _fitted(text: str, style: Style, width: float) -> Line:
    """One line of running text, visibly shortened where the whole does not fit."""
    lines = set_name(text, style, width)
    if len(lines) == 1:
        return lines[0]
    first = set_name(text, style, width - style.size)[0]
    return Line((*first.pieces, Piece("…", style)), first.width + style.size)


def _watermark_line(text: str) -> Line:
    """The watermark as large as the diagonal allows, visibly shortened where it would become small print."""
    room = hypot(_RISE, _RUN)
    wide = set_name(text, Style(font=SEMIBOLD, size=10.0, leading=10.0, colour=WATERMARK), 1e9)[0].width
    size = max(min(_LARGEST_WATERMARK, 10.0 * room / max(wide, 1.0)), _SMALLEST_WATERMARK)
    return _fitted(text, Style(font=SEMIBOLD, size=size, leading=size, colour=WATERMARK), room + 1.0)


def _watermark(painter: Painter, line: Line) -> None:
    if not line.pieces:
        return
    angle, half, size = atan2(_RISE, _RUN), line.width / 2, line.pieces[0].style.leading
    canvas = painter.canvas
    canvas.saveState()
    canvas.translate(
        PAGE_WIDTH / 2 - half * cos(angle) + size * 0.35 * sin(angle),
        PAGE_HEIGHT / 2 - half * sin(angle) - size * 0.35 * cos(angle),
    )
    canvas.rotate(degrees(angle))
    painter.line(line, 0.0, 0.0)
    canvas.restoreState()


def lay_opening(document: ReportDocument, root: Element) -> list[Fragment]:
    """Kind, title, subtitle, key facts, authority block and the two digests of the first page."""
    kind = set_name(document.kind.upper(), KIND, WIDTH)
    made = text_fragments(items(kind, root.add("P"), KIND), LEFT, gap=8.0, keep=True)
    title = set_name(document.title, TITLE, WIDTH, portion=document.title_portion)
    made += text_fragments(items(title, root.add("H1"), TITLE), LEFT, gap=4.0, keep=bool(document.subtitle))
    if document.subtitle:
        subtitle = set_name(document.subtitle, LEAD, WIDTH)
        made += text_fragments(items(subtitle, root.add("P"), LEAD), LEFT, gap=6.0)
    if document.key_facts is not None:
        made += lay_key_facts(document.key_facts, root)
    made += lay_key_values(KeyValues(facts=tuple(_control_facts(document))), root, COMPACT_LOOK)
    return made


def _control_facts(document: ReportDocument) -> Sequence[Fact]:
    about = document.metadata
    facts = [
        Fact(label="Identifier", value=document.identifier),
        Fact(label="Date", value=document.date_text),
        Fact(label="Marking", value=document.marking),
    ]
    for line in document.authority:
        label, colon, value = line.partition(":")
        facts.append(Fact(label=label, value=value.strip()) if colon else Fact(label="Authority", value=line))
    if about.package_digest:
        facts.append(
            Fact(label="Package digest (SHA-384)", value=about.package_digest, style=TextStyle.DIGEST)
        )
    if about.audit_chain_head:
        row = "" if about.audit_sequence is None else f" (row {about.audit_sequence})"
        label = f"Audit-chain head{row}"
        facts.append(Fact(label=label, value=about.audit_chain_head, style=TextStyle.DIGEST))
    return facts
