"""Boxes: the key facts of the first page, callouts, and the empty signature fields."""

from reports.bands import Cell, Item, Look, band, items, keep_ends, paint_cells, text_fragments
from reports.layout import Fragment, Frame, nothing
from reports.styles import (
    BODY,
    BODY_STRONG,
    CALLOUT_TITLE,
    CAUTION,
    CELL_DIGEST,
    FACT_LABEL,
    FACT_VALUE,
    FIELD_HEIGHT,
    FIELD_WIDTH,
    HEADLINE,
    INK_SOFT,
    LEFT,
    NAVY,
    PANEL,
    RIGHT,
    RULE,
    SEMIBOLD,
    SMALL,
    WIDTH,
    Style,
)
from reports.tagging import Element, Painter, PlacedField
from reports.text import Line, set_name, set_text, visible
from workstation.core.report import Callout, CalloutTone, Fact, KeyFacts, SignatureBlock, TextStyle

_INSET = 16.0
_COLUMN_GAP = 20.0
_ROLE = Style(font=SEMIBOLD, size=11, leading=16)
_FACT_STYLES = {
    TextStyle.BODY: FACT_VALUE,
    TextStyle.STRONG: Style(font=SEMIBOLD, size=11.5, leading=16),
    TextStyle.DIGEST: Style(font=CELL_DIGEST.font, size=9, leading=14),
}
_TALLEST_SIGNATURE_TEXT = 240.0


def _pad(height: float, frame: Frame, *, gap: float = 0.0, keep: bool = True) -> Fragment:
    return Fragment(height=height, paint=nothing, frame=frame, gap=gap, keep_with_next=keep)


def _panel(painter: Painter, top: float, bottom: float) -> None:
    painter.fill(LEFT, bottom, WIDTH, top - bottom, colour=PANEL)


def _no_ground(painter: Painter, top: float, bottom: float) -> None:
    """Leave the paper as it is."""


def _key_facts_edge(painter: Painter, top: float, bottom: float) -> None:
    painter.fill(LEFT, top - 2.5, WIDTH, 2.5, colour=NAVY)
    painter.rule(LEFT, bottom, RIGHT, bottom, colour=RULE, width=0.5)


def lay_key_facts(block: KeyFacts, parent: Element) -> list[Fragment]:
    """The headline in large type, under it the facts two by two."""
    frame = Frame(ground=_panel, edge=_key_facts_edge)
    outer = parent.add("L")
    outer.list_numbering = "None"
    room = WIDTH - 2 * _INSET
    made = [_pad(14.0, frame, gap=20.0)]
    headline = _fact_cell(block.headline, outer, LEFT + _INSET, room, HEADLINE)
    made += band([headline], Look(), frame=frame)
    half = (room - _COLUMN_GAP) / 2
    for left, right in _rows_of(block.facts):
        if right is None:
            cells = [_fact_cell(left, outer, LEFT + _INSET, room, _FACT_STYLES[left.style])]
        else:
            cells = [
                _fact_cell(left, outer, LEFT + _INSET, half, _FACT_STYLES[left.style]),
                _fact_cell(right, outer, LEFT + _INSET + half + _COLUMN_GAP, half, _FACT_STYLES[right.style]),
            ]
        made += band(cells, Look(above=9.0), frame=frame)
    for fragment in made:
        fragment.keep_with_next = True
    made.append(_pad(14.0, frame, keep=False))
    return made


def _rows_of(facts: tuple[Fact, ...]) -> list[tuple[Fact, Fact | None]]:
    """Facts two by two; a digest, and a last one left over, has a row of its own."""
    rows: list[tuple[Fact, Fact | None]] = []
    waiting: Fact | None = None
    for fact in facts:
        if fact.style is TextStyle.DIGEST:
            if waiting is not None:
                rows.append((waiting, None))
            rows.append((fact, None))
            waiting = None
        elif waiting is None:
            waiting = fact
        else:
            rows.append((waiting, fact))
            waiting = None
    if waiting is not None:
        rows.append((waiting, None))
    return rows


def _fact_cell(fact: Fact, parent: Element, x: float, width: float, style: Style) -> Cell:
    item = parent.add("LI")
    label, value = item.add("Lbl"), item.add("LBody")
    own = items(set_name(fact.label, FACT_LABEL, width), label, FACT_LABEL)
    own += items(set_name(fact.value, style, width, portion=fact.portion), value, style)
    return Cell(x=x, width=width, items=own)


def _note_edge(painter: Painter, top: float, bottom: float) -> None:
    painter.fill(LEFT, bottom, 3.0, top - bottom, colour=NAVY)


