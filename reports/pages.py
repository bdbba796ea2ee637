"""What every page carries, and the opening of the first."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, sin

from reports.bands import items, text_fragments
from reports.boxes import lay_key_facts
from reports.layout import Fragment
from reports.styles import (
    BAND_HEIGHT,
    BANNER,
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
    Style,
    banner_colours,
)
from reports.tables import lay_key_values
from reports.tagging import Element, Painter
from reports.text import Line, Piece, set_name, text_width, visible
from workstation.core.report import Fact, KeyValues, ReportDocument, TextStyle

_NOTICE = Style(font=SEMIBOLD, size=8.5, leading=11, colour=CAUTION)
_LONGEST_BANNER_LINES = 2


@dataclass(kw_only=True, eq=False)
class Furniture:
    """Banner, running lines and watermark; on the first page banner and notice are read aloud as well."""

    document: ReportDocument
    banner_element: Element
    notice_element: Element | None

    @classmethod
    def of(cls, document: ReportDocument, root: Element) -> "Furniture":
        """The furniture of a document, its readable parts first in the structure."""
        notice = None
        banner = root.add("P")
        if document.watermark:
            notice = root.add("P")
        return cls(document=document, banner_element=banner, notice_element=notice)

    def paint(self, painter: Painter, total: int) -> None:
        """Draw what belongs under and around the content of the current page."""
        if self.document.watermark:
            painter.artifact("Background")
            _watermark(painter, visible(self.document.watermark))
        self._bands(painter)
        self._head(painter)
        self._foot(painter, total)

    def _bands(self, painter: Painter) -> None:
        ground, colour = banner_colours(self.document.marking)
        lines, style = _banner_lines(self.document.marking, colour)
        height = BAND_HEIGHT + (len(lines) - 1) * style.leading
        for bottom, first in ((TOP_BAND - height, True), (BOTTOM_BAND, False)):
            painter.artifact("Pagination")
            painter.fill(LEFT, bottom, WIDTH, height, colour=ground)
            painter.frame(LEFT, bottom, WIDTH, height, colour=BLACK, line_width=0.6)
            if first and painter.page == 0:
                painter.into(self.banner_element)
            down = bottom + height - (BAND_HEIGHT - style.size) / 2 - 0.82 * style.size
            for line in lines:
                painter.line(line, LEFT + (WIDTH - line.width) / 2, down)
                down -= style.leading

    def _head(self, painter: Painter) -> None:
        base = TOP_BAND - BAND_HEIGHT - 18.0
        painter.artifact("Pagination")
        if painter.page:
            label = visible(f"{self.document.kind.capitalize()}: {self.document.title}")
            painter.line(_fitted(label, RUNNING, 300.0), LEFT, base)
        if self.notice_element is not None:
            if painter.page == 0:
                painter.into(self.notice_element)
            line = _fitted(self.document.watermark, _NOTICE, WIDTH if painter.page == 0 else 180.0)
            painter.line(line, LEFT if painter.page == 0 else RIGHT - line.width, base)
        painter.artifact("Pagination")
        if painter.page:
            painter.rule(LEFT, base - 7.0, RIGHT, base - 7.0, colour=RULE)

    def _foot(self, painter: Painter, total: int) -> None:
        base = BOTTOM_BAND + BAND_HEIGHT + 11.0
        painter.artifact("Pagination")
        painter.rule(LEFT, base + 13.0, RIGHT, base + 13.0, colour=RULE)
        painter.line(_fitted(self.document.identifier, RUNNING, 190.0), LEFT, base)
        middle = _fitted(self.document.date_text, RUNNING, 150.0)
        painter.line(middle, LEFT + (WIDTH - middle.width) / 2, base)
        text = f"Page {painter.page + 1} of {total}"
        painter.text(text, RUNNING, RIGHT - text_width(text, RUNNING), base)


def _banner_lines(marking: str, colour: tuple[float, float, float]) -> tuple[list[Line], Style]:
    """The whole marking, in the largest size that needs no more than two lines."""
    lines: list[Line] = []
    style = BANNER
    for size in (11.0, 9.5, 8.0, 6.5, 5.0):
        style = Style(font=SEMIBOLD, size=size, leading=size + 2.5, colour=colour)
        lines = set_name(marking, style, WIDTH - 16.0)
        if len(lines) <= _LONGEST_BANNER_LINES:
            break
    return lines, style


def _fitted(text: str, style: Style, width: float) -> Line:
    """One line of running text, visibly shortened where the whole does not fit."""
    lines = set_name(text, style, width)
    if len(lines) == 1:
        return lines[0]
    first = set_name(text, style, width - style.size)[0]
    return Line((*first.pieces, Piece("…", style)), first.width + style.size)


def _watermark(painter: Painter, text: str) -> None:
    style = Style(font=SEMIBOLD, size=10.0, colour=WATERMARK)
    angle = atan2(PAGE_HEIGHT - 250.0, PAGE_WIDTH - 90.0)
    room = hypot(PAGE_HEIGHT - 250.0, PAGE_WIDTH - 90.0)
    shown = set_name(text, style, 1e9)[0]
    size = min(60.0, 10.0 * room / max(shown.width, 1.0))
    fitted = Style(font=SEMIBOLD, size=size, leading=size, colour=WATERMARK)
    line = set_name(text, fitted, 1e9)[0]
    canvas = painter.canvas
    canvas.saveState()
    half = line.width / 2
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
    made += lay_key_values(KeyValues(facts=tuple(_control_facts(document))), root)
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
