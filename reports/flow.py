"""Blocks of a report document as fragments and structure elements, in reading order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reports.bands import Item, baseline, items, keep_ends, text_fragments
from reports.boxes import lay_callout, lay_key_facts, lay_signature
from reports.charts import lay_chart
from reports.layout import Fragment, nothing
from reports.styles import BODY, BODY_STRONG, HEADINGS, LEFT, PROSE_WIDTH, RIGHT, WIDTH, Style
from reports.tables import lay_key_values, lay_table
from reports.tagging import Element, Painter, PlacedLink
from reports.text import Line, set_name, set_text, text_width, visible
from workstation.core.report import (
    Block,
    Bullets,
    Callout,
    Chart,
    Contents,
    Heading,
    KeyFacts,
    KeyValues,
    PageBreak,
    Paragraph,
    SignatureBlock,
    Table,
)

_ABOVE_HEADING = {1: 26.0, 2: 18.0, 3: 13.0}
_BULLET_INDENT = 20.0
_BELOW_TABLE = 16.0


@dataclass(kw_only=True, eq=False)
class OutlineEntry:
    """A heading for the outline and the contents; its fragment knows the page once it is placed."""

    text: str
    level: int
    fragment: Fragment
    top: float = 0.0


@dataclass(kw_only=True, eq=False)
class Flow:
    """What the blocks became so far."""

    root: Element
    headings: tuple[Heading, ...]
    fragments: list[Fragment] = field(default_factory=list)
    outline: list[OutlineEntry] = field(default_factory=list)

    def lay(self, blocks: Sequence[Block]) -> None:
        """Append every block."""
        after = _BELOW_TABLE
        for block in blocks:
            if isinstance(block, Contents):
                made = self._contents(block)
            elif isinstance(block, Heading):
                made = self._heading(block)
            else:
                made = _LAY[type(block)](block, self.root)
            if made:
                made[0].gap = max(made[0].gap, after)
                after = _BELOW_TABLE if isinstance(block, Table | KeyValues | Chart | Callout) else 0.0
            self.fragments += made

    def _heading(self, block: Heading) -> list[Fragment]:
        style = HEADINGS[block.level]
        element = self.root.add(f"H{block.level + 1}")
        lines = set_name(block.text, style, WIDTH, portion=block.portion)
        made = text_fragments(items(lines, element, style), LEFT, gap=_ABOVE_HEADING[block.level], keep=True)
        for fragment in made:
            fragment.keep_with_next = True
        entry = OutlineEntry(text=visible(block.text), level=block.level, fragment=made[0])
        inner = made[0].paint

        def paint(painter: Painter, top: float) -> None:
            entry.top = top
            inner(painter, top)

        made[0].paint = paint
        self.outline.append(entry)
        return made

    def _contents(self, block: Contents) -> list[Fragment]:
        title_style = HEADINGS[2]
        title = self.root.add("P")
        made = text_fragments(
            items(set_name(block.title, title_style, WIDTH), title, title_style), LEFT, gap=22.0, keep=True
        )
        toc = self.root.add("TOC")
        for number, heading in enumerate(self.headings):
            if heading.level <= block.depth:
                made += self._contents_entry(number, heading, toc)
        return made

    def _contents_entry(self, number: int, heading: Heading, toc: Element) -> list[Fragment]:
        style = BODY_STRONG if heading.level == 1 else BODY
        x = LEFT + 16.0 * (heading.level - 1)
        link = toc.add("TOCI").add("Reference").add("Link")
        lines = set_name(heading.text, style, RIGHT - x - 44.0, portion=heading.portion)
        entries = [Item(line, link, style) for line in lines]
        made = text_fragments(entries, x, gap=4.0 if heading.level == 1 else 0.0)
        last, line = made[-1], lines[-1]
        inner = last.paint

        def paint(painter: Painter, top: float) -> None:
            inner(painter, top)
            target = self.outline[number]
            _leader(painter, line, x, baseline(top, style), style, str(target.fragment.page + 1))
            bottom = top - style.leading
            painter.link(
                link,
                PlacedLink(
                    page=painter.page,
                    box=(x, bottom, RIGHT, top),
                    text=visible(heading.text),
                    target=number,
                ),
            )

        last.paint = paint
        return made


def _leader(painter: Painter, line: Line, x: float, base: float, style: Style, page: str) -> None:
    """The page number at the right edge and the dots that lead the eye to it."""
    width = text_width(page, style)
    painter.text(f" {page}", style, RIGHT - width - text_width(" ", style), base)
    begin, end = x + line.width + 8, RIGHT - width - 8
    if end - begin > 12:  # noqa: PLR2004 - shorter leaders look like stray dots
        painter.artifact()
        painter.dots(begin, end, base + 1.5)


def _paragraph(block: Paragraph, root: Element) -> list[Fragment]:
    lines = set_text(block.text, BODY, PROSE_WIDTH, portion=block.portion, strong=BODY_STRONG)
    return text_fragments(items(lines, root.add("P"), BODY), LEFT, gap=8.0)


def _bullets(block: Bullets, root: Element) -> list[Fragment]:
    outer = root.add("L")
    outer.list_numbering = "Decimal" if block.numbered else "Disc"
    listed: list[list[Fragment]] = []
    portions = block.portions or ("",) * len(block.items)
    for number, (text, portion) in enumerate(zip(block.items, portions, strict=True), start=1):
        item = outer.add("LI")
        label, content = item.add("Lbl"), item.add("LBody")
        lines = set_text(text, BODY, PROSE_WIDTH - _BULLET_INDENT, portion=portion, strong=BODY_STRONG)
        own = text_fragments(items(lines, content, BODY), LEFT + _BULLET_INDENT, gap=4.5)
        own[0].paint = _labelled(own[0].paint, label, f"{number}." if block.numbered else "•")
        listed.append(own)
    made = keep_ends(listed)
    if made:
        made[0].gap = 6.0
    return made


def _labelled(
    inner: Callable[[Painter, float], None], label: Element, sign: str
) -> Callable[[Painter, float], None]:
    def paint(painter: Painter, top: float) -> None:
        painter.into(label)
        painter.text(f"{sign} ", BODY, LEFT + 4.0, baseline(top, BODY))
        inner(painter, top)

    return paint


def _page_break(_block: PageBreak, _root: Element) -> list[Fragment]:
    return [Fragment(height=0.0, paint=nothing, page_break=True)]


_LAY: dict[type, Callable[..., list[Fragment]]] = {
    Paragraph: _paragraph,
    Bullets: _bullets,
    KeyValues: lay_key_values,
    KeyFacts: lay_key_facts,
    Table: lay_table,
    Chart: lay_chart,
    Callout: lay_callout,
    SignatureBlock: lay_signature,
    PageBreak: _page_break,
}