def _caution_edge(painter: Painter, top: float, bottom: float) -> None:
    painter.fill(LEFT, bottom, 5.0, top - bottom, colour=CAUTION)
    painter.frame(LEFT, bottom, WIDTH, top - bottom, colour=CAUTION, line_width=0.9)


def lay_callout(block: Callout, parent: Element) -> list[Fragment]:
    """A title, a text and a list behind a heavy rule; it may run over pages."""
    caution = Frame(ground=_no_ground, edge=_caution_edge)
    frame = caution if block.tone is CalloutTone.CAUTION else Frame(ground=_panel, edge=_note_edge)
    outer = parent.add("Div")
    x, room = LEFT + _INSET, WIDTH - 2 * _INSET
    made = [_pad(10.0, frame, gap=14.0)]
    title = items(
        set_name(block.title, CALLOUT_TITLE, room, portion=block.portion), outer.add("P"), CALLOUT_TITLE
    )
    made += text_fragments(title, x, keep=True, frame=frame)
    if block.text:
        lines = set_text(block.text, BODY, room, portion=block.portion, strong=BODY_STRONG)
        made += text_fragments(items(lines, outer.add("P"), BODY), x, frame=frame)
    if block.items:
        made += _callout_items(block, outer, x, room, frame)
    made[-1].keep_with_next = True
    made.append(_pad(10.0, frame, keep=False))
    return made


def _callout_items(block: Callout, outer: Element, x: float, room: float, frame: Frame) -> list[Fragment]:
    made: list[list[Fragment]] = []
    listed = outer.add("L")
    listed.list_numbering = "Disc"
    for text in block.items:
        item = listed.add("LI")
        label, content = item.add("Lbl"), item.add("LBody")
        lines = set_text(text, BODY, room - 14.0, portion=block.portion, strong=BODY_STRONG)
        sign = Item(Line(tuple(set_name("• ", BODY, 14.0)[0].pieces), 6.0), label, BODY)
        own = text_fragments(items(lines, content, BODY), x + 14.0, frame=frame)
        first = own[0].paint

        def paint(painter: Painter, top: float, *, sign: Item = sign, first: object = first) -> None:
            sign.paint(painter, x, top)
            first(painter, top)  # type: ignore[operator]  # bound above, per item

        own[0].paint = paint
        made.append(own)
    return keep_ends(made)


def lay_signature(block: SignatureBlock, parent: Element) -> list[Fragment]:
    """Role, name and statement with the field beside them, or under them when they are long."""
    outer = parent.add("Div")
    field_x = RIGHT - FIELD_WIDTH
    beside = field_x - LEFT - _COLUMN_GAP
    text = _signature_items(block, outer, beside)
    cell = Cell(x=LEFT, width=beside, items=text)
    form = outer.add("Form")
    if cell.height > _TALLEST_SIGNATURE_TEXT:
        text = _signature_items(block, outer, WIDTH, reuse=text)
        made = text_fragments(text, LEFT, gap=22.0, keep=True)
        made.append(_field_fragment(block, form, [], field_x, FIELD_HEIGHT, gap=8.0))
        return made
    height = max(cell.height, FIELD_HEIGHT) + 2.0
    return [_field_fragment(block, form, [cell], field_x, height, gap=22.0)]


def _signature_items(
    block: SignatureBlock, outer: Element, width: float, *, reuse: list[Item] | None = None
) -> list[Item]:
    elements = (
        list(dict.fromkeys(item.element for item in reuse)) if reuse else [outer.add("P") for _ in range(3)]
    )
    parts = ((block.role, _ROLE), (block.name, BODY_STRONG), (block.statement, SMALL))
    made: list[Item] = []
    for (text, style), element in zip(parts, elements, strict=True):
        made += items(set_text(text, style, width), element, style)
    return made


def _field_fragment(
    block: SignatureBlock, form: Element, cells: list[Cell], x: float, height: float, *, gap: float
) -> Fragment:
    def paint(painter: Painter, top: float) -> None:
        bottom = top - FIELD_HEIGHT
        painter.artifact()
        painter.frame(x, bottom, FIELD_WIDTH, FIELD_HEIGHT, colour=INK_SOFT, line_width=0.6)
        paint_cells(painter, cells, top)
        placed = PlacedField(
            name=block.field_name,
            tooltip=visible(f"Signature: {block.role}, {block.name}"),
            page=painter.page,
            box=(x, bottom, x + FIELD_WIDTH, top),
            locks_document=block.locks_document,
        )
        painter.field(form, placed)

    return Fragment(height=height, paint=paint, gap=gap)
